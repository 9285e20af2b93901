"""All times of a plan, derived from its decisions (docs/rules.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.plan_check import PlanError, check_plan
from dispatch.domain.route_times import Legs, Span, TimedRoute, TimedStop, is_rest, time_route
from dispatch.domain.snapshot import Snapshot

__all__ = [
    "Legs",
    "PlanError",
    "Span",
    "TimedRoute",
    "TimedStop",
    "TimedVisit",
    "Timetable",
    "derive",
    "time_route",
]


@dataclass(frozen=True, slots=True)
class TimedVisit:
    """A visit as one technician does it: a crew has several of them."""

    visit_id: str
    route: TimedRoute
    stop: TimedStop

    @property
    def technician_id(self) -> str:
        return self.route.route.technician_id


@dataclass(frozen=True)
class Timetable:
    """``routes`` are the plan's routes that have a visit, in the plan's order. ``circles`` are
    visits that wait for each other without end; each is timed as if it did not wait."""

    routes: tuple[TimedRoute, ...]
    circles: frozenset[str] = frozenset()

    @cached_property
    def visits(self) -> Mapping[str, tuple[TimedVisit, ...]]:
        """The planned visits by id, each with its stops (several for a crew)."""
        found: dict[str, tuple[TimedVisit, ...]] = {}
        for route in self.routes:
            for stop in route.stops:
                visit_id = stop.visit_id
                if visit_id is not None:
                    timed = TimedVisit(visit_id, route, stop)
                    found[visit_id] = (*found.get(visit_id, ()), timed)
        return found

    @cached_property
    def routes_of(self) -> Mapping[str, tuple[TimedRoute, ...]]:
        """The routes of each technician who has some, in the order of their shifts."""
        found: dict[str, list[TimedRoute]] = {}
        for route in sorted(self.routes, key=lambda r: r.shift.start_at):
            found.setdefault(route.route.technician_id, []).append(route)
        return {technician_id: tuple(routes) for technician_id, routes in found.items()}

    def start_of(self, visit_id: str) -> datetime:
        """When a planned visit starts (a crew in a circle: its last member)."""
        return max(v.stop.start_at for v in self.visits[visit_id])

    def end_of(self, visit_id: str) -> datetime:
        """When the repair of a planned visit ends."""
        return max(v.stop.end_at for v in self.visits[visit_id])


def derive(snapshot: Snapshot, plan: Plan, legs: Legs) -> Timetable:
    """
    Raises:
        PlanError: the plan names something that the snapshot does not have.
    """
    check_plan(snapshot, plan)
    routes = [r for r in plan.routes if any(s.kind is StopKind.VISIT for s in r.stops)]
    starts = _start_places(snapshot, routes)

    def timed(i: int, not_before: Mapping[str, datetime]) -> TimedRoute:
        return time_route(snapshot, routes[i], legs, starts[i], not_before)

    waits = _Waits(snapshot, routes)
    circles: set[str] = set()
    while True:
        result = [timed(i, {}) for i in range(len(routes))]
        endless = waits.settle(result, timed, circles)
        if not endless:
            return Timetable(tuple(result), frozenset(circles))
        circles |= endless


def _start_places(snapshot: Snapshot, routes: Sequence[Route]) -> list[str]:
    """Where each route begins: the station, or where the technician slept."""
    starts = [snapshot.technician[r.technician_id].station_id for r in routes]
    slept: dict[str, str] = {}
    for i in sorted(range(len(routes)), key=lambda i: snapshot.shift[routes[i].shift_id].start_at):
        route = routes[i]
        starts[i] = slept.pop(route.technician_id, starts[i])
        if route.ends_away:
            slept[route.technician_id] = _last_place(snapshot, route)
    return starts


def _last_place(snapshot: Snapshot, route: Route) -> str:
    """The place of the last visit or pickup of a route with a visit."""
    last = next(s for s in reversed(route.stops) if not is_rest(s))
    if last.kind is StopKind.VISIT:
        return snapshot.site_of(snapshot.visit[last.visit_id or ""]).id
    return last.station_id or ""


class _Waits:
    """Which visits wait for other routes: those of crews, and those that a link ties to another.

    A link's second visit waits for its minimum lag, and the first so that the maximum lag holds.
    """

    def __init__(self, snapshot: Snapshot, routes: Sequence[Route]) -> None:
        self._visit = snapshot.visit
        self._orders = [
            [s.visit_id for s in r.stops if s.kind is StopKind.VISIT and s.visit_id is not None]
            for r in routes
        ]
        self._routes_of: dict[str, list[int]] = {}
        for i, order in enumerate(self._orders):
            for visit_id in order:
                self._routes_of.setdefault(visit_id, []).append(i)
        self._crews = [v for v, on in self._routes_of.items() if len(on) > 1]
        self._links = [
            link
            for link in snapshot.links
            if link.first_visit_id in self._routes_of
            and link.then_visit_id in self._routes_of
            and (link.min_lag_s is not None or link.max_lag_s is not None)
        ]
        self._jumps = _jumps(snapshot, routes) if self._crews or self._links else 0

    def settle(
        self,
        timed: list[TimedRoute],
        retime: Callable[[int, Mapping[str, datetime]], TimedRoute],
        circles: set[str],
    ) -> set[str]:
        """Raise the starts of waiting visits in ``timed`` until nothing changes.

        Visits in ``circles`` do not wait. Gives the visits that wait in a circle without end
        (``timed`` is of no use then), none if all is settled.
        """
        # Waits that end do so in about as many rounds as there are waits, and a few more for each
        # window or break that a start may jump over. What then rises for as long again does so
        # for ever.
        enough = len(self._crews) + 2 * len(self._links) + 2 * self._jumps + 4
        not_before: dict[str, datetime] = {}
        still_rising: set[str] = set()
        for number in range(2 * enough):
            raised = {v: at for v, at in self._waits_until(timed).items() if v not in circles}
            if not raised:
                return set()
            not_before |= raised
            for i in {i for v in raised for i in self._routes_of[v]}:
                timed[i] = retime(i, not_before)
            if number >= enough:
                still_rising |= raised.keys()
        return self._circle(still_rising) or still_rising

    def _waits_until(self, timed: Sequence[TimedRoute]) -> dict[str, datetime]:
        """The visits of which a stop starts too early, and when it has to start."""
        first: dict[str, datetime] = {}
        last: dict[str, datetime] = {}
        for route in timed:
            for stop in route.stops:
                visit_id = stop.visit_id
                if visit_id is not None:
                    first[visit_id] = min(first.get(visit_id, stop.start_at), stop.start_at)
                    last[visit_id] = max(last.get(visit_id, stop.start_at), stop.start_at)
        until = {v: last[v] for v in self._crews if first[v] < last[v]}
        for waiting_id, for_id, lag in self._ties():
            at = last[for_id] + lag
            if first[waiting_id] < at:
                until[waiting_id] = max(at, until.get(waiting_id, at))
        return until

    def _ties(self) -> Iterator[tuple[str, str, timedelta]]:
        """Which visit waits for which, and how long after its start."""
        for link in self._links:
            duration = timedelta(seconds=self._visit[link.first_visit_id].duration_s)
            if link.min_lag_s is not None:
                lag = duration + timedelta(seconds=link.min_lag_s)
                yield link.then_visit_id, link.first_visit_id, lag
            if link.max_lag_s is not None:
                lag = duration + timedelta(seconds=link.max_lag_s)
                yield link.first_visit_id, link.then_visit_id, -lag

    def _circle(self, rising: set[str]) -> set[str]:
        """Those of the rising visits that, over others, wait for themselves."""
        waits_for = {v: self._waits_for(v) & rising for v in rising}
        found = set()
        for visit_id in rising:
            reached: set[str] = set()
            ahead = set(waits_for[visit_id])
            while ahead:
                reached |= ahead
                ahead = {w for v in ahead for w in waits_for[v]} - reached
            if visit_id in reached:
                found.add(visit_id)
        return found

    def _waits_for(self, visit_id: str) -> set[str]:
        tied = [for_id for waiting_id, for_id, _ in self._ties() if waiting_id == visit_id]
        return {*tied, *(v for w in (visit_id, *tied) for v in self._before(w))}

    def _before(self, visit_id: str) -> set[str]:
        """What stands before a visit on its routes: itself too if it stands on one twice."""
        orders = [self._orders[i] for i in self._routes_of[visit_id]]
        return {v for order in orders for v in order[: _last_index(order, visit_id)]}


def _jumps(snapshot: Snapshot, routes: Sequence[Route]) -> int:
    """How many windows and rests there are on the routes."""
    stops = [stop for route in routes for stop in route.stops]
    windows = [len(snapshot.visit[s.visit_id].windows) for s in stops if s.visit_id is not None]
    return sum(windows) + sum(map(is_rest, stops))


def _last_index(order: Sequence[str], visit_id: str) -> int:
    return max(i for i, v in enumerate(order) if v == visit_id)
