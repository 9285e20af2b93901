"""A simulated day that goes on: as it is in truth, and as the dispatcher knows it.

Both are a ``Day`` of the same visits, technicians and routes. In truth repairs and drives take as
long as they will take; the dispatcher knows what is over, and of the rest what was planned.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.day import Day, day_at, past_absences
from dispatch.day_settling import settled
from dispatch.domain.people import Absence, Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.route_times import TimedRoute, is_rest
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Pin, Visit
from dispatch.going_on import past_break, without_visits
from dispatch.placing import left_out
from dispatch.travel import Travel

TOO_LATE = "overtime"
"""Why a visit is not begun any more: the rule that it would break."""


@dataclass(frozen=True)
class GoneOn:
    """A day later on, and by shift what people did meanwhile: begun visits, and pick-ups and rests
    that are past. In the shifts ``home`` they have gone home, or are on the way."""

    day: Day
    past: Mapping[str, tuple[Stop, ...]]
    home: tuple[str, ...]


def gone_on(day: Day, now: datetime) -> GoneOn:
    """The day at ``now``, as it goes in truth. What is over is forgotten, but for where people are.

    Who has nothing more to do goes home, and is free from there.
    """
    then = day_at(day, now)
    then = replace(then, heading=then.heading | (day.heading - then.begun))
    past = {route.shift_id: _past(route, day, then) for route in day.plan.routes}
    home = tuple(sorted(then.over))
    return GoneOn(_held(_forgotten(_released_as_before(day, then))), past, home)


def as_known(day: Day, asked: Mapping[str, Visit], ended: AbstractSet[str], travel: Travel) -> Day:
    """The day as the dispatcher knows it. ``asked`` are the visits as they were asked for, and
    ``ended`` those whose end is known; ``travel`` is what people expect."""

    def known(visit: Visit) -> Visit:
        if visit.id in ended:
            return visit
        before = asked[visit.id]
        if visit.id in day.heading:
            return _headed_for(before, day.snapshot.pin[visit.id].start_at)
        if visit.id not in day.begun:
            return replace(before, release_at=visit.release_at)
        return replace(
            visit, duration_s=before.duration_s, run_in_s=before.run_in_s, stops=before.stops
        )

    snapshot = replace(day.snapshot, visits=tuple(map(known, day.snapshot.visits)))
    expected = _expected(replace(day, snapshot=snapshot, travel=travel))
    return replace(_settled(replace(expected, plan=_straight_on(day))), plan=day.plan)


def _straight_on(day: Day) -> Plan:
    """The plan in which nobody does anything before what is headed for: of a crew only one may be
    on the way, and a plan may give the others something before it."""
    before = dict.fromkeys(
        stop.visit_id
        for route in day.plan.routes
        for i, stop in enumerate(route.stops)
        if stop.visit_id is not None
        and stop.visit_id not in day.fixed
        and any(later.visit_id in day.heading for later in route.stops[i:])
    )
    plan = day.plan
    for visit_id in before:
        plan = left_out(plan, visit_id)
    return plan


def _headed_for(visit: Visit, start_at: datetime | None) -> Visit:
    """A visit that somebody is on the way to: he waits for its window to open, and is let in
    late."""
    opened = [w.open_at for w in visit.windows if start_at is not None and w.open_at <= start_at]
    return replace(visit, windows=(), release_at=max(opened, default=visit.release_at))


def _expected(day: Day) -> Day:
    """Who is on the way gets there as drives usually take, or now if that is past. He waits for
    what others of his crew do before no longer than people were told."""
    loose = tuple(
        replace(p, start_at=None) if p.visit_id in day.heading else p for p in day.snapshot.pins
    )
    snapshot = replace(day.snapshot, pins=loose)
    planned = derive(snapshot, day.plan, day.travel)
    straight = derive(snapshot, _straight_on(day), day.travel)
    told = day.snapshot.commitment

    def start_of(visit_id: str) -> datetime:
        start_at = max(day.now, straight.start_of(visit_id))
        if visit_id not in told:
            return start_at
        return max(start_at, min(planned.start_of(visit_id), told[visit_id].start_at))

    pins = tuple(
        replace(p, start_at=start_of(p.visit_id)) if p.visit_id in day.heading else p for p in loose
    )
    return replace(day, snapshot=replace(snapshot, pins=pins))


def only_in_time(day: Day) -> Plan:
    """The plan without what people would set out for so late that it begins after the last allowed
    overtime, as things really go."""
    plan = day.plan
    while True:
        times = derive(day.snapshot, plan, day.travel)
        late = next(
            (
                stop.visit_id
                for timed in times.routes
                for stop in timed.stops
                if stop.visit_id is not None
                and stop.visit_id not in day.fixed
                and stop.start_at > _until(timed.shift)
            ),
            None,
        )
        if late is None:
            return plan
        plan = left_out(plan, late, TOO_LATE)


def off_from(day: Day, technician_id: str, days_off: AbstractSet[str]) -> Day:
    """The day without some shifts of a technician (ids). What is begun, or headed for, is still
    done; then he goes home."""
    out = [
        stop.visit_id
        for route in day.plan.routes
        if route.shift_id in days_off
        for stop in route.stops
        if stop.visit_id is not None and stop.visit_id not in day.fixed
    ]
    plan = day.plan
    for visit_id in dict.fromkeys(out):
        plan = left_out(plan, visit_id, "absence")
    ends = {
        timed.shift.id: timed.finish_at
        for timed in derive(day.snapshot, plan, day.travel).routes
        if timed.shift.id in days_off
    }

    def cut(technician: Technician) -> Technician:
        if technician.id != technician_id:
            return technician
        shifts = (
            _ending(shift, ends[shift.id]) if shift.id in ends else shift
            for shift in technician.shifts
            if shift.id not in days_off or shift.id in ends
        )
        return replace(technician, shifts=tuple(shifts))

    technicians = tuple(map(cut, day.snapshot.technicians))
    return replace(day, plan=plan, snapshot=replace(day.snapshot, technicians=technicians))


def _ending(shift: Shift, finish_at: datetime) -> Shift:
    end_at = min(shift.end_at, finish_at)
    return replace(shift, end_at=end_at, max_overtime_s=int((finish_at - end_at).total_seconds()))


def _until(shift: Shift) -> datetime:
    return shift.end_at + timedelta(seconds=shift.max_overtime_s)


def _past(route: Route, before: Day, then: Day) -> tuple[Stop, ...]:
    """The stops that are past now and were not before."""
    ahead = [stop for r in then.plan.routes if r.shift_id == route.shift_id for stop in r.stops]
    past: list[Stop] = []
    for stop in route.stops:
        if stop.kind is StopKind.VISIT:
            if stop.visit_id in then.begun and stop.visit_id not in before.begun:
                past.append(stop)
        elif stop in ahead:
            ahead.remove(stop)
        else:
            past.append(stop)
    return tuple(past)


def _released_as_before(before: Day, then: Day) -> Day:
    """Nobody leaves before now anyway; that need be said only of visits where somebody is
    already."""
    snapshot = then.snapshot
    there = {snapshot.site_of(snapshot.visit[v]).id for v in then.begun}

    def released(visit: Visit) -> Visit:
        if visit.id in then.begun or snapshot.site_of(visit).id in there:
            return visit
        return replace(visit, release_at=before.snapshot.visit[visit.id].release_at)

    return replace(then, snapshot=replace(snapshot, visits=tuple(map(released, snapshot.visits))))


def _held(day: Day) -> Day:
    """The day in which whoever is free has been where he is until now. It makes no more room for
    what is begun than there is: how long that will take nobody knows yet."""
    held = settled(day)
    before = day.snapshot.technician

    def no_more_room(technician: Technician) -> Technician:
        shifts = (
            replace(now, max_overtime_s=was.max_overtime_s, breaks=was.breaks)
            for now, was in zip(technician.shifts, before[technician.id].shifts, strict=True)
        )
        most_s = before[technician.id].max_total_overtime_s
        return replace(technician, shifts=tuple(shifts), max_total_overtime_s=most_s)

    technicians = tuple(map(no_more_room, held.snapshot.technicians))
    return replace(held, snapshot=replace(held.snapshot, technicians=technicians))


def _settled(day: Day) -> Day:
    """The day in which no plan can change the past. Nobody owes a break that his route has no
    place for, and that could only begin when what is fixed is over: it was taken, or cannot be
    any more. Whoever is busy with what is fixed when he should be out goes after that."""
    day = settled(day)
    times = derive(day.snapshot, day.plan, day.travel)
    goes_at = _goes_at(times, day.fixed)
    planned = {
        (route.shift_id, stop.index)
        for route in day.plan.routes
        for stop in route.stops
        if stop.kind is StopKind.BREAK
    }
    busy_until = {
        timed.shift.id: stop.leave_at
        for timed in times.routes
        for stop in timed.stops
        if stop.visit_id in day.fixed
    }

    def rested(shift: Shift) -> Shift:
        left_at, until = shift.under_way_at, busy_until.get(shift.id)
        if left_at is None or until is None:
            return shift
        breaks = (
            past_break(rest, min(left_at, day.now))
            if rest.latest_at < max(left_at, until) and (shift.id, i) not in planned
            else rest
            for i, rest in enumerate(shift.breaks)
        )
        return replace(shift, breaks=tuple(breaks))

    left_for = _left_for(times, day.fixed)

    def out(technician: Technician) -> tuple[Absence, ...]:
        absences = tuple(
            _from(absence, goes_at.get((technician.id, i)))
            for i, absence in enumerate(technician.absences)
        )
        left = left_for.get(technician.id)
        return absences if left is None else past_absences(absences, *left)

    technicians = tuple(
        replace(t, shifts=tuple(map(rested, t.shifts)), absences=out(t))
        for t in day.snapshot.technicians
    )
    return replace(day, snapshot=replace(day.snapshot, technicians=technicians))


def _left_for(times: Timetable, fixed: AbstractSet[str]) -> Mapping[str, tuple[datetime, datetime]]:
    """When technicians left for the first of what is fixed, and began it: they were not out
    meanwhile, though their drive usually takes longer than it did."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for timed in times.routes:
        begins_at = next((s.start_at for s in timed.stops if s.visit_id in fixed), None)
        if begins_at is not None and timed.shift.under_way_at is not None:
            found.setdefault(timed.route.technician_id, (timed.shift.under_way_at, begins_at))
    return found


def _goes_at(times: Timetable, fixed: AbstractSet[str]) -> Mapping[tuple[str, int], datetime]:
    """When those who have only rests between what is fixed and an absence can go, by technician
    and absence."""
    found = {}
    for timed in times.routes:
        is_next = False
        for stop in timed.stops:
            if stop.stop.kind is StopKind.ABSENCE and is_next:
                found[timed.route.technician_id, stop.stop.index or 0] = stop.start_at
            if not is_rest(stop.stop):
                is_next = stop.visit_id in fixed
    return found


def _from(absence: Absence, at: datetime | None) -> Absence:
    if at is None or not absence.start_at < at < absence.end_at:
        return absence
    return replace(absence, start_at=at)


def _forgotten(day: Day) -> Day:
    """The day without what is over, but for the last visit of whoever is still there."""
    kept: dict[str, list[str]] = {}
    home: dict[str, datetime] = {}
    for timed in derive(day.snapshot, day.plan, day.travel).routes:
        if timed.shift.id in day.over:
            home[timed.shift.id] = timed.finish_at
            continue
        for visit_id in _to_keep(day, timed):
            kept.setdefault(visit_id, []).append(timed.route.technician_id)
    snapshot = replace(
        day.snapshot,
        visits=tuple(
            replace(v, crew_size=len(kept[v.id])) if v.id in kept else v
            for v in day.snapshot.visits
        ),
        pins=tuple(
            _of(p, kept[p.visit_id]) if p.visit_id in kept else p for p in day.snapshot.pins
        ),
        technicians=tuple(_at_home(t, home) for t in day.snapshot.technicians),
    )
    routes = (_without_past(route, day.begun, kept) for route in day.plan.routes)
    return replace(
        day,
        snapshot=without_visits(snapshot, day.begun - kept.keys()),
        plan=replace(
            day.plan,
            routes=tuple(r for r in routes if any(stop.kind is StopKind.VISIT for stop in r.stops)),
        ),
        begun=frozenset(kept),
        over=frozenset(),
    )


def _to_keep(day: Day, timed: TimedRoute) -> list[str]:
    """The begun visits of a route that say where the technician is."""
    begun = [s for s in timed.stops if s.visit_id is not None and s.visit_id in day.begun]
    busy = [s for s in begun if s.leave_at > day.now]
    ahead = timed.stops[timed.stops.index(begun[-1]) + 1 :] if begun else ()
    # Who rests on the way is somewhere between.
    heads = bool(ahead) and ahead[0].visit_id in day.heading
    found = busy or ([] if heads else begun[-1:])
    return [s.visit_id for s in found if s.visit_id is not None]


def _of(pin: Pin, technician_ids: list[str]) -> Pin:
    """The pin of those who are still there; whoever led the crew goes on leading it."""
    first, *others = sorted(technician_ids, key=lambda t: t != pin.technician_id)
    return replace(pin, technician_id=first, other_technician_ids=tuple(others))


def _without_past(route: Route, begun: AbstractSet[str], kept: Mapping[str, list[str]]) -> Route:
    stops = (
        s
        for s in route.stops
        if s.visit_id not in begun or route.technician_id in kept.get(s.visit_id or "", ())
    )
    return replace(route, stops=tuple(stops))


def _at_home(technician: Technician, home: Mapping[str, datetime]) -> Technician:
    """The technician who is free again from his station once he is there."""
    shifts = []
    for shift in technician.shifts:
        home_at = home.get(shift.id)
        if home_at is None:
            shifts.append(shift)
        elif home_at < shift.end_at:
            start_at = max(home_at, shift.start_at)
            shifts.append(replace(shift, start_at=start_at, under_way_at=None))
    return replace(technician, shifts=tuple(shifts))
