"""A day in which no plan can change the past: nothing new comes before what has begun, and nobody
leaves before now."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.day import Day
from dispatch.domain.people import Shift
from dispatch.domain.plan import Stop, StopKind
from dispatch.domain.route_times import TimedRoute, TimedStop, is_rest, seconds_between
from dispatch.domain.timetable import derive
from dispatch.domain.work import Visit


def settled(day: Day) -> Day:
    """The day in which no plan can change the past: routes begin with what has begun, without a
    gap in it, and whoever is free is free from now on. On record that is so already."""
    if day.recorded:
        return day
    times = derive(day.snapshot, day.plan, day.travel)
    held: dict[str, list[Visit]] = {}
    over_s: Counter[str] = Counter()
    shifts = {s.id: replace(s, under_way_at=None) for s in day.snapshot.shift.values()}
    for timed in times.routes:
        shift = timed.shift
        first = _first_of(timed, day.fixed)
        if shift.id in day.over:
            shifts[shift.id] = _closed(shift, timed, day.now)
        elif first:
            begun = replace(shift, under_way_at=_left_at(day, timed, first[0]))
            shifts[shift.id] = _room_for_what_has_begun(day, begun, timed, first)
            late_s = seconds_between(shift.end_at, _back_at(day, timed, first[-1]))
            over_s[_who(timed)] += max(0, late_s)
            for visit in _held(day, timed, first):
                held.setdefault(visit.id, []).append(visit)
    snapshot = replace(
        day.snapshot,
        # Of a crew whoever leaves first says how long.
        visits=tuple(
            min(held.get(v.id, [v]), key=lambda kept: kept.duration_s + kept.run_in_s)
            for v in day.snapshot.visits
        ),
        technicians=tuple(
            replace(
                t,
                shifts=tuple(shifts[s.id] for s in t.shifts),
                max_total_overtime_s=_at_least(t.max_total_overtime_s, over_s[t.id]),
            )
            for t in day.snapshot.technicians
        ),
    )
    return replace(day, snapshot=snapshot)


def _room_for_what_has_begun(day: Day, shift: Shift, timed: TimedRoute, first: list[int]) -> Shift:
    """The shift in which what has begun breaks no rule, however long it takes: breaks that it makes
    late come right after it, and it is overtime if it has to be."""
    busy_until = {
        stop.stop.index: max(timed.stops[f].leave_at for f in first if f < i)
        for i, stop in enumerate(timed.stops)
        if stop.stop.kind is StopKind.BREAK and i > first[0]
    }
    breaks = tuple(
        replace(b, latest_at=max(b.latest_at, busy_until.get(i, b.latest_at)))
        for i, b in enumerate(shift.breaks)
    )
    home_at = _back_at(day, timed, first[-1])
    over_s = max(shift.max_overtime_s, seconds_between(shift.end_at, home_at))
    return replace(shift, breaks=breaks, max_overtime_s=over_s)


def _back_at(day: Day, timed: TimedRoute, last: int) -> datetime:
    """When the technician is home from what has begun, after the breaks that come then."""
    stop = timed.stops[last]
    ahead = {s.stop.index for s in timed.stops[last:] if s.stop.kind is StopKind.BREAK}
    rest_s = sum(timed.shift.breaks[i or 0].duration_s for i in ahead)
    base_id = day.snapshot.technician[_who(timed)].station_id
    travel_s = 0 if timed.route.ends_away else _leg(day, stop.place_id, base_id)[0]
    leave_at = stop.leave_at
    if stop.visit_id in day.begun:
        leave_at = max(leave_at, _free_at(day, timed, last))
    return leave_at + timedelta(seconds=rest_s + travel_s)


def _at_least(most_s: int | None, needed_s: int) -> int | None:
    return None if most_s is None else max(most_s, needed_s)


def _who(timed: TimedRoute) -> str:
    return timed.route.technician_id


def _first_of(timed: TimedRoute, fixed: AbstractSet[str]) -> list[int]:
    """Where on the route the visits stand that it begins with and that are fixed."""
    first = []
    for i, stop in enumerate(timed.stops):
        if stop.visit_id is not None:
            if stop.visit_id not in fixed:
                break
            first.append(i)
    return first


def _closed(shift: Shift, timed: TimedRoute, now: datetime) -> Shift:
    """The shift of somebody who goes home, or is there: nothing is added any more."""
    if shift.end_at + timedelta(seconds=shift.max_overtime_s) <= now:
        return shift
    over_s = max(0, seconds_between(shift.end_at, timed.finish_at))
    return replace(shift, end_at=min(shift.end_at, timed.finish_at), max_overtime_s=over_s)


def _start_of(day: Day, stop: TimedStop) -> datetime:
    pin = day.snapshot.pin.get(stop.visit_id or "")
    return pin.start_at if pin is not None and pin.start_at is not None else stop.start_at


def _left_at(day: Day, timed: TimedRoute, first: int) -> datetime:
    """When the technician left: just early enough, unless something else came before."""
    if any(is_rest(s.stop) or s.visit_id is None for s in timed.stops[:first]):
        return timed.shift.under_way_at or timed.earliest_at
    stop = timed.stops[first]
    travel_s, _ = _leg(day, timed.start_place_id, stop.place_id)
    return _start_of(day, stop) - timedelta(seconds=travel_s)


def _held(day: Day, timed: TimedRoute, first: list[int]) -> Iterator[Visit]:
    """The visits that a route begins with, each kept until the technician left for the next; the
    last one, if somebody is there, until now at least."""
    stops = timed.stops
    for i, following in zip(first, [*first[1:], None], strict=True):
        visit = day.snapshot.visit[stops[i].visit_id or ""]
        if following is None:
            if visit.id in day.begun:
                yield _kept(visit, _start_of(day, stops[i]), _free_at(day, timed, i))
        elif any(is_rest(s.stop) for s in stops[i + 1 : following]):
            yield visit
        else:
            travel_s, _ = _leg(day, stops[i].place_id, stops[following].place_id)
            left_at = _start_of(day, stops[following]) - timedelta(seconds=travel_s)
            yield _kept(visit, _start_of(day, stops[i]), left_at, exactly=True)


def _free_at(day: Day, timed: TimedRoute, last: int) -> datetime:
    """When the technician may go elsewhere: a rest that has begun says so itself."""
    following: Stop | None = next((s.stop for s in timed.stops[last + 1 :]), None)
    if following is not None and following.kind is StopKind.ABSENCE:
        absences = day.snapshot.technician[timed.route.technician_id].absences
        return min(day.now, absences[following.index or 0].start_at)
    if following is not None and following.kind is StopKind.BREAK:
        return min(day.now, timed.shift.breaks[following.index or 0].earliest_at)
    return day.now


def _kept(visit: Visit, start_at: datetime, until: datetime, *, exactly: bool = False) -> Visit:
    """The visit with a run-in until then, at least or exactly."""
    there_s = seconds_between(start_at, until)
    duration_s = max(1, min(visit.duration_s, there_s)) if exactly else visit.duration_s
    hold_s = there_s - duration_s
    return replace(
        visit,
        duration_s=duration_s,
        run_in_s=max(0, hold_s) if exactly else max(visit.run_in_s, hold_s),
    )


def _leg(day: Day, from_id: str, to_id: str) -> tuple[int, int]:
    return (0, 0) if from_id == to_id else day.travel.leg(from_id, to_id)
