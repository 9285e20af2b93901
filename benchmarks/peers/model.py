"""What peers are told of a day: plain numbers, read from the same arrays as our own solver reads.

Times are seconds from the beginning of the day, prices fen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solver.problem import Problem

Matrix = NDArray[np.int64]
Routes = dict[int, list[int]]
"""The visits of each shift, in order."""

SECONDS_PER_H = 3600


class Peer(Protocol):
    """Another planner, asked for the order of visits in each shift.

    ``cannot`` says in short phrases what of a day it could not be told. A planner with
    ``one_core`` is run once per core, with different seeds, and its best plan counts.
    """

    name: str
    cannot: tuple[str, ...]
    one_core: bool

    def plan(self, day: "Model", seconds: float, cores: int, seed: int) -> Routes:
        """Plan for about ``seconds`` of wall time."""


@dataclass(frozen=True)
class Due:
    """A clock that runs out: the visit should start by ``start_s``."""

    start_s: int
    breach_fen: int
    late_fen_per_h: int


@dataclass(frozen=True)
class Work:
    """A visit. ``service_s`` has the run-in in it; windows are clipped to the release."""

    location: int
    service_s: int
    windows: tuple[tuple[int, int], ...]
    unassigned_fen: int
    dues: tuple[Due, ...]

    @property
    def in_time(self) -> tuple[tuple[int, int], ...]:
        """The windows up to when the first clock runs out; all of them if that is before."""
        due_s = min((due.start_s for due in self.dues), default=None)
        if due_s is None:
            return self.windows
        return tuple((o, min(c, due_s)) for o, c in self.windows if o <= due_s) or self.windows

    def late_fen(self, start_s: int) -> int:
        """The price of a start for the clocks of this visit."""
        return sum(
            due.breach_fen + due.late_fen_per_h * (start_s - due.start_s) // SECONDS_PER_H
            for due in self.dues
            if start_s > due.start_s
        )


@dataclass(frozen=True)
class Rest:
    """A break that starts between ``earliest_s`` and ``latest_s``."""

    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True)
class Shift:
    """A technician's day. Work may begin at ``start_s``, once the van is loaded.

    After ``end_s`` comes overtime, and ``limit_s`` is the latest finish; ``fair_s`` is the paid
    time above which load is unfair. ``fen`` holds the visits that may stand here and what each of
    them costs here (backup territory, over-qualification, wish).
    """

    location: int
    start_s: int
    end_s: int
    limit_s: int
    fair_s: int
    rests: tuple[Rest, ...]
    fen: Mapping[int, int]


@dataclass(frozen=True)
class Model:
    """A day for a peer."""

    travel_s: Matrix
    travel_m: Matrix
    work: tuple[Work, ...]
    shifts: tuple[Shift, ...]
    travel_fen_per_h: int
    travel_fen_per_km: int
    paid_fen_per_h: int
    overtime_fen_per_h: int
    unfair_fen_per_h: int

    @cached_property
    def leg_fen(self) -> Matrix:
        """The price of each leg, without the paid time that it takes."""
        return (
            self.travel_s * self.travel_fen_per_h // SECONDS_PER_H
            + self.travel_m * self.travel_fen_per_km // 1000
        )

    @cached_property
    def able(self) -> tuple[tuple[int, ...], ...]:
        """The shifts in which each visit may stand."""
        found: list[list[int]] = [[] for _ in self.work]
        for number, shift in enumerate(self.shifts):
            for visit in shift.fen:
                found[visit].append(number)
        return tuple(tuple(shifts) for shifts in found)

    def fits_alone(self, visit: int, shift: Shift) -> bool:
        """Whether a shift could do a visit and nothing else, with its rests."""
        work = self.work[visit]
        there_s = int(self.travel_s[shift.location, work.location])
        back_s = int(self.travel_s[work.location, shift.location])
        for open_s, close_s in work.windows:
            start_s = max(shift.start_s + there_s, open_s)
            for rest in shift.rests:
                if start_s + work.service_s > rest.latest_s:
                    rested_s = max(rest.earliest_s, shift.start_s) + rest.duration_s
                    start_s = max(start_s, rested_s)
            if start_s <= close_s and start_s + work.service_s + back_s <= shift.limit_s:
                return True
        return False

    @cached_property
    def stations(self) -> tuple[int, ...]:
        """The places where shifts begin and end."""
        return tuple(sorted({shift.location for shift in self.shifts}))

    def by_place(self, matrix: Matrix) -> Matrix:
        """A matrix of stations and then visits, each visit a place of its own."""
        places = [*self.stations, *(work.location for work in self.work)]
        found: Matrix = np.ascontiguousarray(matrix[np.ix_(places, places)])
        return found

    @cached_property
    def horizon_s(self) -> int:
        """After every finish."""
        return max(shift.limit_s for shift in self.shifts)


def model_of(problem: Problem) -> Model:
    """The day of a problem without crews, ties, tools and nights away.

    Parts become time: a van is loaded at its base before the shift begins, wherever any part is
    kept there. A visit whose parts van and base do not have goes to other shifts if there are any
    that have them. That stock is shared and used up, peers do not know; the judge puts it right.
    """
    return Model(
        travel_s=problem.travel_s.astype(np.int64),
        travel_m=problem.travel_m.astype(np.int64),
        work=tuple(_work(problem, v) for v in range(problem.n_visits)),
        shifts=tuple(_shifts(problem)),
        travel_fen_per_h=problem.travel_fen_per_h,
        travel_fen_per_km=problem.travel_fen_per_km,
        paid_fen_per_h=problem.paid_fen_per_h,
        overtime_fen_per_h=problem.overtime_fen_per_h,
        unfair_fen_per_h=problem.unfair_fen_per_h,
    )


def _work(problem: Problem, visit: int) -> Work:
    release_s = int(problem.visit_release_s[visit])
    service_s = int(problem.visit_service_s[visit])
    first, end = problem.window_ptr[visit], problem.window_ptr[visit + 1]
    opens = problem.window_open_s[first:end].tolist()
    closes = problem.window_close_s[first:end].tolist()
    latest_s = int(problem.shift_limit_s.max())
    windows = list(zip(opens, closes, strict=True)) or [(0, latest_s)]
    return Work(
        location=int(problem.visit_location[visit]),
        service_s=service_s + int(problem.visit_run_in_s[visit]),
        windows=tuple((max(o, release_s), c) for o, c in windows if c >= release_s),
        unassigned_fen=int(problem.visit_unassigned_fen[visit]),
        dues=tuple(_dues(problem, visit, service_s)),
    )


def _dues(problem: Problem, visit: int, service_s: int) -> list[Due]:
    scale = problem.clock_permille
    return [
        Due(
            int(problem.clock_due_s[c]) - (service_s if problem.clock_at_end[c] else 0),
            int(problem.clock_breach_fen[c]) * scale // 1000,
            int(problem.clock_late_fen_per_h[c]) * scale // 1000,
        )
        for c in range(problem.clock_ptr[visit], problem.clock_ptr[visit + 1])
    ]


def _shifts(problem: Problem) -> list[Shift]:
    fen: list[dict[int, int]] = [{} for _ in range(problem.n_shifts)]
    for visit in range(problem.n_visits):
        able = range(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1])
        supplied = [c for c in able if _has_parts(problem, visit, problem.candidate_shift[c])]
        for c in supplied or able:
            fen[problem.candidate_shift[c]][visit] = int(problem.candidate_fen[c])
    return [_shift(problem, number, fen[number]) for number in range(problem.n_shifts)]


def _has_parts(problem: Problem, visit: int, shift: int) -> bool:
    """Whether the van and the base, when the shift begins, have what the visit needs."""
    parts = problem.van_stock.shape[1]
    depot = problem.shift_depot[shift]
    for need in range(problem.need_ptr[visit], problem.need_ptr[visit + 1]):
        first, end = problem.need_alternative_ptr[need], problem.need_alternative_ptr[need + 1]
        found = 0
        for part in problem.need_alternative[first:end]:
            found += problem.van_stock[problem.shift_technician[shift], part]
            if depot >= 0:
                row = depot * parts + part
                there = slice(problem.supply_ptr[row], problem.supply_ptr[row + 1])
                in_time = problem.supply_at_s[there] <= problem.shift_start_s[shift]
                found += problem.supply_quantity[there][in_time].sum()
        if found < problem.need_quantity[need]:
            return False
    return True


def _shift(problem: Problem, number: int, fen: Mapping[int, int]) -> Shift:
    technician = problem.shift_technician[number]
    end_s = int(problem.shift_end_s[number])
    overtime_s = int(problem.technician_max_overtime_s[technician])
    return Shift(
        location=int(problem.shift_location[number]),
        start_s=int(problem.shift_start_s[number]) + _loading_s(problem, number),
        end_s=end_s,
        limit_s=min(int(problem.shift_limit_s[number]), end_s + overtime_s),
        fair_s=int(problem.technician_fair_s[technician]),
        rests=tuple(_rests(problem, number)),
        fen=fen,
    )


def _loading_s(problem: Problem, shift: int) -> int:
    depot = int(problem.shift_depot[shift])
    parts = problem.van_stock.shape[1]
    if depot < 0 or problem.supply_ptr[depot * parts] == problem.supply_ptr[(depot + 1) * parts]:
        return 0
    return int(problem.depot_pickup_s[depot])


def _rests(problem: Problem, shift: int) -> list[Rest]:
    return [
        Rest(
            int(problem.break_earliest_s[b]),
            int(problem.break_latest_s[b]),
            int(problem.break_duration_s[b]),
        )
        for b in range(problem.break_ptr[shift], problem.break_ptr[shift + 1])
    ]
