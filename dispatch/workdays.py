"""China's public holidays and make-up workdays as calendar days.

The State Council announces each year's days late in the year before. For a year that is not
announced yet the ``holidays`` package knows the statutory holidays, but silently has neither the
days that are moved nor the make-up workdays: such a year is provisional.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from dispatch.domain.calendars import CalendarDay

_DAY = timedelta(days=1)
_MAKE_UP = "调休上班"


def calendar_days(
    years: Iterable[int], overrides: Iterable[CalendarDay] = ()
) -> tuple[CalendarDay, ...]:
    """The days of ``years`` that are not what their weekday says, merged with ``overrides``.

    Public holidays include the weekends that touch them, as the announcements count them, so a
    listed day that is not working always is a public holiday. An override wins over the public
    day; overrides of other years are kept too. Sorted, one entry per day.
    """
    wanted = frozenset(years)
    # A holiday may begin with the weekend before New Year's Day or end with the one after the 31st.
    free, make_up = _public_days({y + shift for y in wanted for shift in (-1, 0, 1)})
    names = free | _touching_weekends(free, make_up)
    days = {day: CalendarDay(day, False, name) for day, name in names.items()}
    days |= {day: CalendarDay(day, True, _MAKE_UP) for day in make_up}
    merged = {day: found for day, found in days.items() if day.year in wanted}
    merged |= {override.day: override for override in overrides}
    return tuple(merged[day] for day in sorted(merged))


def provisional_years(years: Iterable[int]) -> tuple[int, ...]:
    """Which of ``years`` have no announced make-up workdays yet, sorted."""
    wanted = set(years)
    _, make_up = _public_days(wanted)
    return tuple(sorted(wanted - {day.year for day in make_up}))


def _public_days(years: set[int]) -> tuple[dict[date, str], set[date]]:
    """Days off with their names (weekends only where a holiday falls on one), make-up workdays."""
    # Takes some 70 ms to import, which a command that reads no organisation should not pay.
    import holidays

    china = holidays.country_holidays("CN", years=years, language="zh_CN")
    # The package adds make-up workdays of long ago whatever years it is asked for.
    make_up = {day for day in china.weekend_workdays if day.year in years}
    return dict(china.items()), make_up


def _touching_weekends(free: dict[date, str], make_up: set[date]) -> dict[date, str]:
    """Weekend days next to a holiday, or next to such a day, under the name of that holiday."""
    found: dict[date, str] = {}
    for day, name in sorted(free.items()):
        for step in (_DAY, -_DAY):
            near = day + step
            while near.weekday() >= 5 and near not in make_up and near not in free:
                found.setdefault(near, name)
                near += step
    return found
