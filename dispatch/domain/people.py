"""Technicians and their working time."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from dispatch.domain.parts import PartQuantity


class ShiftKind(StrEnum):
    REGULAR = "regular"
    STANDBY = "standby"


class Coverage(StrEnum):
    PRIMARY = "primary"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A skill at a level (higher is more), valid through ``expires_on`` (None: for ever)."""

    skill: str
    level: int = 1
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class TerritoryCover:
    territory: str
    coverage: Coverage = Coverage.PRIMARY


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of ``duration_s`` that starts between ``earliest_at`` and ``latest_at``."""

    earliest_at: datetime
    latest_at: datetime
    duration_s: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One working interval; at most ``max_overtime_s`` may be worked after ``end_at``.

    ``under_way_at`` says that the technician has left for work that is a fact, and when: the route
    begins then, even if that is before the snapshot's now.
    """

    id: str
    start_at: datetime
    end_at: datetime
    kind: ShiftKind = ShiftKind.REGULAR
    max_overtime_s: int = 0
    breaks: tuple[Break, ...] = ()
    under_way_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Time in which the technician is neither at work nor on the road."""

    start_at: datetime
    end_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Technician:
    """A person who drives out.

    ``shifts`` and ``absences`` are sorted by start and do not overlap among themselves.
    ``max_travel_s`` and ``max_visits`` hold per shift, ``max_total_overtime_s`` over the horizon,
    ``min_rest_s`` between the end of one route and the departure of the next. None: no limit.
    """

    id: str
    name: str
    station_id: str
    certificates: tuple[Certificate, ...] = ()
    territories: tuple[TerritoryCover, ...] = ()
    shifts: tuple[Shift, ...] = ()
    absences: tuple[Absence, ...] = ()
    van_stock: tuple[PartQuantity, ...] = ()
    tools: tuple[str, ...] = ()
    excluded_customers: tuple[str, ...] = ()
    excluded_sites: tuple[str, ...] = ()
    max_travel_s: int | None = None
    max_visits: int | None = None
    max_total_overtime_s: int | None = None
    min_rest_s: int = 0
    may_stay_overnight: bool = False
    max_nights: int = 0


@dataclass(frozen=True, slots=True)
class BreakPattern:
    earliest: time
    latest: time
    duration_s: int


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """Working hours that repeat.

    ``days`` is a comma-separated list of weekdays (``Mon``..``Sun``), ``daily``, ``workdays`` and
    ``holidays`` (by the organisation's calendar) or dates (``2026-10-01``). A pattern that names
    dates replaces the technician's other patterns of every kind on those dates. ``end`` at or
    before ``start`` means the next day.
    """

    technician_id: str
    days: str
    start: time
    end: time
    kind: ShiftKind = ShiftKind.REGULAR
    max_overtime_s: int = 0
    breaks: tuple[BreakPattern, ...] = ()
