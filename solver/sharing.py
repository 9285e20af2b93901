"""Sharing out what there is among those who need it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

_Source = TypeVar("_Source")


def shared_out(
    wishes: Sequence[Sequence[_Source]], units: Mapping[_Source, int]
) -> list[_Source | None]:
    """A source for each wish for one unit, given how many ``units`` each source has.

    One after the other gets what it would like best of what is left; where nothing of that is,
    those before make way for it (augmenting paths, Kuhn 1955). None for what nobody can make way
    for, so that as many as possible are served.
    """
    holders: dict[_Source, list[int]] = {source: [] for source in units}
    held: list[_Source | None] = [None] * len(wishes)

    def give(wish: int, tried: set[_Source]) -> bool:
        known = [source for source in wishes[wish] if source in holders]
        for source in known:
            if len(holders[source]) < units[source]:
                holders[source].append(wish)
                held[wish] = source
                return True
        for source in known:
            if source in tried:
                continue
            tried.add(source)
            for place, other in enumerate(holders[source]):
                if give(other, tried):
                    holders[source][place] = wish
                    held[wish] = source
                    return True
        return False

    for wish in range(len(wishes)):
        give(wish, set())
    return held
