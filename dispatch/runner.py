"""Takes runs out of a queue and gives each to a process of its own. One for each server process and
kind of runs.

What is to be done is in the database, so it does not matter which server was asked.
"""

import atexit
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import TypeVar

from sqlalchemy.orm import Session

from dispatch.commands.runs_held import Held, Order, hand_back, lose, renew, take_run
from dispatch.store import queries_runs
from dispatch.store.database import Database
from dispatch.store.errors import StoreError
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import RunKind

_T = TypeVar("_T")

LOG = logging.getLogger("dispatch.runs")

_SPAWN = multiprocessing.get_context("spawn")
_LOOK_EACH_S = 0.5
_RENEWALS = 4
_END_WITHIN_S = 2.0
_KEEP_WITHIN_S = 60.0
"""How long a run that was cancelled may take to keep its best; then it is killed."""


@dataclass(slots=True)
class _Solve:
    held: Held
    process: SpawnProcess


CarryOut = Callable[[str, Held, float], None]


class Runner:
    """Threads share it: ``wake`` says that there may be something to do.

    ``carry_out`` is what a process does with a run: it gets the database's address, the run and
    the length of a lease in seconds.
    """

    def __init__(
        self, database: Database, kind: RunKind, carry_out: CarryOut, at_once: int, lease_s: float
    ) -> None:
        self._database = database
        self._kind = kind
        self._carry_out = carry_out
        self._at_once = at_once
        self._lease_s = lease_s
        self._solves: list[_Solve] = []
        self._renewed = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"runs: {kind}", daemon=True)
        self._ending = False
        self._woken, self._bell = _SPAWN.Pipe(duplex=False)
        self._turn = threading.Lock()

    def start(self) -> None:
        # A server that ends without a word does not wait for what its processes are at.
        atexit.register(self._kill_all)
        self._thread.start()

    def wake(self) -> None:
        with self._turn:
            self._bell.send_bytes(b"!")

    def close(self) -> None:
        """Ends all solves of this process; others take them up again."""
        self._ending = True
        self.wake()
        self._thread.join()
        atexit.unregister(self._kill_all)
        self._woken.close()
        self._bell.close()

    def _run(self) -> None:
        while not self._ending:
            try:
                self._reap()
                self._renew()
                self._take()
            except StoreError as error:  # it is tried again in a moment
                LOG.warning(error.message_en)
            ends = [solve.process.sentinel for solve in self._solves]
            if self._woken in wait([self._woken, *ends], _LOOK_EACH_S):
                self._woken.recv_bytes()
        self._end_all()

    def _take(self) -> None:
        while self._has_work():
            held = self._write(
                lambda s: take_run(s, self._at_once, self._lease_s, datetime.now(UTC), self._kind)
            )
            if held is None:
                return
            url = self._database.url.render_as_string(hide_password=False)
            # No daemon: it may have processes of its own.
            process = _SPAWN.Process(
                target=self._carry_out, args=(url, held, self._lease_s), name=held.run_id
            )
            process.start()
            LOG.info("run begins: %s", held.run_id)
            self._solves.append(_Solve(held, process))

    def _has_work(self) -> bool:
        with self._database.reading() as session:
            return queries_runs.has_work(session, self._kind, datetime.now(UTC))

    def _reap(self) -> None:
        """Looks after solves that have ended, or do not end."""
        for solve in list(self._solves):
            if solve.process.is_alive():
                self._kill_if_overdue(solve)
                continue
            code = solve.process.exitcode
            LOG.info("run ends: %s, exit code %s", solve.held.run_id, code)
            # Whatever the process said: if it did not finish, nobody holds the run any more.
            self._write(lambda s, held=solve.held: lose(s, held, datetime.now(UTC)))  # type: ignore[misc]
            solve.process.close()
            self._solves.remove(solve)

    def _renew(self) -> None:
        """Holds the runs whose processes live: they may take long to say so themselves, above all
        while they begin."""
        if time.monotonic() - self._renewed < self._lease_s / _RENEWALS:
            return
        for solve in self._solves:
            now = datetime.now(UTC)
            order = self._write(lambda s, h=solve.held, at=now: renew(s, h, self._lease_s, at))  # type: ignore[misc]
            if order is Order.GIVE_UP:
                solve.process.kill()
        self._renewed = time.monotonic()

    def _kill_if_overdue(self, solve: _Solve) -> None:
        with self._database.reading() as session:
            row = queries_runs.run_row(session, solve.held.run_id)
            asked_at = row.cancel_asked_at if row is not None else None
        if asked_at is not None:
            waited_s = (datetime.now(UTC) - asked_at).total_seconds()
            if waited_s > _KEEP_WITHIN_S:
                solve.process.kill()

    def _end_all(self) -> None:
        for solve in self._solves:
            solve.process.terminate()
        for solve in self._solves:
            solve.process.join(_END_WITHIN_S)
            solve.process.kill()
            solve.process.join()
            try:
                self._write(lambda s, held=solve.held: hand_back(s, held, datetime.now(UTC)))  # type: ignore[misc]
            except StoreError as error:  # its lease runs out
                LOG.warning(error.message_en)

    def _kill_all(self) -> None:
        for solve in self._solves:
            solve.process.kill()

    def _write(self, command: Callable[[Session], _T]) -> _T:
        return in_writing(self._database, command)
