"""For each rule that the search obeys the smallest plan that just keeps it, and what stays out
with which reason when a little more is asked.

Unless a test says otherwise: T1 works Monday 08:00-17:00; each visit takes an hour and half an hour
lies between any two places. ``solved_small`` checks every plan with the referee.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dispatch.domain.people import (
    Absence,
    Break,
    Certificate,
    Coverage,
    Shift,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.plan import StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import (
    Commitment,
    Gate,
    GateKind,
    Pin,
    Priority,
    SkillNeed,
    Visit,
    Window,
)
from tests.builders import FlatLegs, a_shift, a_snapshot, a_technician, a_visit, a_work_order, at
from tests.solver.solving import PRICES, Solved, solved_small

HOUR_S = 3600
LUNCH = Break(at(11, 30), at(13), 1800)


def _t1(*absences: Absence, shift: Shift | None = None, **fields: Any) -> Technician:  # noqa: ANN401
    return a_technician(shifts=(shift or a_shift(),), absences=absences, **fields)


def _snapshot(*visits: Visit, t1: Technician | None = None, **fields: Any) -> Snapshot:  # noqa: ANN401
    facts: dict[str, Any] = {"technicians": [t1 or _t1()], "policy": PRICES}
    return a_snapshot(visits=visits or None, **(facts | fields))


def _planned(snapshot: Snapshot, legs: FlatLegs | None = None) -> Solved:
    """Everything is planned."""
    result = solved_small(snapshot, legs)
    assert result.left_out == {}
    return result


def _left_out(snapshot: Snapshot, legs: FlatLegs | None = None) -> dict[str, str]:
    return solved_small(snapshot, legs).left_out


# -------------------------------------------------------------------------------- who may do it


CAMERA = a_visit(skills=(SkillNeed("camera", 2),))
MONDAY, SUNDAY = date(2026, 9, 28), date(2026, 9, 27)


def test_skill() -> None:
    _planned(_snapshot(CAMERA, t1=_t1(certificates=(Certificate("camera", 2),))))
    assert _left_out(_snapshot(CAMERA, t1=_t1(certificates=(Certificate("sim", 2),)))) == {
        "V1": "skill"
    }


def test_skill_level() -> None:
    assert _left_out(_snapshot(CAMERA, t1=_t1(certificates=(Certificate("camera", 1),)))) == {
        "V1": "skill_level"
    }


def test_skill_expired() -> None:
    _planned(_snapshot(CAMERA, t1=_t1(certificates=(Certificate("camera", 2, MONDAY),))))
    expired = _t1(certificates=(Certificate("camera", 2, SUNDAY),))
    assert _left_out(_snapshot(CAMERA, t1=expired)) == {"V1": "skill_expired"}


def test_skill_that_expires_at_midnight_of_a_night_shift() -> None:
    """The visit is released after midnight, when the certificate is no longer valid."""
    night = Shift("T1@0", at(20), at(6, day=1))
    t1 = _t1(shift=night, certificates=(Certificate("camera", 2, MONDAY),))
    _planned(_snapshot(replace(CAMERA, release_at=at(23, 59)), t1=t1))
    late = replace(CAMERA, release_at=at(0, 1, day=1))
    assert _left_out(_snapshot(late, t1=t1)) == {"V1": "skill_expired"}


def test_territory() -> None:
    assert _left_out(_snapshot(t1=_t1(territories=(TerritoryCover("south"),)))) == {
        "V1": "territory"
    }


@pytest.mark.parametrize("barred", [{"excluded_sites": ("A",)}, {"excluded_customers": ("C1",)}])
def test_excluded(barred: dict[str, tuple[str, ...]]) -> None:
    assert _left_out(_snapshot(t1=_t1(**barred))) == {"V1": "excluded"}


def test_standby() -> None:
    t1 = _t1(shift=a_shift(kind=ShiftKind.STANDBY))
    emergency = a_work_order("V1@A", "A", priority=Priority.EMERGENCY)
    _planned(_snapshot(t1=t1, work_orders=[emergency]))
    assert _left_out(_snapshot(t1=t1)) == {"V1": "standby"}


def test_tool() -> None:
    ladder = a_visit(tools=("ladder",))
    _planned(_snapshot(ladder, t1=_t1(tools=("ladder",))))
    assert _left_out(_snapshot(ladder)) == {"V1": "tool"}


def test_a_tool_is_needed_as_often_as_it_is_named() -> None:
    assert _left_out(_snapshot(a_visit(tools=("ladder", "ladder")), t1=_t1(tools=("ladder",)))) == {
        "V1": "tool"
    }


# ------------------------------------------------------------------------------- working time


def test_shift() -> None:
    _planned(_snapshot(a_visit(duration_s=8 * HOUR_S)))
    assert _left_out(_snapshot(a_visit(duration_s=8 * HOUR_S + 1))) == {"V1": "shift"}


def test_overtime_of_a_shift() -> None:
    t1 = _t1(shift=a_shift(max_overtime_s=HOUR_S))
    _planned(_snapshot(a_visit(duration_s=9 * HOUR_S), t1=t1))
    assert _left_out(_snapshot(a_visit(duration_s=9 * HOUR_S + 1), t1=t1)) == {"V1": "overtime"}


def test_overtime_over_the_horizon() -> None:
    """Each of two days needs half an hour of overtime."""
    shifts = tuple(a_shift(day=day, max_overtime_s=HOUR_S) for day in (0, 1))
    visits = [a_visit(v, duration_s=8 * HOUR_S + 1800) for v in ("V1", "V2")]
    _planned(_snapshot(*visits, t1=a_technician(shifts=shifts, max_total_overtime_s=HOUR_S)))
    short = a_technician(shifts=shifts, max_total_overtime_s=HOUR_S - 1)
    assert list(_left_out(_snapshot(*visits, t1=short)).values()) == ["overtime"]


def test_nothing_happens_before_now() -> None:
    _planned(_snapshot(a_visit(duration_s=3 * HOUR_S), now_at=at(13)))
    assert _left_out(_snapshot(a_visit(duration_s=3 * HOUR_S), now_at=at(13, 1))) == {"V1": "shift"}


def test_rest() -> None:
    """Monday ends at 17:00 and Tuesday begins with a visit at 08:30."""
    visits = [
        a_visit("V1", windows=(Window(at(15, 30), at(15, 30)),)),
        a_visit("V2", windows=(Window(at(8, 30, day=1), at(8, 30, day=1)),)),
    ]
    shifts = (a_shift(), a_shift(day=1))
    _planned(_snapshot(*visits, t1=a_technician(shifts=shifts, min_rest_s=15 * HOUR_S)))
    tired = a_technician(shifts=shifts, min_rest_s=15 * HOUR_S + 1)
    assert list(_left_out(_snapshot(*visits, t1=tired)).values()) == ["rest"]


def test_travel_limit() -> None:
    _planned(_snapshot(t1=_t1(max_travel_s=HOUR_S)))
    assert _left_out(_snapshot(t1=_t1(max_travel_s=HOUR_S - 1))) == {"V1": "travel_limit"}


def test_travel_limit_of_a_route() -> None:
    visits = [a_visit("V1", "A"), a_visit("V2", "B")]
    _planned(_snapshot(*visits, t1=_t1(max_travel_s=5400)))
    left_out = _left_out(_snapshot(*visits, t1=_t1(max_travel_s=5399)))
    assert list(left_out.values()) == ["travel_limit"]


def test_max_visits() -> None:
    visits = [a_visit(v) for v in ("V1", "V2", "V3")]
    _planned(_snapshot(*visits, t1=_t1(max_visits=3)))
    assert list(_left_out(_snapshot(*visits, t1=_t1(max_visits=2))).values()) == ["max_visits"]


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
    _planned(_snapshot(a_visit(duration_s=fits_s), t1=_t1(out)))
    longer = _snapshot(a_visit(duration_s=5 * HOUR_S), t1=_t1(out))
    assert _left_out(longer) == {"V1": "absence"}


def test_absence_in_the_middle_of_the_shift() -> None:
    """The technician is at the site from 08:30, and is so again from 13:00 to 16:30."""
    t1 = _t1(Absence(at(12), at(13)))
    _planned(_snapshot(a_visit(duration_s=3 * HOUR_S + 1800), t1=t1))
    longer = _snapshot(a_visit(duration_s=3 * HOUR_S + 1801), t1=t1)
    assert _left_out(longer)["V1"] in ("absence", "shift")


def test_absence_is_taken_between_visits() -> None:
    visits = [
        a_visit("V1", "A", windows=(Window(at(9), at(9)),)),
        a_visit("V2", "B", windows=(Window(at(13), at(13)),)),
    ]
    result = _planned(_snapshot(*visits, t1=_t1(Absence(at(10), at(12, 30)))))
    assert [s.kind for s in result.plan.routes[0].stops] == [
        StopKind.VISIT,
        StopKind.ABSENCE,
        StopKind.VISIT,
    ]


def test_absence_all_day() -> None:
    assert _left_out(_snapshot(t1=_t1(Absence(at(0), at(0, day=1))))) == {"V1": "absence"}


def test_absence_before_the_first_visit_of_the_day() -> None:
    """V1 would run into it; lunch and then the absence are over before V1 starts."""
    out = Absence(at(13, 30), at(14, 30))
    t1 = _t1(out, shift=a_shift(breaks=(LUNCH,)))
    visit = a_visit(duration_s=4500, windows=(Window(at(13), at(15)),))
    assert _planned(_snapshot(visit, t1=t1)).start_of("V1") >= at(14, 30)


# ------------------------------------------------------------------------------------ breaks


def _with_lunch(*visits: Visit, lunch: Break = LUNCH) -> Snapshot:
    return _snapshot(*visits, t1=_t1(shift=a_shift(breaks=(lunch,))))


def _lunch_at(result: Solved) -> datetime:
    stops = result.verdict.timetable.routes[0].stops
    return next(s.start_at for s in stops if s.stop.kind is StopKind.BREAK)


def test_break_between_visits() -> None:
    """Four and a half hours end at 13:00 sharp, and a second more is too late."""
    promised = a_visit(duration_s=4 * HOUR_S + 1800, windows=(Window(at(8), at(8, 30)),))
    assert _lunch_at(_planned(_with_lunch(promised))) == at(13)
    longer = _with_lunch(replace(promised, duration_s=4 * HOUR_S + 1801))
    assert _left_out(longer)["V1"] in ("break", "window")


def test_break_on_the_road() -> None:
    legs = FlatLegs(3 * HOUR_S)
    assert _lunch_at(_planned(_with_lunch(a_visit(duration_s=2 * HOUR_S)), legs)) == at(13)


def test_break_on_arrival() -> None:
    """Half past eight on the road, at eleven there: lunch at half past eleven, then the visit."""
    legs = FlatLegs(3 * HOUR_S)
    visit = a_visit(windows=(Window(at(12), at(13)),))
    assert _lunch_at(_planned(_with_lunch(visit), legs)) == at(11, 30)


def test_break_during_a_run_in_costs_nothing() -> None:
    visit = a_visit(run_in_s=5 * HOUR_S)
    with_lunch, without = _planned(_with_lunch(visit)), _planned(_snapshot(visit))
    ends = [r.verdict.timetable.routes[0].finish_at for r in (with_lunch, without)]
    assert ends[0] == ends[1]


def test_no_break_is_owed_after_work_or_before() -> None:
    for window in (Window(at(8, 30), at(10)), Window(at(14), at(15))):
        result = _planned(_with_lunch(a_visit(windows=(window,))))
        assert result.stops(StopKind.BREAK) == []


def test_no_break_is_owed_whose_window_is_over() -> None:
    snapshot = replace(_with_lunch(a_visit(duration_s=2 * HOUR_S)), now_at=at(13, 1))
    assert _planned(snapshot).stops(StopKind.BREAK) == []


def test_two_breaks() -> None:
    tea = Break(at(15), at(15, 30), 900)
    shift = a_shift(breaks=(LUNCH, tea))
    visits = [a_visit(v, duration_s=2 * HOUR_S + 1800) for v in ("V1", "V2", "V3")]
    result = _planned(_snapshot(*visits[:2], t1=_t1(shift=shift)))
    assert 1 <= len(result.stops(StopKind.BREAK)) <= 2
    assert len(_left_out(_snapshot(*visits, t1=_t1(shift=shift)))) == 1


# ------------------------------------------------------------------------ windows and release


def test_window() -> None:
    _planned(_snapshot(a_visit(windows=(Window(at(8), at(8, 30)),))))
    early = a_visit(windows=(Window(at(8), at(8, 29)),))
    assert _left_out(_snapshot(early)) == {"V1": "window"}


def test_the_second_window_is_used_when_the_first_has_closed() -> None:
    windows = (Window(at(8), at(8, 15)), Window(at(10), at(11)))
    assert _planned(_snapshot(a_visit(windows=windows))).start_of("V1") == at(10)


def test_windows_that_exclude_each_other() -> None:
    """Both at nine sharp."""
    visits = [a_visit(v, windows=(Window(at(9), at(9)),)) for v in ("V1", "V2")]
    assert list(_left_out(_snapshot(*visits)).values()) == ["window"]


def test_release() -> None:
    result = _planned(_snapshot(a_visit(release_at=at(15, 30))))
    assert result.start_of("V1") == at(15, 30)
    assert _left_out(_snapshot(a_visit(release_at=at(15, 31)))) == {"V1": "shift"}


def test_gates() -> None:
    gate = Gate(GateKind.QUOTE, at(0), expected_at=at(12))
    order = a_work_order("V1@A", "A", gates=(gate,))
    assert _planned(_snapshot(work_orders=[order])).start_of("V1") == at(12)
    never = replace(order, gates=(replace(gate, expected_at=None),))
    assert _left_out(_snapshot(work_orders=[never])) == {"V1": "release"}


# ----------------------------------------------------------------------------------- run-in


def test_run_in() -> None:
    _planned(_snapshot(a_visit(run_in_s=7 * HOUR_S)))
    assert _left_out(_snapshot(a_visit(run_in_s=7 * HOUR_S + 1))) == {"V1": "shift"}


def test_a_second_visit_at_the_site_is_done_during_the_run_in() -> None:
    held = a_visit("V1", "A", run_in_s=6 * HOUR_S)
    _planned(_snapshot(held, a_visit("V2", "A", duration_s=6 * HOUR_S)))
    assert len(_left_out(_snapshot(held, a_visit("V2", "B", duration_s=3 * HOUR_S)))) == 1


def test_a_break_in_a_run_in_does_not_delay_the_next_visit_at_the_site() -> None:
    """V1 runs in until 13:30. V2 is due at the same site by 10:30; lunch can wait for it."""
    held = a_visit("V1", "A", run_in_s=5 * HOUR_S - 1800, windows=(Window(at(8), at(8, 30)),))
    second = a_visit("V2", "A", windows=(Window(at(8, 30), at(10, 30)),))
    result = _planned(_with_lunch(held, second))
    assert result.start_of("V2") == at(9, 30)
    assert _lunch_at(result) == at(11, 30)


# ------------------------------------------------------------------------------------- pins


def _pinned(*pins: Pin, **fields: Any) -> Snapshot:  # noqa: ANN401
    both = [_t1(), a_technician("T2", shifts=(a_shift("T2"),))]
    visits = (a_visit("V1", "A"), a_visit("V2", "B"))
    return _snapshot(*visits, **{"technicians": both, "pins": pins, **fields})


@pytest.mark.parametrize("technician_id", ["T1", "T2"])
def test_pinned_technician(technician_id: str) -> None:
    result = _planned(_pinned(Pin("V1", technician_id=technician_id)))
    assert result.technician_of("V1") == technician_id


def test_pinned_technician_who_cannot() -> None:
    absent = a_technician("T2", territories=(TerritoryCover("south"),), shifts=(a_shift("T2"),))
    result = solved_small(_pinned(Pin("V1", technician_id="T2"), technicians=[_t1(), absent]))
    assert result.left_out.keys() == {"V1"}
    assert {o.code for o in result.plan.unassigned[0].obstacles} == {"pinned", "territory"}


def test_pinned_start() -> None:
    assert _planned(_pinned(Pin("V1", start_at=at(11)))).start_of("V1") == at(11)
    assert _left_out(_pinned(Pin("V1", start_at=at(8, 29)))) == {"V1": "pinned"}


def test_two_pinned_starts_that_exclude_each_other() -> None:
    pins = (Pin("V1", start_at=at(11)), Pin("V2", start_at=at(11)))
    left_out = _left_out(_pinned(*pins, technicians=[_t1()]))
    assert list(left_out.values()) == ["pinned"]


def test_a_pinned_start_replaces_the_windows() -> None:
    visit = a_visit(windows=(Window(at(9), at(10)),))
    result = _planned(_snapshot(visit, pins=(Pin("V1", start_at=at(13)),)))
    assert result.start_of("V1") == at(13)


@pytest.mark.parametrize(("first", "then"), [("V1", "V2"), ("V2", "V1")])
def test_pinned_order(first: str, then: str) -> None:
    result = _planned(_pinned(Pin(then, after_visit_id=first)))
    assert result.planned == [first, then]


def test_pinned_after_a_visit_that_stays_out() -> None:
    pins = (Pin("V1", start_at=at(8)), Pin("V2", after_visit_id="V1"))
    assert _left_out(_pinned(*pins)) == {"V1": "pinned", "V2": "pinned"}


def test_a_chain_of_pins() -> None:
    visits = [a_visit(f"V{i}", f"S-{i}") for i in range(1, 5)]
    pins = tuple(Pin(f"V{i}", after_visit_id=f"V{i + 1}") for i in range(1, 4))
    assert _planned(_snapshot(*visits, pins=pins)).planned == ["V4", "V3", "V2", "V1"]


def test_a_circle_of_pins_stays_out() -> None:
    pins = (Pin("V1", after_visit_id="V2"), Pin("V2", after_visit_id="V1"))
    assert _left_out(_pinned(*pins)) == {"V1": "pinned", "V2": "pinned"}


# ----------------------------------------------------------------------------------- prices


def test_a_territory_covered_as_primary_and_backup_is_primary() -> None:
    """``solved_small`` compares the cost with the referee's."""
    both = tuple(TerritoryCover("north", coverage) for coverage in Coverage)
    prices = replace(PRICES, backup_territory_fen=5_000)
    assert _planned(_snapshot(t1=_t1(territories=both), policy=prices)).planned == ["V1"]


def test_people_who_were_told_keep_their_visit() -> None:
    told = (Commitment("V1", ("T2",), at(14)),)
    prices = replace(PRICES, change_technician_fen=10_000, change_time_fen=8_000)
    result = _planned(_pinned(published=told, policy=prices))
    assert result.technician_of("V1") == "T2"
