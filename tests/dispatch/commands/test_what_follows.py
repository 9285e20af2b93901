"""What follows at once from facts: further visits, stock, emergency plans."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.commands.recording import (
    due_emergencies,
    open_emergencies,
)
from dispatch.commands.recording_errors import (
    RecordingError,
)
from dispatch.commands.stock_errors import ShortageError, StockError
from dispatch.commands.tickets import contain
from dispatch.domain.events import (
    EmergencyReason,
    Failure,
    FailureReason,
    PartUsed,
    Repair,
    ReturnedUnit,
)
from dispatch.domain.events import EventKind as E
from dispatch.domain.life_errors import IllegalStepError
from dispatch.domain.parts import PartQuantity
from dispatch.domain.transitions import State, Track
from dispatch.domain.work import ClockKind
from dispatch.store import queries_work
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.mapping import load_snapshot
from dispatch.store.retrying import in_writing
from dispatch.store.rows_parts import BalanceRow, ReturnedUnitRow
from dispatch.store.rows_work import LinkRow, VisitRow
from dispatch.work_lists import lists_now
from tests.builders import a_visit, a_work_order
from tests.dispatch.commands.records import (
    HOUR,
    PUBLISHED,
    REPAIRED,
    Record,
    an_organisation,
    assert_derived,
    found,
    minute,
)


@pytest.fixture(name="known")
def _known(database: Database) -> Iterator[Record]:
    made = found(database)
    made.ticket()
    yield made
    with database.reading() as session:
        assert_derived(session)
    assert check(database) == ()


def _refused(database: Database) -> list[str]:
    with database.reading() as session:
        return [kept["event"]["id"] for _, kept in queries_work.refused_page(session)]


def test_a_failed_visit_gets_a_follow_up_with_its_links(known: Record) -> None:
    with known.database.writing() as session:
        session.add(
            VisitRow(
                id="W1-2",
                work_order_id="W1",
                duration_s=60,
                run_in_s=0,
                crew_size=1,
                stops=[],
                position=9,
            )
        )
        session.flush()
        session.add(
            LinkRow(
                first_visit_id="W1-1",
                then_visit_id="W1-2",
                min_lag_s=60,
                max_lag_s=None,
                same_technician=True,
            )
        )
    known.go(*PUBLISHED)
    failure = Failure(FailureReason.CUSTOMER_ABSENT)
    failed = known.tell(E.VISIT_FAILED, 9, details=failure)
    assert failed.follow_ups == ("W1-1-F1",)
    known.tell(E.PUBLISHED, 20, visit="W1-1-F1")
    again = known.tell(E.VISIT_FAILED, 30, visit="W1-1-F1")
    assert again.follow_ups == ("W1-1-F2",)
    with known.database.reading() as session:
        assert session.get_one(VisitRow, "W1-1-F2").follows_visit_id == "W1-1-F1"
        link = session.get_one(LinkRow, ("W1-1-F2", "W1-2"))
        assert (link.min_lag_s, link.same_technician) == (60, True)


def test_parts_leave_the_van_and_the_old_unit_is_known(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    used = (PartUsed("camera", serials=("SN9",)),)
    repair = Repair(used, (ReturnedUnit("camera", "SN1"),))
    event = known.event(E.REPAIRED, 40, details=repair)
    for _ in range(2):
        known.send(event)
    with known.database.reading() as session:
        balance = session.scalars(select(BalanceRow).where(BalanceRow.technician_id == "T1")).one()
        assert balance.on_hand == 1
        unit = session.scalars(select(ReturnedUnitRow)).one()
        assert (unit.serial, unit.replaced_by_serial) == ("SN1", "SN9")


def test_parts_that_are_not_there_refuse_the_desk_and_are_kept_from_the_phone(
    known: Record,
) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    many = known.event(E.REPAIRED, 40, details=Repair((PartUsed("camera", 7),)))
    with pytest.raises(ShortageError):
        known.send(many)
    assert known.life().on(Track.VISIT, "W1-1") is State.ON_SITE
    kept = known.send(many, late=True)
    assert (kept.visit_state, kept.refused is not None) == (State.REPAIRED, True)
    assert _refused(known.database) == [many.id]
    assert known.send(many, late=True).again
    assert len(_refused(known.database)) == 1


def test_parts_of_a_visit_that_nobody_was_told_of_have_no_van(database: Database) -> None:
    order = replace(a_work_order("W5"), arrived_at=minute(5))
    visits = (a_visit("V5", work_order_id="W5"),)
    known = found(database, an_organisation(work_orders=(order,), visits=visits))
    repair = Repair((PartUsed("camera"),))
    with pytest.raises(RecordingError, match="whose van"):
        known.tell(E.REPAIRED, 9, order="W5", visit="V5", details=repair)


def test_no_finding_opens_an_emergency_plan_at_once(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    told = known.tell(E.NO_FINDING, 20)
    assert told.emergencies == (EmergencyReason.NO_FINDING,)
    assert known.row().emergency_at == minute(20)
    known.tell(E.EMERGENCY_CLOSED, 30)
    assert known.row().emergency_at is None


def test_no_finding_of_a_phone_whose_clock_is_ahead_opens_a_plan_at_once(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    event = replace(known.event(E.NO_FINDING, 20), happened_at=minute(20) + timedelta(seconds=40))
    assert known.send(event, at=20, late=True).emergencies == (EmergencyReason.NO_FINDING,)


def test_no_finding_that_waited_opens_a_plan_as_soon_as_it_takes_effect(known: Record) -> None:
    known.go(*PUBLISHED)
    assert known.send(known.event(E.NO_FINDING, 20), late=True).waits
    arrived = known.send(known.event(E.ARRIVED, 10), at=30, late=True)
    assert arrived.emergencies == (EmergencyReason.NO_FINDING,)


def test_a_follow_up_brings_the_parts_that_were_missing(known: Record) -> None:
    known.go(*PUBLISHED)
    unknown = Failure(FailureReason.MISSING_PART, (PartQuantity("p9", 1),))
    with pytest.raises(StockError, match="p9"):
        known.tell(E.VISIT_FAILED, 9, details=unknown)
    needed = (PartQuantity("camera", 2),)
    known.tell(E.VISIT_FAILED, 9, details=Failure(FailureReason.MISSING_PART, needed))
    assert known.life().visit["W1-1-F1"].parts == needed


def test_a_follow_up_of_a_visit_whose_id_holds_the_mark_of_follow_ups(database: Database) -> None:
    visits = (a_visit("W5-Final-1", work_order_id="W5"),)
    known = found(database, an_organisation(work_orders=(a_work_order("W5"),), visits=visits))
    known.tell(E.PUBLISHED, 5, order="W5", visit="W5-Final-1")
    failed = known.tell(E.VISIT_FAILED, 9, order="W5", visit="W5-Final-1")
    assert failed.follow_ups == ("W5-Final-1-F1",)


def test_a_visit_that_nobody_wants_any_more_is_over_and_passes_its_clocks_on(
    known: Record,
) -> None:
    made = in_writing(known.database, lambda s: contain(s, "W1", "desk", minute(1)))
    known.tell(E.ON_SITE_NEEDED, 2)
    assert known.tell(E.VISIT_DROPPED, 3, visit=made.visit_id).state is State.READY
    assert known.life().visit["W1-1"].stops == tuple(ClockKind)
    with known.database.reading() as session:
        assert session.get_one(VisitRow, made.visit_id).ended_at == minute(3)
        snapshot = load_snapshot(session, minute(4))
        assert ([v.id for v in snapshot.visits], snapshot.links) == (["W1-1"], ())
    for number, kind in enumerate((*REPAIRED[1:], E.SIGNED_OFF, E.CLOSED), start=4):
        known.tell(kind, number)
    assert (known.row().state, known.row().arrived_at) == (State.CLOSED, minute(6))


def test_who_contained_the_fault_has_not_done_the_work(known: Record) -> None:
    made = in_writing(known.database, lambda s: contain(s, "W1", "desk", minute(1)))
    known.tell(E.ON_SITE_NEEDED, 2)
    for number, kind in enumerate((E.PUBLISHED, E.ARRIVED, E.REPAIRED), start=3):
        known.tell(kind, number, visit=made.visit_id)
    assert known.tell(E.SIGNED_OFF, 7, visit=made.visit_id).state is State.READY
    with pytest.raises(IllegalStepError):
        known.tell(E.CLOSED, 8)
    with known.database.reading() as session:
        assert lists_now(session, minute(9), 0).duties == ()


def test_emergency_plans_are_opened_by_the_clock_and_once(known: Record) -> None:
    known.go(*PUBLISHED)
    assert _open(known, 8 * HOUR) == []
    assert _open(known, 8 * HOUR + 1) == [("W1", (EmergencyReason.NOT_RESTORED,))]
    assert _open(known, 8 * HOUR + 2) == []


def test_who_asked_before_what_is_due_opens_what_still_is(known: Record) -> None:
    known.ticket("W2")
    late = minute(9 * HOUR)
    with known.database.reading() as session:
        due = due_emergencies(session, late)
    assert due == ("W1", "W2")
    known.tell(E.CANCELLED, 5)
    opened = in_writing(known.database, lambda s: open_emergencies(s, "clock", late, due))
    assert [o.work_order_id for o in opened] == ["W2"]


def _open(known: Record, at: int) -> list[tuple[str, tuple[EmergencyReason, ...]]]:
    opened = in_writing(
        known.database, lambda session: open_emergencies(session, "clock", minute(at))
    )
    return [(o.work_order_id, o.emergencies) for o in opened]
