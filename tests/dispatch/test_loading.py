"""From a plan back to the solver's routes, without a loss."""

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.places import ToolStock
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.horizon import snapshot_of
from dispatch.loading import from_plan
from dispatch.numbering import number
from dispatch.planning import make_plan
from dispatch.problems import PINNED_FEN, build_problem
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from solver.solve import Loaded, evaluate_plan
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_snapshot,
    a_station,
    a_technician,
    a_visit,
    at,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import matrix

BATCH = 10
TWO = [a_technician("T1"), a_technician("T2")]
CREW = a_visit("V1", crew_size=2)


@pytest.mark.parametrize("first", range(0, 60, BATCH))
def test_a_plan_costs_the_same_when_it_comes_back(first: int) -> None:
    for seed in range(first, first + BATCH):
        snapshot = snapshot_of(generate(12 + seed % 20, seed=seed, mix=(HARD, TYPICAL)[seed % 2]))
        travel = travel_of(snapshot)
        plan = make_plan(
            snapshot, travel, iterations=60, seed=seed, report=lambda _: None, stop=lambda: False
        )
        numbering = number(snapshot, travel)
        problem = build_problem(numbering, travel)
        code, fen = evaluate_plan(problem, from_plan(numbering, problem, plan))
        pins_out = sum(left.visit_id in snapshot.pin for left in plan.unassigned)
        cost = judge(snapshot, plan, travel).cost
        assert (seed, code, fen - pins_out * PINNED_FEN) == (seed, "ok", cost.total_fen)


def _loaded(
    snapshot: Snapshot, *stops: tuple[str, ...], without: str | None = None
) -> list[Loaded]:
    """The routes of T1, T2 ... on the first day."""
    travel = matrix(snapshot, FlatLegs())
    numbering = number(snapshot, travel)
    routes = [a_route(*ids, technician_id=f"T{i}") for i, ids in enumerate(stops, 1)]
    return from_plan(numbering, build_problem(numbering, travel), a_plan(*routes), without)


def _visits(routes: list[Loaded]) -> list[tuple[int, ...]]:
    return [route.visits for route in routes]


def test_each_member_of_a_crew_has_a_number_of_its_own() -> None:
    snapshot = a_snapshot([a_visit("V0"), CREW, a_visit("V2")], TWO)
    assert _visits(_loaded(snapshot, ("V0", "V1"), ("V1", "V2"))) == [(0, 1), (2, 3)]


def test_whoever_is_pinned_leads() -> None:
    snapshot = a_snapshot([CREW], TWO, pins=(Pin("V1", "T2"),))
    assert _visits(_loaded(snapshot, ("V1",), ("V1",))) == [(1,), (0,)]


def test_whoever_brings_the_tool_leads() -> None:
    visit = a_visit("V1", crew_size=2, tools=("ladder",))
    equipped = a_technician("T2", tools=("ladder",))
    snapshot = a_snapshot([visit], [TWO[0], equipped])
    assert _visits(_loaded(snapshot, ("V1",), ("V1",))) == [(1,), (0,)]


def test_a_visit_may_be_pinned_behind_any_member_of_a_crew() -> None:
    snapshot = a_snapshot([CREW, a_visit("V2")], TWO, pins=(Pin("V2", after_visit_id="V1"),))
    assert _visits(_loaded(snapshot, ("V1",), ("V1", "V2"))) == [(0,), (1, 2)]


def test_an_incomplete_crew_is_left_out() -> None:
    snapshot = a_snapshot([CREW, a_visit("V2")], TWO)
    assert _visits(_loaded(snapshot, ("V1", "V2"))) == [(2,)]


def test_all_members_of_a_crew_are_left_out_together() -> None:
    snapshot = a_snapshot([CREW, a_visit("V2")], TWO)
    assert _visits(_loaded(snapshot, ("V1", "V2"), ("V1",), without="V1")) == [(2,)]


def test_a_visit_the_technician_may_not_do_is_left_out() -> None:
    snapshot = a_snapshot(
        [a_visit("V1"), a_visit("V2", "B")], [a_technician(excluded_sites=("B",))]
    )
    assert _visits(_loaded(snapshot, ("V1", "V2"))) == [(0,)]


def test_parts_of_two_members_are_more_than_the_search_knows() -> None:
    snapshot = a_snapshot([CREW], TWO)
    travel = matrix(snapshot, FlatLegs())
    numbering = number(snapshot, travel)
    plan = a_plan(
        a_route(visit_stop("V1", sim=1)), a_route(visit_stop("V1", sim=1), technician_id="T2")
    )
    assert from_plan(numbering, build_problem(numbering, travel), plan) == []


def test_a_search_does_not_begin_from_a_plan_that_lacks_a_tool() -> None:
    """The tool was on the van when the plan was made: it had been borrowed the day before."""
    lends = a_station(tools=(ToolStock("ladder", 1),))
    snapshot = a_snapshot([a_visit("V1", tools=("ladder",))], stations=(lends,))
    travel = matrix(snapshot, FlatLegs())
    plan = make_plan(
        snapshot,
        travel,
        iterations=0,
        seed=1,
        report=lambda _: None,
        stop=lambda: False,
        start=a_plan(a_route("V1")),
    )
    assert judge(snapshot, plan, travel).violations == ()
    assert [left.visit_id for left in plan.unassigned] == ["V1"]


@pytest.mark.parametrize(("units", "from_hour", "planned"), [(1, 0, 1), (2, 9, 2), (2, 0, 2)])
def test_a_search_does_not_begin_from_a_plan_that_lacks_parts(
    units: int, from_hour: int, planned: int
) -> None:
    """There are too few, or they are not there yet when the plan picks them up."""
    visits = [a_visit(v, parts=quantities(sim=1)) for v in ("V1", "V2")]
    lots = (Lot("L1", "S1", "sim", units, at(from_hour)),)
    snapshot = a_snapshot(visits, TWO, lots=lots, policy=a_policy(1000))
    travel = matrix(snapshot, FlatLegs())
    pickup = pickup_stop(sim=1)
    start = a_plan(
        a_route(pickup, visit_stop("V1", sim=1)),
        a_route(pickup, visit_stop("V2", sim=1), technician_id="T2"),
    )
    plan = make_plan(
        snapshot,
        travel,
        iterations=0,
        seed=1,
        report=lambda _: None,
        stop=lambda: False,
        start=start,
    )
    verdict = judge(snapshot, plan, travel)
    assert (verdict.violations, len(verdict.timetable.visits)) == ((), planned)
