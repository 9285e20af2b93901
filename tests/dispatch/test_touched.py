"""A change is judged by what it touches just as the whole plan would be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.work import Commitment, Pin
from dispatch.effects import effect_of
from dispatch.horizon import snapshot_of
from dispatch.judged import judged
from dispatch.placing import Place, left_out, place
from dispatch.plan_difference import differences
from dispatch.touched import rejudged, touched
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
    assert found.violations == whole.verdict.violations
    assert dict(found.by_item) == dict(whole.verdict.cost.by_item())
    assert found.effect == effect_of(before, whole)
    assert differences(found.before, found.after) == differences(before, whole)
    assert rejudged(before, snapshot, plan, _TRAVEL) == whole


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_what_became_different_is_judged_as_all_is(data: st.DataObject) -> None:
    """Facts of some visits and technicians, and some visits out of the plan, in any mixture."""

    def some(ids: Sequence[str]) -> set[str]:
        return set(data.draw(st.lists(st.sampled_from(ids), max_size=3)))

    before = judged(_DEAR, _PLAN, _TRAVEL)
    visits = [visit.id for visit in _DEAR.visits]
    longer, told, paused = some(visits), some(visits), some([o.id for o in _DEAR.work_orders])
    tired, gone = some([t.id for t in _DEAR.technicians]), some(visits)
    earlier = timedelta(minutes=data.draw(st.sampled_from((0, 45))))
    snapshot = replace(
        _DEAR,
        visits=tuple(
            replace(v, duration_s=v.duration_s + 1800) if v.id in longer else v
            for v in _DEAR.visits
        ),
        work_orders=tuple(
            replace(o, reported_at=o.reported_at - timedelta(hours=3)) if o.id in paused else o
            for o in _DEAR.work_orders
        ),
        technicians=tuple(
            replace(t, max_travel_s=600, max_visits=1) if t.id in tired else t
            for t in _DEAR.technicians
        ),
        published=tuple(Commitment(v, ("nobody",), _DEAR.now_at) for v in sorted(told)),
        links=_DEAR.links[len(gone) :],
        lots=_DEAR.lots[len(tired) :],
        now_at=_DEAR.now_at - earlier,
    )
    plan = _PLAN
    for visit_id in gone:
        plan = left_out(plan, visit_id)
    assert rejudged(before, snapshot, plan, _TRAVEL) == judged(snapshot, plan, _TRAVEL)


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
