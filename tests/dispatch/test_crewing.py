"""Crews completed around somebody: against every other choice, by the referee."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.crewing import with_whole_crew
from dispatch.domain.people import Certificate
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import SkillNeed, Window
from dispatch.placing import Place, place
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_snapshot,
    a_technician,
    a_visit,
    at,
)

LEGS = FlatLegs()
FIRST, *OTHERS = "T1", "T2", "T3", "T4"
SHIFT = frozenset({f"{FIRST}@0"})
HOURS = st.integers(9, 15)


def badness(snapshot: Snapshot, plan: Plan) -> tuple[int, int]:
    verdict = judge(snapshot, plan, LEGS)
    return len(verdict.violations), verdict.cost.total_fen


@settings(max_examples=40, deadline=None)
@given(
    able=st.lists(st.booleans(), min_size=3, max_size=3),
    hours=st.lists(HOURS, min_size=4, max_size=4),
    crew_at=HOURS,
    size=st.integers(2, 3),
)
def test_who_goes_along_is_the_best_of_all_who_may(
    able: list[bool], hours: list[int], crew_at: int, size: int
) -> None:
    skill = (Certificate("video", 1),)
    people = [a_technician(FIRST, certificates=skill)]
    people += [
        a_technician(t, certificates=skill if is_able else ())
        for t, is_able in zip(OTHERS, able, strict=True)
    ]
    busy = [a_visit(f"V{i}", windows=(Window(at(hour), at(hour)),)) for i, hour in enumerate(hours)]
    crew = a_visit(
        "C",
        site="B",
        crew_size=size,
        skills=(SkillNeed("video", 1),),
        windows=(Window(at(crew_at), at(crew_at)),),
    )
    policy = a_policy(paid_fen_per_h=100, travel_fen_per_h=50)
    snapshot = a_snapshot([*busy, crew], people, policy=policy)
    routes = [a_route(v.id, technician_id=t.id) for v, t in zip(busy, people, strict=True)]
    before = a_plan(*routes)
    asked = Place("C", (FIRST,), shift_ids=SHIFT)
    found = with_whole_crew(snapshot, before, LEGS, asked, lambda _: True)
    may = {t for t, is_able in zip(OTHERS, able, strict=True) if is_able}
    assert found.technician_ids[0] == FIRST
    assert set(found.technician_ids[1:]) <= may
    assert len(found.technician_ids) == min(size, 1 + len(may))
    if size == 2 and may:
        tried = {
            t: badness(
                snapshot, place(snapshot, before, LEGS, Place("C", (FIRST, t), shift_ids=SHIFT))
            )
            for t in may
        }
        assert tried[found.technician_ids[1]] == min(tried.values())
    alone = with_whole_crew(snapshot, before, LEGS, asked, lambda technician: technician == FIRST)
    assert alone.technician_ids == (FIRST,)
