"""What a manual dispatcher would have done: the yardstick beside every plan."""

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.planning import to_plan
from dispatch.problems import build_problem, number
from dispatch.travel import Travel
from solver.solve import solve_by_hand


def manual_plan(snapshot: Snapshot, travel: Travel) -> Plan:
    """Tickets by due time, each to the nearest qualified technician who can get the part.

    The same rules hold as for the search. Pinned visits come first.
    """
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    rank = problem.visit_pin_rank.tolist()
    due_s = problem.visit_due_s.tolist()
    order = sorted(range(problem.n_visits), key=lambda v: (not rank[v], rank[v], due_s[v], v))
    return to_plan(numbering, solve_by_hand(problem, order), "manual", None)
