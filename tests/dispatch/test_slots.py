"""Slots that could be offered: legal once taken, priced and graded as the referee has it."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.answering import best_insertions, promised
from dispatch.arrivals import KeptPlanError
from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.plan import Plan
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.sla import SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Link, Pin, Window
from dispatch.forecast import Forecast, free_s
from dispatch.horizon import snapshot_of
from dispatch.kept_plan import KeptPlan
from dispatch.planning import make_plan
from dispatch.slot_risk import SLIPS, Risk, Slip, risk_of, slipped
from dispatch.slots import Slot, SlotTerms, fit, plan_promised, slots
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from tests.builders import (
    TIME_ZONE,
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    at,
    clocks,
)
from tests.solver.places import visits_of
from tests.solver.solving import matrix, search_alone
from tests.solver.test_agreement import MIXES

SEEDS = st.integers(0, 1_000_000)
VISITS = st.integers(0, 1_000)
LATE = SlotTerms(late=True)
PRICES = a_policy(unassigned_fen=1_000_000, travel_fen_per_h=2_000, paid_fen_per_h=4_500)


def _planned(seed: int) -> KeptPlan:
    """A plan of 10 to 24 visits, with every rule on."""
    snapshot = snapshot_of(generate(10 + seed % 15, seed=seed, mix=MIXES[seed % len(MIXES)]))
    travel = travel_of(snapshot)
    with search_alone():
        plan = make_plan(
            snapshot, travel, iterations=40, seed=seed, report=lambda _: None, stop=lambda: False
        )
    return KeptPlan(snapshot, travel, plan)


def _drawn_visit(kept_plan: KeptPlan, drawn: int) -> str:
    visits = kept_plan.snapshot.visits
    return visits[drawn % len(visits)].id


def _taken(kept_plan: KeptPlan, slot: Slot) -> tuple[Snapshot, Plan]:
    """The facts and the plan once a slot is taken."""
    visit_id = slot.option.visit_id
    snapshot = promised(kept_plan.snapshot, visit_id, slot.window)
    return snapshot, Plan(kept_plan.with_routes(slot.option.routes))


def _judged(kept_plan: KeptPlan, slot: Slot) -> Verdict:
    return judge(*_taken(kept_plan, slot), kept_plan.travel)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_a_slot_once_taken_is_feasible(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    visit_id = _drawn_visit(kept_plan, drawn)
    planned = set(visits_of(kept_plan.plan.routes))
    for slot in slots(kept_plan, visit_id, days=3, terms=LATE):
        verdict = _judged(kept_plan, slot)
        assert all(
            v.code == "pinned" and v.visit_id not in verdict.timetable.visits
            for v in verdict.violations
        )
        assert set(verdict.timetable.visits) >= planned | {visit_id}
        assert slot.window.open_at <= slot.option.start_at <= slot.window.close_at
        assert slot.option.start_at == verdict.timetable.start_of(visit_id)
        assert sum(slot.option.by_item.values()) == slot.option.added_fen


@settings(max_examples=15, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_a_slot_costs_what_it_costs_where_the_window_was_promised_already(
    seed: int, drawn: int
) -> None:
    kept_plan = _planned(seed)
    visit_id = _drawn_visit(kept_plan, drawn)
    if any(visit_id in (k.first_visit_id, k.then_visit_id) for k in kept_plan.snapshot.links):
        return
    for slot in slots(kept_plan, visit_id, days=3, most=1, terms=LATE):
        snapshot = promised(kept_plan.snapshot, visit_id, slot.window)
        knows = KeptPlan(snapshot, kept_plan.travel, kept_plan.take_out(visit_id))
        options = best_insertions(knows, visit_id, 1).options
        assert options[0].added_fen == slot.option.added_fen


@settings(max_examples=15, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_asking_for_slots_changes_no_other_answer(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    visit_ids = [_drawn_visit(kept_plan, drawn + i) for i in range(3)]

    def asked() -> list[object]:
        answers = [best_insertions(kept_plan, v, 3) for v in visit_ids]
        return [(answer.options, answer.obstacles) for answer in answers]

    before = asked()
    cost_fen = kept_plan.kept.cost_fen
    slots(kept_plan, visit_ids[0], days=3, terms=LATE)
    assert asked() == before
    assert kept_plan.kept.cost_fen == cost_fen


@settings(max_examples=15, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_the_risk_is_the_share_of_days_on_which_the_referee_sees_the_window_broken(
    seed: int, drawn: int
) -> None:
    """The whole plan is carried out on days that slip."""
    kept_plan = _planned(seed)
    visit_id = _drawn_visit(kept_plan, drawn)
    for slot in slots(kept_plan, visit_id, days=3, most=4, terms=LATE):
        snapshot, plan = _taken(kept_plan, slot)
        broken = 0
        for slip in SLIPS:
            travel = kept_plan.travel
            seconds = travel.seconds.astype("int64") * (1000 + slip.longer) // 1000
            slow = Travel(travel.place_ids, seconds.astype("int32"), travel.metres)
            verdict = judge(slipped(snapshot, slip.longer), plan, slow)
            if verdict.timetable.start_of(visit_id) > slot.window.close_at:
                broken += slip.days
        assert slot.breaks_on == broken


def test_all_days_slip_somehow() -> None:
    assert sum(slip.days for slip in SLIPS) == 1000
    assert [risk_of(days) for days in (0, 50, 51, 200, 201)] == [
        Risk.LOW,
        Risk.LOW,
        Risk.MEDIUM,
        Risk.MEDIUM,
        Risk.HIGH,
    ]


def _monday(*visits: str, **fields: Any) -> KeptPlan:  # noqa: ANN401
    """T1 does the visits at A on Monday; V9 at B is asked about."""
    snapshot = a_snapshot([*map(a_visit, visits), a_visit("V9", "B")], policy=PRICES, **fields)
    plan = a_plan(a_route(*visits)) if visits else a_plan()
    return KeptPlan(snapshot, matrix(snapshot, FlatLegs()), plan)


def _hours(found: tuple[Slot, ...]) -> list[tuple[int, int]]:
    """Opening and closing of windows, in hours from Monday's midnight."""
    return sorted(
        tuple(round((t - at(0)).total_seconds() / 3600, 2) for t in (w.open_at, w.close_at))  # type: ignore[misc]
        for w in (slot.window for slot in found)
    )


def test_windows_lie_in_the_raster_and_in_shifts() -> None:
    found = slots(_monday(), "V9", days=1)
    assert _hours(found) == [(8, 10), (10, 12), (12, 14), (14, 16)]


def test_the_raster_may_be_chosen() -> None:
    found = slots(_monday(), "V9", days=1, terms=SlotTerms(raster_s=4 * 3600))
    assert _hours(found) == [(8, 12), (12, 16)]


def test_a_window_that_has_begun_is_cut_to_what_is_left_of_it() -> None:
    found = slots(_monday(now_at=at(8, 30)), "V9", days=1)
    assert _hours(found)[0] == (8.5, 10)
    found = slots(_monday(now_at=at(9, 30)), "V9", days=1)
    assert _hours(found)[0] == (10, 12)


def test_slots_are_spread_over_the_days() -> None:
    found = slots(_monday(), "V9", days=3, most=3)
    assert {slot.window.open_at.date() for slot in found} == {at(9, day=d).date() for d in range(3)}
    assert len(slots(_monday(), "V9", days=3, most=10)) == 10


def test_no_window_ends_after_a_clock_unless_late_ones_are_wanted_and_marked() -> None:
    rules = clocks((ClockKind.RESPOND, at(9)), (ClockKind.ARRIVE, at(11)))
    kept_plan = _monday(sla_rules=rules)
    assert _hours(slots(kept_plan, "V9", days=1)) == [(8, 10), (10, 11)]
    marked = {s.window.close_at: s.late for s in slots(kept_plan, "V9", days=1, terms=LATE)}
    assert marked == {at(10): False, at(12): True, at(14): True, at(16): True}


def test_the_restore_clock_counts_the_repair() -> None:
    kept_plan = _monday(sla_rules=clocks((ClockKind.RESTORE, at(11))))
    assert _hours(slots(kept_plan, "V9", days=1)) == [(8, 10)]


def test_business_hours_of_the_clock_cut_the_windows() -> None:
    hours = HourRange(time(9), time(12)), HourRange(time(13), time(15))
    (rule,) = clocks((ClockKind.ARRIVE, at(9, day=2)))
    rules = (SlaRule("all", clocks=(replace(rule.clocks[0], calendar_id="office"),)),)
    found = slots(
        _monday(sla_rules=rules, calendars=(Calendar("office", TIME_ZONE, hours),)), "V9", days=1
    )
    assert _hours(found) == [(9, 10), (10, 12), (13, 14), (14, 15)]


def test_own_windows_hold() -> None:
    snapshot = a_snapshot([a_visit("V9", windows=(Window(at(9), at(13)),))], policy=PRICES)
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan())
    assert _hours(slots(kept_plan, "V9", days=3)) == [(9, 10), (10, 12), (12, 13)]


def _begun_early() -> KeptPlan:
    """T1 starts V1 at 08:30, for it was promised by 09:00, and then has half an hour to B."""
    snapshot = a_snapshot(
        [a_visit("V1", windows=(Window(at(8), at(9)),)), a_visit("V9", "B")], policy=PRICES
    )
    return KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))


def _at_ten(found: tuple[Slot, ...]) -> Slot:
    return next(slot for slot in found if slot.window.open_at == at(10))


def test_a_slot_says_who_comes_and_how_late_he_may_be() -> None:
    slot = _at_ten(slots(_begun_early(), "V9", days=1))
    assert [(s.technician_id, s.after_visit_id) for s in slot.option.seats] == [("T1", "V1")]
    assert (slot.option.start_at, slot.slack_s) == (at(10), 2 * 3600)


@pytest.mark.parametrize(("longer", "breaks"), [(1000, 0), (1001, 1000)])
def test_a_window_breaks_where_the_day_before_it_takes_too_long(longer: int, breaks: int) -> None:
    """Two hours of work and driving from 08:00 on: twice as long is 12:00, and just in time."""
    terms = SlotTerms(slips=(Slip(longer, 1000),))
    assert _at_ten(slots(_begun_early(), "V9", days=1, terms=terms)).breaks_on == breaks


def test_a_slot_on_a_full_day_pushes_out_what_is_still_to_come() -> None:
    """T1 works nine hours, of which V1 and the way to it take two. V9 takes an hour and a half
    more, as each visit to come does: of six visits to come only four and two thirds have time."""
    kept_plan = _begun_early()
    day = at(9).date()
    assert free_s(kept_plan, "north", day) == 7 * 3600
    for visits, expected in ((None, None), (3_000, 0), (4_000, 333), (6_000, 1000)):
        forecast = Forecast(elsewhere=visits, visit_s=5_400) if visits is not None else None
        slot = _at_ten(slots(kept_plan, "V9", days=1, terms=SlotTerms(forecast=forecast)))
        assert slot.pushed_out == expected
        priced = (expected or 0) + slot.breaks_on  # thousandths of a visit left out
        assert slot.graded_fen == slot.option.added_fen + priced * 1000


def test_days_that_are_free_come_first_if_work_is_to_come() -> None:
    kept_plan = _monday("V1", "V2", "V3", "V4")
    forecast = Forecast(elsewhere=4_000, visit_s=5_400)
    found = slots(kept_plan, "V9", days=2, terms=SlotTerms(forecast=forecast))
    assert {slot.window.open_at.date() for slot in found[:3]} == {at(9, day=1).date()}


def _two(**fields: object) -> KeptPlan:
    """T1 and T2 work on Monday, T2 until noon only."""
    snapshot = a_snapshot(
        technicians=[
            a_technician("T1", shifts=(a_shift("T1"),)),
            a_technician("T2", shifts=(a_shift("T2", end=12),)),
        ],
        policy=PRICES,
        **fields,  # type: ignore[arg-type]
    )
    return KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan())


def test_two_technicians_are_offered_while_both_are_there() -> None:
    found = slots(_two(visits=[a_visit("V9", crew_size=2)]), "V9", days=1)
    assert _hours(found) == [(8, 10), (10, 12)]
    assert {len(slot.option.seats) for slot in found} == {2}


def test_a_visit_that_has_to_come_first_comes_along() -> None:
    """V9 starts at most half an hour after V1, which is not planned either."""
    links = (Link("V1", "V9", 0, 1800),)
    kept_plan = _two(visits=[a_visit("V1"), a_visit("V9")], links=links)
    found = slots(kept_plan, "V9", days=1)
    assert _hours(found) == [(8, 10), (10, 12), (12, 14), (14, 16)]
    for slot in found:
        verdict = _judged(kept_plan, slot)
        assert not verdict.violations
        assert set(verdict.timetable.visits) == {"V1", "V9"}


def test_a_visit_is_offered_only_where_what_follows_it_has_a_place_too() -> None:
    """V2 is a day's work, at most an hour after V1; nobody could begin it later than 10:00."""
    visits = [a_visit("V1"), a_visit("V2", duration_s=6 * 3600)]
    kept_plan = _two(visits=visits, links=(Link("V1", "V2", 0, 3600),))
    found = slots(kept_plan, "V1", days=1)
    assert _hours(found) == [(8, 10)]
    assert not _judged(kept_plan, found[0]).violations


def test_what_is_pinned_to_a_start_has_no_slots() -> None:
    kept_plan = _monday(pins=(Pin("V9", start_at=at(9)),))
    assert slots(kept_plan, "V9", days=3) == ()
    assert fit(kept_plan, "V9", Window(at(10), at(12))) is None


def test_a_visit_that_nobody_knows_is_named() -> None:
    with pytest.raises(KeptPlanError, match="'V8'"):
        slots(_monday(), "V8", days=3)


def test_what_was_promised_takes_its_place_before_others_ask() -> None:
    """Two customers were promised 08:00 to 09:00, and T1 is the only one."""
    morning = (Window(at(8, 30), at(9)),)
    snapshot = a_snapshot(
        [a_visit("V1", windows=morning), a_visit("V2", windows=morning)], policy=PRICES
    )
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan())
    plan_promised(kept_plan, "V1")
    assert set(visits_of(kept_plan.plan.routes)) == {"V1"}
    assert slots(kept_plan, "V2", days=3) == ()
    plan_promised(kept_plan, "V2")
    assert set(visits_of(kept_plan.plan.routes)) == {"V1"}


def test_it_is_the_technician_who_was_found_for_it_if_he_still_can() -> None:
    visits = [a_visit("V9", windows=(Window(at(9), at(10)),))]
    for technician_id in ("T1", "T2"):
        kept_plan = _two(visits=visits)
        plan_promised(kept_plan, "V9", technician_id)
        assert kept_plan.servers["V9"] == {technician_id}
