from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.domain.calendars import (
    Calendar,
    CalendarDay,
    CalendarError,
    HourRange,
    add_open_time,
    is_working_day,
    open_time_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALWAYS = Calendar("24x7", "Asia/Shanghai")
OFFICE = Calendar(
    "office",
    "Asia/Shanghai",
    hours=(HourRange(time(9), time(12)), HourRange(time(13), time(19, 30))),
    days=(
        CalendarDay(date(2026, 10, 1), False, "National Day"),
        CalendarDay(date(2026, 10, 2), False, "National Day"),
        CalendarDay(date(2026, 10, 10), True, "make-up"),
    ),
)
HOUR = 3600


def local(day: int, hour: int, minute: int = 0, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def is_open(calendar: Calendar, minute: datetime) -> bool:
    wall = minute.astimezone(ZoneInfo(calendar.time_zone))
    return is_working_day(calendar, wall.date()) and any(
        h.start <= wall.time() and (wall.time() < h.end or h.end == time(0)) for h in calendar.hours
    )


instants = st.datetimes(
    datetime(2026, 3, 20),  # noqa: DTZ001 - Hypothesis adds the time zone
    datetime(2026, 11, 10),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda t: t.replace(microsecond=0))
lengths = st.integers(0, 400 * HOUR)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Calendars with one or two ranges of hours, which may span changes to and from summer time
    but neither begin nor end in the hours that are skipped or repeated then."""
    quarters_of_day = st.sampled_from((0, *range(12, 97)))
    cuts = draw(
        st.lists(quarters_of_day, min_size=2, max_size=4, unique=True)
        .map(sorted)
        .filter(lambda quarters: len(quarters) % 2 == 0)
    )
    clocks = [time(q // 4 % 24, q % 4 * 15) for q in cuts]
    exceptions = draw(
        st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 11, 30)), st.booleans(), max_size=20)
    )
    return Calendar(
        id="drawn",
        time_zone=draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"])),
        hours=tuple(HourRange(a, b) for a, b in zip(clocks[::2], clocks[1::2], strict=True)),
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        days=tuple(CalendarDay(day, working) for day, working in exceptions.items()),
    )


@given(calendars(), instants, lengths)
def test_the_time_added_is_the_time_measured(
    calendar: Calendar, start_at: datetime, seconds: int
) -> None:
    end_at = add_open_time(calendar, start_at, seconds)
    assert end_at.tzinfo is UTC
    assert open_time_between(calendar, start_at, end_at) == seconds


@given(calendars(), instants, lengths.filter(bool))
def test_the_instant_is_the_first_by_which_the_time_has_passed(
    calendar: Calendar, start_at: datetime, seconds: int
) -> None:
    before = add_open_time(calendar, start_at, seconds) - timedelta(seconds=1)
    assert open_time_between(calendar, start_at, before) == seconds - 1


@given(calendars(), instants, lengths, instants, lengths)
def test_starting_later_or_running_longer_never_ends_earlier(
    calendar: Calendar, start_at: datetime, seconds: int, other_at: datetime, other: int
) -> None:
    early, late = sorted([start_at, other_at])
    short, long = sorted([seconds, other])
    assert add_open_time(calendar, early, short) <= add_open_time(calendar, late, long)


@given(calendars(), instants, st.integers(0, 60 * 24 * 4))
def test_measured_time_is_the_number_of_open_minutes(
    calendar: Calendar, from_at: datetime, minutes: int
) -> None:
    from_at = from_at.replace(second=0)
    each = (from_at + timedelta(minutes=m) for m in range(minutes))
    to_at = from_at + timedelta(minutes=minutes)
    assert open_time_between(calendar, from_at, to_at) == 60 * sum(
        is_open(calendar, minute) for minute in each
    )


@given(instants, lengths)
@example(datetime(2026, 10, 1, tzinfo=UTC), 24 * HOUR)
def test_around_the_clock_is_plain_addition(start_at: datetime, seconds: int) -> None:
    end_at = start_at + timedelta(seconds=seconds)
    assert add_open_time(ALWAYS, start_at, seconds) == end_at
    assert open_time_between(ALWAYS, start_at, end_at) == seconds


def test_holidays_weekends_and_lunch_do_not_count() -> None:
    # Wednesday evening, two hours before closing; Thursday and Friday are holidays.
    start_at = local(30, 17, 30, month=9)
    assert add_open_time(OFFICE, start_at, 2 * HOUR) == local(30, 19, 30, month=9)
    assert add_open_time(OFFICE, start_at, 2 * HOUR + 1) == local(5, 9) + timedelta(seconds=1)
    assert add_open_time(OFFICE, start_at, 6 * HOUR) == local(5, 14)


def test_a_make_up_saturday_counts() -> None:
    assert add_open_time(OFFICE, local(9, 19), HOUR) == local(10, 9, 30)
    assert add_open_time(OFFICE, local(16, 19), HOUR) == local(19, 9, 30)


@pytest.mark.parametrize("at", [local(1, 15), local(4, 23), local(5, 3), local(5, 9)])
def test_what_starts_outside_hours_begins_at_the_next_opening(at: datetime) -> None:
    assert add_open_time(OFFICE, at, 0) == local(5, 9)
    assert add_open_time(OFFICE, at, HOUR) == local(5, 10)


def test_an_end_at_midnight_is_the_end_of_the_day() -> None:
    late = Calendar("late", "Asia/Shanghai", hours=(HourRange(time(22), time(0)),))
    assert add_open_time(late, local(5, 21), 2 * HOUR) == local(6, 0)
    assert add_open_time(late, local(5, 21), 3 * HOUR) == local(6, 23)


def test_nothing_passes_from_later_to_earlier() -> None:
    assert open_time_between(OFFICE, local(6, 9), local(5, 9)) == 0
    assert open_time_between(ALWAYS, local(6, 9), local(5, 9)) == 0


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar("no weekdays", "Asia/Shanghai", hours=OFFICE.hours, weekdays=()),
        Calendar("no such weekday", "Asia/Shanghai", hours=OFFICE.hours, weekdays=(7,)),
        Calendar("empty hours", "Asia/Shanghai", hours=(HourRange(time(9), time(9)),)),
    ],
)
def test_a_calendar_that_never_opens_is_an_error_in_both_languages(calendar: Calendar) -> None:
    with pytest.raises(CalendarError) as error:
        add_open_time(calendar, local(5, 9), 1)
    assert repr(calendar.id) in error.value.message_en
    assert repr(calendar.id) in error.value.message_zh
    assert open_time_between(calendar, local(5, 9), local(30, 9)) == 0


def test_a_calendar_of_single_days_lasts_as_long_as_they_do() -> None:
    one_day = Calendar(
        "one day",
        "Asia/Shanghai",
        hours=(HourRange(time(9), time(10)),),
        weekdays=(),
        days=(CalendarDay(date(2026, 10, 10), True),),
    )
    assert add_open_time(one_day, local(1, 0), HOUR) == local(10, 10)
    with pytest.raises(CalendarError):
        add_open_time(one_day, local(1, 0), HOUR + 1)


def test_a_working_day_is_what_the_exceptions_say_else_its_weekday() -> None:
    worked = [d for d in range(1, 15) if is_working_day(OFFICE, date(2026, 10, d))]
    assert worked == [5, 6, 7, 8, 9, 10, 12, 13, 14]
