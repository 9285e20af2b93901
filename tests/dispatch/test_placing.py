"""Visits put by hand: where a person wants them, as well as possible otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.parts import Lot
from dispatch.domain.people import Break
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Window
from dispatch.effects import effect_of
from dispatch.horizon import snapshot_of
from dispatch.judged import judged
from dispatch.placing import BY_HAND, Place, PlacingError, left_out, place, servers, swapped
from dispatch.planned_parts import planned_pickups
from dispatch.travel import travel_of
from scenarios.generate import generate
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
    at,
    break_stop,
    broken,
    pickup_stop,
    quantities,
    visit_stop,
)

LEGS = FlatLegs()
PEOPLE = (a_technician("T1"), a_technician("T2"))


def _verdict(snapshot: Snapshot, plan: Plan) -> Verdict:
    return judge(snapshot, plan, LEGS)


def _order(route: Route) -> list[str]:
    return [s.visit_id for s in route.stops if s.visit_id is not None]


def test_a_visit_goes_where_its_window_is_open() -> None:
    visits = (
        a_visit("V1", windows=(Window(at(12), at(13)),)),
        a_visit("V2", windows=(Window(at(9), at(10)),)),
    )
    snapshot = a_snapshot(visits, PEOPLE)
    plan = place(snapshot, a_plan(a_route("V1")), LEGS, Place("V2", ("T1",)))
    assert [_order(r) for r in plan.routes] == [["V2", "V1"]]
    assert _verdict(snapshot, plan).violations == ()


def test_whoever_had_the_visit_has_it_no_more() -> None:
    snapshot = a_snapshot((a_visit("V1"), a_visit("V2")), PEOPLE)
    plan = place(snapshot, a_plan(a_route("V1", "V2")), LEGS, Place("V1", ("T2",)))
    assert servers(plan, "V1") == ("T2",)
    assert servers(plan, "V2") == ("T1",)


def test_a_time_chooses_the_shift_and_a_visit_before_the_place() -> None:
    snapshot = a_snapshot((a_visit("V1"), a_visit("V2"), a_visit("V3")), PEOPLE)
    before = a_plan(a_route("V1", "V2"))
    wanted = Place("V3", ("T1",), start_at=at(11, day=2))
    on_time = replace(snapshot, pins=(Pin("V3", "T1", at(11, day=2)),))
    later = place(on_time, before, LEGS, wanted)
    assert _verdict(on_time, later).timetable.start_of("V3") == at(11, day=2)
    between = place(snapshot, before, LEGS, Place("V3", ("T1",), after_visit_id="V1"))
    assert _order(between.routes[0]) == ["V1", "V3", "V2"]


def test_a_missed_break_is_put_in() -> None:
    rest = Break(at(11), at(13), 1800)
    technician = a_technician("T1", shifts=(a_shift("T1", breaks=(rest,)),))
    visits = tuple(a_visit(f"V{i}", duration_s=7200) for i in range(3))
    snapshot = a_snapshot(visits, (technician,))
    plan = Plan(())
    for visit in visits:
        plan = place(snapshot, plan, LEGS, Place(visit.id, ("T1",)))
    assert _verdict(snapshot, plan).violations == ()
    assert [s.kind for s in plan.routes[0].stops].count(StopKind.BREAK) == 1


def test_a_break_that_is_there_stays_legal() -> None:
    rest = Break(at(11), at(12), 1800)
    technician = a_technician("T1", shifts=(a_shift("T1", breaks=(rest,)),))
    visits = (a_visit("V1", duration_s=9000), a_visit("V2", duration_s=9000), a_visit("V3"))
    snapshot = a_snapshot(visits, (technician,))
    before = a_plan(a_route("V1", break_stop(), "V2"))
    assert _verdict(snapshot, before).violations == ()
    after = place(snapshot, before, LEGS, Place("V3", ("T1",)))
    assert broken(_verdict(snapshot, after), "break") == []


def test_parts_come_from_the_van_then_from_a_depot() -> None:
    lots = (Lot("L1", "S1", "camera", 1, START_AT), Lot("L2", "S2", "camera2", 5, START_AT))
    technician = a_technician("T1", van_stock=quantities(camera=1))
    visits = tuple(a_visit(f"V{i}", parts=quantities(camera=1)) for i in (1, 2, 3))
    stations = (a_station("S1"), a_station("S2"))
    snapshot = a_snapshot(visits, (technician,), lots=lots, stations=stations)
    plan = Plan(())
    for visit in visits:
        plan = place(snapshot, plan, LEGS, Place(visit.id, ("T1",)))
        assert _verdict(snapshot, plan).violations == ()
    picked = {
        (p.visit_id, p.station_id, p.part_id, p.quantity)
        for p in planned_pickups(_verdict(snapshot, plan).timetable)
    }
    assert {(station, part) for _, station, part, _ in picked} == {
        ("S1", "camera"),
        ("S2", "camera2"),
    }
    for visit in visits:
        plan = left_out(plan, visit.id)
        assert _verdict(snapshot, plan).violations == ()
    assert plan.routes == ()
    assert [u.code for u in plan.unassigned] == [BY_HAND] * 3


def test_what_no_depot_has_is_named_by_the_referee() -> None:
    snapshot = a_snapshot((a_visit("V1", parts=quantities(camera=2)),))
    plan = place(snapshot, Plan(()), LEGS, Place("V1", ("T1",)))
    assert broken(_verdict(snapshot, plan), "parts") == [("V1", 2)]


def test_a_tool_is_borrowed() -> None:
    station = a_station("S1", tools=(ToolStock("ladder", 1),))
    snapshot = a_snapshot((a_visit("V1", tools=("ladder",)),), stations=(station,))
    plan = place(snapshot, Plan(()), LEGS, Place("V1", ("T1",)))
    assert _verdict(snapshot, plan).violations == ()
    assert plan.routes[0].stops[0].tools == ("ladder",)


def test_what_was_picked_up_for_others_stays() -> None:
    visits = (a_visit("V1", parts=quantities(sim=2)), a_visit("V2", parts=quantities(sim=1)))
    snapshot = a_snapshot(visits, lots=(Lot("L1", "S1", "sim", 3, START_AT),))
    stops = (pickup_stop(sim=3), visit_stop("V1", sim=2), visit_stop("V2", sim=1))
    plan = left_out(a_plan(a_route(*stops)), "V1")
    assert plan.routes == (a_route(pickup_stop(sim=1), visit_stop("V2", sim=1)),)
    assert _verdict(snapshot, plan).violations == ()


def test_a_crew_starts_together() -> None:
    visits = (a_visit("V1", crew_size=2), a_visit("V2", windows=(Window(at(9), at(9)),)))
    snapshot = a_snapshot(visits, PEOPLE)
    before = a_plan(a_route("V2", technician_id="T2"))
    plan = place(snapshot, before, LEGS, Place("V1", ("T1", "T2")))
    assert set(servers(plan, "V1")) == {"T1", "T2"}
    assert _verdict(snapshot, plan).violations == ()


def test_swapped_visits_change_technicians_and_days() -> None:
    snapshot = a_snapshot((a_visit("V1"), a_visit("V2")), PEOPLE)
    before = a_plan(a_route("V1"), a_route("V2", technician_id="T2", day=1))
    after = swapped(snapshot, before, LEGS, "V1", "V2")
    assert after.routes == (a_route("V2"), a_route("V1", technician_id="T2", day=1))
    with pytest.raises(PlacingError):
        swapped(snapshot, a_plan(a_route("V1")), LEGS, "V1", "V2")


def test_the_effect_says_what_becomes_worse_and_better() -> None:
    policy = a_policy(unassigned_fen=1000, travel_fen_per_km=1)
    late = a_visit("V1", windows=(Window(at(9), at(9)),))
    snapshot = a_snapshot((late, a_visit("V2")), PEOPLE, policy=policy)
    before = judged(snapshot, a_plan(a_route("V2", "V1")), LEGS)
    after = judged(snapshot, a_plan(a_route("V2"), a_route("V1", technician_id="T2")), LEGS)
    effect = effect_of(before, after)
    assert [v.code for v in effect.mended] == ["window"]
    assert effect.broken == ()
    assert effect.cost_fen == 40  # there and back for the second technician
    back = effect_of(after, before)
    assert [v.code for v in back.broken] == ["window"]
    assert back.cost_fen == -effect.cost_fen


@settings(max_examples=15, deadline=timedelta(seconds=20))
@given(seed=st.integers(0, 10_000), data=st.data())
def test_whatever_a_person_asks_for_is_done(seed: int, data: st.DataObject) -> None:
    """The visit is where it was wanted, every other one where it was, and nothing else is lost."""
    snapshot = snapshot_of(generate(visits=8, seed=seed))
    travel, plan = travel_of(snapshot), Plan(())
    for _ in range(6):
        visit = data.draw(st.sampled_from(snapshot.visits))
        technician = data.draw(st.sampled_from(snapshot.technicians))
        if not technician.shifts:
            continue
        before = {v.id: set(servers(plan, v.id)) for v in snapshot.visits}
        plan = place(snapshot, plan, travel, Place(visit.id, (technician.id,)))
        after = {v.id: set(servers(plan, v.id)) for v in snapshot.visits}
        assert after == {**before, visit.id: {technician.id}}
        found = judge(snapshot, plan, travel).violations
        assert {v.code for v in found}.isdisjoint({"part_pickup"})
