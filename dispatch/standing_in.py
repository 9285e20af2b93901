"""Whether one technician could stand in for another, who does not come to a visit.

The one who stands in is told when it is noticed. Until then he does what is planned: what he has
left for by then comes first, and only then does he go to the visit, or first to a depot for its
parts. Whatever he does later on his route stays legal, and keeps the clocks that the plan keeps.
Simple arithmetic finds where on the route that may be; the referee then says whether it is so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dispatch.domain.people import Technician
from dispatch.domain.plan import Plan, Stop
from dispatch.domain.route_times import TimedRoute, is_rest, seconds_between
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.domain.work import Visit
from dispatch.excerpts import Excerpt, Excerpts
from dispatch.judged import JudgedPlan
from dispatch.promises import Promise, latest_starts
from dispatch.qualification import Hindrance, Qualification, shift_times
from dispatch.relaxations import Relaxation
from dispatch.standing_trial import (
    DELAYS,
    LATE,
    Found,
    Gap,
    Miss,
    StandIn,
    Trial,
    has_visit,
    nearness,
)
from dispatch.travel import Travel

_TIME = ("shift", "overtime")
"""Of these ``stand_in`` knows better by how much they fail, for it knows where people are."""


@dataclass(frozen=True)
class Days:
    """Everybody's days, and their times; ``moved`` are promised visits that somebody stands in
    for, released when he can be there."""

    plan: Plan
    timetable: Timetable
    moved: Mapping[str, Visit] = field(default_factory=dict)


class StandIns:
    """Answers for one plan. ``travel`` is that of its snapshot."""

    def __init__(self, judged: JudgedPlan, travel: Travel) -> None:
        self._snapshot = judged.snapshot
        self._travel = travel
        self._ask = Qualification(replace(judged.snapshot, pins=()), travel)
        self._crews = {v: {m.technician_id for m in crew} for v, crew in judged.served.items()}
        self._latest = latest_starts(judged)
        self.days = Days(judged.plan, judged.verdict.timetable)
        self._cut: tuple[Promise, Days, Plan, Excerpts] | None = None

    def able(self, promise: Promise) -> Iterator[tuple[Technician, str] | Miss]:
        """The technicians and shifts that might keep a promise, and for all others what it is that
        keeps them from it whatever else they do."""
        visit = self._snapshot.visit[promise.visit_id]
        told = replace(visit, release_at=max(promise.told_at, visit.release_at or promise.told_at))
        for technician in self._snapshot.technicians:
            if technician.id in self._crews[visit.id]:
                continue
            hindrance = self._ask.of_technician(visit, technician)
            if hindrance is not None:
                yield Miss(technician.id, None, hindrance.code, hindrance.amount)
                continue
            for shift in technician.shifts:
                # First, for most shifts are those of days to come.
                hindrance = self._too_late(promise, shift.id)
                hindrance = hindrance or self._ask.of_shift(told, technician, shift)
                if hindrance is not None and hindrance.code not in _TIME:
                    yield Miss(technician.id, shift.id, hindrance.code, hindrance.amount)
                else:
                    yield technician, shift.id

    def qualified(self, promise: Promise) -> list[Technician]:
        """Who could do a promised visit if he were free, the nearest first."""
        visit = self._snapshot.visit[promise.visit_id]
        site_id = self._snapshot.site_of(visit).id
        able = (
            t
            for t in self._snapshot.technicians
            if t.id not in self._crews[visit.id] and self._ask.of_technician(visit, t) is None
        )
        return sorted(able, key=lambda t: self._travel.leg(t.station_id, site_id))

    def _too_late(self, promise: Promise, shift_id: str) -> Hindrance | None:
        late_s = seconds_between(promise.latest_at, self._ask.times[shift_id].start_at)
        return Hindrance(LATE, late_s) if late_s > 0 else None

    def stand_in(
        self,
        days: Days,
        promise: Promise,
        technician_id: str,
        shift_id: str,
        change: Relaxation | None = None,
    ) -> tuple[StandIn, Days] | Miss:
        """How a technician would keep a promise in a shift, and everybody's days then; or what
        comes closest to letting him. ``change`` is a change of the facts."""
        whole = change.apply(self._snapshot) if change else self._snapshot
        technician = whole.technician[technician_id]
        timed = next((r for r in days.timetable.routes if r.shift.id == shift_id), None)
        gaps: list[Gap] = []
        misses: list[Miss] = []
        for gap in self._gaps(whole, promise, technician, shift_id, timed):
            miss = self._missing(whole, promise, technician, shift_id, timed, gap)
            if miss is None:
                gaps.append(gap)
            else:
                misses.append(miss)
        if gaps:
            cut, excerpt = self._excerpt(days, promise, technician_id, change)
            trial = Trial(self._travel, self._latest, promise, excerpt, technician, shift_id)
            for gap in gaps:
                found = trial.at(gap, timed)
                if isinstance(found, Found):
                    return found.stand_in, _after(days, cut, found)
                misses.append(found)
        return max(misses, key=nearness, default=Miss(technician_id, shift_id, "shift", 1))

    def _gaps(
        self,
        facts: Snapshot,
        promise: Promise,
        technician: Technician,
        shift_id: str,
        timed: TimedRoute | None,
    ) -> Iterator[Gap]:
        """Where the technician may go to the visit from, in order of time."""
        told_at = promise.told_at
        present_at = shift_times(facts, technician, facts.shift[shift_id]).start_at
        if timed is None:
            yield Gap(0, technician.station_id, max(present_at, told_at))
            return
        if timed.depart_at >= told_at:
            yield Gap(0, timed.start_place_id, max(timed.earliest_at, told_at))
        last = max(i for i, s in enumerate(timed.stops) if not is_rest(s.stop))
        begun = timed.depart_at < told_at
        for i, stop in enumerate(timed.stops):
            if is_rest(stop.stop):
                continue
            begun |= stop.visit_id is not None
            if stop.leave_at >= told_at:
                # Before the first visit he could as well leave earlier.
                free_at = stop.leave_at if begun else max(timed.earliest_at, told_at)
                yield Gap(i + 1, stop.place_id, free_at)
            elif i == last and timed.route.ends_away:
                yield Gap(len(timed.stops), stop.place_id, told_at)
            elif i == last:
                home_at = max(timed.finish_at, told_at)
                yield Gap(len(timed.stops), technician.station_id, home_at, from_base=True)

    def _missing(
        self,
        facts: Snapshot,
        promise: Promise,
        technician: Technician,
        shift_id: str,
        timed: TimedRoute | None,
        gap: Gap,
    ) -> Miss | None:
        """What travel and work alone already forbid in a gap: rests, pickups and the other rules
        are left to the referee."""

        def miss(code: str, since: datetime, until: datetime, other: str | None = None) -> Miss:
            return Miss(technician.id, shift_id, code, seconds_between(since, until), other)

        visit = facts.visit[promise.visit_id]
        place = facts.site_of(visit).id
        start_at = gap.free_at + self._leg(gap.place_id, place)
        opening = (max(start_at, w.open_at) for w in visit.windows if start_at <= w.close_at)
        start_at = next(opening, start_at)
        if start_at > promise.latest_at:
            return miss(LATE, promise.latest_at, start_at)
        ready_at = start_at + timedelta(seconds=visit.duration_s)
        leave_at = ready_at + timedelta(seconds=visit.run_in_s)
        for stop in timed.stops[gap.position :] if timed else ():
            if is_rest(stop.stop):
                continue
            arrival_at = leave_at + self._leg(place, stop.place_id)
            if place == stop.place_id:
                arrival_at = ready_at
            if arrival_at <= stop.arrival_at:
                return None
            start_at = max(stop.start_at, arrival_at)
            latest_at = self._latest.get(stop.visit_id or "", start_at)
            if start_at > latest_at:
                return miss(DELAYS, latest_at, start_at, stop.visit_id)
            later = start_at - stop.start_at
            place, ready_at, leave_at = stop.place_id, stop.end_at + later, stop.leave_at + later
        ends_away = timed is not None and timed.route.ends_away
        home = timedelta() if ends_away else self._leg(place, technician.station_id)
        times = shift_times(facts, technician, facts.shift[shift_id])
        if leave_at + home > times.limit_at:
            code = "overtime" if times.shift.max_overtime_s else "shift"
            return miss(code, times.limit_at, leave_at + home)
        return None

    def _leg(self, from_id: str, to_id: str) -> timedelta:
        return timedelta(seconds=self._travel.leg(from_id, to_id)[0])

    def _excerpt(
        self, days: Days, promise: Promise, technician_id: str, change: Relaxation | None
    ) -> tuple[Plan, Excerpt]:
        """The plan without the one who failed, from this visit on, and the part of it that the
        stand-in can touch. What the other one has picked up stays with him."""
        known = self._cut
        if known is None or known[0] is not promise or known[1] is not days:
            plan = _without(self._snapshot, days.plan, promise)
            excerpts = Excerpts(self._snapshot, self._travel, plan, days.timetable)
            self._cut = known = promise, days, plan, excerpts
        _, _, plan, excerpts = known
        is_new = technician_id not in self._snapshot.technician
        excerpt = excerpts.of(promise.visit_id, () if is_new else (technician_id,))
        facts = excerpt.snapshot
        if change is not None and is_new:
            added = change.apply(self._snapshot).technician[technician_id]
            facts = replace(facts, technicians=(*facts.technicians, added))
        elif change is not None:
            facts = change.apply(facts)
        free = {promise.visit_id, *days.moved}
        facts = replace(
            facts,
            visits=tuple(days.moved.get(v.id, v) for v in facts.visits),
            pins=tuple(p for p in facts.pins if p.visit_id not in free),
        )
        return plan, replace(excerpt, snapshot=facts)


def _without(snapshot: Snapshot, plan: Plan, promise: Promise) -> Plan:
    """The plan without the technician who fails, from the promised visit on."""
    fails_at = snapshot.shift[promise.shift_id].start_at
    routes = []
    for route in plan.routes:
        if route.technician_id == promise.technician_id:
            if snapshot.shift[route.shift_id].start_at > fails_at:
                continue
            if route.shift_id == promise.shift_id:
                cut = _until(route.stops, promise.visit_id)
                if not has_visit(cut):
                    continue
                route = replace(route, stops=cut, ends_away=False)
        routes.append(route)
    return replace(plan, routes=tuple(routes))


def _until(stops: Sequence[Stop], visit_id: str) -> tuple[Stop, ...]:
    """The stops before a visit; all if it is not among them."""
    end = next((i for i, s in enumerate(stops) if s.visit_id == visit_id), len(stops))
    return tuple(stops[:end])


def _after(days: Days, cut: Plan, found: Found) -> Days:
    """Everybody's days once somebody stands in; ``cut`` is the plan without the one who failed."""
    own = found.timetable.routes
    changed = {r.shift.id for r in own}
    routes = (*(r for r in cut.routes if r.shift_id not in changed), *(r.route for r in own))
    ordered = tuple(sorted(routes, key=lambda r: (r.technician_id, r.shift_id)))
    others = tuple(r for r in days.timetable.routes if r.shift.id not in changed)
    promise = found.stand_in.promise
    return Days(
        replace(cut, routes=ordered),
        Timetable((*others, *own), days.timetable.circles | found.timetable.circles),
        {**days.moved, promise.visit_id: found.visit},
    )
