"""One measurement in a process of its own: ``python -m benchmarks.probe`` prints a JSON object.

``first-call`` is for compilers and caches: import, and a plan of twenty visits that searches for
no time. ``search`` measures one day of a size.
"""

import argparse
import json
import resource
import sys
import time
from statistics import median

BEGIN = time.perf_counter()

from benchmarks.days import Day, make_day  # noqa: E402
from dispatch.loading import from_plan  # noqa: E402
from dispatch.planning import to_plan  # noqa: E402
from solver import kernels  # noqa: E402
from solver.arrays import Arrays  # noqa: E402
from solver.search import Budget, SearchProgress  # noqa: E402
from solver.solve import Solution, load, new_arrays, solve  # noqa: E402

IMPORTED_S = time.perf_counter() - BEGIN

INSERTIONS = 20
"""How many visits are taken out, one at a time, to look for their places anew."""

VISITS_PER_TECHNICIAN = 20 / 3
"""As 1,000 visits for 150 technicians."""


class Watch:
    """Listens to a search: when it began, and how much it had done at its last report."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.iterations = 0
        self.elapsed_s = 0.0

    def __call__(self, progress: SearchProgress) -> None:
        if self.began is None:
            self.began = time.perf_counter() - progress.elapsed_s
        self.iterations, self.elapsed_s = progress.iterations, progress.elapsed_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("first-call", "search"))
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--cores", type=int, default=2)
    wanted = parser.parse_args()
    if wanted.what == "first-call":
        figures = first_call()
    else:
        figures = search_figures(wanted.visits, wanted.seconds, wanted.seed, wanted.cores)
    json.dump(figures, sys.stdout)


def first_call() -> dict[str, float]:
    day = make_day(20, 1)
    begin = time.perf_counter()
    _solve(day, 0, 1, Watch())
    return {"import_s": IMPORTED_S, "first_plan_s": time.perf_counter() - begin}


def search_figures(visits: int, seconds: float, seed: int, cores: int) -> dict[str, float]:
    """First legal plan, speed of the search, overshoot, insertion latency, and peak memory.

    The time of the first plan has the packing of the arrays in it, and the reading of the plan.
    """
    _solve(make_day(20, 1), 0, cores, Watch())  # loads the kernels
    technicians = max(1, round(visits / VISITS_PER_TECHNICIAN))
    begin = time.perf_counter()
    day = make_day(visits, seed, technicians=technicians)
    made_s = time.perf_counter() - begin
    begin = time.perf_counter()
    first = _solve(day, 0, cores, Watch())
    first_plan_s = time.perf_counter() - begin
    watch = Watch()
    solution = _solve(day, seconds, cores, watch)
    ended = time.perf_counter()
    return {
        "visits": visits,
        "technicians": technicians,
        "day_made_s": made_s,
        "first_plan_s": first_plan_s,
        "first_unassigned": len(first.unassigned),
        "iterations_per_s": watch.iterations / max(watch.elapsed_s, 1e-9),
        "unassigned": len(solution.unassigned),
        "overshoot_s": ended - (watch.began or ended) - seconds,
        "search_overshoot_s": watch.elapsed_s - seconds,
        "insertion_ms": 1000 * insertion_s(day, solution),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _solve(day: Day, seconds: float, cores: int, watch: Watch) -> Solution:
    return solve(
        day.problem,
        Budget(seconds=seconds),
        seed=1,
        report=watch,
        stop=lambda: False,
        cores=cores,
    )


def insertion_s(day: Day, solution: Solution) -> float:
    """The median time to price every shift that could take one visit, the plan being loaded."""
    problem = day.problem
    plan = to_plan(day.numbering, solution, "search", None)
    planned = [stop.visit_id for route in plan.routes for stop in route.stops if stop.visit_id]
    took = []
    empty = new_arrays(problem, 0)
    for visit_id in planned[:: max(1, len(planned) // INSERTIONS)]:
        arrays = Arrays(empty.t, empty.p, empty.s.copy())
        load(arrays, from_plan(day.numbering, problem, plan, without=visit_id))
        visit = day.numbering.visit_number[visit_id]
        candidates = range(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1])
        begin = time.perf_counter()
        for candidate in candidates:
            kernels.why_not(*arrays, candidate, visit)
        took.append(time.perf_counter() - begin)
    return median(took) if took else 0.0


if __name__ == "__main__":
    main()
