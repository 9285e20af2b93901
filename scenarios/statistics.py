"""What can be said of paired differences: their mean, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import atan2, cos, inf, pi, sin, sqrt

LEAST = 3
"""So many differences are needed to say anything of chance."""
_STEPS = 100
_FAR = 1e9


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with what it is at least and at most; without end where that cannot be said."""

    mean: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether 0 is outside."""
        return self.low > 0 or self.high < 0


def paired(differences: Sequence[float], level: float, unit: float = 0.0) -> Interval:
    """The interval of Student's t in which the mean difference lies, but for a chance of ``level``.

    ``unit`` is the step in which each of the two figures is counted: it is known no better than
    that, so a difference varies by unit² / 6 even where all of them are equal. (All equal to 0 are
    no difference, whatever the unit.) One or two say nothing of how sure they are.
    """
    n = len(differences)
    mean = sum(differences) / n
    if n > 1 and not any(differences):
        return Interval(0.0, 0.0, 0.0)
    if n < LEAST:
        return Interval(mean, -inf, inf)
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1) + unit**2 / 6
    half = t_quantile(1 - level / 2, n - 1) * sqrt(variance / n)
    return Interval(mean, mean - half, mean + half)


@cache
def t_quantile(probability: float, freedom: int) -> float:
    """What Student's t with so many degrees of freedom does not exceed with a probability of at
    least one half."""
    low, high = 0.0, _FAR
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if t_cumulated(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def t_cumulated(t: float, freedom: int) -> float:
    """The probability that Student's t is no more than ``t`` (a finite sum for whole degrees of
    freedom, in the angle whose tangent is t over the root of them)."""
    angle = atan2(t, sqrt(freedom))
    cosine, sine = cos(angle), sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    inside = 2 / pi * (angle + sine * total) if odd else sine * total
    return (1 + inside) / 2
