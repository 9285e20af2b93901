"""Simulated weeks: what holds whatever chance does."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from dispatch.domain.events import Event
from dispatch.domain.lifecycle import life_of
from dispatch.domain.recorded import work_order_of
from dispatch.domain.referee import judge
from dispatch.domain.route_times import seconds_between
from dispatch.domain.transitions import State
from dispatch.domain.work import ClockKind, Visit
from dispatch.texts import Language
from dispatch.travel import travel_of
from scenarios.simulation.documents import difference, document_of, keyed, patched
from scenarios.simulation.draws import Draws
from scenarios.simulation.lived import Lived
from scenarios.simulation.log import LogError, LogFile, read_log, replayed
from scenarios.simulation.measures import DayFigures, Result, Tally
from scenarios.simulation.rates import (
    RatesError,
    assumed_rates,
    check,
    read_rates,
    write_rates,
)
from scenarios.simulation.report import simulation_report
from scenarios.simulation.routine import Routine, RoutineError, routine_of
from scenarios.simulation.simulate import simulate
from scenarios.simulation.spells import Spell, SpellError
from scenarios.simulation.staffing import staffed
from scenarios.simulation.summary import estimates, interval
from tests.scenarios.simulation_world import (
    AT_ONCE,
    CERTAIN,
    MONDAY,
    OFTEN,
    WILD,
    a_setting,
    an_organisation,
    lived,
    of_kind,
)

SEEDS = (1, 2)
ROUTINES = (OFTEN, AT_ONCE, Routine(at_once=True, every_s=4 * 3600, on_events=True))
_EVENT = TypeAdapter(Event)


def _events(lines: list[dict[str, Any]]) -> list[Event]:
    return [
        _EVENT.validate_python({k: v for k, v in line.items() if k != "line"})
        for line in lines
        if line["line"] == "event"
    ]


# ------------------------------------------------------------------------------------ what holds


@pytest.mark.parametrize("routine", ROUTINES)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_plan_passes_the_referee(seed: int, routine: Routine) -> None:
    result, lines = lived(a_setting(seed=seed, routine=routine))
    state: dict[str, Any] = {}
    for line in lines:
        if line["line"] == "plan":
            state = patched(state, line["changes"])
            found = document_of(state)
            verdict = judge(found.snapshot, found.plan, travel_of(found.snapshot))
            assert (line["at"], verdict.violations) == (line["at"], ())
    assert [d.plan_violations for d in result.days] == [[], []]
    assert sum(d.visits for d in result.days) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_ticket_has_a_legal_life_and_ends_once_or_is_open(seed: int) -> None:
    result, lines = lived(a_setting(seed=seed))
    by_order: dict[str, list[Event]] = {}
    for event in _events(lines):
        by_order.setdefault(event.work_order_id, []).append(event)
    over = 0
    for order_id, events in by_order.items():
        names = dict.fromkeys(e.visit_id for e in events if e.visit_id is not None)
        run_in = {e.visit_id for e in events if e.kind.value.startswith("run_in")}
        visits = [Visit(v, order_id, 60, run_in_s=60 * (v in run_in)) for v in names]
        life = life_of(_order(order_id), visits, events)
        assert life.waiting == ()
        assert life.order in (State.CLOSED, State.CLEARED)
        over += life.order is State.CLOSED
        assert work_order_of(life).responded_at is not None
    reported = sum(d.tickets for d in result.days)
    closed = sum(d.fixed.count + d.solved_remotely for d in result.days)
    assert (len(by_order), over) == (reported, closed)


def _order(order_id: str) -> Any:  # noqa: ANN401 - a work order with an id of its own
    return replace(an_organisation().work_orders[0], id=order_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_in_two_places(seed: int) -> None:
    _, lines = lived(a_setting(seed=seed))
    busy: dict[str, list[tuple[str, str]]] = {}
    began = {e["visit_id"]: e for e in of_kind(lines, "arrived")}
    ends = of_kind(lines, "repaired") + of_kind(lines, "visit_failed")
    for end in ends:
        start = began[end["visit_id"]]
        busy.setdefault(start["by"], []).append((start["happened_at"], end["happened_at"]))
    for spans in busy.values():
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in pairwise(ordered))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_part_comes_from_nowhere_or_is_lost(seed: int) -> None:
    """When all is over: what was used is on order, all else is where it was or on a van."""
    setting = a_setting(seed=seed, days=4, rates=replace(WILD, tickets_per_day=4.0))
    _, lines = lived(setting)
    state: dict[str, Any] = {}
    for line in lines:
        if line["line"] == "plan" and line["at"] < "2026-10-14T23:30":  # 15 October, before work
            state = patched(state, line["changes"])
    snapshot = document_of(state).snapshot
    there = sum(lot.quantity for lot in snapshot.lots)
    there += sum(p.quantity for t in snapshot.technicians for p in t.van_stock)
    at_first = sum(lot.quantity for lot in setting.organisation.lots)
    at_first += sum(p.quantity for t in setting.organisation.technicians for p in t.van_stock)
    assert any("parts_used" in e["details"] for e in of_kind(lines, "repaired"))
    assert there == at_first


# ----------------------------------------------------------------------------- without any chance


def test_without_chance_everything_goes_as_it_was_told() -> None:
    """Assigned at once, and nothing is planned anew: each visit starts when it was last told."""
    _, lines = lived(a_setting(CERTAIN, AT_ONCE))
    told = {e["visit_id"]: e["details"]["start_at"] for e in of_kind(lines, "published")}
    arrived = {e["visit_id"]: e["happened_at"] for e in of_kind(lines, "arrived")}
    assert len(arrived) >= 3
    assert all(told[visit_id] == at for visit_id, at in arrived.items())


def test_without_chance_repairs_take_as_long_as_planned() -> None:
    setting = a_setting(CERTAIN, AT_ONCE)
    _, lines = lived(setting)
    planned = {v.duration_s for v in setting.organisation.visits}
    events = _events(lines)
    start = {e.visit_id: e.happened_at for e in events if e.kind.value == "arrived"}
    took = {
        seconds_between(start[e.visit_id], e.happened_at)
        for e in events
        if e.kind.value == "repaired"
    }
    assert took
    assert took <= planned


# ---------------------------------------------------------------------------------- the same again


def test_the_same_seed_makes_the_same_log(tmp_path: Path) -> None:
    setting = a_setting(seed=5)
    paths = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]
    for path in paths:
        with LogFile(path) as log:
            simulate(setting, log.write, lambda _: None, lambda: False)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_without_a_technician_tickets_keep_their_facts() -> None:
    def tickets(technicians: int) -> list[tuple[str, str]]:
        _, lines = lived(a_setting(organisation=an_organisation(technicians)))
        kinds = ("reported", "solved_remotely", "on_site_needed")
        return [(e["work_order_id"], e["happened_at"]) for k in kinds for e in of_kind(lines, k)]

    assert tickets(1) == tickets(2)


def test_more_demand_brings_the_same_tickets_and_more() -> None:
    def tickets(per_day: float) -> set[tuple[str, str]]:
        _, lines = lived(a_setting(replace(WILD, tickets_per_day=per_day)))
        return {(e["work_order_id"], e["happened_at"]) for e in of_kind(lines, "reported")}

    assert tickets(4.0) < tickets(12.0)


def test_chance_belongs_to_things() -> None:
    draws = Draws(1)
    assert draws.share("a", 1) == draws.share("a", 1)
    assert len({draws.share("a", 1), draws.share("a", 2), draws.share("b", 1)}) == 3
    few = Draws(3).factors(0.2, "drive", ("A", "B"), MONDAY)
    many = Draws(3).factors(0.2, "drive", ("X", "A", "B"), MONDAY)
    assert (few == many[1:, 1:]).all()


def test_counts_have_the_mean_that_is_expected() -> None:
    counts = [Draws(1).count(2.5, "n", i) for i in range(4000)]
    assert abs(sum(counts) / len(counts) - 2.5) < 0.1


# ---------------------------------------------------------------------------------- logs, replays


def test_a_replay_is_what_was_known_and_told(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    snow = Spell("snow", MONDAY, MONDAY + timedelta(days=1), ("Shenyang",), travel=1.5)
    with LogFile(path) as log:
        simulate(a_setting(spells=(snow,)), log.write, lambda _: None, lambda: False)
    plans = [line for line in read_log(path) if line["line"] == "plan"]
    for line in (plans[0], plans[len(plans) // 2], plans[-1]):
        found = replayed(path, _EVENT_TIME.validate_python(line["at"]))
        assert found.snapshot.now_at.isoformat() == line["at"]
        verdict = judge(found.snapshot, found.plan, travel_of(found.snapshot))
        assert verdict.cost.total_fen == line["cost_fen"]


_EVENT_TIME = TypeAdapter(type(an_organisation().planning_at))


def test_a_replay_before_the_first_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with LogFile(path) as log:
        simulate(a_setting(), log.write, lambda _: None, lambda: False)
    with pytest.raises(LogError, match="first one was made at 2026-10-11 22:00"):
        replayed(path, an_organisation().planning_at.replace(year=2020))


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("{}\n")
    with pytest.raises(LogError, match="format_version"):
        list(read_log(path))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"a": [{"id": "x", "n": 1}]}),
        ({"a": [{"id": "x", "n": 1}]}, {"a": []}),
        ({"a": [{"id": "x", "n": 1}, {"id": "y"}]}, {"a": [{"id": "y"}, {"id": "x", "n": 2}]}),
        ({"a": [1, 2], "b": None}, {"a": [2], "c": {"d": 1}}),
        ({"a": [{"id": "x"}, {"id": "x"}]}, {"a": [{"id": "x"}]}),
    ],
)
def test_a_difference_is_all_there_is_to_say(before: Any, after: Any) -> None:  # noqa: ANN401
    said = json.loads(json.dumps(difference(keyed(before), keyed(after))))
    assert patched(keyed(before), said) == keyed(after)


# ------------------------------------------------------------------------------- stopping, figures


def test_what_was_lived_through_is_kept_when_somebody_stops_it() -> None:
    asked = iter([False] * 20)
    result = simulate(a_setting(), lambda _: None, lambda _: None, lambda: next(asked, True))
    assert not result.complete
    assert len(result.days) < 2


def test_warm_up_does_not_count() -> None:
    result, _ = lived(a_setting(warm_up=1))
    assert [len(result.days), len(result.counted)] == [2, 1]


def test_utilisation_is_paid_time_over_regular_shifts() -> None:
    result, _ = lived(a_setting(CERTAIN))
    paid_s = sum(w.paid_s for d in result.days for w in d.work.values())
    regular_s = sum(w.regular_s for d in result.days for w in d.work.values())
    assert regular_s == 2 * 2 * 9 * 3600
    assert estimates([result])["utilisation"].value == pytest.approx(paid_s / regular_s)


def test_an_interval_is_that_of_student() -> None:
    ends = interval([1.0, 2.0, 3.0])
    assert ends is not None
    assert ends == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5))
    assert interval([1.0]) is None


def _a_year(seed: int) -> Result:
    """So many visits are open each night, and one of two clocks of the first seed is kept."""
    days = [DayFigures(MONDAY + timedelta(days=n), open_visits=seed) for n in range(364)]
    for day in days:
        day.clocks[ClockKind.ARRIVE] = Tally(2, seed)
    return Result(tuple(days), MONDAY, complete=True, no_patterns=0)


def test_no_part_is_more_than_the_whole() -> None:
    found = estimates([_a_year(1), _a_year(2)])["on_time_arrive"]
    assert (found.value, found.low, found.high) == (0.75, 0.0, 1.0)


def test_a_report_puts_the_days_of_all_seeds_together_and_marks_what_is_not_usual() -> None:
    storm = Spell("storm", MONDAY + timedelta(days=13), MONDAY + timedelta(days=14))
    setting = a_setting(days=364, warm_up=7, spells=(storm,))
    results = (_a_year(1), _a_year(2), _a_year(6))
    found = Lived(setting, results, Language.EN)
    assert [len(found.periods(most)) for most in (400, 60, 20)] == [364, 52, 13]
    weeks = found.periods(60)
    line = found.line("open_visits", weeks, has_band=True)
    assert {*zip(line.lows, line.values, line.highs, strict=True)} == {(1.0, 3.0, 6.0)}
    assert [(m.first, m.last, m.is_quiet) for m in found.marks(weeks)] == [
        (0, 0, True),
        (1, 2, False),
    ]
    for lang in Language:
        report = simulation_report(setting, results, lang)
        assert report.sections[0].rows
    assert simulation_report(setting, (), Language.EN).lines[-1] == "No day that counts is over."


# ------------------------------------------------------------------------------ what can be asked


def test_routines_are_read() -> None:
    assert routine_of("every-60") == Routine(every_s=3600)
    assert routine_of("at-once+every-120+events") == Routine(True, 7200, True)


@pytest.mark.parametrize(
    "text", ["", "hourly", "every-1", "events", "at-once+at-once", "every-60+"]
)
def test_other_routines_are_refused(text: str) -> None:
    with pytest.raises(RoutineError, match="every-60"):
        routine_of(text)


def test_rates_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    write_rates(WILD, path)
    assert read_rates(path) == WILD


def test_rates_that_make_no_sense_are_refused_all_at_once() -> None:
    wrong = replace(WILD, remote=1.5, hours=(1.0,), flows=())
    with pytest.raises(
        RatesError, match=r"remote is 1.5.*hours has 1 figures.*flows has no weight"
    ):
        check(wrong, "rates.json")


def test_assumed_rates_are_as_the_open_work() -> None:
    rates = assumed_rates(an_organisation())
    assert rates.tickets_per_day == 1.5
    assert [(f.city, f.product, f.weight) for f in rates.flows] == [("Shenyang", "terminal", 3.0)]


def test_a_spell_brings_more_tickets_and_keeps_people_at_home() -> None:
    spell = Spell("typhoon", MONDAY, MONDAY, ("Shenyang",), demand=3.0, stopped=True)
    calm, _ = lived(a_setting(CERTAIN))
    rough, _ = lived(a_setting(CERTAIN, spells=(spell,)))
    assert rough.days[0].tickets > calm.days[0].tickets
    assert [rough.days[0].visits, rough.days[1].visits > 0] == [0, True]
    assert rough.days[1].tickets == calm.days[1].tickets


def test_a_spell_in_an_unknown_city_is_refused() -> None:
    with pytest.raises(SpellError, match="'Atlantis'"):
        lived(a_setting(spells=(Spell("flood", MONDAY, MONDAY, ("Atlantis",)),)))


def test_more_technicians_are_copies() -> None:
    more = staffed(an_organisation(2), 150)
    assert [t.id for t in more.technicians] == ["T1", "T1+1", "T2"]
    assert {p.technician_id for p in more.shift_patterns} == {"T1", "T1+1", "T2"}
    assert [lot.quantity for lot in more.lots] == [30]
    assert [t.id for t in staffed(an_organisation(2), 50).technicians] == ["T1"]
