from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.domain.people import Absence, Break, Shift
from dispatch.domain.plan import Stop
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.rules import RULES, Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Visit
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    absence_stop,
    at,
    break_stop,
    pickup_stop,
)
from tests.builders import broken as broken_by

LEGS = FlatLegs()


def judged(
    *stops: Stop | str,
    visits: Iterable[Visit] = (a_visit(),),
    ends_away: bool = False,
    **technician: Any,  # noqa: ANN401
) -> Verdict:
    """One route of a technician with these fields on the first day."""
    snapshot = a_snapshot(tuple(visits), [a_technician(**technician)])
    return judge(snapshot, a_plan(a_route(*(stops or ("V1",)), ends_away=ends_away)), LEGS)


def broken(verdict: Verdict) -> list[tuple[str, str, int]]:
    return [(v.code, v.subject, v.amount) for v in verdict.violations]


def hours(number: float) -> int:
    return round(number * 3600)


# ------------------------------------------------------------------------- shift and overtime


def test_shift_without_overtime_ends_when_it_ends() -> None:
    """Half an hour out, half an hour home: 8 hours of work fill the shift."""
    verdict = judged(visits=[a_visit(duration_s=hours(8) + 60)])
    assert verdict.violations == (
        Violation("shift", "T1@0", 60, technician_id="T1", shift_id="T1@0"),
    )
    assert broken(judged(visits=[a_visit(duration_s=hours(8))])) == []


def test_shift_must_be_the_technicians_own() -> None:
    technicians = [a_technician("T1"), a_technician("T2")]
    route = replace(a_route("V1"), shift_id="T2@0")
    verdict = judge(a_snapshot(technicians=technicians), a_plan(route), LEGS)
    assert broken(verdict) == [("shift", "T2@0", 1)]


def test_shift_has_one_route_only() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")])
    once = judge(snapshot, a_plan(a_route("V1"), a_route("V2", day=1)), LEGS)
    twice = judge(snapshot, a_plan(a_route("V1"), a_route("V2")), LEGS)
    assert broken_by(once, "shift") == []
    assert broken_by(twice, "shift") == [("T1@0", 1)]


def test_overtime_is_limited_by_the_shift() -> None:
    shifts = (a_shift(max_overtime_s=3600),)
    over = judged(visits=[a_visit(duration_s=hours(9) + 60)], shifts=shifts)
    assert broken(over) == [("overtime", "T1@0", 60)]
    assert broken(judged(visits=[a_visit(duration_s=hours(9))], shifts=shifts)) == []


@pytest.mark.parametrize(("limit_s", "expected"), [(7199, [("T1", 1)]), (7200, []), (None, [])])
def test_overtime_is_limited_over_the_horizon(
    limit_s: int | None, expected: list[tuple[str, int]]
) -> None:
    technician = a_technician(
        shifts=tuple(a_shift(day=d, max_overtime_s=3600) for d in range(2)),
        max_total_overtime_s=limit_s,
    )
    visits = [a_visit(v, duration_s=hours(9)) for v in ("V1", "V2")]
    plan = a_plan(a_route("V1"), a_route("V2", day=1))
    assert broken_by(judge(a_snapshot(visits, [technician]), plan, LEGS), "overtime") == expected


# --------------------------------------------------------------------------------- absences


def out(start: datetime, end: datetime) -> tuple[Absence, ...]:
    return (Absence(start, end),)


@pytest.mark.parametrize(
    ("start", "end", "amount"),
    [
        (at(9), at(9, 10), 600),  # at work
        (at(8, 20), at(8, 40), 1200),  # travel, then work
        (at(9, 45), at(12), 900),  # travel home
        (at(10), at(12), 0),
        (at(7), at(8), 0),
    ],
)
def test_absence_is_broken_by_work_and_travel_in_it(
    start: datetime, end: datetime, amount: int
) -> None:
    expected = [("absence", "T1@0", amount)] if amount else []
    assert broken(judged(absences=out(start, end))) == expected


def test_absence_is_broken_by_a_run_in_and_counts_work_done_in_it_once() -> None:
    visits = [a_visit("V1", run_in_s=hours(3)), a_visit("V2")]
    verdict = judged("V1", "V2", visits=visits, absences=out(at(10), at(11)))
    assert broken(verdict) == [("absence", "T1@0", 3600)]


def test_absence_is_broken_by_a_pickup() -> None:
    verdict = judged("V1", pickup_stop(), absences=out(at(10, 5), at(10, 15)))
    assert broken(verdict) == [("absence", "T1@0", 300)]


def test_absence_is_not_broken_by_waiting() -> None:
    visit = a_visit("V2", release_at=at(12))
    verdict = judged("V1", "V2", visits=[a_visit("V1"), visit], absences=out(at(10), at(12)))
    assert broken(verdict) == []


def test_absence_is_broken_by_a_break_on_the_way_but_not_at_home() -> None:
    visit = a_visit("V2", release_at=at(12))
    shifts = resting(at(9), at(10))
    verdict = judged(
        "V1", break_stop(), "V2", visits=[a_visit("V1"), visit], shifts=shifts,
        absences=out(at(9, 45), at(12)),
    )  # fmt: skip
    assert broken(verdict) == [("absence", "T1@0", 900)]
    assert broken(judged("V1", break_stop(), shifts=shifts, absences=out(at(10), at(12)))) == []


def test_absence_that_is_a_stop_must_not_start_late() -> None:
    visits = [a_visit("V1"), a_visit("V2", "B")]
    late = judged("V1", absence_stop(), "V2", visits=visits, absences=out(at(9, 29), at(11)))
    assert broken(late) == [("absence", "T1@0", 60)]
    in_time = judged("V1", absence_stop(), "V2", visits=visits, absences=out(at(9, 30), at(11)))
    assert broken(in_time) == []


def test_absence_is_not_late_because_another_one_is_later() -> None:
    absences = (Absence(at(6), at(7)), Absence(at(9, 30), at(11)))
    visits = [a_visit("V1"), a_visit("V2", "B")]
    assert broken(judged("V1", absence_stop(1), "V2", visits=visits, absences=absences)) == []


def test_absence_is_broken_by_lateness_even_if_nothing_is_done_in_it() -> None:
    shift = a_shift(breaks=(Break(at(8), at(10), 3600),))
    verdict = judged(
        "V1", break_stop(), absence_stop(), shifts=(shift,), absences=out(at(10, 30), at(12))
    )
    assert broken(verdict) == [("absence", "T1@0", 1800)]


# ----------------------------------------------------------------------------------- breaks


def resting(earliest: datetime, latest: datetime) -> tuple[Shift, ...]:
    """A shift with a break of half an hour."""
    return (a_shift(breaks=(Break(earliest, latest, 1800),)),)


@pytest.mark.parametrize(("minute", "expected"), [(59, [("break", "T1@0", 1800)]), (0, [])])
def test_break_is_owed_by_a_route_that_goes_on_after_its_latest_start(
    minute: int, expected: list[tuple[str, str, int]]
) -> None:
    latest = at(9, 59) if minute else at(10)
    assert broken(judged(shifts=resting(at(9), latest))) == expected


@pytest.mark.parametrize(
    ("start", "end", "owed"),
    [
        (at(9, 29), at(10, 1), False),
        (at(9, 30), at(10, 1), True),
        (at(9, 29), at(10), True),
    ],
)
def test_break_is_not_owed_if_an_absence_leaves_no_time_for_it(
    start: datetime, end: datetime, owed: bool
) -> None:
    visits = [a_visit("V1", duration_s=1800), a_visit("V2", release_at=at(10, 30))]
    verdict = judged(
        "V1", "V2", visits=visits, shifts=resting(at(9), at(10)), absences=out(start, end)
    )
    assert broken(verdict) == ([("break", "T1@0", 1800)] if owed else [])


def test_break_is_not_owed_by_a_route_that_departs_when_it_could_be_over() -> None:
    shifts = resting(at(9), at(11))
    early = a_visit(release_at=at(9, 59))
    late = a_visit(release_at=at(10))
    assert broken(judged(visits=[early], shifts=shifts)) == [("break", "T1@0", 1800)]
    assert broken(judged(visits=[late], shifts=shifts)) == []


@pytest.mark.parametrize(("now", "owed"), [(9, True), (10, False)])
def test_break_is_not_owed_once_its_latest_start_is_over_before_the_route_can_begin(
    now: int, owed: bool
) -> None:
    technician = a_technician(shifts=resting(at(8, 45), at(9, 30)))
    snapshot = a_snapshot(technicians=[technician], now_at=at(now))
    verdict = judge(snapshot, a_plan(a_route("V1")), LEGS)
    assert broken(verdict) == ([("break", "T1@0", 1800)] if owed else [])


def test_break_must_not_start_too_late() -> None:
    visits = [a_visit("V1"), a_visit("V2", "B")]
    late = judged("V1", break_stop(), "V2", visits=visits, shifts=resting(at(9), at(9, 29)))
    assert broken(late) == [("break", "T1@0", 60)]
    in_time = judged("V1", break_stop(), "V2", visits=visits, shifts=resting(at(9), at(9, 30)))
    assert broken(in_time) == []


def test_break_that_is_taken_does_not_stand_for_another() -> None:
    breaks = (Break(at(9), at(9, 30), 600), Break(at(9), at(9, 50), 900))
    verdict = judged("V1", break_stop(0), shifts=(a_shift(breaks=breaks),))
    assert broken(verdict) == [("break", "T1@0", 900)]


# ------------------------------------------------------------------------------ limits, rest


@pytest.mark.parametrize(("limit_s", "amount"), [(3599, 1), (3600, 0), (None, 0)])
def test_travel_limit(limit_s: int | None, amount: int) -> None:
    expected = [("travel_limit", "T1@0", amount)] if amount else []
    assert broken(judged(max_travel_s=limit_s)) == expected


@pytest.mark.parametrize(("limit", "amount"), [(0, 2), (1, 1), (2, 0), (None, 0)])
def test_max_visits(limit: int | None, amount: int) -> None:
    verdict = judged("V1", "V2", visits=[a_visit("V1"), a_visit("V2")], max_visits=limit)
    assert broken(verdict) == ([("max_visits", "T1@0", amount)] if amount else [])


@pytest.mark.parametrize(("rest_h", "amount"), [(22, 0), (23, 3600)])
def test_rest_between_two_routes(rest_h: int, amount: int) -> None:
    """Home at 10:00, out at 08:00 the next day."""
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")], [a_technician(min_rest_s=hours(rest_h))])
    plan = a_plan(a_route("V2", day=1), a_route("V1"))
    verdict = judge(snapshot, plan, LEGS)
    assert broken(verdict) == ([("rest", "T1@1", amount)] if amount else [])


def test_rest_is_broken_by_routes_at_the_same_time() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")])
    verdict = judge(snapshot, a_plan(a_route("V1"), a_route("V2")), LEGS)
    assert broken_by(verdict, "rest") == [("T1@0", 7200)]


# ------------------------------------------------------------------------------ run-in, away


def run_in_of(snapshot: Snapshot, timetable: Timetable) -> list[tuple[str, int]]:
    return [(v.subject, v.amount) for v in RULES["run_in"](snapshot, timetable)]


def test_run_in_is_broken_by_leaving_early() -> None:
    """A derived timetable cannot leave early, so that of a shorter run-in stands in for one."""
    held = a_snapshot([a_visit("V1", run_in_s=3600), a_visit("V2", "B")])
    shorter = a_snapshot([a_visit("V1", run_in_s=3000), a_visit("V2", "B")])
    plan = a_plan(a_route("V1", "V2"))
    assert run_in_of(held, derive(held, plan, LEGS)) == []
    assert run_in_of(held, derive(shorter, plan, LEGS)) == [("V1", 600)]


def test_run_in_is_broken_by_being_elsewhere_and_by_ending_the_route() -> None:
    held = a_snapshot([a_visit("V1", run_in_s=3600), a_visit("V2", "B")])
    shorter = a_snapshot([a_visit("V1"), a_visit("V2", "B")])
    next_door = FlatLegs(table={("A", "B"): (0, 0)})
    elsewhere = derive(shorter, a_plan(a_route("V1", "V2")), next_door)
    ended = derive(shorter, a_plan(a_route("V1", ends_away=True)), LEGS)
    assert run_in_of(held, elsewhere) == [("V1", 3600)]
    assert run_in_of(held, ended) == [("V1", 3600)]


def test_run_in_allows_other_work_at_the_same_site() -> None:
    visits = [a_visit("V1", run_in_s=hours(3)), a_visit("V2", run_in_s=1800), a_visit("V3", "B")]
    assert broken(judged("V1", "V2", "V3", visits=visits)) == []


def nights(count: int, home: bool = True, **technician: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401
    """The violations of so many routes that end away, then one that ends at home."""
    snapshot = a_snapshot([a_visit(f"V{d}") for d in range(3)], [a_technician(**technician)])
    routes = [a_route(f"V{d}", day=d, ends_away=True) for d in range(count)]
    if home:
        routes.append(a_route(f"V{count}", day=count))
    return broken(judge(snapshot, a_plan(*routes), LEGS))


def test_away_needs_the_right_to_stay_overnight() -> None:
    assert nights(1, may_stay_overnight=False, max_nights=1) == [("away", "T1@0", 1)]
    assert nights(1, may_stay_overnight=True, max_nights=1) == []


def test_away_limits_the_nights_in_a_row() -> None:
    assert nights(2, may_stay_overnight=True, max_nights=1) == [("away", "T1@1", 1)]
    assert nights(2, may_stay_overnight=True, max_nights=2) == []


def test_away_needs_a_route_in_the_next_shift() -> None:
    may = {"may_stay_overnight": True, "max_nights": 3}
    assert nights(1, home=False, **may) == [("away", "T1@0", 1)]
    assert nights(3, home=False, **may) == [("away", "T1@2", 1)]


def test_a_horizon_of_nothing_breaks_nothing() -> None:
    verdict = judge(a_snapshot([], end_at=at(0) + timedelta(days=1)), a_plan(), LEGS)
    assert verdict.violations == ()
