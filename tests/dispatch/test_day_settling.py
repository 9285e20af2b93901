"""A running day in which no plan can change the past."""

from dataclasses import replace

from dispatch.day import Day, day_at, told
from dispatch.day_settling import settled
from dispatch.domain.parts import Lot
from dispatch.domain.people import Break
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Window
from tests.builders import (
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    break_stop,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import matrix


def _later(snapshot: Snapshot, plan: Plan, hour: int, minute: int = 0) -> Day:
    travel = matrix(snapshot, FlatLegs(table={("S1", "B"): (3 * 3600, 20_000)}))
    return day_at(Day(told(snapshot, plan, travel), plan, travel), at(hour, minute))


def test_what_has_begun_may_take_more_overtime_than_all_days_allow() -> None:
    shift = a_shift(max_overtime_s=3600)
    long = a_technician(shifts=(shift,), max_total_overtime_s=1800)
    snapshot = a_snapshot([a_visit("V1", duration_s=9 * 3600)], [long])
    day = settled(_later(snapshot, a_plan(a_route("V1")), 12))
    assert judge(day.snapshot, day.plan, day.travel).violations == ()


def test_whoever_waited_somewhere_until_now_may_still_drive_home() -> None:
    """V2 was cancelled at 16:50; nobody knew before that he would go home from V1."""
    late = a_visit("V2", release_at=at(16, 55), duration_s=60)
    snapshot = a_snapshot([a_visit("V1"), late], [a_technician(shifts=(a_shift(),))])
    day = _later(snapshot, a_plan(a_route("V1", "V2")), 16, 50)
    alone = replace(day, plan=a_plan(a_route("V1")))
    after = settled(alone)
    assert judge(after.snapshot, after.plan, after.travel).violations == ()


def test_who_is_on_the_way_to_what_is_delivered_later_leaves_what_is_there() -> None:
    """T1 comes from far away for the unit of 9:00; T2 is to have the other one before."""
    stations = (a_station(), a_station("S2"))
    people = [a_technician("T1", station_id="S2"), a_technician("T2")]
    visits = [
        a_visit("V1", parts=quantities(sim=1)),
        a_visit("V2", parts=quantities(sim=1), windows=(Window(at(9, 20), at(9, 20)),)),
    ]
    lots = (Lot("L1", "S1", "sim", 1, at(0)), Lot("L2", "S1", "sim", 1, at(9)))
    plan = a_plan(
        a_route(pickup_stop(sim=1, not_before_at=at(9)), visit_stop("V1", sim=1)),
        a_route(pickup_stop(sim=1), visit_stop("V2", sim=1), technician_id="T2"),
    )
    snapshot = a_snapshot(visits, people, stations=stations, lots=lots)
    assert judge(snapshot, plan, FlatLegs()).violations == ()
    day = _later(snapshot, plan, 8, 31)
    assert day.heading == {"V1"}
    assert day.snapshot.lots == lots[:1]
    after = settled(day)
    assert judge(after.snapshot, after.plan, after.travel).violations == ()


def test_a_break_before_what_a_crew_heads_for_comes_right_after_what_makes_it_late() -> None:
    """T1 is at A until 12:20; T2 has a long way to B, where both start at 13:20."""
    rest = Break(at(11), at(12), 1800)
    people = [a_technician("T1", shifts=(a_shift(breaks=(rest,)),)), a_technician("T2")]
    visits = [a_visit("V1", duration_s=13_800), a_visit("V2", "B", crew_size=2)]
    plan = a_plan(a_route("V1", break_stop(), "V2"), a_route("V2", technician_id="T2"))
    day = _later(a_snapshot(visits, people), plan, 11)
    assert day.begun == {"V1"}
    assert day.heading == {"V2"}
    after = settled(day)
    verdict = judge(after.snapshot, after.plan, after.travel)
    assert (verdict.violations, verdict.timetable.start_of("V2")) == ((), at(13, 20))
