"""Small changes of a running day, of which disturbances are made."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.day import Day, quantities_of, units_of
from dispatch.domain.errors import DispatchError
from dispatch.domain.further_visits import follow_up_of
from dispatch.domain.people import Absence, Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.route_times import seconds_between
from dispatch.domain.timetable import derive
from dispatch.domain.work import Visit
from dispatch.going_on import past_break
from dispatch.placing import left_out, servers

DISTURBED = "disturbed"
"""Why a visit that was planned is not planned any more: what happened took it out."""


class DisturbanceError(DispatchError):
    """Something that cannot have happened to this plan."""


# ----------------------------------------------------------------------------- what is there


def technician_of(day: Day, technician_id: str) -> Technician:
    found = day.snapshot.technician.get(technician_id)
    if found is None:
        raise unknown("technician", "技术员", technician_id, day.snapshot.technician)
    return found


def visit_of(day: Day, visit_id: str) -> Visit:
    found = day.snapshot.visit.get(visit_id)
    if found is None:
        raise unknown("open visit", "未完成的任务", visit_id, day.snapshot.visit)
    return found


_NAMED = 12


def unknown(en: str, zh: str, value: str, known: Iterable[str]) -> DisturbanceError:
    names = sorted(known)
    some = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return DisturbanceError(
        f"There is no {en} {value!r}; known are: {some}.",
        f"没有{zh} {value!r}；现有：{some}。",
    )


def in_utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def visits_of(day: Day, technician_id: str) -> list[str]:
    return [
        s.visit_id
        for r in day.plan.routes
        if r.technician_id == technician_id
        for s in r.stops
        if s.visit_id is not None
    ]


def headed_for(day: Day, technician_id: str) -> list[str]:
    return [v for v in visits_of(day, technician_id) if v in day.heading]


def in_hand(day: Day, technician_id: str) -> list[str]:
    """What a technician is on site with now."""
    times = derive(day.snapshot, day.plan, day.travel)
    return [
        visit_id
        for visit_id in visits_of(day, technician_id)
        if visit_id in day.begun and max(m.stop.leave_at for m in times.visits[visit_id]) > day.now
    ]


def headed_over(day: Day, places: set[str]) -> list[str]:
    """Visits that somebody is on the way to, over a leg between two places."""
    times = derive(day.snapshot, day.plan, day.travel)
    found = []
    for timed in times.routes:
        before = timed.start_place_id
        for stop in timed.stops:
            if stop.visit_id in day.heading and {before, stop.place_id} == places:
                found.append(stop.visit_id or "")
            before = stop.place_id
    return found


def has_more(route: Route, day: Day) -> bool:
    """Whether a route has visits that have not begun."""
    return any(s.visit_id is not None and s.visit_id not in day.begun for s in route.stops)


# ------------------------------------------------------------------------------ what changes


def with_visit(day: Day, visit: Visit) -> Day:
    visits = tuple(visit if v.id == visit.id else v for v in day.snapshot.visits)
    return replace(day, snapshot=replace(day.snapshot, visits=visits))


def with_technician(day: Day, technician: Technician) -> Day:
    people = tuple(technician if t.id == technician.id else t for t in day.snapshot.technicians)
    return replace(day, snapshot=replace(day.snapshot, technicians=people))


def released(day: Day, visit_id: str, at: datetime) -> Day:
    visit = day.snapshot.visit[visit_id]
    return with_visit(day, replace(visit, release_at=max(at, visit.release_at or at)))


def called_off(day: Day, visit_id: str) -> Day:
    """Nobody is on the way to the visit any more, nor pinned to it."""
    pins = tuple(p for p in day.snapshot.pins if p.visit_id != visit_id)
    was_headed_for = visit_id in day.heading
    servers_before = servers(day.plan, visit_id)
    snapshot = replace(day.snapshot, pins=pins)
    day = replace(day, snapshot=snapshot, heading=day.heading - {visit_id})
    for technician_id in servers_before if was_headed_for else ():
        if day.begun.isdisjoint(visits_of(day, technician_id)):
            technician = technician_of(day, technician_id)
            shifts = tuple(replace(s, under_way_at=None) for s in technician.shifts)
            day = with_technician(day, replace(technician, shifts=shifts))
    return day


def unplanned(plan: Plan, visit_id: str) -> Plan:
    return replace(plan, unassigned=(*plan.unassigned, Unassigned(visit_id, DISTURBED)))


def put_out(day: Day, visit_id: str) -> Day:
    return replace(day, plan=left_out(day.plan, visit_id, DISTURBED))


def broken_off(day: Day, visit_id: str, until: datetime | None) -> Day:
    """Whoever is there goes now; somebody has to come again, not before a time."""
    day = cut(day, day.snapshot.visit[visit_id])
    asked = day.asked[visit_id]
    again = follow_up_of(asked.visit, day.snapshot.visit)
    for technician_id, parts in asked.used.items():
        technician = technician_of(day, technician_id)
        van = units_of((*technician.van_stock, *parts))
        day = with_technician(day, replace(technician, van_stock=quantities_of(van)))
    snapshot = replace(day.snapshot, visits=(*day.snapshot.visits, again))
    day = replace(day, snapshot=snapshot, plan=unplanned(day.plan, again.id))
    return released(day, again.id, until or day.now)


def cut(day: Day, visit: Visit) -> Day:
    """Whoever is there goes now, and has stopped no clock but that of being there."""
    if day.recorded:
        raise DisturbanceError(
            f"Somebody is on site with visit {visit.id!r}. Record what happened there (dispatch"
            " record: failed, or repaired), then repair the plan.",
            f"任务 {visit.id!r} 已有人在现场。请先用 dispatch record 记录现场情况"
            "（未完成或已修复），再修复计划。",
        )
    start_at = derive(day.snapshot, day.plan, day.travel).start_of(visit.id)
    there_s = max(1, seconds_between(start_at, day.now))
    if there_s >= visit.duration_s + visit.run_in_s:
        raise DisturbanceError(
            f"Visit {visit.id!r} is over by the plan, since {in_utc(start_at)} and"
            f" {visit.duration_s // 60} min.",
            f"按计划任务 {visit.id!r} 已经结束"
            f"（{in_utc(start_at)} 起 {visit.duration_s // 60} 分钟）。",
        )
    short = replace(visit, duration_s=min(there_s, visit.duration_s), run_in_s=0)
    return with_visit(day, short)


def absent(day: Day, technician_id: str, start_at: datetime, end_at: datetime) -> Day:
    """The technician with one more absence, less what is one already."""
    technician = technician_of(day, technician_id)
    if start_at >= end_at:
        return day
    pieces = [Absence(start_at, end_at)]
    for known in technician.absences:
        pieces = [p for piece in pieces for p in _less(piece, known)]
    absences = tuple(sorted((*technician.absences, *pieces), key=lambda a: a.start_at))
    number = {technician.absences.index(a): absences.index(a) for a in technician.absences}
    new = [absences.index(piece) for piece in pieces]
    shifts = tuple(_without_breaks_in(shift, pieces) for shift in technician.shifts)
    day = with_technician(day, replace(technician, absences=absences, shifts=shifts))
    routes = tuple(
        _with_absences(day, _renumbered(r, number), [(i, absences[i]) for i in new])
        if r.technician_id == technician_id
        else r
        for r in day.plan.routes
    )
    return replace(day, plan=replace(day.plan, routes=routes))


def _without_breaks_in(shift: Shift, absences: Sequence[Absence]) -> Shift:
    """The shift in which nobody owes a break that could only be taken in an absence."""
    begins_at = shift.under_way_at or shift.start_at
    breaks = tuple(
        past_break(b, begins_at)
        if any(a.start_at <= b.latest_at < a.end_at for a in absences)
        else b
        for b in shift.breaks
    )
    return replace(shift, breaks=breaks)


def _less(absence: Absence, known: Absence) -> list[Absence]:
    before = replace(absence, end_at=min(absence.end_at, known.start_at))
    after = replace(absence, start_at=max(absence.start_at, known.end_at))
    return [piece for piece in (before, after) if piece.start_at < piece.end_at]


def _renumbered(route: Route, number: dict[int, int]) -> Route:
    stops = (
        replace(s, index=number[s.index or 0]) if s.kind is StopKind.ABSENCE else s
        for s in route.stops
    )
    return replace(route, stops=tuple(stops))


def _with_absences(day: Day, route: Route, new: Sequence[tuple[int, Absence]]) -> Route:
    """The route with the absences that cut its shift in two, after what has begun, and without
    breaks that are not owed any more."""
    shift = day.snapshot.shift[route.shift_id]
    begins_at = shift.under_way_at or max(shift.start_at, day.now)
    until = shift.end_at + timedelta(seconds=shift.max_overtime_s)
    done = [i for i, s in enumerate(route.stops) if s.visit_id in day.begun]
    place = done[-1] + 1 if done else 0
    rests = tuple(
        Stop(StopKind.ABSENCE, index=i)
        for i, a in new
        if begins_at < a.start_at and a.end_at < until and has_more(route, day)
    )
    stops = (*route.stops[:place], *rests, *route.stops[place:])
    owed = (
        s
        for s in stops
        if s.kind is not StopKind.BREAK or shift.breaks[s.index or 0].latest_at >= begins_at
    )
    return replace(route, stops=tuple(owed))
