"""Who could take one visit: times and prices are the referee's, for the whole plan."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.answering import (
    Option,
    best_displacements,
    best_insertions,
    late_s,
    least_late,
)
from dispatch.arrivals import KeptPlanError
from dispatch.domain.parts import PartQuantity
from dispatch.domain.places import Customer, Site
from dispatch.domain.plan import Plan
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.domain.work import ClockKind, Link, Pin, Priority, Window
from dispatch.horizon import snapshot_of
from dispatch.kept_plan import KeptPlan
from dispatch.placing import left_out
from dispatch.planning import make_plan
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from solver.insertion import SPARE
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_site,
    a_snapshot,
    a_visit,
    a_work_order,
    at,
    clocks,
    quantities,
)
from tests.solver.monday import t1_of
from tests.solver.places import visits_of
from tests.solver.solving import matrix, search_alone
from tests.solver.test_agreement import MIXES

SEEDS = st.integers(0, 1_000_000)
VISITS = st.integers(0, 1_000)
PRICES = a_policy(
    unassigned_fen=1_000_000, travel_fen_per_h=2_000, travel_fen_per_km=100, paid_fen_per_h=4_500
)


def _planned(seed: int) -> KeptPlan:
    """A plan of 10 to 24 visits, with every rule on; every other one prices the worst lateness."""
    snapshot = snapshot_of(generate(10 + seed % 15, seed=seed, mix=MIXES[seed % len(MIXES)]))
    if seed % 2:
        policy = replace(snapshot.policy, worst_late_fen_per_h=5_000)
        snapshot = replace(snapshot, policy=policy)
    travel = travel_of(snapshot)
    with search_alone():
        plan = make_plan(
            snapshot, travel, iterations=40, seed=seed, report=lambda _: None, stop=lambda: False
        )
    return KeptPlan(snapshot, travel, plan)


def _options(kept_plan: KeptPlan, visit_id: str) -> tuple[Option, ...]:
    insertions = best_insertions(kept_plan, visit_id, 3).options
    return (*insertions, *best_displacements(kept_plan, visit_id, 2))


def _drawn_visit(kept_plan: KeptPlan, drawn: int) -> str:
    visits = kept_plan.snapshot.visits
    return visits[drawn % len(visits)].id


def _whole(kept_plan: KeptPlan, option: Option) -> Verdict:
    """What the referee says of the whole plan with an option."""
    return judge(kept_plan.snapshot, Plan(kept_plan.with_routes(option.routes)), kept_plan.travel)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_no_option_breaks_a_rule_or_loses_a_visit(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    visit_id = _drawn_visit(kept_plan, drawn)
    planned = set(visits_of(kept_plan.plan.routes))
    for option in _options(kept_plan, visit_id):
        verdict = _whole(kept_plan, option)
        assert all(
            v.code == "pinned" and v.visit_id not in verdict.timetable.visits
            for v in verdict.violations
        )
        assert set(verdict.timetable.visits) == (planned | {visit_id}) - set(option.bumped)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_times_and_prices_of_an_option_are_those_of_the_whole_plan(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    visit_id = _drawn_visit(kept_plan, drawn)
    now_fen = judge(kept_plan.snapshot, kept_plan.plan, kept_plan.travel).cost.total_fen
    added = []
    for option in _options(kept_plan, visit_id):
        verdict = _whole(kept_plan, option)
        assert sum(option.by_item.values()) == option.added_fen
        assert option.start_at == verdict.timetable.start_of(visit_id)
        assert option.end_at == verdict.timetable.end_of(visit_id)
        served = {m.technician_id for m in verdict.timetable.visits[visit_id]}
        assert {seat.technician_id for seat in option.seats} == served
        added.append(verdict.cost.total_fen - now_fen - option.added_fen)
    # The rest is the price of the visit where it is now, the same for all.
    assert len(set(added)) <= 1


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_the_least_late_is_that_of_all_priced_places(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    for visit in kept_plan.snapshot.visits[drawn % 3 :: 3]:
        every = best_insertions(kept_plan, visit.id, kept_plan.n_shifts).options
        wanted = min(map(_lateness, every), default=None)
        for priced in ((), every[:1]):
            found = least_late(kept_plan, visit.id, priced)
            assert (_lateness(found) if found else None) == wanted


def _lateness(option: Option) -> tuple[int, int]:
    return late_s(option.margins), option.added_fen


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_an_option_that_is_taken_is_the_plan(seed: int, drawn: int) -> None:
    kept_plan = _planned(seed)
    for step in range(3):
        for option in _options(kept_plan, _drawn_visit(kept_plan, drawn + step))[-1:]:
            routes = kept_plan.with_routes(option.routes)
            plan = kept_plan.apply(option.change)
            assert plan.routes == routes
            assert kept_plan.times() == derive(kept_plan.snapshot, plan, kept_plan.travel)
            fewer = left_out(plan, _drawn_visit(kept_plan, step))
            assert kept_plan.times_of(fewer) == derive(kept_plan.snapshot, fewer, kept_plan.travel)
            out = [left.visit_id for left in plan.unassigned]
            everything = Counter({*visits_of(plan.routes)}) + Counter(out)
            assert everything == Counter(v.id for v in kept_plan.snapshot.visits)
    again = KeptPlan(kept_plan.snapshot, kept_plan.travel, kept_plan.plan)
    assert again.kept.cost_fen == kept_plan.kept.cost_fen


def _without(known: KeptPlan, order_id: str) -> KeptPlan:
    """The same plan where nobody has heard of a work order, its visits, its site if nobody else is
    there, nor of what the visits are linked and pinned to."""
    snapshot = known.snapshot
    own = {v.id for v in snapshot.visits if v.work_order_id == order_id}
    for visit_id in own & known.servers.keys():
        known.take_out(visit_id)
    left = known.plan
    others = tuple(o for o in snapshot.work_orders if o.id != order_id)
    fewer = replace(
        snapshot,
        sites=tuple(s for s in snapshot.sites if s.id in {o.site_id for o in others}),
        work_orders=others,
        visits=tuple(v for v in snapshot.visits if v.id not in own),
        links=tuple(x for x in snapshot.links if not own & {*_pair(x)}),
        pins=tuple(p for p in snapshot.pins if p.visit_id not in own),
    )
    left_out = tuple(u for u in left.unassigned if u.visit_id not in own)
    return KeptPlan(fewer, travel_of(fewer), replace(left, unassigned=left_out))


def _pair(link: Link) -> tuple[str, str]:
    return link.first_visit_id, link.then_visit_id


def _comes_late(snapshot: Snapshot, order_id: str) -> bool:
    """Whether a work order could be one that came in later: nobody was told of it, and no pin
    of others names it."""
    own = {v.id for v in snapshot.visits if v.work_order_id == order_id}
    pinned_to = {p.after_visit_id for p in snapshot.pins if p.visit_id not in own}
    return not own & (snapshot.commitment.keys() | pinned_to)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS, VISITS)
def test_an_order_that_is_taken_in_has_the_answers_of_one_that_was_there(
    seed: int, drawn: int
) -> None:
    """With its site, its links and its pins."""
    known = _planned(seed)
    orders = known.snapshot.work_orders
    order = orders[drawn % len(orders)]
    if not _comes_late(known.snapshot, order.id):
        return
    snapshot = known.snapshot
    newer = _without(known, order.id)
    visits = [v for v in snapshot.visits if v.work_order_id == order.id]
    own = {v.id for v in visits}
    newer.take_in(
        [order],
        visits,
        site=None if order.site_id in newer.snapshot.site else snapshot.site[order.site_id],
        links=[x for x in snapshot.links if own & {*_pair(x)}],
        pins=[p for p in snapshot.pins if p.visit_id in own],
    )
    fresh = KeptPlan(newer.snapshot, travel_of(newer.snapshot), newer.plan)
    assert fresh.kept.closed == newer.kept.closed
    for visit in visits:
        one, other = (best_insertions(k, visit.id, 99) for k in (fresh, newer))
        assert [o.added_fen for o in one.options] == [o.added_fen for o in other.options]
        by_shift = [{o.choice: (o.routes, o.by_item) for o in a.options} for a in (one, other)]
        assert by_shift[0] == by_shift[1]
        assert set(one.obstacles) == set(other.obstacles)
        for option in other.options[:1]:
            newer.apply(option.change)
            fresh.apply(one.options[0].change)
    assert newer.kept.cost_fen == fresh.kept.cost_fen
    assert newer.plan == fresh.plan


def test_orders_with_links_and_pins_and_sites_of_their_own_are_met() -> None:
    """Else the property above would say nothing of them."""
    met: Counter[str] = Counter()
    for seed in range(12):
        snapshot = snapshot_of(generate(10 + seed % 15, seed=seed, mix=MIXES[seed % len(MIXES)]))
        for order in (o for o in snapshot.work_orders if _comes_late(snapshot, o.id)):
            own = {v.id for v in snapshot.visits if v.work_order_id == order.id}
            met["pin"] += any(p.visit_id in own for p in snapshot.pins)
            met["link"] += any(own & {*_pair(x)} for x in snapshot.links)
            met["site"] += sum(o.site_id == order.site_id for o in snapshot.work_orders) == 1
    assert min(met["pin"], met["link"], met["site"]) > 0


def _monday() -> KeptPlan:
    """T1 does V1, which has to start by 09:00. V9 is out: it needs a SIM card, and T2 has none."""
    snapshot = a_snapshot(
        [
            a_visit("V1", windows=(Window(at(8), at(9)),)),
            a_visit("V9", "B", parts=quantities(sim=1)),
        ],
        [t1_of(van_stock=quantities(sim=1)), t1_of(id="T2", shift=a_shift("T2"))],
        policy=PRICES,
        sla_rules=clocks((ClockKind.ARRIVE, at(11))),
    )
    return KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))


def test_an_option_says_who_when_with_which_parts_and_what_it_costs() -> None:
    """T1 goes on to B: half an hour and 20 km more, an hour's work, and nobody waits for it."""
    option = best_insertions(_monday(), "V9", 5).options[0]
    assert [(s.technician_id, s.after_visit_id) for s in option.seats] == [("T1", "V1")]
    assert (option.start_at, option.end_at) == (at(10), at(11))
    assert option.by_item == {
        "travel_time": 1_000,
        "travel_distance": 2_000,
        "paid_time": 6_750,
    }
    assert [m.margin_s for m in option.margins] == [3600]
    assert option.from_van == (PartQuantity("sim", 1),)
    assert option.pickups == ()
    assert option.shifted == ()


def test_who_cannot_take_a_visit_has_a_rule_and_an_amount() -> None:
    answer = best_insertions(_monday(), "V9", 5)
    assert [(o.technician_id, o.code, o.amount) for o in answer.obstacles] == [("T2", "parts", 1)]


def test_whom_a_visit_delays_is_said() -> None:
    """V9 has to be first: V1 starts an hour and a half later."""
    first = a_visit("V9", "B", windows=(Window(at(8), at(9)),))
    snapshot = a_snapshot([a_visit("V1"), first], [t1_of()], policy=PRICES)
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))
    option = best_insertions(kept_plan, "V9", 1).options[0]
    assert [(s.visit_id, s.later_s) for s in option.shifted] == [("V1", 5400)]


def test_a_visit_makes_way_for_one_that_is_dearer_to_leave_out() -> None:
    """There is time for one; T2, who may do V1 too, works in the south."""
    kept_plan = full_day()
    assert best_insertions(kept_plan, "V9", 1).options == ()
    option = best_displacements(kept_plan, "V9", 1)[0]
    assert [s.technician_id for s in option.seats] == ["T1"]
    assert [(s.visit_id, s.technician_ids) for s in option.shifted] == [("V1", ("T2",))]
    assert option.shifted[0].other_technicians
    assert option.bumped == ()


def test_a_visit_that_finds_no_place_any_more_is_named() -> None:
    kept_plan = full_day(second=False)
    option = best_displacements(kept_plan, "V9", 1)[0]
    assert option.bumped == ("V1",)
    plan = kept_plan.apply(option.change)
    assert [left.visit_id for left in plan.unassigned] == ["V1"]
    assert visits_of(plan.routes) == ["V9"]


def test_a_visit_never_makes_way_for_one_that_is_not_dearer() -> None:
    kept_plan = full_day()
    plan = kept_plan.apply(best_displacements(kept_plan, "V9", 1)[0].change)
    back = KeptPlan(kept_plan.snapshot, kept_plan.travel, plan)
    back.take_out("V1")
    assert best_displacements(back, "V1", 9) == ()


def full_day(*, second: bool = True) -> KeptPlan:
    """T1 has two hours, and does V1. V9 is an emergency that only T1 is skilled for."""
    t1, t2 = (
        t1_of(shift=a_shift(end=10)),
        t1_of(id="T2", shift=a_shift("T2"), excluded_sites=("B",)),
    )
    urgent = a_work_order("V9@B", "B", priority=Priority.EMERGENCY)
    snapshot = a_snapshot(
        [a_visit("V1"), a_visit("V9", "B")],
        [t1, t2] if second else [t1],
        work_orders=[urgent],
        policy=replace(PRICES, unassigned_fen=replace(PRICES.unassigned_fen, emergency=9_000_000)),
    )
    return KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))


def test_a_route_that_breaks_a_rule_stays_as_it_is() -> None:
    """T1's two hours do not hold both visits."""
    t1, t2 = t1_of(shift=a_shift(end=10)), t1_of(id="T2", shift=a_shift("T2"))
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2"), a_visit("V9")], [t1, t2], policy=PRICES)
    plan = a_plan(a_route("V1", "V2"))
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), plan)
    options = best_insertions(kept_plan, "V9", 9).options
    assert [o.seats[0].technician_id for o in options] == ["T2"]
    changed = kept_plan.apply(options[0].change)
    assert changed.routes[0] == plan.routes[0]
    with pytest.raises(KeptPlanError, match="V1"):
        best_insertions(kept_plan, "V1", 1)


def test_a_visit_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeptPlanError, match="V7"):
        best_insertions(_monday(), "V7", 1)


def test_a_new_order_needs_a_site_that_is_known_or_comes_with_it() -> None:
    kept_plan = _monday()
    with pytest.raises(KeptPlanError, match="nowhere"):
        kept_plan.take_in([a_work_order("W7", "nowhere")], [a_visit("V7", work_order_id="W7")])
    stranger = a_site("nowhere", customer_id="C9")
    with pytest.raises(KeptPlanError, match="C9"):
        _take_in(kept_plan, site=stranger)
    assert "V7" not in kept_plan.snapshot.visit
    _take_in(kept_plan, site=stranger, customer=Customer("C9", "new"))
    assert best_insertions(kept_plan, "V7", 1).options


def _take_in(kept_plan: KeptPlan, site: Site, **facts: Any) -> None:  # noqa: ANN401
    """V7, at a new site."""
    wanted = a_visit("V7", work_order_id="W7")
    kept_plan.take_in([a_work_order("W7", site.id)], [wanted], site=site, **facts)


def test_what_a_new_order_names_has_to_be_there() -> None:
    kept_plan = _monday()
    wanted, order = a_visit("V7", work_order_id="W7"), a_work_order("W7")
    for facts in (
        {"links": [Link("V1", "V8")]},
        {"links": [Link("V1", "V9")]},
        {"pins": [Pin("V7", "T9")]},
        {"pins": [Pin("V1", "T1")]},
    ):
        with pytest.raises(KeptPlanError, match="W7"):
            kept_plan.take_in([order], [wanted], **facts)


def test_more_new_sites_than_there_is_room_for_are_packed_anew() -> None:
    kept_plan = KeptPlan(*_by_road(_planned(1)))
    known = kept_plan.snapshot.sites[0]
    for n in range(SPARE + 2):
        site = replace(known, id=f"new {n}")
        order = replace(kept_plan.snapshot.work_orders[0], id=f"W{n}", site_id=site.id)
        kept_plan.take_in([order], [a_visit(f"N{n}", work_order_id=order.id)], site=site)
    travel = travel_of(kept_plan.snapshot)
    assert travel.place_ids == kept_plan.travel.place_ids
    assert np.array_equal(travel.seconds, kept_plan.travel.seconds)
    assert np.array_equal(travel.metres, kept_plan.travel.metres)


def _by_road(kept_plan: KeptPlan) -> tuple[Snapshot, Travel, Plan]:
    return kept_plan.snapshot, travel_of(kept_plan.snapshot), kept_plan.plan


def test_a_planned_visit_waits_for_a_new_one_that_has_to_come_before_it() -> None:
    snapshot = a_snapshot([a_visit("V1")], [t1_of(), t1_of(id="T2", shift=a_shift("T2"))])
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan(a_route("V1")))
    order, wanted = a_work_order("W7"), a_visit("V7", work_order_id="W7")
    kept_plan.take_in([order], [wanted], links=[Link("V7", "V1")])
    options = best_insertions(kept_plan, "V7", 9).options
    assert {o.seats[0].technician_id for o in options} == {"T1", "T2"}
    for option in options:
        verdict = _whole(kept_plan, option)
        assert verdict.violations == ()
        assert verdict.timetable.start_of("V1") >= option.end_at


def test_a_new_visit_may_need_a_tool_that_nobody_asked_for_so_far() -> None:
    kept_plan = _monday()
    wanted = a_visit("V7", work_order_id="W7", tools=("ladder",))
    kept_plan.take_in([a_work_order("W7")], [wanted])
    answer = best_insertions(kept_plan, "V7", 1)
    assert {o.code for o in answer.obstacles} == {"tool"}


def test_there_is_room_for_any_number_of_new_visits() -> None:
    kept_plan = _monday()
    for n in range(70):
        kept_plan.take_in([a_work_order(f"W{n}")], [a_visit(f"N{n}", work_order_id=f"W{n}")])
        assert best_insertions(kept_plan, f"N{n}", 1).options
    assert len(kept_plan.plan.unassigned) == 70


def test_a_crew_that_is_never_free_together_is_what_stands_in_the_way() -> None:
    """T1 works in the morning and T2 in the afternoon."""
    t1, t2 = t1_of(shift=a_shift(end=12)), t1_of(id="T2", shift=a_shift("T2", start=13))
    snapshot = a_snapshot([a_visit("V1", crew_size=2)], [t1, t2], policy=PRICES)
    kept_plan = KeptPlan(snapshot, matrix(snapshot, FlatLegs()), a_plan())
    answer = best_insertions(kept_plan, "V1", 9)
    assert answer.options == ()
    assert {o.code for o in answer.obstacles} == {"crew"}
