"""Why a visit is where it is, and what keeps the other technicians from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dispatch.domain.cost import Cost
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.judged import JudgedPlan
from dispatch.loading import from_plan
from dispatch.numbering import number
from dispatch.obstacles import TechnicianObstacle, obstacles_of, servers_of
from dispatch.placing import taken_out
from dispatch.problems import build_problem
from dispatch.qualification import PRICE
from dispatch.travel import Travel
from solver.standing import Standing


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everybody who could or could not take a visit, in a plan that is as it is otherwise.

    ``obstacles`` has one entry for each technician, closest first: code ``price`` with what the
    cheapest legal place would add in fen, or the rule that comes closest to allowing the visit.
    Those who take it in the plan are among them. ``runner_up_id`` is the next best technician for
    a planned visit, and ``difference_fen`` what the visit would cost more there (less, if
    negative); both are None if nobody else could take it, or a crew does.
    """

    visit_id: str
    planned: bool
    obstacles: tuple[TechnicianObstacle, ...]
    runner_up_id: str | None = None
    difference_fen: int | None = None


class Explainer:
    """Asks one plan, for every technician and shift, where a visit would fit if it were out."""

    def __init__(self, snapshot: Snapshot, travel: Travel, plan: Plan) -> None:
        self.snapshot = snapshot
        self.travel = travel
        self.plan = plan
        self.numbering = number(snapshot, travel)
        self._problem = build_problem(self.numbering, travel)
        self._routes = from_plan(self.numbering, self._problem, plan)
        self._standing = Standing(self._problem, self._routes)
        self._servers = servers_of(plan.routes)

    def explain(self, visit_id: str) -> Explanation:
        takers = self._servers.get(visit_id, frozenset())
        obstacles = self.obstacles(visit_id)
        others = [o for o in obstacles if o.code == PRICE and o.technician_id not in takers]
        if len(takers) != 1 or not others:
            return Explanation(visit_id, bool(takers), obstacles)
        now = next(o for o in obstacles if o.technician_id in takers)
        next_best = others[0]
        difference_fen = next_best.amount - now.amount if now.code == PRICE else None
        return Explanation(visit_id, True, obstacles, next_best.technician_id, difference_fen)

    def fitting(self) -> tuple[str, ...]:
        """The visits that are left out although a legal place is cheaper: none, in a plan that
        the search made."""
        solution = self._standing.filled()
        members = self.numbering.members
        out = {members[number].id for number in solution.unassigned}
        self._standing.reload(self._routes)
        planned = {members[number].id for route in self._routes for number in route.visits}
        return tuple(v.id for v in self.snapshot.visits if v.id not in out | planned)

    def obstacles(self, visit_id: str) -> tuple[TechnicianObstacle, ...]:
        """One for each technician, closest first; whoever could take the visit costs a price."""
        planned = visit_id in self._servers
        if planned:
            without = from_plan(self.numbering, self._problem, self.plan, without=visit_id)
            self._standing.reload(without)
        obstructions = [
            found
            for member in self.numbering.crew_of(visit_id)
            for found in self._standing.obstructions(member)
        ]
        if planned:
            self._standing.reload(self._routes)
        servers = {v: crew for v, crew in self._servers.items() if v != visit_id}
        may_fit = planned or visit_id not in self._searched
        return obstacles_of(self.numbering, obstructions, visit_id, servers, may_fit)

    @cached_property
    def _searched(self) -> frozenset[str]:
        """The visits for which a search found no place; what came later has no obstacles yet."""
        return frozenset(left.visit_id for left in self.plan.unassigned if left.obstacles)


def added_by_item(judged: JudgedPlan, legs: Legs, visit_id: str) -> Mapping[str, int]:
    """What a planned visit costs, in fen by item: the plan less the plan without it.

    What is paid by the route (paid time, the way home) is in it; what it would cost to leave the
    visit out is not.
    """
    without = judge(judged.snapshot, taken_out(judged.plan, visit_id), legs).cost
    kept = Cost(tuple(line for line in without.lines if line.visit_id != visit_id)).by_item()
    whole = judged.verdict.cost.by_item()
    items = dict.fromkeys((*whole, *kept))
    added = {item: whole.get(item, 0) - kept.get(item, 0) for item in items}
    return {item: fen for item, fen in added.items() if fen}
