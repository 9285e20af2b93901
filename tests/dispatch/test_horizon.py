from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.calendars import Calendar, CalendarDay, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.people import Absence, Break, BreakPattern, ShiftKind, ShiftPattern, Technician
from dispatch.domain.policy import BALANCED, SLA_FIRST, UnassignedPrices
from dispatch.horizon import HorizonError, snapshot_of, unknown_shift_day

HOUR = timedelta(hours=1)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Local time counted in days of September 2026 (31 is the first of October)."""
    first = datetime(2026, 9, 1, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))
    return (first + timedelta(days=day - 1)).astimezone(UTC)


def pattern(days: str, start: int = 8, end: int = 17, technician_id: str = "T1") -> ShiftPattern:
    return ShiftPattern(technician_id, days, time(start), time(end))


def organisation(*patterns: ShiftPattern, absences: tuple[Absence, ...] = ()) -> Organisation:
    """One technician; Thursday 1 October is a holiday, Saturday 10 October is worked."""
    return Organisation(
        id="test",
        name="Test service",
        home_province="Liaoning",
        time_zone="Asia/Shanghai",
        planning_at=at(29, 7, 30),
        horizon_days=3,
        shift_calendar_id="office",
        stations=(),
        customers=(),
        sites=(),
        parts=(),
        lots=(),
        technicians=(Technician("T1", "Li", "S1", absences=absences),),
        shift_patterns=patterns,
        work_orders=(),
        visits=(),
        calendars=(
            Calendar(
                "office",
                "Asia/Shanghai",
                hours=(HourRange(time(9), time(17)),),
                days=(
                    CalendarDay(date(2026, 10, 1), False, "National Day"),
                    CalendarDay(date(2026, 10, 10), True),
                ),
            ),
        ),
    )


def shift_days(*patterns: ShiftPattern, days: int = 14) -> list[int]:
    """September days (31 is 1 October) on which the shifts begin, from Tuesday the 29th on."""
    (technician,) = snapshot_of(organisation(*patterns), days=days).technicians
    return [(s.start_at - at(1)).days + 1 for s in technician.shifts]


def test_the_horizon_is_local_midnight_to_midnight_from_the_planning_day() -> None:
    snapshot = snapshot_of(organisation())
    assert (snapshot.start_at, snapshot.end_at, snapshot.now_at) == (at(29), at(32), at(29, 7, 30))
    assert snapshot.start_at.tzinfo is UTC
    assert (snapshot.organisation, snapshot.policy) == ("Test service", BALANCED)


def test_the_local_day_counts_not_the_day_in_utc() -> None:
    early = replace(organisation(), planning_at=at(29, 1))
    assert early.planning_at.day == 28
    assert snapshot_of(early).start_at == at(29)


def test_another_first_day_begins_at_its_midnight() -> None:
    snapshot = snapshot_of(organisation(), from_day=date(2026, 10, 2), days=1)
    assert (snapshot.start_at, snapshot.end_at, snapshot.now_at) == (at(32), at(33), at(32))


def test_a_day_with_a_change_of_the_clocks_has_its_true_length() -> None:
    berlin = replace(organisation(), time_zone="Europe/Berlin")
    snapshot = snapshot_of(berlin, from_day=date(2026, 10, 25), days=1)
    assert snapshot.end_at - snapshot.start_at == 25 * HOUR


@pytest.mark.parametrize("days", [0, -3])
def test_a_horizon_has_at_least_one_day(days: int) -> None:
    with pytest.raises(HorizonError, match=str(days)):
        snapshot_of(organisation(), days=days)


def test_policies_are_found_by_name_the_organisations_own_first() -> None:
    own = replace(BALANCED, unassigned_fen=UnassignedPrices(4, 3, 2, 1))
    known = replace(organisation(), policies=(own,))
    assert snapshot_of(known).policy is own
    assert snapshot_of(known, policy="sla_first").policy is SLA_FIRST


def test_an_unknown_policy_is_an_error_that_names_the_known_ones() -> None:
    known = replace(organisation(), policies=(replace(BALANCED, name="winter"),))
    with pytest.raises(HorizonError, match=r"'cheap'.*balanced, sla_first, cost_first, winter"):
        snapshot_of(known, policy="cheap")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("daily", list(range(29, 43))),
        ("Mon,Tue", [29, 35, 36, 42]),
        (" sat , SUN", [33, 34, 40, 41]),
        ("workdays", [29, 30, 32, 35, 36, 37, 38, 39, 40, 42]),
        ("holidays", [31]),
        ("holidays,Sun", [31, 34, 41]),
        ("2026-10-01, 2026-09-30,2026-09-28", [30, 31]),
    ],
)
def test_a_pattern_makes_shifts_on_its_days(days: str, expected: list[int]) -> None:
    assert shift_days(pattern(days)) == expected


def test_a_pattern_with_dates_replaces_the_others_of_every_kind_there() -> None:
    standby = replace(pattern("holidays", 18, 20), kind=ShiftKind.STANDBY)
    dated = pattern("2026-09-30,2026-10-01", 10, 12)
    (technician,) = snapshot_of(organisation(pattern("daily"), standby, dated)).technicians
    hours = [(s.start_at, s.end_at) for s in technician.shifts]
    assert hours == [(at(29, 8), at(29, 17)), (at(30, 10), at(30, 12)), (at(31, 10), at(31, 12))]


def test_two_dated_patterns_both_hold() -> None:
    dated = [pattern("2026-09-30", 8, 12), pattern("2026-09-30,Mon", 13, 17)]
    assert shift_days(*dated) == [30, 30, 35, 42]


def test_shifts_of_a_day_are_numbered_by_their_start() -> None:
    evening = replace(pattern("daily", 18, 22), kind=ShiftKind.STANDBY, max_overtime_s=3600)
    (technician,) = snapshot_of(organisation(evening, pattern("daily")), days=1).technicians
    day, night = technician.shifts
    assert (day.id, night.id) == ("T1@2026-09-29", "T1@2026-09-29-2")
    assert (day.kind, day.max_overtime_s) == (ShiftKind.REGULAR, 0)
    assert (night.kind, night.max_overtime_s) == (ShiftKind.STANDBY, 3600)
    assert (night.start_at, night.end_at) == (at(29, 18), at(29, 22))


def test_an_end_at_or_before_the_start_is_on_the_next_day() -> None:
    for end, hours in ((6, 10), (20, 24)):
        (technician,) = snapshot_of(organisation(pattern("Tue", 20, end)), days=1).technicians
        (shift,) = technician.shifts
        assert (shift.start_at, shift.end_at - shift.start_at) == (at(29, 20), hours * HOUR)


def test_a_shift_that_began_before_the_horizon_does_not_appear() -> None:
    (technician,) = snapshot_of(organisation(pattern("Mon", 20, 6))).technicians
    assert technician.shifts == ()


def test_breaks_lie_on_the_day_of_the_shift_or_on_the_next_for_a_night() -> None:
    lunch = BreakPattern(time(11, 30), time(13), 2700)
    night = BreakPattern(time(23, 30), time(0, 30), 1800)
    late = BreakPattern(time(3), time(4), 900)
    by_day = replace(pattern("Tue"), breaks=(lunch,))
    by_night = replace(pattern("Tue", 20, 6), breaks=(night, late))
    (technician,) = snapshot_of(organisation(by_day, by_night), days=1).technicians
    assert [s.breaks for s in technician.shifts] == [
        (Break(at(29, 11, 30), at(29, 13), 2700),),
        (Break(at(29, 23, 30), at(30, 0, 30), 1800), Break(at(30, 3), at(30, 4), 900)),
    ]


def test_shifts_may_touch() -> None:
    assert shift_days(pattern("daily", 8, 20), pattern("daily", 20, 8), days=2) == [29, 29, 30, 30]


def test_overlapping_shifts_are_an_error_that_shows_both() -> None:
    with pytest.raises(HorizonError) as error:
        shift_days(pattern("Tue", 20, 9), pattern("Wed", 8, 17))
    for message in (error.value.message_en, error.value.message_zh):
        assert "T1@2026-09-29 (2026-09-29 20:00 – 2026-09-30 09:00)" in message
        assert "T1@2026-09-30 (2026-09-30 08:00 – 2026-09-30 17:00)" in message


def test_patterns_of_other_technicians_do_not_matter() -> None:
    assert shift_days(pattern("daily", technician_id="T2")) == []


@pytest.mark.parametrize("days", ["", "Mon,", "monday", "2026-02-30", "20261001", "Mon Tue"])
def test_unknown_days_are_an_error(days: str) -> None:
    word = unknown_shift_day(days)
    assert word is not None
    with pytest.raises(HorizonError, match=f"T1 has the day {word!r}"):
        shift_days(pattern(days))


def test_an_unknown_shift_calendar_is_an_error() -> None:
    lost = replace(organisation(), shift_calendar_id="factory")
    with pytest.raises(HorizonError, match=r"'factory'.*office"):
        snapshot_of(lost)


def test_absences_outside_the_horizon_are_dropped_and_the_others_sorted() -> None:
    before = Absence(at(28), at(29), "ends as the horizon begins")
    into = Absence(at(28), at(29, 9), "reaches in")
    within = Absence(at(30, 10), at(30, 12), "within")
    after = Absence(at(32), at(33), "begins as the horizon ends")
    found = snapshot_of(organisation(absences=(after, within, into, before)))
    assert found.technicians[0].absences == (into, within)


def test_an_absence_in_a_night_shift_that_outlasts_the_horizon_is_kept() -> None:
    night = replace(pattern("Tue", 20, 6), max_overtime_s=3600)
    inside = Absence(at(30, 6, 30), at(30, 9))
    beyond = Absence(at(30, 7), at(30, 9))
    found = snapshot_of(organisation(night, absences=(inside, beyond)), days=1)
    assert found.technicians[0].absences == (inside,)
