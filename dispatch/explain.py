"""Why a visit is where it is, and what keeps the other technicians from it."""

from dataclasses import dataclass

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.planning import TechnicianObstacle, from_plan, obstacles_of
from dispatch.problems import build_problem, number
from dispatch.travel import Travel
from solver.solve import obstacles_to


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everybody who could or could not take a visit, in a plan that is as it is otherwise.

    ``obstacles`` has one entry for each technician, closest first: code ``price`` with what the
    cheapest legal place would add in fen, or the rule that comes closest to allowing the visit.
    Those who take it in the plan are among them.
    """

    visit_id: str
    planned: bool
    obstacles: tuple[TechnicianObstacle, ...]


def explain(snapshot: Snapshot, travel: Travel, plan: Plan, visit_id: str) -> Explanation:
    """Ask for every technician and shift where the visit would fit if it were not planned."""
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    visit = numbering.visit_number[visit_id]
    routes = from_plan(numbering, problem, plan, without=visit)
    obstacles = obstacles_to(problem, routes, visit)
    return Explanation(
        visit_id=visit_id,
        planned=any(visit_id == s.visit_id for r in plan.routes for s in r.stops),
        obstacles=obstacles_of(numbering, obstacles, visit),
    )
