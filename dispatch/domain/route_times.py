"""The times of one route, derived from its decisions ("How times are derived" in docs/rules.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from dispatch.domain.people import Break, Shift, Technician
from dispatch.domain.plan import Route, Stop, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit, Window

_NOTHING: Mapping[str, datetime] = MappingProxyType({})


class Legs(Protocol):
    """Travel between stations and sites."""

    def leg(self, from_id: str, to_id: str) -> tuple[int, int]:
        """Seconds and metres from one place to another."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class TimedStop:
    """A stop with its times.

    ``travel_s`` and ``travel_m`` are the whole leg into a visit or pickup (0 for breaks and
    absences, which stand before the visit of the leg in which they are taken). A break on the road
    has the place that the technician is on the way to. ``end_at`` is the end of the repair, pickup
    or rest; ``leave_at`` is when the technician is free to leave the place (after a run-in).
    """

    stop: Stop
    place_id: str
    travel_s: int
    travel_m: int
    arrival_at: datetime
    start_at: datetime
    end_at: datetime
    leave_at: datetime

    @property
    def visit_id(self) -> str | None:
        """The visit that is done here; None for other stops."""
        return self.stop.visit_id if self.stop.kind is StopKind.VISIT else None


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """A route with its times.

    ``earliest_at`` is S0 of docs/rules.md, ``drives`` are the spans on the road. ``end_place_id``
    is the station, or the place of the last visit or pickup if the route ends away;
    ``home_travel_*`` are 0 then.
    """

    route: Route
    shift: Shift
    start_place_id: str
    end_place_id: str
    earliest_at: datetime
    depart_at: datetime
    stops: tuple[TimedStop, ...]
    home_travel_s: int
    home_travel_m: int
    finish_at: datetime
    drives: tuple[Span, ...]

    @property
    def travel_s(self) -> int:
        return self.home_travel_s + sum(s.travel_s for s in self.stops)

    @property
    def travel_m(self) -> int:
        return self.home_travel_m + sum(s.travel_m for s in self.stops)

    @property
    def paid_s(self) -> int:
        """From departure to finish, less breaks and absences (those at home come after it)."""
        rest_s = sum(
            seconds_between(s.start_at, s.end_at)
            for s in self.stops
            if is_rest(s.stop) and s.start_at < self.finish_at
        )
        return seconds_between(self.depart_at, self.finish_at) - rest_s

    @property
    def overtime_s(self) -> int:
        return max(0, seconds_between(self.shift.end_at, self.finish_at))


def seconds_between(start_at: datetime, end_at: datetime) -> int:
    """Whole seconds from start to end, negative if the end is before the start."""
    return (end_at - start_at) // timedelta(seconds=1)


def is_rest(stop: Stop) -> bool:
    return stop.kind in (StopKind.BREAK, StopKind.ABSENCE)


def release_of(snapshot: Snapshot, visit: Visit) -> datetime | None:
    """Before when the visit may not start: its own release and its work order's gates."""
    gates = snapshot.order_of(visit).gates
    releases = [visit.release_at, *(g.passed_at or g.expected_at for g in gates)]
    return max((r for r in releases if r is not None), default=None)


def time_route(
    snapshot: Snapshot,
    route: Route,
    legs: Legs,
    start_place_id: str | None = None,
    not_before: Mapping[str, datetime] = _NOTHING,
) -> TimedRoute:
    """Times of a route that has a visit, and whose ids are all known.

    ``start_place_id`` is where it begins (None: at the technician's station). ``not_before`` says
    which visits wait for something that happens on other routes, and until when.
    """
    technician = snapshot.technician[route.technician_id]
    shift = snapshot.shift[route.shift_id]
    start_id = start_place_id or technician.station_id
    earliest = _earliest_departure(snapshot, technician, shift)
    walk = _Walk(snapshot, route, legs, not_before, start_id, earliest)
    depart = _departure(walk.stops, earliest)
    if depart > earliest:
        walk = _Walk(snapshot, route, legs, not_before, start_id, depart)
    return TimedRoute(
        route=route,
        shift=shift,
        start_place_id=start_id,
        end_place_id=walk.place_id,
        earliest_at=earliest,
        depart_at=depart,
        stops=tuple(walk.stops),
        home_travel_s=walk.home_travel_s,
        home_travel_m=walk.home_travel_m,
        finish_at=walk.finish_at,
        drives=tuple(walk.drives),
    )


def _earliest_departure(snapshot: Snapshot, technician: Technician, shift: Shift) -> datetime:
    at = shift.under_way_at or max(shift.start_at, snapshot.now_at)
    for absence in technician.absences:
        if absence.start_at <= at < absence.end_at:
            at = absence.end_at
    return at


def _departure(stops: Sequence[TimedStop], earliest: datetime) -> datetime:
    """As late as the first visit allows; as early as possible with an absence before it."""
    needed = timedelta()
    for timed in stops:
        needed += timedelta(seconds=timed.travel_s)
        if timed.visit_id is not None:
            return timed.start_at - needed
        if timed.stop.kind is StopKind.ABSENCE:
            return earliest
        needed += timed.end_at - timed.start_at
    return earliest


@dataclass(slots=True)
class _Leg:
    """A leg while it is travelled: ``at`` is its `from`, ``left`` the rest of its travel time."""

    here: str
    there: str
    at: datetime
    left: timedelta
    arrived_at: datetime | None = None
    drives: list[Span] = field(default_factory=list)

    @property
    def place_id(self) -> str:
        return self.there if self.drives or self.arrived_at else self.here

    def drive(self, duration: timedelta) -> None:
        if duration:
            self.drives.append(Span(self.at, self.at + duration))
        self.at += duration
        self.left -= duration

    def arrive(self) -> datetime:
        if self.arrived_at is None:
            self.drive(self.left)
            self.arrived_at = self.at
        return self.arrived_at


class _Walk:
    """Walks along a route and keeps the place, ``ready`` (free to rest, or to work at this place)
    and ``leave`` (free to leave it)."""

    def __init__(
        self,
        snapshot: Snapshot,
        route: Route,
        legs: Legs,
        not_before: Mapping[str, datetime],
        start_place_id: str,
        begin_at: datetime,
    ) -> None:
        self._snapshot = snapshot
        self._technician = snapshot.technician[route.technician_id]
        self._shift = snapshot.shift[route.shift_id]
        self._legs = legs
        self._not_before = not_before
        self.place_id = start_place_id
        self.ready = self.leave = begin_at
        self.stops: list[TimedStop] = []
        self.drives: list[Span] = []

        rests: list[Stop] = []
        for stop in route.stops:
            if is_rest(stop):
                rests.append(stop)
                continue
            if stop.kind is StopKind.VISIT:
                self._visit(stop, rests)
            else:
                self._pick_up(stop, rests)
            rests = []
        self.home_travel_s = self.home_travel_m = 0
        if route.ends_away:
            self._travel(self.place_id, rests)
            self.finish_at = max(self.ready, self.leave)
        else:
            home, travel = self._travel(self._technician.station_id, rests)
            self.home_travel_s, self.home_travel_m = travel
            self.finish_at = home.arrive()
            self.place_id = home.there

    def _visit(self, stop: Stop, rests: Sequence[Stop]) -> None:
        visit = self._snapshot.visit[stop.visit_id or ""]
        leg, travel = self._travel(self._snapshot.site_of(visit).id, rests)
        start = self._start_of(visit, stop)
        end = start + timedelta(seconds=visit.duration_s)
        leave = end + timedelta(seconds=visit.run_in_s)
        self.leave = max(leave, self.leave) if leg.here == leg.there else leave
        self._note(stop, leg, travel, start, end)

    def _start_of(self, visit: Visit, stop: Stop) -> datetime:
        known = self._not_before.get(visit.id)
        waits = (release_of(self._snapshot, visit), known, stop.not_before_at)
        start = max([self.ready, *(w for w in waits if w is not None)])
        pin = self._snapshot.pin.get(visit.id)
        windows = visit.windows
        if pin is not None and pin.start_at is not None:
            windows = (Window(pin.start_at, pin.start_at),)
        return next((max(start, w.open_at) for w in windows if start <= w.close_at), start)

    def _pick_up(self, stop: Stop, rests: Sequence[Stop]) -> None:
        station = self._snapshot.station[stop.station_id or ""]
        leg, travel = self._travel(station.id, rests)
        start = self.ready if stop.not_before_at is None else max(self.ready, stop.not_before_at)
        end = self.leave = start + timedelta(seconds=station.pickup_s)
        self._note(stop, leg, travel, start, end)

    def _note(
        self, stop: Stop, leg: _Leg, travel: tuple[int, int], start: datetime, end: datetime
    ) -> None:
        """Note a visit or pickup; ``leave`` is already right."""
        self.place_id = leg.there
        self.ready = end
        self.stops.append(TimedStop(stop, leg.there, *travel, leg.arrive(), start, end, self.leave))

    def _travel(self, there: str, rests: Sequence[Stop]) -> tuple[_Leg, tuple[int, int]]:
        """Travel to a place with the rests on the way; ``ready`` is then `ready on arrival`.

        Gives the leg and its seconds and metres.
        """
        here = self.place_id
        travel = (0, 0) if here == there else self._legs.leg(here, there)
        leg = _Leg(
            here, there, self.ready if here == there else self.leave, timedelta(seconds=travel[0])
        )
        for stop in rests:
            if stop.kind is StopKind.BREAK:
                self._rest(stop, leg, self._shift.breaks[stop.index or 0])
            else:
                self._stay_out(stop, leg)
        leg.arrive()
        self.drives += leg.drives
        self.ready = leg.at
        return leg, travel

    def _rest(self, stop: Stop, leg: _Leg, rest: Break) -> None:
        """A break: the first of the four cases that fits."""
        duration = timedelta(seconds=rest.duration_s)
        start = max(self.ready, rest.earliest_at)
        if start <= rest.latest_at and start + duration <= self.leave:  # 1: during the run-in
            self._note_rest(stop, leg, start, start, start + duration)
            self.ready = start + duration
            if leg.here == leg.there:
                leg.at = self.ready
            return
        if leg.at + leg.left <= rest.latest_at:  # 2: on arrival
            arrival = leg.arrive()
            start = max(leg.at, rest.earliest_at)
        elif leg.at <= rest.latest_at:  # 3: on the road
            leg.drive(rest.latest_at - leg.at)
            arrival = start = rest.latest_at
        else:  # 4: before leaving
            arrival = start
        self._note_rest(stop, leg, arrival, start, start + duration)
        leg.at = self.ready = max(leg.at, start + duration)

    def _stay_out(self, stop: Stop, leg: _Leg) -> None:
        absence = self._technician.absences[stop.index or 0]
        arrival = leg.arrive() if leg.at + leg.left <= absence.start_at else leg.at
        start = max(leg.at, absence.start_at)
        end = start + (absence.end_at - absence.start_at)
        self._note_rest(stop, leg, arrival, start, end)
        leg.at = self.ready = end

    def _note_rest(
        self, stop: Stop, leg: _Leg, arrival: datetime, start: datetime, end: datetime
    ) -> None:
        self.stops.append(TimedStop(stop, leg.place_id, 0, 0, arrival, start, end, end))
