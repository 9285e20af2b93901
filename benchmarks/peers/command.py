"""``python -m benchmarks peers``: our plans beside those of other solvers.

Generated days, the same wall time, the same cores and the same referee for everybody. Other
solvers give the order of the visits of each shift; our own walk lays breaks and pick-ups into it,
takes out what the rules forbid, and offers what is left its cheapest legal place once. Solvers
that know one core only are run once per core with different seeds, and the best plan counts.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean

from benchmarks.days import DAYS, make_day
from benchmarks.peers.judging import judge_routes
from benchmarks.peers.registry import NAMES, OURS, missing, peer_of, version_of
from benchmarks.peers.running import Run, Task, run

FIRST_SEED = 101
"""Seeds 1-9 are for tuning: figures come from days that nobody tuned to."""


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _wanted(arguments)
    planners = _present(wanted.only or NAMES)
    runs: list[Run] = []
    for visits in wanted.sizes:
        for seed in range(wanted.first_seed, wanted.first_seed + wanted.seeds):
            day = make_day(visits, seed, wanted.mix)
            judge_routes(day, {}, "nobody")  # loads the kernels
            for planner in planners:
                task = Task(planner, wanted.mix, visits, seed, wanted.seconds, wanted.cores)
                runs.append(run(task, day))
                _say(runs[-1])
                if wanted.out is not None:
                    _write(wanted.out, runs[-1])
        print(*table([r for r in runs if r.task.visits == visits]), sep="\n", flush=True)
    print(*_limits(planners), sep="\n")
    return 0


def _wanted(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000], metavar="VISITS")
    parser.add_argument("--seeds", type=int, default=3, help="how many days of each size")
    parser.add_argument(
        "--first-seed", type=int, default=FIRST_SEED, help="1-9 for tuning; default: %(default)s"
    )
    parser.add_argument("--seconds", type=float, default=60, help="for each plan")
    parser.add_argument("--cores", type=int, default=2, help="for each plan")
    parser.add_argument("--only", nargs="+", choices=NAMES, help="who plans; default: everybody")
    parser.add_argument("--mix", choices=tuple(DAYS), default="typical")
    parser.add_argument("--out", type=Path, help="a JSON object per run is added to this file")
    return parser.parse_args(arguments)


def _present(names: Sequence[str]) -> list[str]:
    reasons = {name: missing(name) for name in names}
    for reason in filter(None, reasons.values()):
        print(f"left out: {reason}")
    return [name for name, reason in reasons.items() if reason is None]


def _say(one: Run) -> None:
    task, judged = one.task, one.judged
    if judged is None:
        said = one.failure
    else:
        said = (
            f"{judged.cost_fen // 100:>8} yuan  {judged.unassigned:>3} unassigned"
            f"  {judged.late:>3} late  {judged.refused:>3} refused  {one.wall_s:6.1f} s"
            f"  {' '.join(judged.violations)}"
        )
    print(f"{task.mix} {task.visits:>5} {task.seed:>4}  {task.planner:<9} {said}", flush=True)


def _write(file: Path, one: Run) -> None:
    with file.open("a", encoding="utf-8") as out:
        record = asdict(one) | {"version": version_of(one.task.planner)}
        out.write(json.dumps(record, ensure_ascii=False) + "\n")


def table(runs: Sequence[Run]) -> list[str]:
    """The means over days of one size, a line per planner, the cheapest first.

    A planner without a plan for one of the days has no mean.
    """
    lines = ["", f"{'planner':<10}{'yuan':>9}{'ratio':>8}{'out':>6}{'late':>6}{'refused':>9}"]
    ours = _mean_fen(runs, OURS)
    planners = dict.fromkeys(one.task.planner for one in runs)
    costs = {planner: _mean_fen(runs, planner) for planner in planners}
    for planner in sorted(planners, key=lambda p: costs[p] or float("inf")):
        cost = costs[planner]
        if cost is None:
            lines.append(f"{planner:<10}{'no plan for each day':>29}")
            continue
        judged = [r.judged for r in runs if r.task.planner == planner and r.judged is not None]
        ratio = f"{cost / ours:8.3f}" if ours else f"{'-':>8}"
        lines.append(
            f"{planner:<10}{cost / 100:9.0f}{ratio}{fmean(j.unassigned for j in judged):6.1f}"
            f"{fmean(j.late for j in judged):6.1f}{fmean(j.refused for j in judged):9.1f}"
        )
    return lines


def _mean_fen(runs: Sequence[Run], planner: str) -> float | None:
    verdicts = [one.judged for one in runs if one.task.planner == planner]
    costs = [judged.cost_fen for judged in verdicts if judged is not None]
    return fmean(costs) if costs and len(costs) == len(verdicts) else None


def _limits(planners: Iterable[str]) -> list[str]:
    others = [planner for planner in planners if planner != OURS]
    said = [f"{p} {version_of(p)}: {'; '.join(peer_of(p).cannot)}" for p in others]
    return ["", "What the others could not be told:", *said] if others else []
