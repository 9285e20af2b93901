"""Sharing out scarce units: as many wishes as can be are served, the first choice first."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from solver.sharing import shared_out

_SOURCES = "abc"
_WISHES = st.lists(st.lists(st.sampled_from(_SOURCES), unique=True), max_size=4)
_UNITS = st.dictionaries(st.sampled_from(_SOURCES), st.integers(0, 2))


@given(_WISHES, _UNITS)
def test_as_many_are_served_as_can_be(wishes: list[list[str]], units: dict[str, int]) -> None:
    found = shared_out(wishes, units)
    given_out = Counter(source for source in found if source is not None)
    assert all(source is None or source in wish for wish, source in zip(wishes, found, strict=True))
    assert given_out <= Counter(units)
    choices = product(*([*wish, None] for wish in wishes))
    legal = (Counter(s for s in choice if s is not None) for choice in choices)
    assert given_out.total() == max(used.total() for used in legal if used <= Counter(units))


def test_the_first_choice_is_kept_while_others_have_enough() -> None:
    wishes = [("a", "b"), ("a", "b"), ("b",)]
    assert shared_out(wishes, {"a": 1, "b": 2}) == ["a", "b", "b"]
    assert shared_out([("a", "b"), ("a",)], {"a": 1, "b": 1}) == ["b", "a"]
