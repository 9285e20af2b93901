"""What peers are told, and how what they answer is judged."""

from dataclasses import replace

import pytest

from benchmarks.days import Day, make_day
from benchmarks.peers.command import table
from benchmarks.peers.judging import Judged, judge_routes, judge_solution
from benchmarks.peers.model import Due, Model, Rest, Routes, Work, model_of
from benchmarks.peers.registry import MODULES, OURS, missing, peer_of
from benchmarks.peers.running import Run, Task, plan_ours
from solver.solve import Solution, StopType

VISITS = 18
H = 3600


@pytest.fixture(scope="module")
def day() -> Day:
    return make_day(VISITS, 1)


@pytest.fixture(scope="module")
def model(day: Day) -> Model:
    return model_of(day.problem)


@pytest.fixture(scope="module")
def ours(day: Day) -> Solution:
    return plan_ours(day, 0.2, 1, 1)


def _routes(solution: Solution) -> Routes:
    return {
        route.shift: [stop.index for stop in route.stops if stop.type is StopType.VISIT]
        for route in solution.routes
    }


def test_lateness_costs_the_breach_and_every_second() -> None:
    work = Work(0, 600, ((0, 10 * H),), 1000, (Due(2 * H, 500, 100), Due(4 * H, 70, 10)))
    assert work.late_fen(2 * H) == 0
    assert work.late_fen(2 * H + 1) == 500
    assert work.late_fen(5 * H) == 500 + 300 + 70 + 10


def test_hard_windows_end_when_the_first_clock_runs_out() -> None:
    windows = ((1 * H, 3 * H), (5 * H, 9 * H))
    due = (Due(6 * H, 1, 1), Due(8 * H, 1, 1))
    assert Work(0, 600, windows, 1, due).in_time == ((1 * H, 3 * H), (5 * H, 6 * H))
    assert Work(0, 600, windows, 1, ()).in_time == windows
    assert Work(0, 600, windows, 1, (Due(0, 1, 1),)).in_time == windows


def test_a_model_knows_the_day(day: Day, model: Model) -> None:
    problem = day.problem
    assert len(model.work) == VISITS
    for number, work in enumerate(model.work):
        assert work.service_s == day.snapshot.visits[number].duration_s
        assert all(o >= problem.visit_release_s[number] for o, _ in work.windows)
        assert all(problem.is_candidate(number, shift) for shift in model.able[number])
        assert model.able[number]


def test_a_shift_begins_when_the_van_is_loaded(day: Day, model: Model) -> None:
    for number, shift in enumerate(model.shifts):
        technician, _ = day.numbering.shifts[number]
        station = day.snapshot.station[technician.station_id]
        assert shift.start_s == day.problem.shift_start_s[number] + station.pickup_s
        assert [r.duration_s for r in shift.rests] == [
            rest.duration_s for rest in technician.shifts[0].breaks
        ]


def test_a_visit_fits_a_shift_alone_with_its_rest(model: Model) -> None:
    rest = Rest(11 * H, 12 * H, 1800)
    shift = replace(model.shifts[0], start_s=8 * H, limit_s=17 * H, rests=(rest,))

    def fits(start_s: int, service_s: int) -> bool:
        work = replace(
            model.work[0],
            location=shift.location,
            service_s=service_s,
            windows=((start_s, start_s),),
        )
        return replace(model, work=(work,)).fits_alone(0, shift)

    assert fits(8 * H, 4 * H)
    assert not fits(8 * H, 4 * H + 1)  # goes on when the rest has to begin
    assert not fits(11 * H + 1799, 3 * H)
    assert fits(11 * H + 1800, 3 * H)
    assert fits(14 * H, 3 * H)
    assert not fits(14 * H, 3 * H + 1)


def test_the_price_of_a_leg_is_that_of_the_referee(day: Day, model: Model) -> None:
    policy = day.snapshot.policy
    site = day.snapshot.site_of(day.snapshot.visits[0]).id
    station = day.snapshot.technicians[0].station_id
    seconds, metres = day.travel.leg(station, site)
    fen = seconds * policy.travel_fen_per_h // H + metres * policy.travel_fen_per_km // 1000
    assert model.leg_fen[model.shifts[0].location, model.work[0].location] == fen


def test_the_verdict_on_our_plan_is_its_own_cost(day: Day, ours: Solution) -> None:
    judged = judge_solution(day, ours, OURS)
    assert judged.cost_fen == ours.cost_fen
    assert judged.violations == ()
    assert judged.refused == 0
    assert judged.planned + judged.unassigned == VISITS


def test_our_own_orders_come_back_no_dearer(day: Day, ours: Solution) -> None:
    judged = judge_routes(day, _routes(ours), "again")
    assert judged.violations == ()
    assert judged.cost_fen <= ours.cost_fen


def test_what_nobody_planned_is_offered_a_place(day: Day) -> None:
    judged = judge_routes(day, {}, "nobody")
    assert judged.violations == ()
    assert judged.planned > 0


def test_a_visit_where_it_must_not_stand_is_refused(day: Day, model: Model) -> None:
    visit, shift = next(
        (v, s) for v in range(VISITS) for s in range(len(model.shifts)) if s not in model.able[v]
    )
    judged = judge_routes(day, {shift: [visit]}, "wrong")
    assert judged.refused == 1
    assert judged.violations == ()


def test_too_much_for_a_shift_is_refused(day: Day, model: Model) -> None:
    shift = max(range(len(model.shifts)), key=lambda s: len(model.shifts[s].fen))
    visits = list(model.shifts[shift].fen)
    judged = judge_routes(day, {shift: visits}, "greedy")
    assert sum(model.work[v].service_s for v in visits) > 10 * H
    assert judged.refused > 0
    assert judged.violations == ()


@pytest.mark.parametrize("name", MODULES)
def test_a_peer_plans_a_small_day(name: str, day: Day, model: Model) -> None:
    reason = missing(name)
    if reason is not None:
        pytest.skip(reason)
    routes = peer_of(name).plan(model, 2, 1, 1)
    planned = [visit for visits in routes.values() for visit in visits]
    assert len(set(planned)) == len(planned) >= VISITS - 2
    assert all(visit in model.shifts[shift].fen for shift in routes for visit in routes[shift])
    judged = judge_routes(day, routes, name)
    assert judged.violations == ()
    assert judged.refused <= 2


def test_pyvrp_hears_of_lateness_step_by_step() -> None:
    with_pyvrp = pytest.importorskip("benchmarks.peers.with_pyvrp", exc_type=ImportError)
    work = Work(0, 600, ((1 * H, 9 * H),), 1, (Due(3 * H, 500, 100), Due(20 * H, 70, 10)))
    assert with_pyvrp._spans(work) == [(1 * H, 3 * H, 0), (3 * H + 1, 9 * H, 600)]


def test_pyvrp_has_the_hour_of_rest_cut_out(model: Model) -> None:
    with_pyvrp = pytest.importorskip("benchmarks.peers.with_pyvrp", exc_type=ImportError)
    rests = (Rest(11 * H, 12 * H, 1800), Rest(11 * H, 12 * H, H))
    shifts = tuple(
        replace(model.shifts[0], end_s=17 * H, limit_s=18 * H, rests=(rest,), fen={})
        for rest in rests
    )
    work = (Work(0, 600, ((9 * H, 11 * H), (14 * H, 15 * H)), 1, (Due(12 * H, 1, 1),)),)
    cut = with_pyvrp._without_rests(replace(model, shifts=shifts, work=work))
    assert cut.work[0].windows == ((9 * H, 11 * H), (13 * H + 1800, 14 * H))
    assert cut.work[0].dues[0].start_s == 12 * H - 600  # a repair that would go on until 12:10
    assert [s.limit_s for s in cut.shifts] == [17 * H + 1800, 17 * H]
    assert not any(s.rests for s in cut.shifts)


def _run(planner: str, seed: int, cost_fen: int | None) -> Run:
    task = Task(planner, "typical", VISITS, seed, 1, 2)
    if cost_fen is None:
        return Run(task, None, 1.0, failure="no answer")
    return Run(task, Judged(cost_fen, {}, VISITS - 1, 1, 2, 3, (), {}), 1.0, (cost_fen,))


def test_a_table_has_means_and_ratios_and_the_cheapest_first() -> None:
    lines = table(
        [
            _run("dear", 1, 220_000),
            _run(OURS, 1, 100_000),
            _run("dear", 2, 400_000),
            _run(OURS, 2, 300_000),
            _run("ill", 1, 1),
            _run("ill", 2, None),
        ]
    )
    assert [line.split()[0] for line in lines[2:]] == [OURS, "dear", "ill"]
    assert lines[2].split() == [OURS, "2000", "1.000", "1.0", "2.0", "3.0"]
    assert lines[3].split()[:3] == ["dear", "3100", "1.550"]
    assert "no plan for each day" in lines[4]
