"""What all relaxations have in common: what they are, and how they are measured and told."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar
from zoneinfo import ZoneInfo

from dispatch import texts
from dispatch.domain.people import Technician
from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Language, Text

HOUR_S = 3600
MOST_S = 4 * HOUR_S
"""The most that anybody works or drives longer, or starts earlier."""


@dataclass(frozen=True, slots=True)
class Relaxation(ABC):
    """One change of the facts.

    ``step`` is the unit in which ``amount`` is looked for; 0 where all or nothing changes.
    """

    step: ClassVar[int] = 0

    @property
    def kind(self) -> str:
        """``MoreOvertime`` as ``more_overtime``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @abstractmethod
    def apply(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the change. What it changes has to be there."""

    @abstractmethod
    def fen(self, snapshot: Snapshot) -> int:
        """How large the change is."""

    @abstractmethod
    def text(self, snapshot: Snapshot) -> Text:
        """What changes, as the subject of a sentence. ``snapshot`` is the one before it."""


@dataclass(frozen=True, slots=True)
class Amount(Relaxation):
    """A change by an amount: seconds, units or fen. More than ``most`` is asked of nobody."""

    most: ClassVar[int] = 10**9
    amount: int


def hourly(seconds: int, fen_per_h: int) -> int:
    """Fen for some time, rounded down."""
    return seconds * fen_per_h // HOUR_S


def with_technician(
    snapshot: Snapshot, technician_id: str, change: Callable[[Technician], Technician]
) -> Snapshot:
    """The snapshot with one technician changed."""
    changed = (change(t) if t.id == technician_id else t for t in snapshot.technicians)
    return replace(snapshot, technicians=tuple(changed))


def name_of(snapshot: Snapshot, technician_id: str) -> str:
    """Name and id of a technician."""
    return f"{snapshot.technician[technician_id].name} {technician_id}"


def day_of(snapshot: Snapshot, shift_id: str) -> Text:
    """The local day on which a shift begins."""
    day = snapshot.shift[shift_id].start_at.astimezone(ZoneInfo(snapshot.time_zone)).date()
    return Text(*(texts.day(day, lang) for lang in (Language.EN, Language.ZH)))


def in_hours(seconds: int) -> Text:
    """Seconds as hours and minutes."""
    return Text(*(texts.duration(seconds, lang) for lang in (Language.EN, Language.ZH)))
