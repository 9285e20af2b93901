"""From anybody's order of visits to a plan of ours and the referee's verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.days import Day
from benchmarks.peers.model import Routes
from dispatch.domain.cost import running_clocks, stopped_by_plan
from dispatch.domain.plan import Plan
from dispatch.domain.referee import Verdict, judge
from dispatch.planning import to_plan
from solver.solve import Solution, StopType, plan_of_orders


@dataclass(frozen=True)
class Judged:
    """What the referee says of a plan.

    ``late`` counts the clocks of planned visits that stop too late, ``refused`` the visits that
    are not in the shift where the planner had put them: the rules forbade it there. ``routes`` are
    the visits of each shift, by id.
    """

    cost_fen: int
    by_item: Mapping[str, int]
    planned: int
    unassigned: int
    late: int
    refused: int
    violations: tuple[str, ...]
    routes: Mapping[str, tuple[str, ...]]


def judge_routes(day: Day, routes: Routes, name: str) -> Judged:
    """Breaks and pick-ups are laid by our own walk, visit by visit as far as that is legal; what
    is left is offered its cheapest legal place once."""
    return judge_solution(day, plan_of_orders(day.problem, routes), name, routes)


def judge_solution(day: Day, solution: Solution, name: str, asked: Routes | None = None) -> Judged:
    """The verdict on a solution; ``asked`` is where the visits should have been."""
    plan = to_plan(day.numbering, solution, name, None)
    verdict = judge(day.snapshot, plan, day.travel)
    placed = {
        (stop.index, route.shift)
        for route in solution.routes
        for stop in route.stops
        if stop.type is StopType.VISIT
    }
    wanted = {(visit, shift) for shift, visits in (asked or {}).items() for visit in visits}
    return Judged(
        cost_fen=verdict.cost.total_fen,
        by_item=verdict.cost.by_item(),
        planned=verdict.kpis.planned,
        unassigned=verdict.kpis.unassigned,
        late=_late(day, verdict),
        refused=len(wanted - placed),
        violations=tuple(f"{v.code} {v.subject} {v.amount}" for v in verdict.violations),
        routes=_by_id(plan),
    )


def _late(day: Day, verdict: Verdict) -> int:
    clocks = running_clocks(day.snapshot)
    return sum(
        stopped_by_plan(verdict.timetable, visit_id, clock) > clock.due_at
        for visit_id in verdict.timetable.visits
        for clock in clocks[visit_id]
    )


def _by_id(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {
        route.shift_id: tuple(stop.visit_id for stop in route.stops if stop.visit_id is not None)
        for route in plan.routes
    }
