"""The best plan of a small problem, proved, or at least a bound that no plan can undercut.

All routes are enumerated (``solver/columns.py``) and CP-SAT picks the best combination
(``solver/recombine.py``). Where routes hang on each other, by waiting or by stock, the price of a
column is only the least that it may cost. The chosen plan is then evaluated whole by the kernels;
the model learns what that combination really costs, or that it is illegal, and picks again, until
nothing that it could pick can be cheaper than the best plan found (combinatorial Benders cuts).

"All routes" are those that the kernels write: breaks lie where the walk puts them, and there is at
most one pick-up at the base at the start and one on the way.
"""

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice, product

from solver.column import Column
from solver.columns import Columns, Kind, TooManyError, all_columns, scarce_parts
from solver.pricing import Pricing
from solver.problem import FOREVER_S, Problem
from solver.recombine import Master, changed_crews
from solver.takes import Takes

MOST_COLUMNS = 300_000
MOST_LOADINGS = 2_000
"""Ways to load the vans of one plan that are tried, and of one route that are known."""


ROUND_S = 2.0
"""Deterministic time of CP-SAT for one choice, where rounds are counted."""

_Way = tuple[int, Column]
"""A column with its parts, and what that costs more than the least that the column may cost."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The best plan found; no plan costs less than ``bound_fen`` (None: nothing is known)."""

    columns: tuple[Column, ...]
    cost_fen: int
    bound_fen: int | None

    @property
    def proven(self) -> bool:
        return self.bound_fen == self.cost_fen


def solve_exact(
    problem: Problem,
    *,
    seconds: float,
    stop: Callable[[], bool],
    known_fen: int | None = None,
    most: int = MOST_COLUMNS,
    rounds: int | None = None,
) -> Exact:
    """The best plan of up to 15 visits or so, or what is known of it after ``seconds``.

    It gives up without a bound if there are more than ``most`` routes. Where a plan is known
    already, that costs ``known_fen``, it ends as soon as none can be cheaper: the bound is then
    that cost, and the plan found may be dearer.

    With ``rounds`` the result is the same on every machine: not the clock ends it but so many
    choices, of which none takes CP-SAT longer than ROUND_S of its own deterministic time.
    """
    until = time.monotonic() + (seconds if rounds is None else FOREVER_S)
    nothing = Exact((), int(problem.visit_unassigned_fen.sum()), None)

    pricing, takes = Pricing(problem), Takes(problem)

    def over() -> bool:
        return time.monotonic() >= until or stop()

    def price(column: Column) -> Column | None:
        """With the parts that are best for it alone."""
        legal = (way for way in map(pricing.alone, takes.thrifty(column)) if way is not None)
        return min(legal, key=lambda way: way.cost_fen, default=None)

    try:
        columns = all_columns(problem, price, most=most, stop=over)
    except TooManyError:
        return nothing
    return _Loop(problem, columns, pricing, takes, nothing, known_fen).run(until, over, rounds)


class _Loop:
    def __init__(
        self,
        problem: Problem,
        columns: Columns,
        pricing: Pricing,
        takes: Takes,
        nothing: Exact,
        known_fen: int | None,
    ) -> None:
        self._problem = problem
        self._columns, self._kind = columns
        self._orders: dict[tuple[int, frozenset[int]], list[int]] = {}
        for i, column in enumerate(self._columns):
            self._orders.setdefault((column.shift, frozenset(column.visits)), []).append(i)
        self._known_ways: dict[int, list[_Way]] = {}
        self._known_keys: dict[int, frozenset[Hashable]] = {}
        self._scarce = scarce_parts(problem)
        self._pricing = pricing
        self._takes = takes
        self._master = Master(problem, self._columns)
        self._master.add_needs()
        self._best = nothing
        self._known_fen = nothing.cost_fen if known_fen is None else known_fen
        self._bound_fen: int | None = None

    def run(self, until: float, over: Callable[[], bool], rounds: int | None) -> Exact:
        done = 0
        while not over() and not self._done() and done != rounds:
            done += 1
            left_s = max(until - time.monotonic(), 0.01) if rounds is None else ROUND_S
            picked = self._master.solve(seconds=left_s, deterministic=rounds is not None)
            if picked is None:
                break
            self._bound_fen = max(picked.bound_fen, self._bound_fen or 0)
            if not picked.proven or self._done():
                break
            if not self._learn(picked.columns, picked.cost_fen):
                break
        bound_fen = self._bound_fen
        if bound_fen is not None:
            bound_fen = min(bound_fen, self._least_known_fen())
        return Exact(self._best.columns, self._best.cost_fen, bound_fen)

    def _least_known_fen(self) -> int:
        return min(self._known_fen, self._best.cost_fen)

    def _done(self) -> bool:
        return self._bound_fen is not None and self._bound_fen >= self._least_known_fen()

    def _learn(self, chosen: Sequence[int], cost_fen: int) -> bool:
        """Evaluate a choice and tell the model. False if there is nothing to tell."""
        told = False
        whole: list[Column] = []
        for group in self._groups(chosen):
            least_fen = self._least_fen(group)
            found = self._cheapest(group, least_fen)
            if found is None:
                return told
            fen, plan = found
            whole += plan
            if not plan or fen > least_fen:
                self._tell(group, None if not plan else fen - least_fen)
                told = True
        if len(whole) == len(chosen):
            whole_fen = self._pricing.plan_fen(whole)
            if whole_fen is not None and whole_fen < self._best.cost_fen:
                self._best = Exact(tuple(whole), whole_fen, None)
            if not told and whole_fen != cost_fen:
                self._master.forbid(chosen, set(range(len(self._columns))) - set(chosen))
                told = True
        return told

    def _tell(self, group: Sequence[int], extra_fen: int | None) -> None:
        """A group of columns costs more together, or is illegal (None)."""
        keys = {key for i in group for key in self._keys(i)}
        related = {i for i in range(len(self._columns)) if not keys.isdisjoint(self._keys(i))}
        without = related - set(group)
        if extra_fen is not None:
            self._master.charge(group, without, extra_fen)
        elif any(self._kind[i] is Kind.BOUNDED for i in group):
            self._master.forbid(group, without)
        else:  # more routes leave no more parts
            routes = [(self._columns[i].shift, frozenset(self._columns[i].visits)) for i in group]
            orders = [self._orders[route] for route in routes]
            if not self._lack_parts(orders):
                self._master.forbid(group, ())
                return
            for of in tuple(orders):  # the fewest that lack parts forbid the most
                fewer = [other for other in orders if other is not of]
                orders = fewer if self._lack_parts(fewer) else orders
            self._master.forbid_all(orders)

    def _lack_parts(self, orders: Sequence[Sequence[int]]) -> bool:
        """Whether there are parts for none of the combinations of one column of each list."""
        if any(len(self._ways(i)) == MOST_LOADINGS for of in orders for i in of):
            return False
        loads = [{way.takes: way for i in of for _, way in self._ways(i)} for of in orders]
        combinations = product(*(ways.values() for ways in loads))
        tried = [*islice(combinations, MOST_LOADINGS)]
        return len(tried) < MOST_LOADINGS and not any(map(self._takes.in_stock, tried))

    def _groups(self, chosen: Sequence[int]) -> list[list[int]]:
        """The chosen columns, put together where one changes what another costs."""
        groups: list[tuple[set[Hashable], list[int]]] = []
        for i in chosen:
            keys, members = set(self._keys(i)), [i]
            apart = []
            for group in groups:
                if keys.isdisjoint(group[0]):
                    apart.append(group)
                else:
                    keys |= group[0]
                    members += group[1]
            groups = [*apart, (keys, members)]
        return [members for _, members in groups]

    def _keys(self, i: int) -> frozenset[Hashable]:
        """What a column shares with others: the technician, scarce parts, visits that wait for
        others or are waited for; and the worst lateness, if it has a price."""
        if i not in self._known_keys:
            p, column = self._problem, self._columns[i]
            keys: set[Hashable] = {("technician", int(p.shift_technician[column.shift]))}
            parts = {part for unit in self._takes.units(column) for part in unit.parts}
            keys |= {("part", part) for part in parts & self._scarce}
            for v in column.visits:
                ties = p.tie_visit[p.tie_ptr[v] : p.tie_ptr[v + 1]].tolist()
                keys |= {("visit", visit) for visit in (*ties, v)}
            keys |= {"worst"} if p.worst_late_fen_per_h else set()
            self._known_keys[i] = frozenset(keys)
        return self._known_keys[i]

    def _least_fen(self, group: Sequence[int]) -> int:
        """What the model pays for a group."""
        p = self._problem
        columns = [self._columns[i] for i in group]
        fen = sum(column.cost_fen for column in columns)
        paid_s: dict[int, int] = {}
        for column in columns:
            owner = int(p.shift_technician[column.shift])
            paid_s[owner] = paid_s.get(owner, 0) + column.paid_s
        for owner, seconds in paid_s.items():
            over_s = max(0, seconds - int(p.technician_fair_s[owner]))
            fen += over_s * p.unfair_fen_per_h // 3600
        changed = {leader for column in columns for leader in changed_crews(p, column)}
        fen += sum(p.change_technician_fen * int(p.visit_told[v]) // 1000 for v in changed)
        worst_s = max(column.late_s for column in columns)
        return fen + worst_s * p.worst_late_fen_per_h // 3600

    def _cheapest(
        self, group: Sequence[int], least_fen: int
    ) -> tuple[int, tuple[Column, ...]] | None:
        """What a group really costs, loaded in the best way; no columns if it is not legal; None
        if there are too many ways to try."""
        ways = [self._ways(i) for i in group]
        out_fen = self._out_fen({v for i in group for v in self._columns[i].visits})
        best: tuple[int, tuple[Column, ...]] = (FOREVER_S, ())
        for number, (more_fen, plan) in enumerate(_cheapest_first(ways)):
            if best[1] and least_fen + more_fen >= best[0]:
                return best
            if number == MOST_LOADINGS:
                return None
            fen = self._pricing.plan_fen(plan) if self._takes.in_stock(plan) else None
            if fen is not None and (not best[1] or fen - out_fen < best[0]):
                best = fen - out_fen, plan
        return None if any(len(w) == MOST_LOADINGS for w in ways) else best

    def _out_fen(self, visits: set[int]) -> int:
        """What it costs to leave out all visits but these, of which all units are whole."""
        prices = self._problem.visit_unassigned_fen.tolist()
        return sum(fen for visit, fen in enumerate(prices) if visit not in visits)

    def _ways(self, i: int) -> list[_Way]:
        """The ways to load a column's van, cheapest first."""
        if i not in self._known_ways:
            column = self._columns[i]
            ways = islice(self._takes.all_ways(column), MOST_LOADINGS)
            if self._kind[i] is Kind.FREE:
                found = [(0, column)]
            elif self._kind[i] is Kind.BOUNDED:
                found = [(0, way) for way in ways]
            else:
                legal = (way for way in map(self._pricing.alone, ways) if way is not None)
                found = [(max(0, way.cost_fen - column.cost_fen), way) for way in legal]
            self._known_ways[i] = sorted(found, key=lambda way: way[0])
        return self._known_ways[i]


def _cheapest_first(ways: Sequence[Sequence[_Way]]) -> Iterator[tuple[int, tuple[Column, ...]]]:
    """All combinations of one way of each, by what they cost more than the cheapest."""
    if not all(ways):
        return
    ahead = [(sum(w[0][0] for w in ways), (0,) * len(ways), 0)]
    while ahead:
        fen, numbers, first = heappop(ahead)
        yield fen, tuple(w[k][1] for w, k in zip(ways, numbers, strict=True))
        for i in range(first, len(ways)):
            k = numbers[i] + 1
            if k < len(ways[i]):
                more_fen = ways[i][k][0] - ways[i][k - 1][0]
                heappush(ahead, (fen + more_fen, (*numbers[:i], k, *numbers[i + 1 :]), i))
