"""Planning small problems in tests, and comparing what the solver and the referee say of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pytest

from dispatch.domain.plan import Plan, Stop, StopKind
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.numbering import Numbering, number
from dispatch.planning import to_plan
from dispatch.problems import PINNED_FEN, build_problem
from dispatch.travel import Travel
from solver.problem import Problem
from solver.search import Budget, SearchProgress
from solver.solve import Solution, SolvedRoute, StopType, solve
from tests.builders import FlatLegs, a_policy

PRICES = a_policy(
    unassigned_fen=1_000_000, travel_fen_per_h=2_000, paid_fen_per_h=4_500, overtime_fen_per_h=7_000
)
"""Worth planning every visit; shorter is better."""


def ignore(_: SearchProgress) -> None:
    """A report that goes nowhere."""


def never() -> bool:
    """A stop that never comes."""
    return False


def matrix(snapshot: Snapshot, legs: Legs) -> Travel:
    """Travel between the snapshot's stations and sites as the legs say; 0 from a place to itself"""
    ids = (*(s.id for s in snapshot.stations), *(s.id for s in snapshot.sites))
    table = [[(0, 0) if a == b else legs.leg(a, b) for b in ids] for a in ids]
    cells = np.array(table, np.int32).reshape(len(ids), len(ids), 2)
    seconds, metres = np.ascontiguousarray(cells[:, :, 0]), np.ascontiguousarray(cells[:, :, 1])
    return Travel(ids, seconds, metres)


@dataclass(frozen=True)
class Solved:
    """A snapshot, what the solver made of it, and what the referee says about that."""

    snapshot: Snapshot
    numbering: Numbering
    problem: Problem
    solution: Solution
    plan: Plan
    verdict: Verdict

    @property
    def left_out(self) -> dict[str, str]:
        """The reason code of each visit that stayed out."""
        return {left.visit_id: left.code for left in self.plan.unassigned}

    @property
    def planned(self) -> list[str]:
        """The planned visits, route by route; a crew's where its first member has it."""
        stops = [s for r in self.plan.routes for s in r.stops]
        return list(dict.fromkeys(s.visit_id for s in stops if s.visit_id is not None))

    @property
    def pins_out(self) -> list[str]:
        return [visit_id for visit_id in self.left_out if visit_id in self.snapshot.pin]

    @property
    def cost_fen(self) -> int:
        """The solver's cost, without what it adds for pinned visits that stayed out."""
        return self.solution.cost_fen - PINNED_FEN * len(self.pins_out)

    def stops(self, kind: StopKind) -> list[Stop]:
        return [s for r in self.plan.routes for s in r.stops if s.kind is kind]

    def start_of(self, visit_id: str) -> datetime:
        return self.verdict.timetable.start_of(visit_id)

    def technician_of(self, visit_id: str) -> str:
        return self.verdict.timetable.visits[visit_id][0].technician_id

    def crew_of(self, visit_id: str) -> set[str]:
        return {member.technician_id for member in self.verdict.timetable.visits[visit_id]}


@contextmanager
def search_alone() -> Iterator[None]:
    """Small problems are not solved exactly after the search: that takes longer than all else
    where any plan will do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solver.solve.FEW_VISITS", 0)
        yield


def solved(snapshot: Snapshot, travel: Travel, iterations: int = 60, seed: int = 1) -> Solved:
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    budget = Budget(0.0, iterations=iterations)
    solution = solve(problem, budget, seed=seed, report=ignore, stop=never)
    plan = to_plan(numbering, solution, "search", seed)
    return Solved(snapshot, numbering, problem, solution, plan, judge(snapshot, plan, travel))


def solved_small(snapshot: Snapshot, legs: Legs | None = None, iterations: int = 60) -> Solved:
    """Solve a built snapshot, and insist that solver and referee agree about it."""
    result = solved(snapshot, matrix(snapshot, legs or FlatLegs()), iterations)
    assert disagreements(result) == []
    return result


def disagreements(it: Solved) -> list[str]:
    """Where the solver's times and cost are not the referee's, and what rules its plan breaks.

    A pinned visit that stayed out is the only rule that may be broken.
    """
    pins_out = set(it.pins_out)
    found = [
        f"violation {v.code} of {v.subject} by {v.amount}"
        for v in it.verdict.violations
        if not (v.code == "pinned" and v.visit_id in pins_out)
    ]
    if it.cost_fen != it.verdict.cost.total_fen:
        found.append(f"cost {it.cost_fen}, referee {it.verdict.cost.total_fen}")
    if sorted((*it.planned, *it.left_out)) != sorted(v.id for v in it.snapshot.visits):
        found.append("not every visit is exactly once planned or left out")
    solved_routes = {it.numbering.shifts[r.shift][1]: r for r in it.solution.routes}
    timed_routes = {r.route.shift_id: r for r in it.verdict.timetable.routes}
    if solved_routes.keys() != timed_routes.keys():
        return [*found, f"routes {sorted(solved_routes)}, referee {sorted(timed_routes)}"]
    for shift_id, timed in timed_routes.items():
        seconds = it.numbering.seconds
        theirs = {
            "departure": seconds(timed.depart_at),
            "finish": seconds(timed.finish_at),
            "paid": timed.paid_s,
        } | {s.visit_id: seconds(s.start_at) for s in timed.stops if s.visit_id is not None}
        ours = _times_of(it.numbering, solved_routes[shift_id])
        if ours != theirs:
            found.append(f"{shift_id}: {ours}, referee {theirs}")
    return found


def _times_of(numbering: Numbering, route: SolvedRoute) -> dict[str, int]:
    times = {"departure": route.depart_s, "finish": route.finish_s, "paid": route.paid_s}
    visits: Sequence[tuple[str, int]] = [
        (numbering.members[s.index].id, s.start_s) for s in route.stops if s.type is StopType.VISIT
    ]
    return times | dict(visits)
