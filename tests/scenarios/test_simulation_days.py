"""Days in which what people are busy with fits into no plan: what is known of them, and planned."""

from dataclasses import replace

from dispatch.day import Day, told
from dispatch.domain.people import Absence, Break
from dispatch.domain.referee import judge
from dispatch.domain.work import Commitment, Pin, SkillNeed, Window
from dispatch.travel import travel_of
from scenarios.simulation.planner import Effort, searched
from scenarios.simulation.under_way import as_known, gone_on
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    absence_stop,
    at,
    break_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import matrix

QUICK = Effort(iterations=20, cores=1)
DEAR = a_policy(10_000_000)


def test_what_no_search_could_plan_stays_and_takes_no_crew_and_no_part_from_others() -> None:
    """T1 is on the way to a visit for which he has no skill, with his only SIM card. The search
    plans a crew of both today, and the card for tomorrow."""
    visits = (
        a_visit("V1", skills=(SkillNeed("camera"),), parts=quantities(sim=1)),
        a_visit("V2", crew_size=2),
        a_visit("V3", parts=quantities(sim=1), windows=(Window(at(9, day=1), at(12, day=1)),)),
        a_visit("V4"),
    )
    facts = a_snapshot(
        visits,
        (a_technician("T1", van_stock=quantities(sim=1)), a_technician("T2")),
        now_at=at(9),
        policy=DEAR,
        pins=(Pin("V1", "T1", at(10)), Pin("V4", "T2")),
    )
    plan = a_plan(a_route(visit_stop("V1", sim=1)))
    day = Day(facts, plan, travel_of(facts), heading=frozenset({"V1"}))
    found = searched(day, QUICK)
    assert {v.code for v in found.verdict.violations} == {"skill"}
    served = {visit: {m.technician_id for m in crew} for visit, crew in found.served.items()}
    assert served == {"V1": {"T1"}, "V4": {"T2"}}
    assert sorted(u.visit_id for u in found.plan.unassigned) == ["V2", "V3"]


def test_whoever_is_busy_too_long_rests_and_is_then_out() -> None:
    """The repair ends at 13:50, the break that it made late at 14:35, and he is out from 14:00."""
    rest = Break(at(11, 30), at(13), 2700)
    out = Absence(at(14), at(16))
    technician = a_technician(
        shifts=(a_shift(breaks=(rest,), under_way_at=at(8)),), absences=(out,)
    )
    visits = (a_visit("V1", duration_s=17_400), a_visit("V2", duration_s=600))
    facts = a_snapshot(
        visits, (technician,), now_at=at(10), policy=DEAR, pins=(Pin("V1", "T1", at(9)),)
    )
    plan = a_plan(a_route("V1", break_stop(), absence_stop()))
    day = Day(facts, plan, travel_of(facts), begun=frozenset({"V1"}))
    known = as_known(day, {v.id: v for v in visits}, set(), day.travel)
    found = searched(known, QUICK)
    assert found.verdict.violations == ()
    assert "V1" in found.served
    (absence,) = known.snapshot.technicians[0].absences
    assert absence == replace(out, start_at=at(14, 35))


def test_an_absence_that_is_past_is_not_in_a_drive_that_usually_takes_longer() -> None:
    """T1 is at V1 since 8:30 and was out in its run-in; usually he would have left at 7:50."""
    technician = a_technician(absences=(Absence(at(9, 40), at(10)),))
    visits = (a_visit("V1", run_in_s=7200), a_visit("V2", release_at=at(13)))
    facts = a_snapshot(visits, (technician,), policy=DEAR)
    plan, travel = a_plan(a_route("V1", absence_stop(), "V2")), matrix(facts, FlatLegs())
    truth = gone_on(Day(told(facts, plan, travel), plan, travel), at(10, 40)).day
    assert truth.begun == {"V1"}
    usual = matrix(facts, FlatLegs(2400))
    known = as_known(truth, {v.id: v for v in visits}, set(), usual)
    assert judge(known.snapshot, known.plan, usual).violations == ()


def test_nobody_in_a_crew_is_kept_waiting_for_what_the_others_have_not_begun() -> None:
    """T1 drives to V1, where T2 should be at noon. T2 has been longer at V9 than planned: with V2
    on the way he would be at V1 at 13:00, and T1 home after his shift."""
    visits = (
        a_visit("V9", duration_s=10_800, release_at=at(8, 30)),
        a_visit("V2", duration_s=3600),
        a_visit("V1", "B", crew_size=2, duration_s=10_800),
    )
    people = [
        a_technician(t, shifts=(a_shift(t, under_way_at=left_at),))
        for t, left_at in (("T1", at(10)), ("T2", at(8)))
    ]
    facts = a_snapshot(
        visits,
        people,
        now_at=at(11),
        policy=DEAR,
        pins=(Pin("V9", "T2", at(8, 30)), Pin("V1", "T1", at(12), other_technician_ids=("T2",))),
        published=(Commitment("V1", ("T1", "T2"), at(12)),),
    )
    plan = a_plan(a_route("V1"), a_route("V9", "V2", "V1", technician_id="T2"))
    travel = matrix(facts, FlatLegs(table={("S1", "B"): (7200, 20_000)}))
    day = Day(facts, plan, travel, begun=frozenset({"V9"}), heading=frozenset({"V1"}))
    known = as_known(day, {v.id: v for v in visits}, set(), travel)
    found = searched(known, QUICK)
    assert found.verdict.violations == ()
    assert found.verdict.timetable.start_of("V1") == at(12)
    assert found.verdict.timetable.start_of("V2") == at(15, 30)
