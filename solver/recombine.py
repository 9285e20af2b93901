"""CP-SAT picks the best plan that can be put together from known routes.

A *column* is one route of one shift with what it costs alone. The model knows the rules that tie
routes together: each visit once, crews, links, depot and van stock, overtime over the horizon,
rest, nights away, fairness and the worst lateness. Times are those of the columns: where routes
wait for each other the caller has to look again (``solver/exact.py`` does).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from math import ceil

import numpy as np
from ortools.sat.python import cp_model

from solver.column import Column
from solver.problem import Problem


@dataclass(frozen=True, slots=True)
class Picked:
    """The chosen columns. No other choice costs less than ``bound_fen``."""

    columns: tuple[int, ...]
    cost_fen: int
    bound_fen: int

    @property
    def proven(self) -> bool:
        return self.bound_fen >= self.cost_fen


def pick(
    problem: Problem,
    columns: Sequence[Column],
    *,
    hint: Iterable[int] = (),
    below_fen: int | None = None,
    seconds: float,
    deterministic: bool = False,
    workers: int = 1,
) -> Picked | None:
    """The best plan of some of the columns, or None if none (below ``below_fen``) was found.

    ``hint`` are the columns to begin with. With ``deterministic`` one worker searches for so many
    seconds of CP-SAT's own deterministic time: the same on every machine.
    """
    master = Master(problem, columns)
    return master.solve(
        hint=hint,
        below_fen=below_fen,
        seconds=seconds,
        deterministic=deterministic,
        workers=workers,
    )


def changed_crews(problem: Problem, column: Column) -> Iterator[int]:
    """The crews (by their leaders) of which people were told without this technician."""
    for v in column.visits:
        leader = int(problem.visit_leader[v])
        if problem.visit_told[leader] and np.count_nonzero(problem.visit_leader == leader) > 1:
            first, end = problem.candidate_ptr[v], problem.candidate_ptr[v + 1]
            c = first + np.flatnonzero(problem.candidate_shift[first:end] == column.shift)
            if not problem.candidate_told[c].any():
                yield leader


_Var = cp_model.IntVar


class Master:
    """The model; ``charge`` and ``forbid`` tell it more about combinations between solves."""

    def __init__(self, problem: Problem, columns: Sequence[Column]) -> None:
        self._problem = problem
        self._columns = columns
        self._model = cp_model.CpModel()
        self._chosen = [self._model.new_bool_var(f"c{i}") for i in range(len(columns))]
        self._out = self._new_out()
        self._technician = [int(problem.shift_technician[c.shift]) for c in columns]
        self._cost: list[cp_model.LinearExprT] = [
            c.cost_fen * x for c, x in zip(columns, self._chosen, strict=True)
        ]
        out = (self._out[leader] for leader in problem.visit_leader.tolist())
        self._cost += [
            fen * x for fen, x in zip(problem.visit_unassigned_fen.tolist(), out, strict=True)
        ]
        self._by_shift = self._group(lambda i: [columns[i].shift])
        self._by_visit = self._group(lambda i: columns[i].visits)
        self._by_technician = self._group(lambda i: [self._technician[i]])
        for owned in self._by_shift.values():
            self._model.add_at_most_one(self._chosen[i] for i in owned)
        self._add_units()
        self._add_links()
        self._add_depots()
        self._add_tools()
        self._add_vans()
        for technician, owned in self._by_technician.items():
            self._add_technician(technician, owned)
        self._add_worst_lateness()

    def solve(
        self,
        *,
        hint: Iterable[int] = (),
        below_fen: int | None = None,
        seconds: float,
        deterministic: bool = False,
        workers: int = 1,
    ) -> Picked | None:
        """The cheapest choice under all that is known; see ``pick``."""
        model = self._model.clone()
        cost_fen = cp_model.LinearExpr.sum(self._cost)
        if below_fen is not None:
            model.add(cost_fen <= below_fen - 1)
        model.minimize(cost_fen)
        hinted = set(hint)
        for i, x in enumerate(self._chosen if hinted else ()):
            model.add_hint(x, i in hinted)
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = 1
        solver.parameters.num_workers = 1 if deterministic else workers
        if deterministic:
            solver.parameters.max_deterministic_time = seconds
        else:
            solver.parameters.max_time_in_seconds = seconds
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        chosen = tuple(i for i, x in enumerate(self._chosen) if solver.boolean_value(x))
        return Picked(
            chosen, round(solver.objective_value), ceil(solver.best_objective_bound - 1e-3)
        )

    def charge(self, together: Iterable[int], without: Iterable[int], extra_fen: int) -> None:
        """A combination costs more: all of ``together`` chosen, and none of ``without``."""
        extra = self._model.new_int_var(0, max(extra_fen, 0), "extra")
        self._model.add(extra == extra_fen).only_enforce_if(self._literals(together, without))
        self._cost.append(extra)

    def forbid(self, together: Iterable[int], without: Iterable[int]) -> None:
        """A combination is not legal."""
        self._model.add_bool_or(~x for x in self._literals(together, without))

    def forbid_all(self, lists: Sequence[Sequence[int]]) -> None:
        """No combination of one column of each list is legal; of a list only one can be chosen."""
        self._model.add(self._sum(i for of in lists for i in of) <= len(lists) - 1)

    def _literals(self, together: Iterable[int], without: Iterable[int]) -> list[cp_model.BoolVarT]:
        return [*(self._chosen[i] for i in together), *(~self._chosen[i] for i in without)]

    # ------------------------------------------------------------------------------ structure

    def _new_out(self) -> dict[int, _Var]:
        """For each leader whether its unit stays out."""
        leaders = sorted(set(self._problem.visit_leader.tolist()))
        return {leader: self._model.new_bool_var(f"out{leader}") for leader in leaders}

    def _group(self, keys_of: Callable[[int], Iterable[int]]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self._columns)):
            for key in keys_of(i):
                groups[key].append(i)
        return groups

    def _members(self, leader: int) -> list[int]:
        return np.flatnonzero(self._problem.visit_leader == leader).tolist()

    def _sum(self, columns: Iterable[int]) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.sum([self._chosen[i] for i in columns])

    def _doing(self, technician: int, leader: int) -> list[int]:
        """A technician's columns with a member of a unit."""
        found = {i for v in self._members(leader) for i in self._by_visit.get(v, ())}
        return sorted(i for i in found if self._technician[i] == technician)

    def _add_units(self) -> None:
        """Each unit stays out, or each member is done once, by different technicians."""
        for leader, out in self._out.items():
            members = self._members(leader)
            for v in members:
                self._model.add_exactly_one(
                    [out, *(self._chosen[i] for i in self._by_visit.get(v, ()))]
                )
            if len(members) > 1:
                for technician in self._by_technician:
                    self._model.add(self._sum(self._doing(technician, leader)) <= 1)
                self._add_change(leader, members)

    def _add_change(self, leader: int, members: Sequence[int]) -> None:
        """Somebody else comes than the crew of which people were told."""
        changed = self._model.new_bool_var(f"changed{leader}")
        told = int(self._problem.visit_told[leader])
        self._cost.append(self._problem.change_technician_fen * told // 1000 * changed)
        for v in members:
            for i in self._by_visit.get(v, ()):
                if leader in changed_crews(self._problem, self._columns[i]):
                    self._model.add_implication(self._chosen[i], changed)

    def _add_links(self) -> None:
        problem = self._problem
        for leader, out in self._out.items():
            for k in range(problem.first_ptr[leader], problem.first_ptr[leader + 1]):
                first = int(problem.visit_leader[problem.first_visit[k]])
                self._model.add_implication(self._out[first], out)
            for k in range(problem.mate_ptr[leader], problem.mate_ptr[leader + 1]):
                mate = int(problem.visit_leader[problem.mate_visit[k]])
                if leader < mate:
                    self._add_mates(leader, mate)

    def _add_mates(self, one: int, other: int) -> None:
        """Some technician does both, unless one of them stays out."""
        both = []
        for technician in self._by_technician:
            does_both = self._model.new_bool_var(f"both{technician}_{one}_{other}")
            for leader in (one, other):
                self._model.add(does_both <= self._sum(self._doing(technician, leader)))
            both.append(does_both)
        self._model.add_bool_or([self._out[one], self._out[other], *both])

    # ---------------------------------------------------------------------------------- stock

    def _uses(self, keys: Callable[[Column, int, int], int | None]) -> dict[int, dict[int, int]]:
        """For each key of (column, part, supply) the units that each column takes of it."""
        uses: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for i, column in enumerate(self._columns):
            for part, quantity, supply, _ in column.takes:
                key = keys(column, part, supply)
                if key is not None:
                    uses[key][i] += quantity
        return uses

    def _add_limit(self, uses: dict[int, int], limit: int) -> None:
        """The columns chosen may use so much together."""
        if sum(uses.values()) > limit:
            used = sum(quantity * self._chosen[i] for i, quantity in uses.items())
            self._model.add(used <= limit)

    def _is_tool(self, part: int) -> bool:
        return bool(self._problem.part_is_tool[part])

    def _add_depots(self) -> None:
        """Of every supply of a part and those before it no more is taken than they bring."""
        problem = self._problem
        taken = self._uses(lambda _, part, k: k if k >= 0 and not self._is_tool(part) else None)
        for first, end in pairwise(problem.supply_ptr.tolist()):
            uses: dict[int, int] = defaultdict(int)
            for k in range(first, end):
                for i, quantity in taken.get(k, {}).items():
                    uses[i] += quantity
                self._add_limit(dict(uses), int(problem.supply_quantity[first : k + 1].sum()))

    def _add_tools(self) -> None:
        """Never more pieces of a tool are out than a depot lends."""
        lent = self._uses(lambda _, part, k: k if k >= 0 and self._is_tool(part) else None)
        for supply, uses in lent.items():
            pieces = int(self._problem.supply_quantity[supply])
            for instant in {self._columns[i].depart_s for i in uses}:
                out = {
                    i: quantity
                    for i, quantity in uses.items()
                    if self._columns[i].depart_s <= instant < self._columns[i].finish_s
                }
                self._add_limit(out, pieces)

    def _add_vans(self) -> None:
        """Over all shifts a technician uses no more than is on the van; tools are not used up."""
        stock = self._problem.van_stock
        parts = int(stock.shape[1])

        def van_of(column: Column, part: int, supply: int) -> int | None:
            if supply >= 0 or self._is_tool(part):
                return None
            technician = int(self._problem.shift_technician[column.shift])
            return technician * parts + part

        for key, uses in self._uses(van_of).items():
            self._add_limit(uses, int(stock[divmod(key, parts)]))

    def add_needs(self) -> None:
        """For columns without takes: there is enough of every part for all visits together."""
        problem = self._problem
        given: dict[tuple[int, int], list[_Var]] = defaultdict(list)
        for visit, columns in self._by_visit.items():
            out = self._out[int(problem.visit_leader[visit])]
            owners = {self._technician[i] for i in columns}
            for need in range(problem.need_ptr[visit], problem.need_ptr[visit + 1]):
                units = int(problem.need_quantity[need])
                parts = problem.need_alternative[
                    slice(*problem.need_alternative_ptr[need : need + 2])
                ].tolist()
                if self._is_tool(parts[0]):
                    continue
                taken = []
                for owner, part in product((-1, *owners), parts):
                    taken.append(self._model.new_int_var(0, units, "taken"))
                    given[owner, part].append(taken[-1])
                    if owner >= 0:
                        there = self._sum(i for i in columns if self._technician[i] == owner)
                        self._model.add(taken[-1] <= units * there)
                self._model.add(cp_model.LinearExpr.sum(taken) + units * out >= units)
        for (owner, part), taken in given.items():
            stock = problem.van_stock[owner, part] if owner >= 0 else self._depot_stock(part)
            self._model.add(cp_model.LinearExpr.sum(taken) <= int(stock))

    def _depot_stock(self, part: int) -> int:
        """The units of a part in all depots, present and to come."""
        rows = pairwise(self._problem.supply_ptr.tolist())
        of_part = islice(rows, part, None, len(self._problem.part_is_tool))
        return sum(int(self._problem.supply_quantity[first:end].sum()) for first, end in of_part)

    # ---------------------------------------------------------------------------- technicians

    def _add_technician(self, technician: int, owned: Sequence[int]) -> None:
        problem = self._problem
        self._add_limit(
            {i: self._columns[i].overtime_s for i in owned},
            int(problem.technician_max_overtime_s[technician]),
        )
        shifts = range(*problem.technician_ptr[technician : technician + 2].tolist())
        for shift in shifts:
            for later in range(shift + 1, shifts.stop):
                self._add_rest(shift, later, int(problem.technician_rest_s[technician]))
            self._add_night(shift, shift + 1 if shift + 1 in shifts else -1)
        nights = int(problem.technician_max_nights[technician])
        for shift in shifts:
            run = [i for s in shifts if shift <= s <= shift + nights for i in self._by_shift[s]]
            self._add_limit({i: 1 for i in run if self._columns[i].ends_away}, nights)
        if problem.unfair_fen_per_h:
            paid_s = sum(self._columns[i].paid_s * self._chosen[i] for i in owned)
            over_s = paid_s - int(problem.technician_fair_s[technician])
            most_s = sum(self._columns[i].paid_s for i in owned)
            self._pay_per_hour(problem.unfair_fen_per_h, over_s, most_s)

    def _add_rest(self, shift: int, later: int, rest_s: int) -> None:
        """The later route departs no sooner than so long after the finish of the other."""
        before, after = self._by_shift[shift], self._by_shift[later]
        ready_s = max((self._columns[i].finish_s for i in before), default=0) + rest_s
        if ready_s <= min((self._columns[i].depart_s for i in after), default=ready_s):
            return
        free = sum((self._columns[i].finish_s + rest_s) * self._chosen[i] for i in before)
        departs = sum((self._columns[i].depart_s - ready_s) * self._chosen[i] for i in after)
        self._model.add(free <= departs + ready_s)

    def _add_night(self, shift: int, following: int) -> None:
        """A route starts where the one of the shift before ended away."""
        slept: dict[int, list[int]] = defaultdict(list)
        woken: dict[int, list[int]] = defaultdict(list)
        for i in self._by_shift[shift]:
            if self._columns[i].ends_away:
                last = self._columns[i].visits[-1]
                slept[int(self._problem.visit_location[last])].append(i)
        for i in self._by_shift[following] if following >= 0 else ():
            if self._columns[i].starts_at >= 0:
                woken[self._columns[i].starts_at].append(i)
        for place in slept.keys() | woken.keys():
            self._model.add(self._sum(slept[place]) == self._sum(woken[place]))

    def _add_worst_lateness(self) -> None:
        if not self._problem.worst_late_fen_per_h:
            return
        most_s = max((c.late_s for c in self._columns), default=0)
        worst_s = self._model.new_int_var(0, max(most_s, 0), "worst")
        for column, x in zip(self._columns, self._chosen, strict=True):
            if column.late_s > 0:
                self._model.add(worst_s >= column.late_s).only_enforce_if(x)
        self._pay_per_hour(self._problem.worst_late_fen_per_h, worst_s, most_s)

    def _pay_per_hour(self, fen_per_h: int, over_s: cp_model.LinearExprT, most_s: int) -> None:
        """Add a price per hour, rounded down, of what ``over_s`` is above 0."""
        fen = self._model.new_int_var(0, max(most_s, 0) * fen_per_h // 3600, "per_hour")
        self._model.add(3600 * fen >= fen_per_h * over_s - 3599)
        self._cost.append(fen)
