"""What must stay of a plan that is already being carried out."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from dispatch.domain.people import Shift
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, TimedVisit, derive
from dispatch.domain.work import Pin, Visit


def fitting(snapshot: Snapshot, plan: Plan) -> Plan:
    """What is left of a plan in a newer snapshot: its routes and stops of which all is known."""
    routes = (
        replace(route, stops=tuple(s for s in route.stops if _is_known(snapshot, route, s)))
        for route in plan.routes
        if _shift_of(snapshot, route) is not None
    )
    left_out = tuple(u for u in plan.unassigned if u.visit_id in snapshot.visit)
    return replace(plan, routes=tuple(routes), unassigned=left_out)


def _shift_of(snapshot: Snapshot, route: Route) -> Shift | None:
    technician = snapshot.technician.get(route.technician_id)
    shifts = technician.shifts if technician is not None else ()
    return next((s for s in shifts if s.id == route.shift_id), None)


def _is_known(snapshot: Snapshot, route: Route, stop: Stop) -> bool:
    if any(part.part_id not in snapshot.part for part in stop.parts):
        return False
    match stop.kind:
        case StopKind.VISIT:
            return stop.visit_id in snapshot.visit
        case StopKind.PICKUP:
            return stop.station_id in snapshot.station
        case StopKind.BREAK:
            rests = len(snapshot.shift[route.shift_id].breaks)
        case StopKind.ABSENCE:
            rests = len(snapshot.technician[route.technician_id].absences)
    return stop.index is not None and stop.index < rests


def freeze(snapshot: Snapshot, plan: Plan, legs: Legs, until: datetime) -> Snapshot:
    """The snapshot in which everything that ``plan`` starts before ``until`` stays.

    These visits are pinned to their technicians and starts, which keeps their order too; what
    pins say already stays. No other visit may start before ``until``. Plans made for the result
    are to be judged by it: times follow from pins and releases.

    Raises:
        PlanError: the plan names something that the snapshot does not have (see ``fitting``).
    """
    timetable = derive(snapshot, plan, legs)
    frozen = {
        visit_id: crew
        for visit_id, crew in timetable.visits.items()
        if timetable.start_of(visit_id) < until
    }
    pins = {**snapshot.pin, **{v: pin_of(snapshot, v, crew) for v, crew in frozen.items()}}
    visits = (v if v.id in frozen else released(v, until) for v in snapshot.visits)
    return replace(snapshot, visits=tuple(visits), pins=tuple(pins.values()))


def not_sooner(snapshot: Snapshot, from_at: datetime, route: Route) -> Route:
    """The route, whose visits without a start that is pinned do not begin before an instant: the
    stops themselves say so, wherever the plan is read."""
    if snapshot.shift[route.shift_id].start_at >= from_at:
        return route

    def waits(stop: Stop) -> bool:
        pin = snapshot.pin.get(stop.visit_id or "")
        return stop.kind is StopKind.VISIT and (pin is None or pin.start_at is None)

    stops = (replace(s, not_before_at=from_at) if waits(s) else s for s in route.stops)
    return replace(route, stops=tuple(stops))


def pin_of(snapshot: Snapshot, visit_id: str, crew: tuple[TimedVisit, ...]) -> Pin:
    """The pin that there is, or else a new one, with the technicians and start of a plan."""
    before = snapshot.pin.get(visit_id, Pin(visit_id))
    pinned = (before.technician_id, *before.other_technician_ids)
    needed = Counter(snapshot.visit[visit_id].tools)
    # Whoever brings parts and tools leads the crew, as far as a pin does not name somebody else.
    by_role = sorted(
        crew,
        key=lambda member: (
            member.technician_id not in pinned,
            not member.stop.stop.parts,
            (needed - _tools(snapshot, member)).total(),
        ),
    )
    first, *others = (member.technician_id for member in by_role)
    return replace(
        before,
        technician_id=first,
        other_technician_ids=tuple(others),
        start_at=crew[0].stop.start_at,
    )


def _tools(snapshot: Snapshot, member: TimedVisit) -> Counter[str]:
    """All that a technician has or borrows on the route."""
    borrowed = (tool for stop in member.route.stops for tool in stop.stop.tools)
    return Counter((*snapshot.technician[member.technician_id].tools, *borrowed))


def released(visit: Visit, until: datetime) -> Visit:
    """The visit, which may not start before ``until``."""
    release_at = until if visit.release_at is None else max(visit.release_at, until)
    return replace(visit, release_at=release_at)
