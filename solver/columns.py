"""All routes of a small problem, for the exact solver: those that could be part of a legal plan.

A route that hangs on no other is priced by the kernels. Of one that does (it waits for a visit on
another route, takes stock that others may want, begins or ends away) only the least that it costs
is known: its times are derived as if nobody waited, no break were owed and all parts were at hand.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from solver.column import Column
from solver.problem import FOREVER_S, Int64, Problem

Price = Callable[[Column], "Column | None"]
"""Prices a route from base to base, alone; None: it is not legal."""


class Kind(Enum):
    """What is known of a column: its price and times in any company; or only the least that it
    costs, because others may take parts away that it needs, or since it hangs on other routes."""

    FREE = 0
    CONTESTED = 1
    BOUNDED = 2


class Columns(NamedTuple):
    columns: list[Column]
    kinds: list[Kind]


@dataclass(frozen=True, slots=True)
class _Prefix:
    """The beginning of a route and the least that it costs. Times as in docs/rules.md."""

    visits: tuple[int, ...]
    place: int
    ready_s: int
    leave_s: int
    depart_s: int
    travel_s: int
    busy_s: int
    cost_fen: int
    late_s: int
    waits: bool  # for a visit of another route
    needs: bool  # parts or tools,
    scarce: bool  # or such as others may take away


class TooManyError(Exception):
    """There are more routes than can be tried, or somebody wants it to stop."""


def all_columns(problem: Problem, price: Price, *, most: int, stop: Callable[[], bool]) -> Columns:
    """Every route that may be worth driving.

    Raises:
        TooManyError: there are more than ``most``, or ``stop`` said so.
    """
    return _Enumeration(problem, price, most, stop).run()


class _Enumeration:
    def __init__(self, problem: Problem, price: Price, most: int, stop: Callable[[], bool]) -> None:
        self._problem = problem
        self._price = price
        self._most = most
        self._stop = stop
        seconds = problem.travel_s.astype(np.int64)
        fen = seconds * problem.travel_fen_per_h // 3600
        fen += problem.travel_m.astype(np.int64) * problem.travel_fen_per_km // 1000
        self._shortest_s = _shortest(seconds).tolist()
        # A leg by a depot may be shorter where triangles do not hold.
        by_depots = len(problem.need_quantity) > 0
        self._travel_s = _shortest(seconds).tolist() if by_depots else seconds.tolist()
        self._travel_fen = _shortest(fen).tolist() if by_depots else fen.tolist()
        self._location = problem.visit_location.tolist()
        self._waits = (np.diff(problem.tie_ptr) > 0).tolist()
        self._needs = (np.diff(problem.need_ptr) > 0).tolist()
        self._scarce = _need_scarce_parts(problem)
        self._candidates = _candidates_by_shift(problem)
        self._found = 0

    def run(self) -> Columns:
        found = Columns([], [])
        for shift in range(self._problem.n_shifts):
            free: list[Column] = []
            for starts_at in (-1, *self._places_of_nights(shift)):
                for prefix in self._prefixes(shift, starts_at):
                    for column, kind in self._ends(shift, starts_at, prefix):
                        if kind is Kind.FREE:
                            free.append(column)
                        else:
                            found.columns.append(column)
                            found.kinds.append(kind)
            kept = _worth_keeping(self._problem, free)
            found.columns.extend(kept)
            found.kinds.extend([Kind.FREE] * len(kept))
        return found

    def _ends(self, shift: int, starts_at: int, at: _Prefix) -> Iterator[tuple[Column, Kind]]:
        """The route that ends here, at home and away."""
        if self._may_end(shift, at, away=False):
            column = self._closed(shift, starts_at, at, away=False)
            if starts_at >= 0 or at.waits:
                yield column, Kind.BOUNDED
            elif (alone := self._price(column)) is not None:
                if at.scarce:
                    fen = max(column.cost_fen, alone.cost_fen)
                    yield column._replace(cost_fen=fen), Kind.CONTESTED
                else:
                    yield alone, Kind.FREE
        if self._problem.shift_may_stay[shift] and self._may_end(shift, at, away=True):
            yield self._closed(shift, starts_at, at, away=True), Kind.BOUNDED

    def _places_of_nights(self, shift: int) -> list[int]:
        """Where the technician may have slept away before the shift."""
        before = shift - 1
        technician = self._problem.shift_technician
        if before < 0 or technician[before] != technician[shift]:
            return []
        if not self._problem.shift_may_stay[before]:
            return []
        return sorted({self._location[v] for v in self._candidates[before]})

    def _prefixes(self, shift: int, starts_at: int) -> Iterator[_Prefix]:
        """All orders of visits that are not yet too late when they are done, depth first."""
        p = self._problem
        place = int(p.shift_location[shift]) if starts_at < 0 else starts_at
        start_s = int(p.shift_start_s[shift])
        ahead = [_Prefix((), place, start_s, start_s, start_s, 0, 0, 0, 0, False, False, False)]
        while ahead:
            prefix = ahead.pop()
            for visit, candidate in self._candidates[shift].items():
                longer = self._extended(shift, prefix, visit, candidate)
                if longer is not None:
                    self._found += 1
                    if self._found > self._most or (self._found % 1024 == 0 and self._stop()):
                        raise TooManyError
                    ahead.append(longer)
                    yield longer

    def _extended(self, shift: int, at: _Prefix, visit: int, candidate: int) -> _Prefix | None:
        """The prefix with one more visit, or None if that or no longer route could be legal."""
        p = self._problem
        leader = p.visit_leader[visit]
        if any(p.visit_leader[v] == leader for v in at.visits):
            return None
        follows = p.visit_pin_after[visit]
        before = p.visit_leader[at.visits[-1]] if at.visits else -1
        if follows >= 0 and before != p.visit_leader[follows]:
            return None
        place = self._location[visit]
        same_place = place == at.place
        leg_s = self._travel_s[at.place][place]
        start_s = self._start_s(visit, (at.ready_s if same_place else at.leave_s) + leg_s)
        if start_s > p.candidate_latest_s[candidate] or start_s >= FOREVER_S:
            return None
        done_s = start_s + int(p.visit_service_s[visit])
        hold_s = at.leave_s if same_place else 0
        clocks_fen, late_s = self._clocks(visit, start_s)
        held_s = 0 if same_place or self._has_breaks(shift) else at.leave_s - at.ready_s
        longer = _Prefix(
            visits=(*at.visits, visit),
            place=place,
            ready_s=done_s,
            leave_s=max(done_s + int(p.visit_run_in_s[visit]), hold_s),
            depart_s=at.depart_s if at.visits else start_s - leg_s,
            travel_s=at.travel_s + leg_s,
            busy_s=at.busy_s + leg_s + done_s - start_s + held_s,
            cost_fen=at.cost_fen
            + self._travel_fen[at.place][place]
            + self._visit_fen(visit, candidate)
            + clocks_fen,
            late_s=max(at.late_s, late_s),
            waits=at.waits or self._waits[visit],
            needs=at.needs or self._needs[visit],
            scarce=at.scarce or self._scarce[visit],
        )
        may_stay = bool(p.shift_may_stay[shift])
        home_s = 0 if may_stay else self._shortest_s[place][int(p.shift_location[shift])]
        too_late = longer.leave_s + home_s > p.shift_limit_s[shift]
        too_far = longer.travel_s + home_s > p.shift_max_travel_s[shift]
        too_many = len(longer.visits) > p.shift_max_visits[shift]
        return None if too_late or too_far or too_many else longer

    def _start_s(self, visit: int, time_s: int) -> int:
        """The earliest start from an instant on, FOREVER_S if all windows have closed."""
        p = self._problem
        start_s = max(time_s, int(p.visit_release_s[visit]))
        first, end = int(p.window_ptr[visit]), int(p.window_ptr[visit + 1])
        for w in range(first, end):
            if p.window_close_s[w] >= start_s:
                return max(start_s, int(p.window_open_s[w]))
        return start_s if first == end else FOREVER_S

    def _clocks(self, visit: int, start_s: int) -> tuple[int, int]:
        """Price and worst lateness of the clocks that a visit stops."""
        p = self._problem
        fen = worst_s = 0
        for c in range(p.clock_ptr[visit], p.clock_ptr[visit + 1]):
            late_s = start_s - int(p.clock_due_s[c])
            late_s += int(p.visit_service_s[visit]) if p.clock_at_end[c] else 0
            if late_s > 0:
                price = int(p.clock_breach_fen[c]) + int(p.clock_late_fen_per_h[c]) * late_s // 3600
                fen += price * p.clock_permille // 1000
                worst_s = max(worst_s, late_s)
        return fen, worst_s

    def _visit_fen(self, visit: int, candidate: int) -> int:
        """What a visit costs there whenever it starts; a crew's change is the master's to price."""
        p = self._problem
        fen = int(p.candidate_fen[candidate])
        alone = np.count_nonzero(p.visit_leader == p.visit_leader[visit]) == 1
        if alone and p.visit_told[visit] and not p.candidate_told[candidate]:
            fen += p.change_technician_fen * int(p.visit_told[visit]) // 1000
        return fen

    def _has_breaks(self, shift: int) -> bool:
        return bool(self._problem.break_ptr[shift] < self._problem.break_ptr[shift + 1])

    def _may_end(self, shift: int, at: _Prefix, away: bool) -> bool:
        p = self._problem
        home_s = 0 if away else self._travel_s[at.place][int(p.shift_location[shift])]
        in_time = at.leave_s + home_s <= p.shift_limit_s[shift]
        return in_time and at.travel_s + home_s <= int(p.shift_max_travel_s[shift])

    def _closed(self, shift: int, starts_at: int, at: _Prefix, away: bool) -> Column:
        p = self._problem
        home = int(p.shift_location[shift])
        leg_s = 0 if away else self._travel_s[at.place][home]
        finish_s = at.leave_s + leg_s
        rests = self._has_breaks(shift)
        paid_s = at.busy_s + leg_s + (0 if rests else at.leave_s - at.ready_s)
        depart_s = int(p.shift_limit_s[shift]) - paid_s
        if not (rests or at.waits or at.needs or p.depart_late):
            depart_s, paid_s = at.depart_s, finish_s - at.depart_s
        overtime_s = max(0, finish_s - int(p.shift_end_s[shift]))
        fen = at.cost_fen + (p.lodging_fen if away else self._travel_fen[at.place][home])
        fen += paid_s * p.paid_fen_per_h // 3600 + overtime_s * p.overtime_fen_per_h // 3600
        times = (depart_s, finish_s, paid_s, overtime_s, at.late_s)
        return Column(shift, at.visits, (), fen, *times, away, starts_at)


def _shortest(legs: Int64) -> Int64:
    """The least from place to place over any places between, triangles or not."""
    shortest = legs
    for by in range(len(legs)):
        shortest = np.minimum(shortest, shortest[:, by, None] + shortest[None, by, :])
    return shortest


def _candidates_by_shift(problem: Problem) -> list[dict[int, int]]:
    """For each shift the candidate of each visit that may stand there."""
    by_shift: list[dict[int, int]] = [{} for _ in range(problem.n_shifts)]
    for visit in range(problem.n_visits):
        for c in range(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1]):
            by_shift[int(problem.candidate_shift[c])][visit] = c
    return by_shift


def _need_scarce_parts(problem: Problem) -> list[bool]:
    """For each visit whether it needs what others may take away."""
    scarce = scarce_parts(problem)
    found = []
    for v in range(problem.n_visits):
        needs = range(int(problem.need_ptr[v]), int(problem.need_ptr[v + 1]))
        found.append(any(part in scarce for need in needs for part in alternatives(problem, need)))
    return found


def alternatives(problem: Problem, need: int) -> list[int]:
    """The acceptable parts of a need, best first."""
    first, end = problem.need_alternative_ptr[need : need + 2]
    return [int(part) for part in problem.need_alternative[first:end]]


def scarce_parts(problem: Problem) -> set[int]:
    """The parts of which some van or depot has less than all visits together might take."""
    technicians, parts = problem.van_stock.shape
    wanted: dict[int, int] = defaultdict(int)
    for need, quantity in enumerate(problem.need_quantity.tolist()):
        for part in alternatives(problem, need):
            tool = bool(problem.part_is_tool[part])
            wanted[part] = technicians if tool else wanted[part] + quantity
    scarce = set()
    for part, units in wanted.items():
        stocks = [] if problem.part_is_tool[part] else problem.van_stock[:, part].tolist()
        for depot_part in range(part, len(problem.supply_ptr) - 1, parts):
            stocks += problem.supply_quantity[
                problem.supply_ptr[depot_part] : problem.supply_ptr[depot_part + 1]
            ].tolist()
        if any(0 < stock < units for stock in stocks):
            scarce.add(part)
    return scarce


def _worth_keeping(problem: Problem, columns: Sequence[Column]) -> list[Column]:
    """Of the columns with the same visits those that no other beats in all that counts.

    Where others wait for a visit, its start counts too: those are all kept.
    """
    awaited = set(problem.tie_visit.tolist())
    by_visits: dict[frozenset[int], list[Column]] = defaultdict(list)
    for column in sorted(columns, key=lambda c: c.cost_fen):
        kept = by_visits[frozenset(column.visits)]
        is_awaited = not awaited.isdisjoint(column.visits)
        if is_awaited or not any(_beats(problem, other, column) for other in kept):
            kept.append(column)
    return [column for kept in by_visits.values() for column in kept]


def _beats(problem: Problem, one: Column, other: Column) -> bool:
    """Whether a column that costs no more is no worse than another for the rest of the plan."""
    technician = problem.shift_technician[one.shift]
    rests = problem.technician_rest_s[technician] > 0
    limited = problem.technician_max_overtime_s[technician] < FOREVER_S
    return (
        (not problem.unfair_fen_per_h or one.paid_s <= other.paid_s)
        and (not limited or one.overtime_s <= other.overtime_s)
        and (not rests or (one.finish_s <= other.finish_s and one.depart_s >= other.depart_s))
        and (not problem.worst_late_fen_per_h or one.late_s <= other.late_s)
    )
