"""How far a plan rests on estimates of travel."""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedRoute, Timetable

DISTANCE = "distance"
TABLE = "table"


@dataclass(frozen=True, slots=True)
class TravelBasis:
    """What the travel of a plan was taken from: a road network by its name, the organisation's own
    `table`, or straight `distance` times the detour factor. Of `legs` driven, `estimated` are by
    distance."""

    source: str
    legs: int
    estimated: int


def basis_of(snapshot: Snapshot, timetable: Timetable) -> TravelBasis:
    """What a plan's travel rests on."""
    legs = [leg for route in timetable.routes for leg in _legs(route)]
    settings = snapshot.travel
    if settings.table is not None:
        return TravelBasis(TABLE, len(legs), 0)
    if settings.roads is None:
        return TravelBasis(DISTANCE, len(legs), len(legs))
    roads = settings.roads
    index = {place_id: i for i, place_id in enumerate(roads.place_ids)}

    def is_known(from_id: str, to_id: str) -> bool:
        if from_id not in index or to_id not in index:
            return False
        return roads.seconds[index[from_id]][index[to_id]] is not None

    return TravelBasis(roads.network, len(legs), sum(not is_known(*leg) for leg in legs))


def _legs(route: TimedRoute) -> Iterator[tuple[str, str]]:
    """The legs of a route between different places."""
    place = route.start_place_id
    for stop in (*(s.place_id for s in route.stops), route.end_place_id):
        if stop != place:
            yield place, stop
        place = stop
