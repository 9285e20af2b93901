"""Rules about a technician's routes: working time, rest, absences, travel, nights."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from dispatch.domain.people import Absence, Break
from dispatch.domain.plan import StopKind
from dispatch.domain.route_times import Span, TimedRoute, seconds_between
from dispatch.domain.rules.violation import Violation, by_member, by_route, by_technician, members
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable


def shift(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """A shift that allows no overtime is broken here, one that allows some in ``overtime``."""
    used: set[str] = set()
    for timed in timetable.routes:
        own = snapshot.technician[timed.route.technician_id].shifts
        if timed.shift not in own or timed.shift.id in used:
            yield by_route("shift", timed, 1)
        used.add(timed.shift.id)
        if timed.overtime_s and not timed.shift.max_overtime_s:
            yield by_route("shift", timed, timed.overtime_s)


def overtime(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for timed in timetable.routes:
        allowed_s = timed.shift.max_overtime_s
        if allowed_s and timed.overtime_s > allowed_s:
            yield by_route("overtime", timed, timed.overtime_s - allowed_s)
    for technician_id, routes in timetable.routes_of.items():
        limit_s = snapshot.technician[technician_id].max_total_overtime_s
        total_s = sum(r.overtime_s for r in routes)
        if limit_s is not None and total_s > limit_s:
            yield by_technician("overtime", technician_id, total_s - limit_s)


def absence(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """One violation for each absence: by the overlap or the lateness, whichever is more."""
    for timed in timetable.routes:
        absences = snapshot.technician[timed.route.technician_id].absences
        busy = sorted(_busy(snapshot, timed), key=lambda span: span.start_at) if absences else []
        for index, out in enumerate(absences):
            amount = max(_overlap_s(busy, out), _late_s(timed, index, out))
            if amount:
                yield by_route("absence", timed, amount)


def _busy(snapshot: Snapshot, timed: TimedRoute) -> Iterator[Span]:
    """Travel, pickups, work with its run-in, and breaks on the way."""
    yield from timed.drives
    for stop in timed.stops:
        if stop.visit_id is not None:
            run_in = timedelta(seconds=snapshot.visit[stop.visit_id].run_in_s)
            yield Span(stop.start_at, stop.end_at + run_in)
        elif stop.stop.kind is not StopKind.ABSENCE and stop.start_at < timed.finish_at:
            yield Span(stop.start_at, stop.end_at)


def _overlap_s(busy: Sequence[Span], out: Absence) -> int:
    """Seconds of the absence that are covered by spans sorted by start."""
    covered_s, free_from = 0, out.start_at
    for span in busy:
        start, end = max(span.start_at, free_from), min(span.end_at, out.end_at)
        if start < end:
            covered_s += seconds_between(start, end)
            free_from = end
    return covered_s


def _late_s(timed: TimedRoute, index: int, out: Absence) -> int:
    starts = [
        s.start_at for s in timed.stops if s.stop.kind is StopKind.ABSENCE and s.stop.index == index
    ]
    return max((seconds_between(out.start_at, start) for start in starts), default=0)


def break_(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for timed in timetable.routes:
        absences = snapshot.technician[timed.route.technician_id].absences
        for index, rest in enumerate(timed.shift.breaks):
            starts = [
                s.start_at
                for s in timed.stops
                if s.stop.kind is StopKind.BREAK and s.stop.index == index
            ]
            if starts:
                late_s = seconds_between(rest.latest_at, min(starts))
                if late_s > 0:
                    yield by_route("break", timed, late_s)
            elif _is_owed(rest, timed) and not any(_covers(out, rest) for out in absences):
                yield by_route("break", timed, rest.duration_s)


def _is_owed(rest: Break, timed: TimedRoute) -> bool:
    if timed.earliest_at > rest.latest_at:
        return False
    rested_at = max(timed.earliest_at, rest.earliest_at) + timedelta(seconds=rest.duration_s)
    return timed.depart_at < rested_at and timed.finish_at > rest.latest_at


def _covers(out: Absence, rest: Break) -> bool:
    """Whether an absence leaves no time for a break, neither before nor after it."""
    over_at = rest.earliest_at + timedelta(seconds=rest.duration_s)
    return out.start_at < over_at and rest.latest_at < out.end_at


def run_in(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for member, visit, _ in members(snapshot, timetable):
        until = member.stop.end_at + timedelta(seconds=visit.run_in_s)
        left_early_s = seconds_between(_left_site_at(member), until)
        if visit.run_in_s and left_early_s > 0:
            yield by_member("run_in", member, left_early_s)


def _left_site_at(member: TimedVisit) -> datetime:
    """When, after the repair, the technician first travels, is elsewhere or ends the route."""
    timed, here = member.route, member.stop
    elsewhere = [s.arrival_at for s in timed.stops if s.place_id != here.place_id]
    leaves = [*elsewhere, *(d.start_at for d in timed.drives), timed.finish_at]
    return min((at for at in leaves if at >= here.end_at), default=timed.finish_at)


def travel_limit(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for timed in timetable.routes:
        limit_s = snapshot.technician[timed.route.technician_id].max_travel_s
        if limit_s is not None and timed.travel_s > limit_s:
            yield by_route("travel_limit", timed, timed.travel_s - limit_s)


def max_visits(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for timed in timetable.routes:
        limit = snapshot.technician[timed.route.technician_id].max_visits
        visits = sum(s.visit_id is not None for s in timed.stops)
        if limit is not None and visits > limit:
            yield by_route("max_visits", timed, visits - limit)


def rest(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for technician_id, routes in timetable.routes_of.items():
        min_rest_s = snapshot.technician[technician_id].min_rest_s
        for before, timed in pairwise(routes):
            missing_s = min_rest_s - seconds_between(before.finish_at, timed.depart_at)
            if missing_s > 0:
                yield by_route("rest", timed, missing_s)


def away(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """A route that ends away is one night. The right comes first: without it nights count not."""
    for technician_id, routes in timetable.routes_of.items():
        technician = snapshot.technician[technician_id]
        working = {r.shift.id for r in routes}
        nights = 0
        for timed in routes:
            nights = nights + 1 if timed.route.ends_away else 0
            if not nights:
                continue
            if not technician.may_stay_overnight:
                yield by_route("away", timed, 1)
            elif nights > technician.max_nights:
                yield by_route("away", timed, nights - technician.max_nights)
            later = [s for s in technician.shifts if s.start_at > timed.shift.start_at]
            if not later or later[0].id not in working:
                yield by_route("away", timed, 1)
