"""The figures that a manager goes by: what was kept, what runs out, who is busy, what is missing.

Days are local ones, and both ends of a span belong to it. Rows are counts and seconds, so that
they can be summed up; shares follow from them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from dispatch.domain.attainment import ClockState
from dispatch.domain.work import ClockKind, Priority

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class SpanName(StrEnum):
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days, and those before with which they are compared."""

    name: SpanName
    first: date
    last: date
    before_first: date
    before_last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def held_before(self, day: date) -> bool:
        return self.before_first <= day <= self.before_last


def chosen_span(first: date, last: date) -> Span:
    """Any days, against as many right before them."""
    length = last - first + _DAY
    return Span(SpanName.CHOSEN, first, last, first - length, first - _DAY)


def current_spans(today: date) -> tuple[Span, ...]:
    """Today against yesterday; this week and this month so far against the same part of the last
    week and month."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    last_month = (month - _DAY).replace(day=1)
    same_day = min(last_month + (today - month), month - _DAY)
    return (
        Span(SpanName.TODAY, today, today, today - _DAY, today - _DAY),
        Span(SpanName.WEEK, monday, today, monday - _WEEK, today - _WEEK),
        Span(SpanName.MONTH, month, today, last_month, same_day),
    )


@dataclass(frozen=True, slots=True)
class ClockShare:
    """SLA clocks of one kind that were due in a span, how many were kept, and the same before."""

    clock: ClockKind
    counted: int
    kept: int
    before_counted: int
    before_kept: int


@dataclass(frozen=True, slots=True)
class SpanShares:
    span: Span
    clocks: tuple[ClockShare, ...]


@dataclass(frozen=True, slots=True)
class DayShare:
    """SLA clocks of one kind that were due on a day, and how many were kept."""

    day: date
    clock: ClockKind
    counted: int
    kept: int


@dataclass(frozen=True, slots=True)
class Done:
    """Work orders repaired in a span, those of them that one visit repaired, and complaints that
    came in, with those of them that are not closed yet."""

    repaired: int = 0
    first_time: int = 0
    complaints: int = 0
    complaints_open: int = 0


@dataclass(frozen=True, slots=True)
class StationFigures:
    """One station; ``station_id`` is empty for work orders that are no station's.

    ``waiting`` are its work orders that are not over, ``unassigned`` those of them that have a
    visit nobody was told of.
    """

    station_id: str
    station: str
    clocks: tuple[ClockShare, ...]
    done: Done
    waiting: int
    unassigned: int


@dataclass(frozen=True, slots=True)
class RunningOut:
    """A clock that nothing stopped yet: it runs out soon, or has run out.

    ``visit_id`` is the visit that is to stop it, ``starts_at`` when people were told it begins.
    """

    work_order_id: str
    visit_id: str | None
    clock: ClockKind
    state: ClockState
    due_at: datetime
    starts_at: datetime | None
    site: str
    customer: str
    priority: Priority
    station_id: str


@dataclass(frozen=True, slots=True)
class Age:
    """Work orders that are not over and were reported so many hours ago: from ``from_h`` on, and
    before ``until_h`` (None: any)."""

    from_h: int
    until_h: int | None
    waiting: int
    unassigned: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one technician works, in seconds by day, in the order of ``Figures.load_days``.

    ``regular_s`` is the time of regular shifts less absences.
    """

    technician_id: str
    technician: str
    station_id: str
    regular_s: tuple[int, ...]
    worked_s: tuple[int, ...]
    overtime_s: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartShort:
    """A part of which the open work of a station needs more than is there.

    ``needed`` units are needed and not reserved; ``free`` ones are in the depot and on the vans of
    the station, ``to_come`` expected there, the first at ``next_at``, all promised to nobody.
    ``elsewhere`` are free at other stations.
    """

    station_id: str
    part_id: str
    part: str
    needed: int
    free: int
    to_come: int
    next_at: datetime | None
    elsewhere: int

    @property
    def short(self) -> int:
        return self.needed - self.free


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it, as it is known at ``now_at``. ``today`` is the day of that instant.

    ``done`` and ``done_before`` are of the chosen span and of that before it. The days of
    ``load_days`` from ``today`` on have what the published plan still holds, beside what was done.
    """

    now_at: datetime
    today: date
    spans: tuple[SpanShares, ...]
    by_day: tuple[DayShare, ...]
    stations: tuple[StationFigures, ...]
    done: Done
    done_before: Done
    running_out: tuple[RunningOut, ...]
    ages: tuple[Age, ...]
    load_days: tuple[date, ...]
    loads: tuple[Load, ...]
    parts_short: tuple[PartShort, ...]
