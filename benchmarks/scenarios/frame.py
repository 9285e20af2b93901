"""What each part of ``python -m benchmarks scenarios`` gets and gives back."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Size:
    """How much a part does; ``SMALL`` takes seconds. Runs have iterations, so that whatever is
    compared has done the same work.

    ``sweep`` is how many values its two quantities have; ``days`` are simulated once, and the
    first ``days_again`` of them a second time. ``seconds`` is what the search by groups gets, and
    the whole day ``times`` as long as all of that took.
    """

    sweep: tuple[int, int] = (8, 5)
    seeds: int = 5
    iterations: int = 5000
    comparisons: int = 30
    pairs: int = 5
    noise_iterations: int = 200
    made_up_days: int = 10
    days: int = 28
    days_again: int = 3
    tickets: float = 300.0
    staff_percent: int = 240
    search_iterations: int = 2000
    visits: int = 10_000
    technicians: int = 1_500
    groups: int = 16
    seconds: float = 45.0
    times: float = 10.0


FULL = Size()
SMALL = Size(
    sweep=(3, 2),
    seeds=4,
    iterations=20,
    comparisons=3,
    pairs=3,
    noise_iterations=20,
    made_up_days=1,
    days=1,
    days_again=1,
    tickets=20.0,
    staff_percent=20,
    search_iterations=20,
    visits=120,
    technicians=20,
    groups=3,
    seconds=0.5,
    times=0.2,
)


@dataclass(frozen=True, slots=True)
class Found:
    """``breaches`` are facts that do not hold. ``is_as_wanted``: the figures are, too; those that
    are times say little on a busy machine."""

    figure: str
    wanted: str
    is_as_wanted: bool
    breaches: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)


def say(line: str) -> None:
    """How far it is: over the line before in a terminal, else nothing."""
    if sys.stderr.isatty():
        print(f"\r{line:60}", end="", file=sys.stderr, flush=True)


def rate(part: float, whole: float) -> float:
    return round(part / whole, 3) if whole else 0.0
