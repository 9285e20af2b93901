"""Chance that belongs to things, not to the order in which somebody asks.

Every figure follows from the seed, a stream (what is drawn) and the ids of what it is drawn for.
So a ticket has the same facts in every scenario, whoever else there is: common random numbers.
"""

import math
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

_NORMAL = NormalDist()
_BITS = 53
_BYTES = 8
_MOST_EXPECTED = 500.0
"""The exponential of a larger number is none any more."""

_Words = npt.NDArray[np.uint64]
_GOLDEN, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""The constants of SplitMix64 (Steele, Lea & Flood 2014)."""


@dataclass(frozen=True, slots=True)
class Draws:
    """All chance of one simulation."""

    seed: int

    def share(self, stream: str, *ids: object) -> float:
        """Between 0 and 1, both excluded, evenly spread."""
        whole = self._word(stream, *ids) >> (8 * _BYTES - _BITS)
        return float((whole + 0.5) / 2**_BITS)

    def happens(self, probability: float, stream: str, *ids: object) -> bool:
        return self.share(stream, *ids) < probability

    def normal(self, stream: str, *ids: object) -> float:
        """From the standard normal distribution."""
        return _NORMAL.inv_cdf(self.share(stream, *ids))

    def choice(self, count: int, stream: str, *ids: object) -> int:
        """One of the numbers below ``count``."""
        return int(self.share(stream, *ids) * count)

    def around_one(self, sigma: float, stream: str, *ids: object) -> float:
        """A log-normal factor with mean 1; ``sigma`` is that of its logarithm."""
        return math.exp(sigma * self.normal(stream, *ids) - sigma * sigma / 2)

    def count(self, expected: float, stream: str, *ids: object) -> int:
        """From the Poisson distribution. More expected is never less drawn: what a smaller demand
        brings, a larger one brings too.

        Raises ValueError if more than 500 are expected: ask for shorter times.
        """
        if expected > _MOST_EXPECTED:
            raise ValueError(f"{expected} expected at once")
        share = self.share(stream, *ids)
        found, chance = 0, math.exp(-expected)
        below = chance
        while share > below and chance > 0.0:
            found += 1
            chance *= expected / found
            below += chance
        return found

    def factors(
        self, sigma: float, stream: str, ids: tuple[str, ...], *common: object
    ) -> npt.NDArray[np.float64]:
        """A log-normal factor with mean 1 for each pair of ids, [from, to] float64."""
        own = np.array([self._word(stream, one) for one in ids], np.uint64)
        shared = np.uint64(self._word(stream, *common))
        pairs = _mixed(_mixed(own)[:, np.newaxis] + (own ^ shared)[np.newaxis, :])
        radius = np.sqrt(-2 * np.log(_shares(pairs)))
        normal = radius * np.cos(2 * np.pi * _shares(_mixed(pairs)))
        found: npt.NDArray[np.float64] = np.exp(sigma * normal - sigma * sigma / 2)
        return found

    def _word(self, stream: str, *ids: object) -> int:
        named = "\x1f".join(map(str, (self.seed, stream, *ids)))
        return int.from_bytes(blake2b(named.encode(), digest_size=_BYTES).digest())


def _mixed(words: _Words) -> _Words:
    """A step of SplitMix64; sums wrap around."""
    words = words + np.uint64(_GOLDEN)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_MIX_1)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_MIX_2)
    mixed: _Words = words ^ (words >> np.uint64(31))
    return mixed


def _shares(words: _Words) -> npt.NDArray[np.float64]:
    whole = (words >> np.uint64(8 * _BYTES - _BITS)).astype(np.float64)
    shares: npt.NDArray[np.float64] = (whole + 0.5) / 2.0**_BITS
    return shares
