"""What a search may change where others plan the rest, or people have begun to carry it out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable, derive
from dispatch.domain.work import Pin
from dispatch.freezing import not_sooner, pin_of, released
from dispatch.going_on import without_visits


@dataclass(frozen=True, slots=True)
class Scope:
    """``technicians`` whose routes may change, for the sites of ``territories`` (none: all).

    What starts before ``freeze_until`` stays as it is, and nothing else starts before it.
    """

    technicians: frozenset[str] = frozenset()
    territories: frozenset[str] = frozenset()
    freeze_until: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return not self.territories and self.freeze_until is None


def within_scope(snapshot: Snapshot, start: Plan, legs: Legs, scope: Scope) -> Snapshot:
    """The snapshot in which only what is in scope is open.

    Visits elsewhere that nobody does by ``start`` are not in it. Those that somebody does stay with
    the same people, and at their time if somebody out of scope does them too.
    """
    timetable = derive(snapshot, start, legs)
    pins, unplanned, visits = dict(snapshot.pin), set(), []
    for visit in snapshot.visits:
        stays = visit.id in timetable.visits and _stays(timetable, visit.id, scope)
        until = scope.freeze_until
        visits.append(visit if stays or until is None else released(visit, until))
        inside = not scope.territories or snapshot.site_of(visit).territory in scope.territories
        crew = timetable.visits.get(visit.id)
        if crew is None:
            if not inside:
                unplanned.add(visit.id)
            continue
        wanted = pin_of(snapshot, visit.id, crew)
        if stays:
            pins[visit.id] = wanted
        elif not inside:
            before = snapshot.pin.get(visit.id, Pin(visit.id))
            pins[visit.id] = replace(wanted, start_at=before.start_at)
    facts = replace(snapshot, pins=tuple(pins.values()), visits=tuple(visits))
    return without_visits(facts, unplanned)


def with_the_rest(open_part: Snapshot, plan: Plan, start: Plan, scope: Scope) -> Plan:
    """What a search in the ``open_part`` of a snapshot found, with the rest as it was.

    What the search knows of the best possible plan holds for the scope only.
    """
    plan = replace(plan, bound_fen=None)
    until = scope.freeze_until
    if until is not None:
        decided = {s.visit_id: s.not_before_at for route in start.routes for s in route.stops}
        later = (not_sooner(open_part, until, route) for route in plan.routes)
        plan = replace(plan, routes=tuple(_as_decided(route, decided) for route in later))
    if not scope.territories:
        return plan
    own = (r for r in plan.routes if r.technician_id in scope.technicians)
    others = (r for r in start.routes if r.technician_id not in scope.technicians)
    routes = tuple(sorted((*own, *others), key=lambda r: (r.technician_id, r.shift_id)))
    served = {s.visit_id for r in routes for s in r.stops}
    left = {u.visit_id: u for u in (*start.unassigned, *plan.unassigned)}
    return replace(
        plan,
        routes=routes,
        unassigned=tuple(u for u in left.values() if u.visit_id not in served),
    )


def _as_decided(route: Route, decided: Mapping[str | None, datetime | None]) -> Route:
    """The route, whose visits that say nothing themselves begin no sooner than was decided."""
    stops = (
        replace(s, not_before_at=s.not_before_at or decided.get(s.visit_id))
        if s.kind is StopKind.VISIT
        else s
        for s in route.stops
    )
    return replace(route, stops=tuple(stops))


def _stays(timetable: Timetable, visit_id: str, scope: Scope) -> bool:
    until = scope.freeze_until
    if until is not None and timetable.start_of(visit_id) < until:
        return True
    people = {timed.technician_id for timed in timetable.visits[visit_id]}
    return bool(scope.territories) and not people <= scope.technicians
