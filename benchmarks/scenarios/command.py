"""``python -m benchmarks scenarios``: the figures of scenarios, simulated weeks and groups.

processes  a sweep of the Liaoning day on two processes against one
cluster    the same on a Dask cluster of two workers against two processes
killed     one of three workers is killed in a sweep: every result is there, none twice
weeks      four weeks of Liaoning, 300 tickets a day, planned anew every hour
groups     10,000 visits by groups of territories, beside the whole day at ten times the time
noise      a scenario without changes beside its baseline: called noise
planted    a bottleneck that was put there is found

Everything but ``groups`` counts its effort in iterations. Each part is kept as soon as it is over.
The exit code is 0 if every fact holds; whether times are as wanted is said, and says little on a
busy machine, so the load before each part is said too.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scenarios.frame import FULL, SMALL, Found, Size
from benchmarks.scenarios.large import in_groups
from benchmarks.scenarios.sweeps import in_cluster, in_processes, with_a_death
from benchmarks.scenarios.truths import noise, planted
from benchmarks.scenarios.weeks import weeks

PARTS: Mapping[str, Callable[[Size], Found]] = {
    "processes": in_processes,
    "cluster": in_cluster,
    "killed": with_a_death,
    "noise": noise,
    "planted": planted,
    "weeks": weeks,
    "groups": in_groups,
}
SIZES = {"full": FULL, "small": SMALL}
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Done:
    """A part that was measured; ``load`` is the machine's before it began."""

    part: str
    wall_s: float
    load: float
    found: Found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks scenarios",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="+", choices=(*PARTS, _ALL), metavar="PART")
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--out", type=Path, default=Path("scenarios-benchmark.json"))
    wanted = parser.parse_args(arguments)
    names = tuple(PARTS) if _ALL in wanted.parts else tuple(dict.fromkeys(wanted.parts))
    made: list[Done] = []
    for name in names:
        made.append(_measured(name, SIZES[wanted.size]))
        _show(made[-1])
        _write(wanted.out, made, wanted.size)
    return 1 if any(done.found.breaches for done in made) else 0


def _measured(name: str, size: Size) -> Done:
    load, begin = os.getloadavg()[0], time.monotonic()
    found = PARTS[name](size)
    return Done(name, round(time.monotonic() - begin, 1), round(load, 2), found)


def _show(done: Done) -> None:
    found = done.found
    said = "BROKEN" if found.breaches else "as wanted" if found.is_as_wanted else "NOT as wanted"
    print(f"\r{done.part:10} {said}: {found.figure}", flush=True)
    print(f"           wanted: {found.wanted} ({done.wall_s} s, load {done.load})", flush=True)
    for breach in found.breaches:
        print(f"    {breach}", flush=True)


def _write(file: Path, made: Sequence[Done], size: str) -> None:
    figures = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "size": {"name": size, **asdict(SIZES[size])},
        "parts": [asdict(done) for done in made],
    }
    file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
