"""Cover: for each promise of some contracts a backup technician, and nobody counted twice.

Who could stand in for whom is found one by one (``dispatch.standing_in``). Of all these as many
promises as possible are then given a backup, such that everything a technician is named for fits
into his days together, and no part in a depot is relied on twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan
from dispatch.promises import Promise, Promises, promises_of
from dispatch.relaxations import MoreOvertime, OnCall, Relaxation
from dispatch.standing_in import Days, StandIns
from dispatch.standing_trial import Miss, StandIn, fetched_units, nearness
from dispatch.travel import Travel
from solver.packing import Limit, packed

NAMED = "named"
"""Why somebody cannot stand in: he is, or what he needs is, counted for another promise."""

MOST_MINUTES = 1_000
"""Of two ways to cover as many promises the one with the greater margins counts, up to this."""
PER_KIND = 3
"""So many technicians are tried for each kind of remedy: the closest ones."""
MOST_ENLARGED = 5
MOST_CALL = timedelta(hours=24)
_TIME = ("shift", "overtime")


@dataclass(frozen=True, slots=True)
class Remedy:
    """The cheapest change found that would give a promise its backup, and who that would be."""

    change: Relaxation
    fen: int
    stand_in: StandIn


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A promise without a backup, who comes nearest to being one, and what would help. None:
    nobody could ever; no change that was tried helps."""

    promise: Promise
    nearest: Miss | None
    remedy: Remedy | None


@dataclass(frozen=True, slots=True)
class Cover:
    """Who stands in for whom. Start and margin of a backup are those if nobody else fails.

    ``unkept`` are visits under these contracts for which the plan keeps no clock anyway.
    """

    backups: tuple[StandIn, ...]
    uncovered: tuple[Uncovered, ...]
    unkept: tuple[str, ...]

    @property
    def promises(self) -> int:
        return len(self.backups) + len(self.uncovered)


def cover_of(judged: JudgedPlan, travel: Travel) -> Cover:
    """The cover of a plan; empty if no contract asks for any. ``travel`` is the snapshot's."""
    promises = promises_of(judged)
    if not promises.kept:
        return Cover((), (), promises.unkept)
    return _Covering(judged, travel, promises).cover()


class _Covering:
    def __init__(self, judged: JudgedPlan, travel: Travel, promises: Promises) -> None:
        self._snapshot = judged.snapshot
        self._plan = judged.plan
        self._promises = promises
        self._stand_ins = StandIns(judged, travel)
        self._ways: list[StandIn] = []
        self._misses: dict[Promise, list[Miss]] = {}
        self._fit: dict[tuple[int, ...], bool] = {}

    def cover(self) -> Cover:
        for promise in self._promises.kept:
            self._misses[promise] = list(self._look(promise))
        named = [self._ways[i] for i in self._most()]
        by_promise = {way.promise: way for way in named}
        bare = [p for p in self._promises.kept if p not in by_promise]
        return Cover(
            tuple(by_promise[p] for p in self._promises.kept if p in by_promise),
            tuple(Uncovered(p, self._nearest(p, named), self._remedy(p, named)) for p in bare),
            self._promises.unkept,
        )

    def _look(self, promise: Promise) -> Iterator[Miss]:
        """Note everybody who could stand in, and give what is in the way of all others."""
        for able in self._stand_ins.able(promise):
            if isinstance(able, Miss):
                yield able
                continue
            technician, shift_id = able
            found = self._stand_ins.stand_in(self._stand_ins.days, promise, technician.id, shift_id)
            if isinstance(found, Miss):
                yield found
            else:
                self._ways.append(found[0])

    # --------------------------------------------------------------------------- who is named

    def _most(self) -> list[int]:
        """The ways (by number) that cover the most promises, and then leave the most time.

        What does not fit together is found when it is chosen together, and is then forbidden.
        """
        worths = self._worths()
        limits = [*self._one_each(), *self._stock()]
        while True:
            chosen = packed(worths, limits)
            unfit = [clash for group in self._groups(chosen) for clash in self._clashes(group)]
            if not unfit:
                return chosen
            limits += (Limit(dict.fromkeys(clash, 1), len(clash) - 1) for clash in unfit)

    def _worths(self) -> list[int]:
        covered = MOST_MINUTES * (len(self._promises.kept) + 1)
        return [covered + min(way.margin_s // 60, MOST_MINUTES) for way in self._ways]

    def _one_each(self) -> Iterator[Limit]:
        ways: dict[Promise, dict[int, int]] = defaultdict(dict)
        for i, way in enumerate(self._ways):
            ways[way.promise][i] = 1
        yield from (Limit(units, 1) for units in ways.values())

    def _stock(self) -> Iterator[Limit]:
        """What is fetched in the shifts that begin by some time is there by then."""
        users: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, way in enumerate(self._ways):
            for what in way.uses:
                users[what].append(i)
        taken = self._taken()
        for what, ways in users.items():
            begins = {i: self._snapshot.shift[self._ways[i].shift_id].start_at for i in ways}
            for until in sorted(set(begins.values())):
                units = {i: self._ways[i].uses[what] for i in ways if begins[i] <= until}
                there = _there(self._snapshot, what, until) - taken[what]
                yield Limit(units, max(0, there))

    def _taken(self) -> Counter[tuple[str, str]]:
        """What the plan itself fetches at any time."""
        stops = (stop for route in self._plan.routes for stop in route.stops)
        return fetched_units(stops)

    def _groups(self, chosen: Sequence[int]) -> list[list[int]]:
        """Ways of one technician, where there are several."""
        groups: dict[str, list[int]] = defaultdict(list)
        for i in chosen:
            groups[self._ways[i].technician_id].append(i)
        return [group for group in groups.values() if len(group) > 1]

    def _clashes(self, group: Sequence[int]) -> list[tuple[int, ...]]:
        """The smallest sets of ways that do not fit into a technician's days together."""
        for size in range(2, len(group) + 1):
            found = [some for some in combinations(group, size) if not self._fits(some)]
            if found:
                return found
        return []

    def _fits(self, ways: tuple[int, ...]) -> bool:
        if ways not in self._fit:
            self._fit[ways] = self._fits_in_turn([self._ways[i] for i in ways])
        return self._fit[ways]

    def _fits_in_turn(self, ways: Sequence[StandIn]) -> bool:
        """Whether one technician can do all of this, told of one after the other, with what he
        would fetch for each alone."""
        days: Days = self._stand_ins.days
        for way in sorted(ways, key=lambda w: (w.promise.told_at, w.promise.visit_id)):
            found = self._stand_ins.stand_in(days, way.promise, way.technician_id, way.shift_id)
            if isinstance(found, Miss) or found[0].uses != way.uses:
                return False
            days = found[1]
        return True

    # ------------------------------------------------------------------------- what is missing

    def _nearest(self, promise: Promise, named: Sequence[StandIn]) -> Miss | None:
        ways = [way for way in self._ways if way.promise == promise]
        if not ways:
            return max(self._misses[promise], key=nearness, default=None)
        way = max(ways, key=lambda way: way.margin_s)
        others = (other for other in named if other.technician_id == way.technician_id)
        first = next(others, None)
        other_id = first.promise.visit_id if first else None
        return Miss(way.technician_id, way.shift_id, NAMED, 0, other_id)

    def _remedy(self, promise: Promise, named: Sequence[StandIn]) -> Remedy | None:
        taken = {way.technician_id for way in named}
        found = [*self._with_overtime(promise, taken), *self._on_call(promise)]
        return min(found, key=lambda remedy: remedy.fen, default=None)

    def _with_overtime(self, promise: Promise, taken: set[str]) -> Iterator[Remedy]:
        """More overtime for those who lack nothing else, and are not named so far."""
        short = [
            miss
            for miss in self._misses[promise]
            if miss.code in _TIME and miss.shift_id is not None and miss.technician_id not in taken
        ]
        for miss in sorted(short, key=lambda m: m.amount)[:PER_KIND]:
            more_s = 0
            for _ in range(MOST_ENLARGED):
                more_s += -(-miss.amount // MoreOvertime.step) * MoreOvertime.step
                if more_s > MoreOvertime.most:
                    break
                change = MoreOvertime(more_s, miss.technician_id, miss.shift_id or "")
                tried = self._tried(promise, change, miss.technician_id, change.shift_id)
                if isinstance(tried, Remedy):
                    yield tried
                    break
                if tried.code not in _TIME:
                    break
                miss = tried  # by so much it was still too little

    def _on_call(self, promise: Promise) -> Iterator[Remedy]:
        """Somebody who has no shift then, or one more like somebody who has, on call until done."""
        told_at = promise.told_at
        for technician in self._stand_ins.qualified(promise)[:PER_KIND]:
            free_until = _free_until(technician, told_at)
            until = free_until or told_at + MOST_CALL
            longest = OnCall(technician.id, told_at, until, extra=free_until is None)
            found = self._tried(promise, longest, longest.called_id, longest.shift_id)
            if isinstance(found, Remedy):
                call = replace(longest, end_at=found.stand_in.finish_at)
                tried = self._tried(promise, call, call.called_id, call.shift_id)
                if isinstance(tried, Remedy):
                    yield tried

    def _tried(
        self, promise: Promise, change: Relaxation, technician_id: str, shift_id: str
    ) -> Remedy | Miss:
        days = self._stand_ins.days
        found = self._stand_ins.stand_in(days, promise, technician_id, shift_id, change)
        if isinstance(found, Miss):
            return found
        return Remedy(change, change.fen(self._snapshot), found[0])


def _free_until(technician: Technician, at: datetime) -> datetime | None:
    """When a technician's next shift or absence begins, a day later at most; None if one is on."""
    spans = [
        (s.start_at, s.end_at + timedelta(seconds=s.max_overtime_s)) for s in technician.shifts
    ]
    spans += [(a.start_at, a.end_at) for a in technician.absences]
    if any(start_at <= at < end_at for start_at, end_at in spans):
        return None
    return min((start_at for start_at, _ in spans if start_at > at), default=at + MOST_CALL)


def _there(snapshot: Snapshot, what: tuple[str, str], until: datetime) -> int:
    """How many units of a part, or of a tool, a station has by some time."""
    station_id, name = what
    parts = sum(
        lot.quantity
        for lot in snapshot.lots
        if (lot.station_id, lot.part_id) == what and lot.available_at <= until
    )
    tools = snapshot.station[station_id].tools
    return parts + sum(stock.quantity for stock in tools if stock.tool == name)
