"""Days that are not like others: a typhoon, a fair, a campaign."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dispatch.domain.errors import DispatchError
from dispatch.domain.snapshot import SlowedTravel
from dispatch.exchange.documents import read_form
from dispatch.travel import Travel

_PERCENT = 100


class SpellError(DispatchError):
    """A spell that means nothing in this organisation."""


@dataclass(frozen=True, slots=True)
class Spell:
    """From the first through the last day some cities (none named: all) have so many times the
    tickets, and drives from, to and within them take so many times as long, which the dispatcher
    knows of. ``stopped``: nobody of their stations drives out."""

    name: str
    first: date
    last: date
    cities: tuple[str, ...] = ()
    demand: float = 1.0
    travel: float = 1.0
    stopped: bool = False

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def touches(self, city: str) -> bool:
        return not self.cities or city in self.cities


def check_spells(spells: Iterable[Spell], cities: Iterable[str]) -> None:
    """Raises SpellError for a city that nobody knows, or days or factors that make no sense."""
    known = set(cities)
    for spell in spells:
        strange = sorted(set(spell.cities) - known)
        if strange:
            names = ", ".join(sorted(known))
            raise SpellError(
                f"Spell {spell.name!r} names the city {strange[0]!r}; known are: {names}.",
                f"特殊时段 {spell.name!r} 提到的城市 {strange[0]!r} 不存在；现有：{names}。",
            )
        if spell.last < spell.first or spell.demand < 0 or spell.travel <= 0:
            raise SpellError(
                f"Spell {spell.name!r} lasts from {spell.first} through {spell.last} with demand ×"
                f" {spell.demand} and travel × {spell.travel}. Let the last day not be before"
                " the first,"
                " demand be 0 or more and travel more than 0.",
                f"特殊时段 {spell.name!r} 自 {spell.first} 至 {spell.last}，需求 × {spell.demand}，"
                f"行程 × {spell.travel}。末日不得早于首日，需求不得为负，行程须大于 0。",
            )


def demand_factor(spells: Iterable[Spell], city: str, day: date) -> float:
    factor = 1.0
    for spell in spells:
        if spell.holds(day) and spell.touches(city):
            factor *= spell.demand
    return factor


def slowed_on(spells: Iterable[Spell], day: date) -> tuple[SlowedTravel, ...]:
    """What slows drives on a day, as far as people know of it."""
    return tuple(
        SlowedTravel(_PERCENT * spell.travel, cities=spell.cities)
        for spell in spells
        if spell.holds(day) and spell.travel != 1.0
    )


def stretched(travel: Travel, factors: npt.NDArray[np.float64]) -> Travel:
    """Travel whose times are multiplied by ``factors`` [from, to] and rounded to seconds."""
    seconds = np.rint(travel.seconds * factors).astype(np.int32)
    return Travel(travel.place_ids, seconds, travel.metres)


@dataclass(frozen=True, slots=True)
class SpellFile:
    """A file of spells."""

    spells: tuple[Spell, ...]


def read_spells(path: Path) -> tuple[Spell, ...]:
    """Raises DataErrors."""
    return read_form(path, SpellFile).spells
