"""The smallest change that lets a visit in: named, exact, and true for the whole plan."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch.domain.parts import Lot
from dispatch.domain.people import Certificate, Technician, TerritoryCover
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Gate, GateKind, Link, Pin, Priority, SkillNeed, Visit, Window
from dispatch.explain import Explainer
from dispatch.horizon import snapshot_of
from dispatch.obstacles import servers_of
from dispatch.placing import left_out
from dispatch.planning import make_plan
from dispatch.relaxations import (
    BackupTerritory,
    Certified,
    DearerOut,
    EarlierStart,
    ExtraTechnician,
    GatePassed,
    MoreOvertime,
    MoreParts,
    MoreTools,
    MoreTravel,
    MoreVisits,
    PartsOnVan,
    Relaxation,
    Released,
    Unpinned,
    WiderWindow,
)
from dispatch.relaxing import Relaxer, WayIn
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, Mix
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_site,
    a_snapshot,
    a_technician,
    a_visit,
    a_work_order,
    at,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.solver.solving import PRICES, matrix, solved_small

RICHER = replace(PRICES, part_move_fen=1500, change_time_fen=4000, backup_territory_fen=4000)


def _one_day(technician_id: str = "T1", **fields: object) -> Technician:
    technician = a_technician(technician_id, shifts=(a_shift(technician_id),))
    return replace(technician, **fields)  # type: ignore[arg-type]


def _world(visits: list[Visit], technicians: list[Technician], **fields: Any) -> Snapshot:  # noqa: ANN401
    return a_snapshot(visits, technicians, **({"policy": RICHER} | fields))


def _way(snapshot: Snapshot, visit_id: str | None = None, plan: Plan | None = None) -> WayIn:
    """The way in for the only visit that a search leaves out; the referee agrees with it."""
    plan = plan or solved_small(snapshot).plan
    visit_id = visit_id or plan.unassigned[0].visit_id
    travel = matrix(snapshot, FlatLegs())
    verdict = judge(snapshot, plan, travel)
    explainer = Explainer(snapshot, travel, plan)
    way = Relaxer.of(explainer, verdict).way_in(visit_id)
    if way.plan is not None:
        after = judge(way.facts(snapshot), way.plan, travel)
        assert visit_id in after.timetable.visits
        assert set(after.violations) <= set(verdict.violations)
    return way


def _changes(snapshot: Snapshot, visit_id: str | None = None) -> tuple[Relaxation, ...]:
    way = _way(snapshot, visit_id)
    assert way.plan is not None
    return way.relaxations


def test_overtime_is_the_least_that_will_do_in_whole_minutes() -> None:
    # half an hour there and back, and 8 h 30 min 30 s: 30 min 30 s too long
    snapshot = _world([a_visit(duration_s=30_630)], [_one_day()])
    assert _changes(snapshot) == (MoreOvertime(1860, "T1", "T1@0"),)


def test_overtime_that_is_used_up_over_the_horizon_is_raised_too() -> None:
    shift = a_shift(max_overtime_s=7200)
    technician = _one_day(shifts=(shift,), max_total_overtime_s=600)
    snapshot = _world([a_visit(duration_s=30_600)], [technician])
    assert _changes(snapshot) == (MoreOvertime(1200, "T1", "T1@0"),)


def test_the_closest_technician_is_the_one_who_works_longer() -> None:
    early = _one_day("T2", shifts=(a_shift("T2", end=16),))
    snapshot = _world([a_visit(duration_s=30_600)], [early, _one_day()])
    assert _changes(snapshot) == (MoreOvertime(1800, "T1", "T1@0"),)


@pytest.mark.parametrize(("on_van", "missing"), [(0, 3), (2, 1)])
def test_parts_are_as_many_as_are_missing(on_van: int, missing: int) -> None:
    technician = _one_day(van_stock=quantities(sim=on_van))
    snapshot = _world([a_visit(parts=quantities(sim=3))], [technician])
    assert _changes(snapshot) == (MoreParts(missing, "S1", "sim"),)


def test_parts_that_others_take_are_not_there() -> None:
    lot = Lot("L1", "S1", "sim", 1, START_AT)
    south = a_site("B", territory="south")
    visits = [a_visit("V1", parts=quantities(sim=1)), a_visit("V2", "B", parts=quantities(sim=1))]
    technicians = [_one_day(), _one_day("T2", territories=(TerritoryCover("south"),))]
    snapshot = _world(visits, technicians, sites=(south,), lots=(lot,))
    assert _changes(snapshot) == (MoreParts(1, "S1", "sim"),)


@pytest.mark.parametrize(
    ("certificates", "level"),
    [((), 1), ((Certificate("camera", 1),), 2), ((Certificate("camera", 2, at(0).date()),), 2)],
)
def test_a_certificate_is_acquired_raised_or_renewed(
    certificates: tuple[Certificate, ...], level: int
) -> None:
    later = a_shift(day=1)
    technician = _one_day(certificates=certificates, shifts=(later,))
    snapshot = _world([a_visit(skills=(SkillNeed("camera", level),))], [technician])
    assert _changes(snapshot) == (Certified("T1", "camera", level),)


def test_to_renew_a_certificate_is_less_than_to_learn_a_skill() -> None:
    skill = SkillNeed("camera")
    expired = _one_day("T2", certificates=(Certificate("camera", 1, at(0, day=-3).date()),))
    snapshot = _world([a_visit(skills=(skill,))], [_one_day(), expired])
    assert _changes(snapshot) == (Certified("T2", "camera", 1),)


def test_a_territory_is_covered_as_backup() -> None:
    snapshot = _world([a_visit()], [_one_day(territories=())])
    assert _changes(snapshot) == (BackupTerritory("T1", "north"),)


def test_a_gate_that_nobody_expects_to_be_passed_is_passed() -> None:
    order = a_work_order(gates=(Gate(GateKind.QUOTE, START_AT),))
    snapshot = _world([a_visit(work_order_id="W1")], [_one_day()], work_orders=[order])
    assert _changes(snapshot) == (GatePassed("W1", GateKind.QUOTE),)


def test_a_visit_that_is_released_too_late_is_released() -> None:
    snapshot = _world([a_visit(release_at=at(16))], [_one_day(shifts=(a_shift(end=12),))])
    assert _changes(snapshot) == (Released("V1"),)


def test_a_window_closes_later() -> None:
    # nobody is there before 08:30
    snapshot = _world([a_visit(windows=(Window(at(7), at(8)),))], [_one_day()])
    cheap = replace(snapshot, policy=PRICES)
    assert _changes(cheap) == (WiderWindow(1800, "V1", later=True),)
    assert _changes(snapshot) == (EarlierStart(1800, "T1", "T1@0"),)  # nobody has to be told


def test_a_tool_is_lent() -> None:
    snapshot = _world([a_visit(tools=("ladder",))], [_one_day()])
    assert _changes(snapshot) == (MoreTools(1, "S1", "ladder"),)


def test_limits_of_a_shift_are_raised_by_what_is_missing() -> None:
    two = [a_visit("V1"), a_visit("V2")]
    assert _changes(_world(two, [_one_day(max_visits=1)])) == (MoreVisits(1, "T1"),)
    assert _changes(_world([a_visit()], [_one_day(max_travel_s=3000)])) == (MoreTravel(600, "T1"),)


def test_a_pin_is_lifted() -> None:
    technicians = [_one_day(), _one_day("T2", excluded_sites=("A",))]
    snapshot = _world([a_visit()], technicians, pins=(Pin("V1", "T2"),))
    assert _changes(snapshot) == (Unpinned("V1"),)


def test_a_visit_that_does_not_pay_would_have_to_be_worth_more() -> None:
    poor = replace(PRICES, unassigned_fen=replace(PRICES.unassigned_fen, normal=1000))
    snapshot = _world([a_visit()], [_one_day()], policy=poor)
    # an hour on the road and two that are paid: 11,000 fen
    assert _changes(snapshot) == (DearerOut(10_100, Priority.NORMAL),)


def test_one_more_technician_where_all_are_busy() -> None:
    snapshot = _world(
        [a_visit("V1", duration_s=28_800), a_visit("V2", "B", duration_s=28_800)], [_one_day()]
    )
    assert _changes(snapshot) == (ExtraTechnician("T1", "T1@0"),)


def test_one_more_technician_completes_a_crew() -> None:
    snapshot = _world([a_visit(crew_size=2)], [_one_day()])
    assert _changes(snapshot) == (ExtraTechnician("T1", "T1@0"),)


def test_a_crew_that_lacks_a_certificate() -> None:
    skill = (SkillNeed("camera"),)
    able = _one_day("T2", certificates=(Certificate("camera"),))
    expired = _one_day(certificates=(Certificate("camera", 1, at(0, day=-3).date()),))
    snapshot = _world([a_visit(crew_size=2, skills=skill)], [expired, able])
    assert _changes(snapshot) == (Certified("T1", "camera", 1),)


def test_where_no_single_change_helps_two_do() -> None:
    visit = a_visit(skills=(SkillNeed("camera"),), duration_s=30_600)
    snapshot = _world([visit], [_one_day()])
    assert set(_changes(snapshot)) == {
        MoreOvertime(1800, "T1", "T1@0"),
        Certified("T1", "camera", 1),
    }


def test_nothing_is_found_where_nothing_helps() -> None:
    way = _way(_world([a_visit()], [_one_day(excluded_sites=("A",))]))
    assert way.plan is None
    assert way.relaxations == ()


def test_what_fits_as_it_is_needs_no_change() -> None:
    snapshot = _world([a_visit()], [_one_day()])
    solved = solved_small(snapshot).plan
    taken_out = replace(solved, routes=())
    way = _way(snapshot, "V1", taken_out)
    assert way.plan is not None
    assert way.relaxations == ()
    travel = matrix(snapshot, FlatLegs())
    assert Explainer(snapshot, travel, taken_out).fitting() == ("V1",)
    assert Explainer(snapshot, travel, solved).fitting() == ()


def test_linked_visits_stay_legal() -> None:
    visits = [a_visit("V1"), a_visit("V2", "B", duration_s=27_000)]
    links = (Link("V1", "V2", same_technician=True),)
    way = _way(_world(visits, [_one_day(), _one_day("T2")], links=links), "V2")
    assert way.relaxations in [(MoreOvertime(3600, t, f"{t}@0"),) for t in ("T1", "T2")]


def _with_a_substitute() -> tuple[Snapshot, Plan]:
    """V1 uses up the only camera2 on the van; so V2 gets a camera from the base instead, and V3
    the camera2 that is there. V1 would have to begin before anybody can be there."""
    visits = [
        a_visit("V1", parts=quantities(camera2=1), windows=(Window(at(7), at(8)),)),
        a_visit("V2", "B", parts=quantities(camera=1)),
        a_visit("V3", "C", parts=quantities(camera2=1)),
    ]
    lots = (Lot("L1", "S1", "camera", 1, START_AT), Lot("L2", "S1", "camera2", 1, START_AT))
    snapshot = _world(visits, [_one_day(van_stock=quantities(camera2=1))], lots=lots)
    route = a_route(
        pickup_stop(camera=1, camera2=1),
        visit_stop("V1", camera2=1),
        visit_stop("V2", camera=1),
        visit_stop("V3", camera2=1),
    )
    return snapshot, a_plan(route)


def test_the_rest_of_a_route_may_share_out_parts_as_the_search_would_not() -> None:
    # without V1 its camera2 on the van is V3's, though the search would give it to V2
    snapshot, plan = _with_a_substitute()
    rest = left_out(plan, "V1")
    assert not judge(snapshot, rest, FlatLegs()).violations
    assert _way(snapshot, "V1", rest).relaxations == (EarlierStart(2400, "T1", "T1@0"),)


def test_who_was_forced_to_come_without_a_part_is_given_nothing_more() -> None:
    early = (Window(at(7), at(8)),)
    visits = [a_visit("V1", parts=quantities(sim=1)), a_visit("V2", "B", windows=early)]
    assert _way(_world(visits, [_one_day()]), "V2", a_plan(a_route("V1"))).plan is None


OF_ONE = MoreOvertime | EarlierStart | MoreTravel | MoreVisits | PartsOnVan
"""Changes for one technician: less of them lets in nobody else's visit either."""

DAYS = [(HARD, 3), (HARD, 4), (Mix(days=1, load=1.6, stock=0.5), 5)]


@pytest.mark.parametrize(("mix", "seed"), DAYS)
def test_every_way_in_is_legal_in_the_whole_plan_and_least(mix: Mix, seed: int) -> None:
    snapshot = snapshot_of(generate(50, seed=seed, mix=mix))
    travel = travel_of(snapshot)
    plan = make_plan(
        snapshot, travel, iterations=300, seed=1, report=lambda _: None, stop=lambda: False
    )
    verdict = judge(snapshot, plan, travel)
    explainer = Explainer(snapshot, travel, plan)
    relaxer = Relaxer.of(explainer, verdict)
    before = servers_of(plan.routes)
    found = 0
    for left in plan.unassigned:
        way = relaxer.way_in(left.visit_id)
        if way.plan is None:
            continue
        found += 1
        facts = way.facts(snapshot)
        after = judge(facts, way.plan, travel)
        assert set(after.violations) <= set(verdict.violations)
        assert left.visit_id in after.timetable.visits
        served = servers_of(way.plan.routes)
        assert all(served[visit_id] == crew for visit_id, crew in before.items())
        for less in _less(way):
            assert left.visit_id not in Explainer(less.facts(snapshot), travel, plan).fitting()
    assert found


def _less(way: WayIn) -> list[WayIn]:
    """The way in with its amount less by a step, if one amount for one technician is all."""
    return [
        replace(way, relaxations=(replace(change, amount=change.amount - change.step),))
        for change in way.relaxations
        if isinstance(change, OF_ONE) and len(way.relaxations) == 1
    ]
