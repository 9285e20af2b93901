"""Parts of which the open work of a station needs more than the station has."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.domain.figures import PartShort
from dispatch.domain.parts import Part
from dispatch.store import queries_reports

_Key = tuple[str, str]
"""A station and a part."""


def parts_short(
    session: Session,
    parts: Mapping[str, Part],
    station_of_visit: Mapping[str, str],
    stations: Set[str] | None,
) -> tuple[PartShort, ...]:
    """The parts short of ``stations`` (None: all), sorted; approved substitutes count.

    ``station_of_visit`` has the visits whose needs count.
    """
    needed = _needed(session, parts, station_of_visit)
    free: Counter[_Key] = Counter()
    to_come: Counter[_Key] = Counter()
    next_at: dict[_Key, datetime] = {}
    for units in queries_reports.units_free(session):
        key = units.station_id, units.part_id
        free[key] += units.free
        to_come[key] += units.to_come
        if units.next_at is not None:
            next_at.setdefault(key, units.next_at)
    spare = free - needed
    found = []
    for (station_id, part_id), units_needed in sorted(needed.items()):
        if not station_id or (stations is not None and station_id not in stations):
            continue
        key = station_id, part_id
        there = free[key] + _from_substitutes(
            spare, station_id, parts[part_id], units_needed - free[key]
        )
        if there < units_needed:
            elsewhere = sum(
                count
                for (other, part), count in spare.items()
                if part == part_id
                and other != station_id
                and (stations is None or other in stations)
            )
            found.append(
                PartShort(
                    station_id=station_id,
                    part_id=part_id,
                    part=parts[part_id].name,
                    needed=units_needed,
                    free=there,
                    to_come=to_come[key],
                    next_at=next_at.get(key),
                    elsewhere=elsewhere,
                )
            )
    return tuple(found)


def _needed(
    session: Session, parts: Mapping[str, Part], station_of_visit: Mapping[str, str]
) -> Counter[_Key]:
    """Units that are needed and not reserved, by station and part."""
    reserved: dict[str, Counter[str]] = {}
    for units in queries_reports.units_reserved(session):
        reserved.setdefault(units.visit_id, Counter())[units.part_id] += units.quantity
    needed: Counter[_Key] = Counter()
    for need in queries_reports.units_needed(session):
        if need.visit_id in station_of_visit:
            own = reserved.get(need.visit_id, Counter())
            left = need.quantity - sum(_taken(own, parts[need.part_id], need.quantity))
            needed[station_of_visit[need.visit_id], need.part_id] += left
    return +needed


def _from_substitutes(spare: Counter[_Key], station_id: str, part: Part, wanted: int) -> int:
    """Takes what stands in for a part out of what the station has to spare; how many units."""
    taken = 0
    for other in part.substitutes:
        units = max(0, min(spare[station_id, other], wanted - taken))
        spare[station_id, other] -= units
        taken += units
    return taken


def _taken(own: Counter[str], part: Part, wanted: int) -> Iterator[int]:
    """Takes units of a part, or of those that stand in for it, out of what is reserved."""
    for part_id in (part.id, *part.substitutes):
        units = min(own[part_id], wanted)
        own[part_id] -= units
        wanted -= units
        yield units
