"""The solver's arrays from the few things that the public sets know.

One shift per technician, no breaks, no overtime, one horizon. Times and costs are whole numbers in
the scale of the model that builds them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from solver.problem import FOREVER_S, Flags, Int32, Int64, Problem

PER_UNIT = 3600
"""A price of so much an hour is 1 fen for each unit of time."""

PER_METRE = 1000
"""A price of so much a km is 1 fen for each unit of distance."""

_FLOAT_DUST = 1e-6
"""20.1333 * 10,000 is 201,333, whatever floats make of it."""

_PLENTY = 1_000_000
"""Pieces at a depot that never runs out, and stops on a route without a limit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """``due``: from then on each unit of time until the start costs 1; never, if FOREVER_S.

    ``leader`` is the first visit of its unit (-1: stands alone); ``ties`` are (visit, lag).
    ``needs`` are (part, quantity).
    """

    location: int
    service: int
    window: tuple[int, int]
    shifts: tuple[int, ...]
    unassigned: int
    needs: tuple[tuple[int, int], ...] = ()
    due: int = FOREVER_S
    leader: int = -1
    ties: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """``stock`` counts parts on the van. Paid time above ``fair`` costs what unfair time does."""

    location: int
    start: int
    limit: int
    stock: tuple[int, ...] = ()
    fair: int = FOREVER_S


@dataclass(frozen=True, slots=True)
class Prices:
    """Fen for each unit of time or distance."""

    distance: int = 0
    paid: int = 0
    worst_late: int = 0
    unfair: int = 0


@dataclass(frozen=True, slots=True)
class Depots:
    """Where parts of every kind are to be had without limit; ``tools`` says which are tools."""

    locations: tuple[int, ...] = ()
    tools: tuple[bool, ...] = ()


def build(
    travel: tuple[Int32, Int32],
    visits: Sequence[Visit],
    shifts: Sequence[Shift],
    prices: Prices,
    depots: Depots,
) -> Problem:
    """All arrays of a problem. ``travel`` holds times and distances between locations."""
    arrays: dict[str, object] = {
        "travel_s": travel[0],
        "travel_m": travel[1],
        "travel_fen_per_h": 0,
        "travel_fen_per_km": prices.distance * PER_METRE,
        "paid_fen_per_h": prices.paid * PER_UNIT,
        "overtime_fen_per_h": 0,
        "unfair_fen_per_h": prices.unfair * PER_UNIT,
        "clock_permille": 1000,
        "change_technician_fen": 0,
        "change_time_fen": 0,
        "change_tolerance_s": 0,
        "part_move_fen": 0,
        "lodging_fen": 0,
        "worst_late_fen_per_h": prices.worst_late * PER_UNIT,
        "depart_late": 1,
    }
    arrays |= _visit_arrays(visits) | _tie_arrays(visits) | _need_arrays(visits)
    arrays |= _window_arrays(visits) | _candidate_arrays(visits)
    arrays |= _shift_arrays(shifts) | _technician_arrays(shifts, len(depots.tools))
    arrays |= _depot_arrays(depots)
    return Problem(**arrays)  # type: ignore[arg-type]


def _visit_arrays(visits: Sequence[Visit]) -> dict[str, object]:
    n = len(visits)
    leaders = [i if v.leader < 0 else v.leader for i, v in enumerate(visits)]
    return {
        "visit_location": _i32(v.location for v in visits),
        "visit_service_s": _i64(v.service for v in visits),
        "visit_run_in_s": np.zeros(n, np.int64),
        "visit_release_s": np.zeros(n, np.int64),
        "visit_unassigned_fen": _i64(v.unassigned for v in visits),
        "visit_due_s": _i64(min(v.due, v.window[1]) for v in visits),
        "visit_pin_after": np.full(n, -1, np.int32),
        "visit_told": np.zeros(n, np.int32),
        "visit_published_start_s": np.zeros(n, np.int64),
        "visit_pin_rank": np.zeros(n, np.int32),
        "visit_leader": _i32(leaders),
    }


def _tie_arrays(visits: Sequence[Visit]) -> dict[str, object]:
    ties = [tie for v in visits for tie in v.ties]
    nobody: Int32 = np.zeros(0, np.int32)
    nothing: Int32 = np.zeros(len(visits) + 1, np.int32)
    return {
        "tie_ptr": _pointers(len(v.ties) for v in visits),
        "tie_visit": _i32(visit for visit, _ in ties),
        "tie_lag_s": _i64(lag for _, lag in ties),
        "first_ptr": nothing,
        "first_visit": nobody,
        "mate_ptr": nothing.copy(),
        "mate_visit": nobody.copy(),
    }


def _need_arrays(visits: Sequence[Visit]) -> dict[str, object]:
    needs = [need for v in visits for need in v.needs]
    return {
        "need_ptr": _pointers(len(v.needs) for v in visits),
        "need_quantity": _i32(quantity for _, quantity in needs),
        "need_alternative_ptr": _pointers(1 for _ in needs),
        "need_alternative": _i32(part for part, _ in needs),
    }


def _window_arrays(visits: Sequence[Visit]) -> dict[str, object]:
    clocks = [v.due for v in visits if v.due < FOREVER_S]
    return {
        "window_ptr": _pointers(1 for _ in visits),
        "window_open_s": _i64(v.window[0] for v in visits),
        "window_close_s": _i64(v.window[1] for v in visits),
        "clock_ptr": _pointers(int(v.due < FOREVER_S) for v in visits),
        "clock_due_s": _i64(clocks),
        "clock_at_end": np.zeros(len(clocks), np.uint8),
        "clock_breach_fen": np.zeros(len(clocks), np.int64),
        "clock_late_fen_per_h": np.full(len(clocks), PER_UNIT, np.int64),
    }


def _candidate_arrays(visits: Sequence[Visit]) -> dict[str, object]:
    shifts = [shift for v in visits for shift in v.shifts]
    told: Flags = np.zeros(len(shifts), np.uint8)
    return {
        "candidate_ptr": _pointers(len(v.shifts) for v in visits),
        "candidate_shift": _i32(shifts),
        "candidate_fen": np.zeros(len(shifts), np.int64),
        "candidate_latest_s": np.full(len(shifts), FOREVER_S, np.int64),
        "candidate_told": told,
    }


def _shift_arrays(shifts: Sequence[Shift]) -> dict[str, object]:
    n = len(shifts)
    return {
        "shift_technician": np.arange(n, dtype=np.int32),
        "shift_start_s": _i64(s.start for s in shifts),
        "shift_end_s": _i64(s.limit for s in shifts),
        "shift_limit_s": _i64(s.limit for s in shifts),
        "shift_location": _i32(s.location for s in shifts),
        "shift_depot": np.full(n, -1, np.int32),
        "shift_max_travel_s": np.full(n, FOREVER_S, np.int64),
        "shift_max_visits": np.full(n, _PLENTY, np.int32),
        "shift_may_stay": np.zeros(n, np.uint8),
        "break_ptr": np.zeros(n + 1, np.int32),
        "break_earliest_s": np.zeros(0, np.int64),
        "break_latest_s": np.zeros(0, np.int64),
        "break_duration_s": np.zeros(0, np.int64),
        "break_rigid": np.zeros(0, np.uint8),
    }


def _technician_arrays(shifts: Sequence[Shift], parts: int) -> dict[str, object]:
    n = len(shifts)
    stock = np.array([s.stock for s in shifts], np.int32).reshape(n, parts)
    return {
        "technician_ptr": np.arange(n + 1, dtype=np.int32),
        "technician_rest_s": np.zeros(n, np.int64),
        "technician_max_overtime_s": np.full(n, FOREVER_S, np.int64),
        "technician_fair_s": _i64(s.fair for s in shifts),
        "technician_max_nights": np.zeros(n, np.int32),
        "van_stock": stock,
    }


def _depot_arrays(depots: Depots) -> dict[str, object]:
    supplies = len(depots.locations) * len(depots.tools)
    return {
        "part_is_tool": np.array(depots.tools, np.uint8),
        "depot_location": _i32(depots.locations),
        "depot_pickup_s": np.zeros(len(depots.locations), np.int64),
        "supply_ptr": np.arange(supplies + 1, dtype=np.int32),
        "supply_at_s": np.zeros(supplies, np.int64),
        "supply_quantity": np.full(supplies, _PLENTY, np.int32),
    }


def scaled_up(values: NDArray[np.float64], scale: int) -> Int32:
    """Values in whole units, rounded up: what is in time here is in time without rounding."""
    return np.ascontiguousarray(np.ceil(values * scale - _FLOAT_DUST), np.int32)


def rounded(values: NDArray[np.float64], scale: int) -> Int32:
    """Values in the nearest whole units."""
    return np.ascontiguousarray(np.rint(values * scale), np.int32)


def units_up(value: float, scale: int) -> int:
    """One value in whole units, rounded up."""
    return math.ceil(value * scale - _FLOAT_DUST)


def units_down(value: float, scale: int) -> int:
    """One value in whole units, rounded down."""
    return math.floor(value * scale + _FLOAT_DUST)


def _pointers(counts: Iterable[int]) -> Int32:
    return np.array([0, *accumulate(counts)], np.int32)


def _i32(values: Iterable[int]) -> Int32:
    return np.array(list(values), np.int32)


def _i64(values: Iterable[int]) -> Int64:
    return np.array(list(values), np.int64)
