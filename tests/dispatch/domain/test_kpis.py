from datetime import datetime

import pytest

from dispatch.domain.kpis import ClockKpi, Kpis, TechnicianKpi
from dispatch.domain.people import ShiftKind
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    clocks,
)

RESPOND, ARRIVE, RESTORE = ClockKind
V1, NOBODY = a_plan(a_route("V1")), a_plan()


def kpis(snapshot: Snapshot, plan: Plan = V1) -> Kpis:
    return judge(snapshot, plan, FlatLegs()).kpis


def test_a_plan_in_figures() -> None:
    """T1 works 10 h in a shift of 9 h and sleeps away, then 1.5 h; T2 two hours with T1."""
    snapshot = a_snapshot(
        [
            a_visit("V1", crew_size=2),
            a_visit("V2", duration_s=30_600),
            a_visit("V3"),
            a_visit("V4"),
        ],
        [
            a_technician("T1", shifts=(a_shift(), a_shift(day=1, kind=ShiftKind.STANDBY))),
            a_technician("T2"),
            a_technician("T3"),
        ],
        policy=a_policy(lodging_fen=300),
    )
    plan = a_plan(
        a_route("V1", "V2", ends_away=True),
        a_route("V3", day=1),
        a_route("V1", technician_id="T2"),
    )
    figures = kpis(snapshot, plan)
    assert (figures.planned, figures.unassigned, figures.on_time) == (3, 1, 3)
    assert (figures.travel_s, figures.travel_m) == (4 * 1800, 80_000)
    assert (figures.paid_s, figures.overtime_s, figures.nights) == (13 * 3600 + 1800, 3600, 1)
    assert figures.utilisation_permille == 13_500 // (9 + 27 + 27)
    assert figures.total_fen == 300
    assert figures.technicians == (
        TechnicianKpi("T1", visits=3, paid_s=41_400, travel_s=3600, overtime_s=3600),
        TechnicianKpi("T2", visits=1, paid_s=7200, travel_s=3600, overtime_s=0),
        TechnicianKpi("T3", visits=0, paid_s=0, travel_s=0, overtime_s=0),
    )


@pytest.mark.parametrize(
    ("due_at", "on_time"), [(at(9, 30), 1), (at(9, 29), 0)], ids=["just in time", "late"]
)
def test_a_clock_is_on_time_until_its_very_end(due_at: datetime, on_time: int) -> None:
    figures = kpis(a_snapshot(sla_rules=clocks((RESTORE, due_at), (ARRIVE, at(8, 30)))))
    assert figures.clocks[RESTORE] == ClockKpi(counted=1, on_time=on_time)
    assert figures.clocks[ARRIVE] == ClockKpi(counted=1, on_time=1)
    assert figures.clocks[RESPOND] == ClockKpi(counted=0, on_time=0)
    assert figures.on_time == on_time


@pytest.mark.parametrize(("due_at", "counted"), [(at(23, 59, day=2), 1), (at(0, day=3), 0)])
def test_an_unassigned_clock_counts_as_late_if_it_runs_out_in_the_horizon(
    due_at: datetime, counted: int
) -> None:
    figures = kpis(a_snapshot(sla_rules=clocks((RESTORE, due_at))), NOBODY)
    assert figures.clocks[RESTORE] == ClockKpi(counted, on_time=0)
    assert (figures.unassigned, figures.on_time) == (1, 0)


def test_clocks_that_are_stopped_or_not_the_visits_own_do_not_count() -> None:
    snapshot = a_snapshot(
        [a_visit(work_order_id="W1", stops=(RESPOND, ARRIVE))],
        work_orders=[a_work_order(responded_at=at(1))],
        sla_rules=clocks((RESPOND, at(0)), (ARRIVE, at(0)), (RESTORE, at(0))),
    )
    figures = kpis(snapshot)
    assert [figures.clocks[kind].counted for kind in ClockKind] == [0, 1, 0]


def test_shares_of_clocks() -> None:
    assert ClockKpi(counted=3, on_time=2).on_time_permille == 666
    assert ClockKpi(counted=0, on_time=0).on_time_permille == 1000


def test_without_shifts_nothing_is_utilised() -> None:
    figures = kpis(a_snapshot(technicians=[a_technician(shifts=())]), NOBODY)
    assert figures.utilisation_permille == 0
