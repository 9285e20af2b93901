"""An instance ready to be solved: its problem, how to search, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.plans import Plan, Route, Stop, Verdict
from solver.problem import Problem
from solver.search import Budget, SearchProgress
from solver.solve import Loaded, Solution, SolvedRoute, StopType, solve


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search. ``iterations`` instead of ``seconds`` give the same plan every time."""

    seconds: float
    seed: int = 1
    cores: int = 2
    iterations: int | None = None

    def part(self, share: float) -> Budget:
        """A share of the whole budget."""
        iterations = None if self.iterations is None else round(self.iterations * share)
        return Budget(self.seconds * share, iterations)


@dataclass(frozen=True, slots=True)
class Case:
    """``unit`` is what one unit of the objective costs in fen."""

    name: str
    problem: Problem
    unit: float
    search: Callable[[Effort], Solution]
    plan_of: Callable[[Solution], Plan]
    check: Callable[[Plan], Verdict]


def search(
    problem: Problem,
    budget: Budget,
    effort: Effort,
    *,
    start: Sequence[Loaded] = (),
    until_all_planned: bool = False,
) -> Solution:
    """Solve once; ``until_all_planned`` ends the search at the first plan that has every visit."""
    left_out = problem.n_visits

    def report(progress: SearchProgress) -> None:
        nonlocal left_out
        left_out = progress.visits_out

    return solve(
        problem,
        budget,
        seed=effort.seed,
        report=report,
        stop=lambda: until_all_planned and left_out == 0,
        cores=effort.cores,
        start=start,
    )


def to_plan(
    solution: Solution,
    technicians: Sequence[int | str],
    visits: Sequence[Stop],
    depots: Sequence[Stop],
) -> Plan:
    """A solution in the ids of the instance, which stand in the order of the problem's numbers."""
    routes = tuple(
        Route(technicians[route.shift], tuple(_stops(route, visits, depots)))
        for route in solution.routes
    )
    unserved = dict.fromkeys(visits[v].id for v in solution.unassigned)
    return Plan(routes, tuple(unserved))


def _stops(route: SolvedRoute, visits: Sequence[Stop], depots: Sequence[Stop]) -> list[Stop]:
    of_kind = {StopType.VISIT: visits, StopType.PICKUP: depots}
    return [of_kind[stop.type][stop.index] for stop in route.stops]
