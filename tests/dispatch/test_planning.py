"""From a snapshot to a plan, and the reasons of what stayed out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.people import Certificate, Technician, TerritoryCover
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Obstacle, Plan, Unassigned
from dispatch.domain.referee import judge
from dispatch.domain.rules import RULES
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Link, Priority, SkillNeed, Window
from dispatch.numbering import number
from dispatch.planning import Progress, legal_part, make_plan
from dispatch.problems import build_problem
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
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

FAR = FlatLegs(3 * 3600)
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


# ----------------------------------------------------------------- what no other code can do


def test_a_night_away_needs_the_right_to_it() -> None:
    """Each visit fills the day that is left after three hours' drive."""
    visits = [a_visit(v, duration_s=4 * 3600) for v in ("V1", "V2")]
    snapshot = a_snapshot(visits, policy=replace(PRICES, lodging_fen=30_000))
    assert set(solved_small(snapshot, FAR).left_out.values()) == {"shift"}
    traveller = a_technician(may_stay_overnight=True, max_nights=1)
    away = solved_small(replace(snapshot, technicians=(traveller,)), FAR)
    assert away.left_out == {}
    assert [r.ends_away for r in away.plan.routes] == [True, False]
    assert away.verdict.cost.by_item()["lodging"] == 30_000


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
def test_nobody_at_work_has_a_reason_too(technicians: list[Technician]) -> None:
    assert _reason(a_snapshot(technicians=technicians, policy=PRICES)).code in RULES


def test_a_crew_that_lacks_members_says_how_many() -> None:
    technicians = [_one_day("T1"), _one_day("T2", territories=(TerritoryCover("south"),))]
    left = _reason(a_snapshot([a_visit(crew_size=3)], technicians, policy=PRICES))
    assert left.obstacles == (Obstacle("crew", 1, "T1", 2), Obstacle("territory", 1, "T2", 1))


def test_a_crew_that_makes_a_day_too_long_goes_elsewhere_or_stays_out() -> None:
    """Both are home in time from V1, but T1 not if he has to wait for T2 at V2 too."""
    visits = [
        a_visit("V1", crew_size=2),
        a_visit("V2", duration_s=5 * 3600, crew_size=2),
        a_visit("V3", duration_s=3 * 3600),
    ]
    snapshot = a_snapshot(visits, [_one_day("T1"), _one_day("T2")], policy=PRICES)
    travel = matrix(snapshot, FlatLegs())
    numbering = number(snapshot, travel)
    broken = a_plan(a_route("V1", "V2"), a_route("V1", "V3", "V2", technician_id="T2"))
    assert judge(snapshot, broken, travel).violations != ()
    plan = legal_part(numbering, build_problem(numbering, travel), broken, 1)
    verdict = judge(snapshot, plan, travel)
    assert (verdict.violations, len(verdict.timetable.visits)) == ((), 2)
    assert len(plan.unassigned) == 1


def test_a_crew_of_which_nobody_has_the_tool_says_so() -> None:
    visit = a_visit(crew_size=2, tools=("ladder",))
    left = _reason(a_snapshot([visit], [_one_day("T1"), _one_day("T2")], policy=PRICES))
    assert left.obstacles == (Obstacle("tool", 2, "T1", 1),)


def test_a_visit_stays_out_for_the_order_if_the_one_before_it_does() -> None:
    visits = [CAMERA, a_visit("V2")]
    snapshot = a_snapshot(visits, [_one_day()], links=(Link("V1", "V2"),), policy=PRICES)
    assert solved_small(snapshot).left_out == {"V1": "skill", "V2": "order"}


def test_linked_visits_of_which_nobody_can_do_both() -> None:
    visits = [CAMERA, a_visit("V2", skills=(SkillNeed("sim"),))]
    technicians = [
        _one_day("T1", certificates=(Certificate("camera"),)),
        _one_day("T2", certificates=(Certificate("sim"),)),
    ]
    link = Link("V1", "V2", min_lag_s=None, same_technician=True)
    left_out = solved_small(a_snapshot(visits, technicians, links=(link,), policy=PRICES)).left_out
    assert list(left_out.values()) == ["same_technician"]


def test_a_tool_that_is_out_is_the_reason() -> None:
    """Both at nine sharp, and one ladder to borrow."""
    lending = a_station(tools=(ToolStock("ladder", 1),))
    window = (Window(at(9), at(9)),)
    visits = [a_visit(v, tools=("ladder",), windows=window) for v in ("V1", "V2")]
    technicians = [_one_day("T1"), _one_day("T2")]
    snapshot = a_snapshot(visits, technicians, stations=(lending,), policy=PRICES)
    codes = {o.code for left in solved_small(snapshot).plan.unassigned for o in left.obstacles}
    assert codes == {"tool", "window"}


def test_a_night_nobody_can_come_home_from_is_the_reason() -> None:
    """There is nothing to do on the next day, and so no route that comes home."""
    traveller = a_technician(may_stay_overnight=True, max_nights=1)
    snapshot = a_snapshot([a_visit(duration_s=4 * 3600)], technicians=[traveller], policy=PRICES)
    assert solved_small(snapshot, FAR).left_out["V1"] in ("away", "shift")
