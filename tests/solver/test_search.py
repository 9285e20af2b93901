"""The search loop: budgets, stopping, reports, and the same plan every time."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.domain.snapshot import Snapshot
from dispatch.horizon import snapshot_of
from dispatch.numbering import number
from dispatch.problems import build_problem
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from solver import search
from solver.problem import Problem
from solver.search import Budget, SearchProgress
from solver.solve import Solution, construct, new_arrays, read_solution, solve
from tests.builders import a_snapshot, a_technician
from tests.solver.solving import ignore, never, solved, solved_small

_ROOT = Path(__file__).parents[2]


def _problem(seed: int = 3, visits: int = 40) -> Problem:
    snapshot = snapshot_of(generate(visits, seed=seed, mix=HARD))
    travel = travel_of(snapshot)
    return build_problem(number(snapshot, travel), travel)


def _solve(iterations: int, seed: int = 1) -> Solution:
    return solve(_problem(), Budget(0.0, iterations), seed=seed, report=ignore, stop=never)


def _reports(iterations: int) -> list[SearchProgress]:
    found: list[SearchProgress] = []
    solve(_problem(), Budget(0.0, iterations), seed=1, report=found.append, stop=never)
    return found


# ------------------------------------------------------------------------------- determinism


def test_same_seed_and_iterations_make_the_same_plan() -> None:
    assert _solve(500) == _solve(500)


def test_another_seed_searches_otherwise() -> None:
    problem, budget = _problem(visits=120), Budget(0.0, 30)
    costs = {
        solve(problem, budget, seed=seed, report=ignore, stop=never).cost_fen for seed in range(5)
    }
    assert len(costs) > 1


@pytest.mark.parametrize("slice_s", [1e-9, 0.002, 10.0])
def test_plan_does_not_depend_on_the_slices(
    slice_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _solve(300)
    monkeypatch.setattr(search, "SLICE_S", slice_s)
    assert _solve(300) == usual


_PRINT_PLAN = """
import os, sys
if sys.argv[1] == "one cpu":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from dispatch.horizon import snapshot_of
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import TYPICAL
from tests.solver.solving import solved
snapshot = snapshot_of(generate(40, seed=5, mix=TYPICAL))
print(repr(solved(snapshot, travel_of(snapshot), iterations=300, seed=9).plan))
"""


def _plan_of_new_process(cpus: str, **environment: str) -> str:
    command = [sys.executable, "-c", _PRINT_PLAN, cpus]
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot be kept on one processor")
def test_plan_does_not_depend_on_the_process() -> None:
    snapshot = snapshot_of(generate(40, seed=5, mix=TYPICAL))
    here = repr(solved(snapshot, travel_of(snapshot), iterations=300, seed=9).plan)
    for cpus, hash_seed, threads in (("all cpus", "0", "2"), ("one cpu", "4711", "1")):
        there = _plan_of_new_process(cpus, PYTHONHASHSEED=hash_seed, NUMBA_NUM_THREADS=threads)
        assert there == here


# ----------------------------------------------------------------------- budgets and stopping


@pytest.mark.parametrize("iterations", [1, 7, 8, 100])
def test_budget_of_iterations_is_met_exactly(iterations: int) -> None:
    assert _solve(iterations).iterations == iterations
    assert _reports(iterations)[-1].iterations == iterations


def test_no_iterations_give_the_constructed_plan() -> None:
    problem = _problem()
    arrays = new_arrays(problem, 1)
    construct(arrays)
    constructed = read_solution(problem, arrays, 0)
    assert replace(_solve(0), bound_fen=None) == constructed


def test_no_seconds_give_a_plan() -> None:
    found = solve(_problem(), Budget(0.0), seed=1, report=ignore, stop=never)
    assert found.routes


def test_more_iterations_never_make_it_dearer() -> None:
    """Not in general, since the temperature follows the budget; but from the construction on."""
    assert _solve(2000).cost_fen < _solve(1).cost_fen


@pytest.mark.parametrize("reports", [0, 1, 4])
def test_stopping_keeps_the_best_so_far(reports: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SLICE_S", 1e-9)  # one iteration to a slice
    seen: list[SearchProgress] = []
    found = solve(
        _problem(),
        Budget(0.0, 1000),
        seed=1,
        report=seen.append,
        stop=lambda: len(seen) >= reports,
    )
    assert len(seen) == reports
    assert found.iterations < 1000
    if seen:
        assert found.cost_fen <= seen[-1].cost_fen


def test_stopping_at_once_gives_the_constructed_plan() -> None:
    problem = _problem()
    arrays = new_arrays(problem, 1)
    construct(arrays)
    budget = Budget(0.0, 1000)
    stopped = solve(problem, budget, seed=1, report=ignore, stop=lambda: True)
    assert replace(stopped, bound_fen=None) == read_solution(problem, arrays, 0)


# ------------------------------------------------------------------------------------- reports


def test_reports_tell_a_falling_cost_and_a_rising_share() -> None:
    seen = _reports(2000)
    costs = [at.cost_fen for at in seen]
    shares = [at.share_done for at in seen]
    assert len(seen) > 2
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert [at.iterations for at in seen] == sorted({at.iterations for at in seen})


def test_last_report_tells_the_plan() -> None:
    seen: list[SearchProgress] = []
    problem = _problem()
    found = solve(problem, Budget(0.0, 400), seed=1, report=seen.append, stop=never)
    leaders = [v for v in found.unassigned if problem.visit_leader[v] == v]
    assert seen[-1].visits_out == len(leaders)
    assert seen[-1].cost_fen == found.cost_fen


def test_small_problems_report_one_run() -> None:
    """The first look, the proof and what comes after it are parts of one budget."""
    seen: list[SearchProgress] = []
    solve(_problem(visits=8), Budget(0.4), seed=1, report=seen.append, stop=never)
    shares = [at.share_done for at in seen]
    assert shares == sorted(shares)
    counts = [at.iterations for at in seen]
    assert counts == sorted(counts)


# --------------------------------------------------------------------------------------- edges


@pytest.mark.parametrize(
    "snapshot",
    [
        a_snapshot(visits=[]),
        a_snapshot(visits=[], technicians=[]),
        a_snapshot(technicians=[]),
        a_snapshot(technicians=[a_technician(shifts=())]),
        a_snapshot(parts=()),
    ],
    ids=["no visits", "nothing", "no technicians", "no shifts", "no parts"],
)
def test_search_bears_emptiness(snapshot: Snapshot) -> None:
    found = solved_small(snapshot)
    assert len(found.planned) + len(found.left_out) == len(snapshot.visits)
