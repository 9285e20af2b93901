"""Calendars of SLA clocks: around the clock, or business hours on working days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from dispatch.domain.errors import DispatchError

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MIDNIGHT = time(0)


class CalendarError(DispatchError):
    """A calendar that cannot be counted by."""


@dataclass(frozen=True, slots=True)
class HourRange:
    """Business hours from ``start`` to ``end`` of one day; an end of 00:00 is the day's end."""

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

    @cached_property
    def working_by_day(self) -> Mapping[date, bool]:
        """What ``days`` says, by day."""
        return {d.day: d.working for d in self.days}


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether ``day`` is worked, by ``days`` or else by its weekday; hours do not matter here."""
    return calendar.working_by_day.get(day, day.weekday() in calendar.weekdays)


def working_days_later(calendar: Calendar, day: date, count: int) -> date:
    """The working day number ``count`` after ``day``, which itself does not count.

    Raises CalendarError if there are not so many.
    """
    weekly = any(weekday in calendar.weekdays for weekday in range(7))
    last = None if weekly else max(calendar.working_by_day, default=day)
    left, later = count, day
    while left:
        later += _DAY
        if last is not None and later > last:
            raise CalendarError(
                f"Calendar {calendar.id!r} has no {count} working days after {day}."
                " Give it weekdays.",
                f"日历 {calendar.id!r} 在 {day} 之后没有 {count} 个工作日。请填写工作日。",
            )
        left -= is_working_day(calendar, later)
    return later


def add_open_time(calendar: Calendar, start_at: datetime, seconds: int) -> datetime:
    """The instant (UTC) by which ``seconds`` of open time have passed since ``start_at``.

    Time outside the hours does not count: what starts there begins at the next opening. Raises
    CalendarError if the calendar is not open long enough after ``start_at``.
    """
    start_at = start_at.astimezone(UTC)
    left = seconds * _SECOND
    if not calendar.hours:
        return start_at + left
    for opens_at, closes_at in open_times(calendar, start_at):
        begins_at = max(opens_at, start_at)
        if begins_at < closes_at:
            if left <= closes_at - begins_at:
                return begins_at + left
            left -= closes_at - begins_at
    raise CalendarError(
        f"Calendar {calendar.id!r} is not open for {seconds} s after {start_at.isoformat()}:"
        " it has no working weekday with business hours. Give it weekdays and hours,"
        " or no hours at all for around the clock.",
        f"日历 {calendar.id!r} 在 {start_at.isoformat()} 之后没有 {seconds} 秒的营业时间："
        "没有任何带营业时间的工作日。请填写工作日和营业时间，或将营业时间留空表示全天候。",
    )


def open_time_between(calendar: Calendar, from_at: datetime, to_at: datetime) -> int:
    """Whole seconds of open time from ``from_at`` to ``to_at``; 0 if that is not later."""
    from_at, to_at = from_at.astimezone(UTC), to_at.astimezone(UTC)
    if from_at >= to_at:
        return 0
    if not calendar.hours:
        return (to_at - from_at) // _SECOND
    total = timedelta(0)
    for opens_at, closes_at in open_times(calendar, from_at):
        if opens_at >= to_at:
            break
        total += max(timedelta(0), min(closes_at, to_at) - max(opens_at, from_at))
    return total // _SECOND


def open_times(calendar: Calendar, from_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing times (UTC) of working days, from the local day of ``from_at`` on.

    Ends only if the calendar never opens again.
    """
    zone = ZoneInfo(calendar.time_zone)
    day = from_at.astimezone(zone).date()
    last = None if _opens_weekly(calendar) else max(calendar.working_by_day, default=date.min)
    while last is None or day <= last:
        if is_working_day(calendar, day):
            for hours in calendar.hours:
                end_day = day + _DAY if hours.end == _MIDNIGHT else day
                yield _utc(day, hours.start, zone), _utc(end_day, hours.end, zone)
        day += _DAY


def _opens_weekly(calendar: Calendar) -> bool:
    opens = any(h.start < h.end or h.end == _MIDNIGHT for h in calendar.hours)
    return opens and any(weekday in calendar.weekdays for weekday in range(7))


def _utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
