"""One visit into a plan that is kept in the kernels' arrays: where it fits at which cost, what
forbids the other shifts, and which visits could make way for it.

Visits are numbered as in the problem; of a unit of several members the leader stands for all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from solver import kernels
from solver.arrays import join, put_windows, replace_windows
from solver.problem import Int64, Problem
from solver.solve import (
    CODES,
    Loaded,
    Obstruction,
    SolvedRoute,
    Take,
    load,
    new_arrays,
    read_route,
    read_start_s,
)

SPARE = 64
"""Room for so many visits that come after the plan was loaded."""

ANY_FEN = 1 << 60
"""More than anything costs."""

MOST_OPENINGS = 200
"""So many ways to make way, the nearest by travel, are looked at,"""

MOST_TRIED = 24
"""and so many of the most promising are tried to the end,"""

MOST_LOOKS = 2_500
"""as long as the visits that have to go elsewhere have no more candidates together."""


class Place(NamedTuple):
    """A visit and where it goes: a candidate of it, and a position in that shift's route. Without a
    candidate (-1) it goes where it costs least."""

    visit: int
    candidate: int = -1
    position: int = -1


@dataclass(frozen=True, slots=True)
class Insertion:
    """A legal way to plan a visit: visits that are taken out first, then places in their order.

    ``added_fen`` is what the plan costs more than without the visit (the price of leaving it out
    is not counted, that of the ``bumped`` is). Of the visits that are taken out these find no
    place any more.
    """

    added_fen: int
    places: tuple[Place, ...]
    out: tuple[int, ...] = ()
    bumped: tuple[int, ...] = ()


class Question(NamedTuple):
    """A question about a unit: what has to be taken out for it, what then comes (the unit first,
    what left with it last), and what the plan costs without all that."""

    unit: tuple[int, ...]
    out: tuple[int, ...]
    comes: tuple[Place, ...]
    base_fen: int


class _Before(NamedTuple):
    """What ``kernels.undo`` has to be told."""

    n_bank: int
    total: int
    shared_version: int


class Kept:
    """A plan in the kernels' arrays: loaded once, then asked and changed.

    ``closed`` are shifts into which nothing is put, and out of which nothing is taken: at first
    those of routes that break a rule, which are left out. Not to be used by two threads at once.
    """

    def __init__(self, problem: Problem, routes: Iterable[Loaded], spare: int = SPARE) -> None:
        """``spare`` is the room for visits that come later.

        Raises ProblemError if the arrays of the problem contradict each other.
        """
        self.problem = problem
        self.arrays = new_arrays(problem, 0, spare)
        self.arrays.s[kernels.THOROUGH] = 1
        self.closed = self._load(list(routes))

    # ------------------------------------------------------------------------------ the plan

    @property
    def cost_fen(self) -> int:
        """What the plan costs, the prices of the visits that are out among it."""
        return int(self.arrays.s[kernels.TOTAL])

    @property
    def bank(self) -> tuple[int, ...]:
        """The visits that are out."""
        return tuple(self.arrays.section(kernels.BANK, int(self.arrays.s[kernels.N_BANK])).tolist())

    def paid_s(self, shift: int) -> int:
        """The paid seconds of a route; 0 if it is empty."""
        if not self._entry(kernels.LENGTH, shift):
            return 0
        return self._entry(kernels.ROUTE, shift * kernels.ROUTE_FIELDS + kernels.PAID)

    def shift_of(self, visit: int) -> int:
        """The shift in which a visit is planned, or -1."""
        return self._entry(kernels.VISIT_SHIFT, visit)

    def unit(self, visit: int) -> range:
        """The members of a visit's unit, the leader first."""
        leaders = self.problem.visit_leader
        end = leader = int(leaders[visit])
        while end < len(leaders) and leaders[end] == leader:
            end += 1
        return range(leader, end)

    def candidate_in(self, visit: int, shift: int) -> int | None:
        """The candidate of a visit in a shift; None if it can never be there."""
        first, end = self.problem.candidate_ptr[visit : visit + 2].tolist()
        return next((c for c in range(first, end) if self._shift_of(c) == shift), None)

    def visits_of(self, shift: int) -> list[int]:
        """The visits of a route in their order."""
        first = shift * int(self.arrays.s[kernels.MOST_VISITS])
        n = self._entry(kernels.LENGTH, shift)
        visits: list[int] = self.arrays.section(kernels.SEQUENCE, first + n)[first:].tolist()
        return visits

    def route(self, shift: int) -> SolvedRoute | None:
        """A route with its stops and times; None if it is empty."""
        if not self._entry(kernels.LENGTH, shift):
            return None
        return read_route(self.problem, self.arrays, shift)

    def loaded(self) -> list[Loaded]:
        """The plan as it would be loaded."""
        shifts = np.flatnonzero(self.arrays.section(kernels.LENGTH, self.problem.n_shifts))
        return [self._loaded(shift) for shift in shifts.tolist()]

    def touched(self) -> list[int]:
        """The shifts of the routes that the present trial, or the last change, makes different."""
        shifts = self.arrays.section(kernels.TOUCHED, int(self.arrays.s[kernels.N_TOUCHED]))
        return sorted(
            i for i in shifts.tolist() if self._entry(kernels.IS_TOUCHED, i) == kernels.ROUTE_TOO
        )

    # ------------------------------------------------------------------------------- changing it

    def reload(self, routes: Iterable[Loaded]) -> None:
        """Make the plan another one, of the same problem. What is closed stays closed."""
        self.closed |= self._load(list(routes))

    def add(self, arrived: Problem) -> bool:
        """Add visits (``problem.joined`` says in which form) to the problem, and to those that are
        out; False if there is no room. What comes is not validated.

        A route that breaks a rule because of new links is closed.
        """
        after = join(self.arrays, self.problem, arrived)
        if after is None:
            return False
        has_links = _linked(after) > _linked(self.problem)
        self.problem = after
        if has_links:
            self.closed |= self._load(self.loaded())
        return True

    def apply(self, change: Insertion) -> tuple[int, ...]:
        """Change the plan. Returns the visits that are out now and were in before."""
        was_out = set(self.bank)
        self._exchange(change.out, change.places)
        if self._has_lost_night():
            self._load(self.loaded())
        return tuple(visit for visit in self.bank if visit not in was_out)

    def take_out(self, visit: int) -> tuple[int, ...]:
        """Take a visit out, with all that cannot be planned without it. Returns all of them."""
        return self.apply(Insertion(0, (), tuple(self.unit(visit))))

    @contextmanager
    def trial(self, out: Sequence[int], places: Sequence[Place]) -> Iterator[None]:
        """The plan is changed in the body, and is as it was after it. Trials do not nest."""
        before = self._exchange(out, places)
        try:
            yield
        finally:
            kernels.undo(self.arrays.p, self.arrays.s, *before)

    # ------------------------------------------------------------------------------------ asking

    def insertions(self, visit: int, most: int) -> tuple[list[Insertion], list[Obstruction]]:
        """The cheapest place in each shift that has a legal one, cheapest first; and of all shifts
        what forbids them, or what they add by themselves.

        A visit that is planned is asked about as if it were not. If it does not come alone, or
        others wait for it, the shifts in which it (the leader) costs least are tried first, with
        the others where they then cost least, until there are ``most`` ways and no other could be
        cheaper.
        """
        asked = self.question(visit)
        legal, obstructions = self._alone(asked)
        if len(asked.comes) > 1 or self._is_tied(asked.unit[0]):
            legal = self._in_company(asked, legal, most)
        return legal, obstructions

    def start_s(self, visit: int, way: Insertion) -> int:
        """When a visit would start, if it is among those that a way plans."""
        with self.trial(way.out, way.places):
            return read_start_s(self.arrays, self.shift_of(visit), visit)

    def cheapest(
        self, visit: int, firsts: Sequence[int] = (), thens: Sequence[int] = ()
    ) -> Insertion | None:
        """The cheapest way to plan a visit, and with it others that are out: ``firsts`` come before
        it, where they cost least, and ``thens`` after it. None if not all of them have a place.
        """
        alone = self.question(visit)
        before = tuple(Place(v) for first in firsts for v in self.unit(first))
        after = tuple(Place(v) for then in thens for v in self.unit(then))
        new_fen = self._unassigned_fen(place.visit for place in (*before, *after))
        asked = alone._replace(
            comes=(*alone.comes, *before, *after), base_fen=alone.base_fen - new_fen
        )
        if before:
            way = self._tried(asked, (), (*before, *alone.comes, *after))
            return way if way is not None and not way.bumped else None
        ways, _ = self._alone(asked)
        if len(asked.comes) > 1 or self._is_tied(asked.unit[0]):
            ways = self._in_company(asked, ways, 1)
        return ways[0] if ways else None

    @contextmanager
    def within(self, windows: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[None]:
        """In the body some visits have to start in windows (seconds, both included), whatever
        windows they have. Raises ProblemError if there is no room for that many windows."""
        asked = [place.visit for visit in windows for place in self.question(visit).comes]
        only = {v: own for visit, own in windows.items() for v in self.unit(visit)}
        before = replace_windows(self.arrays, only)
        self._forget(asked)
        try:
            yield
        finally:
            put_windows(self.arrays, before)
            self._forget(asked)
            # What was found out about routes of the same visits at other times.
            self.arrays.section(kernels.PROFILE_VERSION, self.problem.n_shifts)[:] = -1

    def _alone(self, asked: Question) -> tuple[list[Insertion], list[Obstruction]]:
        """Where the leader of a unit could be, cheapest first, and what forbids its members the
        other shifts, or what they add."""
        legal: list[Insertion] = []
        obstructions: list[Obstruction] = []
        with self.trial(asked.out, ()):
            for member in asked.unit:
                for candidate in self._candidates(member):
                    code, fen, position = kernels.why_not(*self.arrays, candidate, member)
                    shift = int(self.problem.candidate_shift[candidate])
                    obstructions.append(Obstruction(member, shift, CODES[code], int(fen)))
                    if member == asked.unit[0] and position >= 0:
                        place = Place(member, candidate, int(position))
                        legal.append(Insertion(int(fen), (place,), asked.out))
        legal.sort(key=_added_fen)
        return legal, obstructions

    def displacements(self, visit: int, most: int) -> list[Insertion]:
        """Ways to plan a visit by taking out one visit, or two adjacent ones, that cost less to
        leave out; these then go where they cost least, or are bumped. Cheapest first, and all
        cheaper than where nobody has to make way.

        Visits that are pinned, and those of crews and links, stay where they are.
        """
        asked = self.question(visit)
        without, _ = self.insertions(visit, 1)
        most_fen = without[0].added_fen if without else ANY_FEN
        best: list[Insertion] = []
        looks = MOST_LOOKS
        for least_fen, gone, comes in self._openings(asked)[:MOST_TRIED]:
            if least_fen >= most_fen or looks < 0:
                break
            looks -= sum(self._n_candidates(v) for v in gone)
            dearest_first = sorted(gone, key=lambda v: -self._unassigned_fen((v,)))
            way = self._tried(asked, gone, (*comes, *map(Place, dearest_first)))
            if way is not None and way.added_fen < most_fen:
                best = sorted([*best, way], key=_added_fen)[:most]
                most_fen = best[-1].added_fen if len(best) == most else most_fen
        return best

    def _openings(self, asked: Question) -> list[tuple[int, tuple[int, ...], tuple[Place, ...]]]:
        """What could make way, with what it adds, before it goes elsewhere, to plan the unit then,
        and where that goes; cheapest first."""
        opened = []
        alone = len(asked.comes) == 1
        for shift, gone in self._nearest_removable(asked.unit):
            if alone:
                way = self._look_alone(asked, shift, gone)
            else:
                way = self._look_together(asked, gone)
            if way is not None:
                opened.append((way.added_fen - self._unassigned_fen(gone), gone, way.places))
        if not alone:
            self._forget(place.visit for place in asked.comes)
        return sorted(opened)

    def _look_alone(self, asked: Question, shift: int, gone: tuple[int, ...]) -> Insertion | None:
        """The best place that a visit then has in the same shift."""
        visit = asked.unit[0]
        candidate = next(c for c in self._candidates(visit) if self._shift_of(c) == shift)
        n_out = int(self.arrays.s[kernels.N_BANK]) + len(asked.out) + len(gone)
        with self.trial((*asked.out, *gone), ()):
            if self.arrays.s[kernels.N_BANK] != n_out:
                return None
            _, fen, position = kernels.why_not(*self.arrays, candidate, visit)
            if position < 0:
                return None
            before_fen = self.cost_fen - self._unassigned_fen((visit,)) - asked.base_fen
            return Insertion(before_fen + int(fen), (Place(visit, candidate, int(position)),))

    def _look_together(self, asked: Question, gone: tuple[int, ...]) -> Insertion | None:
        """Best places of a unit and what comes with it, in any shift: a first look, with places
        estimated as they are in the search."""
        self.arrays.s[kernels.THOROUGH] = 0
        way = self._tried(asked, gone, asked.comes)
        self.arrays.s[kernels.THOROUGH] = 1
        return way

    def question(self, visit: int) -> Question:
        """What there is to plan if a visit is asked about."""
        unit = tuple(self.unit(visit))
        planned = self.shift_of(unit[0]) >= 0
        out = unit if planned else ()
        was_out = set(self.bank)
        with self.trial(out, ()):
            along = tuple(v for v in self.bank if v not in was_out and v not in unit)
            base_fen = self.cost_fen - self._unassigned_fen((*unit, *along))
        return Question(unit, out, tuple(map(Place, (*unit, *along))), base_fen)

    def _in_company(
        self, asked: Question, legal: Sequence[Insertion], most: int
    ) -> list[Insertion]:
        """The shifts of a leader, cheapest first, as places of the unit and of what left with it:
        in each shift the best, wherever in its route the leader stands."""
        ways: list[Insertion] = []
        for alone in legal:
            if len(ways) >= most and alone.added_fen >= ways[most - 1].added_fen:
                break
            (first,) = alone.places
            tried = (
                self._tried(asked, (), (first._replace(position=i), *asked.comes[1:]))
                for i in range(self._length(self._shift_of(first.candidate), asked) + 1)
            )
            found = [way for way in tried if way is not None and not way.bumped]
            if found:
                ways = sorted([*ways, min(found, key=_added_fen)], key=_added_fen)
        return ways

    def _length(self, shift: int, asked: Question) -> int:
        """How many visits a route has without those that come."""
        return len(set(self.visits_of(shift)) - {place.visit for place in asked.comes})

    def _tried(
        self, asked: Question, gone: tuple[int, ...], comes: tuple[Place, ...]
    ) -> Insertion | None:
        """What it adds to take visits out and plan others; None if the unit asked about finds no
        place, or others had to go."""
        n_out = int(self.arrays.s[kernels.N_BANK])
        n_out -= sum(self.shift_of(place.visit) < 0 for place in comes)
        along = (place.visit for place in asked.comes[len(asked.unit) :])
        out = (*asked.out, *gone)
        with self.trial(out, comes):
            bumped = tuple(v for v in (*gone, *along) if self.shift_of(v) < 0)
            found = all(self.shift_of(v) >= 0 for v in asked.unit)
            if not found or self.arrays.s[kernels.N_BANK] != n_out + len(bumped):
                return None
            return Insertion(self.cost_fen - asked.base_fen, comes, out, bumped)

    def _nearest_removable(self, unit: Sequence[int]) -> list[tuple[int, tuple[int, ...]]]:
        """What could make way for a unit, nearest first, each with its shift."""
        places = self.problem.visit_location
        to_s = self.problem.travel_s[places[unit[0]]]
        found = self._removable(unit)
        by_nearness = sorted(found, key=lambda at: min(int(to_s[places[v]]) for v in at[1]))
        return by_nearness[:MOST_OPENINGS]

    def _removable(self, unit: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Single visits and adjacent pairs of the shifts of a unit that cost less to leave out."""
        shifts = {self._shift_of(c) for member in unit for c in self._candidates(member)}
        most_fen = self._unassigned_fen(unit)
        for shift in sorted(shifts):
            free = [
                visit if self._may_move(visit) and self._unassigned_fen((visit,)) < most_fen else -1
                for visit in self.visits_of(shift)
            ]
            yield from ((shift, (visit,)) for visit in free if visit >= 0)
            yield from ((shift, pair) for pair in pairwise(free) if min(pair) >= 0)

    def _may_move(self, visit: int) -> bool:
        return not self.problem.visit_pin_rank[visit] and not self._is_tied(visit)

    def _is_tied(self, visit: int) -> bool:
        return bool(self.arrays.p[self.arrays.p[kernels.VISIT_TIED] + visit])

    def _unassigned_fen(self, visits: Iterable[int]) -> int:
        return sum(int(self.problem.visit_unassigned_fen[visit]) for visit in visits)

    def _candidates(self, visit: int) -> Iterator[int]:
        first, end = self.problem.candidate_ptr[visit : visit + 2].tolist()
        for candidate in range(first, end):
            if self._shift_of(candidate) not in self.closed:
                yield candidate

    def _n_candidates(self, visit: int) -> int:
        first, end = self.problem.candidate_ptr[visit : visit + 2].tolist()
        return int(end - first)

    def _shift_of(self, candidate: int) -> int:
        return int(self.problem.candidate_shift[candidate])

    # ------------------------------------------------------------------------------- the arrays

    def _entry(self, section: int, i: int) -> int:
        return int(self.arrays.s[self.arrays.s[section] + i])

    def _forget(self, visits: Iterable[int]) -> None:
        """Forget all remembered places of visits."""
        s = self.arrays.s
        size = int(s[kernels.N_WAYS]) * kernels.CACHE_FIELDS
        for visit in visits:
            first, end = self.problem.candidate_ptr[visit : visit + 2].tolist()
            self.arrays.section(kernels.CACHE, end * size)[first * size :] = -1

    def _exchange(self, out: Sequence[int], places: Sequence[Place]) -> _Before:
        s = self.arrays.s
        before = _Before(
            int(s[kernels.N_BANK]), int(s[kernels.TOTAL]), int(s[kernels.SHARED_VERSION])
        )
        come = np.array(places, np.int64).reshape(len(places), 3)
        kernels.exchange_visits(*self.arrays, np.array(out, np.int64), come)
        return before

    def _load(self, routes: Sequence[Loaded]) -> frozenset[int]:
        """Load the routes but those that make the plan break a rule, and return their shifts."""
        if load(self.arrays, routes) == kernels.OK:
            return frozenset()
        kept: list[Loaded] = []
        for route in routes:
            if load(self.arrays, [*kept, route]) == kernels.OK:
                kept.append(route)
        load(self.arrays, kept)
        return frozenset(r.shift for r in routes) - {r.shift for r in kept}

    def _loaded(self, shift: int) -> Loaded:
        visits = tuple(self.visits_of(shift))
        first = shift * kernels.MAX_TAKES * kernels.TAKE_FIELDS
        size = self._entry(kernels.TAKEN, shift) * kernels.TAKE_FIELDS
        flat: Int64 = self.arrays.section(kernels.TAKES, first + size)[first:]
        takes = flat.reshape(-1, kernels.TAKE_FIELDS).tolist()
        return Loaded(
            shift,
            visits,
            tuple(Take(visits[0], *take) for take in takes),
            self._stays(shift),
            self._entry(kernels.ROUTE, shift * kernels.ROUTE_FIELDS + kernels.PICK_BEFORE),
        )

    def _stays(self, shift: int) -> bool:
        away = self._entry(kernels.AWAY, shift) > 0
        return away and all(self._entry(kernels.LENGTH, i) > 0 for i in (shift, shift + 1))

    def _has_lost_night(self) -> bool:
        """Whether a route that ended away no longer can: nobody comes home from there."""
        away = np.flatnonzero(self.arrays.section(kernels.AWAY, self.problem.n_shifts))
        return not all(self._stays(shift) for shift in away.tolist())


def _added_fen(way: Insertion) -> int:
    return way.added_fen


def _linked(problem: Problem) -> int:
    """How many ties there are of any kind."""
    return len(problem.tie_visit) + len(problem.first_visit) + len(problem.mate_visit)
