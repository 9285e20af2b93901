"""Many worker processes at once, and how they are killed and started again."""

import multiprocessing
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import TracebackType

from benchmarks.reliability.load import Job, dealt
from benchmarks.reliability.worker import Ack, acks_in, work

_LOOK_EVERY_S = 0.02
_DELAY_S = 0.1
"""A moment to strike is up to so long after a job was done: in the middle of others."""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["benchmarks.reliability.worker"])


class Workers:
    """Processes that share out jobs. They end with the block, done or not."""

    def __init__(
        self,
        url: str,
        jobs: Sequence[Job],
        folder: Path,
        count: int,
        clients: int = 1,
        unguarded: bool = False,
    ) -> None:
        """``clients`` is how many jobs each process does at once."""
        own_folder = Path(tempfile.mkdtemp(dir=folder))
        self._files = [own_folder / f"acks-{number}" for number in range(count)]
        self._keys = [job.key for job in jobs]
        self._arguments = [
            (url, own, clients, file, unguarded)
            for own, file in zip(dealt(jobs, count), self._files, strict=True)
        ]
        self._processes: list[multiprocessing.process.BaseProcess] = []
        self.failed: list[str] = []
        """Workers that ended by themselves without being done, jobs that nobody heard of."""

    def __enter__(self) -> "Workers":
        self._processes = [self._begun(number) for number in range(len(self._files))]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
            process.join()

    def finish(
        self,
        strikes: int = 0,
        strike: Callable[[], bool] = lambda: False,
        rng: Random | None = None,
    ) -> None:
        """Returns when all jobs are done. Meanwhile it strikes so often, at random moments; a
        strike that hit nobody is made again."""
        drawn = rng or Random(0)
        moments = sorted(drawn.sample(range(len(self._keys) * 9 // 10), strikes))
        while self.alive():
            time.sleep(_LOOK_EVERY_S)
            if moments and self._told() >= moments[0]:
                time.sleep(drawn.uniform(0, _DELAY_S))
                if strike():
                    moments.pop(0)
        if moments:
            self.failed.append(f"all jobs were done {len(moments)} strikes too early")
        self._note_failures()

    def kill(self, numbers: Sequence[int]) -> int:
        """Ends workers at once, in the middle of whatever they do, and starts them again.

        How many of them were at work.
        """
        for number in numbers:
            self._processes[number].kill()
        killed = 0
        for number in numbers:
            process = self._processes[number]
            process.join()
            killed += process.exitcode == -signal.SIGKILL
            self._processes[number] = self._begun(number)
        return killed

    def alive(self) -> list[int]:
        return [n for n, process in enumerate(self._processes) if process.is_alive()]

    def acks(self) -> list[Ack]:
        """All that was told so far."""
        return [ack for file in self._files for ack in acks_in(file)]

    def _told(self) -> int:
        """How many acknowledgements there are, without reading them."""
        return sum(file.read_bytes().count(b"\n") for file in self._files if file.exists())

    def _begun(self, number: int) -> multiprocessing.process.BaseProcess:
        process = _PROCESSES.Process(target=work, args=self._arguments[number], daemon=True)
        process.start()
        return process

    def _note_failures(self) -> None:
        self.failed += [
            f"worker {number} ended with exit code {process.exitcode}"
            for number, process in enumerate(self._processes)
            if process.exitcode
        ]
        told = {ack.key for ack in self.acks()}
        self.failed += [f"never told: {key}" for key in self._keys if key not in told]
