"""Where a visit that is put on a route by hand gets its parts and tools from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit


def supplied(
    snapshot: Snapshot, plan: Plan, route: Route, visit_id: str, *, brings: bool
) -> tuple[Route, Stop]:
    """The route with the pickups that one more visit needs, and the stop of the visit.

    Parts come from the van, then from the technician's own station, then from the first other one
    that has them when the shift begins; approved substitutes will do. All is picked up before the
    first visit, or after it where the shift is under way with it. What nobody has is left out, and
    the referee names it. ``brings`` is False for the members of a crew who bring nothing.
    """
    visit = snapshot.visit[visit_id]
    if not brings:
        return route, Stop(StopKind.VISIT, visit_id=visit_id)
    supply = _Supply(snapshot, plan, route)
    stop = supply.stop_of(visit)
    return supply.with_pickups(route), stop


def fetched(
    snapshot: Snapshot, plan: Plan, route: Route, visit_id: str, station_ids: Sequence[str]
) -> tuple[tuple[Stop, ...], Stop]:
    """The pickups that one more visit needs, and the stop of the visit.

    As ``supplied``, but parts come from the first of the given stations that has them, and where
    on the route all this goes is left to the caller.
    """
    supply = _Supply(snapshot, plan, route, station_ids)
    stop = supply.stop_of(snapshot.visit[visit_id])
    return supply.pickups(), stop


def returned(route: Route, visit_id: str) -> Route:
    """The route without a visit, and without what was picked up for it."""
    position = next(i for i, s in enumerate(route.stops) if s.visit_id == visit_id)
    unneeded = _units(route.stops[position : position + 1])
    before = list(route.stops[:position])
    after = route.stops[position + 1 :]
    for i in reversed(range(len(before))):
        if before[i].kind is StopKind.PICKUP:
            less = _units(before[i : i + 1]) & unneeded
            unneeded -= less
            before[i] = replace(before[i], parts=_left(before[i].parts, less))
    stops = (*before, *after)
    # Without a visit on the route nothing has to be picked up, and tools go with the visits.
    kept = (s for s in stops if s.kind is not StopKind.PICKUP or s.parts or s.tools)
    return replace(route, stops=tuple(kept))


@dataclass(slots=True)
class _Pickup:
    parts: Counter[str] = field(default_factory=Counter)
    tools: list[str] = field(default_factory=list)


class _Supply:
    """What a technician has in a shift, and what depots have left for it."""

    def __init__(
        self,
        snapshot: Snapshot,
        plan: Plan,
        route: Route,
        station_ids: Sequence[str] | None = None,
    ) -> None:
        """The own station comes first, and then the others, unless ``station_ids`` say else."""
        self._snapshot = snapshot
        self._route = route
        self._technician = snapshot.technician[route.technician_id]
        own = self._technician.station_id
        others = (s.id for s in snapshot.stations if s.id != own)
        self._station_ids = (own, *others) if station_ids is None else tuple(station_ids)
        self._van = _van_left(self._technician, plan)
        self._depots = _depots_left(snapshot, plan, route)
        self._pickups: dict[str, _Pickup] = {}

    def stop_of(self, visit: Visit) -> Stop:
        """The stop of a visit that gets all that it needs, as far as there is any."""
        used: Counter[str] = Counter()
        for need in visit.parts:
            for taken in self._take(need):
                used[taken.part_id] += taken.quantity
        self._borrow(visit)
        return Stop(StopKind.VISIT, visit_id=visit.id, parts=_quantities(used))

    def pickups(self) -> tuple[Stop, ...]:
        """What has been taken and borrowed, a stop for each station."""
        return tuple(
            Stop(
                StopKind.PICKUP,
                station_id=station_id,
                parts=_quantities(pickup.parts),
                tools=tuple(pickup.tools),
            )
            for station_id, pickup in self._pickups.items()
        )

    def _take(self, need: PartQuantity) -> Iterator[PartQuantity]:
        """Units for a need, as far as there are any."""
        left = need.quantity
        choices = (need.part_id, *self._snapshot.part[need.part_id].substitutes)
        for part_id in choices:
            used = min(left, max(0, self._van[part_id]))
            if used:
                self._van[part_id] -= used
                left -= used
                yield PartQuantity(part_id, used)
        for station_id in self._station_ids:
            for part_id in choices:
                used = min(left, max(0, self._depots[station_id, part_id]))
                if used:
                    self._depots[station_id, part_id] -= used
                    self._pickup(station_id).parts[part_id] += used
                    left -= used
                    yield PartQuantity(part_id, used)

    def _borrow(self, visit: Visit) -> None:
        """Picks up the tools that are not on the van, where some station lends them."""
        there = Counter(self._technician.tools)
        there.update(t for s in self._route.stops for t in s.tools)
        for tool in (Counter(visit.tools) - there).elements():
            for station_id in self._station_ids:
                if any(t.tool == tool for t in self._snapshot.station[station_id].tools):
                    self._pickup(station_id).tools.append(tool)
                    break

    def with_pickups(self, route: Route) -> Route:
        """The route with all of it picked up before the first visit that is yet to begin."""
        stops = list(route.stops)
        visits = [i for i, s in enumerate(stops) if s.kind is StopKind.VISIT]
        begun = self._snapshot.shift[route.shift_id].under_way_at is not None
        begin = visits[0] + 1 if begun and visits else 0
        first = next((i for i in visits if i >= begin), len(stops))
        for station_id, pickup in self._pickups.items():
            known = (i for i in range(begin, first) if stops[i].station_id == station_id)
            position = next(known, None)
            if position is None:
                stops.insert(begin, Stop(StopKind.PICKUP, station_id=station_id))
                position, first = begin, first + 1
            stop = stops[position]
            stops[position] = replace(
                stop,
                parts=_quantities(_units((stop,)) + pickup.parts),
                tools=(*stop.tools, *pickup.tools),
            )
        return replace(route, stops=tuple(stops))

    def _pickup(self, station_id: str) -> _Pickup:
        return self._pickups.setdefault(station_id, _Pickup())


def _van_left(technician: Technician, plan: Plan) -> Counter[str]:
    """What the van carries and no visit of the plan uses; negative where pickups serve some."""
    left: Counter[str] = Counter()
    for part in technician.van_stock:
        left[part.part_id] += part.quantity
    for route in plan.routes:
        if route.technician_id == technician.id:
            left.update(_units(s for s in route.stops if s.kind is StopKind.PICKUP))
            left.subtract(_units(s for s in route.stops if s.kind is StopKind.VISIT))
    return left


def _depots_left(snapshot: Snapshot, plan: Plan, route: Route) -> Counter[tuple[str, str]]:
    """What stations have when the shift begins and nobody picks up at any time."""
    begins_at = snapshot.shift[route.shift_id].start_at
    left: Counter[tuple[str, str]] = Counter()
    for lot in snapshot.lots:
        if lot.available_at <= begins_at:
            left[lot.station_id, lot.part_id] += lot.quantity
    for other in plan.routes:
        for stop in other.stops:
            if stop.kind is StopKind.PICKUP:
                for part in stop.parts:
                    left[stop.station_id or "", part.part_id] -= part.quantity
    return left


def _units(stops: Iterable[Stop]) -> Counter[str]:
    units: Counter[str] = Counter()
    for stop in stops:
        for part in stop.parts:
            units[part.part_id] += part.quantity
    return units


def _left(parts: Iterable[PartQuantity], less: Counter[str]) -> tuple[PartQuantity, ...]:
    units: Counter[str] = Counter({p.part_id: p.quantity for p in parts})
    return _quantities(units - less)


def _quantities(units: Counter[str]) -> tuple[PartQuantity, ...]:
    return tuple(PartQuantity(part, quantity) for part, quantity in units.items() if quantity > 0)
