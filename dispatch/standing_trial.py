"""One attempt to let a technician stand in: the visit is put into a gap of his route, and the
referee looks at all that this can touch."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations_with_replacement, pairwise

from dispatch.domain.people import Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.route_times import TimedRoute, is_rest, seconds_between
from dispatch.domain.rules import Violation, violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Visit
from dispatch.excerpts import Excerpt
from dispatch.placing import rests_of
from dispatch.promises import Promise
from dispatch.qualification import closeness
from dispatch.supplying import fetched
from dispatch.travel import Travel

LATE, DELAYS = "late", "delays"
"""Why somebody cannot stand in, beside the rules: he would come too late; he would make another
visit late."""

_RESTS = frozenset({"break", "absence"})
_LIKE = {LATE: "shift", DELAYS: "shift", "run_in": "shift", "part_pickup": "parts"}
"""Codes that are as close as others, of which the order is known."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """How a technician would keep a promise: on which route, from when on, and with how much time
    left on its clocks. ``uses`` are the units that he would fetch, by (station, part or tool)."""

    promise: Promise
    technician_id: str
    shift_id: str
    start_at: datetime
    finish_at: datetime
    route: Route
    uses: Mapping[tuple[str, str], int]

    @property
    def margin_s(self) -> int:
        return seconds_between(self.start_at, self.promise.latest_at)


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a technician cannot stand in: a code, by how much, and which other visit is concerned.

    Codes are those of rules, ``late`` and ``delays`` (seconds), and ``named`` (see
    ``dispatch.cover``)."""

    technician_id: str
    shift_id: str | None
    code: str
    amount: int
    visit_id: str | None = None


def nearness(miss: Miss) -> tuple[int, int]:
    """Sort key: greater is nearer to standing in."""
    return closeness(_LIKE.get(miss.code, miss.code), miss.amount)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where on a route the visit may go: before the stop at ``position``, from a place that the
    technician can leave at ``free_at``; ``from_base`` if he is at his station by then."""

    position: int
    place_id: str
    free_at: datetime
    from_base: bool = False


@dataclass(frozen=True)
class Found:
    """Somebody who stands in, the times of the excerpt then, and the visit as released then."""

    stand_in: StandIn
    timetable: Timetable
    visit: Visit


class Trial:
    """Puts a visit into the gaps of one route of an excerpt, and asks the referee."""

    def __init__(
        self,
        travel: Travel,
        latest: Mapping[str, datetime],
        promise: Promise,
        excerpt: Excerpt,
        technician: Technician,
        shift_id: str,
    ) -> None:
        self._travel = travel
        self._latest = latest
        self._promise = promise
        self._excerpt = excerpt
        self._facts = excerpt.snapshot
        self._technician = technician
        known = (r for r in excerpt.plan.routes if r.shift_id == shift_id)
        self._route = next(known, Route(technician.id, shift_id, ()))
        self._known: frozenset[Violation] | None = None

    def at(self, gap: Gap, timed: TimedRoute | None) -> Found | Miss:
        """The visit in a gap, with the rests behind it put anew if they do not fit as they are."""
        before = self._route.stops[: gap.position]
        block = self._block(gap)
        facts = self._told(gap, before, block)
        rest_of_day = self._route.stops[gap.position :]
        found = self._judged(facts, (*before, *block, *rest_of_day), gap, timed)
        if not (isinstance(found, Miss) and found.code in _RESTS):
            return found
        for stops in self._rested(before, block, rest_of_day):
            other = self._judged(facts, (*before, *stops), gap, timed)
            if not isinstance(other, Miss):
                return other
        return found

    def _block(self, gap: Gap) -> tuple[Stop, ...]:
        """The pickups for the visit, and the visit itself. Who is back at his station, or on the
        way there, leaves from there again."""
        facts, visit = self._facts, self._facts.visit[self._promise.visit_id]
        stop = Stop(StopKind.VISIT, visit_id=visit.id)
        pickups: tuple[Stop, ...] = ()
        if (visit.parts or visit.tools) and self._brings(visit):
            site_id = facts.site_of(visit).id
            near = sorted(
                (s.id for s in facts.stations),
                key=lambda s: self._seconds(gap.place_id, s) + self._seconds(s, site_id),
            )
            plan = self._excerpt.plan
            pickups, stop = fetched(facts, plan, self._route, visit.id, near)
        if gap.from_base:
            there = [p for p in pickups if p.station_id == gap.place_id]
            start = there[0] if there else Stop(StopKind.PICKUP, station_id=gap.place_id)
            others = (p for p in pickups if p.station_id != gap.place_id)
            pickups = (replace(start, not_before_at=self._promise.told_at), *others)
        return (*pickups, stop)

    def _brings(self, visit: Visit) -> bool:
        """Whether nobody else of the crew brings parts."""
        stops = (s for r in self._excerpt.plan.routes for s in r.stops if s.visit_id == visit.id)
        return not any(s.parts for s in stops)

    def _told(self, gap: Gap, before: Sequence[Stop], block: Sequence[Stop]) -> Snapshot:
        """The facts with the visit released when somebody can be there who leaves on being told;
        so that he does not leave any earlier."""
        facts, promise = self._facts, self._promise
        visit = facts.visit[promise.visit_id]
        on_way = [*(() if has_visit(before) else before), *block[:-1]]
        stations = [s.station_id for s in on_way if s.station_id is not None]
        begin = gap.place_id if has_visit(before) or not stations else self._technician.station_id
        path = [begin, *stations, facts.site_of(visit).id]
        seconds = sum(self._seconds(a, b) for a, b in pairwise(path))
        seconds += sum(facts.station[s].pickup_s for s in stations)
        at = promise.told_at + timedelta(seconds=seconds)
        released = replace(visit, release_at=max(at, visit.release_at or at))
        visits = tuple(released if v.id == visit.id else v for v in facts.visits)
        return replace(facts, visits=visits)

    def _rested(
        self, before: Sequence[Stop], block: Sequence[Stop], rest_of_day: Sequence[Stop]
    ) -> Iterator[tuple[Stop, ...]]:
        """What comes from the gap on, with the rests that are not taken before in every order."""
        taken = {(s.kind, s.index) for s in before if is_rest(s)}
        kinds = (StopKind.BREAK, StopKind.ABSENCE)
        found = (s for kind in kinds for s in rests_of(self._facts, self._route, kind))
        rests = sorted((s for s in found if (s.kind, s.index) not in taken), key=self._earliest)
        work = [*block, *(s for s in rest_of_day if not is_rest(s))]
        for places in combinations_with_replacement(range(len(work) + 1), len(rests)):
            stops = list(work)
            for rest, place in reversed(list(zip(rests, places, strict=True))):
                stops.insert(place, rest)
            yield tuple(stops)

    def _earliest(self, rest: Stop) -> datetime:
        if rest.kind is StopKind.BREAK:
            return self._facts.shift[self._route.shift_id].breaks[rest.index or 0].earliest_at
        return self._technician.absences[rest.index or 0].start_at

    def _judged(
        self, facts: Snapshot, stops: Sequence[Stop], gap: Gap, timed: TimedRoute | None
    ) -> Found | Miss:
        promise, route = self._promise, replace(self._route, stops=tuple(stops))
        others = (r for r in self._excerpt.plan.routes if r.shift_id != route.shift_id)
        plan = Plan(tuple(sorted((*others, route), key=lambda r: (r.technician_id, r.shift_id))))
        timetable = derive(facts, plan, self._travel)
        own = next(r for r in timetable.routes if r.shift.id == route.shift_id)
        miss = self._broken(facts, timetable) or self._late(timetable)
        if miss is not None:
            return miss
        if not _is_in_time(promise, own, gap, timed):
            return Miss(route.technician_id, route.shift_id, LATE, 0)
        start_at = timetable.start_of(promise.visit_id)
        uses = _uses(stops[gap.position :], self._route.stops[gap.position :])
        found = StandIn(
            promise, route.technician_id, route.shift_id, start_at, own.finish_at, route, uses
        )
        return Found(found, timetable, facts.visit[promise.visit_id])

    def _broken(self, facts: Snapshot, timetable: Timetable) -> Miss | None:
        """The first rule that is broken and was not before."""
        broken = violations(facts, timetable)
        if not broken:
            return None
        if self._known is None:
            standing = derive(self._facts, self._excerpt.plan, self._travel)
            self._known = frozenset(violations(self._facts, standing))
        new = next((v for v in broken if v not in self._known), None)
        if new is None:
            return None
        other = new.visit_id if new.visit_id != self._promise.visit_id else None
        return Miss(self._route.technician_id, self._route.shift_id, new.code, new.amount, other)

    def _late(self, timetable: Timetable) -> Miss | None:
        """The first visit that starts too late for its clocks."""
        for visit_id in timetable.visits:
            latest_at = self._latest.get(visit_id)
            start_at = timetable.start_of(visit_id)
            if latest_at is not None and start_at > latest_at:
                own = visit_id == self._promise.visit_id
                return Miss(
                    self._route.technician_id,
                    self._route.shift_id,
                    LATE if own else DELAYS,
                    seconds_between(latest_at, start_at),
                    None if own else visit_id,
                )
        return None

    def _seconds(self, from_id: str, to_id: str) -> int:
        return self._travel.leg(from_id, to_id)[0]


def has_visit(stops: Sequence[Stop]) -> bool:
    return any(s.kind is StopKind.VISIT for s in stops)


def _is_in_time(promise: Promise, own: TimedRoute, gap: Gap, timed: TimedRoute | None) -> bool:
    """Whether nobody knew too early: all that comes before the gap is as it was, and the technician
    goes to the visit after being told."""
    before = own.stops[: gap.position]
    if not has_visit([s.stop for s in before]):
        return own.depart_at >= promise.told_at
    if timed is None or before != timed.stops[: gap.position]:
        return False
    return gap.free_at >= promise.told_at


def _uses(stops: Sequence[Stop], before: Sequence[Stop]) -> Mapping[tuple[str, str], int]:
    """What is fetched on a stretch of a route beyond what was fetched there before."""
    return dict(fetched_units(stops) - fetched_units(before))


def fetched_units(stops: Iterable[Stop]) -> Counter[tuple[str, str]]:
    """How many units are fetched at stops, by station and part or tool."""
    units: Counter[tuple[str, str]] = Counter()
    for stop in stops:
        if stop.station_id is not None:
            for part in stop.parts:
                units[stop.station_id, part.part_id] += part.quantity
            units.update((stop.station_id, tool) for tool in stop.tools)
    return units
