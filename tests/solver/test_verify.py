"""The debug mode: figures that are kept up to date are those of a full computation."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.horizon import snapshot_of
from dispatch.numbering import number
from dispatch.problems import build_problem
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from solver import kernels
from solver.arrays import Arrays
from solver.search import Budget
from solver.solve import construct, new_arrays, solve
from solver.verify import DriftError, verify
from tests.solver.solving import ignore, matrix, never
from tests.solver.tiny import tiny

STAYS_OUT_FEN = 8000


def _constructed() -> Arrays:
    snapshot = snapshot_of(generate(20, seed=1, mix=TYPICAL))
    travel = travel_of(snapshot)
    arrays = new_arrays(build_problem(number(snapshot, travel), travel), seed=1)
    construct(arrays)
    return arrays


@pytest.mark.parametrize("seed", range(8))
def test_nothing_drifts_on_generated_problems(seed: int) -> None:
    snapshot = snapshot_of(generate(14 + seed, seed=seed, mix=(HARD, TYPICAL)[seed % 2]))
    travel = travel_of(snapshot)
    problem = build_problem(number(snapshot, travel), travel)
    budget = Budget(0.0, iterations=150)
    solve(problem, budget, seed=seed, report=ignore, stop=never, debug=True)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_drifts_on_tiny_problems_with_every_rule(seed: int) -> None:
    snapshot, legs = tiny(seed)
    travel = matrix(snapshot, legs)
    problem = build_problem(number(snapshot, travel), travel)
    budget = Budget(0.0, iterations=200)
    solve(problem, budget, seed=seed, report=ignore, stop=never, debug=True)


@pytest.mark.parametrize("seed", [2049, 2224, 2248, 2437, 2664, 2797, 2989])
def test_nothing_drifts_where_waits_could_settle_in_two_ways(seed: int) -> None:
    """A break that may be taken before or after a crew meets: whose route was looked at first once
    decided when it met, and a plan could even turn out not to be legal."""
    mix = replace(HARD, crews=0.7, links=0.5)
    snapshot = snapshot_of(generate(10 + seed % 25, seed=seed, mix=mix))
    travel = travel_of(snapshot)
    problem = build_problem(number(snapshot, travel), travel)
    budget = Budget(0.0, iterations=500)
    solve(problem, budget, seed=seed, report=ignore, stop=never, debug=True)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_drifts_where_only_the_way_is_priced(seed: int) -> None:
    """On plain routes, with so low a price of staying out that some visits do: the debug mode looks
    at what is remembered of those."""
    snapshot = snapshot_of(generate(24, seed=seed, mix=TYPICAL))
    travel = travel_of(snapshot)
    problem = build_problem(number(snapshot, travel), travel)
    problem = problem._replace(
        paid_fen_per_h=0,
        unfair_fen_per_h=0,
        visit_unassigned_fen=np.full_like(problem.visit_unassigned_fen, STAYS_OUT_FEN),
        break_ptr=np.zeros_like(problem.break_ptr),
        break_earliest_s=problem.break_earliest_s[:0],
        break_latest_s=problem.break_latest_s[:0],
        break_duration_s=problem.break_duration_s[:0],
        break_rigid=problem.break_rigid[:0],
        need_ptr=np.zeros_like(problem.need_ptr),
        need_quantity=problem.need_quantity[:0],
        need_alternative_ptr=problem.need_alternative_ptr[:1],
        need_alternative=problem.need_alternative[:0],
    )
    found = solve(problem, Budget(0.0, 150), seed=seed, report=ignore, stop=never, debug=True)
    assert found.routes
    assert found.unassigned


def test_a_wrong_total_is_found() -> None:
    arrays = _constructed()
    verify(arrays)
    arrays.s[kernels.TOTAL] += 1
    with pytest.raises(DriftError, match="total cost"):
        verify(arrays)


def test_wrong_stock_is_found() -> None:
    arrays = _constructed()
    arrays.section(kernels.VAN_USED, 1)[0] += 1
    with pytest.raises(DriftError, match="van stock used"):
        verify(arrays)


def test_a_route_under_another_routes_version_is_found() -> None:
    arrays = _constructed()
    shifts = int(arrays.p[kernels.N_SHIFTS])
    shift = int(np.flatnonzero(arrays.section(kernels.LENGTH, shifts))[0])
    arrays.section(kernels.LENGTH, shifts)[shift] -= 1
    with pytest.raises(DriftError):
        verify(arrays)
