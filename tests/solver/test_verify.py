"""The debug mode: figures that are kept up to date are those of a full computation."""

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
