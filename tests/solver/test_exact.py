"""The exact solver: what it calls the best plan is the best, and its bounds hold."""

import pytest

from dispatch.numbering import number
from dispatch.problems import build_problem
from solver.exact import solve_exact
from solver.problem import Problem
from tests.builders import FlatLegs, a_snapshot, a_visit
from tests.solver.comparing import compare_exact, tried, tried_tiny
from tests.solver.monday import monday
from tests.solver.solving import matrix, never, solved
from tests.solver.tiny import FEATURES, tiny, with_features

BATCH = 20


@pytest.mark.xdist_group("tiny")
@pytest.mark.parametrize("first", range(0, 120, BATCH))
def test_exact_optimum_is_the_best_of_all_plans(first: int) -> None:
    found = {seed: compare_exact(tried_tiny(seed)) for seed in range(first, first + BATCH)}
    assert {s: c for s, c in found.items() if c.wrong or not c.reached} == {}


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_exact_optimum_with_one_rule_alone(feature: str) -> None:
    found = {seed: compare_exact(tried(*with_features(seed, [feature]))) for seed in range(6)}
    assert {s: c for s, c in found.items() if c.wrong or not c.reached} == {}


def _three_visits() -> Problem:
    snapshot = monday(*(a_visit(f"V{i}", f"P{i}") for i in range(3)))
    travel = matrix(snapshot, FlatLegs())
    return build_problem(number(snapshot, travel), travel)


def test_three_visits_in_one_shift_have_fifteen_routes() -> None:
    assert solve_exact(_three_visits(), seconds=60, stop=never, most=15).proven
    assert solve_exact(_three_visits(), seconds=60, stop=never, most=14).bound_fen is None


def test_without_time_there_is_no_bound() -> None:
    found = solve_exact(_three_visits(), seconds=0, stop=never)
    assert (found.columns, found.bound_fen) == ((), None)
    assert found.cost_fen == 3_000_000


def test_stopping_gives_up() -> None:
    found = solve_exact(_three_visits(), seconds=60, stop=lambda: True)
    assert (found.columns, found.bound_fen) == ((), None)


def test_an_empty_problem_is_solved() -> None:
    snapshot = a_snapshot(visits=[])
    travel = matrix(snapshot, FlatLegs())
    found = solve_exact(build_problem(number(snapshot, travel), travel), seconds=60, stop=never)
    assert (found.columns, found.cost_fen, found.proven) == ((), 0, True)


def test_no_plan_of_the_search_is_below_the_bound() -> None:
    for seed in range(200, 220):
        snapshot, legs = tiny(seed)
        found = solved(snapshot, matrix(snapshot, legs), iterations=40)
        bound_fen = solve_exact(found.problem, seconds=60, stop=never).bound_fen
        assert bound_fen is not None
        assert bound_fen <= found.solution.cost_fen


def test_a_known_plan_is_proved_best_or_undercut() -> None:
    """Of two plans the better one has its cost as the bound, the other one is found out."""
    for seed in range(220, 240):
        snapshot, legs = tiny(seed)
        found = solved(snapshot, matrix(snapshot, legs), iterations=300)
        best_fen = solve_exact(found.problem, seconds=60, stop=never).cost_fen
        for known_fen in (found.solution.cost_fen, found.solution.cost_fen + 1_000):
            known = solve_exact(found.problem, seconds=60, stop=never, known_fen=known_fen)
            assert known.bound_fen == min(best_fen, known_fen)


def test_rounds_give_the_same_without_a_clock() -> None:
    """Ten rounds are enough for most; more never make the bound lower."""
    for seed in range(240, 260):
        snapshot, legs = tiny(seed)
        problem = solved(snapshot, matrix(snapshot, legs), iterations=1).problem
        none, few, many = (
            solve_exact(problem, seconds=0, stop=never, rounds=rounds) for rounds in (0, 10, 1000)
        )
        assert solve_exact(problem, seconds=0, stop=never, rounds=10) == few
        assert none.bound_fen is None
        assert few.bound_fen is not None
        assert many.bound_fen is not None
        assert few.bound_fen <= many.bound_fen == many.cost_fen <= few.cost_fen
