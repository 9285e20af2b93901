from dataclasses import replace

import pytest

from dispatch.domain.escalation import Escalation, escalations
from dispatch.domain.events import EmergencyPlan, EmergencyReason, Event, Measure
from dispatch.domain.events import EventKind as E
from dispatch.domain.further_visits import (
    FOLLOW_UP,
    containment_of,
    follow_up_of,
    root_of,
    without,
)
from dispatch.domain.parts import PartQuantity
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.work import ClockKind, Link, Window
from tests.builders import a_snapshot, a_visit, at, clocks
from tests.dispatch.domain.lives import TO_READY, an_event, lived, minute

TOLD = (*TO_READY, E.PUBLISHED)
ARRIVED = an_event(E.ARRIVED, 10)
NO_FINDING = EmergencyPlan(
    EmergencyReason.NO_FINDING, (Measure.SECOND_TECHNICIAN, Measure.REPLACEMENT_UNIT)
)
NOT_RESTORED = EmergencyPlan(
    EmergencyReason.NOT_RESTORED, (Measure.REPLACEMENT_UNIT, Measure.SECOND_TECHNICIAN)
)


def found(*steps: E | Event, now: int, terms: ServiceTerms | None = None) -> list[Escalation]:
    """The escalations of a work order that has to be restored within 500 minutes."""
    life = lived(*steps)
    snapshot = a_snapshot(
        work_orders=[life.work_order],
        sla_rules=clocks((ClockKind.RESTORE, minute(500))),
        now_at=minute(now),
    )
    return list(escalations(snapshot, [life], terms or ServiceTerms()))


def test_no_finding_within_an_hour_on_site() -> None:
    assert found(*TOLD, ARRIVED, now=69) == []
    assert found(*TOLD, ARRIVED, now=70) == [Escalation("W1", minute(70), NO_FINDING, "V1")]
    half = ServiceTerms(finding_s=1800)
    assert [e.since_at for e in found(*TOLD, ARRIVED, now=70, terms=half)] == [minute(40)]


def test_a_technician_who_finds_nothing_need_not_wait_for_the_hour() -> None:
    told = an_event(E.NO_FINDING, 25)
    assert found(*TOLD, ARRIVED, told, now=25) == [Escalation("W1", minute(25), NO_FINDING, "V1")]


@pytest.mark.parametrize("kind", [E.FOUND, E.REPAIRED, E.VISIT_FAILED])
def test_a_finding_a_repair_or_the_end_of_the_visit_ends_the_watch(kind: E) -> None:
    assert found(*TOLD, ARRIVED, an_event(kind, 60), now=400) == []


def test_not_restored_when_the_restore_clock_has_run_out() -> None:
    assert found(*TO_READY, now=500) == []
    assert found(*TO_READY, now=501) == [Escalation("W1", minute(500), NOT_RESTORED)]


def test_a_pause_moves_the_restore_clock_and_stops_the_watch() -> None:
    paused = (*TOLD, an_event(E.PAUSED, 20))
    assert found(*paused, now=900) == []
    assert found(*paused, an_event(E.RESUMED, 120), now=600) == []
    late = found(*paused, an_event(E.RESUMED, 120), now=601)
    assert [e.since_at for e in late] == [minute(600)]


@pytest.mark.parametrize(
    "steps",
    [
        (E.REPORTED, E.CANCELLED),
        (E.REPORTED, E.SOLVED_REMOTELY),
        (*TO_READY, E.QUOTE_ASKED, E.QUOTE_REFUSED),
        (*TOLD, ARRIVED, an_event(E.REPAIRED, 30)),
    ],
)
def test_what_is_over_or_restored_needs_no_plan(steps: tuple[E | Event, ...]) -> None:
    assert found(*steps, now=900) == []


def test_a_plan_is_asked_for_once_for_each_reason() -> None:
    opened = an_event(E.EMERGENCY_OPENED, 80, details=NO_FINDING)
    closed = an_event(E.EMERGENCY_CLOSED, 90)
    assert found(*TOLD, ARRIVED, opened, now=900) == []
    assert [e.plan for e in found(*TOLD, ARRIVED, opened, closed, now=900)] == [NOT_RESTORED]


def test_the_oldest_is_first() -> None:
    both = found(*TOLD, an_event(E.ARRIVED, 480), now=700)
    assert [e.plan for e in both] == [NOT_RESTORED, NO_FINDING]


# ---------------------------------------------------------------------------------- further visits


def test_an_emergency_is_contained_before_the_repair() -> None:
    repair = a_visit("V1", release_at=at(9))
    found = containment_of(repair, ServiceTerms(containment_s=1200), {"V1-C1"})
    assert found.link == Link("V1-C2", "V1")
    assert found.visit == a_visit(
        "V1-C2",
        work_order_id=repair.work_order_id,
        duration_s=1200,
        release_at=at(9),
        stops=(ClockKind.RESPOND, ClockKind.ARRIVE),
    )
    assert found.repair == replace(repair, stops=(ClockKind.RESTORE,))


def test_a_follow_up_needs_the_same_but_keeps_no_promise() -> None:
    failed = a_visit(
        "V1",
        parts=(PartQuantity("sim", 1),),
        windows=(Window(at(9), at(10)),),
        release_at=at(8),
        wished_technician_id="T1",
    )
    again = follow_up_of(failed, {"V1"})
    assert again == replace(failed, id="V1-F1", windows=(), release_at=None)
    assert follow_up_of(again, {"V1", "V1-F1"}).id == "V1-F2"
    other = (PartQuantity("camera", 2),)
    assert follow_up_of(failed, (), other).parts == other


@pytest.mark.parametrize(
    ("visit_id", "root"),
    [("V1", "V1"), ("V1-F2", "V1"), ("V1-Final", "V1-Final"), ("V1-F1-C1", "V1-F1-C1")],
)
def test_a_further_visit_is_named_after_the_first_one(visit_id: str, root: str) -> None:
    assert root_of(visit_id, FOLLOW_UP) == root


def test_the_others_stop_the_clocks_of_a_visit_that_nobody_wants() -> None:
    made = containment_of(a_visit("V1"), ServiceTerms(), ())
    assert list(without(made.visit, [made.repair])) == [a_visit("V1")]
    assert list(without(a_visit("V2"), [a_visit("V1")])) == []
