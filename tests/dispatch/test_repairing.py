"""The day goes wrong: every kind of event on small days, and what holds for all of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.day import Day
from dispatch.day_changes import DisturbanceError
from dispatch.disturbances import (
    Cancelled,
    Closed,
    CustomerAbsent,
    Disturbance,
    Emergency,
    Free,
    Ill,
    Late,
    Missing,
    Overrun,
)
from dispatch.domain.parts import Lot
from dispatch.domain.people import Break, Coverage, TerritoryCover
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import SlowedTravel, Snapshot, TravelSettings
from dispatch.domain.work import Priority, Visit, Window
from dispatch.horizon import snapshot_of
from dispatch.judged import JudgedPlan
from dispatch.planning import make_plan
from dispatch.repair_moves import AlternativeKind
from dispatch.repairing import Alternative, Effort, Repair, repair
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    break_stop,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import PRICES, matrix, never

CHANGES = replace(PRICES, change_technician_fen=8_000, change_time_fen=4_000)
MID_MORNING = at(10, 15)
VISITS = (a_visit("V1"), a_visit("V2", "B"), a_visit("V3", "C"))


def _effort(iterations: int = 60) -> Effort:
    return Effort(1, lambda _: None, never, iterations=iterations, cores=1)


def _day(*visits: Visit, technicians: int = 2, **fields: object) -> Snapshot:
    people = [
        a_technician(f"T{i + 1}", shifts=(a_shift(f"T{i + 1}", 0),)) for i in range(technicians)
    ]
    return replace(
        a_snapshot(list(visits or VISITS), people, policy=CHANGES),
        **fields,  # type: ignore[arg-type]
    )


def _repaired(
    snapshot: Snapshot, plan: Plan, *disturbances: Disturbance, now: datetime = MID_MORNING
) -> Repair:
    """What is to be done about it; the referee looks at every way."""
    found = repair(snapshot, plan, matrix(snapshot, FlatLegs()), disturbances, now, _effort())
    for way in found.alternatives:
        _check(way, found, matrix(snapshot, FlatLegs()))
    return found


def _check(way: Alternative, found: Repair, travel: Travel) -> None:
    """``travel`` is that of the plan as it was."""
    ours = way.judged
    verdict = judge(ours.snapshot, ours.plan, found.day.travel if found.is_needed else travel)
    assert verdict.cost.total_fen == ours.verdict.cost.total_fen
    if way.kind is not AlternativeKind.DO_NOTHING:
        assert [v for v in way.broken if not _is_pinned_and_out(v.code, v.subject, ours)] == []
    out = {left.visit_id for left in ours.plan.unassigned}
    assert out | ours.served.keys() == ours.snapshot.visit.keys()
    assert out.isdisjoint(ours.served)


def _is_pinned_and_out(code: str, subject: str, ours: JudgedPlan) -> bool:
    return code == "pinned" and subject not in ours.served


def _of(found: Repair, kind: AlternativeKind) -> Alternative:
    return next(way for way in found.alternatives if way.kind is kind)


def _nothing(found: Repair) -> Alternative:
    return _of(found, AlternativeKind.DO_NOTHING)


def _where(way: Alternative) -> dict[str, tuple[str, datetime]]:
    return {
        v: (crew[0].technician_id, crew[0].stop.start_at) for v, crew in way.judged.served.items()
    }


# V1 8:30-9:30 at A, V2 10:00-11:00 at B, V3 11:30-12:30 at C, all by T1.
PLAN = a_plan(a_route("V1", "V2", "V3"))


@pytest.mark.parametrize(
    "event",
    [
        Overrun("V3", timedelta(0)),
        Ill("T2", at(17)),
        Missing("sim", "S1"),
        Late("T2", at(11)),
        Closed("B", "S1", 1000),
    ],
)
def test_what_matters_to_nobody_changes_nothing(event: Disturbance) -> None:
    snapshot = _day(lots=(Lot("L1", "S1", "sim", 2, START_AT),))
    found = _repaired(snapshot, PLAN, event)
    (way,) = found.alternatives
    assert (way.judged.plan, way.changed, found.is_needed) == (PLAN, (), False)


def test_who_is_ill_goes_home_and_what_he_was_at_is_done_again() -> None:
    found = _repaired(_day(), PLAN, Ill("T1", at(24)))
    assert _nothing(found).left_out == ("V3", "V2-F1")
    best = found.alternatives[0]
    assert best.left_out == ()
    where = _where(best)
    assert where["V1"] == ("T1", at(8, 30))
    assert where["V2"] == ("T1", at(10))
    assert {where["V3"][0], where["V2-F1"][0]} == {"T2"}
    assert (best.technicians, best.customers) == (("T1", "T2"), ("C1",))


def test_who_comes_late_does_the_same_later() -> None:
    found = _repaired(_day(), PLAN, Late("T1", at(9, 30)), now=at(8, 40))
    assert _where(_nothing(found))["V1"] == ("T1", at(10))


def test_who_has_finished_something_and_is_late_goes_on_later() -> None:
    found = _repaired(_day(), PLAN, Late("T1", at(12)), now=at(9, 40))
    where = _where(_nothing(found))
    assert (where["V1"], where["V2"]) == (("T1", at(8, 30)), ("T1", at(12, 30)))


def test_an_overrun_moves_what_comes_after_it() -> None:
    found = _repaired(_day(), PLAN, Overrun("V2", timedelta(minutes=45)))
    assert _where(_nothing(found))["V3"] == ("T1", at(12, 15))


def test_what_has_begun_stays_even_if_a_break_comes_late_and_the_shift_is_over() -> None:
    lunch = Break(at(11), at(12), 1800)
    t1 = a_technician("T1", shifts=(a_shift("T1", 0, end=13, breaks=(lunch,)),))
    t2 = a_technician("T2", shifts=(a_shift("T2", 0),))
    snapshot = a_snapshot(list(VISITS[:2]), [t1, t2], policy=CHANGES)
    plan = a_plan(a_route("V1", "V2", break_stop()))
    found = _repaired(snapshot, plan, Overrun("V2", timedelta(hours=3)))
    for way in found.alternatives:
        assert _where(way)["V2"] == ("T1", at(10))
        assert way.broken == ()


def test_what_would_miss_its_window_goes_to_somebody_else() -> None:
    promised = replace(VISITS[2], windows=(Window(at(11), at(12)),))
    snapshot = _day(*VISITS[:2], promised)
    found = _repaired(snapshot, PLAN, Overrun("V2", timedelta(minutes=45)))
    assert [v.code for v in _nothing(found).broken] == ["window"]
    assert found.alternatives[-1].kind is AlternativeKind.DO_NOTHING
    assert _where(found.alternatives[0])["V3"][0] == "T2"


def test_who_stands_before_a_closed_door_leaves_and_somebody_comes_again() -> None:
    found = _repaired(_day(), PLAN, CustomerAbsent("V2", at(14)))
    best = found.alternatives[0]
    where = _where(best)
    assert where["V2-F1"][1] >= at(14)
    assert best.judged.served["V2"][0].stop.end_at == at(10, 15)


def test_a_customer_who_is_out_is_not_visited_before() -> None:
    found = _repaired(_day(), PLAN, CustomerAbsent("V3", at(15)))
    assert _nothing(found).left_out == ("V3",)
    assert _where(found.alternatives[0])["V3"][1] >= at(15)


def test_a_missing_part_is_fetched_elsewhere_or_the_visit_stays_out() -> None:
    needs = replace(VISITS[2], parts=quantities(sim=1))
    lots = (Lot("L1", "S1", "sim", 1, START_AT),)
    plan = a_plan(a_route("V1", "V2", pickup_stop(sim=1), visit_stop("V3", sim=1)))
    found = _repaired(_day(*VISITS[:2], needs, lots=lots), plan, Missing("sim", "S1"))
    assert _nothing(found).left_out == ("V3",)
    more = (*lots, Lot("L2", "S1", "sim", 1, at(13)))
    found = _repaired(_day(*VISITS[:2], needs, lots=more), plan, Missing("sim", "S1"))
    assert _where(found.alternatives[0])["V3"][1] >= at(13)


def test_what_is_on_the_van_can_be_missing_too() -> None:
    """The part was picked up in the morning; nobody else has one."""
    needs = replace(VISITS[2], parts=quantities(sim=1))
    lots = (Lot("L1", "S1", "sim", 1, START_AT),)
    plan = a_plan(a_route(pickup_stop(sim=1), "V1", "V2", visit_stop("V3", sim=1)))
    snapshot = _day(*VISITS[:2], needs, lots=lots)
    assert not _repaired(snapshot, plan, Missing("sim", "S1")).is_needed
    assert _nothing(_repaired(snapshot, plan, Missing("sim", "T1"))).left_out == ("V3",)


def test_what_is_on_the_van_of_who_is_ill_is_not_at_the_depot() -> None:
    needs = replace(VISITS[2], parts=quantities(sim=1))
    lots = (Lot("L1", "S1", "sim", 1, START_AT),)
    plan = a_plan(a_route(pickup_stop(sim=1), "V1", "V2", visit_stop("V3", sim=1)))
    found = _repaired(_day(*VISITS[:2], needs, lots=lots), plan, Ill("T1", at(24)))
    assert all("V3" in way.left_out for way in found.alternatives)


def test_an_emergency_is_planned() -> None:
    order = a_work_order("E1", "D", priority=Priority.EMERGENCY)
    snapshot = _day()
    snapshot = replace(snapshot, sites=(*snapshot.sites, replace(snapshot.sites[0], id="D")))
    event = Emergency(order, a_visit("E1", work_order_id="E1"))
    found = _repaired(snapshot, PLAN, event)
    assert _nothing(found).left_out == ("E1",)
    assert _where(found.alternatives[0])["E1"][1] >= at(10, 15)


def test_a_cancelled_visit_is_gone_and_told() -> None:
    found = _repaired(_day(), PLAN, Cancelled("V3"))
    best = found.alternatives[0]
    assert "V3" not in best.judged.snapshot.visit
    assert best.changed == ("V3",)
    assert best.technicians == ("T1",)


def test_a_closed_road_takes_longer() -> None:
    found = _repaired(_day(), PLAN, Closed("B", "C", 3000))
    assert _where(_nothing(found))["V3"] == ("T1", at(12, 30))


def test_a_closed_road_on_a_slow_day_is_slowed_once() -> None:
    slow = _day(travel=TravelSettings(slowed=(SlowedTravel(150),)))
    after = Closed("B", "C", 2000).applied(Day(slow, PLAN, travel_of(slow)))
    assert (travel_of(after.snapshot).seconds == after.travel.seconds).all()


def test_who_is_free_early_goes_on_early() -> None:
    found = _repaired(_day(), PLAN, Free("T1", at(10, 15)))
    assert _where(_nothing(found))["V3"] == ("T1", at(10, 45))


def test_the_backup_is_called() -> None:
    t1 = a_technician("T1", shifts=(a_shift("T1", 0),))
    backup = TerritoryCover("north", Coverage.BACKUP)
    t2 = a_technician("T2", shifts=(a_shift("T2", 0),), territories=(backup,))
    t3 = a_technician("T3", shifts=(a_shift("T3", 0),))
    dear = replace(CHANGES, backup_territory_fen=50_000)
    plan = a_plan(a_route("V1", "V2", "V3"), a_route("V4", technician_id="T3"))
    later = a_visit("V4", "C", windows=(Window(at(14), at(15)),))
    snapshot = a_snapshot([*VISITS, later], [t1, t2, t3], policy=dear)
    found = _repaired(snapshot, plan, Ill("T1", at(24)))
    called = _of(found, AlternativeKind.BACKUP)
    assert "T2" in {who for who, _ in _where(called).values()}


@pytest.mark.parametrize(
    "event",
    [
        Ill("T9", at(17)),
        Overrun("V9", timedelta(minutes=5)),
        Missing("gold", "S1"),
        Missing("sim", "S9"),
        Closed("A", "Z"),
        Free("T2", at(10, 15)),
        CustomerAbsent("V1", at(14)),
        Late("T1", at(20)),
    ],
)
def test_what_cannot_have_happened_is_refused(event: Disturbance) -> None:
    with pytest.raises(DisturbanceError) as refused:
        _repaired(_day(), PLAN, event)
    assert refused.value.message_zh


# ---------------------------------------------------------------------------- for all of them


@cache
def _planned(seed: int) -> tuple[Snapshot, Travel, Plan]:
    snapshot = snapshot_of(generate(12 + seed % 12, seed=seed, mix=(HARD, TYPICAL)[seed % 2]))
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot,
        travel,
        iterations=40,
        seed=seed,
        report=lambda _: None,
        stop=never,
        cores=1,
    )
    return snapshot, travel, plan


def _drawn(snapshot: Snapshot, kind: int, pick: int, now: datetime) -> Disturbance:
    visit = snapshot.visits[pick % len(snapshot.visits)]
    technician = snapshot.technicians[pick % len(snapshot.technicians)]
    lot = snapshot.lots[pick % len(snapshot.lots)]
    hours = timedelta(hours=pick % 9)
    order = replace(snapshot.order_of(visit), id="E1", priority=Priority.EMERGENCY)
    urgent = replace(visit, id="E1", work_order_id="E1", windows=())
    drawn: tuple[Disturbance, ...] = (
        Ill(technician.id, now + hours),
        Late(technician.id, now + hours / 3),
        Overrun(visit.id, timedelta(minutes=pick % 120)),
        CustomerAbsent(visit.id, now + hours),
        Missing(lot.part_id, lot.station_id),
        Emergency(order, urgent),
        Cancelled(visit.id),
        Closed(snapshot.stations[0].id, snapshot.site_of(visit).id),
        Free(technician.id, now),
    )
    return drawn[kind % len(drawn)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 40), st.integers(0, 8), st.integers(0, 10_000), st.integers(0, 600))
def test_what_has_happened_stays_and_nothing_is_lost(
    seed: int, kind: int, pick: int, minutes: int
) -> None:
    snapshot, travel, plan = _planned(seed)
    now = snapshot.now_at + timedelta(minutes=minutes)
    event = _drawn(snapshot, kind, pick, now)
    try:
        found = repair(snapshot, plan, travel, [event], now, _effort(20))
    except DisturbanceError:
        return
    was = judge(snapshot, plan, travel).timetable
    for way in found.alternatives:
        _check(way, found, travel)
        times = way.judged.verdict.timetable
        for visit_id in found.day.begun & was.visits.keys() if found.is_needed else ():
            if was.start_of(visit_id) < now and not isinstance(event, Late):
                assert times.start_of(visit_id) == was.start_of(visit_id)
                assert {m.technician_id for m in times.visits[visit_id]} == {
                    m.technician_id for m in was.visits[visit_id]
                }
        if found.is_needed:
            ahead = times.visits.keys() - found.day.begun
            assert all(times.start_of(v) >= now for v in ahead)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 40), st.integers(0, 600))
def test_an_event_without_effect_gives_the_plan_as_it_was(seed: int, minutes: int) -> None:
    snapshot, travel, plan = _planned(seed)
    now = snapshot.now_at + timedelta(minutes=minutes)
    event = Overrun(snapshot.visits[0].id, timedelta(0))
    found = repair(snapshot, plan, travel, [event], now, _effort(20))
    assert [way.judged.plan for way in found.alternatives] == [plan]
    assert not found.is_needed
