"""The manual dispatcher: by due time, to the nearest technician, within the same rules."""

from dataclasses import replace

import pytest

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Certificate, Technician
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Link, Pin, SkillNeed, Window
from dispatch.horizon import snapshot_of
from dispatch.manual import manual_plan
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL, Mix
from tests.builders import (
    ALWAYS,
    FlatLegs,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
)
from tests.solver.solving import PRICES, matrix

NEAR = FlatLegs(table={("S2", "A"): (600, 5_000)})


def _manual(snapshot: Snapshot, legs: FlatLegs | None = None) -> Plan:
    return manual_plan(snapshot, matrix(snapshot, legs or FlatLegs()))


def _who(plan: Plan) -> dict[str, str]:
    """The shift of each planned visit."""
    return {s.visit_id: r.shift_id for r in plan.routes for s in r.stops if s.visit_id is not None}


def _one_day(technician_id: str, station_id: str = "S1") -> Technician:
    shifts = (a_shift(technician_id),)
    return a_technician(technician_id, station_id=station_id, shifts=shifts)


def _two_stations(*technicians: Technician) -> Snapshot:
    stations = (a_station("S1"), a_station("S2"))
    return a_snapshot(technicians=technicians, stations=stations, policy=PRICES)


@pytest.mark.parametrize("mix", [TYPICAL, HARD])
def test_it_keeps_every_rule(mix: Mix) -> None:
    for seed in range(20):
        snapshot = snapshot_of(generate(10 + seed, seed=seed, mix=mix))
        travel = travel_of(snapshot)
        plan = manual_plan(snapshot, travel)
        out = {left.visit_id for left in plan.unassigned}
        broken = judge(snapshot, plan, travel).violations
        assert [v for v in broken if not (v.code == "pinned" and v.visit_id in out)] == []
        assert sorted([*_who(plan), *out]) == sorted(v.id for v in snapshot.visits)


def test_it_says_that_it_was_made_by_hand() -> None:
    plan = _manual(a_snapshot(policy=PRICES))
    assert (plan.made_by, plan.seed) == ("manual", None)


def test_who_is_due_first_gets_the_place() -> None:
    """Both want nine o'clock; V2 is due first though V1 stands first."""
    window = (Window(at(9), at(9)),)
    visits = [a_visit("V1", windows=window), a_visit("V2", "B", windows=window)]
    late, soon = (
        SlaRule(
            product,
            product=product,
            clocks=(ClockTerms(ClockKind.ARRIVE, hours * 3600, ALWAYS.id),),
        )
        for product, hours in (("terminal", 40), ("bus", 10))
    )
    snapshot = a_snapshot(visits, [_one_day("T1")], policy=PRICES, sla_rules=(late, soon))
    orders = tuple(
        replace(order, product="bus") if order.site_id == "B" else order
        for order in snapshot.work_orders
    )
    snapshot = replace(snapshot, work_orders=orders)
    assert _who(_manual(snapshot)).keys() == {"V2"}


def test_the_nearest_technician_goes() -> None:
    snapshot = _two_stations(_one_day("T1"), _one_day("T2", "S2"))
    assert _who(_manual(snapshot, NEAR)) == {"V1": "T2@0"}


def test_nearest_counts_from_where_the_technician_is_that_day() -> None:
    """T2's base is nearer, but T1 is at the very site in the morning."""
    visits = [a_visit("V1", "A"), a_visit("V2", "A")]
    snapshot = replace(
        _two_stations(_one_day("T1"), _one_day("T2", "S2")),
        visits=tuple(visits),
        work_orders=a_snapshot(visits).work_orders,
        pins=(Pin("V1", technician_id="T1"),),
    )
    assert _who(_manual(snapshot, NEAR)) == {"V1": "T1@0", "V2": "T1@0"}


def test_an_earlier_day_is_better_than_a_nearer_technician() -> None:
    tomorrow = replace(_one_day("T2", "S2"), shifts=(a_shift("T2", day=1),))
    assert _who(_manual(_two_stations(_one_day("T1"), tomorrow), NEAR)) == {"V1": "T1@0"}


def test_the_nearest_who_may_and_has_the_part() -> None:
    skilled = (Certificate("camera"),)
    nearest = _one_day("T2", "S2")
    without_part = replace(nearest, certificates=skilled)
    ready = replace(_one_day("T1"), certificates=skilled, van_stock=(PartQuantity("sim", 1),))
    needs = a_visit(skills=(SkillNeed("camera"),), parts=(PartQuantity("sim", 1),))
    for other in (nearest, without_part):
        snapshot = replace(_two_stations(other, ready), visits=(needs,))
        assert _who(_manual(snapshot, NEAR)) == {"V1": "T1@0"}


def test_pinned_visits_come_first() -> None:
    window = (Window(at(9), at(9)),)
    visits = [a_visit("V1", windows=window), a_visit("V2", "B", windows=window)]
    pins = (Pin("V2", technician_id="T1"),)
    snapshot = a_snapshot(visits, [_one_day("T1")], pins=pins, policy=PRICES)
    assert _who(_manual(snapshot)).keys() == {"V2"}


def test_crews_and_linked_visits_are_planned_too() -> None:
    """V1 stands first, but has to follow V3, and that one V2."""
    visits = [a_visit("V1", crew_size=2), a_visit("V2", "B"), a_visit("V3")]
    links = (Link("V2", "V3", same_technician=True), Link("V3", "V1", max_lag_s=3600))
    technicians = [_one_day("T1"), _one_day("T2")]
    snapshot = a_snapshot(visits, technicians, links=links, policy=PRICES)
    plan = _manual(snapshot)
    assert plan.unassigned == ()
    assert judge(snapshot, plan, FlatLegs()).violations == ()


def test_links_in_a_circle_stay_out() -> None:
    visits = [a_visit("V1"), a_visit("V2")]
    links = (Link("V1", "V2"), Link("V2", "V1"))
    plan = _manual(a_snapshot(visits, [_one_day("T1")], links=links, policy=PRICES))
    assert {left.visit_id: left.code for left in plan.unassigned} == {"V1": "order", "V2": "order"}


def test_it_does_not_ask_what_a_visit_costs() -> None:
    """Leaving it out would be cheaper."""
    policy = replace(PRICES, unassigned_fen=replace(PRICES.unassigned_fen, normal=1))
    assert _who(_manual(a_snapshot(policy=policy))) == {"V1": "T1@0"}


def test_what_stays_out_has_a_reason() -> None:
    plan = _manual(a_snapshot([a_visit(duration_s=9 * 3600)], policy=PRICES))
    assert [(left.visit_id, left.code) for left in plan.unassigned] == [("V1", "shift")]
