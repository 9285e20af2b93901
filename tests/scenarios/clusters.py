"""Small Dask clusters on loopback: a scheduler and workers, each a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LISTENS, _JOINED = "Scheduler at:", "Registered to:"


@dataclass(frozen=True)
class SmallCluster:
    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def a_cluster(
    folder: Path, workers: int, tls: Sequence[str] = (), program: Path = ROOT
) -> Iterator[SmallCluster]:
    """A scheduler and workers that run the ``program`` of a folder; ``tls`` are their options."""
    protocol = "tls" if tls else "tcp"
    with ExitStack() as stack:
        scheduler = stack.enter_context(
            _process(folder, program, "scheduler", f"--protocol={protocol}", "--port=0", *tls)
        )
        address = _said_after(scheduler, _LISTENS)
        started = [
            stack.enter_context(
                _process(folder, program, "worker", address, "--nthreads=1", "--no-nanny", *tls)
            )
            for _ in range(workers)
        ]
        for worker in started:
            _said_after(worker, _JOINED)
        yield SmallCluster(address, tuple(started))


def _said_after(process: subprocess.Popen[bytes], words: str) -> str:
    """Waits until a process logs these words, and returns the rest of the line."""
    assert process.stderr is not None
    for line in process.stderr:
        said = line.decode()
        if words in said:
            return said.split(words)[1].strip()
    raise AssertionError(f"it ended before it said {words!r}")


@contextmanager
def _process(
    folder: Path, program: Path, role: str, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *arguments]
    command += ["--host=127.0.0.1", "--no-dashboard", "--dashboard-address=127.0.0.1:0"]
    with subprocess.Popen(
        command, cwd=program, env=_environment(folder, program), stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _environment(folder: Path, program: Path) -> Mapping[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(program),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
    }
