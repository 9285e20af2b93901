"""The public entries of the solver; the only place where its parts are wired together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from solver import kernels
from solver.arrays import Arrays, new_state, pack
from solver.problem import Problem
from solver.search import Budget, SearchProgress, search

CODES = (
    "ok",
    "window",
    "shift",
    "overtime",
    "break",
    "absence",
    "parts",
    "travel_limit",
    "max_visits",
    "rest",
    "pinned",
    "skill_expired",
)
"""The rule codes of the numbers that the kernels return."""

MOST_VISITS = 48
"""No route gets more visits than this, whatever else allows it."""


class StopType(Enum):
    VISIT = 0
    PICKUP = 1
    BREAK = 2


@dataclass(frozen=True, slots=True)
class SolvedStop:
    """One stop of a solved route.

    ``index`` is the visit, the depot, or the number of the break within its shift; ``parts`` are
    (part, quantity) used or picked up; ``not_before_s`` is the delivery a pick-up waits for.
    ``start_s`` is when a visit starts (0 for the others).
    """

    type: StopType
    index: int
    parts: tuple[tuple[int, int], ...] = ()
    not_before_s: int = 0
    start_s: int = 0


@dataclass(frozen=True, slots=True)
class SolvedRoute:
    shift: int
    stops: tuple[SolvedStop, ...]
    depart_s: int
    finish_s: int
    paid_s: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class Obstruction:
    """Why a visit is not in a shift: the rule code that comes closest and by how much it fails.

    Code ``ok``: there is a legal place, and it costs ``amount`` fen.
    """

    visit: int
    shift: int
    code: str
    amount: int


class Take(NamedTuple):
    """Parts for one visit; ``supply`` is -1 from the van; ``kind`` as in the kernels."""

    visit: int
    part: int
    quantity: int
    supply: int
    kind: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A route to start from: its visits in order and where their parts come from."""

    shift: int
    visits: tuple[int, ...]
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """Routes with at least one visit, the visits that stayed out, and the whole cost.

    ``obstructions`` has one entry for each candidate of each visit that stayed out.
    """

    routes: tuple[SolvedRoute, ...]
    unassigned: tuple[int, ...]
    cost_fen: int
    iterations: int
    obstructions: tuple[Obstruction, ...]


def compiled() -> bool:
    """Whether the kernels lie compiled in numba's cache beside their source."""
    source = Path(kernels.__file__)
    indexes = list((source.parent / "__pycache__").glob("kernels.run-*.nbi"))
    return any(i.stat().st_mtime >= source.stat().st_mtime for i in indexes)


def solve(
    problem: Problem,
    budget: Budget,
    *,
    seed: int,
    report: Callable[[SearchProgress], None],
    stop: Callable[[], bool],
) -> Solution:
    """Plan a horizon: construction, ruin & recreate, and a last look at what stayed out.

    The first call in a process loads the kernels, or compiles them, before the budget starts.
    """
    arrays = new_arrays(problem, seed)
    warm_up(arrays)
    construct(arrays)
    iterations = search(arrays, budget, report, stop) if problem.n_visits else 0
    polish(arrays)
    return read_solution(problem, arrays, iterations)


def solve_by_hand(problem: Problem, order: Sequence[int]) -> Solution:
    """Insert visits one after the other as a manual dispatcher does, in the given order."""
    arrays = new_arrays(problem, 0)
    kernels.insert_by_hand(*arrays, np.asarray(order, np.int64))
    return read_solution(problem, arrays, 0)


def new_arrays(problem: Problem, seed: int) -> Arrays:
    """A problem, checked and packed, with an empty plan."""
    problem.validate()
    most = min(int(problem.shift_max_visits.max(initial=1)), MOST_VISITS, problem.n_visits)
    return Arrays(*pack(problem), new_state(problem, seed, max(most, 1)))


def construct(arrays: Arrays) -> None:
    """The first plan: dearest visits first, each where it costs least."""
    kernels.recreate(*arrays, kernels.DEAREST_FIRST, 0.0)
    kernels.keep_best(arrays.p, arrays.s, 0)


def polish(arrays: Arrays) -> None:
    """Offer every visit that stayed out of the best plan a place."""
    kernels.load_best(*arrays)
    kernels.recreate(*arrays, kernels.DEAREST_FIRST, 0.0)
    if arrays.s[kernels.TOTAL] < arrays.s[kernels.BEST_TOTAL]:
        kernels.keep_best(arrays.p, arrays.s, arrays.s[kernels.BEST_ITERATION])


def warm_up(arrays: Arrays) -> None:
    """Load every kernel of a solve, or compile it, without changing the plan.

    So neither the budget nor a wish to stop ever waits for the compiler.
    """
    t, p, s = Arrays(arrays.t, arrays.p, arrays.s.copy())
    kernels.run(t, p, s, 1.0, 0, 0, 0.0, 0.0, 1.0, 1.0)
    s[kernels.N_BANK] = 0  # nothing to insert
    kernels.recreate(t, p, s, kernels.DEAREST_FIRST, 0.0)
    kernels.keep_best(p, s, 0)
    kernels.load_best(t, p, s)
    if p[kernels.N_SHIFTS]:
        kernels.describe(t, p, s, 0)
    for visit in range(p[kernels.N_VISITS]):
        candidate = int(p[p[kernels.CANDIDATE_PTR] + visit])
        if candidate < p[p[kernels.CANDIDATE_PTR] + visit + 1]:
            kernels.why_not(t, p, s, candidate, visit)
            break


def read_solution(problem: Problem, arrays: Arrays, iterations: int) -> Solution:
    """The best plan with all its stops and times, and why the other visits stayed out."""
    kernels.load_best(*arrays)
    lengths = arrays.section(kernels.LENGTH, problem.n_shifts)
    shifts = np.flatnonzero(lengths).tolist()
    bank = arrays.section(kernels.BANK, int(arrays.s[kernels.N_BANK]))
    unassigned = tuple(sorted(bank.tolist()))
    return Solution(
        routes=tuple(_read_route(problem, arrays, shift) for shift in shifts),
        unassigned=unassigned,
        cost_fen=int(arrays.s[kernels.TOTAL]),
        iterations=iterations,
        obstructions=tuple(o for v in unassigned for o in _obstructions(problem, arrays, v)),
    )


def obstacles_to(problem: Problem, routes: Iterable[Loaded], visit: int) -> tuple[Obstruction, ...]:
    """Why a visit that is in none of the routes is in none of its candidate shifts."""
    arrays = new_arrays(problem, 0)
    most = int(arrays.s[kernels.MOST_VISITS])
    for route in routes:
        shift = route.shift
        arrays.put(kernels.BEST_SEQUENCE, shift * most, route.visits[:most])
        arrays.put(kernels.BEST_LENGTH, shift, (min(len(route.visits), most),))
        takes = route.takes[: kernels.MAX_TAKES]
        first = shift * kernels.MAX_TAKES * kernels.TAKE_FIELDS
        arrays.put(kernels.BEST_TAKES, first, tuple(value for take in takes for value in take))
        arrays.put(kernels.BEST_TAKEN, shift, (len(takes),))
    kernels.load_best(*arrays)
    return tuple(_obstructions(problem, arrays, visit))


def _obstructions(problem: Problem, arrays: Arrays, visit: int) -> list[Obstruction]:
    found = []
    for c in range(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1]):
        code, amount = kernels.why_not(*arrays, c, visit)
        shift = int(problem.candidate_shift[c])
        found.append(Obstruction(visit, shift, CODES[code], int(amount)))
    return found


def _read_route(problem: Problem, arrays: Arrays, shift: int) -> SolvedRoute:
    n = kernels.describe(*arrays, shift)
    n_takes = int(arrays.s[kernels.N_TAKES])
    flat = arrays.section(kernels.TAKE, n_takes * kernels.TAKE_FIELDS)
    takes = flat.reshape(n_takes, kernels.TAKE_FIELDS).tolist()
    n_breaks = int(problem.break_ptr[shift + 1] - problem.break_ptr[shift])
    break_legs = arrays.section(kernels.BREAK_LEG, n_breaks).tolist()
    stops: list[SolvedStop] = []
    for i in range(n + 1):
        stops.extend(SolvedStop(StopType.BREAK, b) for b in range(n_breaks) if break_legs[b] == i)
        if i < n:
            stops.append(_read_stop(problem, arrays, i, takes))
    result = arrays.s[kernels.RESULT :]
    return SolvedRoute(
        shift=shift,
        stops=tuple(stops),
        depart_s=int(result[kernels.DEPART]),
        finish_s=int(result[kernels.FINISH]),
        paid_s=int(result[kernels.PAID]),
        cost_fen=int(result[kernels.COST]),
    )


def _read_stop(problem: Problem, arrays: Arrays, i: int, takes: list[list[int]]) -> SolvedStop:
    stop = int(arrays.section(kernels.STOPS, i + 1)[i])
    if stop >= 0:
        start_s = int(arrays.section(kernels.STOP_START_S, i + 1)[i])
        mine = [t for t in takes if t[kernels.TAKE_VISIT] == stop]
        return SolvedStop(StopType.VISIT, stop, _sum_parts(mine), start_s=start_s)
    from_base = i == 0 and any(t[kernels.TAKE_KIND] == kernels.FROM_BASE for t in takes)
    kind = kernels.FROM_BASE if from_base else kernels.FROM_DETOUR
    mine = [t for t in takes if t[kernels.TAKE_KIND] == kind]
    wait = max(int(problem.supply_at_s[t[kernels.TAKE_SUPPLY]]) for t in mine)
    return SolvedStop(StopType.PICKUP, -1 - stop, _sum_parts(mine), max(wait, 0))


def _sum_parts(takes: list[list[int]]) -> tuple[tuple[int, int], ...]:
    total: dict[int, int] = {}
    for take in takes:
        part = take[kernels.TAKE_PART]
        total[part] = total.get(part, 0) + take[kernels.TAKE_QUANTITY]
    return tuple(sorted(total.items()))
