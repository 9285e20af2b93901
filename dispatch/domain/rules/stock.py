"""Rules about parts and tools, counted over all routes together in order of time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import StopKind
from dispatch.domain.route_times import TimedRoute, TimedStop
from dispatch.domain.rules.violation import Violation, by_route, by_visit
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable


def parts(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """By the units that are needed and not used, and those used that are on no van of the crew."""
    vans = {t.id: _units(t.van_stock) for t in snapshot.technicians}
    pickups = _pickups(timetable)
    loaded = 0
    for visit_id in sorted(timetable.visits, key=timetable.start_of):
        start = timetable.start_of(visit_id)
        while loaded < len(pickups) and pickups[loaded][1].start_at <= start:
            timed, stop = pickups[loaded]
            vans[timed.route.technician_id] += _units(stop.stop.parts)
            loaded += 1
        crew = timetable.visits[visit_id]
        needs = _units(snapshot.visit[visit_id].parts)
        missing = _uncovered(snapshot, needs, _units(p for m in crew for p in m.stop.stop.parts))
        missing += _unload(crew, vans)
        if missing:
            yield by_visit("parts", visit_id, missing)


def _units(quantities: Iterable[PartQuantity]) -> Counter[str]:
    units: Counter[str] = Counter()
    for part in quantities:
        units[part.part_id] += part.quantity
    return units


def _pickups(timetable: Timetable) -> list[tuple[TimedRoute, TimedStop]]:
    """All pickups in order of their starts."""
    found = [(r, s) for r in timetable.routes for s in r.stops if s.stop.kind is StopKind.PICKUP]
    return sorted(found, key=lambda pickup: pickup[1].start_at)


def _unload(crew: Sequence[TimedVisit], vans: dict[str, Counter[str]]) -> int:
    """Take what each member uses from the member's van, else from the others'; give what lacks."""
    missing = 0
    for member in crew:
        others = [m.technician_id for m in crew if m.technician_id != member.technician_id]
        for part_id, left in _units(member.stop.stop.parts).items():
            for technician_id in (member.technician_id, *others):
                taken = min(left, vans[technician_id][part_id])
                vans[technician_id][part_id] -= taken
                left -= taken
            missing += left
    return missing


def _uncovered(snapshot: Snapshot, needs: Counter[str], used: Counter[str]) -> int:
    """Units of need that no used unit stands for, with the best choice among substitutes."""
    if all(used[need] >= wanted for need, wanted in needs.items()):
        return 0
    free = used.copy()
    serves: Counter[tuple[str, str]] = Counter()

    def serve(need: str, wanted: int, seen: set[str]) -> int:
        """Serve up to ``wanted`` units; needs served before move to other parts if they can."""
        for part_id in (need, *snapshot.part[need].substitutes):
            if part_id in seen:
                continue
            seen.add(part_id)
            served = min(wanted, free[part_id])
            free[part_id] -= served
            for other in needs:
                if not served and serves[other, part_id]:
                    served = serve(other, min(wanted, serves[other, part_id]), seen)
                    serves[other, part_id] -= served
            if served:
                serves[need, part_id] += served
                return served
        return 0

    missing = 0
    for need, wanted in needs.items():
        left = wanted
        while left and (served := serve(need, left, set())):
            left -= served
        missing += left
    return missing


def part_pickup(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    """Each pickup takes what is there; those that come last go short."""
    stock: Counter[tuple[str, str]] = Counter()
    pickups = _pickups(timetable)
    wanted = {(stop.place_id, part.part_id) for _, stop in pickups for part in stop.stop.parts}
    lots = sorted(
        (lot for lot in snapshot.lots if (lot.station_id, lot.part_id) in wanted),
        key=lambda lot: lot.available_at,
    )
    arrived = 0
    for timed, stop in pickups:
        while arrived < len(lots) and lots[arrived].available_at <= stop.start_at:
            lot = lots[arrived]
            stock[lot.station_id, lot.part_id] += lot.quantity
            arrived += 1
        missing = 0
        for part in stop.stop.parts:
            taken = min(part.quantity, stock[stop.place_id, part.part_id])
            stock[stop.place_id, part.part_id] -= taken
            missing += part.quantity - taken
        if missing:
            yield by_route("part_pickup", timed, missing)


def tool(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for visit_id, crew in timetable.visits.items():
        needed = snapshot.visit[visit_id].tools
        if not needed:
            continue
        there: Counter[str] = Counter()
        for technician_id in {m.technician_id for m in crew}:
            there.update(snapshot.technician[technician_id].tools)
        for member in crew:
            there.update(_borrowed_before(member))
        missing = (Counter(needed) - there).total()
        if missing:
            yield by_visit("tool", visit_id, missing)
    yield from _borrowed_too_many(snapshot, timetable)


def _borrowed_before(member: TimedVisit) -> Iterator[str]:
    for stop in member.route.stops:
        if stop is member.stop:
            return
        if stop.stop.kind is StopKind.PICKUP:
            yield from stop.stop.tools


def _borrowed_too_many(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    owned: Counter[tuple[str, str]] = Counter()
    for station in snapshot.stations:
        for item in station.tools:
            owned[station.id, item.tool] += item.quantity
    returns: dict[tuple[str, str], list[datetime]] = {}
    for timed, stop in _pickups(timetable):
        missing = 0
        for name in stop.stop.tools:
            key = stop.place_id, name
            returns[key] = [at for at in returns.get(key, []) if at > stop.start_at]
            if len(returns[key]) < owned[key]:
                returns[key].append(timed.finish_at)
            else:
                missing += 1
        if missing:
            yield by_route("tool", timed, missing)
