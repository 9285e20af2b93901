"""What has to be seen to, and what a month came to, by what is on record."""

from datetime import date, time

import pytest

from dispatch.commands.tickets import VisitNeeds, contain
from dispatch.domain.after_service import DutyKind
from dispatch.domain.events import (
    Complaint,
    Failure,
    FailureReason,
    PartUsed,
    Publication,
    Quote,
    Repair,
    ReturnedUnit,
    Satisfaction,
)
from dispatch.domain.events import EventKind as E
from dispatch.domain.people import ShiftPattern
from dispatch.domain.reporting import (
    FirstTimeFixRow,
    MonthlyReport,
    PartsUsedRow,
    SatisfactionRow,
    TechnicianRow,
)
from dispatch.domain.work import ClockKind, GateKind
from dispatch.exchange.work_order_form import SentQuote
from dispatch.form_details import form_details
from dispatch.reporting import monthly_report
from dispatch.store import queries_work
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.work_lists import WorkLists, lists_now
from dispatch.work_order_facts import work_order_facts
from tests.dispatch.commands.records import (
    HOUR,
    PUBLISHED,
    REPAIRED,
    Record,
    an_organisation,
    found,
    minute,
)

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
DAY = 24 * HOUR


@pytest.fixture(name="known")
def _known(database: Database) -> Record:
    made = found(database)
    made.ticket()
    return made


def _lists(known: Record, at: int, within_s: int = 3600) -> WorkLists:
    with known.database.reading() as session:
        return lists_now(session, minute(at), within_s)


def _report(known: Record, first: date, last: date, at: int = 40 * DAY) -> MonthlyReport:
    with known.database.reading() as session:
        return monthly_report(session, first, last, minute(at))


# ------------------------------------------------------------------------------------------ lists


def test_clocks_are_at_risk_before_they_are_broken(known: Record) -> None:
    assert [(c.kind, c.station) for c in _lists(known, 10).at_risk] == [(ClockKind.RESPOND, "S1")]
    later = _lists(known, 4 * HOUR, within_s=0)
    assert [c.kind for c in later.at_risk] == [ClockKind.ARRIVE]
    assert [c.kind for c in later.broken] == [ClockKind.RESPOND]


def test_work_orders_that_are_over_need_nobody(known: Record) -> None:
    known.tell(E.CANCELLED, 5)
    lists = _lists(known, 10 * HOUR)
    assert (lists.at_risk, lists.broken, lists.waiting, lists.emergencies) == ((), (), (), ())


def test_what_waits_at_a_gate_says_for_whom(known: Record) -> None:
    assert [w.gate for w in _lists(known, 1).waiting] == [GateKind.REMOTE_DIAGNOSIS]
    known.ticket("W2", equipment_id="E2", skip_diagnosis=True)
    known.tell(E.QUOTE_ASKED, 9, order="W2", details=Quote(100, minute(60)))
    waiting = {w.work_order_id: w for w in _lists(known, 10).waiting}
    assert waiting["W2"].waits_for_customer
    assert waiting["W2"].expected_at == minute(60)


def test_emergencies_show_with_the_station_to_alert(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    (due,) = _lists(known, 2 * HOUR).emergencies
    assert (due.work_order_id, due.opened_at, due.station_id) == ("W1", None, "S1")
    known.tell(E.NO_FINDING, 50)
    (opened,) = _lists(known, 2 * HOUR).emergencies
    assert opened.opened_at == minute(50)


def test_calls_and_complaints_are_duties_until_they_are_done(known: Record) -> None:
    last = known.go(*REPAIRED, E.SIGNED_OFF, E.CLOSED)
    known.tell(E.COMPLAINT_RECEIVED, last, details=Complaint("C7"))
    duties = [d.kind for d in _lists(known, last + 1).duties]
    assert sorted(duties) == sorted(DutyKind)
    known.tell(E.SATISFACTION_CALLED, 2 * DAY, details=Satisfaction(4))
    known.tell(E.COMPLAINT_ANSWERED, 2 * DAY, details=Complaint("C7"))
    assert [d.kind for d in _lists(known, 90 * DAY).duties] == [DutyKind.CLOSE]
    known.tell(E.COMPLAINT_CLOSED, 3 * DAY, details=Complaint("C7"))
    assert _lists(known, 90 * DAY).duties == ()


def test_facts_without_effect_are_listed_until_they_have_some(known: Record) -> None:
    known.go(*PUBLISHED)
    early = known.event(E.REPAIRED, 50)
    known.send(early, late=True)
    assert [event.id for event in _lists(known, 60).pending] == [early.id]
    known.send(known.event(E.ARRIVED, 40), at=60, late=True)
    assert _lists(known, 60).pending == ()


def test_lists_are_paged_by_key(known: Record) -> None:
    for number in range(2, 6):
        known.ticket(f"W{number}")
    with known.database.reading() as session:
        first = queries_work.work_order_page(session, "reported", limit=3)
        rest = queries_work.work_order_page(session, "reported", after=first[-1].id, limit=3)
        assert [row.id for row in (*first, *rest)] == ["W1", "W2", "W3", "W4", "W5"]
        assert queries_work.work_orders_by_state(session) == {"reported": 5}


def test_a_work_order_tells_all_of_itself(known: Record) -> None:
    known.go(*PUBLISHED)
    with known.database.reading() as session:
        facts = work_order_facts(session, "W1", minute(30))
    assert facts.ticket is not None
    assert facts.ticket.contact == "Wang"
    assert [c.kind for c in facts.clocks] == list(ClockKind)
    assert E.DEPARTED in facts.visits[0].legal
    assert facts.visits[0].told is not None


# ----------------------------------------------------------------------------------------- reports


def _a_month(known: Record) -> None:
    """W1 is repaired at once, W2 at the second visit, late; a call, a complaint, parts."""
    for order in ("W1", "W2"):
        if order == "W2":
            known.ticket("W2", at=1)
        known.tell(E.ON_SITE_NEEDED, 10, order=order)
        told = Publication(("T1",), minute(600))
        known.tell(E.PUBLISHED, 11, order=order, details=told)
    known.tell(E.DEPARTED, 9 * HOUR)
    known.tell(E.ARRIVED, 9 * HOUR + 30)
    units = Repair((PartUsed("camera", serials=("SN9",)),), (ReturnedUnit("camera", "SN1"),))
    known.tell(E.REPAIRED, 10 * HOUR, details=units)
    known.tell(E.SIGNED_OFF, 10 * HOUR + 5)
    known.tell(E.SATISFACTION_CALLED, DAY + 10 * HOUR, details=Satisfaction(5))
    known.tell(E.COMPLAINT_RECEIVED, DAY, details=Complaint("C1"))
    known.tell(E.ARRIVED, 16 * HOUR + 50, order="W2")
    failure = Failure(FailureReason.MISSING_PART)
    known.tell(E.VISIT_FAILED, 18 * HOUR, order="W2", details=failure)
    second = {"order": "W2", "visit": "W2-1-F1"}
    known.tell(E.PUBLISHED, 19 * HOUR, details=Publication(("T2",), minute(DAY)), **second)
    known.tell(E.ARRIVED, DAY + 9 * HOUR, **second)
    known.tell(E.REPAIRED, DAY + 10 * HOUR, **second)


def test_a_month_is_what_was_recorded_in_it(known: Record) -> None:
    _a_month(known)
    report = _report(known, SEPTEMBER, SEPTEMBER)
    counts = {(r.clock, r.counted, r.kept, r.station) for r in report.attainment}
    assert (
        counts
        == {
            (ClockKind.RESPOND, 1, 0, "S1"),
            (ClockKind.ARRIVE, 1, 0, "S1"),
            (ClockKind.RESTORE, 1, 0, "S1"),
        }
        or sum(r.counted for r in report.attainment) == 6
    )
    assert report.first_time_fix == (FirstTimeFixRow(SEPTEMBER, "S1", "terminal", 2, 1),)
    assert report.parts_used == (PartsUsedRow(SEPTEMBER, "S1", "camera", "Camera", 1, 1),)
    # Of the first of October is the call: three working days after the sign-off on Monday.
    assert report.satisfaction == (SatisfactionRow(SEPTEMBER, "S1", 0, 0, 0, 0, 1),)
    first, second = report.technicians
    assert (first.technician_id, first.visits, first.repairs, first.first_time) == ("T1", 2, 2, 1)
    assert (first.travel_s, first.overtime_s) == (1800, 3600)
    assert (second.technician_id, second.visits, second.first_time) == ("T2", 1, 0)
    assert isinstance(first, TechnicianRow)


def test_a_call_counts_when_it_was_due(known: Record) -> None:
    known.go(*PUBLISHED)
    known.tell(E.ARRIVED, 2 * DAY + HOUR)
    known.tell(E.REPAIRED, 2 * DAY + 2 * HOUR)
    known.tell(E.SIGNED_OFF, 2 * DAY + 3 * HOUR)
    known.tell(E.SATISFACTION_CALLED, 3 * DAY + 10 * HOUR, details=Satisfaction(3))
    assert _report(known, SEPTEMBER, SEPTEMBER).satisfaction == ()
    report = _report(known, SEPTEMBER, OCTOBER)
    assert report.satisfaction == (SatisfactionRow(OCTOBER, "S1", 1, 1, 0, 3, 0),)


def test_a_clock_of_another_month_counts_for_who_stopped_it(known: Record) -> None:
    """Due in September, done in October."""
    known.tell(E.ON_SITE_NEEDED, 10)
    known.tell(E.PUBLISHED, 11)
    known.tell(E.ARRIVED, 4 * DAY)
    known.tell(E.REPAIRED, 4 * DAY + 10)
    (done,) = _report(known, OCTOBER, OCTOBER).technicians
    assert _report(known, OCTOBER, OCTOBER).attainment == ()
    assert (done.month, done.visits, done.clocks, done.kept) == (OCTOBER, 1, 3, 0)


def test_a_complaint_counts_however_long_the_work_has_been_over(known: Record) -> None:
    known.go(*REPAIRED, E.SIGNED_OFF, E.CLOSED)
    known.tell(E.COMPLAINT_RECEIVED, 130 * DAY)
    february = date(2027, 2, 1)
    (row,) = _report(known, february, february, at=140 * DAY).satisfaction
    assert (row.month, row.complaints) == (february, 1)


def test_a_split_shift_has_no_overtime_where_the_next_one_begins(database: Database) -> None:
    halves = tuple(
        ShiftPattern(t, "workdays", time(a), time(b), max_overtime_s=4 * 3600)
        for t in ("T1", "T2")
        for a, b in ((8, 12), (13, 17))
    )
    known = found(database, an_organisation(shift_patterns=halves))
    for order, begin, end in (("W1", 11, 12 * 60 + 30), ("W2", 14, 15 * 60)):
        known.ticket(order)
        known.tell(E.ON_SITE_NEEDED, 10, order=order)
        known.tell(E.PUBLISHED, 11, order=order)
        known.tell(E.ARRIVED, begin * HOUR, order=order)
        known.tell(E.REPAIRED, end, order=order)
    (done,) = _report(known, SEPTEMBER, SEPTEMBER).technicians
    assert (done.visits, done.overtime_s) == (2, 1800)


def test_who_contains_a_fault_takes_nothing_from_the_first_time_fix(known: Record) -> None:
    made = in_writing(known.database, lambda s: contain(s, "W1", "desk", minute(1)))
    known.tell(E.ON_SITE_NEEDED, 2)
    for start, visit in ((3, made.visit_id), (20, "W1-1")):
        for number, kind in enumerate((E.PUBLISHED, E.ARRIVED, E.REPAIRED), start=start):
            known.tell(kind, number, visit=visit)
    report = _report(known, SEPTEMBER, SEPTEMBER)
    assert report.first_time_fix == (FirstTimeFixRow(SEPTEMBER, "S1", "terminal", 1, 1),)
    (done,) = report.technicians
    assert (done.visits, done.repairs, done.first_time) == (2, 1, 1)


def test_a_second_repair_is_no_first_time_fix_for_anybody(known: Record) -> None:
    known.ticket("W2", visits=(VisitNeeds(), VisitNeeds()))
    known.tell(E.ON_SITE_NEEDED, 2, order="W2")
    for start, visit in ((3, "W2-1"), (20, "W2-2")):
        for number, kind in enumerate((E.PUBLISHED, E.ARRIVED, E.REPAIRED), start=start):
            known.tell(kind, number, order="W2", visit=visit)
    report = _report(known, SEPTEMBER, SEPTEMBER)
    assert [(r.repaired, r.first_time) for r in report.first_time_fix] == [(1, 0)]
    assert [(r.repairs, r.first_time) for r in report.technicians] == [(2, 0)]


def test_rows_are_for_programs_and_sum_up(known: Record) -> None:
    _a_month(known)
    rows = _report(known, SEPTEMBER, OCTOBER).as_rows()
    assert sum(int(r["counted"] or 0) for r in rows["attainment"]) == 6
    assert {r["month"] for r in rows["technicians"]} == {"2026-09"}


# ------------------------------------------------------------------------------------------- forms


def test_a_form_knows_ticket_equipment_warranty_and_parts(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    known.tell(E.REPAIRED, 20, details=Repair((PartUsed("camera", serials=("SN9",)),)))
    known.ticket("W2", equipment_id="E2", at=30)
    with known.database.reading() as session:
        details = form_details(session, ["W1-1", "W2-1"], minute(60))
    first, second = details["W1-1"], details["W2-1"]
    assert first.ticket is not None
    assert first.equipment is not None
    assert (first.ticket.number, first.equipment.id) == ("W1", "E1")
    assert (first.in_warranty, second.in_warranty) == (True, False)
    assert [(p.part_id, p.quantity, p.serials) for p in first.issued] == [("camera", 1, ("SN9",))]
    assert second.issued == ()


def test_a_form_knows_the_quote_and_the_answer(known: Record) -> None:
    quotes: list[SentQuote | None] = []

    def look() -> None:
        with known.database.reading() as session:
            quotes.append(form_details(session, ["W2-1"], minute(60))["W2-1"].quote)

    known.ticket("W2", equipment_id="E2", skip_diagnosis=True)
    look()
    for number, kind in enumerate((E.QUOTE_ASKED, E.QUOTE_REFUSED, E.QUOTE_ASKED), start=1):
        known.tell(kind, number, order="W2", details=Quote(number * 100) if number % 2 else None)
        look()
    known.tell(E.QUOTE_ACCEPTED, 9, order="W2")
    look()
    assert quotes == [
        None,
        SentQuote(100),
        SentQuote(100, accepted=False),
        SentQuote(300),
        SentQuote(300, accepted=True),
    ]
