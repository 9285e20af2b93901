"""Run a public set: ``python -m benchmarks run SET``. Writes each result as soon as it is there."""

import argparse
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.models.case import Case, Effort
from benchmarks.peers.registry import OURS, missing
from benchmarks.plans import TimedRoute, Verdict
from benchmarks.reading.text import ReadError
from benchmarks.records import Record, find_records, gap_percent, record_of
from benchmarks.sets import PYVRP, SETS, BenchSet, Convention, bench_set, files_of
from solver.solve import Solution

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "bench"
INTERRUPTED = 130

COLUMNS = "{:<16} {:>4} {:>9} {:>13} {:>13} {:>8} {:>11} {:>7}  {}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for. Returns the exit code: 0 if every plan is feasible."""
    wanted = _arguments(arguments)
    chosen = bench_set(wanted.set, Convention(wanted.convention), wanted.planner)
    folder = _folder(wanted.data, chosen)
    paths = files_of(chosen, folder, wanted.instances)
    if not paths:
        print(f"{folder}: no {chosen.suffix} file matches {wanted.instances}", file=sys.stderr)
        return 2
    results: list[dict[str, Any]] = []
    bad_files = 0
    try:
        bad_files = _run_all(chosen, folder, paths, wanted, results)
    except KeyboardInterrupt:
        print("\nstopped; what is done is kept", file=sys.stderr)
        return INTERRUPTED
    finally:
        _print_summary(results)
    return int(bad_files > 0 or any(not r["feasible"] for r in results))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if wanted.planner == PYVRP:
        if (wanted.set, wanted.convention) != ("vrptw", Convention.DIMACS.value):
            parser.error("--planner pyvrp is for vrptw in the convention dimacs")
        reason = missing(PYVRP)
        if reason is not None:
            parser.error(reason)
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks run",
        description="Solve the instances of a public set, and compare with the best known.",
    )
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--data", type=Path, help="folder with the files, or of the sets")
    parser.add_argument("--instances", default="*", help="names to run, as in 'C1*,R101'")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each run")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds 1 to N")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, help="add a line of JSON for each run to this file")
    parser.add_argument(
        "--convention",
        choices=[c.value for c in Convention],
        default=Convention.DIMACS.value,
        help="vrptw: distances cut to one decimal, or fewest vehicles first",
    )
    parser.add_argument(
        "--planner", choices=(OURS, PYVRP), default=OURS, help="vrptw: who plans, for comparison"
    )
    return parser


def _folder(data: Path | None, chosen: BenchSet) -> Path:
    """The set's folder in a folder of sets, or that folder itself."""
    folder = data or Path(os.environ.get("BENCH_DATA") or DEFAULT_DATA)
    return folder / chosen.name if (folder / chosen.name).is_dir() else folder


def _run_all(
    chosen: BenchSet,
    folder: Path,
    paths: Sequence[Path],
    wanted: argparse.Namespace,
    results: list[dict[str, Any]],
) -> int:
    """Run each file with each seed and add to ``results``. Returns how many files were bad."""
    records = find_records(folder)
    bad = 0
    is_warm = False
    header = ("instance", "seed", chosen.first_goal, "objective", "record", "gap %")
    print(COLUMNS.format(*header, "iterations", "wall s", "").rstrip(), flush=True)
    for path in paths:
        try:
            case = chosen.open(path)
        except ReadError as error:
            print(f"left out: {error}", file=sys.stderr)
            bad += 1
            continue
        if not is_warm:
            case.search(Effort(seconds=0.0, cores=wanted.cores))  # compile before any clock starts
            is_warm = True
        record = record_of(records, chosen.records, case.name)
        for seed in range(1, wanted.seeds + 1):
            effort = Effort(wanted.seconds, seed, wanted.cores)
            result = run_one(case, effort, record)
            result["set"] = chosen.name
            result["planner"] = wanted.planner
            result["convention"] = wanted.convention if chosen.name == "vrptw" else None
            result["file"] = path.relative_to(folder).as_posix()
            results.append(result)
            if wanted.out:
                with wanted.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(result, ensure_ascii=False) + "\n")
            _print_result(result, chosen)
    return bad


def run_one(case: Case, effort: Effort, record: Record | None) -> dict[str, Any]:
    """Solve, check, and put together what is to be known of the run."""
    begin = time.monotonic()
    solution = case.search(effort)
    wall_s = time.monotonic() - begin
    plan = case.plan_of(solution)
    verdict = case.check(plan)
    return {
        "set": "",
        "planner": "",
        "convention": None,
        "instance": case.name,
        "file": "",
        "seed": effort.seed,
        "seconds": effort.seconds,
        "cores": effort.cores,
        "wall_s": round(wall_s, 3),
        "iterations": solution.iterations,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "feasible": not verdict.faults,
        "faults": list(verdict.faults),
        "first_goal": verdict.first_goal,
        "objective": None if math.isnan(verdict.objective) else round(verdict.objective, 6),
        **_beside_the_record(verdict, record),
        "solver_objective": solution.cost_fen / case.unit,
        "bound": _bound(case, solution),
        "figures": verdict.figures,
        "solution": {
            "routes": [_plain(timed) for timed in verdict.routes],
            "unserved": list(plan.unserved),
        },
    }


def _beside_the_record(verdict: Verdict, record: Record | None) -> dict[str, object]:
    gap = gap_percent(verdict.objective, verdict.first_goal, record)
    return {
        "record": record.objective if record else None,
        "record_first_goal": record.first_goal if record else None,
        "gap_percent": None if gap is None or verdict.faults else round(gap, 4),
    }


def _bound(case: Case, solution: Solution) -> float | None:
    return None if solution.bound_fen is None else solution.bound_fen / case.unit


def _plain(timed: TimedRoute) -> dict[str, object]:
    return {
        "technician": timed.route.technician,
        "day": 1,
        "departs": round(timed.departs, 6),
        "stops": [
            {"id": stop.id, "start": round(start, 6)}
            | ({"service": stop.service} if stop.service else {})
            for stop, start in zip(timed.route.stops, timed.starts, strict=True)
        ],
        "returns": round(timed.returns, 6),
    }


def _print_result(result: dict[str, Any], chosen: BenchSet) -> None:
    first = str(result["first_goal"]) if chosen.first_goal else ""
    if chosen.first_goal and result["record_first_goal"] is not None:
        first += f" ({result['first_goal'] - result['record_first_goal']:+d})"
    cells = (
        result["instance"],
        str(result["seed"]),
        first,
        _number(result["objective"], "{:.4f}"),
        _number(result["record"], "{:.4f}"),
        _number(result["gap_percent"], "{:+.3f}"),
        str(result["iterations"]),
        f"{result['wall_s']:.1f}",
        "" if result["feasible"] else f"NOT FEASIBLE: {'; '.join(result['faults'][:3])}",
    )
    print(COLUMNS.format(*cells).rstrip(), flush=True)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _print_summary(results: Sequence[dict[str, Any]]) -> None:
    gaps = [r["gap_percent"] for r in results if r["gap_percent"] is not None]
    unfit = sum(not r["feasible"] for r in results)
    print(f"{len(results)} runs, {unfit} not feasible", end="")
    if gaps:
        below = sum(gap < 0 for gap in gaps)
        print(
            f"; over {len(gaps)} with a gap: mean {statistics.mean(gaps):+.3f} %,"
            f" worst {max(gaps):+.3f} %, {below} below the record",
            end="",
        )
    print(flush=True)
