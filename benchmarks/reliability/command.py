"""``python -m benchmarks reliability``: breaks things, and looks whether the record still holds.

Each check has a deadline. The exit code is 0 only if every invariant holds. Checks of PostgreSQL
start a server of their own.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.reliability.contention import hours, scarce
from benchmarks.reliability.copies import migrations, round_trip
from benchmarks.reliability.disks import disk
from benchmarks.reliability.frame import LateError, Result, Room, within
from benchmarks.reliability.http_calls import editors, tickets
from benchmarks.reliability.http_events import events
from benchmarks.reliability.http_payloads import payloads
from benchmarks.reliability.http_runs import runs
from benchmarks.reliability.http_webhooks import webhooks
from benchmarks.reliability.kills import kill, kill_database
from benchmarks.reliability.lives import life
from benchmarks.reliability.snapshots import snapshot
from benchmarks.reliability.stores import Files, Server, store_of
from benchmarks.reliability.without_guards import without_guards

KINDS = (Files.kind, Server.kind)
_SMALL_DEADLINE_S = 300
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """``deadline_s`` is for the full size; ``kinds`` are the databases that it makes sense for."""

    run: Callable[[Room], Result]
    deadline_s: int
    kinds: Sequence[str] = KINDS


CHECKS: Mapping[str, Check] = {
    "snapshot": Check(snapshot, 120),
    "round-trip": Check(round_trip, 300),
    "migrations": Check(migrations, 300),
    "disk": Check(disk, 300),
    "without-guards": Check(without_guards, 300),
    "scarce": Check(scarce, 600),
    "hours": Check(hours, 600),
    "kill": Check(kill, 2400),
    "kill-database": Check(kill_database, 2400),
    # The machine runs on SQLite; commands ask no database anything else than the other.
    "life": Check(life, 3600, (Files.kind,)),
    # Over HTTP, by the server as people start it: one process on SQLite, two on PostgreSQL.
    "http-tickets": Check(tickets, 600),
    "http-editors": Check(editors, 600),
    "http-runs": Check(runs, 2400),
    "http-payloads": Check(payloads, 1800),
    "http-events": Check(events, 300),
    "http-webhooks": Check(webhooks, 1500),
}


@dataclass(frozen=True, slots=True)
class Done:
    """A check that was made; ``holds`` if it is in time and without a breach."""

    check: str
    database: str
    holds: bool
    wall_s: float
    deadline_s: int
    figure: str
    breaches: Sequence[str]
    figures: Mapping[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks reliability",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("check", choices=(*CHECKS, "all"))
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a JSON file with all figures and breaches")
    wanted = parser.parse_args(arguments)
    names = tuple(CHECKS) if wanted.check == "all" else (wanted.check,)
    kinds = KINDS if wanted.database == "both" else (wanted.database,)
    print(_row("check", "database", "", "took", "deadline", "figure"), flush=True)
    made = []
    for done in _all(names, kinds, wanted.seed, full=wanted.size == "full"):
        made.append(done)
        _show(done)
    if wanted.out is not None:
        _write(wanted.out, made, wanted.size, wanted.seed)
    return 0 if all(done.holds for done in made) else 1


def done(name: str, kind: str, seed: int, *, full: bool) -> Done:
    """Makes a check with a database of its kind, in folders that are gone afterwards."""
    check = CHECKS[name]
    deadline_s = check.deadline_s if full else _SMALL_DEADLINE_S
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
        own = Path(folder) / "files"
        own.mkdir()
        try:
            with within(deadline_s), store_of(kind, Path(folder)) as store:
                result = check.run(Room(store, own, seed, full))
        except LateError as error:
            result = Result("", (str(error),))
    wall_s = round(time.monotonic() - begin, 1)
    holds = not result.breaches
    return Done(
        name, kind, holds, wall_s, deadline_s, result.figure, result.breaches, result.figures
    )


def _all(names: Sequence[str], kinds: Sequence[str], seed: int, *, full: bool) -> Iterator[Done]:
    for name in names:
        for kind in kinds:
            if kind in CHECKS[name].kinds:
                yield done(name, kind, seed, full=full)


def _show(done: Done) -> None:
    took, deadline = f"{done.wall_s:.1f} s", f"{done.deadline_s} s"
    said = "holds" if done.holds else "BROKEN"
    print(_row(done.check, done.database, said, took, deadline, done.figure), flush=True)
    for breach in done.breaches[:_SHOWN]:
        print(f"    {breach}", flush=True)
    if len(done.breaches) > _SHOWN:
        print(f"    and {len(done.breaches) - _SHOWN} more", flush=True)


def _row(check: str, database: str, said: str, took: str, deadline: str, figure: str) -> str:
    return f"{check:15}{database:12}{said:8}{took:>10}{deadline:>10}  {figure}"


def _write(file: Path, made: Sequence[Done], size: str, seed: int) -> None:
    figures = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "size": size,
        "seed": seed,
        "checks": [asdict(done) for done in made],
    }
    file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
