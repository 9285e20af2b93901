"""What every check gets and gives."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from benchmarks.reliability.stores import Store


@dataclass(frozen=True, slots=True)
class Room:
    """Where a check is done, and how thoroughly: at ``full`` size, or a smaller one in seconds."""

    store: Store
    folder: Path
    seed: int
    full: bool

    def size(self, full: int, small: int) -> int:
        return full if self.full else small


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen. An invariant that does not hold is a breach; ``figure`` says it in short."""

    figure: str
    breaches: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


class LateError(Exception):
    """A check that is not done by its deadline."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raises LateError in the block, which is in the main thread, when the time is over."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise LateError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
