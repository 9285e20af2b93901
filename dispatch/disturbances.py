"""What goes wrong in a running day, and what it changes: the facts, and what of the plan falls out.

Each disturbance is applied to a day by itself; several are applied one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from dispatch.day import Day, quantities_of, units_of
from dispatch.day_changes import (
    DisturbanceError,
    absent,
    broken_off,
    called_off,
    cut,
    has_more,
    headed_for,
    headed_over,
    in_hand,
    in_utc,
    put_out,
    released,
    technician_of,
    unknown,
    unplanned,
    visit_of,
    with_technician,
    with_visit,
)
from dispatch.day_settling import settled
from dispatch.domain.people import Technician
from dispatch.domain.route_times import seconds_between
from dispatch.domain.snapshot import TravelTable
from dispatch.domain.timetable import derive
from dispatch.domain.work import Visit, WorkOrder
from dispatch.going_on import without_visits
from dispatch.placing import taken_out
from dispatch.travel import Travel

CLOSED_PERMILLE = 3000
"""How much longer the way around a closed road takes, where nobody says."""


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
        technician = technician_of(day, self.technician_id)
        since = max(self.since or day.now, day.now)
        if since == day.now:
            for visit_id in in_hand(day, technician.id):
                day = broken_off(day, visit_id, None)
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
            day = put_out(called_off(day, visit_id), visit_id)
        ready = settled(day)
        times = derive(ready.snapshot, ready.plan, ready.travel)
        home = (
            r.finish_at
            for r in times.routes_of.get(technician.id, ())
            if r.shift.start_at < self.until and not has_more(r.route, day)
        )
        return absent(day, technician.id, max((since, *home)), self.until)


@dataclass(frozen=True, slots=True)
class Late:
    """A technician goes on no earlier than at a time. Who has finished nothing yet in the shift has
    not begun it, whatever the plan says."""

    technician_id: str
    until: datetime
    tells_time = True

    def applied(self, day: Day) -> Day:
        technician = technician_of(day, self.technician_id)
        shift = next((s for s in technician.shifts if s.end_at > self.until), None)
        if shift is None:
            raise DisturbanceError(
                f"Technician {technician.id} has no shift that is still on at"
                f" {in_utc(self.until)}.",
                f"技术员 {technician.id} 在 {in_utc(self.until)} 已没有班次。",
            )
        times = derive(day.snapshot, day.plan, day.travel)
        stops = [
            stop
            for timed in times.routes_of.get(technician.id, ())
            for stop in timed.stops
            if timed.shift.id == shift.id and stop.visit_id is not None
        ]
        begun = [stop for stop in stops if stop.start_at < day.moment]
        if shift.under_way_at is None and not any(s.end_at <= day.moment for s in begun):
            return absent(day, technician.id, shift.start_at, self.until)
        for stop in begun[-1:]:
            visit = day.snapshot.visit[stop.visit_id or ""]
            hold_s = seconds_between(stop.end_at, self.until)
            day = with_visit(day, replace(visit, run_in_s=max(visit.run_in_s, hold_s)))
        for visit_id in headed_for(day, technician.id):
            day = released(called_off(day, visit_id), visit_id, self.until)
        return day


@dataclass(frozen=True, slots=True)
class Overrun:
    """A visit takes longer than was thought (shorter, if negative)."""

    visit_id: str
    by: timedelta
    tells_time = True

    def applied(self, day: Day) -> Day:
        visit = visit_of(day, self.visit_id)
        duration_s = visit.duration_s + int(self.by.total_seconds())
        return with_visit(day, replace(visit, duration_s=max(1, duration_s)))


@dataclass(frozen=True, slots=True)
class Free:
    """A technician is done with the visit in hand at a time, earlier than was thought."""

    technician_id: str
    at: datetime
    tells_time = True

    def applied(self, day: Day) -> Day:
        technician = technician_of(day, self.technician_id)
        times = derive(day.snapshot, day.plan, day.travel)
        for timed in times.routes_of.get(technician.id, ()):
            for stop in timed.stops:
                if stop.visit_id is not None and stop.start_at < self.at < stop.leave_at:
                    visit = day.snapshot.visit[stop.visit_id]
                    took_s = min(visit.duration_s, seconds_between(stop.start_at, self.at))
                    return with_visit(day, replace(visit, duration_s=took_s, run_in_s=0))
        raise DisturbanceError(
            f"Technician {technician.id} is on site with no visit at {in_utc(self.at)}, so none can"
            " be done early. dispatch show PLAN --by technician shows who is where.",
            f"技术员 {technician.id} 在 {in_utc(self.at)} 不在任何现场，谈不上提前完成。"
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
        visit = visit_of(day, self.visit_id)
        if visit.id in day.begun:
            return broken_off(day, visit.id, self.until)
        day = put_out(called_off(day, visit.id), visit.id)
        return released(day, visit.id, self.until)


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
            raise unknown("part", "备件", self.part_id, snapshot.part)
        if self.place_id in snapshot.station:
            return self._at_station(day)
        return self._on_van(day, technician_of(day, self.place_id))

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
        day = with_technician(day, replace(technician, van_stock=quantities_of(van)))
        for visit_id in headed_for(day, technician.id):
            if any(
                part.part_id == self.part_id
                for r in day.plan.routes
                for s in r.stops
                if s.visit_id == visit_id
                for part in s.parts
            ):
                day = called_off(day, visit_id)
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
            raise unknown("site", "站点", self.order.site_id, snapshot.site)
        orders = snapshot.work_orders
        if self.order.id not in snapshot.work_order:
            orders = (*orders, self.order)
        grown = replace(snapshot, work_orders=orders, visits=(*snapshot.visits, self.visit))
        return replace(day, snapshot=grown, plan=unplanned(day.plan, self.visit.id))


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A visit that nobody wants any more. Whoever is there with it goes."""

    visit_id: str
    tells_time = False

    def applied(self, day: Day) -> Day:
        visit = visit_of(day, self.visit_id)
        if visit.id in day.begun:
            return cut(day, visit)
        day = called_off(day, visit.id)
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
                raise unknown("station or site", "服务站或站点", place_id, known)
        row, column = known.index(self.first_id), known.index(self.second_id)
        matrices = [day.travel.seconds.copy(), day.travel.metres.copy()]
        for matrix in matrices:
            for cell in ((row, column), (column, row)):
                matrix[cell] = int(matrix[cell]) * self.permille // 1000
        slower = Travel(known, *matrices)
        cells = (tuple(map(tuple, m.tolist())) for m in matrices)
        table = TravelTable(known, *cells)
        settings = replace(day.snapshot.travel, table=table, slowed=())  # it is in the table
        snapshot = replace(day.snapshot, travel=settings)
        on_the_road = headed_over(day, {self.first_id, self.second_id})
        day = replace(day, snapshot=snapshot, travel=slower)
        for visit_id in on_the_road:
            day = called_off(day, visit_id)
        return day


def disturbed(day: Day, disturbances: Iterable[Disturbance]) -> Day:
    """The day with all of them, one after the other. Raises DisturbanceError."""
    for disturbance in disturbances:
        day = disturbance.applied(day)
    return day
