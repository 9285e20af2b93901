"""When things happen on one route that starts every stop as early as its departure allows."""

from collections.abc import Sequence
from dataclasses import dataclass

EPSILON = 1e-6
"""Times and amounts that differ by no more are equal: floats are summed here."""


@dataclass(frozen=True, slots=True)
class Timing:
    """``late`` holds stop and amount of each start after the close; the return counts as last."""

    departs: float
    starts: tuple[float, ...]
    returns: float
    late: tuple[tuple[int, float], ...]

    @property
    def duration(self) -> float:
        return self.returns - self.departs


def best_departure(
    day: tuple[float, float],
    legs: Sequence[float],
    windows: Sequence[tuple[float, float]],
    services: Sequence[float],
) -> Timing:
    """Time a route so that it returns as early as possible, and departs as late as that allows.

    ``day`` bounds departure and return; ``legs`` has one more entry than there are stops.
    """
    earliest = _starts(day[0], legs, windows, services)
    ready = earliest[-1] + services[-1] if earliest else day[0]
    returns = ready + legs[-1]
    late = [
        (i, start - close)
        for i, (start, (_, close)) in enumerate(zip(earliest, windows, strict=True))
        if start > close + EPSILON
    ]
    if returns > day[1] + EPSILON:
        late.append((len(earliest), returns - day[1]))
    latest = ready
    for i in reversed(range(len(earliest))):
        # a stop that is late already cannot start later still
        latest = min(max(windows[i][1], earliest[i]), latest - services[i]) - legs[i]
    departs = max(latest, day[0])
    starts = _starts(departs, legs, windows, services)
    return Timing(departs, tuple(starts), returns, tuple(late))


def _starts(
    departs: float,
    legs: Sequence[float],
    windows: Sequence[tuple[float, float]],
    services: Sequence[float],
) -> list[float]:
    at, starts = departs, []
    for leg, (opens, _), service in zip(legs, windows, services, strict=False):
        start = max(at + leg, opens)
        starts.append(start)
        at = start + service
    return starts
