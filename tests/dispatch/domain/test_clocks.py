from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.clocks import clocks_of
from dispatch.domain.places import Customer, Point, Site
from dispatch.domain.policy import BALANCED
from dispatch.domain.sla import Clock, ClockTerms, ProvinceRelation, SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Gate, GateKind, Priority, WorkOrder

HOUR = 3600
ARRIVE = ClockTerms(ClockKind.ARRIVE, 12 * HOUR, "24x7", breach_fen=40_000, late_fen_per_h=3_000)


def at(hour: int, minute: int = 0, *, day: int = 29) -> datetime:
    """Local time of September 2026."""
    return datetime(2026, 9, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def snapshot(*rules: SlaRule, province: str = "Liaoning", city: str = "Dalian") -> Snapshot:
    return Snapshot(
        organisation="test",
        home_province="Liaoning",
        time_zone="Asia/Shanghai",
        start_at=at(0),
        end_at=at(0, day=30),
        now_at=at(12),
        policy=BALANCED,
        stations=(),
        customers=(Customer("taxi", "Taxi company", tier="gold"),),
        sites=(Site("site", "Yard", "taxi", Point(38.9, 121.6), province, city, "south"),),
        parts=(),
        lots=(),
        technicians=(),
        work_orders=(),
        visits=(),
        calendars=(
            Calendar("24x7", "Asia/Shanghai"),
            Calendar("office", "Asia/Shanghai", hours=(HourRange(time(9), time(17)),)),
        ),
        sla_rules=rules,
    )


ORDER = WorkOrder("W1", "site", "terminal", Priority.HIGH, reported_at=at(8))


def waiting(
    opened_at: datetime, passed_at: datetime | None = None, expected_at: datetime | None = None
) -> Gate:
    return Gate(GateKind.QUOTE, opened_at, passed_at, expected_at, waits_for_customer=True)


def due_at(*gates: Gate, terms: ClockTerms = ARRIVE) -> datetime:
    (clock,) = clocks_of(snapshot(SlaRule("all", clocks=(terms,))), replace(ORDER, gates=gates))
    return clock.due_at


def test_a_clock_takes_its_terms_and_starts_when_the_order_is_reported() -> None:
    assert clocks_of(snapshot(SlaRule("all", clocks=(ARRIVE,))), ORDER) == (
        Clock(ClockKind.ARRIVE, at(20), breach_fen=40_000, late_fen_per_h=3_000),
    )


def test_no_matching_rule_gives_no_clocks() -> None:
    assert clocks_of(snapshot(SlaRule("low", priority=Priority.LOW, clocks=(ARRIVE,))), ORDER) == ()
    assert clocks_of(snapshot(), ORDER) == ()


def test_the_first_matching_rule_wins() -> None:
    hours = [replace(ARRIVE, length_s=h * HOUR) for h in (1, 2, 3)]
    rules = (
        SlaRule("low", priority=Priority.LOW, clocks=(hours[0],)),
        SlaRule("high", priority=Priority.HIGH, clocks=(hours[1],)),
        SlaRule("all", clocks=(hours[2],)),
    )
    assert [c.due_at for c in clocks_of(snapshot(*rules), ORDER)] == [at(10)]


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (SlaRule("r", relation=ProvinceRelation.IN_PROVINCE), True),
        (SlaRule("r", relation=ProvinceRelation.OUT_OF_PROVINCE), False),
        (SlaRule("r", province="Liaoning"), True),
        (SlaRule("r", province="Jilin"), False),
        (SlaRule("r", city="Dalian"), True),
        (SlaRule("r", city="Anshan"), False),
        (SlaRule("r", product="terminal"), True),
        (SlaRule("r", product="camera"), False),
        (SlaRule("r", tier="gold"), True),
        (SlaRule("r", tier="silver"), False),
        (SlaRule("r", priority=Priority.HIGH), True),
        (SlaRule("r", priority=Priority.NORMAL), False),
        (SlaRule("r", city="Dalian", tier="silver"), False),
    ],
)
def test_every_field_of_a_rule_must_match(rule: SlaRule, matches: bool) -> None:
    found = clocks_of(snapshot(replace(rule, clocks=(ARRIVE,))), ORDER)
    assert bool(found) is matches


def test_other_provinces_are_out_of_province() -> None:
    abroad = SlaRule("out", relation=ProvinceRelation.OUT_OF_PROVINCE, clocks=(ARRIVE,))
    home = SlaRule("in", relation=ProvinceRelation.IN_PROVINCE, clocks=(ARRIVE, ARRIVE))
    assert len(clocks_of(snapshot(home, abroad, province="Jilin"), ORDER)) == 1


def test_each_clock_stops_at_its_own_recorded_event() -> None:
    rule = SlaRule("all", clocks=tuple(replace(ARRIVE, kind=kind) for kind in ClockKind))
    order = replace(ORDER, responded_at=at(8, 10), restored_at=at(11))
    clocks = clocks_of(snapshot(rule), order)
    assert [(c.kind, c.stopped_at) for c in clocks] == [
        (ClockKind.RESPOND, at(8, 10)),
        (ClockKind.ARRIVE, None),
        (ClockKind.RESTORE, at(11)),
    ]


def test_a_clock_runs_by_the_calendar_of_its_terms() -> None:
    assert due_at(terms=replace(ARRIVE, calendar_id="office")) == at(13, day=30)


def test_a_clock_pauses_while_a_gate_waits_for_the_customer() -> None:
    assert due_at(waiting(at(9), passed_at=at(11))) == at(22)


def test_a_gate_that_does_not_wait_for_the_customer_pauses_nothing() -> None:
    gate = replace(waiting(at(9), passed_at=at(11)), waits_for_customer=False)
    assert due_at(gate) == at(20)


def test_a_pause_outside_business_hours_costs_nothing() -> None:
    office = replace(ARRIVE, calendar_id="office")
    assert due_at(waiting(at(17), passed_at=at(9, day=30)), terms=office) == at(13, day=30)
    assert due_at(waiting(at(16), passed_at=at(10, day=30)), terms=office) == at(15, day=30)


def test_an_open_gate_pauses_until_it_is_expected_to_open() -> None:
    assert due_at(waiting(at(9), expected_at=at(15))) == at(2, day=30)


def test_an_open_gate_pauses_at_least_until_now() -> None:
    assert due_at(waiting(at(9))) == at(23)
    assert due_at(waiting(at(9), expected_at=at(10))) == at(23)


def test_overlapping_pauses_count_once() -> None:
    inner, outer = waiting(at(9, 30), at(10)), waiting(at(9), at(11))
    overlapping = waiting(at(10), at(12))
    assert due_at(inner, outer) == at(22)
    assert due_at(overlapping, outer) == at(23)


def test_a_pause_before_the_report_counts_only_from_the_report_on() -> None:
    assert due_at(waiting(at(6), passed_at=at(9))) == at(21)
    assert due_at(waiting(at(6), passed_at=at(7))) == at(20)


def test_a_pause_that_begins_when_the_clock_has_run_out_changes_nothing() -> None:
    assert due_at(waiting(at(20), passed_at=at(23))) == at(20)
    just_before = at(20) - timedelta(seconds=1)
    assert due_at(waiting(just_before, passed_at=at(23))) == at(23) + timedelta(seconds=1)


def test_a_gate_that_opens_later_than_now_pauses_nothing_yet() -> None:
    assert due_at(waiting(at(15))) == at(20)
