"""The search and the exact solver against the best plan that exists, on tiny problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.numbering import number
from dispatch.planning import to_plan
from dispatch.problems import PINNED_FEN, build_problem
from solver.column import Column
from solver.exact import Exact, solve_exact
from solver.problem import Problem
from solver.solve import Loaded, Solution, Take, load, new_arrays, read_solution
from tests.solver.oracle import best_plan
from tests.solver.solving import Solved, disagreements, matrix, never, solved
from tests.solver.tiny import tiny


@dataclass(frozen=True, slots=True)
class Comparison:
    """``ours`` and ``best`` are the pinned visits that stay out and the cost, in this order."""

    ours: tuple[int, int]
    best: tuple[int, int]
    wrong: tuple[str, ...]

    @property
    def reached(self) -> bool:
        return self.ours == self.best

    @property
    def share_above(self) -> float:
        """How much dearer ours is, as a share of the best; 1 for a pinned visit more."""
        if self.ours[0] > self.best[0]:
            return 1.0
        return max(0, self.ours[1] - self.best[1]) / max(self.best[1], 1)


@dataclass(frozen=True)
class Tried:
    """A problem, and what its best plan costs, by trying everything."""

    snapshot: Snapshot
    legs: Legs
    best: tuple[int, int]


def tried(snapshot: Snapshot, legs: Legs) -> Tried:
    best = best_plan(snapshot, legs)
    return Tried(snapshot, legs, (best.pins_out, best.fen))


@cache
def tried_tiny(seed: int) -> Tried:
    """Problem number ``seed`` with many rules; tests of the group "tiny" share it."""
    return tried(*tiny(seed))


def compare_search(problem: Tried, iterations: int = 300) -> Comparison:
    """``wrong``: it is cheaper than the best, or solver and referee disagree about it."""
    found = solved(problem.snapshot, matrix(problem.snapshot, problem.legs), iterations)
    return _comparison(found, problem.best, disagreements(found))


def _comparison(found: Solved, best: tuple[int, int], wrong: Sequence[str]) -> Comparison:
    ours = len(found.pins_out), found.cost_fen
    below = [f"{ours} is below the best, {best}"] if ours < best else []
    return Comparison(ours, best, (*wrong, *below))


def compare_exact(tiny_problem: Tried) -> Comparison:
    """``wrong``: it is no optimum, not proved, or its plan breaks rules or costs something else."""
    snapshot, legs = tiny_problem.snapshot, tiny_problem.legs
    travel = matrix(snapshot, legs)
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    exact = solve_exact(problem, seconds=60, stop=never)
    solution = solution_of(problem, exact.columns)
    plan = to_plan(numbering, solution, "exact", None)
    verdict = judge(snapshot, plan, travel)
    pins_out = sum(left.visit_id in snapshot.pin for left in plan.unassigned)
    found = Solved(snapshot, numbering, problem, solution, plan, verdict)
    wrong = [*disagreements(found), *_flaws(exact, solution)]
    ours = pins_out, exact.cost_fen - PINNED_FEN * pins_out
    return Comparison(ours, tiny_problem.best, tuple(wrong))


def _flaws(exact: Exact, solution: Solution) -> list[str]:
    found = [] if exact.proven else [f"cost {exact.cost_fen} but bound {exact.bound_fen}"]
    if exact.cost_fen != solution.cost_fen:
        found.append(f"cost {exact.cost_fen}, of the plan {solution.cost_fen}")
    return found


def solution_of(problem: Problem, columns: Sequence[Column]) -> Solution:
    """The plan of some columns, with all its stops and times."""
    arrays = new_arrays(problem, 0)
    load(arrays, [_loaded(column) for column in columns])
    return read_solution(problem, arrays, 0)


def _loaded(column: Column) -> Loaded:
    takes = tuple(Take(column.visits[0], *take) for take in column.takes)
    return Loaded(column.shift, column.visits, takes, column.ends_away, column.pick_before)
