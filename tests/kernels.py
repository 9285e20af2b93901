"""``python -m tests.kernels`` compiles the kernels, once and on two cores.

Without it each process of the tests would compile them for itself, more than a minute each.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from dispatch.answering import best_insertions
from dispatch.horizon import snapshot_of
from dispatch.kept_plan import KeptPlan
from dispatch.manual import manual_plan
from dispatch.numbering import number
from dispatch.problems import build_problem
from dispatch.travel import travel_of
from scenarios.generate import generate
from solver.solve import plan_of_orders
from tests.dispatch.commands.planned import searched

_SNAPSHOT = snapshot_of(generate(visits=3, seed=1))


def _search() -> None:
    searched(_SNAPSHOT)


def _insertion() -> None:
    travel = travel_of(_SNAPSHOT)
    kept_plan = KeptPlan(_SNAPSHOT, travel, manual_plan(_SNAPSHOT, travel))
    best_insertions(kept_plan, _SNAPSHOT.visits[0].id, most=1)
    plan_of_orders(build_problem(number(_SNAPSHOT, travel), travel), {0: [0]})


if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        for part in [processes.submit(_search), processes.submit(_insertion)]:
            part.result()
