"""From a plan back to the solver's routes: the inverse of ``dispatch.planning.to_plan``."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from dispatch.domain.plan import Plan, Route, Stop, StopKind
from dispatch.domain.work import Visit
from dispatch.numbering import Numbering
from solver.kernels import FROM_BASE, FROM_DETOUR, FROM_VAN
from solver.problem import Problem
from solver.sharing import shared_out
from solver.solve import Loaded, Take

_KINDS = (FROM_DETOUR, FROM_BASE)


def from_plan(
    numbering: Numbering, problem: Problem, plan: Plan, without: str | None = None
) -> list[Loaded]:
    """The routes of a plan for the solver, without one visit.

    Visits that the solver could not have put there (incomplete crews, parts that are short, other
    hand-made exceptions) are left out.
    """
    loader = _Loader(numbering, problem, plan)
    members = loader.members(without)
    return [
        loaded
        for number in range(len(plan.routes))
        if (loaded := loader.load(number, members.get(number, {}))).visits
    ]


@dataclass(slots=True)
class _Hold:
    """What a route has picked up and not used yet, by the number of part or tool."""

    picked: dict[int, Counter[int]] = field(
        default_factory=lambda: {kind: Counter() for kind in _KINDS}
    )
    supplies: dict[tuple[int, int], int] = field(default_factory=dict)
    tools: Counter[int] = field(default_factory=Counter)
    by_detour: bool = False

    def take(self, visit: int, part: int, quantity: int) -> Iterator[Take]:
        """Takes for a visit, as far as what was picked up goes."""
        for kind in _KINDS:
            used = min(quantity, self.picked[kind][part])
            if used:
                self.picked[kind][part] -= used
                quantity -= used
                yield Take(visit, part, used, self.supplies[kind, part], kind)


class _Loader:
    def __init__(self, numbering: Numbering, problem: Problem, plan: Plan) -> None:
        self._numbering = numbering
        self._problem = problem
        self._routes = plan.routes
        self._shifts = [numbering.shift_number[route.shift_id] for route in plan.routes]
        self._orders = [[s for s in r.stops if s.visit_id is not None] for r in plan.routes]
        self._starts_away = _starts_away(plan.routes, self._shifts)

    def members(self, without: str | None) -> dict[int, dict[str, int]]:
        """By route and visit, the solver's number of the visit there."""
        on: dict[str, list[int]] = {}
        for number, order in enumerate(self._orders):
            for stop in order:
                on.setdefault(stop.visit_id or "", []).append(number)
        on.pop(without or "", None)
        found: dict[int, dict[str, int]] = {}
        first_visit = self._numbering.visit_number
        rank = self._problem.visit_pin_rank
        for visit_id in sorted(on, key=lambda v: int(rank[first_visit[v]])):
            for number, route in zip(
                self._numbering.crew_of(visit_id),
                self._crew(visit_id, on[visit_id], found),
                strict=False,
            ):
                found.setdefault(route, {})[visit_id] = number
        return found

    def _crew(
        self, visit_id: str, routes: Sequence[int], found: dict[int, dict[str, int]]
    ) -> tuple[int, ...]:
        """The routes of a visit, the leader's first; nothing if no order of them will do."""
        numbers = self._numbering.crew_of(visit_id)
        if len(routes) != len(numbers):
            return ()
        for ordered in permutations(routes):
            could = all(
                self._problem.is_candidate(number, self._shifts[route])
                for number, route in zip(numbers, ordered, strict=True)
            )
            if could and self._leads(visit_id, ordered, found):
                return ordered
        return ()

    def _leads(
        self, visit_id: str, ordered: Sequence[int], found: dict[int, dict[str, int]]
    ) -> bool:
        """Whether the first of the routes brings all parts and tools, and holds the pin's order."""
        visit = self._numbering.snapshot.visit[visit_id]
        if any(self._stop(route, visit_id).parts for route in ordered[1:]):
            return False
        leader = ordered[0]
        if not self._has_parts(visit, self._stop(leader, visit_id)):
            return False
        if Counter(visit.tools) - self._tools_before(leader, visit_id):
            return False
        after = int(self._problem.visit_pin_after[self._numbering.visit_number[visit_id]])
        there = (self._problem.visit_leader[n] for n in found.get(leader, {}).values())
        return after < 0 or after in there

    def _has_parts(self, visit: Visit, stop: Stop) -> bool:
        """Whether a stop uses what its visit needs, or approved substitutes."""
        known = self._numbering.snapshot.part
        wishes = [
            (need.part_id, *known[need.part_id].substitutes)
            for need in visit.parts
            for _ in range(need.quantity)
        ]
        return None not in shared_out(wishes, {p.part_id: p.quantity for p in stop.parts})

    def _stop(self, route: int, visit_id: str) -> Stop:
        return next(s for s in self._orders[route] if s.visit_id == visit_id)

    def _tools_before(self, route: int, visit_id: str) -> Counter[str]:
        """The tools on the van of a route when it comes to a visit."""
        decided = self._routes[route]
        tools = Counter(self._numbering.snapshot.technician[decided.technician_id].tools)
        for stop in decided.stops:
            if stop.visit_id == visit_id:
                break
            tools.update(stop.tools)
        return tools

    def load(self, number: int, members: dict[str, int]) -> Loaded:
        """One route with those of its visits that have a number."""
        hold = _Hold()
        visits: list[int] = []
        takes: list[Take] = []
        pickups = sum(stop.kind is StopKind.PICKUP for stop in self._routes[number].stops)
        # Who comes from elsewhere may stop at the base first too, besides the one detour.
        at_start = not self._starts_away[number] or pickups > 1
        pick_before = -1
        for stop in self._routes[number].stops:
            if stop.kind is StopKind.PICKUP:
                self._pick_up(number, stop, at_start, hold)
            elif stop.visit_id in members:
                visit = members[stop.visit_id]
                visits.append(visit)
                if hold.by_detour and pick_before < 0:
                    pick_before = visit
                takes += self._parts_of(stop, visit, hold)
                takes += self._tools_of(number, visit, hold)
            at_start = at_start and stop.kind in (StopKind.BREAK, StopKind.ABSENCE)
        takes.sort(key=lambda take: take.kind)  # as the solver takes: van, base, detour
        ends_away = bool(visits) and self._routes[number].ends_away
        return Loaded(self._shifts[number], tuple(visits), tuple(takes), ends_away, pick_before)

    def _pick_up(self, number: int, stop: Stop, at_start: bool, hold: _Hold) -> None:
        numbering, shift = self._numbering, self._shifts[number]
        depot = numbering.station_number[stop.station_id or ""]
        at_base = depot == int(self._problem.shift_depot[shift])
        start_s = by_s = int(self._problem.shift_start_s[shift])
        if stop.not_before_at is not None:
            by_s = max(by_s, numbering.seconds(stop.not_before_at))
        kind = FROM_BASE if at_start and at_base and by_s == start_s else FROM_DETOUR
        hold.by_detour = hold.by_detour or kind == FROM_DETOUR
        units = [(numbering.part_number[p.part_id], p.quantity) for p in stop.parts]
        tools = Counter(t for t in stop.tools if t in numbering.tool_number)
        units += [(numbering.tool_number[t], quantity) for t, quantity in tools.items()]
        for part, quantity in units:
            supply = self._supply_at(depot, part, by_s)
            if supply is not None:
                hold.picked[kind][part] += quantity
                hold.supplies[kind, part] = supply

    def _supply_at(self, depot: int, part: int, by_s: int) -> int | None:
        """The last supply of a part at a depot that is there by an instant."""
        row = depot * self._problem.van_stock.shape[1] + part
        first, end = self._problem.supply_ptr[row], self._problem.supply_ptr[row + 1]
        there = sum(at_s <= by_s for at_s in self._problem.supply_at_s[first:end].tolist())
        return int(first) + there - 1 if there else None

    def _parts_of(self, stop: Stop, visit: int, hold: _Hold) -> Iterator[Take]:
        for part in stop.parts:
            number, left = self._numbering.part_number[part.part_id], part.quantity
            for take in hold.take(visit, number, left):
                left -= take.quantity
                yield take
            if left:
                yield Take(visit, number, left, -1, FROM_VAN)

    def _tools_of(self, number: int, visit: int, hold: _Hold) -> Iterator[Take]:
        """Tools that are needed here for the first time, and are not on the van."""
        needed: Visit | None = self._numbering.leaders[visit]
        if needed is None:
            return
        technician = self._numbering.technician_number[self._routes[number].technician_id]
        for name, quantity in sorted(Counter(needed.tools).items()):
            tool = self._numbering.tool_number[name]
            there = int(self._problem.van_stock[technician, tool]) + hold.tools[tool]
            if quantity > there:
                hold.tools[tool] += quantity - there
                yield from hold.take(visit, tool, quantity - there)


def _starts_away(routes: Sequence[Route], shifts: Sequence[int]) -> list[bool]:
    """Whether each route begins where the technician's route before it ended away."""
    found = [False] * len(routes)
    away: dict[str, bool] = {}
    for i in sorted(range(len(routes)), key=lambda i: shifts[i]):
        found[i] = away.get(routes[i].technician_id, False)
        away[routes[i].technician_id] = routes[i].ends_away
    return found
