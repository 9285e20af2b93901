"""Draw the gap over time of each set: ``python -m benchmarks plot FILE... --out FOLDER``.

The files hold results of ``run`` with several values of ``--seconds``.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.results import Gaps, gaps_over_time, read_results


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one SVG for each set with at least two time limits. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks plot", description="Draw gaps over time."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    wanted = parser.parse_args(arguments)
    wanted.out.mkdir(parents=True, exist_ok=True)
    drawn = 0
    for name, gaps in gaps_over_time(read_results(wanted.files)).items():
        if len(gaps) > 1:
            path = wanted.out / f"{name}.svg"
            _draw(name, gaps).savefig(path)
            print(path)
            drawn += 1
    if not drawn:
        print("no set has gaps at two time limits or more", file=sys.stderr)
    return int(not drawn)


def _draw(name: str, gaps: Gaps) -> Figure:
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    seconds = list(gaps)
    axes.fill_between(
        seconds,
        [min(g) for g in gaps.values()],
        [max(g) for g in gaps.values()],
        alpha=0.2,
        label="smallest to largest",
    )
    axes.plot(seconds, [statistics.mean(g) for g in gaps.values()], marker="o", label="mean")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks(seconds, [f"{s:g}" for s in seconds])
    axes.minorticks_off()
    axes.set_xlabel("seconds for each instance")
    axes.set_ylabel("gap to the best published value, %")
    axes.set_title(name)
    axes.legend()
    return figure
