"""From a snapshot to a plan, and the reasons of what stayed out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.people import Certificate, Technician, TerritoryCover
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Obstacle, Plan, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Link, Priority, SkillNeed, Window
from dispatch.planning import Progress, make_plan
from tests.builders import (
    FlatLegs,
    a_policy,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    at,
    clocks,
)
from tests.solver.solving import PRICES, matrix, solved_small

CAMERA = a_visit(skills=(SkillNeed("camera"),))


def _make(snapshot: Snapshot, iterations: int = 50) -> tuple[Plan, list[Progress]]:
    seen: list[Progress] = []
    plan = make_plan(
        snapshot,
        matrix(snapshot, FlatLegs()),
        iterations=iterations,
        seed=4,
        report=seen.append,
        stop=lambda: False,
    )
    return plan, seen


def _one_day(technician_id: str = "T1", **fields: object) -> Technician:
    technician = a_technician(technician_id, shifts=(a_shift(technician_id),))
    return replace(technician, **fields)  # type: ignore[arg-type]


def _reason(snapshot: Snapshot) -> Unassigned:
    """Why the only visit that stayed out did so."""
    (left,) = solved_small(snapshot).plan.unassigned
    return left


# --------------------------------------------------------------------------------- make_plan


def test_a_plan_says_how_it_was_made() -> None:
    plan, _ = _make(a_snapshot(policy=PRICES))
    assert (plan.made_by, plan.seed, plan.iterations) == ("search", 4, 50)


def test_routes_are_sorted_by_technician_and_shift() -> None:
    visits = [a_visit(f"V{i}", f"S-{i}", duration_s=6 * 3600) for i in range(6)]
    technicians = [a_technician("T2"), a_technician("T1")]
    plan, _ = _make(a_snapshot(visits, technicians, policy=PRICES))
    keys = [(r.technician_id, r.shift_id) for r in plan.routes]
    assert len(keys) == 6
    assert keys == sorted(keys)


def test_progress_is_told_from_the_beginning_to_the_end() -> None:
    visits = [a_visit(f"V{i}", f"S-{i}") for i in range(4)]
    _, seen = _make(a_snapshot(visits, policy=PRICES))
    assert seen[0].phase in ("compiling", "loading")
    assert {p.phase for p in seen[1:]} == {"searching"}
    last = seen[-1]
    assert (last.iterations, last.planned, last.visits, last.share_done) == (50, 4, 4, 1.0)


def test_stopping_at_once_still_gives_a_plan() -> None:
    snapshot = a_snapshot(policy=PRICES)
    plan = make_plan(
        snapshot,
        matrix(snapshot, FlatLegs()),
        seed=1,
        report=lambda _: None,
        stop=lambda: True,
    )
    assert [r.shift_id for r in plan.routes] == ["T1@0"]
    assert plan.iterations == 0


# ----------------------------------------------------------------------- what is not searched


def test_a_crew_is_not_supported_yet() -> None:
    snapshot = a_snapshot([a_visit(crew_size=2)], [a_technician("T1"), a_technician("T2")])
    assert _reason(replace(snapshot, policy=PRICES)) == Unassigned(
        "V1", "not_supported_yet", (Obstacle("not_supported_yet", 2, "T1", 1),)
    )


def test_the_second_visit_of_a_link_is_not_supported_yet() -> None:
    visits = [a_visit("V1"), a_visit("V2")]
    snapshot = a_snapshot(visits, links=(Link("V1", "V2"),), policy=PRICES)
    left = _reason(snapshot)
    assert (left.visit_id, left.code) == ("V2", "not_supported_yet")


def test_a_borrowed_tool_is_not_supported_yet() -> None:
    lending = a_station(tools=(ToolStock("ladder", 1),))
    snapshot = a_snapshot([a_visit(tools=("ladder",))], stations=(lending,), policy=PRICES)
    assert _reason(snapshot).code == "not_supported_yet"


def test_a_night_away_is_not_supported_yet() -> None:
    """The site is six hours away."""
    technician = a_technician(may_stay_overnight=True, max_nights=1)
    snapshot = a_snapshot(technicians=[technician], policy=PRICES)
    far = FlatLegs(6 * 3600)
    assert solved_small(snapshot, far).left_out == {"V1": "not_supported_yet"}
    homely = replace(snapshot, technicians=(a_technician(),))
    assert solved_small(homely, far).left_out == {"V1": "shift"}


# ---------------------------------------------------------------------------------- reasons


def test_obstacles_count_the_technicians_and_begin_with_the_closest() -> None:
    technicians = [
        _one_day("T1", territories=(TerritoryCover("south"),)),
        _one_day("T2"),
        _one_day("T3"),
        _one_day("T4", certificates=(Certificate("camera", 0),)),
    ]
    left = _reason(a_snapshot([CAMERA], technicians, policy=PRICES))
    assert left.code == "skill_level"
    assert left.obstacles == (
        Obstacle("skill_level", 1, "T4", 1),
        Obstacle("skill", 2, "T2", 1),
        Obstacle("territory", 1, "T1", 1),
    )


def test_of_two_shifts_the_closer_one_counts() -> None:
    """Monday is an hour too short, Tuesday half an hour."""
    shifts = (a_shift(end=12), replace(a_shift(day=1), end_at=at(12, 30, day=1)))
    visit = a_visit(duration_s=4 * 3600)
    left = _reason(a_snapshot([visit], [a_technician(shifts=shifts)], policy=PRICES))
    assert left.obstacles == (Obstacle("shift", 1, "T1", 1800),)


def test_of_two_technicians_the_closer_one_is_named() -> None:
    shifts = {"T1": a_shift("T1", end=10), "T2": a_shift("T2", end=11)}
    technicians = [a_technician(t, shifts=(s,)) for t, s in shifts.items()]
    visit = a_visit(duration_s=4 * 3600)
    left = _reason(a_snapshot([visit], technicians, policy=PRICES))
    assert left.obstacles == (Obstacle("shift", 2, "T2", 2 * 3600),)


def test_a_full_day_is_the_reason_not_the_technician() -> None:
    """V1 and V2 exclude each other in time; T2 lacks the skill anyway."""
    skilled = _one_day("T1", certificates=(Certificate("camera"),))
    visits = [replace(CAMERA, id=v, duration_s=5 * 3600) for v in ("V1", "V2")]
    left = _reason(a_snapshot(visits, [skilled, _one_day("T2")], policy=PRICES))
    assert left.code == "shift"
    assert [(o.code, o.technician_id) for o in left.obstacles] == [("shift", "T1"), ("skill", "T2")]


def test_a_visit_is_not_given_up_because_it_is_very_late() -> None:
    """Leaving it out makes it later still: lateness cannot be the reason."""
    order = a_work_order("W1", reported_at=at(0) - timedelta(days=200))
    visit = a_visit(work_order_id="W1")
    due = clocks((ClockKind.ARRIVE, at(1)), breach_fen=50_000, late_fen_per_h=4_000)
    snapshot = a_snapshot([visit], work_orders=[order], sla_rules=due, policy=PRICES)
    plan, _ = _make(snapshot)
    assert plan.unassigned == ()


def test_a_visit_that_is_not_worth_it_stays_out_for_its_price() -> None:
    """An hour of work and one of travel cost 90 yuan, leaving it out 89.99."""
    policy = a_policy(8_999, paid_fen_per_h=4_500)
    left = _reason(a_snapshot(technicians=[_one_day()], policy=policy))
    assert left == Unassigned("V1", "price", (Obstacle("price", 1, "T1", 9_000),))
    dearer = a_policy(9_001, paid_fen_per_h=4_500)
    assert solved_small(a_snapshot(technicians=[_one_day()], policy=dearer)).left_out == {}


def test_what_is_dearest_to_leave_out_goes_in() -> None:
    """Both at nine sharp."""
    window = (Window(at(9), at(9)),)
    visits = [a_visit("V1", windows=window), a_visit("V2", windows=window)]
    urgent = a_work_order("V2@A", "A", priority=Priority.EMERGENCY)
    policy = replace(PRICES, unassigned_fen=replace(PRICES.unassigned_fen, emergency=2_000_000))
    snapshot = a_snapshot(visits, [_one_day()], work_orders=[urgent], policy=policy)
    assert solved_small(snapshot).left_out == {"V1": "window"}


@pytest.mark.parametrize("technicians", [[], [a_technician(shifts=())]])
def test_nobody_at_work_is_not_told_as_a_missing_feature(technicians: list[Technician]) -> None:
    assert _reason(a_snapshot(technicians=technicians, policy=PRICES)).code != "not_supported_yet"
