"""SLA policies: which clocks a work order has, when they run out, and what lateness costs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.domain.work import ClockKind, Priority


class ProvinceRelation(StrEnum):
    IN_PROVINCE = "in_province"
    OUT_OF_PROVINCE = "out_of_province"


@dataclass(frozen=True, slots=True)
class ClockTerms:
    """What a contract promises for one clock and pays for breaking it."""

    kind: ClockKind
    length_s: int
    calendar_id: str
    breach_fen: int = 0
    late_fen_per_h: int = 0


@dataclass(frozen=True, slots=True)
class SlaRule:
    """Terms for the work orders that match; a field that is None matches everything.

    ``cover_notice_s`` asks for cover, and says how long after its planned start it is noticed that
    nobody came; None: no cover is asked for.
    """

    id: str
    relation: ProvinceRelation | None = None
    province: str | None = None
    city: str | None = None
    product: str | None = None
    tier: str | None = None
    priority: Priority | None = None
    clocks: tuple[ClockTerms, ...] = ()
    cover_notice_s: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One running SLA clock of one work order. ``stopped_at`` is the recorded event, if any."""

    kind: ClockKind
    due_at: datetime
    breach_fen: int
    late_fen_per_h: int
    stopped_at: datetime | None = None
