"""A day that has begun: what somebody is busy with is a fact, and plans go on from there."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.domain.people import Absence, Break, Shift, Technician
from dispatch.domain.plan import Plan, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Visit
from dispatch.placing import put_first
from dispatch.travel import Travel, travel_of

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Busy:
    """A visit that somebody is on site with, or (``started_at`` None) on the way to."""

    visit_id: str
    started_at: datetime | None
    repaired_at: datetime | None = None


def going_on(snapshot: Snapshot, found: Sequence[Busy]) -> Snapshot:
    """The snapshot in which whoever is on site stays there from when that really began.

    The technicians are those that people were told of. What such a visit needs is there; it lasts
    until now at least, and there is room for it in their shifts. Who is on the way gets there when
    people were told, or now if that is past. A visit that was repaired and left for another is
    over. One that was left as it is, or that began outside the shifts, is planned again, with the
    same technicians.
    """
    busy = [one for one in found if one.visit_id in snapshot.visit and _told(snapshot, one)]
    if not busy:
        return snapshot
    last = _last_of(snapshot, busy)
    legs = _legs_of(snapshot, busy)
    technicians = tuple(
        _under_way(snapshot, t, last[t.id], legs) if t.id in last else t
        for t in snapshot.technicians
    )
    moving = {t.id for t in technicians if shift_under_way(t) is not None}
    visits, pins = dict(snapshot.visit), dict(snapshot.pin)
    over: set[str] = set()
    for one in busy:
        if one.started_at is None:
            continue
        there = [t for t in _told(snapshot, one) if last[t] == one]
        if one.repaired_at is not None and not there:
            over.add(one.visit_id)
        elif moving.issuperset(there) and there:
            visits[one.visit_id] = _begun(snapshot, one, len(there))
            pins[one.visit_id] = _pin(one.visit_id, there, one.started_at)
        else:
            pins[one.visit_id] = _pin(one.visit_id, _told(snapshot, one))
    changed = replace(
        snapshot,
        technicians=technicians,
        visits=tuple(visits.values()),
        pins=tuple(pins.values()),
    )
    stay = without_visits(changed, over)
    there = [one.visit_id for one in busy if _is_pinned_there(stay, one)]
    return _with_room(stay, there, legs)


def on_the_way(snapshot: Snapshot, found: Sequence[Busy]) -> Snapshot:
    """The snapshot in which whoever is on the way does what people were told, and then, unless
    somebody pinned the visit otherwise meanwhile. Who is late is let in, and a crew waits for those
    who are on site elsewhere.

    ``snapshot`` is one of ``going_on``.
    """
    heading = [
        one
        for one in found
        if one.visit_id in snapshot.visit and one.started_at is None and _told(snapshot, one)
        if one.visit_id not in snapshot.pin
    ]
    if not heading:
        return snapshot
    busy = [one for one in found if one.visit_id in snapshot.visit and _told(snapshot, one)]
    last, legs = _last_of(snapshot, busy), _legs_of(snapshot, busy)
    pins, visits = dict(snapshot.pin), dict(snapshot.visit)
    for one in heading:
        people, visit = _told(snapshot, one), visits[one.visit_id]
        elsewhere = {last[t].visit_id for t in people if _is_pinned_there(snapshot, last[t])}
        free_at = (_over_at(snapshot, v, snapshot.site_of(visit).id, legs) for v in elsewhere)
        start_at = max((_there_at(snapshot, one), *free_at))
        pins[visit.id] = _pin(visit.id, people, start_at)
        if not any(w.open_at <= start_at <= w.close_at for w in visit.windows):
            visits[visit.id] = replace(visit, windows=())
    changed = replace(snapshot, pins=tuple(pins.values()), visits=tuple(visits.values()))
    return _with_room(changed, [one.visit_id for one in heading], legs)


def begun_first(snapshot: Snapshot, plan: Plan, begun: AbstractSet[str]) -> Plan:
    """The plan in which whoever is on site begins the route there, whatever it said of that.

    ``snapshot`` is one of ``going_on``.
    """
    for visit_id in sorted(begun & snapshot.pin.keys()):
        pin = snapshot.pin[visit_id]
        people = filter(None, (pin.technician_id, *pin.other_technician_ids))
        shifts = [(t, shift_under_way(snapshot.technician[t])) for t in people]
        if pin.start_at is not None and all(shift for _, shift in shifts):
            places = [(t, shift.id) for t, shift in shifts if shift is not None]
            plan = put_first(plan, visit_id, places)
    return _without_past_rests(snapshot, plan)


def shift_under_way(technician: Technician) -> Shift | None:
    """The shift that has begun with work that is a fact."""
    return next((s for s in technician.shifts if s.under_way_at is not None), None)


# ------------------------------------------------------------------------------ who is where


def _told(snapshot: Snapshot, one: Busy) -> list[str]:
    told = snapshot.commitment.get(one.visit_id)
    return [t for t in told.technician_ids if t in snapshot.technician] if told else []


def _there_at(snapshot: Snapshot, one: Busy) -> datetime:
    told_at = snapshot.commitment[one.visit_id].start_at
    return one.started_at or max(told_at, snapshot.now_at)


def _last_of(snapshot: Snapshot, busy: Sequence[Busy]) -> Mapping[str, Busy]:
    """What each technician is busy with now: what began last, or what he left for. Somebody of a
    crew left; whoever of it is on site elsewhere is there, if not all are."""
    found: dict[str, Busy] = {}
    for one in sorted(busy, key=lambda b: (b.started_at is None, _there_at(snapshot, b))):
        people = _told(snapshot, one)
        free = [t for t in people if t not in found or found[t].repaired_at is not None]
        left = people if one.started_at is not None else free or people
        found |= dict.fromkeys(left, one)
    return found


def _legs_of(snapshot: Snapshot, busy: Sequence[Busy]) -> Travel:
    """Travel between the places that matter, which are few."""
    sites = {snapshot.site_of(snapshot.visit[one.visit_id]).id for one in busy}
    people = {t for one in busy for t in _told(snapshot, one)}
    bases = {snapshot.technician[t].station_id for t in people}
    return travel_of(
        replace(
            snapshot,
            stations=tuple(s for s in snapshot.stations if s.id in bases),
            sites=tuple(s for s in snapshot.sites if s.id in sites),
        )
    )


def _under_way(snapshot: Snapshot, technician: Technician, one: Busy, legs: Travel) -> Technician:
    """The technician, who left early enough for the visit."""
    visit = snapshot.visit[one.visit_id]
    there_at = _there_at(snapshot, one)
    travel_s, _ = legs.leg(technician.station_id, snapshot.site_of(visit).id)
    left_at = there_at - timedelta(seconds=travel_s)
    shift = _shift_at(technician, min(there_at, snapshot.commitment[one.visit_id].start_at))
    if shift is None or left_at < snapshot.start_at:
        return technician
    if one.started_at is None and left_at > snapshot.now_at:
        return technician  # is there in time from anywhere
    until = there_at + timedelta(seconds=_duration_s(snapshot, one)) if one.started_at else there_at
    breaks = tuple(b if b.latest_at >= until else past_break(b, left_at) for b in shift.breaks)
    moved = replace(shift, under_way_at=left_at, breaks=breaks)
    return replace(technician, shifts=tuple(moved if s is shift else s for s in technician.shifts))


def _shift_at(technician: Technician, at: datetime) -> Shift | None:
    """The first shift whose overtime is not over by then."""
    return next(
        (s for s in technician.shifts if at < s.end_at + timedelta(seconds=s.max_overtime_s)), None
    )


def past_break(rest: Break, before: datetime) -> Break:
    """A break that nobody owes any more; it keeps its number."""
    over = before - timedelta(seconds=1)
    return replace(rest, earliest_at=min(rest.earliest_at, over), latest_at=over)


# ------------------------------------------------------------------------- room for what goes on


def _is_pinned_there(snapshot: Snapshot, one: Busy) -> bool:
    """Whether somebody is on site with it, and stays."""
    pin = snapshot.pin.get(one.visit_id)
    return one.started_at is not None and pin is not None and pin.start_at == one.started_at


def _over_at(snapshot: Snapshot, visit_id: str, to_id: str, legs: Travel) -> datetime:
    """When those who are at a pinned visit are at another place."""
    visit, start_at = snapshot.visit[visit_id], snapshot.pin[visit_id].start_at
    site_id = snapshot.site_of(visit).id
    travel_s = 0 if site_id == to_id else legs.leg(site_id, to_id)[0]
    over_s = visit.duration_s + visit.run_in_s + travel_s
    return (start_at or snapshot.now_at) + timedelta(seconds=over_s)


def _with_room(snapshot: Snapshot, visit_ids: Sequence[str], legs: Travel) -> Snapshot:
    """The snapshot in which visits that people are busy with break no rule, however long they take:
    they are overtime if they have to be, breaks that they make late come right after them, and
    whoever should be out goes then."""
    people = dict(snapshot.technician)
    for visit_id in visit_ids:
        pin, site_id = snapshot.pin[visit_id], snapshot.site_of(snapshot.visit[visit_id]).id
        start_at = pin.start_at or snapshot.now_at
        over_at = _over_at(snapshot, visit_id, site_id, legs)
        for technician_id in filter(None, (pin.technician_id, *pin.other_technician_ids)):
            technician = people[technician_id]
            home_at = _over_at(snapshot, visit_id, technician.station_id, legs)
            told_at = min(start_at, snapshot.commitment[visit_id].start_at)
            shift = shift_under_way(technician) or _shift_at(technician, told_at)
            if shift is not None:
                people[technician_id] = _busy_until(technician, shift, start_at, over_at, home_at)
    return replace(snapshot, technicians=tuple(people.values()))


def _busy_until(
    technician: Technician, shift: Shift, start_at: datetime, over_at: datetime, home_at: datetime
) -> Technician:
    over_s = _seconds(shift.end_at, home_at)
    room = replace(
        shift,
        max_overtime_s=max(shift.max_overtime_s, over_s),
        breaks=tuple(
            replace(b, latest_at=over_at) if start_at <= b.latest_at < over_at else b
            for b in shift.breaks
        ),
    )
    from_at = shift.under_way_at or start_at
    most_s = technician.max_total_overtime_s

    def later(absence: Absence) -> Absence:
        comes_back = absence.end_at < shift.end_at
        return _not_while_busy(absence, from_at, over_at if comes_back else home_at)

    return replace(
        technician,
        shifts=tuple(room if s is shift else s for s in technician.shifts),
        absences=tuple(map(later, technician.absences)),
        max_total_overtime_s=most_s if most_s is None else max(most_s, over_s),
    )


def _not_while_busy(absence: Absence, from_at: datetime, over_at: datetime) -> Absence:
    """The absence without the time in which somebody was busy after all; it keeps its number."""
    if absence.end_at <= from_at or absence.start_at >= over_at:
        return absence
    if absence.end_at > over_at:
        return replace(absence, start_at=over_at)
    return replace(absence, start_at=min(absence.start_at, from_at - _SECOND), end_at=from_at)


# ------------------------------------------------------------------------------- what is done


def _begun(snapshot: Snapshot, one: Busy, crew_size: int) -> Visit:
    """The visit as it is carried out: nothing has to be brought any more."""
    visit = snapshot.visit[one.visit_id]
    rest_s = visit.run_in_s
    if one.repaired_at is not None:
        ran_s = _seconds(one.repaired_at, max(one.repaired_at, snapshot.now_at))
        rest_s = max(0, rest_s - ran_s)
    return replace(
        visit,
        duration_s=_duration_s(snapshot, one),
        run_in_s=rest_s,
        crew_size=crew_size,
        skills=(),
        parts=(),
        tools=(),
        windows=(),
        release_at=one.started_at,
    )


def _duration_s(snapshot: Snapshot, one: Busy) -> int:
    """From the start to the end of the repair as it is expected now, or else to now."""
    start_at = _there_at(snapshot, one)
    so_far_s = _seconds(start_at, max(one.repaired_at or snapshot.now_at, snapshot.now_at))
    expected_s = 1 if one.repaired_at else snapshot.visit[one.visit_id].duration_s
    return max(so_far_s, expected_s)


def _pin(visit_id: str, people: Sequence[str], start_at: datetime | None = None) -> Pin:
    first, *others = people
    return Pin(visit_id, first, start_at, other_technician_ids=tuple(others))


def without_visits(snapshot: Snapshot, over: AbstractSet[str]) -> Snapshot:
    """The snapshot without some visits, and without all that is said of them."""
    if not over:
        return snapshot
    return replace(
        snapshot,
        visits=tuple(v for v in snapshot.visits if v.id not in over),
        links=tuple(
            link
            for link in snapshot.links
            if over.isdisjoint((link.first_visit_id, link.then_visit_id))
        ),
        pins=tuple(
            replace(p, after_visit_id=None) if p.after_visit_id in over else p
            for p in snapshot.pins
            if p.visit_id not in over
        ),
        published=tuple(told for told in snapshot.published if told.visit_id not in over),
    )


def _without_past_rests(snapshot: Snapshot, plan: Plan) -> Plan:
    """The plan without breaks that were before the work that is under way."""

    def is_past(shift: Shift, index: int | None) -> bool:
        at = shift.under_way_at
        return at is not None and shift.breaks[index or 0].latest_at < at

    routes = []
    for route in plan.routes:
        shift = snapshot.shift[route.shift_id]
        stops = (
            s for s in route.stops if s.kind is not StopKind.BREAK or not is_past(shift, s.index)
        )
        routes.append(replace(route, stops=tuple(stops)))
    return replace(plan, routes=tuple(routes))


def _seconds(start_at: datetime, end_at: datetime) -> int:
    return int((end_at - start_at).total_seconds())
