from datetime import date, timedelta

import chinese_calendar
import pytest

from dispatch.domain.calendars import CalendarDay
from dispatch.workdays import calendar_days, provisional_years

YEARS = range(2020, 2027)


def is_off(day: date, days: dict[date, CalendarDay]) -> bool:
    return not days[day].working if day in days else day.weekday() >= 5


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_what_the_other_library_says(year: int) -> None:
    days = {d.day: d for d in calendar_days([year])}
    day = date(year, 1, 1)
    while day.year == year:
        assert is_off(day, days) == chinese_calendar.is_holiday(day), day
        day += timedelta(days=1)


def test_one_span_equals_its_years_one_by_one() -> None:
    assert calendar_days(YEARS) == tuple(d for year in YEARS for d in calendar_days([year]))


def test_days_off_are_named_and_make_up_workdays_are_marked() -> None:
    days = {d.day: d for d in calendar_days([2026])}
    assert days[date(2026, 10, 1)] == CalendarDay(date(2026, 10, 1), False, "国庆节")
    assert days[date(2026, 10, 10)] == CalendarDay(date(2026, 10, 10), True, "调休上班")


def test_weekends_within_and_beside_a_holiday_belong_to_it() -> None:
    days = {d.day: d.working for d in calendar_days([2026])}
    assert [d for d in range(1, 12) if days.get(date(2026, 10, d)) is False] == list(range(1, 8))
    # The Mid-Autumn Festival is a Friday; the weekend after it touches it.
    assert days[date(2026, 9, 27)] is False
    assert date(2026, 9, 28) not in days


def test_the_weekend_before_new_year_belongs_to_the_holiday_of_the_next_year() -> None:
    assert CalendarDay(date(2022, 12, 31), False, "元旦") in calendar_days([2022])


def test_overrides_win_and_are_added() -> None:
    works = CalendarDay(date(2026, 10, 1), True, "on duty")
    rests = CalendarDay(date(2026, 7, 15), False, "founding day")
    other_year = CalendarDay(date(2031, 7, 15), False, "founding day")
    days = calendar_days([2026], [rests, works, other_year])
    assert [d for d in days if d.day == works.day] == [works]
    assert rests in days
    assert days[-1] == other_year
    assert list(days) == sorted(days, key=lambda d: d.day)


def test_years_without_announced_make_up_workdays_are_provisional() -> None:
    assert provisional_years(YEARS) == ()
    assert provisional_years([2060, 2026, 2059]) == (2059, 2060)
