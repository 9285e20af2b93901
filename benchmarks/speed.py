"""``python -m benchmarks speed``: how fast, how early, how large.

Each figure comes from a process of its own. ``--quick`` measures two sizes, and for less time.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).with_name("dispatch"))
REPEATS = 7
SIZES = (100, 300, 1000, 3000, 10_000)
QUICK_SIZES = (100, 1000)
SEARCH_S, QUICK_SEARCH_S = 10.0, 2.0
CANCEL_AFTER_S = 4.0
GIVE_UP_S = 60.0

COLUMNS: Mapping[str, tuple[str, str]] = {
    "visits": ("visits", ",.0f"),
    "technicians": ("technicians", ",.0f"),
    "first_plan_s": ("first plan, s", ".2f"),
    "iterations_per_s": ("iterations/s", ",.0f"),
    "insertion_ms": ("insertion, ms", ".2f"),
    "overshoot_s": ("overshoot, s", ".3f"),
    "memory_mb": ("memory, MB", ",.0f"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, help="a JSON file with all figures")
    wanted = parser.parse_args(arguments)
    sizes, seconds = (QUICK_SIZES, QUICK_SEARCH_S) if wanted.quick else (SIZES, SEARCH_S)
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{wanted.cores} cores of {os.cpu_count()}, {platform.machine()}",
        "python": platform.python_version(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, figure in start_up(Path(folder)).items():
            figures[name] = round(figure, 3)
            print(f"{name:42}{figure:8.2f}", flush=True)
    print(heading())
    figures["growth"] = []
    for visits in sizes:
        figures["growth"].append(grown(visits, seconds, wanted.cores))
        print(row(figures["growth"][-1]), flush=True)
    if wanted.out is not None:
        wanted.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def start_up(folder: Path) -> dict[str, float]:
    """Seconds until the command line answers, compiles, plans and stops."""
    plan = ["plan", "liaoning", "--out", str(folder / "start.json")]
    cold = first_call(folder / "cache")
    warm = first_call(folder / "cache")
    return {
        "dispatch --help, s": _median_s(["--help"]),
        "dispatch plan --seconds 0, s": _median_s([*plan, "--seconds", "0"]),
        "compile with an empty cache, s": cold["first_plan_s"],
        "import with a full cache, s": warm["import_s"],
        "first call with a full cache, s": warm["first_plan_s"],
        "cancel to plan on disk, s": cancel_s(folder / "cancelled.json"),
    }


def first_call(cache: Path) -> dict[str, float]:
    """Import and first plan, the compiled kernels being kept in ``cache``."""
    return _probe(["first-call"], {"NUMBA_CACHE_DIR": str(cache)})


def grown(visits: int, seconds: float, cores: int) -> dict[str, float]:
    """The figures of one size; keys as ``benchmarks.probe.search_figures`` names them."""
    size = ["search", "--visits", str(visits), "--seconds", str(seconds), "--cores", str(cores)]
    return _probe(size, {})


def _probe(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.probe", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | dict(environment)
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _median_s(arguments: Sequence[str]) -> float:
    took = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        subprocess.run([PROGRAM, *arguments], capture_output=True, check=True)
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def cancel_s(path: Path) -> float:
    """From Ctrl-C during a search to the whole plan on disk."""
    command = [PROGRAM, "plan", "liaoning", "--seconds", "60", "--out", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        time.sleep(CANCEL_AFTER_S)
        begin = time.perf_counter()
        running.send_signal(signal.SIGINT)
        while not _is_whole(path):
            if time.perf_counter() - begin > GIVE_UP_S:
                running.kill()
                raise SystemExit(f"{' '.join(command)}: no plan {GIVE_UP_S:.0f} s after Ctrl-C")
            time.sleep(0.001)
        return time.perf_counter() - begin


def _is_whole(path: Path) -> bool:
    """Whether the file is there with all its text."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return True


def heading() -> str:
    return "\n" + "".join(f"{title:>16}" for title, _ in COLUMNS.values())


def row(figures: Mapping[str, float]) -> str:
    return "".join(f"{format(figures[key], form):>16}" for key, (_, form) in COLUMNS.items())
