"""The monthly report: what was promised and kept, what was repaired and used, who did it.

Rows are counts, so that they can be summed up; shares follow from them. ``month`` is the first day
of the month. A share is in permille, rounded down, and None where nothing counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from dispatch.domain.work import ClockKind

Plain = str | int | None


class Dimension(StrEnum):
    """By what attainment is summed up; the values are fields of ``AttainmentRow``."""

    MONTH = "month"
    PROVINCE = "province"
    STATION = "station"
    PRODUCT = "product"
    CUSTOMER = "customer"


class _Kept:
    """What follows from how many clocks count and how many of them were kept."""

    __slots__ = ()
    counted: int
    kept: int

    @property
    def broken(self) -> int:
        return self.counted - self.kept

    @property
    def kept_permille(self) -> int | None:
        return permille(self.kept, self.counted)


@dataclass(frozen=True, slots=True)
class AttainmentRow(_Kept):
    """SLA clocks of one kind that count in one month, and how many of them were kept."""

    month: date
    province: str
    station: str
    product: str
    customer: str
    clock: ClockKind
    counted: int
    kept: int


@dataclass(frozen=True, slots=True)
class AttainmentSum(_Kept):
    """Attainment of all rows with the same ``value`` of a dimension, as text, and clock."""

    value: str
    clock: ClockKind
    counted: int
    kept: int


@dataclass(frozen=True, slots=True)
class FirstTimeFixRow:
    """Repaired work orders; ``first_time`` are those that one visit repaired.

    Visits that only contain the fault do not count.
    """

    month: date
    station: str
    product: str
    repaired: int
    first_time: int

    @property
    def first_time_permille(self) -> int | None:
        return permille(self.first_time, self.repaired)


@dataclass(frozen=True, slots=True)
class SatisfactionRow:
    """Satisfaction calls that were due in a month.

    ``answered`` are those in which the customer gave a score; ``score_sum`` adds these up, from 1
    (worst) to 5 each, and ``satisfied`` counts scores of 4 and 5. ``complaints`` came in during the
    month.
    """

    month: date
    station: str
    due: int
    answered: int
    satisfied: int
    score_sum: int
    complaints: int

    @property
    def satisfied_permille(self) -> int | None:
        return permille(self.satisfied, self.answered)


@dataclass(frozen=True, slots=True)
class PartsUsedRow:
    """Units of a part that were built in, and old units that came back for them."""

    month: date
    station: str
    part_id: str
    part: str
    used: int
    returned: int


@dataclass(frozen=True, slots=True)
class TechnicianRow:
    """What one technician did in a month.

    ``repairs`` are visits that were to repair something, ``first_time`` those that did so with no
    other visit, ``clocks`` the SLA clocks that the visits stopped and ``kept`` those in time.
    """

    month: date
    technician_id: str
    technician: str
    station: str
    visits: int
    repairs: int
    first_time: int
    clocks: int
    kept: int
    travel_s: int
    overtime_s: int

    @property
    def first_time_permille(self) -> int | None:
        return permille(self.first_time, self.repairs)

    @property
    def kept_permille(self) -> int | None:
        return permille(self.kept, self.clocks)


ReportRow = AttainmentRow | FirstTimeFixRow | SatisfactionRow | PartsUsedRow | TechnicianRow


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """The rows of the months from ``first_month`` to ``last_month``, both included."""

    organisation: str
    first_month: date
    last_month: date
    attainment: tuple[AttainmentRow, ...] = ()
    first_time_fix: tuple[FirstTimeFixRow, ...] = ()
    satisfaction: tuple[SatisfactionRow, ...] = ()
    parts_used: tuple[PartsUsedRow, ...] = ()
    technicians: tuple[TechnicianRow, ...] = ()

    def as_rows(self) -> Mapping[str, list[dict[str, Plain]]]:
        """All rows by table, for programs: months as ``2026-09``, with broken clocks and shares."""
        return {
            "attainment": _plain(self.attainment, "broken", "kept_permille"),
            "first_time_fix": _plain(self.first_time_fix, "first_time_permille"),
            "satisfaction": _plain(self.satisfaction, "satisfied_permille"),
            "parts_used": _plain(self.parts_used),
            "technicians": _plain(self.technicians, "first_time_permille", "kept_permille"),
        }


def month_text(month: date) -> str:
    """``2026-09``"""
    return f"{month:%Y-%m}"


def permille(part: int, whole: int) -> int | None:
    return 1000 * part // whole if whole else None


def summed_by(rows: Iterable[AttainmentRow], dimension: Dimension) -> tuple[AttainmentSum, ...]:
    """Attainment by one dimension and clock, sorted by value and clock."""
    sums: dict[tuple[str, ClockKind], tuple[int, int]] = {}
    for row in rows:
        key = _value(row, dimension), row.clock
        counted, kept = sums.get(key, (0, 0))
        sums[key] = counted + row.counted, kept + row.kept
    order = list(ClockKind)
    return tuple(
        AttainmentSum(value, clock, *sums[value, clock])
        for value, clock in sorted(sums, key=lambda key: (key[0], order.index(key[1])))
    )


def _value(row: AttainmentRow, dimension: Dimension) -> str:
    value = getattr(row, dimension.value)
    return month_text(value) if isinstance(value, date) else str(value)


def _plain(rows: Iterable[ReportRow], *derived: str) -> list[dict[str, Plain]]:
    return [
        {
            name: month_text(value) if isinstance(value, date) else value
            for name in (*(field.name for field in fields(row)), *derived)
            for value in (getattr(row, name),)
        }
        for row in rows
    ]
