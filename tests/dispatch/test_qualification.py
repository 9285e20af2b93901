"""Who could serve a visit at all; each answer names the first rule in the way."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dispatch.domain.people import (
    Absence,
    Certificate,
    Coverage,
    ShiftKind,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import ToolStock
from dispatch.domain.rules import RULES
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Gate, GateKind, Pin, SkillNeed, Visit, Window
from dispatch.qualification import CLOSENESS, Hindrance, Qualification, closeness, shift_times
from tests.builders import (
    FlatLegs,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    at,
)


def _ask(snapshot: Snapshot) -> Qualification:
    return Qualification(snapshot, FlatLegs())


def _of_technician(technician: Technician, visit: Visit | None = None) -> Hindrance | None:
    snapshot = a_snapshot([visit or a_visit()], [technician])
    return _ask(snapshot).of_technician(snapshot.visits[0], technician)


def _of_shift(
    technician: Technician | None = None,
    visit: Visit | None = None,
    **fields: Any,  # noqa: ANN401
) -> Hindrance | None:
    """In the technician's first shift."""
    technician = technician or a_technician()
    snapshot = a_snapshot([visit or a_visit()], [technician], **fields)
    return _ask(snapshot).of_shift(snapshot.visits[0], technician, technician.shifts[0])


# --------------------------------------------------------------------------------- the person


def test_nothing_is_in_the_way_of_a_plain_visit() -> None:
    snapshot = a_snapshot()
    assert _ask(snapshot).of_visit(snapshot.visits[0]) is None
    assert _of_technician(a_technician()) is None
    assert _of_shift() is None


@pytest.mark.parametrize(
    ("certificates", "found"),
    [
        ((), Hindrance("skill", 2)),
        ((Certificate("camera", 3),), Hindrance("skill", 1)),
        ((Certificate("camera", 1), Certificate("sim", 1)), Hindrance("skill_level", 3)),
        ((Certificate("camera", 3), Certificate("sim", 2)), None),
        ((Certificate("camera", 1), Certificate("camera", 3), Certificate("sim", 2)), None),
    ],
)
def test_skills_count_what_is_missing(
    certificates: tuple[Certificate, ...], found: Hindrance | None
) -> None:
    visit = a_visit(skills=(SkillNeed("camera", 3), SkillNeed("sim", 2)))
    assert _of_technician(a_technician(certificates=certificates), visit) == found


def test_the_first_rule_in_the_way_is_named() -> None:
    nobody = a_technician(territories=(), excluded_sites=("A",))
    visit = a_visit(skills=(SkillNeed("camera"),), tools=("ladder",))
    assert _of_technician(nobody, visit) == Hindrance("territory")


@pytest.mark.parametrize("coverage", list(Coverage))
def test_a_backup_may_serve_too(coverage: Coverage) -> None:
    assert _of_technician(a_technician(territories=(TerritoryCover("north", coverage),))) is None


def test_tools_count_what_is_missing() -> None:
    visit = a_visit(tools=("ladder", "oscilloscope"))
    assert _of_technician(a_technician(tools=("ladder",)), visit) == Hindrance("tool", 1)


def test_over_qualification_counts_levels() -> None:
    technician = a_technician(certificates=(Certificate("camera", 3), Certificate("sim", 2)))
    visit = a_visit(skills=(SkillNeed("camera", 1), SkillNeed("sim", 2)))
    assert _ask(a_snapshot([visit], [technician])).over_qualified(visit, technician) == 2


# ------------------------------------------------------------------------------ certificates


@pytest.mark.parametrize(
    ("certificates", "last_day"),
    [
        ((Certificate("camera", 2),), None),
        ((Certificate("camera", 2, date(2026, 9, 29)),), date(2026, 9, 29)),
        (
            (Certificate("camera", 1), Certificate("camera", 2, date(2026, 9, 29))),
            date(2026, 9, 29),
        ),
        (
            (
                Certificate("camera", 2, date(2026, 9, 29)),
                Certificate("camera", 3, date(2026, 9, 30)),
            ),
            date(2026, 9, 30),
        ),
    ],
)
def test_the_last_valid_day(certificates: tuple[Certificate, ...], last_day: date | None) -> None:
    technician = a_technician(certificates=certificates)
    visit = a_visit(skills=(SkillNeed("camera", 2),))
    assert _ask(a_snapshot([visit], [technician])).valid_through(visit, technician) == last_day


def test_the_latest_start_is_the_last_second_of_the_local_day() -> None:
    technician = a_technician(certificates=(Certificate("camera", 1, date(2026, 9, 28)),))
    visit = a_visit(skills=(SkillNeed("camera"),))
    latest_at = _ask(a_snapshot([visit], [technician])).latest_start_at(visit, technician)
    assert latest_at is not None
    assert (at(0, day=1) - latest_at).total_seconds() == 1


def test_an_expired_certificate_counts_days() -> None:
    technician = a_technician(certificates=(Certificate("camera", 1, date(2026, 9, 25)),))
    visit = a_visit(skills=(SkillNeed("camera"),))
    assert _of_shift(technician, visit) == Hindrance("skill_expired", 3)


# --------------------------------------------------------------------------------- the shift


@pytest.mark.parametrize(
    ("absences", "now_hour", "start_hour", "limit_hour"),
    [
        ((), 0, 8, 17),
        ((), 10, 10, 17),
        ((Absence(at(7), at(9)),), 0, 9, 17),
        ((Absence(at(7), at(9)), Absence(at(9), at(11))), 0, 11, 17),
        ((Absence(at(15), at(18)),), 0, 8, 15),
        ((Absence(at(15), at(17)),), 0, 8, 15),
        ((Absence(at(12), at(13)),), 0, 8, 17),
        ((Absence(at(17), at(18)),), 0, 8, 17),
    ],
)
def test_a_shift_is_clipped_by_now_and_by_absences_at_its_ends(
    absences: tuple[Absence, ...], now_hour: int, start_hour: int, limit_hour: int
) -> None:
    technician = a_technician(shifts=(a_shift(),), absences=absences)
    snapshot = a_snapshot(technicians=[technician], now_at=at(now_hour))
    times = shift_times(snapshot, technician, technician.shifts[0])
    assert (times.start_at, times.limit_at) == (at(start_hour), at(limit_hour))
    assert times.usable


def test_overtime_belongs_to_the_shift() -> None:
    technician = a_technician(shifts=(a_shift(max_overtime_s=3600),))
    times = shift_times(a_snapshot(), technician, technician.shifts[0])
    assert times.limit_at == at(18)


def test_a_shift_that_is_over_is_of_no_use() -> None:
    assert _of_shift(now_at=at(17)) == Hindrance("shift")


def test_an_absence_all_day_is_named() -> None:
    out = a_technician(absences=(Absence(at(6), at(20)),))
    assert _of_shift(out) == Hindrance("absence")


@pytest.mark.parametrize(
    ("overtime_s", "found"), [(0, Hindrance("shift", 600)), (300, Hindrance("overtime", 300))]
)
def test_too_long_a_visit_counts_seconds(overtime_s: int, found: Hindrance) -> None:
    technician = a_technician(shifts=(a_shift(max_overtime_s=overtime_s),))
    assert _of_shift(technician, a_visit(duration_s=8 * 3600 + 600)) == found


def test_a_window_that_closes_too_early_counts_seconds() -> None:
    visit = a_visit(windows=(Window(at(7), at(8, 20)),))
    assert _of_shift(visit=visit) == Hindrance("window", 600)


def test_a_window_that_opens_after_the_shift() -> None:
    hindrance = _of_shift(visit=a_visit(windows=(Window(at(19), at(20)),)))
    assert hindrance is not None
    assert hindrance.code == "window"


def test_travel_limit_counts_seconds() -> None:
    assert _of_shift(a_technician(max_travel_s=3000)) == Hindrance("travel_limit", 600)


def test_standby_is_for_emergencies() -> None:
    technician = a_technician(shifts=(a_shift(kind=ShiftKind.STANDBY),))
    assert _of_shift(technician) == Hindrance("standby")


# -------------------------------------------------------------------------- gates and pins


def test_a_release_is_the_latest_of_visit_and_gates() -> None:
    gates = (
        Gate(GateKind.QUOTE, at(0), passed_at=at(9), expected_at=at(15)),
        Gate(GateKind.PARTS, at(0), expected_at=at(11)),
    )
    visit = a_visit(release_at=at(10))
    snapshot = a_snapshot([visit], work_orders=[a_work_order("V1@A", "A", gates=gates)])
    assert _ask(snapshot).release_at(visit) == at(11)


def test_a_pinned_start_before_the_release_is_the_release_s_fault() -> None:
    visit = a_visit(release_at=at(12))
    snapshot = a_snapshot([visit], pins=(Pin("V1", start_at=at(11)),))
    assert _ask(snapshot).of_visit(visit) == Hindrance("release", 3600)


def test_a_pinned_start_that_cannot_be_reached_counts_seconds() -> None:
    hindrance = _of_shift(pins=(Pin("V1", start_at=at(8, 20)),))
    assert hindrance == Hindrance("pinned", 600)


# ------------------------------------------------------------------------------- closeness


def test_every_obstacle_is_a_rule_or_says_that_it_is_none() -> None:
    assert set(CLOSENESS) - set(RULES) == {"price"}


def test_closeness_puts_price_first_and_small_amounts_before_great_ones() -> None:
    ordered = [
        *(("price", 9), ("same_technician", 1), ("order", 900), ("crew", 2), ("away", 1)),
        *(("max_visits", 1), ("shift", 7200), ("skill", 1), ("territory", 1)),
    ]
    keys = [closeness(*obstacle) for obstacle in ordered]
    assert keys == sorted(keys, reverse=True)
    assert closeness("overtime", 60) > closeness("shift", 61)


# ------------------------------------------------------------------------- crews and tools


def _of_crew(visit: Visit, *technicians: Technician, **fields: Any) -> Hindrance | None:  # noqa: ANN401
    return _ask(a_snapshot([visit], technicians, **fields)).of_crew(visit)


def test_a_crew_counts_the_members_who_are_missing() -> None:
    two = (a_technician("T1"), a_technician("T2"))
    away = a_technician("T3", territories=())
    assert _of_crew(a_visit(crew_size=2), *two) is None
    assert _of_crew(a_visit(crew_size=3), *two, away) == Hindrance("crew", 1)
    assert _of_crew(a_visit(), away) is None


def test_a_member_whose_shifts_are_too_short_is_missing() -> None:
    brief = a_technician("T2", shifts=(a_shift("T2", end=9),))
    assert _of_crew(a_visit(crew_size=2), a_technician("T1"), brief) == Hindrance("crew", 1)


def test_one_of_a_crew_needs_the_tool() -> None:
    visit = a_visit(crew_size=2, tools=("ladder",))
    t1, equipped = a_technician("T1"), a_technician("T2", tools=("ladder",))
    assert _of_crew(visit, t1, equipped) is None
    assert _of_crew(visit, t1, replace(equipped, tools=())) == Hindrance("tool", 1)
    ask = _ask(a_snapshot([visit], [t1, equipped]))
    assert ask.of_technician(visit, t1) is None
    assert ask.of_leader(visit, t1) == Hindrance("tool", 1)


def test_a_pin_names_one_of_a_crew() -> None:
    visit = a_visit(crew_size=2)
    two = [a_technician("T1"), a_technician("T2")]
    ask = _ask(a_snapshot([visit], two, pins=(Pin("V1", technician_id="T2"),)))
    assert [ask.of_technician(visit, t) for t in two] == [None, None]
    assert [ask.of_leader(visit, t) for t in two] == [Hindrance("pinned"), None]


@pytest.mark.parametrize(
    ("lent", "found"), [(0, Hindrance("tool", 2)), (1, Hindrance("tool", 1)), (2, None)]
)
def test_what_a_station_lends_is_no_obstacle(lent: int, found: Hindrance | None) -> None:
    visit = a_visit(tools=("ladder", "ladder"))
    technician = a_technician()
    lending = a_station(tools=(ToolStock("ladder", lent),))
    snapshot = a_snapshot([visit], [technician], stations=(lending,))
    assert _ask(snapshot).of_technician(visit, technician) == found


# ---------------------------------------------------------------------------------- nights


def _codes(technician: Technician, visit: Visit, hours: int) -> list[str | None]:
    """What is in the way in each of the technician's shifts, so many hours from the site."""
    ask = Qualification(a_snapshot([visit], [technician]), FlatLegs(hours * 3600))
    found = (ask.of_shift(visit, technician, shift) for shift in technician.shifts)
    return [hindrance.code if hindrance else None for hindrance in found]


def test_far_sites_are_no_obstacle_before_and_after_a_night_away() -> None:
    """Out or back takes five of the nine hours; the last shift has to end at home."""
    traveller = a_technician(may_stay_overnight=True, max_nights=1)
    assert _codes(traveller, a_visit(), 5) == [None, None, None]
    assert _codes(a_technician(), a_visit(), 5) == ["shift"] * 3
    assert _codes(replace(traveller, max_nights=0), a_visit(), 5) == ["shift"] * 3
    assert _codes(traveller, a_visit(), 9) == ["shift", None, "shift"]


def test_nobody_stays_away_before_a_shift_that_cannot_be_worked() -> None:
    absent = Absence(at(0, day=1), at(0, day=2))
    traveller = a_technician(may_stay_overnight=True, max_nights=1, absences=(absent,))
    assert _codes(traveller, a_visit(), 5) == ["shift", "absence", "shift"]


def test_the_travel_limit_holds_for_one_way() -> None:
    traveller = a_technician(may_stay_overnight=True, max_nights=1, max_travel_s=3 * 3600)
    assert _codes(traveller, a_visit(), 2) == [None, None, None]
    assert _codes(traveller, a_visit(), 4) == ["travel_limit", None, "travel_limit"]
