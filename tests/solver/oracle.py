"""The best plan of a tiny snapshot by trying everything, judged by the referee alone.

Knows nothing of the solver. Every set of visits, in every order, with each break (or absence) not
taken or taken on any leg, is tried in every shift; parts come from the van, or from one pick-up at
any station before any visit and another one at the technician's base at the start.

Routes are judged one by one first: what a route breaks alone it breaks in company, and the costs
of routes add up to no more than those of the whole plan (only load over the horizon is shared).
So plans are put together from legal routes, and those that can still be the best are judged whole.

A break that nobody owes is no way to start later: a route that begins with one is only tried if it
would be illegal without it.

Not tried: a need split among several parts or sources (give visits needs of one unit), crews,
links, nights away, borrowed tools.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, permutations, product

from dispatch.domain.cost import price
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Shift, Technician
from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, derive
from dispatch.domain.work import Visit


@dataclass(frozen=True, slots=True)
class Best:
    """``fen`` is the referee's cost; ``pins_out`` counts first, before any cost."""

    pins_out: int
    fen: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Option:
    """A legal route alone: which visits it holds, and how much it adds to an empty plan."""

    route: Route
    visits: frozenset[str]
    pins_in: int
    fen: int


def best_plan(snapshot: Snapshot, legs: Legs) -> Best:
    empty_fen = _judge(snapshot, (), legs)[0]
    by_shift = [
        sorted(_options(snapshot, technician, shift, legs, empty_fen), key=_rank)
        for technician in snapshot.technicians
        for shift in technician.shifts
    ]
    best = Best(len(snapshot.pins), empty_fen, Plan(()))
    for chosen, bound in _combinations(by_shift, frozenset(), 0, 0):
        pins_out, fen = len(snapshot.pins) - bound[0], empty_fen + bound[1]
        if (pins_out, fen) >= (best.pins_out, best.fen):
            continue
        routes = tuple(option.route for option in chosen)
        whole_fen, broken = _judge(snapshot, routes, legs)
        if not broken and (pins_out, whole_fen) < (best.pins_out, best.fen):
            best = Best(pins_out, whole_fen, Plan(routes))
    return best


def _rank(option: _Option) -> tuple[int, int]:
    return -option.pins_in, option.fen


def _combinations(
    by_shift: Sequence[Sequence[_Option]], used: frozenset[str], pins_in: int, fen: int
) -> Iterator[tuple[tuple[_Option, ...], tuple[int, int]]]:
    """At most one route of each shift, no visit twice; with the pins in and the fen added."""
    if not by_shift:
        yield (), (pins_in, fen)
        return
    yield from _combinations(by_shift[1:], used, pins_in, fen)
    for option in by_shift[0]:
        if not option.visits & used:
            for rest, bound in _combinations(
                by_shift[1:], used | option.visits, pins_in + option.pins_in, fen + option.fen
            ):
                yield (option, *rest), bound


def _judge(snapshot: Snapshot, routes: Sequence[Route], legs: Legs) -> tuple[int, bool]:
    """The cost, and whether any rule is broken (other than that a pinned visit stays out)."""
    timetable = derive(snapshot, Plan(tuple(routes)), legs)
    broken = any(
        not (v.code == "pinned" and v.visit_id not in timetable.visits)
        for v in violations(snapshot, timetable)
    )
    return price(snapshot, timetable).total_fen, broken


def _options(
    snapshot: Snapshot, technician: Technician, shift: Shift, legs: Legs, empty_fen: int
) -> Iterator[_Option]:
    pinned = frozenset(snapshot.pin)
    able = [v for v in snapshot.visits if v.crew_size == 1]
    for count in range(1, len(able) + 1):
        for visits in combinations(able, count):
            ids = frozenset(v.id for v in visits)
            for stops in _stop_lists(snapshot, technician, shift, visits):
                route = Route(technician.id, shift.id, stops)
                fen, broken = _judge(snapshot, (route,), legs)
                if not broken and not _begins_with_idle_break(snapshot, route, legs):
                    yield _Option(route, ids, len(ids & pinned), fen - empty_fen)


def _begins_with_idle_break(snapshot: Snapshot, route: Route, legs: Legs) -> bool:
    if route.stops[0].kind is not StopKind.BREAK:
        return False
    return not _judge(snapshot, (replace(route, stops=route.stops[1:]),), legs)[1]


def _stop_lists(
    snapshot: Snapshot, technician: Technician, shift: Shift, visits: Sequence[Visit]
) -> Iterator[tuple[Stop, ...]]:
    rests = [Stop(StopKind.BREAK, index=i) for i in range(len(shift.breaks))]
    rests += [Stop(StopKind.ABSENCE, index=i) for i in _absences_in(technician, shift)]
    rests.sort(key=lambda stop: _begins_at(technician, shift, stop))
    for order in permutations(visits):
        for loaded in _with_pickups(snapshot, technician, order):
            # Each rest before any of the stops, on the way home, or not at all; in their order.
            for legs_of_rests in product(range(-1, len(loaded) + 1), repeat=len(rests)):
                taken = [leg for leg in legs_of_rests if leg >= 0]
                if taken == sorted(taken):
                    yield _merged(loaded, rests, legs_of_rests)


def _absences_in(technician: Technician, shift: Shift) -> list[int]:
    """Those that begin during the shift; what covers its start only delays it."""
    return [
        i for i, a in enumerate(technician.absences) if shift.start_at < a.start_at < shift.end_at
    ]


def _begins_at(technician: Technician, shift: Shift, stop: Stop) -> datetime:
    if stop.kind is StopKind.ABSENCE:
        return technician.absences[stop.index or 0].start_at
    return shift.breaks[stop.index or 0].earliest_at


def _merged(
    loaded: Sequence[Stop], rests: Sequence[Stop], legs_of_rests: Sequence[int]
) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    for i in range(len(loaded) + 1):
        stops += [rest for rest, leg in zip(rests, legs_of_rests, strict=True) if leg == i]
        stops += loaded[i : i + 1]
    return tuple(stops)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a need is served from: no station is the van; ``position`` is the stop before which
    the pick-up stands, and ``not_before_at`` what it waits for."""

    part_id: str
    station_id: str | None = None
    position: int = 0
    not_before_at: datetime | None = None

    @property
    def pickup(self) -> tuple[int, str, datetime | None] | None:
        if self.station_id is None:
            return None
        return self.position, self.station_id, self.not_before_at


def _with_pickups(
    snapshot: Snapshot, technician: Technician, order: Sequence[Visit]
) -> Iterator[tuple[Stop, ...]]:
    """The visits with the parts they use, and the pick-ups that these come from."""
    needs = [(i, need) for i, visit in enumerate(order) for need in visit.parts]
    sources = [list(_sources(snapshot, technician, i, need)) for i, need in needs]
    for chosen in product(*sources):
        pickups = {s.pickup for s in chosen if s.pickup is not None}
        at_base = (0, technician.station_id, None)
        if len(pickups - {at_base}) <= 1:
            yield _loaded(order, [i for i, _ in needs], chosen, sorted(pickups, key=_base_first))


def _base_first(pickup: tuple[int, str, datetime | None]) -> tuple[int, bool]:
    return pickup[0], pickup[2] is not None


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
                    yield _Source(part_id, lot.station_id, at_stop, later)


def _loaded(
    order: Sequence[Visit],
    positions: Sequence[int],
    chosen: Sequence[_Source],
    pickups: Sequence[tuple[int, str, datetime | None]],
) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    for i, visit in enumerate(order):
        for pickup in pickups:
            if pickup[0] == i:
                parts = _units(s.part_id for s in chosen if s.pickup == pickup)
                stops.append(
                    Stop(
                        StopKind.PICKUP,
                        station_id=pickup[1],
                        parts=parts,
                        not_before_at=pickup[2],
                    )
                )
        used = _units(s.part_id for at, s in zip(positions, chosen, strict=True) if at == i)
        stops.append(Stop(StopKind.VISIT, visit_id=visit.id, parts=used))
    return tuple(stops)


def _units(part_ids: Iterable[str]) -> tuple[PartQuantity, ...]:
    counted: dict[str, int] = {}
    for part_id in part_ids:
        counted[part_id] = counted.get(part_id, 0) + 1
    return tuple(PartQuantity(part_id, units) for part_id, units in counted.items())


def with_single_units(snapshot: Snapshot) -> Snapshot:
    """The same, but every need is one unit: the oracle splits none."""
    visits = tuple(
        replace(v, parts=tuple(PartQuantity(need.part_id, 1) for need in v.parts))
        for v in snapshot.visits
    )
    return replace(snapshot, visits=visits)
