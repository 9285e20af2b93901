"""Every place of one visit in a plan, judged by the referee alone."""

import math
from collections.abc import Iterator
from dataclasses import replace

from dispatch.answering import best_insertions
from dispatch.domain.cost import price
from dispatch.domain.people import Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, derive
from dispatch.kept_plan import KeptPlan
from tests.solver.stop_lists import stop_lists_in_order


def least_added_fen(
    snapshot: Snapshot, legs: Legs, routes: tuple[Route, ...], visit_id: str
) -> tuple[float, float]:
    """What a visit that is not on the routes adds at its best place (infinite: it has no legal
    one): every shift and position, with every place for breaks and pick-ups that the oracle tries.
    The other routes keep their stops.

    To rest or wait for no reason is a way to start later that nobody has to find: the second
    figure is for the plans that do not.
    """
    alone = _without(snapshot, visit_id)
    best_fen = best_eager_fen = math.inf
    for technician in snapshot.technicians:
        for shift in technician.shifts:
            for plan in _plans(snapshot, routes, visit_id, technician, shift):
                fen = _cost_fen(snapshot, legs, plan)
                best_fen = min(best_fen, fen)
                if fen < best_eager_fen and not _waits_for_nothing(snapshot, legs, plan, shift.id):
                    best_eager_fen = fen
    base_fen = price(alone, derive(alone, Plan(routes), legs)).total_fen
    return best_fen - base_fen, best_eager_fen - base_fen


def _plans(
    snapshot: Snapshot,
    routes: tuple[Route, ...],
    visit_id: str,
    technician: Technician,
    shift: Shift,
) -> Iterator[Plan]:
    """The plans with the visit in a shift."""
    others = tuple(r for r in routes if r.shift_id != shift.id)
    present = next((r for r in routes if r.shift_id == shift.id), None)
    route = present or Route(technician.id, shift.id, ())
    order = [snapshot.visit[s.visit_id] for s in route.stops if s.visit_id is not None]
    for position in range(len(order) + 1):
        tried = [*order[:position], snapshot.visit[visit_id], *order[position:]]
        for stops in stop_lists_in_order(snapshot, technician, shift, tried):
            yield Plan((*others, replace(route, stops=stops)))


def _cost_fen(snapshot: Snapshot, legs: Legs, plan: Plan) -> float:
    """What a plan costs, infinite if it breaks a rule (a pinned visit may be out)."""
    timetable = derive(snapshot, plan, legs)
    legal = all(
        v.code == "pinned" and v.visit_id not in timetable.visits
        for v in violations(snapshot, timetable)
    )
    return price(snapshot, timetable).total_fen if legal else math.inf


def _waits_for_nothing(snapshot: Snapshot, legs: Legs, plan: Plan, shift_id: str) -> bool:
    """Whether a route begins with a break, or waits for a delivery though the parts are there."""
    route = next(r for r in plan.routes if r.shift_id == shift_id)
    if route.stops[0].kind is StopKind.BREAK:
        return True
    others = tuple(r for r in plan.routes if r.shift_id != shift_id)
    sooner: list[tuple[Stop, ...]] = []
    for i, stop in enumerate(route.stops):
        if stop.not_before_at is not None:
            arrivals = {lot.available_at for lot in snapshot.lots} | {None}
            sooner += [
                (*route.stops[:i], replace(stop, not_before_at=at), *route.stops[i + 1 :])
                for at in arrivals
                if at is None or at < stop.not_before_at
            ]
    return any(
        _cost_fen(snapshot, legs, Plan((*others, replace(route, stops=stops)))) < math.inf
        for stops in sooner
    )


def difference(kept_plan: KeptPlan, visit_id: str) -> str | None:
    """How the best answer about a visit differs from the best place that the referee finds by
    trying everything: empty if it does not; None for a visit that does not come alone (a crew, or
    with others linked to it)."""
    question = kept_plan.kept.question(kept_plan.numbering.visit_number[visit_id])
    if len(question.comes) > 1:
        return None
    with kept_plan.kept.trial(question.out, ()):
        routes = kept_plan.with_routes(kept_plan.routes_of(kept_plan.kept.touched()))
    options = best_insertions(kept_plan, visit_id, 1).options
    least_fen, eager_fen = least_added_fen(kept_plan.snapshot, kept_plan.travel, routes, visit_id)
    ours_fen = options[0].added_fen if options else math.inf
    # Where other routes move as well, theirs may be better laid than the referee was shown.
    moves_others = bool(options) and len(options[0].routes) > 1
    if ours_fen <= eager_fen and (ours_fen >= least_fen or moves_others):
        return ""
    return f"{visit_id}: {ours_fen}, referee {least_fen} or {eager_fen}"


def _without(snapshot: Snapshot, visit_id: str) -> Snapshot:
    return replace(
        snapshot,
        visits=tuple(v for v in snapshot.visits if v.id != visit_id),
        links=tuple(
            link
            for link in snapshot.links
            if visit_id not in (link.first_visit_id, link.then_visit_id)
        ),
    )


def visits_of(routes: tuple[Route, ...]) -> list[str]:
    """The planned visits, a crew's once for each member."""
    stops = (stop for route in routes for stop in route.stops if stop.kind is StopKind.VISIT)
    return [stop.visit_id for stop in stops if stop.visit_id is not None]
