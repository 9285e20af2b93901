"""Calendars of SLA clocks: around the clock, or business hours on working days."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class HourRange:
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that is not what its weekday says: a public holiday or a make-up workday."""

    day: date
    working: bool
    name: str = ""


@dataclass(frozen=True)
class Calendar:
    """When a clock runs.

    ``hours`` are the business hours of every working day, sorted and disjoint, in the
    organisation's time zone; none means around the clock, every day. ``weekdays`` (0 is Monday)
    are working days unless ``days`` says otherwise, which holds public holidays, make-up
    workdays and the organisation's own overrides, already merged.
    """

    id: str
    time_zone: str
    hours: tuple[HourRange, ...] = ()
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    days: tuple[CalendarDay, ...] = ()
