"""What a technician could do in a shift: visits in any order, with every place for breaks and
pick-ups. The oracle lets the referee judge all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations, product

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Shift, Technician
from dispatch.domain.plan import Stop, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Visit


def stop_lists(
    snapshot: Snapshot, technician: Technician, shift: Shift, visits: Sequence[Visit]
) -> Iterator[tuple[Stop, ...]]:
    """All the ways to do these visits in a shift that the oracle tries."""
    for order in permutations(visits):
        yield from stop_lists_in_order(snapshot, technician, shift, order)


def stop_lists_in_order(
    snapshot: Snapshot, technician: Technician, shift: Shift, order: Sequence[Visit]
) -> Iterator[tuple[Stop, ...]]:
    """All the ways to do them in this order."""
    rests = [Stop(StopKind.BREAK, index=i) for i in range(len(shift.breaks))]
    rests += [Stop(StopKind.ABSENCE, index=i) for i in _absences_in(technician, shift)]
    for loaded in _with_pickups(snapshot, technician, order):
        # Each rest before any of the stops, on the way home, or not at all; in any order.
        for legs_of_rests in product(range(-1, len(loaded) + 1), repeat=len(rests)):
            yield from _merged(loaded, rests, legs_of_rests)


def _absences_in(technician: Technician, shift: Shift) -> list[int]:
    """Those that begin during the shift; what covers its start only delays it."""
    return [
        i for i, a in enumerate(technician.absences) if shift.start_at < a.start_at < shift.end_at
    ]


def _merged(
    loaded: Sequence[Stop], rests: Sequence[Stop], legs_of_rests: Sequence[int]
) -> Iterator[tuple[Stop, ...]]:
    """The stops with the rests on their legs, those of one leg in any order."""
    taken = [
        permutations(rest for rest, of in zip(rests, legs_of_rests, strict=True) if of == leg)
        for leg in range(len(loaded) + 1)
    ]
    for in_order in product(*taken):
        stops: list[Stop] = []
        for leg, rests_there in enumerate(in_order):
            stops += [*rests_there, *loaded[leg : leg + 1]]
        yield tuple(stops)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a need is served from: no station is the van; ``position`` is the stop before which
    the pick-up stands, and ``not_before_at`` what it waits for. Without an item somebody else of
    the crew brings it."""

    part_id: str | None = None
    tool: str | None = None
    station_id: str | None = None
    position: int = 0
    not_before_at: datetime | None = None

    @property
    def pickup(self) -> tuple[int, str, datetime | None] | None:
        if self.station_id is None:
            return None
        return self.position, self.station_id, self.not_before_at


_NOTHING = _Source()


def _with_pickups(
    snapshot: Snapshot, technician: Technician, order: Sequence[Visit]
) -> Iterator[tuple[Stop, ...]]:
    """The visits with the parts they use, and the pick-ups that these and tools come from."""
    positions: list[int] = []
    sources: list[list[_Source]] = []
    for i, visit in enumerate(order):
        others_bring = [_NOTHING] if visit.crew_size > 1 else []
        of_visit = [
            *(_sources(snapshot, technician, i, need) for need in visit.parts),
            *(_lenders(snapshot, technician, i, tool) for tool in visit.tools),
        ]
        sources += [[*ways, *others_bring] for ways in of_visit]
        positions += [i] * len(of_visit)
    for chosen in product(*sources):
        pickups = {s.pickup for s in chosen if s.pickup is not None}
        at_base = (0, technician.station_id, None)
        if len(pickups - {at_base}) <= 1:
            in_order = sorted(pickups, key=lambda pickup: (pickup[0], pickup != at_base))
            yield _loaded(order, positions, chosen, in_order)


def _sources(
    snapshot: Snapshot, technician: Technician, position: int, need: PartQuantity
) -> Iterator[_Source]:
    for part_id in (need.part_id, *snapshot.part[need.part_id].substitutes):
        if any(stock.part_id == part_id for stock in technician.van_stock):
            yield _Source(part_id)
        for lot in snapshot.lots:
            if lot.part_id == part_id:
                later = lot.available_at if lot.available_at > snapshot.now_at else None
                for at_stop in range(position + 1):
                    yield _Source(part_id, None, lot.station_id, at_stop, later)


def _lenders(
    snapshot: Snapshot, technician: Technician, position: int, tool: str
) -> Iterator[_Source]:
    if tool in technician.tools:
        yield _Source(tool=tool)
        return
    for station in snapshot.stations:
        if any(stock.tool == tool for stock in station.tools):
            for at_stop in range(position + 1):
                yield _Source(tool=tool, station_id=station.id, position=at_stop)


def _loaded(
    order: Sequence[Visit],
    positions: Sequence[int],
    chosen: Sequence[_Source],
    pickups: Sequence[tuple[int, str, datetime | None]],
) -> tuple[Stop, ...]:
    """A tool that several visits need is borrowed once: they stand for pieces of one kind."""
    stops: list[Stop] = []
    for i, visit in enumerate(order):
        for pickup in pickups:
            if pickup[0] == i:
                taken = [s for s in chosen if s.pickup == pickup]
                stops.append(
                    Stop(
                        StopKind.PICKUP,
                        station_id=pickup[1],
                        parts=_units(s.part_id for s in taken if s.part_id is not None),
                        tools=tuple(sorted({s.tool for s in taken if s.tool is not None})),
                        not_before_at=pickup[2],
                    )
                )
        here = (s.part_id for at, s in zip(positions, chosen, strict=True) if at == i)
        used = _units(part_id for part_id in here if part_id is not None)
        stops.append(Stop(StopKind.VISIT, visit_id=visit.id, parts=used))
    return tuple(stops)


def _units(part_ids: Iterable[str]) -> tuple[PartQuantity, ...]:
    counted: dict[str, int] = {}
    for part_id in part_ids:
        counted[part_id] = counted.get(part_id, 0) + 1
    return tuple(PartQuantity(part_id, units) for part_id, units in counted.items())
