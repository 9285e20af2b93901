"""The best choices are exactly the best."""

from collections.abc import Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.packing import Limit, packed

WORTHS = st.lists(st.integers(1, 9), min_size=1, max_size=7)
LIMITS = st.lists(
    st.builds(
        Limit, st.dictionaries(st.integers(0, 6), st.integers(1, 3), min_size=1), st.integers(0, 4)
    ),
    max_size=5,
)


def _best(worths: Sequence[int], limits: Sequence[Limit]) -> int:
    return max(
        sum(w for w, x in zip(worths, taken, strict=True) if x)
        for taken in product((False, True), repeat=len(worths))
        if all(sum(u for i, u in limit.units.items() if taken[i]) <= limit.most for limit in limits)
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WORTHS, LIMITS)
def test_nothing_is_worth_more_within_the_limits(worths: list[int], limits: list[Limit]) -> None:
    known = [
        Limit({i: u for i, u in limit.units.items() if i < len(worths)}, limit.most)
        for limit in limits
    ]
    chosen = packed(worths, known)
    assert all(sum(x.units.get(i, 0) for i in chosen) <= x.most for x in known)
    assert sum(worths[i] for i in chosen) == _best(worths, known)


def test_nothing_to_choose_from() -> None:
    assert packed([], []) == []
