"""Many runs on an executor: each once, kept as it comes, whatever becomes of single workers."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass

from dispatch.domain.errors import DispatchError
from dispatch.lineage import end_with_parent
from scenarios.outcome import Outcome
from scenarios.results import Keeping
from scenarios.run import Job, carry_out
from solver.solve import compiled

_LOOK_S = 0.2
AHEAD = 2
"""So many jobs for each worker are handed out: the next one lies ready."""
_MOST_DEATHS = 3
"""So often may workers die without any result between, before it is given up."""


class WorkersError(DispatchError):
    """Workers die again and again."""


@dataclass(frozen=True, slots=True)
class Done:
    """How far many runs are. ``known`` of the ``total`` were there already. As long as
    ``is_compiling``, one worker compiles the search for all."""

    done: int
    total: int
    known: int
    is_compiling: bool = False


class Workers:
    """Where runs are carried out: ``start`` makes an executor of ``count`` workers, which is kept
    until the block ends or one of them dies."""

    def __init__(self, count: int, start: Callable[[], Executor]) -> None:
        self.deaths: tuple[type[Exception], ...] = (BrokenExecutor,)
        """What a future or the executor raises when workers died with what they had in hand."""
        self._count = count
        self._start = start
        self._executor: Executor | None = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def executor(self) -> Executor:
        """The executor, started if it is not there."""
        if self._executor is None:
            self._executor = self._start()
        return self._executor

    def at_once(self) -> int:
        """How many jobs are to be in hand."""
        return 1 if self.is_compiling() else AHEAD * self._count

    def is_compiling(self) -> bool:
        """Whether one worker compiles the search, and the others wait for that."""
        return not compiled()

    def end(self) -> None:
        """Lets go of all workers, once they have done what they are at."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


def processes(count: int) -> Workers:
    """Processes on this machine, each of which runs one search at a time."""

    def start() -> Executor:
        return ProcessPoolExecutor(
            count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker
        )

    return Workers(count, start)


def run_all(
    jobs: Iterable[Job],
    results: Keeping,
    workers: Workers,
    report: Callable[[Done], None],
    stop: Callable[[], bool],
) -> bool:
    """Carries out every job that has no result yet. Returns whether all are done.

    ``stop`` is asked several times a second; what is under way then is finished and kept. Raises
    WorkersError.
    """
    every = {job.key: job for job in jobs}
    left = deque(job for key, job in every.items() if key not in results.known)
    known = len(every) - len(left)
    deaths = 0

    def tell(n_left: int) -> None:
        report(Done(len(every) - n_left, len(every), known, workers.is_compiling()))

    tell(len(left))
    while left and not stop():
        before = len(left)
        try:
            _some(left, results, workers, tell, stop)
        except workers.deaths as error:
            workers.end()
            deaths = deaths + 1 if len(left) == before else 1
            if deaths >= _MOST_DEATHS:
                raise _died(deaths) from error
    return not left


def _some(
    left: deque[Job],
    results: Keeping,
    workers: Workers,
    report: Callable[[int], None],
    stop: Callable[[], bool],
) -> None:
    """Works on what is ``left`` until nothing is, or a worker dies: then all that it and others had
    in hand is left again. Raises what ``workers.deaths`` says."""
    given: dict[Future[Outcome], Job] = {}
    executor = workers.executor()
    try:
        while left or given:
            if stop():
                return
            room = workers.at_once()
            while left and len(given) < room:
                future = executor.submit(carry_out, left[0])
                given[future] = left.popleft()
            for future in wait(given, _LOOK_S, FIRST_COMPLETED).done:
                results.add(future.result())
                del given[future]
                report(len(left) + len(given))
    finally:
        for future in given:
            future.cancel()
        for future, job in given.items():
            if future.cancelled() or not _kept(future, results):
                left.append(job)


def _kept(future: Future[Outcome], results: Keeping) -> bool:
    """Waits for a run that is under way, and keeps its result if there is one."""
    error = future.exception()
    if error is None:
        results.add(future.result())
    return error is None


def _begin_worker() -> None:
    """Ctrl-C reaches everybody in the terminal; it is the parent that decides what ends. And nobody
    works on for a parent that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _died(deaths: int) -> WorkersError:
    return WorkersError(
        f"Workers died {deaths} times in a row without any result. What was finished is kept; see"
        " whether there is enough memory, or use fewer processes.",
        f"工作进程连续 {deaths} 次退出且没有任何结果。已完成的结果已保留；"
        "请检查内存是否足够，或减少进程数。",
    )
