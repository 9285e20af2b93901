"""A plan in the middle of the day: what has happened by now, and what of it binds what is to come.

Of a plan in a file nobody has recorded anything: what it starts before now has begun as it says.
What a technician has picked up is in the van, and what a visit has used is gone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import Absence, Break, Shift, Technician
from dispatch.domain.places import Station, ToolStock
from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.route_times import TimedRoute, TimedStop, is_rest, seconds_between
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Commitment, Visit
from dispatch.freezing import freeze, pin_of
from dispatch.going_on import past_break
from dispatch.travel import Travel

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit as it was asked for, before it began, and what each technician used for it."""

    visit: Visit
    used: Mapping[str, tuple[PartQuantity, ...]]


@dataclass(frozen=True)
class Day:
    """A plan that is being carried out, at its snapshot's now.

    Visits that have ``begun`` are pinned as they are, and so are those that somebody is
    ``heading`` for. In shifts that are ``over`` nothing more is to come: the technician is home,
    or on the way there. ``asked`` has the visits that have begun. Of a ``recorded`` day what has
    begun is on record and can only be changed there.
    """

    snapshot: Snapshot
    plan: Plan
    travel: Travel
    begun: frozenset[str] = frozenset()
    heading: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()
    asked: Mapping[str, Asked] = field(default_factory=dict)
    recorded: bool = False
    later: datetime | None = None

    @property
    def moment(self) -> datetime:
        """When something happens to it."""
        return self.later or self.now

    @property
    def now(self) -> datetime:
        return self.snapshot.now_at

    @property
    def fixed(self) -> frozenset[str]:
        """What a plan does not move."""
        return self.begun | self.heading


def told(snapshot: Snapshot, plan: Plan, travel: Travel) -> Snapshot:
    """The snapshot in which people were told a plan."""
    times = derive(snapshot, plan, travel)
    said = (
        Commitment(visit_id, tuple(sorted(m.technician_id for m in crew)), times.start_of(visit_id))
        for visit_id, crew in times.visits.items()
    )
    return replace(snapshot, published=tuple(said))


def day_at(day: Day, now: datetime) -> Day:
    """The day later on, at ``now``, if all went as its plan says."""
    snapshot, plan = day.snapshot, day.plan
    times = derive(snapshot, plan, day.travel)
    begun = frozenset(v for v in times.visits if times.start_of(v) < now)
    heading = frozenset(_heading(times, begun, now))
    frozen = freeze(snapshot, plan, day.travel, now)
    pins = {**frozen.pin, **{v: pin_of(snapshot, v, times.visits[v]) for v in heading}}
    looked = [_Progress(timed, begun, heading, now) for timed in times.routes]
    stock = _Stock(snapshot, begun)
    for progress in looked:
        stock.move(progress)
    later = replace(
        frozen,
        now_at=now,
        pins=tuple(pins.values()),
        visits=tuple(_begun(v, times) if v.id in begun else v for v in frozen.visits),
        technicians=tuple(_gone_on(t, looked, now) for t in stock.technicians()),
        lots=tuple(stock.lots()),
        stations=stock.stations(plan, looked),
        published=tuple(c for c in snapshot.published if c.visit_id not in begun),
    )
    ahead = {progress.timed.route.shift_id: progress.route_ahead(begun) for progress in looked}
    routes = tuple(ahead.get(r.shift_id, r) for r in plan.routes)
    return Day(
        later,
        replace(plan, routes=routes),
        day.travel,
        begun,
        heading,
        over=frozenset(p.timed.shift.id for p in looked if p.is_over),
        asked={v: _asked(snapshot.visit[v], times) for v in begun},
    )


def _asked(visit: Visit, times: Timetable) -> Asked:
    return Asked(visit, {m.technician_id: m.stop.stop.parts for m in times.visits[visit.id]})


def _heading(times: Timetable, begun: AbstractSet[str], now: datetime) -> Iterator[str]:
    """Visits that somebody has left for, nobody is with yet, and all of the crew do next."""
    members: Counter[str] = Counter()
    left_for: set[str] = set()
    for timed in times.routes:
        following = next((s for s in timed.stops if s.visit_id not in {None, *begun}), None)
        if following is not None and following.visit_id is not None:
            members[following.visit_id] += 1
            if _has_left(timed, following, begun, now):
                left_for.add(following.visit_id)
    yield from sorted(v for v in left_for if members[v] == len(times.visits[v]))


def _has_left(
    timed: TimedRoute, following: TimedStop, begun: AbstractSet[str], now: datetime
) -> bool:
    """Whether a technician drives to the visit that follows, or picks up on the way to it."""
    before = timed.stops[: timed.stops.index(following)]
    free_at = max((s.leave_at for s in before if s.visit_id in begun), default=timed.earliest_at)
    drives = (d.start_at for d in timed.drives if free_at <= d.start_at < following.start_at)
    pickups = (
        s.start_at for s in before if s.stop.kind is StopKind.PICKUP and s.start_at >= free_at
    )
    return min((*drives, *pickups), default=now) < now


class _Progress:
    """How far a route is: the stops up to its last visit that has begun, or is headed for."""

    def __init__(
        self,
        timed: TimedRoute,
        begun: AbstractSet[str],
        heading: AbstractSet[str],
        now: datetime,
    ) -> None:
        self.timed = timed
        self._now = now
        done = [i for i, s in enumerate(timed.stops) if s.visit_id in begun | heading]
        self._next = done[-1] + 1 if done else 0
        visits_ahead = any(s.visit_id is not None for s in timed.stops[self._next :])
        left_at = timed.stops[self._next - 1].leave_at if done else now
        self.under_way = bool(done)
        self.is_over = bool(done) and not visits_ahead and left_at <= now

    @property
    def stops_past(self) -> Iterator[TimedStop]:
        """What has been picked up and done, what is headed for among it."""
        return (s for s in self.timed.stops[: self._next] if not is_rest(s.stop))

    def route_ahead(self, begun: AbstractSet[str]) -> Route:
        """The route without what is past but its visits, which bring nothing any more."""
        return replace(
            self.timed.route,
            stops=tuple(
                replace(s.stop, parts=()) if s.visit_id in begun else s.stop
                for i, s in enumerate(self.timed.stops)
                if not self._is_past(i, s)
            ),
        )

    def _is_past(self, i: int, stop: TimedStop) -> bool:
        """Whether a stop needs no mention any more. An absence that goes on does, unless the
        route has not begun: it then begins after it."""
        if stop.visit_id is not None:
            return False
        if not is_rest(stop.stop):
            return i < self._next
        is_absence = stop.stop.kind is StopKind.ABSENCE
        goes_on = stop.end_at > self._now and (self.under_way if is_absence else i >= self._next)
        return stop.start_at < self._now and not goes_on

    def shift(self) -> Shift:
        """The shift as it goes on: breaks that are over, or missed, are not owed any more, and one
        that goes on began when it did."""
        timed, shift = self.timed, self.timed.shift
        breaks = tuple(map(self._left_of, shift.breaks))
        for i, stop in enumerate(timed.stops):
            if stop.stop.kind is StopKind.BREAK and stop.start_at < self._now:
                number = stop.stop.index or 0
                rest = shift.breaks[number]
                left = (
                    past_break(rest, timed.earliest_at)
                    if self._is_past(i, stop)
                    else self._going_on(rest, stop)
                )
                breaks = (*breaks[:number], left, *breaks[number + 1 :])
        under_way_at = timed.earliest_at if self.under_way else None
        return replace(shift, under_way_at=under_way_at, breaks=breaks)

    def _left_of(self, rest: Break) -> Break:
        """What is owed of a break that is not on the route: whoever has not left yet rests."""
        begins_at = max(rest.earliest_at, self.timed.earliest_at)
        rested_s = seconds_between(begins_at, self._now)
        if rest.latest_at < self._now or (not self.under_way and rested_s >= rest.duration_s):
            return past_break(rest, self.timed.earliest_at)
        if self.under_way or rested_s <= 0:
            return rest
        return replace(rest, earliest_at=self._now, duration_s=rest.duration_s - rested_s)

    def _going_on(self, rest: Break, stop: TimedStop) -> Break:
        """A break that has begun; before a route begins only what is left of it counts."""
        begins_at = stop.start_at if self.under_way else self._now
        left_s = seconds_between(begins_at, stop.end_at)
        return replace(rest, earliest_at=begins_at, latest_at=begins_at, duration_s=left_s)


class _Stock:
    """Vans and depots after what has been picked up and used."""

    def __init__(self, snapshot: Snapshot, begun: AbstractSet[str]) -> None:
        self._snapshot = snapshot
        self._begun = begun
        self._vans = {t.id: units_of(t.van_stock) for t in snapshot.technicians}
        self._taken: list[tuple[datetime, str, str, int]] = []
        self._lent: Counter[tuple[str, str]] = Counter()
        self._tools: dict[str, Counter[str]] = {}

    def move(self, progress: _Progress) -> None:
        technician_id = progress.timed.route.technician_id
        van = self._vans[technician_id]
        for stop in progress.stops_past:
            units = units_of(stop.stop.parts)
            if stop.stop.kind is StopKind.PICKUP:
                van.update(units)
                self._taken += ((stop.start_at, stop.place_id, p, n) for p, n in units.items())
                if not progress.is_over:
                    self._tools.setdefault(technician_id, Counter()).update(stop.stop.tools)
                    self._lent.update((stop.place_id, tool) for tool in stop.stop.tools)
            elif stop.visit_id in self._begun:
                van.subtract(units)

    def technicians(self) -> Iterator[Technician]:
        for technician in self._snapshot.technicians:
            tools = self._tools.get(technician.id, Counter()).elements()
            van = quantities_of(self._vans[technician.id])
            yield replace(technician, van_stock=van, tools=(*technician.tools, *tools))

    def lots(self) -> Iterator[Lot]:
        """What is left. A pick-up to come, of somebody on the way to it, takes what is delivered
        until then before what is there, which stays for whoever comes sooner."""
        left = {lot.id: lot.quantity for lot in self._snapshot.lots}
        for at, station_id, part_id, quantity in sorted(self._taken):
            there = (
                lot
                for lot in self._snapshot.lots
                if (lot.station_id, lot.part_id) == (station_id, part_id) and lot.available_at <= at
            )
            for lot in sorted(there, key=lambda lot: lot.available_at, reverse=True):
                used = min(left[lot.id], quantity)
                left[lot.id] -= used
                quantity -= used
        for lot in sorted(self._snapshot.lots, key=lambda lot: lot.available_at):
            if left[lot.id]:
                yield replace(lot, quantity=left[lot.id])

    def stations(self, plan: Plan, looked: Iterable[_Progress]) -> tuple[Station, ...]:
        """The stations without the tools that are out, but for those that the plan borrows later:
        they are back by then."""
        past = {(p.timed.shift.id, s.stop) for p in looked for s in p.stops_past}
        later = Counter(
            (s.station_id or "", tool)
            for r in plan.routes
            for s in r.stops
            if (r.shift_id, s) not in past
            for tool in s.tools
        )
        return tuple(
            replace(s, tools=tuple(self._left(s, stock, later) for stock in s.tools))
            for s in self._snapshot.stations
        )

    def _left(
        self, station: Station, stock: ToolStock, later: Counter[tuple[str, str]]
    ) -> ToolStock:
        key = station.id, stock.tool
        left = max(stock.quantity - self._lent[key], min(stock.quantity, later[key]))
        return replace(stock, quantity=left)


def units_of(parts: Iterable[PartQuantity]) -> Counter[str]:
    units: Counter[str] = Counter()
    for part in parts:
        units[part.part_id] += part.quantity
    return units


def quantities_of(units: Mapping[str, int]) -> tuple[PartQuantity, ...]:
    return tuple(PartQuantity(part, n) for part, n in sorted(units.items()) if n > 0)


def _begun(visit: Visit, times: Timetable) -> Visit:
    """A visit that was begun as it was planned: whatever it took was there."""
    return replace(
        visit,
        skills=(),
        parts=(),
        tools=(),
        windows=(),
        release_at=times.start_of(visit.id),
        crew_size=len(times.visits[visit.id]),
    )


def _gone_on(technician: Technician, looked: Iterable[_Progress], now: datetime) -> Technician:
    """The technician in whose shifts that have begun nobody owes what is past."""
    for progress in looked:
        timed = progress.timed
        if timed.route.technician_id == technician.id and timed.shift.start_at < now:
            shifts = tuple(
                progress.shift() if s.id == timed.shift.id else s for s in technician.shifts
            )
            technician = replace(technician, shifts=shifts)
            if progress.under_way:
                past = past_absences(technician.absences, timed.earliest_at, now)
                technician = replace(technician, absences=past)
    return technician


def past_absences(
    absences: tuple[Absence, ...], began_at: datetime, now: datetime
) -> tuple[Absence, ...]:
    """Absences that were over before now, and after the shift began, keep their numbers only."""
    past = [a for a in absences if began_at < a.end_at <= now]
    moved = {
        a: replace(
            a,
            start_at=began_at - (len(past) - i + 1) * _SECOND,
            end_at=began_at - (len(past) - i) * _SECOND,
        )
        for i, a in enumerate(past)
    }
    return tuple(moved.get(a, a) for a in absences)
