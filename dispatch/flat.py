"""Lists as the solver's arrays."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

from solver.problem import Flags, Int32, Int64


def pointers(counts: Iterable[int]) -> Int32:
    """Where each owner's entries begin, and at the end how many there are."""
    return np.array([0, *accumulate(counts)], np.int32)


def i32(values: Sequence[int]) -> Int32:
    return np.array(values, np.int32)


def i64(values: Sequence[int]) -> Int64:
    return np.array(values, np.int64)


def flags(values: Sequence[bool]) -> Flags:
    return np.array(values, np.uint8)
