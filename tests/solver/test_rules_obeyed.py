"""For each rule that the search obeys the smallest plan that just keeps it, and what stays out
with which reason when a little more is asked.

Every plan is checked by the referee (``solved_small``).
"""

from dataclasses import replace
from datetime import date, datetime

import pytest

from dispatch.domain.people import (
    Absence,
    Break,
    Certificate,
    Shift,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.plan import StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import (
    Gate,
    GateKind,
    Priority,
    SkillNeed,
    Visit,
    Window,
)
from tests.builders import FlatLegs, a_shift, a_technician, a_visit, a_work_order, at
from tests.solver.monday import left_out, monday, planned, t1_of
from tests.solver.solving import Solved

HOUR_S = 3600
LUNCH = Break(at(11, 30), at(13), 1800)


# -------------------------------------------------------------------------------- who may do it


CAMERA = a_visit(skills=(SkillNeed("camera", 2),))
MONDAY, SUNDAY = date(2026, 9, 28), date(2026, 9, 27)


def test_skill() -> None:
    planned(monday(CAMERA, t1=t1_of(certificates=(Certificate("camera", 2),))))
    assert left_out(monday(CAMERA, t1=t1_of(certificates=(Certificate("sim", 2),)))) == {
        "V1": "skill"
    }


def test_skill_level() -> None:
    assert left_out(monday(CAMERA, t1=t1_of(certificates=(Certificate("camera", 1),)))) == {
        "V1": "skill_level"
    }


def test_skill_expired() -> None:
    planned(monday(CAMERA, t1=t1_of(certificates=(Certificate("camera", 2, MONDAY),))))
    expired = t1_of(certificates=(Certificate("camera", 2, SUNDAY),))
    assert left_out(monday(CAMERA, t1=expired)) == {"V1": "skill_expired"}


def test_skill_that_expires_at_midnight_of_a_night_shift() -> None:
    """The visit is released after midnight, when the certificate is no longer valid."""
    night = Shift("T1@0", at(20), at(6, day=1))
    t1 = t1_of(shift=night, certificates=(Certificate("camera", 2, MONDAY),))
    planned(monday(replace(CAMERA, release_at=at(23, 59)), t1=t1))
    late = replace(CAMERA, release_at=at(0, 1, day=1))
    assert left_out(monday(late, t1=t1)) == {"V1": "skill_expired"}


def test_territory() -> None:
    assert left_out(monday(t1=t1_of(territories=(TerritoryCover("south"),)))) == {"V1": "territory"}


@pytest.mark.parametrize(
    "t1",
    [t1_of(excluded_sites=("A",)), t1_of(excluded_customers=("C1",))],
    ids=["site", "customer"],
)
def test_excluded(t1: Technician) -> None:
    assert left_out(monday(t1=t1)) == {"V1": "excluded"}


def test_standby() -> None:
    t1 = t1_of(shift=a_shift(kind=ShiftKind.STANDBY))
    emergency = a_work_order("V1@A", "A", priority=Priority.EMERGENCY)
    planned(monday(t1=t1, work_orders=[emergency]))
    assert left_out(monday(t1=t1)) == {"V1": "standby"}


def test_tool() -> None:
    ladder = a_visit(tools=("ladder",))
    planned(monday(ladder, t1=t1_of(tools=("ladder",))))
    assert left_out(monday(ladder)) == {"V1": "tool"}


def test_a_tool_is_needed_as_often_as_it_is_named() -> None:
    assert left_out(monday(a_visit(tools=("ladder", "ladder")), t1=t1_of(tools=("ladder",)))) == {
        "V1": "tool"
    }


# ------------------------------------------------------------------------------- working time


def test_shift() -> None:
    planned(monday(a_visit(duration_s=8 * HOUR_S)))
    assert left_out(monday(a_visit(duration_s=8 * HOUR_S + 1))) == {"V1": "shift"}


def test_overtime_of_a_shift() -> None:
    t1 = t1_of(shift=a_shift(max_overtime_s=HOUR_S))
    planned(monday(a_visit(duration_s=9 * HOUR_S), t1=t1))
    assert left_out(monday(a_visit(duration_s=9 * HOUR_S + 1), t1=t1)) == {"V1": "overtime"}


def test_overtime_over_the_horizon() -> None:
    """Each of two days needs half an hour of overtime."""
    shifts = tuple(a_shift(day=day, max_overtime_s=HOUR_S) for day in (0, 1))
    visits = [a_visit(v, duration_s=8 * HOUR_S + 1800) for v in ("V1", "V2")]
    planned(monday(*visits, t1=a_technician(shifts=shifts, max_total_overtime_s=HOUR_S)))
    short = a_technician(shifts=shifts, max_total_overtime_s=HOUR_S - 1)
    assert list(left_out(monday(*visits, t1=short)).values()) == ["overtime"]


def test_nothing_happens_before_now() -> None:
    planned(monday(a_visit(duration_s=3 * HOUR_S), now_at=at(13)))
    assert left_out(monday(a_visit(duration_s=3 * HOUR_S), now_at=at(13, 1))) == {"V1": "shift"}


def test_rest() -> None:
    """Monday ends at 17:00 and Tuesday begins with a visit at 08:30."""
    visits = [
        a_visit("V1", windows=(Window(at(15, 30), at(15, 30)),)),
        a_visit("V2", windows=(Window(at(8, 30, day=1), at(8, 30, day=1)),)),
    ]
    shifts = (a_shift(), a_shift(day=1))
    planned(monday(*visits, t1=a_technician(shifts=shifts, min_rest_s=15 * HOUR_S)))
    tired = a_technician(shifts=shifts, min_rest_s=15 * HOUR_S + 1)
    assert list(left_out(monday(*visits, t1=tired)).values()) == ["rest"]


def test_travel_limit() -> None:
    planned(monday(t1=t1_of(max_travel_s=HOUR_S)))
    assert left_out(monday(t1=t1_of(max_travel_s=HOUR_S - 1))) == {"V1": "travel_limit"}


def test_travel_limit_of_a_route() -> None:
    visits = [a_visit("V1", "A"), a_visit("V2", "B")]
    planned(monday(*visits, t1=t1_of(max_travel_s=5400)))
    codes = left_out(monday(*visits, t1=t1_of(max_travel_s=5399)))
    assert list(codes.values()) == ["travel_limit"]


def test_max_visits() -> None:
    visits = [a_visit(v) for v in ("V1", "V2", "V3")]
    planned(monday(*visits, t1=t1_of(max_visits=3)))
    assert list(left_out(monday(*visits, t1=t1_of(max_visits=2))).values()) == ["max_visits"]


# ---------------------------------------------------------------------------------- absences


@pytest.mark.parametrize(
    ("out", "fits_s"),
    [
        (Absence(at(7), at(12)), 4 * HOUR_S),
        (Absence(at(13), at(18)), 4 * HOUR_S),
    ],
    ids=["start", "end"],
)
def test_absence_at_an_end_of_the_shift(out: Absence, fits_s: int) -> None:
    """Without the absence even the longer visit would fit."""
    planned(monday(a_visit(duration_s=fits_s), t1=t1_of(out)))
    longer = monday(a_visit(duration_s=5 * HOUR_S), t1=t1_of(out))
    assert left_out(longer) == {"V1": "absence"}


def test_absence_in_the_middle_of_the_shift() -> None:
    """The technician is at the site from 08:30, and is so again from 13:00 to 16:30."""
    t1 = t1_of(Absence(at(12), at(13)))
    planned(monday(a_visit(duration_s=3 * HOUR_S + 1800), t1=t1))
    longer = monday(a_visit(duration_s=3 * HOUR_S + 1801), t1=t1)
    assert left_out(longer)["V1"] in ("absence", "shift")


def test_absence_is_taken_between_visits() -> None:
    visits = [
        a_visit("V1", "A", windows=(Window(at(9), at(9)),)),
        a_visit("V2", "B", windows=(Window(at(13), at(13)),)),
    ]
    result = planned(monday(*visits, t1=t1_of(Absence(at(10), at(12, 30)))))
    assert [s.kind for s in result.plan.routes[0].stops] == [
        StopKind.VISIT,
        StopKind.ABSENCE,
        StopKind.VISIT,
    ]


def test_absence_all_day() -> None:
    assert left_out(monday(t1=t1_of(Absence(at(0), at(0, day=1))))) == {"V1": "absence"}


def test_absence_before_the_first_visit_of_the_day() -> None:
    """V1 would run into it; lunch and then the absence are over before V1 starts."""
    out = Absence(at(13, 30), at(14, 30))
    t1 = t1_of(out, shift=a_shift(breaks=(LUNCH,)))
    visit = a_visit(duration_s=4500, windows=(Window(at(13), at(15)),))
    assert planned(monday(visit, t1=t1)).start_of("V1") >= at(14, 30)


def _with_lunch_and(out: Absence, *visits: Visit) -> Snapshot:
    return monday(*visits, t1=t1_of(out, shift=a_shift(breaks=(LUNCH,))))


def test_a_break_that_has_no_time_before_an_absence_is_taken_after_it() -> None:
    """V1 ends at 11:30, and from 13:00 on there is time for lunch and V2."""
    first = a_visit("V1", "A", windows=(Window(at(10, 30), at(10, 30)),))
    second = a_visit("V2", "B", duration_s=3 * HOUR_S)
    result = planned(_with_lunch_and(Absence(at(12), at(13)), first, second))
    assert [s.kind for s in result.plan.routes[0].stops] == [
        StopKind.VISIT,
        StopKind.ABSENCE,
        StopKind.BREAK,
        StopKind.VISIT,
    ]
    assert _lunch_at(result) == at(13)


def test_a_break_is_taken_in_time_for_an_absence() -> None:
    """Lunch after V2 would begin at 12:45 and run into the absence at 13:00."""
    first = a_visit("V1", "A", windows=(Window(at(8, 30), at(8, 30)),))
    second = a_visit("V2", "A", duration_s=900, windows=(Window(at(11, 30), at(12, 30)),))
    third = a_visit("V3", "B", windows=(Window(at(14, 30), at(15, 30)),))
    result = planned(_with_lunch_and(Absence(at(12, 45), at(13, 30)), first, second, third))
    assert _lunch_at(result) <= at(12, 15)


def test_no_break_is_owed_for_which_an_absence_leaves_no_time() -> None:
    visits = [
        a_visit("V1", "A", windows=(Window(at(9), at(9)),)),
        a_visit("V2", "A", windows=(Window(at(14), at(14)),)),
    ]
    result = planned(_with_lunch_and(Absence(at(11), at(13, 30)), *visits))
    assert result.stops(StopKind.BREAK) == []


# ------------------------------------------------------------------------------------ breaks


def _with_lunch(*visits: Visit, lunch: Break = LUNCH) -> Snapshot:
    return monday(*visits, t1=t1_of(shift=a_shift(breaks=(lunch,))))


def _lunch_at(result: Solved) -> datetime:
    stops = result.verdict.timetable.routes[0].stops
    return next(s.start_at for s in stops if s.stop.kind is StopKind.BREAK)


def test_break_between_visits() -> None:
    """Four and a half hours end at 13:00 sharp, and a second more is too late."""
    promised = a_visit(duration_s=4 * HOUR_S + 1800, windows=(Window(at(8), at(8, 30)),))
    assert _lunch_at(planned(_with_lunch(promised))) == at(13)
    longer = _with_lunch(replace(promised, duration_s=4 * HOUR_S + 1801))
    assert left_out(longer)["V1"] in ("break", "window")


def test_break_on_the_road() -> None:
    legs = FlatLegs(3 * HOUR_S)
    assert _lunch_at(planned(_with_lunch(a_visit(duration_s=2 * HOUR_S)), legs)) == at(13)


def test_break_on_arrival() -> None:
    """Half past eight on the road, at eleven there: lunch at half past eleven, then the visit."""
    legs = FlatLegs(3 * HOUR_S)
    visit = a_visit(windows=(Window(at(12), at(13)),))
    assert _lunch_at(planned(_with_lunch(visit), legs)) == at(11, 30)


def test_break_during_a_run_in_costs_nothing() -> None:
    visit = a_visit(run_in_s=5 * HOUR_S)
    with_lunch, without = planned(_with_lunch(visit)), planned(monday(visit))
    ends = [r.verdict.timetable.routes[0].finish_at for r in (with_lunch, without)]
    assert ends[0] == ends[1]


def test_no_break_is_owed_after_work_or_before() -> None:
    for window in (Window(at(8, 30), at(10)), Window(at(14), at(15))):
        result = planned(_with_lunch(a_visit(windows=(window,))))
        assert result.stops(StopKind.BREAK) == []


def test_no_break_is_owed_whose_window_is_over() -> None:
    snapshot = replace(_with_lunch(a_visit(duration_s=2 * HOUR_S)), now_at=at(13, 1))
    assert planned(snapshot).stops(StopKind.BREAK) == []


def test_two_breaks() -> None:
    tea = Break(at(15), at(15, 30), 900)
    shift = a_shift(breaks=(LUNCH, tea))
    visits = [a_visit(v, duration_s=2 * HOUR_S + 1800) for v in ("V1", "V2", "V3")]
    result = planned(monday(*visits[:2], t1=t1_of(shift=shift)))
    assert 1 <= len(result.stops(StopKind.BREAK)) <= 2
    assert len(left_out(monday(*visits, t1=t1_of(shift=shift)))) == 1


def test_two_breaks_before_the_first_visit_that_the_departure_moves() -> None:
    """Coffee right after lunch is in time only for those who leave early."""
    coffee = Break(at(12), at(12, 30), 1800)
    visit = a_visit(windows=(Window(at(14), at(15)),))
    for window in (visit.windows, (Window(at(13), at(13)),), (Window(at(12, 45), at(13, 15)),)):
        planned(
            monday(replace(visit, windows=window), t1=t1_of(shift=a_shift(breaks=(LUNCH, coffee))))
        )


# ------------------------------------------------------------------------ windows and release


def test_window() -> None:
    planned(monday(a_visit(windows=(Window(at(8), at(8, 30)),))))
    early = a_visit(windows=(Window(at(8), at(8, 29)),))
    assert left_out(monday(early)) == {"V1": "window"}


def test_the_second_window_is_used_when_the_first_has_closed() -> None:
    windows = (Window(at(8), at(8, 15)), Window(at(10), at(11)))
    assert planned(monday(a_visit(windows=windows))).start_of("V1") == at(10)


def test_windows_that_exclude_each_other() -> None:
    """Both at nine sharp."""
    visits = [a_visit(v, windows=(Window(at(9), at(9)),)) for v in ("V1", "V2")]
    assert list(left_out(monday(*visits)).values()) == ["window"]


def test_release() -> None:
    result = planned(monday(a_visit(release_at=at(15, 30))))
    assert result.start_of("V1") == at(15, 30)
    assert left_out(monday(a_visit(release_at=at(15, 31)))) == {"V1": "shift"}


def test_gates() -> None:
    gate = Gate(GateKind.QUOTE, at(0), expected_at=at(12))
    order = a_work_order("V1@A", "A", gates=(gate,))
    assert planned(monday(work_orders=[order])).start_of("V1") == at(12)
    never = replace(order, gates=(replace(gate, expected_at=None),))
    assert left_out(monday(work_orders=[never])) == {"V1": "release"}


# ----------------------------------------------------------------------------------- run-in


def test_run_in() -> None:
    planned(monday(a_visit(run_in_s=7 * HOUR_S)))
    assert left_out(monday(a_visit(run_in_s=7 * HOUR_S + 1))) == {"V1": "shift"}


def test_a_second_visit_at_the_site_is_done_during_the_run_in() -> None:
    held = a_visit("V1", "A", run_in_s=6 * HOUR_S)
    planned(monday(held, a_visit("V2", "A", duration_s=6 * HOUR_S)))
    assert len(left_out(monday(held, a_visit("V2", "B", duration_s=3 * HOUR_S)))) == 1


def test_a_break_in_a_run_in_does_not_delay_the_next_visit_at_the_site() -> None:
    """V1 runs in until 13:30. V2 is due at the same site by 10:30; lunch can wait for it."""
    held = a_visit("V1", "A", run_in_s=5 * HOUR_S - 1800, windows=(Window(at(8), at(8, 30)),))
    second = a_visit("V2", "A", windows=(Window(at(8, 30), at(10, 30)),))
    result = planned(_with_lunch(held, second))
    assert result.start_of("V2") == at(9, 30)
    assert _lunch_at(result) == at(11, 30)
