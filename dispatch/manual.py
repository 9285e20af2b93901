"""What a manual dispatcher would have done: the yardstick beside every plan."""

from collections.abc import Sequence

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.numbering import number
from dispatch.planning import to_plan
from dispatch.problems import build_problem
from dispatch.travel import Travel
from solver.problem import Problem
from solver.solve import solve_by_hand


def manual_plan(snapshot: Snapshot, travel: Travel) -> Plan:
    """Tickets by due time, each to the nearest qualified technician who can get the part.

    The same rules hold as for the search. Pinned visits come first, and none before those that
    have to be planned before it.
    """
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    rank = problem.visit_pin_rank.tolist()
    due_s = problem.visit_due_s.tolist()
    order = sorted(range(problem.n_visits), key=lambda v: (not rank[v], rank[v], due_s[v], v))
    solution = solve_by_hand(problem, _firsts_before(problem, order))
    return to_plan(numbering, solution, "manual", None)


def _firsts_before(problem: Problem, order: Sequence[int]) -> list[int]:
    """The same order, but no visit stands before those that links want done first."""
    sorted_in: dict[int, None] = {}

    def sort_in(visit: int, waiting: frozenset[int]) -> None:
        first, end = problem.first_ptr[visit], problem.first_ptr[visit + 1]
        for before in problem.first_visit[first:end].tolist():
            if before not in sorted_in and before not in waiting:
                sort_in(before, waiting | {visit})
        sorted_in[visit] = None

    for visit in order:
        if visit not in sorted_in:
            sort_in(visit, frozenset((visit,)))
    return list(sorted_in)
