"""Cover: each backup that is named can really do it, and nobody is counted twice."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.cover import NAMED, Cover, cover_of
from dispatch.domain.parts import Lot
from dispatch.domain.people import Break, Technician
from dispatch.domain.plan import Plan, Route
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Pin, Visit, Window
from dispatch.horizon import snapshot_of
from dispatch.judged import JudgedPlan, judged
from dispatch.planning import make_plan
from dispatch.promises import promises_of
from dispatch.relaxations import MoreOvertime, OnCall
from dispatch.standing_in import StandIns
from dispatch.standing_trial import DELAYS, LATE, Miss, StandIn
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from tests.builders import (
    START_AT,
    FlatLegs,
    a_plan,
    a_route,
    a_shift,
    a_snapshot,
    a_technician,
    a_visit,
    at,
    break_stop,
    clocks,
    pickup_stop,
    quantities,
    visit_stop,
)
from tests.dispatch.covered import flaw
from tests.solver.solving import PRICES, matrix, search_alone
from tests.solver.test_agreement import MIXES

SEEDS = st.integers(0, 1_000_000)
QUARTER_S = 900


def _one_day(technician_id: str, **fields: Any) -> Technician:  # noqa: ANN401
    return replace(a_technician(technician_id, shifts=(a_shift(technician_id),)), **fields)


def _case(
    visits: list[Visit],
    plan: Plan,
    due_at: datetime,
    technicians: tuple[str | Technician, ...] = ("T1", "T2"),
    notice_s: int | None = QUARTER_S,
    **fields: Any,  # noqa: ANN401
) -> tuple[JudgedPlan, Travel]:
    """Technicians of one day; somebody has to be on site by ``due_at``."""
    rules = tuple(
        replace(rule, cover_notice_s=notice_s) for rule in clocks((ClockKind.ARRIVE, due_at))
    )
    people = [_one_day(t) if isinstance(t, str) else t for t in technicians]
    facts: dict[str, Any] = {"sla_rules": rules, "policy": PRICES} | fields
    snapshot = a_snapshot(visits, people, **facts)
    travel = matrix(snapshot, FlatLegs())
    return judged(snapshot, plan, travel), travel


def _covered(day: JudgedPlan, travel: Travel) -> Cover:
    found = cover_of(day, travel)
    for way in found.backups:
        assert flaw(day, travel, way) is None
    return found


def _names(cover: Cover) -> dict[str, str]:
    return {way.promise.visit_id: way.technician_id for way in cover.backups}


def test_somebody_idle_leaves_when_it_is_noticed() -> None:
    day, travel = _case([a_visit()], a_plan(a_route("V1")), at(10))
    (way,) = _covered(day, travel).backups
    assert (way.promise.start_at, way.promise.told_at) == (at(8, 30), at(8, 45))
    assert (way.technician_id, way.start_at, way.margin_s) == ("T2", at(9, 15), 45 * 60)


@pytest.mark.parametrize(("due", "covered"), [(at(9, 15), 1), (at(9, 14), 0)])
def test_the_backup_has_to_make_the_clock(due: datetime, covered: int) -> None:
    day, travel = _case([a_visit()], a_plan(a_route("V1")), due)
    found = _covered(day, travel)
    assert len(found.backups) == covered
    if not covered:
        assert found.uncovered[0].nearest == Miss("T2", "T2@0", LATE, 60)
        assert found.uncovered[0].remedy is None


def test_no_contract_asks_for_it() -> None:
    day, travel = _case([a_visit()], a_plan(a_route("V1")), at(10), notice_s=None)
    assert cover_of(day, travel) == Cover((), (), ())


def test_what_is_late_or_left_out_anyway_is_no_promise() -> None:
    visits = [a_visit("V1"), a_visit("V2")]
    day, travel = _case(visits, a_plan(a_route("V1")), at(8))
    assert cover_of(day, travel) == Cover((), (), ("V1", "V2"))


def test_what_somebody_has_begun_is_no_promise() -> None:
    day, travel = _case([a_visit()], a_plan(a_route("V1")), at(10), now_at=at(7))
    assert len(promises_of(day).kept) == 1
    shift = a_shift("T1", under_way_at=at(8))
    day, travel = _case(
        [a_visit()],
        a_plan(a_route("V1")),
        at(10),
        technicians=(_one_day("T1", shifts=(shift,)), "T2"),
        now_at=at(8, 40),
    )
    assert cover_of(day, travel) == Cover((), (), ())


def test_the_backup_first_does_what_he_has_left_for() -> None:
    """T2 left at 08:00 for V2, which he does from 08:30 to 09:30."""
    visits = [a_visit("V1"), a_visit("V2", "B")]
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    day, travel = _case(visits, plan, at(11))
    ways = {way.promise.visit_id: way for way in _covered(day, travel).backups}
    assert ways["V1"].start_at == at(10)
    assert [s.visit_id for s in ways["V1"].route.stops] == ["V2", "V1"]
    assert ways["V2"].technician_id == "T1"


def test_who_is_back_at_the_station_leaves_from_there() -> None:
    """T2 is back at 10:00; T1 should have been with V1 at 12:00."""
    visits = [a_visit("V1", windows=(Window(at(12), at(15)),)), a_visit("V2", "B")]
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    day, travel = _case(visits, plan, at(14))
    (way,) = (w for w in _covered(day, travel).backups if w.promise.visit_id == "V1")
    pickup_s = day.snapshot.station["S1"].pickup_s
    assert way.start_at == at(12, 45 + pickup_s // 60)


def test_nobody_gives_up_a_clock_of_his_own() -> None:
    """T2 is to be with V2, too, by 09:30; if he went to V1 first he would be there at 10:45."""
    opens = (Window(at(9), at(17)),)
    visits = [a_visit("V1"), a_visit("V2", "B", windows=opens)]
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    day, travel = _case(visits, plan, at(9, 30))
    found = _covered(day, travel)
    (bare,) = (u for u in found.uncovered if u.promise.visit_id == "V1")
    assert bare.nearest is not None
    assert bare.nearest.code in (DELAYS, LATE)


@pytest.mark.parametrize(("due", "covered"), [(at(10), 1), (at(11), 2)])
def test_nobody_is_counted_twice(due: datetime, covered: int) -> None:
    """T3 could be with either by 09:15, with the other one only at 10:45; both are at 08:30."""
    visits = [a_visit("V1", "A"), a_visit("V2", "B")]
    plan = a_plan(a_route("V1"), a_route("V2", technician_id="T2"))
    busy = {"max_visits": 1}
    people = (_one_day("T1", **busy), _one_day("T2", **busy), _one_day("T3"))
    day, travel = _case(visits, plan, due, technicians=people)
    found = _covered(day, travel)
    assert len(found.backups) == covered
    assert set(_names(found).values()) == {"T3"}
    for bare in found.uncovered:
        assert bare.nearest is not None
        assert (bare.nearest.code, bare.nearest.technician_id) == (NAMED, "T3")
        assert bare.nearest.visit_id == found.backups[0].promise.visit_id


@pytest.mark.parametrize(("units", "covered"), [(2, 0), (3, 1), (4, 2)])
def test_no_part_is_counted_twice(units: int, covered: int) -> None:
    """T1 and T2 take a camera each; what is left is for T3 and T4."""
    visits = [
        a_visit(v, site, parts=quantities(camera=1)) for v, site in (("V1", "A"), ("V2", "B"))
    ]
    plan = a_plan(
        *(
            a_route(pickup_stop(camera=1), visit_stop(v, camera=1), technician_id=t)
            for v, t in (("V1", "T1"), ("V2", "T2"))
        )
    )
    lot = Lot("L1", "S1", "camera", units, START_AT)
    people = (_one_day("T1", max_visits=1), _one_day("T2", max_visits=1), "T3", "T4")
    day, travel = _case(visits, plan, at(11), technicians=people, lots=(lot,))
    assert not day.verdict.violations
    assert len(_covered(day, travel).backups) == covered


def test_more_overtime_that_would_help_is_the_least_that_does() -> None:
    """V1 is noticed at 15:45; T2 would be there at 16:15, done at 17:15 and back at 17:45."""
    visits = [a_visit(windows=(Window(at(15, 30), at(17)),))]
    day, travel = _case(visits, a_plan(a_route("V1")), at(17))
    (bare,) = _covered(day, travel).uncovered
    assert bare.nearest == Miss("T2", "T2@0", "shift", 45 * 60)
    assert bare.remedy is not None
    assert bare.remedy.change == MoreOvertime(45 * 60, "T2", "T2@0")
    assert bare.remedy.fen == PRICES.overtime_fen_per_h * 45 // 60


def test_somebody_on_call_from_when_it_is_noticed_until_he_is_back() -> None:
    """T2 has no shift on Monday; T1 is with V1 at 08:30."""
    off = a_technician("T2", shifts=(a_shift("T2", day=1),))
    day, travel = _case([a_visit()], a_plan(a_route("V1")), at(10), technicians=("T1", off))
    (bare,) = _covered(day, travel).uncovered
    assert bare.remedy is not None
    assert bare.remedy.change == OnCall("T2", at(8, 45), at(10, 45), extra=False)
    assert bare.remedy.fen == 2 * PRICES.paid_fen_per_h
    assert bare.remedy.stand_in.start_at == at(9, 15)


def test_a_break_that_falls_due_is_taken_elsewhere() -> None:
    """T2 has a break to begin from 09:00 to 10:00 on the way home, and now another visit."""
    rest = Break(at(9), at(10, 30), 1800)
    shift = a_shift("T2", breaks=(rest,))
    visits = [a_visit("V1", windows=(Window(at(9), at(17)),)), a_visit("V2", "B")]
    plan = a_plan(a_route("V1"), a_route("V2", break_stop(), technician_id="T2"))
    people = ("T1", _one_day("T2", shifts=(shift,)))
    day, travel = _case(visits, plan, at(14), technicians=people)
    assert not day.verdict.violations
    assert _names(_covered(day, travel))["V1"] == "T2"


def test_one_of_a_crew_may_fail() -> None:
    day, travel = _case(
        [a_visit(crew_size=2)],
        a_plan(a_route("V1"), a_route("V1", technician_id="T2")),
        at(10),
        technicians=("T1", "T2", "T3"),
    )
    found = _covered(day, travel)
    assert [way.technician_id for way in found.backups] == ["T3"]
    assert [u.promise.visit_id for u in found.uncovered] == ["V1"]


def test_a_pin_to_the_one_who_fails_is_no_obstacle() -> None:
    pin = Pin("V1", "T1", at(8, 30))
    day, travel = _case([a_visit()], a_plan(a_route("V1")), at(10), pins=(pin,))
    assert _names(_covered(day, travel)) == {"V1": "T2"}


# ---------------------------------------------------------------------------- made-up days


def _drawn(seed: int) -> tuple[JudgedPlan, Travel]:
    """A plan of 8 to 19 visits, which all want cover; every other day is a quiet one."""
    mix = replace(MIXES[seed % len(MIXES)], load=0.5 if seed % 2 else 0.9)
    snapshot = snapshot_of(generate(8 + seed % 12, seed=seed, mix=mix))
    rules = (replace(r, cover_notice_s=QUARTER_S * (seed % 3)) for r in snapshot.sla_rules)
    snapshot = replace(snapshot, sla_rules=tuple(rules))
    travel = travel_of(snapshot)
    with search_alone():
        plan = make_plan(
            snapshot, travel, iterations=40, seed=seed, report=lambda _: None, stop=lambda: False
        )
    return judged(snapshot, plan, travel), travel


@settings(max_examples=20, deadline=None, derandomize=True)
@given(SEEDS)
def test_every_backup_can_really_do_it(seed: int) -> None:
    day, travel = _drawn(seed)
    found = cover_of(day, travel)
    assert [flaw(day, travel, way) for way in found.backups] == [None] * len(found.backups)
    promised = [*(w.promise for w in found.backups), *(u.promise for u in found.uncovered)]
    assert sorted(promised, key=str) == sorted(promises_of(day).kept, key=str)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(SEEDS)
def test_what_would_help_does_help(seed: int) -> None:
    day, travel = _drawn(seed)
    for bare in cover_of(day, travel).uncovered:
        if bare.remedy is not None:
            facts = bare.remedy.change.apply(day.snapshot)
            changed = JudgedPlan(facts, day.plan, day.verdict)
            assert flaw(changed, travel, bare.remedy.stand_in) is None


@settings(max_examples=12, deadline=None, derandomize=True)
@given(SEEDS)
def test_no_other_choice_covers_more(seed: int) -> None:
    """Against all choices of backups, for plans in which there are few."""
    day, travel = _drawn(seed)
    ways = _ways(day, travel)
    promises = list(dict.fromkeys(way.promise for way in ways))[:5]
    choices = [[None, *(w for w in ways if w.promise == p)][:5] for p in promises]
    some = [way for of_promise in choices for way in of_promise if way is not None]
    best = max(
        (sum(way is not None for way in chosen) for chosen in product(*choices)
         if _holds(day, travel, [way for way in chosen if way is not None])),
        default=0,
    )  # fmt: skip
    found = cover_of(day, travel)
    among = [way for way in found.backups if way.promise in promises]
    assert _holds(day, travel, list(found.backups))
    if len(some) == len(ways):
        assert len(among) == best
    else:
        assert len(found.backups) >= best


def _ways(day: JudgedPlan, travel: Travel) -> list[StandIn]:
    stand_ins = StandIns(day, travel)
    found = []
    for promise in promises_of(day).kept:
        for able in stand_ins.able(promise):
            if not isinstance(able, Miss):
                tried = stand_ins.stand_in(stand_ins.days, promise, able[0].id, able[1])
                if not isinstance(tried, Miss):
                    found.append(tried[0])
    return found


def _holds(day: JudgedPlan, travel: Travel, ways: list[StandIn]) -> bool:
    """Whether everybody can do all he is named for at once, with the parts there are."""
    named: dict[str, list[StandIn]] = defaultdict(list)
    for way in ways:
        named[way.technician_id].append(way)
    return _is_there(day.snapshot, day.plan.routes, ways) and all(
        _fits(day, travel, of_one) for of_one in named.values()
    )


def _fits(day: JudgedPlan, travel: Travel, ways: list[StandIn]) -> bool:
    stand_ins = StandIns(day, travel)
    days = stand_ins.days
    for way in sorted(ways, key=lambda w: (w.promise.told_at, w.promise.visit_id)):
        tried = stand_ins.stand_in(days, way.promise, way.technician_id, way.shift_id)
        if isinstance(tried, Miss) or tried[0].uses != way.uses:
            return False
        days = tried[1]
    return True


def _is_there(snapshot: Snapshot, routes: tuple[Route, ...], ways: list[StandIn]) -> bool:
    """Whether what all of them fetch is there by when their shifts begin, beside the plan's."""
    for until in {snapshot.shift[way.shift_id].start_at for way in ways}:
        left: Counter[tuple[str, str]] = Counter()
        for lot in snapshot.lots:
            left[lot.station_id, lot.part_id] += lot.quantity * (lot.available_at <= until)
        for station in snapshot.stations:
            left.update({(station.id, s.tool): s.quantity for s in station.tools})
        for stop in (s for route in routes for s in route.stops if s.station_id is not None):
            left.subtract({(stop.station_id or "", p.part_id): p.quantity for p in stop.parts})
            left.subtract(Counter((stop.station_id or "", tool) for tool in stop.tools))
        used: Counter[tuple[str, str]] = Counter()
        for way in ways:
            if snapshot.shift[way.shift_id].start_at <= until:
                used.update(way.uses)
        if any(used[what] > left[what] for what in used):
            return False
    return True


def test_the_same_plan_has_the_same_cover() -> None:
    day, travel = _drawn(3)
    assert cover_of(day, travel) == cover_of(day, travel)
