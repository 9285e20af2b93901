"""What goes wrong in a running day, and what it changes: the facts, and what of the plan falls out.

Each disturbance is applied to a day by itself; several are applied one after the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from dispatch.day import Day, quantities_of, settled, units_of
from dispatch.domain.errors import DispatchError
from dispatch.domain.further_visits import follow_up_of
from dispatch.domain.people import Absence, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.route_times import seconds_between
from dispatch.domain.snapshot import TravelTable
from dispatch.domain.timetable import derive
from dispatch.domain.work import Visit, WorkOrder
from dispatch.going_on import without_visits
from dispatch.placing import left_out, taken_out
from dispatch.travel import Travel

DISTURBED = "disturbed"
"""Why a visit that was planned is not planned any more: what happened took it out."""
CLOSED_PERMILLE = 3000
"""How much longer the way around a closed road takes, where nobody says."""


class DisturbanceError(DispatchError):
    """Something that cannot have happened to this plan."""


class Disturbance(Protocol):
    """Something that happened."""

    @property
    def tells_time(self) -> bool:
        """Whether it says how long something takes: what has begun by now follows from it."""
        ...

    def applied(self, day: Day) -> Day:
        """The day with it. Raises DisturbanceError."""
        ...


@dataclass(frozen=True, slots=True)
class Ill:
    """A technician is out from now (or later) until a time, as soon as he is home.

    What he is on site with is broken off, and has to be done again by somebody.
    """

    technician_id: str
    until: datetime
    since: datetime | None = None
    tells_time = False

    def applied(self, day: Day) -> Day:
        technician = _technician(day, self.technician_id)
        since = max(self.since or day.now, day.now)
        if since == day.now:
            for visit_id in _in_hand(day, technician.id):
                day = _broken_off(day, visit_id, None)
        times = derive(day.snapshot, day.plan, day.travel)
        off = [
            visit_id
            for visit_id, crew in times.visits.items()
            if any(m.technician_id == technician.id for m in crew)
            and visit_id not in day.begun
            and times.start_of(visit_id) < self.until
            and times.end_of(visit_id) > since
        ]
        for visit_id in off:
            day = _without_plan(_called_off(day, visit_id), visit_id)
        ready = settled(day)
        times = derive(ready.snapshot, ready.plan, ready.travel)
        home = (
            r.finish_at
            for r in times.routes_of.get(technician.id, ())
            if r.shift.start_at < self.until and not _ahead(r.route, day)
        )
        return _absent(day, technician.id, max((since, *home)), self.until)


@dataclass(frozen=True, slots=True)
class Late:
    """A technician who has not left yet begins the shift at a time; one who is on the road, or
    on site, goes on from there no earlier."""

    technician_id: str
    until: datetime
    tells_time = True

    def applied(self, day: Day) -> Day:
        technician = _technician(day, self.technician_id)
        shift = next((s for s in technician.shifts if s.end_at > self.until), None)
        if shift is None:
            raise DisturbanceError(
                f"Technician {technician.id} has no shift that is still on at {_iso(self.until)}.",
                f"技术员 {technician.id} 在 {_iso(self.until)} 已没有班次。",
            )
        if shift.under_way_at is None:
            return _absent(day, technician.id, shift.start_at, self.until)
        if _in_hand(day, technician.id):
            day = replace(day, free_at={**day.free_at, shift.id: self.until})
        for visit_id in _headed_for(day, technician.id):
            day = _released(_called_off(day, visit_id), visit_id, self.until)
        return day


@dataclass(frozen=True, slots=True)
class Overrun:
    """A visit takes longer than was thought (shorter, if negative)."""

    visit_id: str
    by: timedelta
    tells_time = True

    def applied(self, day: Day) -> Day:
        visit = _visit(day, self.visit_id)
        duration_s = visit.duration_s + int(self.by.total_seconds())
        return _with_visit(day, replace(visit, duration_s=max(1, duration_s)))


@dataclass(frozen=True, slots=True)
class Free:
    """A technician is done with the visit in hand at a time, earlier than was thought."""

    technician_id: str
    at: datetime
    tells_time = True

    def applied(self, day: Day) -> Day:
        technician = _technician(day, self.technician_id)
        times = derive(day.snapshot, day.plan, day.travel)
        for timed in times.routes_of.get(technician.id, ()):
            for stop in timed.stops:
                if stop.visit_id is not None and stop.start_at < self.at < stop.leave_at:
                    visit = day.snapshot.visit[stop.visit_id]
                    took_s = min(visit.duration_s, seconds_between(stop.start_at, self.at))
                    return _with_visit(day, replace(visit, duration_s=took_s, run_in_s=0))
        raise DisturbanceError(
            f"Technician {technician.id} is on site with no visit at {_iso(self.at)}, so none can"
            " be done early. dispatch show PLAN --by technician shows who is where.",
            f"技术员 {technician.id} 在 {_iso(self.at)} 不在任何现场，谈不上提前完成。"
            "可用 dispatch show PLAN --by technician 查看行程。",
        )


@dataclass(frozen=True, slots=True)
class CustomerAbsent:
    """Nobody lets the technician in before a time. Whoever is there goes, and somebody has to come
    again."""

    visit_id: str
    until: datetime
    tells_time = False

    def applied(self, day: Day) -> Day:
        visit = _visit(day, self.visit_id)
        if visit.id in day.begun:
            return _broken_off(day, visit.id, self.until)
        day = _without_plan(_called_off(day, visit.id), visit.id)
        return _released(day, visit.id, self.until)


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of a part are not where they should be: at a station, or on a technician's van.

    ``quantity`` None: all of them.
    """

    part_id: str
    place_id: str
    quantity: int | None = None
    tells_time = False

    def applied(self, day: Day) -> Day:
        snapshot = day.snapshot
        if self.part_id not in snapshot.part:
            raise _unknown("part", "备件", self.part_id, snapshot.part)
        if self.place_id in snapshot.station:
            return self._at_station(day)
        return self._on_van(day, _technician(day, self.place_id))

    def _at_station(self, day: Day) -> Day:
        left, lots = self.quantity, []
        for lot in day.snapshot.lots:
            is_it = (lot.station_id, lot.part_id) == (self.place_id, self.part_id)
            if is_it and lot.available_at <= day.now:
                gone = lot.quantity if left is None else min(left, lot.quantity)
                left = None if left is None else left - gone
                lot = replace(lot, quantity=lot.quantity - gone)
            if lot.quantity:
                lots.append(lot)
        return replace(day, snapshot=replace(day.snapshot, lots=tuple(lots)))

    def _on_van(self, day: Day, technician: Technician) -> Day:
        van = units_of(technician.van_stock)
        gone = van[self.part_id] if self.quantity is None else self.quantity
        van[self.part_id] = max(0, van[self.part_id] - gone)
        day = _with_technician(day, replace(technician, van_stock=quantities_of(van)))
        for visit_id in _headed_for(day, technician.id):
            if any(
                part.part_id == self.part_id
                for r in day.plan.routes
                for s in r.stops
                if s.visit_id == visit_id
                for part in s.parts
            ):
                day = _called_off(day, visit_id)
        return day


@dataclass(frozen=True, slots=True)
class Emergency:
    """A visit that nobody knew of, with its work order (which may be on record already)."""

    order: WorkOrder
    visit: Visit
    tells_time = False

    def applied(self, day: Day) -> Day:
        snapshot = day.snapshot
        if self.visit.id in snapshot.visit:
            raise DisturbanceError(
                f"Visit {self.visit.id!r} is in the plan's snapshot already.",
                f"任务 {self.visit.id!r} 已在计划快照中。",
            )
        if self.order.site_id not in snapshot.site:
            raise _unknown("site", "站点", self.order.site_id, snapshot.site)
        orders = snapshot.work_orders
        if self.order.id not in snapshot.work_order:
            orders = (*orders, self.order)
        grown = replace(snapshot, work_orders=orders, visits=(*snapshot.visits, self.visit))
        return replace(day, snapshot=grown, plan=_unplanned(day.plan, self.visit.id))


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A visit that nobody wants any more. Whoever is there with it goes."""

    visit_id: str
    tells_time = False

    def applied(self, day: Day) -> Day:
        visit = _visit(day, self.visit_id)
        if visit.id in day.begun:
            return _cut(day, visit)
        day = _called_off(day, visit.id)
        plan = taken_out(day.plan, visit.id)
        unassigned = tuple(u for u in plan.unassigned if u.visit_id != visit.id)
        return replace(
            day,
            snapshot=without_visits(day.snapshot, {visit.id}),
            plan=replace(plan, unassigned=unassigned),
        )


@dataclass(frozen=True, slots=True)
class Closed:
    """The way between two places takes longer, both ways, for the rest of the horizon: travel does
    not depend on the time of the day. ``permille`` 2000: twice as long."""

    first_id: str
    second_id: str
    permille: int = CLOSED_PERMILLE
    tells_time = False

    def applied(self, day: Day) -> Day:
        known = day.travel.place_ids
        for place_id in (self.first_id, self.second_id):
            if place_id not in known:
                raise _unknown("station or site", "服务站或站点", place_id, known)
        row, column = known.index(self.first_id), known.index(self.second_id)
        matrices = [day.travel.seconds.copy(), day.travel.metres.copy()]
        for matrix in matrices:
            for cell in ((row, column), (column, row)):
                matrix[cell] = int(matrix[cell]) * self.permille // 1000
        slower = Travel(known, *matrices)
        cells = (tuple(map(tuple, m.tolist())) for m in matrices)
        table = TravelTable(known, *cells)
        settings = replace(day.snapshot.travel, table=table)
        snapshot = replace(day.snapshot, travel=settings)
        headed_for = _headed_over(day, {self.first_id, self.second_id})
        day = replace(day, snapshot=snapshot, travel=slower)
        for visit_id in headed_for:
            day = _called_off(day, visit_id)
        return day


def disturbed(day: Day, disturbances: Iterable[Disturbance]) -> Day:
    """The day with all of them, one after the other. Raises DisturbanceError."""
    for disturbance in disturbances:
        day = disturbance.applied(day)
    return day


# ----------------------------------------------------------------------------- what is there


def _technician(day: Day, technician_id: str) -> Technician:
    found = day.snapshot.technician.get(technician_id)
    if found is None:
        raise _unknown("technician", "技术员", technician_id, day.snapshot.technician)
    return found


def _visit(day: Day, visit_id: str) -> Visit:
    found = day.snapshot.visit.get(visit_id)
    if found is None:
        raise _unknown("open visit", "未完成的任务", visit_id, day.snapshot.visit)
    return found


_NAMED = 12


def _unknown(en: str, zh: str, value: str, known: Iterable[str]) -> DisturbanceError:
    names = sorted(known)
    some = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return DisturbanceError(
        f"There is no {en} {value!r}; known are: {some}.",
        f"没有{zh} {value!r}；现有：{some}。",
    )


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _visits_of(day: Day, technician_id: str) -> list[str]:
    return [
        s.visit_id
        for r in day.plan.routes
        if r.technician_id == technician_id
        for s in r.stops
        if s.visit_id is not None
    ]


def _headed_for(day: Day, technician_id: str) -> list[str]:
    return [v for v in _visits_of(day, technician_id) if v in day.heading]


def _in_hand(day: Day, technician_id: str) -> list[str]:
    """What a technician is on site with now."""
    times = derive(day.snapshot, day.plan, day.travel)
    return [
        visit_id
        for visit_id in _visits_of(day, technician_id)
        if visit_id in day.begun and max(m.stop.leave_at for m in times.visits[visit_id]) > day.now
    ]


def _headed_over(day: Day, places: set[str]) -> list[str]:
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


def _ahead(route: Route, day: Day) -> bool:
    """Whether a route has visits that have not begun."""
    return any(s.visit_id is not None and s.visit_id not in day.begun for s in route.stops)


# ------------------------------------------------------------------------------ what changes


def _with_visit(day: Day, visit: Visit) -> Day:
    visits = tuple(visit if v.id == visit.id else v for v in day.snapshot.visits)
    return replace(day, snapshot=replace(day.snapshot, visits=visits))


def _with_technician(day: Day, technician: Technician) -> Day:
    people = tuple(technician if t.id == technician.id else t for t in day.snapshot.technicians)
    return replace(day, snapshot=replace(day.snapshot, technicians=people))


def _released(day: Day, visit_id: str, at: datetime) -> Day:
    visit = day.snapshot.visit[visit_id]
    return _with_visit(day, replace(visit, release_at=max(at, visit.release_at or at)))


def _called_off(day: Day, visit_id: str) -> Day:
    """Nobody is on the way to the visit any more, nor pinned to it."""
    pins = tuple(p for p in day.snapshot.pins if p.visit_id != visit_id)
    snapshot = replace(day.snapshot, pins=pins)
    return replace(day, snapshot=snapshot, heading=day.heading - {visit_id})


def _unplanned(plan: Plan, visit_id: str) -> Plan:
    return replace(plan, unassigned=(*plan.unassigned, Unassigned(visit_id, DISTURBED)))


def _without_plan(day: Day, visit_id: str) -> Day:
    return replace(day, plan=left_out(day.plan, visit_id, DISTURBED))


def _broken_off(day: Day, visit_id: str, until: datetime | None) -> Day:
    """Whoever is there goes now; somebody has to come again, not before a time."""
    day = _cut(day, day.snapshot.visit[visit_id])
    asked = day.asked[visit_id]
    again = follow_up_of(asked.visit, day.snapshot.visit)
    for technician_id, parts in asked.used.items():
        technician = _technician(day, technician_id)
        van = units_of((*technician.van_stock, *parts))
        day = _with_technician(day, replace(technician, van_stock=quantities_of(van)))
    snapshot = replace(day.snapshot, visits=(*day.snapshot.visits, again))
    day = replace(day, snapshot=snapshot, plan=_unplanned(day.plan, again.id))
    return _released(day, again.id, until or day.now)


def _cut(day: Day, visit: Visit) -> Day:
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
            f"Visit {visit.id!r} is over by the plan, since {_iso(start_at)} and"
            f" {visit.duration_s // 60} min.",
            f"按计划任务 {visit.id!r} 已经结束"
            f"（{_iso(start_at)} 起 {visit.duration_s // 60} 分钟）。",
        )
    short = replace(visit, duration_s=min(there_s, visit.duration_s), run_in_s=0)
    return _with_visit(day, short)


def _absent(day: Day, technician_id: str, start_at: datetime, end_at: datetime) -> Day:
    """The technician with one more absence, less what is one already."""
    technician = _technician(day, technician_id)
    if start_at >= end_at:
        return day
    pieces = [Absence(start_at, end_at)]
    for known in technician.absences:
        pieces = [p for piece in pieces for p in _less(piece, known)]
    absences = tuple(sorted((*technician.absences, *pieces), key=lambda a: a.start_at))
    number = {technician.absences.index(a): absences.index(a) for a in technician.absences}
    new = [absences.index(piece) for piece in pieces]
    day = _with_technician(day, replace(technician, absences=absences))
    routes = tuple(
        _with_absences(day, _renumbered(r, number), [(i, absences[i]) for i in new])
        if r.technician_id == technician_id
        else r
        for r in day.plan.routes
    )
    return replace(day, plan=replace(day.plan, routes=routes))


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
    """The route with the absences that cut its shift in two, after what has begun."""
    shift = day.snapshot.shift[route.shift_id]
    begins_at = shift.under_way_at or max(shift.start_at, day.now)
    until = shift.end_at + timedelta(seconds=shift.max_overtime_s)
    done = [i for i, s in enumerate(route.stops) if s.visit_id in day.begun]
    place = done[-1] + 1 if done else 0
    rests = tuple(
        Stop(StopKind.ABSENCE, index=i)
        for i, a in new
        if begins_at < a.start_at and a.end_at < until
    )
    return replace(route, stops=(*route.stops[:place], *rests, *route.stops[place:]))
