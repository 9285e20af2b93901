"""From file to plan: the solver finds the best plan of each small instance, the checker agrees."""

import json
from pathlib import Path

import pytest

from benchmarks.models.case import Case, Effort
from benchmarks.plans import Verdict
from benchmarks.sets import SETS, Convention, bench_set, files_of
from tests.benchmarks import small

FEW = Effort(seconds=0, seed=1, cores=1, iterations=300)
BEST = {
    "trsp": small.TRSP_BEST,
    "trsp_matrix": small.MATRIX_BEST,
    "hhcrsp": small.HHCRSP_BEST,
    "sdvrptw": small.SDVRPTW_BEST,
    "vrptw": small.VRPTW_BEST,
}


def open_small(folder: Path, name: str, convention: Convention, instance: str = "") -> Case:
    """The set's instance of that name; the only one by default, S101 of ``vrptw``."""
    small.write_all(folder)
    chosen = bench_set(name, convention)
    pattern = instance or ("S101" if name == "vrptw" else "*")
    (path,) = files_of(chosen, folder / name, pattern)
    return chosen.open(path)


def solved(case: Case, effort: Effort = FEW) -> Verdict:
    """The checker's verdict, once it is sure that the solver counts the same."""
    solution = case.search(effort)
    verdict = case.check(case.plan_of(solution))
    left_out_fen = sum(int(case.problem.visit_unassigned_fen[v]) for v in solution.unassigned)
    ours = (solution.cost_fen - left_out_fen) / case.unit
    assert ours == pytest.approx(verdict.objective, abs=1e-3)
    return verdict


@pytest.mark.parametrize("name", SETS)
def test_the_best_plan_is_found(tmp_path: Path, name: str) -> None:
    verdict = solved(open_small(tmp_path, name, Convention.DIMACS))
    assert verdict.faults == ()
    assert verdict.objective == pytest.approx(BEST[name], abs=1e-3)
    assert verdict.first_goal == (1 if name == "trsp_matrix" else 0)


@pytest.mark.parametrize("name", SETS)
def test_every_problem_is_valid_and_far_from_overflow(tmp_path: Path, name: str) -> None:
    problem = open_small(tmp_path, name, Convention.DIMACS).problem
    problem.validate()
    assert int(problem.visit_unassigned_fen.sum()) < 1 << 60


def test_fewest_vehicles_come_before_distance(tmp_path: Path) -> None:
    effort = Effort(seconds=0, seed=1, cores=1, iterations=2000)
    verdict = solved(open_small(tmp_path, "vrptw", Convention.HIERARCHICAL, "S102"), effort)
    assert (verdict.faults, verdict.first_goal) == ((), 1)
    assert verdict.objective == pytest.approx(62)


def test_without_that_convention_distance_is_all_that_counts(tmp_path: Path) -> None:
    verdict = solved(open_small(tmp_path, "vrptw", Convention.DIMACS, "S102"))
    assert verdict.objective == pytest.approx(42)
    assert len(verdict.routes) == 2


def test_too_few_vehicles_leave_customers_out_and_say_so(tmp_path: Path) -> None:
    path = small.written(
        tmp_path, "S1.txt", small.VRPTW.replace("  3         10", "  1         10")
    )
    case = bench_set("vrptw", Convention.HIERARCHICAL).open(path)
    verdict = solved(case)
    assert [fault.endswith("is not served") for fault in verdict.faults] == [True]


def test_worst_tardiness_is_shared_out(tmp_path: Path) -> None:
    """Two late patients: who comes first decides how late the later one is, and that counts."""
    patients = [
        {"id": p, "time_window": [0, close], "required_caregivers": [{"service": "s1"}]}
        for p, close in (("p1", 5), ("p2", 6))
    ]
    data = {
        **small.HHCRSP,
        "patients": patients,
        "distances": [[0, 10, 10], [10, 0, 10], [10, 10, 0]],
    }
    path = small.written(tmp_path, "x_2_1.json", json.dumps(data))
    verdict = solved(bench_set("hhcrsp", Convention.DIMACS).open(path))
    # p1 at 10 and p2 at 30, or the other way round: 5 + 24 or 4 + 25 late
    assert verdict.figures == {"distance": 30, "max_tardiness": 24, "total_tardiness": 29}
    assert verdict.faults == ()


@pytest.mark.parametrize("seed", range(3))
def test_services_that_wait_for_each_other_start_when_the_solver_says(
    tmp_path: Path, seed: int
) -> None:
    data = small.random_home_care(patients=16, caregivers=4, seed=seed)
    path = small.written(tmp_path, f"x_16_{seed}.json", json.dumps(data))
    verdict = solved(bench_set("hhcrsp", Convention.DIMACS).open(path))
    assert verdict.faults == ()
