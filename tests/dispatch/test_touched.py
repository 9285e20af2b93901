"""A change is judged by what it touches just as the whole plan would be."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.work import Pin
from dispatch.effects import effect_of
from dispatch.horizon import snapshot_of
from dispatch.judged import judged
from dispatch.placing import Place, left_out, place
from dispatch.touched import touched
from dispatch.travel import travel_of
from scenarios.generate import HARD, generate
from tests.dispatch.commands.planned import searched

_SNAPSHOT = snapshot_of(generate(visits=40, seed=11, mix=HARD))
_DEAR = replace(
    _SNAPSHOT, policy=replace(_SNAPSHOT.policy, worst_late_fen_per_h=5_000, name="dear")
)
_TRAVEL = travel_of(_SNAPSHOT)
_PLAN = searched(_SNAPSHOT)
_VISITS = st.sampled_from([visit.id for visit in _SNAPSHOT.visits])
_PEOPLE = st.sampled_from([t.id for t in _SNAPSHOT.technicians if t.shifts])


@settings(deadline=None, max_examples=25)
@given(_VISITS, _PEOPLE, st.booleans(), st.booleans())
def test_a_drag_is_judged_as_the_whole_plan_is(
    visit_id: str, technician_id: str, is_dear: bool, is_out: bool
) -> None:
    before = judged(_DEAR if is_dear else _SNAPSHOT, _PLAN, _TRAVEL)
    others = tuple(p for p in before.snapshot.pins if p.visit_id != visit_id)
    snapshot = replace(before.snapshot, pins=(*others, Pin(visit_id, technician_id)))
    if is_out:
        plan = left_out(_PLAN, visit_id)
    else:
        plan = place(snapshot, _PLAN, _TRAVEL, Place(visit_id, (technician_id,)))
    whole = judged(snapshot, plan, _TRAVEL)
    found = touched(before, snapshot, plan, _TRAVEL)
    assert Counter(found.violations) == Counter(whole.verdict.violations)
    assert dict(found.by_item) == dict(whole.verdict.cost.by_item())
    effect = effect_of(before, whole)
    assert found.effect.cost_fen == effect.cost_fen
    for name in ("broken", "mended", "late"):
        assert Counter(getattr(found.effect, name)) == Counter(getattr(effect, name)), name


def test_what_a_change_cannot_touch_is_not_looked_at() -> None:
    alone = next(
        route
        for route in _PLAN.routes
        if not any(
            stop.visit_id in {link.first_visit_id, link.then_visit_id}
            for link in _SNAPSHOT.links
            for stop in route.stops
        )
    )
    visit_id = next(s.visit_id for s in alone.stops if s.visit_id is not None)
    before = judged(_SNAPSHOT, _PLAN, _TRAVEL)
    found = touched(before, _SNAPSHOT, left_out(_PLAN, visit_id), _TRAVEL)
    assert len(found.before.snapshot.technicians) < len(_SNAPSHOT.technicians)
