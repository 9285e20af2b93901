"""Every place of one visit in a plan, judged by the referee alone."""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import combinations, product

from dispatch.answering import best_insertions
from dispatch.domain.cost import price
from dispatch.domain.people import Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, derive
from dispatch.domain.work import Visit
from dispatch.kept_plan import KeptPlan
from tests.solver.stop_lists import stop_lists_in_order


def least_added_fen(
    snapshot: Snapshot, legs: Legs, routes: tuple[Route, ...], visit_ids: Sequence[str]
) -> tuple[float, float]:
    """What visits that are not on the routes add together at their best places (infinite: they
    have no legal ones): every shift and position, with every place for breaks and pick-ups that
    the oracle tries. The other routes keep their stops.

    To rest or wait for no reason is a way to start later that nobody has to find: the second
    figure is for the plans that do not.
    """
    alone = _without(snapshot, {*visit_ids})
    best_fen = best_eager_fen = math.inf
    for plan, changed in _plans(snapshot, routes, visit_ids):
        fen = _cost_fen(snapshot, legs, plan)
        best_fen = min(best_fen, fen)
        if fen < best_eager_fen and not any(
            _waits_for_nothing(snapshot, legs, plan, shift_id) for shift_id in changed
        ):
            best_eager_fen = fen
    base_fen = price(alone, derive(alone, Plan(routes), legs)).total_fen
    return best_fen - base_fen, best_eager_fen - base_fen


def _plans(
    snapshot: Snapshot, routes: tuple[Route, ...], visit_ids: Sequence[str]
) -> Iterator[tuple[Plan, tuple[str, ...]]]:
    """The plans with the visits, and the shifts that they are in."""
    known = {r.shift_id: r for r in routes}
    shifts = {shift.id: (t, shift) for t in snapshot.technicians for shift in t.shifts}
    before = {shift_id: _order(snapshot, known.get(shift_id)) for shift_id in shifts}
    for orders in _orders(snapshot, shifts, before, visit_ids):
        changed = tuple(shift_id for shift_id in shifts if orders[shift_id] != before[shift_id])
        others = tuple(r for r in routes if r.shift_id not in changed)
        lists = (stop_lists_in_order(snapshot, *shifts[i], orders[i]) for i in changed)
        for stops_of in product(*lists):
            new = (
                replace(known.get(i) or Route(shifts[i][0].id, i, ()), stops=stops)
                for i, stops in zip(changed, stops_of, strict=True)
            )
            yield Plan((*others, *new)), changed


def _order(snapshot: Snapshot, route: Route | None) -> tuple[Visit, ...]:
    stops = route.stops if route is not None else ()
    return tuple(snapshot.visit[s.visit_id] for s in stops if s.visit_id is not None)


_Orders = dict[str, tuple[Visit, ...]]
"""The visits of each shift in their order."""


def _orders(
    snapshot: Snapshot,
    shifts: Mapping[str, tuple[Technician, Shift]],
    orders: _Orders,
    visit_ids: Sequence[str],
) -> Iterator[_Orders]:
    """The orders with the visits at every place, a crew's in shifts of different people."""
    if not visit_ids:
        yield orders
        return
    visit = snapshot.visit[visit_ids[0]]
    for crew in combinations(shifts, max(1, visit.crew_size)):
        if len({shifts[i][0].id for i in crew}) == len(crew):
            for positions in product(*(range(len(orders[i]) + 1) for i in crew)):
                put = {
                    i: (*orders[i][:at], visit, *orders[i][at:])
                    for i, at in zip(crew, positions, strict=True)
                }
                yield from _orders(snapshot, shifts, {**orders, **put}, visit_ids[1:])


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


def difference(kept_plan: KeptPlan, visit_id: str) -> str:
    """How the best answer about a visit, with what comes with it, differs from the best places
    that the referee finds by trying everything; empty if it does not."""
    visit_ids = comes_with(kept_plan, visit_id)
    question = kept_plan.kept.question(kept_plan.numbering.visit_number[visit_id])
    with kept_plan.kept.trial(question.out, ()):
        routes = kept_plan.with_routes(kept_plan.routes_of(kept_plan.kept.touched()))
    options = best_insertions(kept_plan, visit_id, 1).options
    least_fen, eager_fen = least_added_fen(kept_plan.snapshot, kept_plan.travel, routes, visit_ids)
    ours_fen = options[0].added_fen if options else math.inf
    # Where other routes move as well, theirs may be better laid than the referee was shown.
    seats = len(options[0].seats) if options else 0
    moves_others = bool(options) and len(options[0].routes) > seats
    if ours_fen <= eager_fen and (ours_fen >= least_fen or moves_others):
        return ""
    return f"{visit_id}: {ours_fen}, referee {least_fen} or {eager_fen}"


def comes_with(kept_plan: KeptPlan, visit_id: str) -> tuple[str, ...]:
    """The visit, and the others that are planned with it or not at all."""
    members = kept_plan.numbering.members
    question = kept_plan.kept.question(kept_plan.numbering.visit_number[visit_id])
    return tuple(dict.fromkeys(members[place.visit].id for place in question.comes))


def _without(snapshot: Snapshot, visit_ids: Set[str]) -> Snapshot:
    return replace(
        snapshot,
        visits=tuple(v for v in snapshot.visits if v.id not in visit_ids),
        links=tuple(
            link
            for link in snapshot.links
            if not visit_ids & {link.first_visit_id, link.then_visit_id}
        ),
    )


def visits_of(routes: tuple[Route, ...]) -> list[str]:
    """The planned visits, a crew's once for each member."""
    stops = (stop for route in routes for stop in route.stops if stop.kind is StopKind.VISIT)
    return [stop.visit_id for stop in stops if stop.visit_id is not None]
