"""The flat arrays of the kernels: the problem packed, and a new state."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver import kernels as k
from solver.problem import Int32, Int64, Problem

NEIGHBOURS = 64
MANY_CANDIDATES = 500_000
"""From here on only one insertion is remembered for each candidate, to save memory."""


class Arrays(NamedTuple):
    """What kernels take: travel int32 [L, L, 2], problem and state, flat int64."""

    t: Int32
    p: Int64
    s: Int64

    def section(self, section: int, size: int) -> Int64:
        """The first ``size`` entries of a section of the state, as a view."""
        start = int(self.s[section])
        return self.s[start : start + size]

    def put(self, section: int, first: int, values: Sequence[int]) -> None:
        """Write values into a section of the state from an entry on."""
        start = int(self.s[section]) + first
        self.s[start : start + len(values)] = values


def pack(problem: Problem) -> tuple[Int32, Int64]:
    """A validated problem as the kernels' ``t`` and ``p``."""
    technicians, parts = problem.van_stock.shape
    numbers = {
        k.N_VISITS: problem.n_visits,
        k.N_SHIFTS: problem.n_shifts,
        k.N_TECHNICIANS: technicians,
        k.N_PARTS: parts,
        k.N_DEPOTS: len(problem.depot_location),
    }
    sections: dict[int, Int64] = {}
    for name, value in problem._asdict().items():
        if name in ("travel_s", "travel_m"):
            continue
        key: int = getattr(k, name.upper())
        if isinstance(value, np.ndarray):
            sections[key] = value.ravel().astype(np.int64)
        else:
            numbers[key] = value
    sections[k.NEIGHBOUR] = neighbours(problem).ravel().astype(np.int64)
    return np.stack((problem.travel_s, problem.travel_m), axis=2), _lay_out(numbers, sections)


def new_state(problem: Problem, seed: int, most_visits: int) -> Int64:
    """An empty state: every visit is in the bank. No route gets more than ``most_visits``."""
    visits, shifts, candidates = problem.n_visits, problem.n_shifts, len(problem.candidate_shift)
    technicians, parts = problem.van_stock.shape
    breaks = int(np.diff(problem.break_ptr).max(initial=0))
    ways = 8 if candidates < MANY_CANDIDATES else 1
    unassigned_fen = int(problem.visit_unassigned_fen.sum())
    numbers = dict.fromkeys(range(k.S_SECTIONS_FROM), 0) | {
        k.TOTAL: unassigned_fen,
        k.BEST_TOTAL: unassigned_fen,
        k.BEST_BANK: visits,
        k.RNG: seed,
        k.MOST_VISITS: most_visits,
        k.N_NEIGHBOURS: n_neighbours(problem),
        k.N_BANK: visits,
        k.NEXT_VERSION: 1,
        k.N_WAYS: ways,
    }
    takes = shifts * k.MAX_TAKES * k.TAKE_FIELDS
    sizes = {
        k.SEQUENCE: shifts * most_visits,
        k.LENGTH: shifts,
        k.ROUTE: shifts * k.ROUTE_FIELDS,
        k.TAKES: takes,
        k.TAKEN: shifts,
        k.VERSION: shifts,
        k.VISIT_SHIFT: visits,
        k.VISIT_CANDIDATE: visits,
        k.BANK: visits,
        k.SUPPLY_USED: len(problem.supply_at_s),
        k.VAN_USED: technicians * parts,
        k.TECHNICIAN_PAID_S: technicians,
        k.TECHNICIAN_OVERTIME_S: technicians,
        k.DEPOT_VERSION: len(problem.depot_location),
        k.CACHE_VERSION: candidates * ways,
        k.CACHE_STOCK: candidates * ways,
        k.CACHE_DELTA: candidates * ways,
        k.CACHE_POSITION: candidates * ways,
        k.TOUCHED: shifts,
        k.IS_TOUCHED: shifts,
        k.OLD_SEQUENCE: shifts * most_visits,
        k.OLD_LENGTH: shifts,
        k.OLD_ROUTE: shifts * k.ROUTE_FIELDS,
        k.OLD_TAKES: takes,
        k.OLD_TAKEN: shifts,
        k.OLD_VERSION: shifts,
        k.OLD_DEPOT_VERSION: len(problem.depot_location),
        k.OLD_BANK: visits,
        k.BEST_SEQUENCE: shifts * most_visits,
        k.BEST_LENGTH: shifts,
        k.BEST_TAKES: takes,
        k.BEST_TAKEN: shifts,
        k.TRIAL: most_visits + 1,
        k.STOPS: most_visits + 3,
        k.STOP_START_S: most_visits + 3,
        k.BREAK_LEG: breaks + 1,
        k.TAKE: k.MAX_TAKES * k.TAKE_FIELDS,
        k.MISSING: k.MAX_TAKES * 2,
        k.ORDER: visits,
    }
    state = _lay_out(numbers, {name: np.zeros(size, np.int64) for name, size in sizes.items()})
    for section in (k.VISIT_SHIFT, k.VISIT_CANDIDATE, k.CACHE_VERSION):
        start = state[section]
        state[start : start + sizes[section]] = -1
    state[state[k.BANK] : state[k.BANK] + visits] = np.arange(visits)
    return state


def _lay_out(numbers: dict[int, int], sections: dict[int, Int64]) -> Int64:
    """One array: numbers, then where each section begins, then the sections."""
    head = len(numbers) + len(sections)
    if sorted((*numbers, *sections)) != list(range(head)):
        raise AssertionError("numbers and sections must fill the head of the array")
    flat = np.empty(head + sum(map(len, sections.values())), np.int64)
    for place, value in numbers.items():
        flat[place] = value
    start = head
    for place in sorted(sections):
        flat[place] = start
        flat[start : start + len(sections[place])] = sections[place]
        start += len(sections[place])
    return flat


def n_neighbours(problem: Problem) -> int:
    return max(1, min(NEIGHBOURS, problem.n_visits - 1))


def neighbours(problem: Problem) -> Int32:
    """The nearest visits of each visit by travel time, [V, n_neighbours]."""
    visits, count = problem.n_visits, n_neighbours(problem)
    result = np.zeros((visits, count), np.int32)
    for visit in range(visits if visits > 1 else 0):
        away = problem.travel_s[problem.visit_location[visit], problem.visit_location]
        order = np.argsort(away, kind="stable")
        result[visit] = order[order != visit][:count]
    return result
