"""Sweeps, bottlenecks and suggestions find what was put there to be found."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from dispatch.exchange.documents import write_snapshot
from dispatch.exchange.errors import DataErrors
from dispatch.horizon import snapshot_of
from dispatch.planning import make_plan
from dispatch.texts import Language
from dispatch.travel import travel_of
from scenarios.bottlenecks import bottlenecks, gone_wrong
from scenarios.changes import Change
from scenarios.changes.people import Hire, Overtime, Train
from scenarios.changes.stock import Delivery, Stock
from scenarios.changes.work import Demand
from scenarios.generate import TYPICAL, generate
from scenarios.report import sweep_report
from scenarios.run import carry_out, jobs_of
from scenarios.scenario import Loaded, load_scenario
from scenarios.scenario_file import Target
from scenarios.study_told import told_suggestion, told_sweep
from scenarios.suggest import Suggestion, attained, suggest, taken
from scenarios.sweep import Sweep, sweep
from tests.scenarios.laboratories import a_laboratory, a_scenario, busy_day, everybody_can

HEAD = "name: test\nbase: base.json\nseeds: 2\niterations: 60\n"


def a_file(folder: Path, text: str, base: Snapshot | None = None) -> Loaded:
    write_snapshot(busy_day() if base is None else base, folder / "base.json")
    path = folder / "scenario.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_scenario(path)


# --------------------------------------------------------------------------------------- sweeps


def hired(folder: Path, yuan: int, values: str = "[3, 0, 1, 2]") -> Sweep:
    text = (
        f"sweep:\n  - {{change: {{change: hire, like: T1}}, vary: count,"
        f" values: {values}, yuan: {yuan}}}\n"
    )
    return sweep(a_file(folder, text), a_laboratory(folder))


def test_a_curve_runs_from_few_to_many_and_saves_less_and_less(tmp_path: Path) -> None:
    found = hired(tmp_path, 0)
    assert [p.values for p in found.points] == [(0,), (1,), (2,), (3,)]
    saved = [step.saved_fen.mean for step in found.steps]
    assert saved[0] > saved[1] >= saved[2] >= 0
    assert saved[0] == found.points[0].cost_fen - found.points[1].cost_fen


def test_the_knee_is_where_one_more_costs_more_than_it_saves(tmp_path: Path) -> None:
    assert [hired(tmp_path, yuan).knee.values[0] for yuan in (0, 100_000)] == [1, 0]
    priced = hired(tmp_path, 1)
    for point in priced.points:
        assert priced.knee.whole_fen <= point.whole_fen


def test_two_quantities_make_a_grid(tmp_path: Path) -> None:
    text = """sweep:
  - {change: {change: hire, like: T1}, vary: count, values: [0, 1]}
  - {change: {change: sla, clock: arrive}, vary: hours, values: [12, 14, 48]}
"""
    found = sweep(a_file(tmp_path, text), a_laboratory(tmp_path))
    assert len(found.points) == 6
    by_values = {p.values: p.carried.mean("clock:arrive") for p in found.points}
    assert by_values[0, 48] == by_values[1, 48] == 1000
    assert by_values[0, 12] < by_values[1, 12]
    cost = {p.values: p.cost_fen for p in found.points}
    steps = {(step.number, step.values): step.saved_fen.mean for step in found.steps}
    assert len(steps) == 3 + 2 * 2
    assert steps[0, (1, 12)] == cost[0, 12] - cost[1, 12]
    assert steps[1, (1, 48)] == pytest.approx((cost[1, 14] - cost[1, 48]) / 34)
    told = {p.values: p.saved for p in told_sweep("grid", (), found).points}
    assert told[0, 12] == (None, None)
    assert [s and s.fen for s in told[1, 12]] == [round(cost[0, 12] - cost[1, 12]), None]
    *_, by_hours = sweep_report("grid", found, Language.EN).sections
    assert by_hours.headings[:2] == ("count", "hours")
    assert by_hours.rows[-1][:2] == ("1", "→ 48")


def test_a_sweep_of_what_there_is_not_is_refused_with_its_place(tmp_path: Path) -> None:
    text = "sweep:\n  - {change: {change: hire, like: T9}, vary: count, values: [0, 1]}\n"
    with pytest.raises(DataErrors, match="sweep 1, change, like: 'T9'"):
        sweep(a_file(tmp_path, text), a_laboratory(tmp_path))
    text = text.replace("T9", "T1").replace("vary: count", "vary: cuont")
    with pytest.raises(DataErrors, match="sweep 1, change, cuont"):
        sweep(a_file(tmp_path, text), a_laboratory(tmp_path))


# ---------------------------------------------------------------------------------- bottlenecks


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubled_demand_makes_its_territory_the_first_bottleneck(tmp_path: Path, seed: int) -> None:
    base = everybody_can(seed)
    territory = Counter(base.site_of(v).territory for v in base.visits).most_common(1)[0][0]
    found = bottlenecks(
        a_scenario(Demand(percent=200, territories=(territory,)), base=base, iterations=150),
        a_laboratory(tmp_path),
    )
    for run in (1, 2):
        first = max(found, key=lambda b: b.by_seed[run])
        assert (first.relief.kind, first.relief.name) == ("territory", territory)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_part_that_is_gone_is_the_first_bottleneck(tmp_path: Path, seed: int) -> None:
    base = everybody_can(seed)
    gone = Stock(part="harness", units=0, vans=True)
    found = bottlenecks(a_scenario(gone, base=base, iterations=150), a_laboratory(tmp_path))
    for run in (1, 2):
        first = max(found, key=lambda b: b.by_seed[run])
        assert (first.relief.kind, first.relief.name) == ("part", "harness")


def test_where_nothing_goes_wrong_there_is_no_bottleneck(tmp_path: Path) -> None:
    assert bottlenecks(a_scenario(base=busy_day(1)), a_laboratory(tmp_path)) == ()


def test_what_goes_wrong_is_late_or_left_out() -> None:
    facts = busy_day(9)
    outcome = carry_out(jobs_of(a_scenario(base=facts, seeds=(1,)))[0])
    wrong = set(gone_wrong(facts, outcome))
    assert set(outcome.left_out) <= wrong
    on_time = outcome.figures["on_time"]
    assert len(facts.visits) - len(wrong) == on_time


# ---------------------------------------------------------------------------------- suggestions

MEASURES = """suggest:
  target: {{clock: arrive, percent: {percent}}}
  measures:
    - {{change: {{change: hire, like: T1}}, vary: count, values: [1, 2], yuan: 600}}
    - {{change: {{change: shifts, start: "04:00"}}, yuan: 500}}
    - {{change: {{change: overtime, minutes: 60}}, yuan: 100}}
"""


def suggested(folder: Path, percent: int) -> Suggestion:
    loaded = a_file(folder, MEASURES.format(percent=percent))
    found = suggest(loaded, a_laboratory(folder))
    assert found is not None
    return found


def cheapest_of_all(folder: Path, found: Suggestion) -> float:
    """By trying every set."""
    sizes = [range(len(options) + 1) for options in found.options]
    prices = []
    for levels in product(*sizes):
        options = taken(found.options, levels)
        scenario = a_scenario(*(o.change for o in options), base=busy_day(), iterations=60)
        (carried,) = a_laboratory(folder).carry_out((scenario,))
        shares = [
            attained(scenario.facts(seed), outcome, found.target)
            for seed, outcome in carried.outcomes.items()
        ]
        if sum(shares) / len(shares) >= found.target.percent:
            prices.append(sum(o.yuan for o in options))
    return min(prices)


@pytest.mark.parametrize("percent", [50, 75, 100])
def test_the_suggested_set_is_as_cheap_as_any(tmp_path: Path, percent: int) -> None:
    found = suggested(tmp_path, percent)
    assert found.is_reached
    assert found.best.percent >= percent
    assert found.best.yuan == cheapest_of_all(tmp_path, found)


def test_the_frontier_rises_in_price_and_reach(tmp_path: Path) -> None:
    found = suggested(tmp_path, 100)
    frontier = found.frontier
    assert frontier[0].yuan == 0
    for less, more in pairwise(frontier):
        assert less.yuan < more.yuan
        assert less.percent < more.percent
    told = told_suggestion("all", (), found)
    assert [one.yuan for one in told.frontier] == [one.yuan for one in frontier]
    assert [one.text for one in told.frontier if one.is_best] == [found.text(found.best.levels)]
    assert all(sentence.en and sentence.zh for sentence in told.sentences)


def test_what_cannot_be_reached_is_said_with_the_most_there_is(tmp_path: Path) -> None:
    text = """suggest:
  target: {clock: arrive, percent: 100}
  measures:
    - {change: {change: overtime, minutes: 60}, yuan: 100}
"""
    found = suggest(a_file(tmp_path, text), a_laboratory(tmp_path))
    assert found is not None
    assert not found.is_reached
    assert found.best.levels == (0,)


def test_attainment_within_hours_counts_from_the_report() -> None:
    facts = busy_day()
    outcome = carry_out(jobs_of(a_scenario(base=facts, seeds=(1,)))[0])
    waits_h = sorted(
        (a.start_at - facts.start_at).total_seconds() / 3600 for a in outcome.visits.values()
    )
    for kept, hours in enumerate(waits_h, 1):
        target = Target(clock=ClockKind.ARRIVE, percent=100, hours=hours)
        assert attained(facts, outcome, target) == pytest.approx(100 * kept / len(facts.visits))


# ------------------------------------------------------------------------------- exact relations


RELAXED: tuple[Change, ...] = (
    Hire(like="T0001"),
    Overtime(minutes=240, total_minutes=10_000),
    Train(skill="terminal"),
    Delivery(part="disk", station="ST001", units=9),
)


def exact_fen(facts: Snapshot) -> int | None:
    """What the best plan costs, by the referee, if that could be proved."""
    travel = travel_of(facts)
    plan = make_plan(
        facts, travel, iterations=200, seed=1, report=lambda _: None, stop=lambda: False, cores=1
    )
    verdict = judge(facts, plan, travel)
    assert verdict.violations == ()
    total_fen = verdict.cost.total_fen
    return total_fen if plan.bound_fen is not None and plan.bound_fen >= total_fen else None


@pytest.mark.parametrize("seed", range(1, 5))
def test_relaxing_never_makes_the_best_plan_dearer(seed: int) -> None:
    facts = snapshot_of(generate(6, seed, replace(TYPICAL, stations=1, technicians=2)))
    best_fen = exact_fen(facts)
    assert best_fen is not None
    for change in RELAXED:
        assert list(change.refusals(facts)) == []
        relaxed_fen = exact_fen(change.apply(facts, 1))
        assert relaxed_fen is not None
        assert relaxed_fen <= best_fen, change
