"""Why a visit is where it is, and what keeps the other technicians from it."""

from dataclasses import dataclass

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.loading import from_plan
from dispatch.numbering import number
from dispatch.obstacles import TechnicianObstacle, obstacles_of, servers_of
from dispatch.problems import build_problem
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
    routes = from_plan(numbering, problem, plan, without=visit_id)
    obstructions = [
        found
        for member in numbering.crew_of(visit_id)
        for found in obstacles_to(problem, routes, member)
    ]
    planned = any(visit_id == s.visit_id for r in plan.routes for s in r.stops)
    servers = servers_of(plan.routes, without=visit_id)
    return Explanation(
        visit_id=visit_id,
        planned=planned,
        obstacles=obstacles_of(numbering, obstructions, visit_id, servers, planned),
    )
