"""The public entries of the solver; the only place where its parts are wired together."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from solver import kernels
from solver.arrays import Arrays, new_state, pack
from solver.bounds import lower_bound
from solver.column import Column
from solver.problem import Problem, ProblemError
from solver.search import Budget, SearchProgress, best_of, search
from solver.sharing import shared_out
from solver.verify import verify

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
    "order",
    "tool",
    "away",
)
"""The rule codes of the numbers that the kernels return."""

MOST_VISITS = 160
"""No route gets more visits than this, whatever else allows it."""

FEW_VISITS = 12
FIRST_LOOK_S = 1.0
PROOF_ROUNDS = 20
MOST_ROUTES = 20_000
"""Problems of so few visits are searched for a moment and then solved exactly, if there are no more
routes than that; with a budget of iterations, in so many rounds."""

CHAINS = 2
"""How many chains search side by side where the budget is counted in iterations."""

_KINDS = (kernels.FROM_VAN, kernels.FROM_BASE, kernels.FROM_DETOUR)
"""Where parts come from, in the order in which the search looks there."""


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
    ends_away: bool


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
    """A route to start from: its visits in order and where their parts come from.

    What is not picked up at the base at the start is picked up right before ``pick_before``; -1:
    before the first visit that needs it.
    """

    shift: int
    visits: tuple[int, ...]
    takes: tuple[Take, ...]
    ends_away: bool = False
    pick_before: int = -1


@dataclass(frozen=True, slots=True)
class Solution:
    """Routes with at least one visit, the visits that stayed out, and the whole cost. A plan that
    is not legal was so only by the waits of crews and links as the search came to them.

    ``obstructions`` has one entry for each candidate of each visit that stayed out. No plan costs
    less than ``bound_fen`` (None: that was not asked).
    """

    routes: tuple[SolvedRoute, ...]
    unassigned: tuple[int, ...]
    cost_fen: int
    iterations: int
    obstructions: tuple[Obstruction, ...]
    bound_fen: int | None = None
    is_legal: bool = True


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
    cores: int = 2,
    start: Sequence[Loaded] = (),
    debug: bool = False,
) -> Solution:
    """Plan a horizon: construction (or a plan to start from), ruin & recreate in one chain per
    core, and a last look at what stayed out.

    The first call in a process loads the kernels, or compiles them, before the budget starts. A
    budget of iterations gives the same plan on any number of cores. ``debug`` recomputes every
    figure in full after each iteration.

    Raises:
        ProblemError: the arrays contradict each other.
        DriftError: in debug mode, a figure is not what a full computation gives.
    """
    arrays = new_arrays(problem, seed)
    warm_up(arrays)
    if start:
        load(arrays, start)
    construct(arrays)
    chains = [arrays]
    for i in range(1, CHAINS if budget.iterations is not None else cores):
        chains.append(Arrays(arrays.t, arrays.p, arrays.s.copy()))
        chains[i].s[kernels.RNG] = seed + (i << 32)
    begin = time.monotonic()
    small = 0 < problem.n_visits <= FEW_VISITS
    first, share = budget, 1.0
    if small and budget.iterations is None and budget.seconds > 0:
        first = Budget(min(FIRST_LOOK_S, budget.seconds / 2))
        share = first.seconds / budget.seconds
    check = verify if debug else None
    iterations = 0
    if problem.n_visits:
        iterations = search(chains, first, cores, within(report, 0.0, share), stop, check)
    best = best_of(chains)
    polish(best)
    bound_fen = lower_bound(problem)
    if small and not stop():
        left_s = budget.seconds - elapsed_since(begin)
        rounds = PROOF_ROUNDS if budget.iterations is not None else None
        bound_fen = max(bound_fen, prove(problem, best, left_s, rounds, stop))
    proved = bound_fen >= best.s[kernels.BEST_TOTAL]
    if small and budget.iterations is None and not proved:
        spent_s = elapsed_since(begin)
        share = spent_s / max(budget.seconds, spent_s, 1e-9)
        go_on = within(report, share, 1.0, spent_s, iterations)
        left = Budget(max(0.0, budget.seconds - spent_s))
        iterations += search(chains, left, cores, go_on, stop)
        best = best_of(chains)
        polish(best)
    return read_solution(problem, best, iterations, bound_fen)


def within(
    report: Callable[[SearchProgress], None],
    from_share: float,
    to_share: float,
    after_s: float = 0.0,
    iterations: int = 0,
) -> Callable[[SearchProgress], None]:
    """Reports of one search as part of a whole that began earlier."""

    def pass_on(at: SearchProgress) -> None:
        report(
            replace(
                at,
                elapsed_s=after_s + at.elapsed_s,
                iterations=iterations + at.iterations,
                share_done=from_share + (to_share - from_share) * at.share_done,
            )
        )

    return pass_on


def elapsed_since(begin: float) -> float:
    return time.monotonic() - begin


def prove(
    problem: Problem, best: Arrays, seconds: float, rounds: int | None, stop: Callable[[], bool]
) -> int:
    """Look for the best plan there is, and load it if it is better. Returns a lower bound."""
    # Here, because OR-Tools takes as long to load as all the rest and most problems never need it.
    from solver.exact import solve_exact

    known_fen = int(best.s[kernels.BEST_TOTAL])
    exact = solve_exact(
        problem, seconds=seconds, rounds=rounds, stop=stop, known_fen=known_fen, most=MOST_ROUTES
    )
    if exact.cost_fen < known_fen:
        load(best, [_loaded(column) for column in exact.columns])
    return exact.bound_fen or 0


def _loaded(column: Column) -> Loaded:
    takes = tuple(Take(column.visits[0], *take) for take in column.takes)
    return Loaded(column.shift, column.visits, takes, column.ends_away, column.pick_before)


def solve_by_hand(problem: Problem, order: Sequence[int]) -> Solution:
    """Insert visits one after the other as a manual dispatcher does, in the given order."""
    arrays = new_arrays(problem, 0)
    kernels.insert_by_hand(*arrays, np.asarray(order, np.int64))
    return read_solution(problem, arrays, 0)


def plan_of_orders(problem: Problem, orders: Mapping[int, Sequence[int]]) -> Solution:
    """The plan of others: each shift's visits one after the other as far as that is legal; what is
    left out is then offered its cheapest legal place once."""
    arrays = new_arrays(problem, 0)
    for shift, order in orders.items():
        kernels.append(*arrays, shift, np.asarray(order, np.int64))
    kernels.keep_best(arrays.p, arrays.s, 0)
    polish(arrays)
    return read_solution(problem, arrays, 0)


def evaluate_plan(problem: Problem, routes: Iterable[Loaded]) -> tuple[str, int]:
    """What forbids a whole plan, or ``ok``, and what it costs."""
    arrays = new_arrays(problem, 0)
    code = CODES[load(arrays, routes)]
    if code == "ok" and _is_short_of_parts(problem, arrays):
        code = "parts"
    return code, int(arrays.s[kernels.TOTAL])


def _is_short_of_parts(problem: Problem, arrays: Arrays) -> bool:
    """Whether the present plan uses more than there is on a van, or at a depot by then."""
    on_vans = problem.van_stock.ravel()
    if (arrays.section(kernels.VAN_USED, on_vans.size) > on_vans).any():
        return True
    there = problem.supply_quantity
    left = np.cumsum(there - arrays.section(kernels.SUPPLY_USED, there.size))
    before = np.concatenate(([0], left))[problem.supply_ptr[:-1]]
    return bool((left < np.repeat(before, np.diff(problem.supply_ptr))).any())


def load(arrays: Arrays, routes: Iterable[Loaded]) -> int:
    """Make a plan the present and the best one. Returns what forbids it, or OK."""
    most = int(arrays.s[kernels.MOST_VISITS])
    k = kernels
    for section in (k.BEST_LENGTH, k.BEST_TAKEN, k.BEST_AWAY, k.BEST_PICK):
        arrays.section(section, int(arrays.p[kernels.N_SHIFTS]))[:] = 0
    for route in routes:
        shift = route.shift
        arrays.put(kernels.BEST_SEQUENCE, shift * most, route.visits[:most])
        arrays.put(kernels.BEST_LENGTH, shift, (min(len(route.visits), most),))
        takes: dict[tuple[int, int, int], int] = {}
        for take in route.takes:
            key = (take.part, take.supply, take.kind)
            takes[key] = takes.get(key, 0) + take.quantity
        first = shift * kernels.MAX_TAKES * kernels.TAKE_FIELDS
        rows = [v for (part, supply, kind), q in takes.items() for v in (part, q, supply, kind)]
        arrays.put(kernels.BEST_TAKES, first, rows)
        arrays.put(kernels.BEST_TAKEN, shift, (len(takes),))
        arrays.put(kernels.BEST_AWAY, shift, (int(route.ends_away),))
        detours = [t.visit for t in route.takes if t.kind == kernels.FROM_DETOUR]
        pick = next((v for v in route.visits if v in detours), -1)
        arrays.put(
            kernels.BEST_PICK, shift, (route.pick_before if route.pick_before >= 0 else pick,)
        )
    code: int = kernels.load_best(*arrays)
    kernels.keep_best(arrays.p, arrays.s, 0)
    return code


def new_arrays(problem: Problem, seed: int, spare: int = 0) -> Arrays:
    """A problem, checked and packed, with an empty plan and room for some visits more."""
    problem.validate()
    visits = problem.n_visits + spare
    most = min(int(problem.shift_max_visits.max(initial=1)), MOST_VISITS, visits)
    return Arrays(*pack(problem, spare), new_state(problem, seed, max(most, 1), spare))


def construct(arrays: Arrays) -> None:
    """The first plan: dearest visits first, each where it costs least."""
    kernels.recreate(*arrays, kernels.DEAREST_FIRST, 0.0, 0)
    kernels.keep_best(arrays.p, arrays.s, 0)


def polish(arrays: Arrays) -> None:
    """Offer every visit that stayed out of the best plan a place, wherever there is one."""
    if kernels.load_best(*arrays) != kernels.OK:
        return  # what it costs and where there is room is not known
    arrays.s[kernels.THOROUGH] = 1
    kernels.recreate(*arrays, kernels.DEAREST_FIRST, 0.0, 0)
    arrays.s[kernels.THOROUGH] = 0
    if arrays.s[kernels.TOTAL] < arrays.s[kernels.BEST_TOTAL]:
        kernels.keep_best(arrays.p, arrays.s, arrays.s[kernels.BEST_ITERATION])


def warm_up(arrays: Arrays) -> None:
    """Load every kernel of a solve, or compile it, without changing the plan.

    So neither the budget nor a wish to stop ever waits for the compiler.
    """
    t, p, s = Arrays(arrays.t, arrays.p, arrays.s.copy())
    kernels.run(t, p, s, 1.0, 0, 0, 0.0, 0.0, 1.0, 1.0)
    s[kernels.N_BANK] = 0  # nothing to insert
    kernels.recreate(t, p, s, kernels.DEAREST_FIRST, 0.0, 0)
    kernels.keep_best(p, s, 0)
    kernels.load_best(t, p, s)
    if p[kernels.N_SHIFTS]:
        kernels.describe(t, p, s, 0)
    for visit in range(p[kernels.N_VISITS]):
        candidate = int(p[p[kernels.CANDIDATE_PTR] + visit])
        if candidate < p[p[kernels.CANDIDATE_PTR] + visit + 1]:
            kernels.why_not(t, p, s, candidate, visit)
            break


def solution_so_far(problem: Problem, at: SearchProgress) -> Solution:
    """The best plan of a search that goes on, which does not notice. Only while it reports."""
    aside = Arrays(at.best.t, at.best.p, at.best.s.copy())
    return read_solution(problem, aside, at.iterations)


def read_solution(
    problem: Problem, arrays: Arrays, iterations: int, bound_fen: int | None = None
) -> Solution:
    """The best plan with all its stops and times, and why the other visits stayed out."""
    is_legal = kernels.load_best(*arrays) == kernels.OK
    lengths = arrays.section(kernels.LENGTH, problem.n_shifts)
    shifts = np.flatnonzero(lengths).tolist()
    bank = arrays.section(kernels.BANK, int(arrays.s[kernels.N_BANK]))
    unassigned = tuple(sorted(bank.tolist()))
    return Solution(
        routes=tuple(read_route(problem, arrays, shift) for shift in shifts),
        unassigned=unassigned,
        cost_fen=int(arrays.s[kernels.TOTAL]),
        iterations=iterations,
        obstructions=tuple(o for v in unassigned for o in obstructions_of(problem, arrays, v)),
        bound_fen=bound_fen,
        is_legal=is_legal,
    )


def obstructions_of(problem: Problem, arrays: Arrays, visit: int) -> list[Obstruction]:
    """Why a visit that is not planned is in none of its candidate shifts."""
    found = []
    for c in range(problem.candidate_ptr[visit], problem.candidate_ptr[visit + 1]):
        code, amount, _ = kernels.why_not(*arrays, c, visit)
        shift = int(problem.candidate_shift[c])
        found.append(Obstruction(visit, shift, CODES[code], int(amount)))
    return found


def read_route(problem: Problem, arrays: Arrays, shift: int) -> SolvedRoute:
    """A route of the present plan with all its stops and times."""
    n = kernels.describe(*arrays, shift)
    first = shift * kernels.MAX_TAKES * kernels.TAKE_FIELDS
    n_takes = int(arrays.section(kernels.TAKEN, shift + 1)[shift])
    flat = arrays.section(kernels.TAKES, first + n_takes * kernels.TAKE_FIELDS)[first:]
    takes = flat.reshape(n_takes, kernels.TAKE_FIELDS).tolist()
    n_breaks = int(problem.break_ptr[shift + 1] - problem.break_ptr[shift])
    break_legs = arrays.section(kernels.BREAK_LEG, n_breaks).tolist()
    breaks = arrays.section(kernels.BREAK_ORDER, n_breaks).tolist()
    order = arrays.section(kernels.STOPS, n).tolist()
    starts = arrays.section(kernels.STOP_START_S, n).tolist()
    used = _parts_used(problem, order, takes)
    stops: list[SolvedStop] = []
    for i in range(n + 1):
        stops.extend(SolvedStop(StopType.BREAK, b) for b in breaks if break_legs[b] == i)
        if i < n and order[i] >= 0:
            parts = used.get(order[i], ())
            stops.append(SolvedStop(StopType.VISIT, order[i], parts, start_s=starts[i]))
        elif i < n:
            stops.append(_read_pickup(problem, -1 - order[i], i == 0, takes))
    result = arrays.s[kernels.RESULT :]
    return SolvedRoute(
        shift=shift,
        stops=tuple(stops),
        depart_s=int(result[kernels.DEPART]),
        finish_s=int(result[kernels.FINISH]),
        paid_s=int(result[kernels.PAID]),
        cost_fen=int(result[kernels.COST]),
        ends_away=bool(arrays.s[kernels.TO_PLACE] < 0),
    )


def read_start_s(arrays: Arrays, shift: int, visit: int) -> int:
    """When a visit of a route of the present plan starts."""
    n = kernels.describe(*arrays, shift)
    order = arrays.section(kernels.STOPS, n).tolist()
    return int(arrays.section(kernels.STOP_START_S, n)[order.index(visit)])


def _read_pickup(
    problem: Problem, depot: int, at_start: bool, takes: Sequence[Sequence[int]]
) -> SolvedStop:
    from_base = at_start and any(t[kernels.TAKE_KIND] == kernels.FROM_BASE for t in takes)
    kind = kernels.FROM_BASE if from_base else kernels.FROM_DETOUR
    mine = [t for t in takes if t[kernels.TAKE_KIND] == kind]
    wait = max(int(problem.supply_at_s[t[kernels.TAKE_SUPPLY]]) for t in mine)
    parts: dict[int, int] = {}
    for take in mine:
        part = take[kernels.TAKE_PART]
        parts[part] = parts.get(part, 0) + take[kernels.TAKE_QUANTITY]
    return SolvedStop(StopType.PICKUP, depot, tuple(sorted(parts.items())), max(wait, 0))


def _parts_used(
    problem: Problem, order: Sequence[int], takes: Sequence[Sequence[int]]
) -> dict[int, tuple[tuple[int, int], ...]]:
    """Which parts each visit of a route uses, given its stops and what it takes altogether.

    As the search takes them, where that leaves enough for all: from the van first, then from the
    base, then from the detour. A plan that was loaded may have shared them out in another way.

    Raises ProblemError if the takes do not serve all needs.
    """
    units: dict[tuple[int, int], int] = {}
    for take in takes:
        source = take[kernels.TAKE_KIND], take[kernels.TAKE_PART]
        units[source] = units.get(source, 0) + take[kernels.TAKE_QUANTITY]
    detour_at = max((i for i, stop in enumerate(order) if stop < 0), default=0)
    visits: list[int] = []
    wishes: list[list[tuple[int, int]]] = []
    for i, visit in enumerate(order):
        kinds = _KINDS if i >= detour_at else _KINDS[:-1]  # nothing of a detour that is yet to come
        for quantity, alternatives in _part_needs(problem, visit):
            sources = [(kind, part) for kind in kinds for part in alternatives]
            visits += [visit] * quantity
            wishes += [sources] * quantity
    sources_found = shared_out(wishes, units)
    used: dict[int, dict[int, int]] = {}
    for visit, found in zip(visits, sources_found, strict=True):
        if found is None:
            raise ProblemError(f"no part for visit {visit} on a route that serves it")
        of_visit = used.setdefault(visit, {})
        of_visit[found[1]] = of_visit.get(found[1], 0) + 1
    return {visit: tuple(sorted(parts.items())) for visit, parts in used.items()}


def _part_needs(problem: Problem, visit: int) -> Iterator[tuple[int, list[int]]]:
    """How many units a stop uses up, and of which parts; none if it is a pickup."""
    needs = range(problem.need_ptr[visit], problem.need_ptr[visit + 1]) if visit >= 0 else ()
    for need in needs:
        first, end = problem.need_alternative_ptr[need], problem.need_alternative_ptr[need + 1]
        alternatives = problem.need_alternative[first:end].tolist()
        if not problem.part_is_tool[alternatives[0]]:
            yield int(problem.need_quantity[need]), alternatives
