"""What stands in the way of a visit, asked of a plan that exists."""

from dataclasses import replace

import pytest

from dispatch.domain.plan import Plan, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.explain import Explainer
from dispatch.horizon import snapshot_of
from dispatch.placing import left_out
from dispatch.planning import make_plan
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from scenarios.mix import TYPICAL


@pytest.fixture(scope="module")
def planned() -> tuple[Snapshot, Travel, Plan]:
    snapshot = snapshot_of(generate(40, seed=11, mix=TYPICAL))
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot, travel, iterations=300, seed=1, report=lambda _: None, stop=lambda: False
    )
    return snapshot, travel, plan


def test_a_visit_that_stayed_out_has_the_reason_that_the_plan_gives(
    planned: tuple[Snapshot, Travel, Plan],
) -> None:
    snapshot, travel, plan = planned
    assert plan.unassigned
    explainer = Explainer(snapshot, travel, plan)
    for left in plan.unassigned:
        found = explainer.explain(left.visit_id)
        assert not found.planned
        assert found.obstacles[0].code == left.code
        assert found.obstacles[0].amount == left.obstacles[0].amount
        assert len(found.obstacles) == len(snapshot.technicians)


def test_whoever_takes_a_visit_could_take_it(planned: tuple[Snapshot, Travel, Plan]) -> None:
    snapshot, travel, plan = planned
    explainer = Explainer(snapshot, travel, plan)
    for route in plan.routes:
        for stop in route.stops:
            if stop.kind is StopKind.VISIT and stop.visit_id is not None:
                found = explainer.explain(stop.visit_id)
                codes = {o.technician_id: o.code for o in found.obstacles}
                assert found.planned
                assert codes[route.technician_id] == "price"


def test_nobody_has_looked_for_a_place_for_a_new_visit_yet() -> None:
    snapshot = snapshot_of(generate(40, seed=3, mix=replace(TYPICAL, links=0.5, load=0.6)))
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot, travel, iterations=300, seed=1, report=lambda _: None, stop=lambda: False
    )
    takers = {s.visit_id: r.technician_id for r in plan.routes for s in r.stops}
    links = [k for k in snapshot.links if {k.first_visit_id, k.then_visit_id} <= takers.keys()]
    assert links
    for link in links:
        without = plan
        for visit_id in (link.then_visit_id, link.first_visit_id):
            without = left_out(without, visit_id, "new")
        found = Explainer(snapshot, travel, without).explain(link.first_visit_id)
        codes = {o.technician_id: o.code for o in found.obstacles}
        assert not found.planned
        assert codes[takers[link.first_visit_id]] == "price"
