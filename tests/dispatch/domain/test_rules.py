"""Rules about when visits are done, about parts and tools, and what all rules have in common."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.places import ToolStock
from dispatch.domain.plan import Plan, Stop
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.rules import RULES, violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.domain.work import Gate, GateKind, Link, Pin, Visit, Window
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_route,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    a_work_order,
    at,
    broken,
    pickup_stop,
    quantities,
    visit_stop,
)

LEGS = FlatLegs()


def judged(snapshot: Snapshot, *stops: Stop | str) -> Verdict:
    """One route of T1 on the first day."""
    return judge(snapshot, a_plan(a_route(*(stops or ("V1",)))), LEGS)


def test_every_rule_of_the_page_has_a_function_and_the_other_way_round() -> None:
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    table = page.read_text(encoding="utf-8").split("## Hard rules")[1].split("## Prices")[0]
    rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert list(RULES) == rows


# --------------------------------------------------------------- windows, releases, links, pins


@pytest.mark.parametrize(
    ("windows", "amount"),
    [
        ((), 0),
        ((Window(at(8), at(8, 30)),), 0),
        ((Window(at(7), at(8, 29)),), 60),
        ((Window(at(6), at(7)), Window(at(7, 30), at(8))), 1800),
    ],
)
def test_window_counts_the_seconds_to_the_nearest(windows: tuple[Window, ...], amount: int) -> None:
    verdict = judged(a_snapshot([a_visit(windows=windows)]))
    assert broken(verdict, "window") == ([("V1", amount)] if amount else [])


def test_window_is_broken_by_starting_before_it_opens() -> None:
    """A derived timetable waits, so that of a visit without windows stands in for one."""
    early = derive(a_snapshot(), a_plan(a_route("V1")), LEGS)
    snapshot = a_snapshot([a_visit(windows=(Window(at(9), at(10)),))])
    assert [(v.code, v.amount) for v in violations(snapshot, early)] == [("window", 1800)]


def test_window_is_not_asked_of_a_pinned_start() -> None:
    visit = a_visit(windows=(Window(at(14), at(15)),))
    assert judged(a_snapshot([visit], pins=(Pin("V1", start_at=at(10)),))).violations == ()


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (Gate(GateKind.QUOTE, START_AT), [("V1", 1)]),
        (Gate(GateKind.QUOTE, START_AT, expected_at=at(12)), []),
        (Gate(GateKind.QUOTE, START_AT, passed_at=at(7)), []),
    ],
    ids=["open without end", "expected", "passed"],
)
def test_release_is_broken_by_a_gate_with_no_expected_time(
    gate: Gate, expected: list[tuple[str, int]]
) -> None:
    order = a_work_order(gates=(gate,))
    snapshot = a_snapshot([a_visit(work_order_id="W1")], work_orders=[order])
    assert broken(judged(snapshot), "release") == expected


def test_release_counts_the_seconds_before_it() -> None:
    """A derived timetable waits, so that of an earlier release stands in for one."""
    early = derive(a_snapshot([a_visit(release_at=at(10))]), a_plan(a_route("V1")), LEGS)
    late = a_snapshot([a_visit(release_at=at(10, 1))])
    assert [(v.code, v.amount) for v in violations(late, early)] == [("release", 60)]
    assert violations(a_snapshot([a_visit(release_at=at(10))]), early) == ()


def linked(link: Link, plan: Plan) -> list[tuple[str, int]]:
    technicians = [a_technician("T1"), a_technician("T2")]
    visits = [a_visit("V1"), a_visit("V2", "B")]
    return broken(judge(a_snapshot(visits, technicians, links=(link,)), plan, LEGS), "order")


@pytest.mark.parametrize(("max_lag_s", "expected"), [(1799, [("V2", 1)]), (1800, []), (None, [])])
def test_order_keeps_the_maximum_lag(
    max_lag_s: int | None, expected: list[tuple[str, int]]
) -> None:
    link = Link("V1", "V2", max_lag_s=max_lag_s)
    assert linked(link, a_plan(a_route("V1", "V2"))) == expected


def test_order_keeps_the_minimum_lag() -> None:
    """V2 ends before V1 begins: V1 ends 2.5 hours after the start of V2."""
    backwards = a_plan(a_route("V2", "V1"))
    assert linked(Link("V1", "V2"), backwards) == [("V2", 9000)]
    assert linked(Link("V1", "V2", min_lag_s=-9000), backwards) == []
    assert linked(Link("V1", "V2", min_lag_s=None), backwards) == []


def test_order_alone_is_broken_by_a_route_in_the_wrong_order() -> None:
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2")], links=(Link("V1", "V2"),))
    assert [v.code for v in judged(snapshot, "V2", "V1").violations] == ["order"]


def test_order_of_a_pin_that_is_too_early() -> None:
    technicians = [a_technician("T1"), a_technician("T2")]
    snapshot = a_snapshot(
        [a_visit("V1"), a_visit("V2", "B")],
        technicians,
        links=(Link("V1", "V2"),),
        pins=(Pin("V2", start_at=at(9)),),
    )
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    assert broken(judge(snapshot, plan, LEGS), "order") == []
    assert broken(judge(snapshot, plan, LEGS), "pinned") == [("V2", 1800)]


def test_who_waits_for_a_maximum_lag_may_miss_the_window() -> None:
    """V1 would have to wait until ten."""
    visits = [
        a_visit("V1", windows=(Window(at(8), at(9)),)),
        a_visit("V2", windows=(Window(at(12), at(13)),)),
    ]
    snapshot = a_snapshot(
        visits, [a_technician("T1"), a_technician("T2")], links=(Link("V1", "V2", 0, 3600),)
    )
    verdict = judge(snapshot, a_plan(a_route("V1"), a_route("V2", technician_id="T2")), LEGS)
    assert [(v.code, v.subject, v.amount) for v in verdict.violations] == [("window", "V1", 3600)]


def test_order_is_broken_if_the_first_visit_is_not_planned() -> None:
    only_then, only_first = a_plan(a_route("V2")), a_plan(a_route("V1"))
    assert linked(Link("V1", "V2"), only_then) == [("V2", 1)]
    assert linked(Link("V1", "V2", min_lag_s=None, max_lag_s=0), only_then) == []
    assert linked(Link("V1", "V2"), only_first) == []


@pytest.mark.parametrize(
    ("pin", "amount"),
    [
        (Pin("V2", technician_id="T2"), 1),
        (Pin("V2", technician_id="T1"), 0),
        (Pin("V2", start_at=at(9)), 3600),
        (Pin("V2", start_at=at(10)), 0),
        (Pin("V2", start_at=at(11)), 0),
        (Pin("V2", after_visit_id="V3"), 1),
        (Pin("V3", after_visit_id="V1"), 1),
        (Pin("V1", after_visit_id="V2"), 1),
        (Pin("V2", after_visit_id="V1"), 0),
        (Pin("V4"), 1),
    ],
)
def test_pinned(pin: Pin, amount: int) -> None:
    """V1, a pickup, V2 and V3 are done by T1; V4 is not planned."""
    visits = [a_visit("V1"), a_visit("V2", "B"), a_visit("V3", "B"), a_visit("V4")]
    legs = FlatLegs(table={("B", "S1"): (0, 0), ("A", "S1"): (1800, 0)})
    snapshot = a_snapshot(visits, pins=(pin,), stations=(a_station(pickup_s=0),))
    verdict = judge(snapshot, a_plan(a_route("V1", pickup_stop(), "V2", "V3")), legs)
    assert broken(verdict, "pinned") == ([(pin.visit_id, amount)] if amount else [])


@pytest.mark.parametrize(
    ("others", "amount"), [((), 0), (("T2",), 0), (("T3",), 1), (("T2", "T3"), 1)]
)
def test_pinned_names_the_members_of_a_crew_who_are_missing(
    others: tuple[str, ...], amount: int
) -> None:
    technicians = [a_technician(t) for t in ("T1", "T2", "T3")]
    pin = Pin("V1", technician_id="T1", other_technician_ids=others)
    snapshot = a_snapshot([a_visit(crew_size=2)], technicians, pins=(pin,))
    plan = a_plan(a_route("V1"), a_route("V1", technician_id="T2"))
    assert broken(judge(snapshot, plan, LEGS), "pinned") == ([("V1", amount)] if amount else [])


def test_pinned_names_each_part_of_a_pin() -> None:
    pin = Pin("V1", technician_id="T2", start_at=at(8), after_visit_id="V2")
    verdict = judged(a_snapshot([a_visit("V1"), a_visit("V2")], pins=(pin,)))
    assert broken(verdict, "pinned") == [("V1", 1), ("V1", 1800), ("V1", 1)]


# ------------------------------------------------------------------------------------ parts


def stocked(*visits: Visit, **van: int) -> Snapshot:
    """T1 has this on the van; S1 has two SIM cards, and three more from noon on."""
    return a_snapshot(
        visits,
        [a_technician("T1", van_stock=quantities(**van)), a_technician("T2")],
        lots=(Lot("L1", "S1", "sim", 2, START_AT), Lot("L2", "S1", "sim", 3, at(12))),
    )


def test_parts_used_must_be_on_the_van() -> None:
    snapshot = stocked(a_visit(parts=quantities(sim=3)), sim=2)
    assert broken(judged(snapshot, visit_stop("V1", sim=3)), "parts") == [("V1", 1)]
    snapshot = stocked(a_visit(parts=quantities(sim=3)), sim=3)
    assert broken(judged(snapshot, visit_stop("V1", sim=3)), "parts") == []


def test_parts_used_must_cover_the_need() -> None:
    snapshot = stocked(a_visit(parts=quantities(sim=3)), sim=9)
    assert broken(judged(snapshot, visit_stop("V1", sim=1)), "parts") == [("V1", 2)]


def test_parts_may_be_approved_substitutes_but_not_the_other_way_round() -> None:
    camera = stocked(a_visit(parts=quantities(camera=1)), camera=1, camera2=1)
    camera2 = stocked(a_visit(parts=quantities(camera2=1)), camera=1, camera2=1)
    assert broken(judged(camera, visit_stop("V1", camera2=1)), "parts") == []
    assert broken(judged(camera2, visit_stop("V1", camera=1)), "parts") == [("V1", 1)]


@pytest.mark.parametrize("needs", [{"camera": 2, "camera2": 1}, {"camera2": 1, "camera": 2}])
def test_parts_are_matched_to_needs_in_the_best_way(needs: dict[str, int]) -> None:
    snapshot = stocked(a_visit(parts=quantities(**needs)), camera=9, camera2=9)
    assert broken(judged(snapshot, visit_stop("V1", camera=1, camera2=2)), "parts") == []
    assert broken(judged(snapshot, visit_stop("V1", camera2=3)), "parts") == []
    assert broken(judged(snapshot, visit_stop("V1", camera=3)), "parts") == [("V1", 1)]


def test_parts_move_over_to_what_else_they_can_replace() -> None:
    """An a may be replaced by x, a b by a: one of the a must serve for b, and an x for it."""
    snapshot = a_snapshot([a_visit(parts=quantities(a=3, b=1))])
    part = {p.id: p for p in snapshot.parts}["sim"]
    kinds = {"a": ("x",), "b": ("a",), "x": ()}
    snapshot = replace(
        snapshot,
        parts=tuple(replace(part, id=i, substitutes=subs) for i, subs in kinds.items()),
        technicians=(a_technician(van_stock=quantities(a=3, x=3)),),
    )
    assert broken(judged(snapshot, visit_stop("V1", a=3, x=3)), "parts") == []
    assert broken(judged(snapshot, visit_stop("V1", a=3)), "parts") == [("V1", 1)]


def test_parts_are_used_up_over_all_routes_in_order_of_time() -> None:
    visits = [a_visit(v, parts=quantities(sim=1)) for v in ("V1", "V2")]
    plan = a_plan(a_route(visit_stop("V2", sim=1), day=1), a_route(visit_stop("V1", sim=1)))
    assert broken(judge(stocked(*visits, sim=1), plan, LEGS), "parts") == [("V2", 1)]
    assert broken(judge(stocked(*visits, sim=2), plan, LEGS), "parts") == []


def test_parts_may_be_picked_up_on_the_way_but_not_afterwards() -> None:
    snapshot = stocked(a_visit(parts=quantities(sim=2)))
    before = judged(snapshot, pickup_stop(sim=2), visit_stop("V1", sim=2))
    after = judged(snapshot, visit_stop("V1", sim=2), pickup_stop(sim=2))
    assert before.violations == ()
    assert broken(after, "parts") == [("V1", 2)]


def test_parts_picked_up_at_the_very_start_of_a_visit_are_there() -> None:
    snapshot = stocked(a_visit(parts=quantities(sim=2)))
    snapshot = replace(snapshot, stations=(a_station(pickup_s=0),))
    plan = a_plan(a_route(pickup_stop(sim=2), visit_stop("V1", sim=2)))
    assert judge(snapshot, plan, FlatLegs(seconds=0)).violations == ()


def test_the_vans_of_a_crew_count_as_one() -> None:
    visit = a_visit(parts=quantities(sim=3), crew_size=2)
    plan = a_plan(a_route(visit_stop("V1", sim=3)), a_route("V1", technician_id="T2"))
    for units, expected in ((1, []), (0, [("V1", 1)])):
        technicians = [
            a_technician("T1", van_stock=quantities(sim=2)),
            a_technician("T2", van_stock=quantities(sim=units)),
        ]
        assert broken(judge(a_snapshot([visit], technicians), plan, LEGS), "parts") == expected


def test_part_pickup_takes_no_more_than_the_depot_has() -> None:
    snapshot = stocked(a_visit("V1"), a_visit("V2"))
    first = a_route(pickup_stop(sim=2), "V1")
    second = a_route(pickup_stop(sim=1), "V2", technician_id="T2")
    alone = judge(snapshot, a_plan(first), LEGS)
    both = judge(snapshot, a_plan(first, second), LEGS)
    assert broken(alone, "part_pickup") == []
    assert broken(both, "part_pickup") == [("T2@0", 1)]


def test_part_pickup_finds_a_delivery_from_its_instant_on() -> None:
    snapshot = stocked(a_visit())
    early = judged(snapshot, pickup_stop(not_before_at=at(11, 59), sim=5), "V1")
    in_time = judged(snapshot, pickup_stop(not_before_at=at(12), sim=5), "V1")
    assert broken(early, "part_pickup") == [("T1@0", 3)]
    assert broken(in_time, "part_pickup") == []


def test_part_pickup_that_goes_short_leaves_nothing_and_owes_nothing() -> None:
    snapshot = stocked(a_visit("V1"), a_visit("V2"))
    morning = a_route(pickup_stop(sim=4), "V1")
    noon = a_route(pickup_stop(not_before_at=at(12), sim=3), "V2", technician_id="T2")
    verdict = judge(snapshot, a_plan(noon, morning), LEGS)
    assert broken(verdict, "part_pickup") == [("T1@0", 2)]


# ------------------------------------------------------------------------------------ tools


def equipped(pieces: int = 1) -> Snapshot:
    """V1 and V2 need a ladder, which T3 has, and S1 has to lend."""
    return a_snapshot(
        [a_visit("V1", tools=("ladder",), crew_size=1), a_visit("V2", tools=("ladder",))],
        [a_technician("T1"), a_technician("T2"), a_technician("T3", tools=("ladder",))],
        stations=(a_station(tools=(ToolStock("ladder", pieces),)),),
    )


def test_tool_must_be_on_the_van_or_borrowed_before() -> None:
    borrow = pickup_stop(tools=("ladder",))
    assert broken(judged(equipped()), "tool") == [("V1", 1)]
    assert broken(judged(equipped(), "V1", borrow), "tool") == [("V1", 1)]
    assert broken(judged(equipped(), borrow, "V1", "V2"), "tool") == []
    own = judge(equipped(), a_plan(a_route("V1", technician_id="T3")), LEGS)
    assert broken(own, "tool") == []


def test_a_tool_on_the_van_of_one_member_serves_the_crew() -> None:
    snapshot = equipped()
    snapshot = replace(snapshot, visits=(replace(snapshot.visits[0], crew_size=2),))
    plan = a_plan(a_route("V1"), a_route("V1", technician_id="T3"))
    assert judge(snapshot, plan, LEGS).violations == ()


def test_no_more_tools_are_lent_at_one_time_than_the_station_has() -> None:
    borrow = pickup_stop(tools=("ladder",))
    plan = a_plan(a_route(borrow, "V1"), a_route(borrow, "V2", technician_id="T2"))
    assert broken(judge(equipped(1), plan, LEGS), "tool") == [("T2@0", 1)]
    assert broken(judge(equipped(2), plan, LEGS), "tool") == []


@pytest.mark.parametrize(("minute", "expected"), [(9, [("T2@0", 1)]), (10, [])])
def test_a_tool_comes_back_with_the_finish_of_the_route(
    minute: int, expected: list[tuple[str, int]]
) -> None:
    """T1 comes home at 10:10."""
    borrow = pickup_stop(tools=("ladder",))
    later = pickup_stop(tools=("ladder",), not_before_at=at(10, minute))
    plan = a_plan(a_route(borrow, "V1"), a_route(later, "V2", technician_id="T2"))
    assert broken(judge(equipped(), plan, LEGS), "tool") == expected
