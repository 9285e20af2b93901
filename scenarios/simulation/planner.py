"""The dispatcher: the search and the assignment that people use, on what is known."""

from dataclasses import dataclass, replace

from dispatch.answering import best_displacements
from dispatch.day import Day
from dispatch.domain.plan import Plan, Route
from dispatch.domain.route_times import is_rest
from dispatch.domain.work import Priority
from dispatch.judged import JudgedPlan, judged
from dispatch.kept_plan import KeptPlan
from dispatch.placing import left_out
from dispatch.planning import Progress, make_plan
from dispatch.repair_moves import cheapest_place, dearest_first, price_out
from solver.insertion import Insertion

USUAL_ITERATIONS = 2000


@dataclass(frozen=True, slots=True)
class Effort:
    """How much each search may do, with which seed, on how many cores (which changes nothing but
    the time it takes)."""

    iterations: int = USUAL_ITERATIONS
    seed: int = 1
    cores: int = 2


def searched(day: Day, effort: Effort) -> JudgedPlan:
    """The plan that a search finds which goes on from the day's."""
    return _judged(day, _search(day, effort.iterations, effort))


def assigned(day: Day, effort: Effort) -> JudgedPlan:
    """The day's plan, with what is out put where it costs least; emergencies may displace others.

    If delays made the plan illegal, what has no room any more is put elsewhere first.
    """
    found = _judged(day, day.plan)
    if found.verdict.violations:
        found = _judged(day, _search(day, 0, effort))
    kept_plan = KeptPlan(day.snapshot, day.travel, found.plan)
    for visit_id in dearest_first(kept_plan):
        way = _way(kept_plan, visit_id)
        if way is not None and way.added_fen < price_out(kept_plan, visit_id):
            kept_plan.apply(way)
    return _judged(day, kept_plan.plan)


def _way(kept_plan: KeptPlan, visit_id: str) -> Insertion | None:
    snapshot = kept_plan.snapshot
    order = snapshot.order_of(snapshot.visit[visit_id])
    if order.priority is Priority.EMERGENCY:
        for option in best_displacements(kept_plan, visit_id, 1):
            return option.change
    return cheapest_place(kept_plan, visit_id)


class _Enough:
    """Stops when the search is over: no simulated dispatcher waits for a proof that a small plan
    is the best one."""

    def __init__(self, iterations: int) -> None:
        self._over = not iterations

    def report(self, progress: Progress) -> None:
        self._over = progress.share_done >= 1.0

    def stop(self) -> bool:
        return self._over


def _search(day: Day, iterations: int, effort: Effort) -> Plan:
    enough = _Enough(iterations)
    return make_plan(
        day.snapshot,
        day.travel,
        iterations=iterations,
        seed=effort.seed,
        report=enough.report,
        stop=enough.stop,
        start=day.plan,
        cores=effort.cores,
    )


def _judged(day: Day, plan: Plan) -> JudgedPlan:
    return judged(day.snapshot, replace(_with_fixed(day, plan), bound_fen=None), day.travel)


def _with_fixed(day: Day, plan: Plan) -> Plan:
    """The plan in which what is begun or headed for stays, even where it breaks a rule so that no
    search could plan it: those people do nothing else, on no day, because the search did not know
    what they are busy with and what they use for it."""
    served = {stop.visit_id for route in plan.routes for stop in route.stops}
    missing = day.fixed - served
    if not missing:
        return plan
    people = {
        route.technician_id
        for route in day.plan.routes
        if any(stop.visit_id in missing for stop in route.stops)
    }
    stay = [
        _fixed_part(day, route)
        for route in day.plan.routes
        if route.technician_id in people and any(s.visit_id in day.fixed for s in route.stops)
    ]
    dropped = [
        stop.visit_id
        for route in plan.routes
        if route.technician_id in people
        for stop in route.stops
        if stop.visit_id is not None and stop.visit_id not in day.fixed
    ]
    for visit_id in dropped:
        plan = left_out(plan, visit_id, "pinned")  # for the other members of its crew too
    routes = [route for route in plan.routes if route.technician_id not in people]
    out = [u for u in plan.unassigned if u.visit_id not in missing]
    ordered = sorted((*routes, *stay), key=lambda r: (r.technician_id, r.shift_id))
    return replace(plan, routes=tuple(ordered), unassigned=tuple(out))


def _fixed_part(day: Day, route: Route) -> Route:
    """The route up to the last of what is fixed, and the rests right after it."""
    last = max(i for i, stop in enumerate(route.stops) if stop.visit_id in day.fixed)
    while last + 1 < len(route.stops) and is_rest(route.stops[last + 1]):
        last += 1
    return replace(
        route,
        stops=tuple(
            stop
            for stop in route.stops[: last + 1]
            if stop.visit_id is None or stop.visit_id in day.fixed
        ),
    )
