"""Every price item with a worked figure."""

from dataclasses import replace
from datetime import datetime

import pytest

from dispatch.domain.cost import Cost, CostLine
from dispatch.domain.people import Certificate, Coverage, ShiftKind, TerritoryCover
from dispatch.domain.plan import Plan
from dispatch.domain.policy import UnassignedPrices
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Commitment, Pin, Priority, SkillNeed
from tests.builders import (
    START_AT,
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
    pickup_stop,
)

LEGS = FlatLegs()
V1 = a_plan(a_route("V1"))
NOBODY = a_plan()
RESPOND, ARRIVE, RESTORE = ClockKind


def lines(snapshot: Snapshot, plan: Plan = V1) -> list[tuple[str, str, int]]:
    """Item, subject and fen of every line."""
    cost = judge(snapshot, plan, LEGS).cost
    return [(line.item, line.subject, line.fen) for line in cost.lines]


def test_a_policy_without_prices_costs_nothing() -> None:
    assert lines(a_snapshot()) == []


def test_lines_add_up_by_item_and_by_visit() -> None:
    cost = Cost(
        (
            CostLine("travel_time", "V1", 5, "V1"),
            CostLine("travel_time", "T1@0", 7),
            CostLine("wish", "V1", 11, "V1"),
            CostLine("wish", "V2", 13, "V2"),
        )
    )
    assert cost.total_fen == 36
    assert cost.by_item() == {"travel_time": 12, "wish": 24}
    assert cost.by_visit() == {"V1": 16, "V2": 13}


# ------------------------------------------------------------------------------- unassigned


@pytest.mark.parametrize(
    ("priority", "fen"),
    [
        (Priority.EMERGENCY, 4000),
        (Priority.HIGH, 300),
        (Priority.NORMAL, 20),
        (Priority.LOW, 1),
    ],
)
def test_unassigned_goes_by_priority(priority: Priority, fen: int) -> None:
    policy = replace(a_policy(), unassigned_fen=UnassignedPrices(4000, 300, 20, 1))
    order = a_work_order(priority=priority)
    snapshot = a_snapshot([a_visit(work_order_id="W1")], work_orders=[order], policy=policy)
    assert lines(snapshot, NOBODY) == [("unassigned", "V1", fen)]


@pytest.mark.parametrize(
    ("due_at", "fen"),
    [
        (START_AT, 2000),  # at once: twice the base
        (at(0, day=1), 1666),  # two of three days before the end: 1000 + 2000 // 3
        (at(0, day=3), 1000),
        (at(0, day=9), 1000),
    ],
)
def test_unassigned_grows_with_urgency(due_at: datetime, fen: int) -> None:
    snapshot = a_snapshot(policy=a_policy(1000), sla_rules=clocks((RESTORE, due_at)))
    assert lines(snapshot, NOBODY) == [("unassigned", "V1", fen)]


def test_urgency_goes_by_the_first_running_clock_that_the_visit_stops() -> None:
    rules = clocks((RESPOND, at(1)), (ARRIVE, at(0, day=1)), (RESTORE, at(0, day=2)))
    visits = [
        a_visit("V1", work_order_id="W1"),
        a_visit("V2", work_order_id="W1", stops=(RESPOND, RESTORE)),
    ]
    snapshot = a_snapshot(
        visits,
        work_orders=[a_work_order(responded_at=at(0, 30))],
        policy=a_policy(1000),
        sla_rules=rules,
    )
    assert lines(snapshot, NOBODY) == [("unassigned", "V1", 1666), ("unassigned", "V2", 1333)]


def test_a_published_visit_that_stays_out_pays_for_the_change_too() -> None:
    snapshot = a_snapshot(
        policy=a_policy(1000, change_technician_fen=80, change_time_fen=40),
        published=(Commitment("V1", ("T1",), at(8, 30)),),
    )
    assert lines(snapshot, NOBODY) == [("unassigned", "V1", 1000), ("change", "V1", 80)]


# ----------------------------------------------------------------------------------- clocks


def test_clocks_pay_for_the_breach_and_each_hour_late() -> None:
    """The visit starts at 8:30 and the repair ends at 9:30."""
    due = ((RESPOND, at(8)), (ARRIVE, at(8, 30)), (RESTORE, at(9, 29)))
    snapshot = a_snapshot(sla_rules=clocks(*due, breach_fen=500, late_fen_per_h=1000))
    assert lines(snapshot) == [
        ("clock_respond", "V1", 1000),
        ("clock_restore", "V1", 516),  # 500 + 1000 × 60 // 3600
    ]


def test_clock_prices_are_scaled_by_the_policy_and_rounded_down() -> None:
    snapshot = a_snapshot(
        policy=a_policy(clock_permille=333),
        sla_rules=clocks((RESTORE, at(9, 29)), breach_fen=500, late_fen_per_h=1000),
    )
    assert lines(snapshot) == [("clock_restore", "V1", 171)]  # 516 × 333 // 1000


def test_clocks_that_are_stopped_or_not_the_visits_own_cost_nothing() -> None:
    order = a_work_order(responded_at=at(1), arrived_at=at(2))
    snapshot = a_snapshot(
        [a_visit(work_order_id="W1", stops=(RESPOND, ARRIVE))],
        work_orders=[order],
        sla_rules=clocks((RESPOND, at(0)), (ARRIVE, at(0)), (RESTORE, at(0)), breach_fen=1),
    )
    assert lines(snapshot) == []


def test_clocks_of_unassigned_visits_run_to_the_end_of_the_horizon() -> None:
    due = ((RESTORE, at(23, day=2)), (ARRIVE, at(0, day=3)))
    snapshot = a_snapshot(sla_rules=clocks(*due, breach_fen=500, late_fen_per_h=1000))
    assert lines(snapshot, NOBODY) == [("clock_restore", "V1", 1500)]


# ----------------------------------------------------------------------------------- travel


def test_travel_time_is_paid_for_each_leg() -> None:
    """Half an hour at 20.01 yuan is 10.00 yuan and half a fen."""
    policy = a_policy(travel_fen_per_h=2001)
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], policy=policy)
    assert lines(snapshot, a_plan(a_route("V1", "V2"))) == [
        ("travel_time", "V1", 1000),
        ("travel_time", "V2", 1000),
        ("travel_time", "T1@0", 1000),
    ]


def test_travel_distance_is_paid_for_each_leg() -> None:
    snapshot = a_snapshot(policy=a_policy(travel_fen_per_km=120))
    assert lines(snapshot) == [("travel_distance", "V1", 2400), ("travel_distance", "T1@0", 2400)]


def test_legs_to_pickups_belong_to_the_next_visit_or_else_to_the_route() -> None:
    stations = (a_station(), a_station("S2"))
    snapshot = a_snapshot(policy=a_policy(travel_fen_per_h=3600), stations=stations)
    plan = a_plan(a_route(pickup_stop("S2"), "V1", pickup_stop("S2")))
    cost = judge(snapshot, plan, LEGS).cost
    assert [(line.subject, line.visit_id, line.fen) for line in cost.lines] == [
        ("V1", "V1", 1800),
        ("V1", "V1", 1800),
        ("T1@0", None, 1800),
        ("T1@0", None, 1800),
    ]


# ------------------------------------------------------------------------- time and nights


def test_paid_time() -> None:
    """Two hours at 45.01 yuan."""
    assert lines(a_snapshot(policy=a_policy(paid_fen_per_h=4501))) == [("paid_time", "T1@0", 9002)]


def test_overtime_pay() -> None:
    """8 h of work and 1 h of travel fill the shift; 90 s at 70 yuan are 1.75 yuan."""
    visit = a_visit(duration_s=8 * 3600 + 90)
    snapshot = a_snapshot([visit], policy=a_policy(overtime_fen_per_h=7000))
    assert lines(snapshot) == [("overtime_pay", "T1@0", 175)]


def test_lodging_is_paid_for_each_route_that_ends_away() -> None:
    snapshot = a_snapshot([a_visit(f"V{n}") for n in range(3)], policy=a_policy(lodging_fen=300))
    routes = [a_route(f"V{n}", day=n, ends_away=n < 2) for n in range(3)]
    assert lines(snapshot, a_plan(*routes)) == [("lodging", "T1@0", 300), ("lodging", "T1@1", 300)]


def test_unfair_is_paid_time_above_the_fair_share_of_regular_shifts() -> None:
    """A regular shift of 2 h; two routes of 2 h each; fair are 900 permille of it."""
    shifts = (a_shift(start=8, end=10), a_shift(day=1, kind=ShiftKind.STANDBY))
    snapshot = a_snapshot(
        [a_visit("V1"), a_visit("V2")],
        [a_technician(shifts=shifts), a_technician("T2")],
        policy=a_policy(unfair_fen_per_h=1000, fair_share_permille=900),
    )
    plan = a_plan(a_route("V1"), a_route("V2", day=1))
    assert lines(snapshot, plan) == [("unfair", "T1", 2200)]  # (4 − 1.8) h
    assert lines(snapshot, a_plan(a_route("V1", technician_id="T2"))) == []


# ----------------------------------------------------------------------------------- people


def test_backup_territory_is_paid_for_each_member_who_covers_as_backup() -> None:
    backup = TerritoryCover("north", Coverage.BACKUP)
    technicians = [
        a_technician("T1", territories=(backup,)),
        a_technician("T2", territories=(TerritoryCover("south", Coverage.BACKUP), backup)),
        a_technician("T3", territories=(TerritoryCover("north"), backup)),
    ]
    policy = a_policy(backup_territory_fen=40)
    snapshot = a_snapshot([a_visit(crew_size=3)], technicians, policy=policy)
    plan = a_plan(*(a_route("V1", technician_id=t) for t in ("T1", "T2", "T3")))
    assert lines(snapshot, plan) == [("backup_territory", "V1", 40)] * 2


def test_over_qualification_is_paid_for_levels_above_the_need() -> None:
    needs = (SkillNeed("camera", 1), SkillNeed("network", 2), SkillNeed("lift", 2))
    certificates = (
        Certificate("camera", 3),
        Certificate("camera", 2),
        Certificate("network", 3),
        Certificate("lift", 1),
        Certificate("welding", 9),
    )
    snapshot = a_snapshot(
        [a_visit(skills=needs)],
        [a_technician(certificates=certificates)],
        policy=a_policy(over_qualification_fen=10),
    )
    assert lines(snapshot) == [("over_qualification", "V1", 30)]


def test_wish_is_paid_if_the_wished_technician_is_not_on_it() -> None:
    technicians = [a_technician("T1"), a_technician("T2")]
    policy = a_policy(wish_fen=60)
    wished = a_snapshot([a_visit(wished_technician_id="T2")], technicians, policy=policy)
    plan = a_plan(a_route("V1"), a_route("V1", technician_id="T2"))
    assert lines(wished) == [("wish", "V1", 60)]
    assert lines(wished, plan) == []
    assert lines(wished, NOBODY) == []


# ---------------------------------------------------------------------------- change, parts


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Commitment("V1", ("T1",), at(8, 30)), []),
        (Commitment("V1", ("T1",), at(8, 45)), []),
        (Commitment("V1", ("T1",), at(8, 15)), []),
        (Commitment("V1", ("T1",), at(8, 46)), [("change", "V1", 40)]),
        (Commitment("V1", ("T1",), at(8, 14)), [("change", "V1", 40)]),
        (Commitment("V1", ("T2",), at(8, 46)), [("change", "V1", 80)]),
        (Commitment("V1", ("T1", "T2"), at(8, 30)), [("change", "V1", 80)]),
    ],
)
def test_change_against_what_people_were_told(
    told: Commitment, expected: list[tuple[str, str, int]]
) -> None:
    policy = a_policy(change_technician_fen=80, change_time_fen=40, change_tolerance_s=900)
    assert lines(a_snapshot(policy=policy, published=(told,))) == expected


@pytest.mark.parametrize(("hour", "fen"), [(3, 40), (4, 40), (6, 60), (7, 70), (8, 80), (9, 80)])
def test_a_change_at_short_notice_costs_up_to_twice_as_much(hour: int, fen: int) -> None:
    """People were told 08:00, at a price of 40; from four hours before the price rises."""
    snapshot = a_snapshot(
        policy=a_policy(change_time_fen=40, change_tolerance_s=900),
        published=(Commitment("V1", ("T1",), at(8)),),
        pins=(Pin("V1", start_at=at(15)),),
        now_at=at(hour),
    )
    assert lines(snapshot) == [("change", "V1", fen)]


def test_part_move_is_paid_for_units_from_other_stations() -> None:
    snapshot = a_snapshot(
        policy=a_policy(part_move_fen=15), stations=(a_station(), a_station("S2"))
    )
    plan = a_plan(a_route(pickup_stop("S1", sim=9), pickup_stop("S2", sim=2, camera=1), "V1"))
    assert lines(snapshot, plan) == [("part_move", "T1@0", 45)]


def test_the_worst_lateness_is_paid_once() -> None:
    """V1 is on site half an hour late, V2 an hour and a half; the clock factor does not matter."""
    policy = a_policy(worst_late_fen_per_h=1000, clock_permille=0)
    due = clocks((ARRIVE, at(8)), (RESTORE, at(23)))
    visits = [a_visit("V1"), a_visit("V2"), a_visit("V3")]
    snapshot = a_snapshot(visits, policy=policy, sla_rules=due)
    assert lines(snapshot, a_plan(a_route("V1", "V2"))) == [("worst_late", "V2", 1500)]
    assert lines(snapshot, a_plan(a_route("V2"))) == [("worst_late", "V2", 500)]


def test_the_worst_lateness_is_none_if_all_is_in_time_or_nothing_is_planned() -> None:
    policy = a_policy(worst_late_fen_per_h=1000)
    in_time = clocks((ARRIVE, at(8, 30)))
    assert lines(a_snapshot(policy=policy, sla_rules=in_time)) == []
    assert lines(a_snapshot(policy=policy, sla_rules=clocks((ARRIVE, at(1)))), NOBODY) == []
