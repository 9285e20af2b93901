"""Sweeps on processes and on a cluster: how fast, and what becomes of them when a worker dies."""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, LocalCluster

from benchmarks.scenarios.frame import Found, Size, rate, say
from scenarios.bases import Base, snapshot_at
from scenarios.changes.people import Hire
from scenarios.changes.places import Travel
from scenarios.cluster import Cluster
from scenarios.executing import Done, Workers, processes, run_all
from scenarios.outcome import Outcome
from scenarios.results import FILE, Results
from scenarios.run import Job, carry_out, jobs_of
from scenarios.scenario import Effort, Scenario

FASTER, SLOWER = 1.8, 1.15
_LIKE = "LY-01"
_SLOWEST, _STEP = 80.0, 10.0
_KILLED_OF = 3
_DIES_AFTER = 2
"""So many results are there when a worker dies."""
_EVERY = 4
"""One of so many runs of the whole sweep are enough to see a worker die in it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """All runs of a sweep: how long they took, the processor time of us and of processes of ours
    that ended since, and how many results were written."""

    wall_s: float
    cpu_s: float
    outcomes: Mapping[str, Outcome]
    written: int


def in_processes(size: Size) -> Found:
    """Two processes against one."""
    one, two = _pooled(1, size), _pooled(2, size)
    faster = rate(one.wall_s, two.wall_s)
    runs = len(two.outcomes)
    return Found(
        f"{runs} runs: {one.wall_s:.1f} s on one process, {two.wall_s:.1f} s on two,"
        f" {faster:.2f} times as fast",
        f"{FASTER} times as fast or more",
        faster >= FASTER,
        _differences(one.outcomes, two.outcomes),
        {
            "runs": runs,
            "one_s": one.wall_s,
            "two_s": two.wall_s,
            "one_processor_s": one.cpu_s,
            "two_processor_s": two.cpu_s,
            "times_as_fast": faster,
        },
    )


def in_cluster(size: Size) -> Found:
    """Two workers of a cluster that is there against two processes that have to be started."""
    pooled = _pooled(2, size)
    with _local_cluster(2) as address, Cluster(address) as workers:
        swept = _swept(workers, lambda: _jobs(size), _quiet)
    slower = rate(swept.wall_s, pooled.wall_s)
    return Found(
        f"{len(swept.outcomes)} runs: {swept.wall_s:.1f} s on two workers of a cluster,"
        f" {pooled.wall_s:.1f} s on two processes, {slower:.2f} times as long",
        f"{SLOWER} times as long or less",
        slower <= SLOWER,
        _differences(pooled.outcomes, swept.outcomes),
        {"cluster_s": swept.wall_s, "processes_s": pooled.wall_s, "times_as_long": slower},
    )


def with_a_death(size: Size) -> Found:
    """One of three workers dies, on this machine and in a cluster."""
    jobs = _jobs(size)[::_EVERY]
    keys = {job.key for job in jobs}
    expected = {k: o for k, o in _pooled(2, size).outcomes.items() if k in keys}
    killing_here = _Killing(_a_child)
    with processes(_KILLED_OF) as workers:
        here = _swept(workers, lambda: jobs, killing_here)
    with _local_cluster(_KILLED_OF) as address, Cluster(address) as workers:
        killing_there = _Killing(lambda: _a_worker(address))
        there = _swept(workers, lambda: jobs, killing_there)
    breaches = []
    for name, swept, killing in (
        ("processes", here, killing_here),
        ("cluster", there, killing_there),
    ):
        breaches += [f"{name}: {found}" for found in _differences(expected, swept.outcomes)]
        if not killing.is_done:
            breaches.append(f"{name}: no worker was killed")
        if swept.written != len(keys):
            breaches.append(f"{name}: {swept.written} results are kept of {len(keys)} runs")
    return Found(
        f"{len(keys)} runs with one of {_KILLED_OF} workers killed: {len(here.outcomes)} results"
        f" from processes, {len(there.outcomes)} from a cluster",
        "every result, none twice",
        not breaches,
        tuple(breaches),
        {"runs": len(keys), "processes": here.written, "cluster": there.written},
    )


@cache
def _pooled(count: int, size: Size) -> Swept:
    """The sweep on so many processes, their start included; once for all parts."""
    if count == 1:
        carry_out(_jobs(size)[0])  # who is first would compile the search for all
    with processes(count) as workers:
        return _swept(workers, lambda: _jobs(size), _quiet)


def _jobs(size: Size) -> list[Job]:
    """A day of Liaoning with more technicians and slower roads, step by step."""
    base = snapshot_at(Base("liaoning", Path(), None, None, 1, None))
    roads, people = size.sweep
    seeds = tuple(range(1, size.seeds + 1))
    scenarios = (
        Scenario(
            f"{count} more, roads {number}",
            base,
            (Hire(like=_LIKE, count=count), Travel(percent=_SLOWEST + _STEP * number)),
            seeds,
            Effort(size.iterations),
        )
        for number in range(roads)
        for count in range(people)
    )
    return [job for scenario in scenarios for job in jobs_of(scenario)]


def _swept(
    workers: Workers, jobs: Callable[[], list[Job]], report: Callable[[Done], None]
) -> Swept:
    """Carries out all jobs, from the making of them on."""
    with TemporaryDirectory() as folder:
        before_s, begin = _processor_s(), time.monotonic()
        results = Results(Path(folder))
        run_all(jobs(), results, workers, report, lambda: False)
        wall_s = time.monotonic() - begin
        workers.end()
        written = len((Path(folder) / FILE).read_bytes().splitlines())
    cpu_s = _processor_s() - before_s
    return Swept(round(wall_s, 2), round(cpu_s, 2), dict(results.known), written)


def _processor_s() -> float:
    """Of this process, and of its children that are over."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _differences(expected: Mapping[str, Outcome], found: Mapping[str, Outcome]) -> tuple[str, ...]:
    missing = len(expected.keys() - found.keys())
    other = sum(found[key] != outcome for key, outcome in expected.items() if key in found)
    broken = sum(bool(outcome.figures["violations"]) for outcome in found.values())
    said = {
        f"{missing} results are missing": missing,
        f"{other} results are not the same": other,
        f"{broken} plans break rules": broken,
    }
    return tuple(text for text, count in said.items() if count)


def _quiet(at: Done) -> None:
    say(f"{at.done} of {at.total} runs")


@dataclass
class _Killing:
    """Kills the ``victim`` (a process id) once, when some results are there."""

    victim: Callable[[], int]
    is_done: bool = False

    def __call__(self, at: Done) -> None:
        _quiet(at)
        if at.done >= _DIES_AFTER and not self.is_done:
            self.is_done = True
            os.kill(self.victim(), signal.SIGKILL)


def _a_child() -> int:
    return next(child.pid for child in multiprocessing.active_children() if child.pid)


def _a_worker(address: str) -> int:
    with Client(address, set_as_default=False) as client:
        pids: Mapping[str, int] = client.run(os.getpid)
    return min(pids.values())


@contextmanager
def _local_cluster(workers: int) -> Iterator[str]:
    """The address of a cluster of so many worker processes on this machine."""
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster.scheduler_address
