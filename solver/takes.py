"""Where the parts and tools of a route come from: from the van, from the base at the start, and by
at most one detour to a depot. As in the kernels, a take is (part, quantity, supply, kind).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np

from solver.column import Column, Take
from solver.kernels import FROM_BASE, FROM_DETOUR, FROM_VAN
from solver.problem import Problem


class Unit(NamedTuple):
    """One unit that a route needs, first for the visit at a position; any of ``parts`` will do."""

    position: int
    parts: tuple[int, ...]


class Takes:
    """Loads the vans of one problem's routes."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._n_parts = int(problem.van_stock.shape[1])
        self._is_tool = problem.part_is_tool.astype(bool).tolist()
        self._van = problem.van_stock.tolist()
        self._supply_ptr = problem.supply_ptr.tolist()
        self._supply_at_s = problem.supply_at_s.tolist()
        self._supply_quantity = problem.supply_quantity.tolist()
        self._depots = range(len(problem.depot_location))
        self._needs = [self._needs_of(visit) for visit in range(problem.n_visits)]

    def thrifty(self, column: Column) -> Iterator[Column]:
        """The ways of a route that has all stock for itself: everything from the van as far as it
        goes, then from the base if it stops there, then from one depot on the way."""
        units = self.units(column)
        van, missing = self._from_van(column, units)
        if not missing:
            yield column._replace(takes=_summed(van))
            return
        base, still_missing = self._from_depot(column, missing, self._base(column), FROM_BASE)
        if not still_missing:
            yield column._replace(takes=_summed([*van, *base]))
        for taken, left in ((van, missing), ([*van, *base], still_missing)):
            for depot in self._depots if left and (base or taken is van) else ():
                brought, lacking = self._from_depot(column, left, depot, FROM_DETOUR)
                if not lacking:
                    first = min(unit.position for unit in left)
                    for visit in column.visits[: first + 1]:
                        takes = _summed([*taken, *brought])
                        yield column._replace(takes=takes, pick_before=visit)

    def all_ways(self, column: Column) -> Iterator[Column]:
        """Every way to get the parts, unit by unit, whatever stock there is."""
        units = self.units(column)
        seen: set[tuple[tuple[Take, ...], int]] = set()
        for depot in self._depots if units else (-1,):
            for chosen in product(*(self._sources(column, unit, depot) for unit in units)):
                detours = (
                    u for u, take in zip(units, chosen, strict=True) if take[3] == FROM_DETOUR
                )
                latest = min((unit.position for unit in detours), default=-1)
                for pick_before in column.visits[: latest + 1] or (-1,):
                    way = _summed(chosen), pick_before
                    if way not in seen:
                        seen.add(way)
                        yield column._replace(takes=way[0], pick_before=pick_before)

    def in_stock(self, plan: Sequence[Column]) -> bool:
        """Whether vans and depots have the parts of a plan; of tools the kernels know."""
        van = self._problem.van_stock.astype(np.int64)
        free = self._problem.supply_quantity.astype(np.int64)
        for column in plan:
            for part, quantity, supply, _ in column.takes:
                if self._is_tool[part]:
                    continue
                if supply >= 0:
                    free[supply] -= quantity
                else:
                    van[self._problem.shift_technician[column.shift], part] -= quantity
        return bool((van >= 0).all()) and all(
            bool((free[first:end].cumsum() >= 0).all()) for first, end in pairwise(self._supply_ptr)
        )

    def units(self, column: Column) -> list[Unit]:
        """What a route needs, by position. Of a tool what one visit has used serves the next, so
        only pieces that are not on the van and were not there before count."""
        found = []
        there: dict[int, int] = {}
        van = self._van[int(self._problem.shift_technician[column.shift])]
        for i, visit in enumerate(column.visits):
            for quantity, parts in self._needs[visit]:
                if self._is_tool[parts[0]]:
                    pieces = there.setdefault(parts[0], van[parts[0]])
                    there[parts[0]] = max(pieces, quantity)
                    found += [Unit(i, parts)] * (there[parts[0]] - pieces)
                else:
                    found += [Unit(i, parts)] * quantity
        return found

    def _needs_of(self, visit: int) -> list[tuple[int, tuple[int, ...]]]:
        """Quantity and acceptable parts, best first."""
        p = self._problem
        needs = range(int(p.need_ptr[visit]), int(p.need_ptr[visit + 1]))
        return [
            (
                int(p.need_quantity[need]),
                tuple(p.need_alternative[slice(*p.need_alternative_ptr[need : need + 2])].tolist()),
            )
            for need in needs
        ]

    def _base(self, column: Column) -> int:
        """The depot at which a route starts, or -1."""
        return int(self._problem.shift_depot[column.shift]) if column.starts_at < 0 else -1

    def _from_van(self, column: Column, units: Sequence[Unit]) -> tuple[list[Take], list[Unit]]:
        """What the van gives, and which units it lacks."""
        stock = list(self._van[int(self._problem.shift_technician[column.shift])])
        taken: list[Take] = []
        missing = []
        for unit in units:
            part = next((a for a in unit.parts if stock[a] > 0 and not self._is_tool[a]), -1)
            if part < 0:
                missing.append(unit)
            else:
                stock[part] -= 1
                taken.append((part, 1, -1, FROM_VAN))
        return taken, missing

    def _from_depot(
        self, column: Column, units: Sequence[Unit], depot: int, kind: int
    ) -> tuple[list[Take], list[Unit]]:
        """What a depot gives, each unit as soon as it is there, and which units it lacks."""
        by_s = int(self._problem.shift_start_s[column.shift])
        taken: list[Take] = []
        missing = []
        used: dict[int, int] = {}
        for unit in units:
            supplies = [
                k
                for part in unit.parts
                for k in self._supplies(depot, part)
                if used.get(k, 0) < self._supply_quantity[k]
                and (kind == FROM_DETOUR or self._supply_at_s[k] <= by_s)
            ]
            if not supplies:
                missing.append(unit)
                continue
            supply = min(supplies, key=lambda k: max(self._supply_at_s[k], by_s))
            used[supply] = used.get(supply, 0) + 1
            taken.append((self._part_of(supply), 1, supply, kind))
        return taken, missing

    def _sources(self, column: Column, unit: Unit, depot: int) -> list[Take]:
        """Where a unit may come from, if a depot is the only one on the way."""
        van = self._van[int(self._problem.shift_technician[column.shift])]
        start_s = self._problem.shift_start_s[column.shift]
        base = self._base(column)
        found: list[Take] = []
        for part in unit.parts:
            if van[part] > 0 and not self._is_tool[part]:
                found.append((part, 1, -1, FROM_VAN))
            there = [k for k in self._supplies(base, part) if self._supply_at_s[k] <= start_s]
            found += [(part, 1, k, FROM_BASE) for k in there[-1:]]
            found += [(part, 1, k, FROM_DETOUR) for k in self._supplies(depot, part)]
        return found

    def _supplies(self, depot: int, part: int) -> range:
        if depot < 0:
            return range(0)
        row = depot * self._n_parts + part
        return range(self._supply_ptr[row], self._supply_ptr[row + 1])

    def _part_of(self, supply: int) -> int:
        return (bisect_right(self._supply_ptr, supply) - 1) % self._n_parts


def _summed(takes: Sequence[Take]) -> tuple[Take, ...]:
    units: dict[tuple[int, int, int], int] = {}
    for part, quantity, supply, kind in takes:
        units[part, supply, kind] = units.get((part, supply, kind), 0) + quantity
    return tuple(sorted((part, n, k, kind) for (part, k, kind), n in units.items()))
