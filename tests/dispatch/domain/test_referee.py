"""What holds for every plan, however broken."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.parts import Lot
from dispatch.domain.people import Absence, Break, Technician
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Plan, Route, Stop
from dispatch.domain.policy import BALANCED
from dispatch.domain.referee import judge
from dispatch.domain.work import ClockKind, Link, Pin, Window
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    absence_stop,
    at,
    break_stop,
    clocks,
    pickup_stop,
    quantities,
    visit_stop,
)


def _technician(technician_id: str) -> Technician:
    breaks = (Break(at(11), at(13), 1800), Break(at(15), at(15, 30), 600))
    return a_technician(
        technician_id,
        shifts=tuple(
            a_shift(technician_id, day, max_overtime_s=3600, breaks=breaks) for day in range(2)
        ),
        absences=(Absence(at(9), at(10)), Absence(at(14), at(16, day=1))),
        van_stock=quantities(sim=1),
        may_stay_overnight=True,
        max_nights=1,
    )


SNAPSHOT = a_snapshot(
    [
        a_visit("V1", crew_size=2, run_in_s=7200),
        a_visit("V2", parts=quantities(sim=2)),
        a_visit("V3", "B", crew_size=2, windows=(Window(at(9), at(10)), Window(at(14), at(15)))),
        a_visit("V4", "B", tools=("ladder",)),
        a_visit("V5", "C", release_at=at(9)),
    ],
    [_technician(t) for t in ("T1", "T2", "T3")],
    stations=(a_station(tools=(ToolStock("ladder", 1),)), a_station("S2")),
    lots=(Lot("L1", "S1", "sim", 2, START_AT), Lot("L2", "S2", "sim", 2, at(12))),
    links=(
        Link("V1", "V2"),
        Link("V2", "V3", min_lag_s=-3600, max_lag_s=3600),
        Link("V5", "V1", min_lag_s=1800, same_technician=True),
    ),
    pins=(Pin("V4", start_at=at(10)), Pin("V2", technician_id="T2", after_visit_id="V1")),
    policy=BALANCED,
    sla_rules=clocks(*((kind, at(10)) for kind in ClockKind), breach_fen=100, late_fen_per_h=7),
)

stops: st.SearchStrategy[Stop] = st.one_of(
    st.sampled_from(["V1", "V2", "V3", "V4", "V5"]).map(visit_stop),
    st.just(visit_stop("V2", sim=2)),
    st.sampled_from(["S1", "S2"]).map(lambda s: pickup_stop(s, tools=("ladder",), sim=1)),
    st.sampled_from([0, 1]).map(break_stop),
    st.sampled_from([0, 1]).map(absence_stop),
)
routes: st.SearchStrategy[Route] = st.builds(
    Route,
    technician_id=st.sampled_from(["T1", "T2", "T3"]),
    shift_id=st.sampled_from(["T1@0", "T1@1", "T2@0", "T2@1", "T3@0"]),
    stops=st.lists(stops, max_size=6).map(tuple),
    ends_away=st.booleans(),
)
plans = st.lists(routes, max_size=5).map(lambda found: a_plan(*found))


@settings(deadline=None)
@given(plans)
def test_every_plan_has_a_verdict_whose_times_run_forward(plan: Plan) -> None:
    verdict = judge(SNAPSHOT, plan, FlatLegs())
    for route in verdict.timetable.routes:
        assert route.earliest_at <= route.depart_at <= route.finish_at
        assert route.paid_s >= route.travel_s
        for stop in route.stops:
            assert stop.arrival_at <= stop.start_at <= stop.end_at <= stop.leave_at
        for one, two in pairwise(route.stops):
            assert one.end_at <= two.start_at
        for drive, following in pairwise(route.drives):
            assert drive.end_at <= following.start_at
    assert all(v.amount > 0 for v in verdict.violations)
    assert verdict.kpis.total_fen == sum(verdict.cost.by_item().values())


@settings(deadline=None)
@given(plans)
def test_members_of_a_crew_start_together_unless_a_circle_is_named(plan: Plan) -> None:
    timetable = judge(SNAPSHOT, plan, FlatLegs()).timetable
    for visit_id, crew in timetable.visits.items():
        if visit_id not in timetable.circles:
            assert {member.stop.start_at for member in crew} == {timetable.start_of(visit_id)}


@settings(deadline=None)
@given(plans)
def test_the_run_in_holds_in_every_derived_timetable(plan: Plan) -> None:
    verdict = judge(SNAPSHOT, plan, FlatLegs())
    assert [v for v in verdict.violations if v.code == "run_in"] == []
