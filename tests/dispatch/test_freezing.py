"""Going on from a plan: what of it still fits, and what of it stays."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dispatch.domain.plan import Plan, Route
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.freezing import fitting, freeze
from dispatch.horizon import snapshot_of
from dispatch.planning import make_plan
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_snapshot,
    a_technician,
    a_visit,
    absence_stop,
    at,
    break_stop,
    pickup_stop,
    quantities,
)
from tests.solver.solving import PRICES, matrix

LEGS = FlatLegs()
VISITS = [a_visit("V1"), a_visit("V2", "B"), a_visit("V3", "C")]
TWO = [a_technician("T1"), a_technician("T2")]


def _go_on(snapshot: Snapshot, travel: Travel, start: Plan, iterations: int = 100) -> Plan:
    return make_plan(
        snapshot,
        travel,
        iterations=iterations,
        seed=1,
        report=lambda _: None,
        stop=lambda: False,
        start=start,
    )


# ------------------------------------------------------------------------------------- freeze


@pytest.mark.parametrize(
    ("until", "pinned"),
    [(at(8, 30), []), (at(8, 31), ["V1"]), (at(10), ["V1"]), (at(10, 1), ["V1", "V2"])],
)
def test_what_starts_before_the_time_is_pinned(until: datetime, pinned: list[str]) -> None:
    frozen = freeze(a_snapshot(VISITS), a_plan(a_route("V1", "V2")), LEGS, until)
    assert list(frozen.pin) == pinned
    assert frozen.pin.get("V1") in (None, Pin("V1", "T1", at(8, 30)))


def test_nothing_else_starts_before_the_time() -> None:
    visits = [VISITS[0], VISITS[1], replace(VISITS[2], release_at=at(15))]
    frozen = freeze(a_snapshot(visits), a_plan(a_route("V1", "V2")), LEGS, at(9))
    assert [v.release_at for v in frozen.visits] == [None, at(9), at(15)]


def test_a_pin_that_exists_is_kept_and_completed() -> None:
    pins = (Pin("V2", after_visit_id="V1"), Pin("V3", technician_id="T1"))
    snapshot = a_snapshot(VISITS, pins=pins)
    frozen = freeze(snapshot, a_plan(a_route("V1", "V2")), LEGS, at(12))
    assert frozen.pin["V2"] == Pin("V2", "T1", at(10), "V1")
    assert frozen.pin["V3"] == pins[1]


def test_a_whole_crew_is_pinned_the_one_with_the_parts_first() -> None:
    visit = a_visit(crew_size=2, parts=quantities(sim=1))
    snapshot = a_snapshot([visit], TWO)
    plan = a_plan(a_route("V1"), a_route(pickup_stop(sim=1), "V1", technician_id="T2"))
    stop = replace(plan.routes[1].stops[1], parts=quantities(sim=1))
    second = replace(plan.routes[1], stops=(plan.routes[1].stops[0], stop))
    frozen = freeze(snapshot, a_plan(plan.routes[0], second), LEGS, at(12))
    assert frozen.pins == (Pin("V1", "T2", at(8, 40), None, ("T1",)),)


def test_a_frozen_plan_still_breaks_no_rule() -> None:
    snapshot = a_snapshot(VISITS, policy=PRICES)
    plan = a_plan(a_route("V1", "V2", "V3"))
    frozen = freeze(snapshot, plan, LEGS, at(11))
    assert judge(frozen, plan, LEGS).violations == ()


def test_the_search_keeps_what_is_frozen() -> None:
    """Left alone, it would go A, B, C; the plan begins with C, done by the dearer T2."""
    legs = FlatLegs(table={("S1", "A"): (600, 5_000), ("A", "B"): (600, 5_000)})
    snapshot = a_snapshot(VISITS, TWO, policy=PRICES)
    start = a_plan(a_route("V3", "V1", technician_id="T2"))
    travel = matrix(snapshot, legs)
    frozen = freeze(snapshot, start, travel, at(9))
    plan = _go_on(frozen, travel, start)
    verdict = judge(frozen, plan, travel)
    assert verdict.violations == ()
    assert plan.unassigned == ()
    (first,) = verdict.timetable.visits["V3"]
    assert (first.technician_id, first.stop.start_at) == ("T2", at(8, 30))
    assert verdict.timetable.start_of("V1") >= at(9)


@pytest.mark.parametrize("seed", range(20, 36))
def test_generated_plans_go_on_in_the_middle_of_the_day(seed: int) -> None:
    snapshot = snapshot_of(generate(12 + seed % 20, seed=seed, mix=(HARD, TYPICAL)[seed % 2]))
    travel = travel_of(snapshot)
    until = snapshot.now_at + timedelta(minutes=90 * (seed % 16))
    start = _go_on(snapshot, travel, Plan(()), iterations=30)
    frozen = freeze(snapshot, start, travel, until)
    plan = _go_on(frozen, travel, start, iterations=30)
    verdict = judge(frozen, plan, travel)
    out = {left.visit_id for left in plan.unassigned}
    assert [v for v in verdict.violations if (v.code, v.subject in out) != ("pinned", True)] == []
    before = _begun(judge(snapshot, start, travel), until)
    assert _begun(verdict, until) == before
    assert not before.keys() & out


def _begun(verdict: Verdict, until: datetime) -> dict[str, tuple[datetime, set[str]]]:
    """What starts before a time: when, and by whom."""
    timetable = verdict.timetable
    return {
        visit_id: (timetable.start_of(visit_id), {m.technician_id for m in crew})
        for visit_id, crew in timetable.visits.items()
        if timetable.start_of(visit_id) < until
    }


# --------------------------------------------------------------------------------- warm starts


def test_a_search_of_no_length_gives_back_where_it_began() -> None:
    snapshot = a_snapshot(VISITS, TWO, policy=PRICES)
    start = a_plan(a_route("V3", "V1", "V2", technician_id="T2"))
    travel = matrix(snapshot, LEGS)
    plan = make_plan(
        snapshot,
        travel,
        seconds=0.0,
        seed=1,
        report=lambda _: None,
        stop=lambda: True,
        start=start,
    )
    assert plan.routes == start.routes


def test_a_search_gets_no_worse_than_where_it_began() -> None:
    snapshot = snapshot_of(generate(30, seed=8, mix=TYPICAL))
    travel = travel_of(snapshot)
    good = _go_on(snapshot, travel, Plan(()), iterations=400)
    better = _go_on(snapshot, travel, good, iterations=5)
    before, after = judge(snapshot, good, travel), judge(snapshot, better, travel)
    assert after.violations == before.violations
    assert after.cost.total_fen <= before.cost.total_fen


def test_what_the_rules_forbid_is_left_out_of_the_start() -> None:
    """T1 does not cover B."""
    snapshot = a_snapshot(VISITS, [a_technician(excluded_sites=("B",))], policy=PRICES)
    travel = matrix(snapshot, LEGS)
    plan = _go_on(snapshot, travel, a_plan(a_route("V1", "V2", "V3")))
    assert judge(snapshot, plan, travel).violations == ()
    assert [left.visit_id for left in plan.unassigned] == ["V2"]


def test_what_does_not_fit_into_the_day_is_left_out_of_the_start() -> None:
    visits = [replace(v, duration_s=4 * 3600) for v in VISITS]
    technician = a_technician(shifts=a_technician().shifts[:1])
    snapshot = a_snapshot(visits, [technician], policy=PRICES)
    travel = matrix(snapshot, LEGS)
    plan = _go_on(snapshot, travel, a_plan(a_route("V1", "V2", "V3")))
    assert judge(snapshot, plan, travel).violations == ()
    assert len(plan.unassigned) == 2


# ------------------------------------------------------------------------------------- fitting


def test_what_a_newer_snapshot_does_not_know_is_left_out() -> None:
    start = a_plan(
        a_route(
            break_stop(),
            absence_stop(),
            pickup_stop("S9"),
            pickup_stop("S1", gold=1),
            pickup_stop("S1", sim=1),
            "V1",
            "V9",
        ),
        a_route("V1", technician_id="T9"),
        a_route("V1", day=9),
        Route("T1", "T2@0", ()),
    )
    fits = fitting(a_snapshot(technicians=TWO), start)
    assert fits.routes == (a_route(pickup_stop("S1", sim=1), "V1"),)
