"""The figures of the release notes, measured anew: ``python -m benchmarks.figures``.

Start-up, the quality of the sample plan beside the manual dispatcher's, repeatability on one and
two cores, and the agreement of kernels and referee. Takes a minute or two.
"""

import argparse
import filecmp
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dispatch.domain.referee import judge
from dispatch.horizon import snapshot_of
from dispatch.planning import to_plan
from dispatch.problems import PINNED_FEN, build_problem, number
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from solver.search import Budget
from solver.solve import solve

PROGRAM = str(Path(sys.executable).with_name("dispatch"))
REPEATS = 7


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=1000, help="for the agreement")
    parser.add_argument("--seconds", type=int, default=30, help="for the sample plan")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = {
            "dispatch --help, median s": help_s(),
            "planning starts after, median s": planning_start_s(Path(folder)),
            **sample_plan(Path(folder), wanted.seconds),
            "same plan file twice, and on one core": repeatable(Path(folder)),
            f"kernel and referee differ on, of {wanted.problems}": disagreements(wanted.problems),
        }
    for name, figure in figures.items():
        print(f"{name:45} {figure}")


def help_s() -> float:
    return _median_s(["--help"])


def planning_start_s(folder: Path) -> float:
    """All of a run that searches for no time at all, with its plan written and shown."""
    return _median_s(["plan", "liaoning", "--seconds", "0", "--out", str(folder / "start.json")])


def _median_s(arguments: list[str]) -> float:
    took = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        _run(arguments)
        took.append(time.perf_counter() - begin)
    return round(statistics.median(took), 2)


def sample_plan(folder: Path, seconds: int) -> dict[str, object]:
    """The sample organisation's plan beside that of the manual dispatcher."""
    out = str(folder / "sample.json")
    facts: dict[str, Any] = json.loads(
        _run(["plan", "liaoning", "--seconds", str(seconds), "--out", out, "--json"])
    )
    ours, manual = facts["kpis"], facts["manual_kpis"]
    return {
        "violations": len(facts["violations"]),
        "cost, yuan": ours["total_fen"] // 100,
        "cost below the manual dispatcher, %": round(
            100 - 100 * ours["total_fen"] / manual["total_fen"], 1
        ),
        "visits on time, ours and manual": (ours["on_time"], manual["on_time"]),
        "reasons of visits left out": sorted({left["code"] for left in facts["unassigned"]}),
    }


def repeatable(folder: Path) -> bool:
    """Whether three runs of 5,000 iterations write the same bytes; the third has one core."""
    files = [folder / f"{run}.json" for run in range(3)]
    cores = os.sched_getaffinity(0)
    for run, file in enumerate(files):
        if run == len(files) - 1:
            os.sched_setaffinity(0, {min(cores)})
        _run(["plan", "liaoning", "--iterations", "5000", "--seed", "7", "--out", str(file)])
    os.sched_setaffinity(0, cores)
    return all(filecmp.cmp(files[0], file, shallow=False) for file in files[1:])


def disagreements(problems: int) -> int:
    """On how many generated problems the kernels' cost or a finish differs from the referee's."""
    return sum(not _agrees(seed) for seed in range(50_000, 50_000 + problems))


def _agrees(seed: int) -> bool:
    snapshot = snapshot_of(generate(10 + seed % 21, seed=seed, mix=(TYPICAL, HARD)[seed % 2]))
    travel = travel_of(snapshot)
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    budget = Budget(seconds=0, iterations=100)
    solution = solve(problem, budget, seed=seed, report=lambda _: None, stop=lambda: False)
    verdict = judge(snapshot, to_plan(numbering, solution, "search", seed), travel)
    pins_out = sum(int(problem.visit_pin_rank[v]) > 0 for v in solution.unassigned)
    kernel = {numbering.shifts[r.shift][1]: r.finish_s for r in solution.routes}
    referee = {r.route.shift_id: numbering.seconds(r.finish_at) for r in verdict.timetable.routes}
    same_cost = solution.cost_fen - pins_out * PINNED_FEN == verdict.cost.total_fen
    return same_cost and kernel == referee and {v.code for v in verdict.violations} <= {"pinned"}


def _run(arguments: list[str]) -> str:
    """Run the command; a plan that breaks rules shows in the figures."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
