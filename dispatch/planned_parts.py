"""Which units a plan picks up at which depot, when, and for which visit."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.domain.plan import StopKind
from dispatch.domain.route_times import TimedRoute, TimedStop
from dispatch.domain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class PlannedPickup:
    """Units of a part that a technician picks up at a station for a visit."""

    visit_id: str
    station_id: str
    part_id: str
    quantity: int
    at: datetime


def planned_pickups(timetable: Timetable) -> tuple[PlannedPickup, ...]:
    """All units that the plan picks up, the earliest first.

    Units are for the visits on the route that use them, the first visit first; what none of them
    uses is for the next visit. Pickups with no visit after them take nothing.
    """
    found = (pickup for route in timetable.routes for pickup in _of_route(route))
    return tuple(sorted(found, key=by_time))


def by_time(pickup: PlannedPickup) -> tuple[datetime, str, str]:
    """Sorts pickups as plans have them, the earliest first."""
    return pickup.at, pickup.visit_id, pickup.part_id


@dataclass(slots=True)
class _Picked:
    """What of one pickup no visit has used so far."""

    stop: TimedStop
    left: Counter[str] = field(default_factory=Counter)

    def take(self, visit_id: str, wanted: Counter[str]) -> Iterator[PlannedPickup]:
        for part_id, quantity in (self.left & wanted).items():
            self.left[part_id] -= quantity
            wanted[part_id] -= quantity
            yield PlannedPickup(visit_id, self.stop.place_id, part_id, quantity, self.stop.start_at)


def _of_route(route: TimedRoute) -> Iterator[PlannedPickup]:
    picked: list[_Picked] = []
    next_visit: dict[int, str] = {}
    for stop in route.stops:
        if stop.stop.kind is StopKind.PICKUP:
            picked.append(_Picked(stop, _units(stop)))
        elif stop.visit_id is not None:
            wanted = _units(stop)
            for number, pickup in enumerate(picked):
                next_visit.setdefault(number, stop.visit_id)
                yield from pickup.take(stop.visit_id, wanted)
    for number, visit_id in next_visit.items():
        yield from picked[number].take(visit_id, picked[number].left.copy())


def _units(stop: TimedStop) -> Counter[str]:
    units: Counter[str] = Counter()
    for part in stop.stop.parts:
        units[part.part_id] += part.quantity
    return units
