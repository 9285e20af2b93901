"""Commands of several threads that are done in one transaction."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Generic, TypeVar

LOG = logging.getLogger("dispatch.together")
_C = TypeVar("_C")
_T = TypeVar("_T")

MOST = 24
"""So many at once: who comes next waits until they are done."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[_C, _T]):
    command: _C
    done: "Future[_T | None]" = field(default_factory=Future)


class Group(Generic[_C]):
    """Commands that are alike: the one that waits longest, and those that come to it until they
    are done."""

    def __init__(self, first: _C, take: Callable[[int], Sequence[_C]]) -> None:
        self.first = first
        self.members: Sequence[_C] = ()
        self._take = take

    def gather(self) -> Sequence[_C]:
        """All that wait by now, so best asked for by somebody who need not wait any more: those
        that were gathered before come first, if a transaction has to be tried again."""
        self.members = [*self.members, *self._take(MOST - len(self.members))]
        return self.members


class Together(Generic[_C, _T]):
    """Does commands, those that wait at the same time together.

    ``work`` gathers some that are alike, does them in one transaction, and gives what each came
    to; None: it has to go ``alone``. So have all to go if ``work`` raises. Nobody is told anything
    before that transaction is over.
    """

    def __init__(
        self,
        work: Callable[[Group[_C]], Sequence[_T | None]],
        alone: Callable[[_C], _T],
        alike: Callable[[_C], Hashable],
    ) -> None:
        self._work, self._alone, self._alike = work, alone, alike
        self._waiting: deque[_Waiting[_C, _T]] = deque()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="together")

    def do(self, command: _C) -> _T:
        """What a command comes to; raises what it raises when it is done alone."""
        found = self.enter(command).result()
        return self._alone(command) if found is None else found

    def enter(self, command: _C) -> "Future[_T | None]":
        """What a command comes to with others; None: it has to go alone."""
        own: _Waiting[_C, _T] = _Waiting(command)
        with self._lock:
            self._waiting.append(own)
        self._worker.submit(self._do_those_that_wait).add_done_callback(_say_why)
        return own.done

    def close(self) -> None:
        """Ends when all that wait have been done."""
        self._worker.shutdown()

    def _do_those_that_wait(self) -> None:
        with self._lock:
            first = self._waiting[0].command if self._waiting else None
        if first is None:
            return
        taken: list[_Waiting[_C, _T]] = []
        kind = self._alike(first)

        def take(most: int) -> Sequence[_C]:
            came = self._next(kind, most)
            taken.extend(came)
            return [one.command for one in came]

        outcomes: Sequence[_T | None] = ()
        try:
            outcomes = self._work(Group(first, take))
        finally:
            if not taken:  # it did not even come to gather them
                take(MOST)
            for one, outcome in zip_longest(taken, outcomes):
                one.done.set_result(outcome)

    def _next(self, kind: Hashable, most: int) -> list[_Waiting[_C, _T]]:
        """Those of a kind that wait longest."""
        with self._lock:
            group: list[_Waiting[_C, _T]] = []
            others: deque[_Waiting[_C, _T]] = deque()
            for one in self._waiting:
                fits = len(group) < most and self._alike(one.command) == kind
                (group if fits else others).append(one)
            self._waiting = others
            return group


def _say_why(done: "Future[None]") -> None:
    """What broke a group is nobody's error by itself, but should not go unseen."""
    error = done.exception()
    if error is not None:
        LOG.warning("one by one", extra={"reason": repr(error)})
