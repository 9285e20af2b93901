"""A mistaken fact is withdrawn: states, stock, follow-ups and plans are as if it had never been."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.commands.recording import open_emergencies
from dispatch.commands.recording_errors import NotYoursError, UnknownEventError
from dispatch.commands.reservations import reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock_counts import adjust
from dispatch.commands.stock_errors import ShortageError, StockError
from dispatch.commands.withdrawing import Mistake, Withdrawn, withdraw_event
from dispatch.domain.events import (
    EmergencyReason,
    Event,
    PartUsed,
    Repair,
    ReturnedUnit,
)
from dispatch.domain.events import EventKind as E
from dispatch.domain.life_errors import WithdrawalError
from dispatch.domain.transitions import State, Track
from dispatch.form_details import form_details
from dispatch.store import queries_stock, queries_work
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.queries_stock import Place
from dispatch.store.queries_trace import reservations_of
from dispatch.store.retrying import in_writing
from dispatch.store.rows_parts import BalanceRow, ReturnedUnitRow
from dispatch.work_lists import lists_now
from tests.dispatch.commands.records import (
    HOUR,
    PUBLISHED,
    REPAIRED,
    Record,
    assert_derived,
    found,
    minute,
)

VISIT = "W1-1"
VAN = Place(technician_id="T1")


@pytest.fixture(name="known")
def _known(database: Database) -> Iterator[Record]:
    made = found(database)
    made.ticket()
    yield made
    with database.reading() as session:
        assert_derived(session)
    assert check(database) == ()


def withdrawn(
    known: Record, event_id: str, at: int, own: Collection[str] | None = None, **fields: str
) -> Withdrawn:
    told = {"id": f"{event_id}-not", "work_order_id": "W1", "reason": "a slip", **fields}
    mistake = Mistake(event_id=event_id, happened_at=minute(at), by="T1", own=own, **told)
    return in_writing(known.database, lambda s: withdraw_event(s, mistake, "desk", minute(at)))


def reserved(known: Record, visit_id: str, quantity: int, at: int) -> None:
    want = Want(visit_id, "camera", quantity, VAN)
    in_writing(known.database, lambda s: reserve(s, [want], minute(900), "desk", minute(at)))


def on_van(known: Record) -> tuple[int, int]:
    """The cameras on the van, and how many of them are promised."""
    with known.database.reading() as session:
        rows = session.scalars(select(BalanceRow).where(BalanceRow.technician_id == "T1")).all()
        return sum(r.on_hand for r in rows), sum(r.reserved for r in rows)


def kept_for_the_visit(known: Record) -> list[tuple[int, str]]:
    with known.database.reading() as session:
        return [(r.quantity, r.state) for r in reservations_of(session, VISIT)]


def a_repair(known: Record, at: int, event_id: str) -> Event:
    used = (PartUsed("camera", 2, serials=("SN9",)),)
    repair = Repair(used, (ReturnedUnit("camera", "SN1"),))
    return known.event(E.REPAIRED, at, details=repair, event_id=event_id)


def test_a_repair_that_never_was_leaves_stock_as_it_was(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    reserved(known, VISIT, 1, 4)
    before = known.life()
    known.send(a_repair(known, 40, "R1"))
    assert (on_van(known), known.row().restored_at) == ((0, 0), minute(40))
    back = withdrawn(known, "R1", 50)
    assert (back.visit_state, back.again) == (State.ON_SITE, False)
    assert (on_van(known), kept_for_the_visit(known)) == ((2, 1), [(1, "held")])
    assert known.row().restored_at is None
    assert (known.life().events, known.life().states) == (before.events, before.states)
    with known.database.reading() as session:
        assert session.scalars(select(ReturnedUnitRow)).all() == []
        units = queries_stock.serials_now(session, "camera", ("SN1", "SN9"))
        assert {serial: unit.state for serial, unit in units.items()} == {"SN9": "in_stock"}
        assert form_details(session, [VISIT], minute(51))[VISIT].issued == ()
    assert withdrawn(known, "R1", 50).again
    assert known.send(a_repair(known, 40, "R1"), at=55).again
    known.send(a_repair(known, 60, "R2"))
    assert (on_van(known), kept_for_the_visit(known)) == ((0, 0), [(1, "consumed")])


def test_parts_that_were_counted_since_stand_in_the_way(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    known.send(known.event(E.REPAIRED, 9, details=Repair((PartUsed("camera"),)), event_id="R1"))
    with known.database.reading() as session:
        (lot,) = session.scalars(
            select(BalanceRow.lot_id).where(BalanceRow.technician_id == "T1")
        ).all()
    in_writing(known.database, lambda s: adjust(s, lot, VAN, 1, "desk", minute(20), "count"))
    with pytest.raises(StockError, match="counted since"):
        withdrawn(known, "R1", 30)
    assert known.life().on(Track.VISIT, VISIT) is State.REPAIRED


def test_a_visit_that_did_not_fail_needs_no_follow_up(known: Record) -> None:
    known.go(*PUBLISHED)
    reserved(known, VISIT, 2, 4)
    failed = known.event(E.VISIT_FAILED, 9, event_id="F1")
    assert known.send(failed).follow_ups == ("W1-1-F1",)
    assert on_van(known) == (2, 0)
    back = withdrawn(known, "F1", 12)
    assert (back.state, back.dropped) == (State.PUBLISHED, ("W1-1-F1",))
    assert (on_van(known), kept_for_the_visit(known)) == ((2, 2), [(2, "held")])
    again = replace(failed, id="F2", happened_at=minute(20))
    assert known.send(again).follow_ups == ("W1-1-F2",)
    known.tell(E.PUBLISHED, 25, visit="W1-1-F2")
    with pytest.raises(WithdrawalError, match="'published'"):
        withdrawn(known, "F2", 30)
    known.tell(E.UNPUBLISHED, 35, visit="W1-1-F2")
    assert withdrawn(known, "F2", 40).dropped == ("W1-1-F2",)
    known.tell(E.VISIT_FAILED, 50, event_id="F3")
    known.ticket("W2", at=51)
    reserved(known, "W2-1", 1, 52)
    with pytest.raises(ShortageError, match="2 of part 'camera' are wanted at van/T1, 1 are free"):
        withdrawn(known, "F3", 60)


def test_no_finding_by_mistake_opens_no_emergency_plan(known: Record) -> None:
    known.go(*PUBLISHED, E.ARRIVED)
    known.tell(E.NO_FINDING, 20, event_id="N1")
    assert known.row().emergency_at == minute(20)
    withdrawn(known, "N1", 25)
    assert known.row().emergency_at is None
    again = known.tell(E.NO_FINDING, 30, event_id="N2")
    assert again.emergencies == (EmergencyReason.NO_FINDING,)
    assert known.row().emergency_at == minute(30)
    opened = in_writing(known.database, lambda s: open_emergencies(s, "clock", minute(40)))
    assert opened == ()


def test_technicians_withdraw_their_own_and_of_late_only(known: Record) -> None:
    known.go(*PUBLISHED)
    known.send(known.event(E.ARRIVED, 10, event_id="A1"))
    for own, at in ((("T2",), 12), (("T1",), 26)):
        with pytest.raises(NotYoursError, match="within 15 minutes"):
            withdrawn(known, "A1", at, own)
    known.tell(E.RESPONDED, 11, event_id="D1")
    with pytest.raises(NotYoursError):
        withdrawn(known, "D1", 12, ("T1",))
    with pytest.raises(UnknownEventError, match=r"W1.*A2"):
        withdrawn(known, "A2", 12)
    assert withdrawn(known, "A1", 25, ("T1",)).visit_state is State.PUBLISHED
    assert withdrawn(known, "D1", 60).state is State.PUBLISHED


def test_what_was_refused_is_settled_when_it_is_withdrawn(known: Record) -> None:
    known.go(*REPAIRED[:-1])
    many = Repair((PartUsed("camera", 7),))
    known.send(known.event(E.REPAIRED, 40, details=many, event_id="R1"), late=True)
    known.send(known.event(E.ARRIVED, 41, visit="W9-1", event_id="A9"), late=True)

    def waiting_for_a_person() -> list[str]:
        with known.database.reading() as session:
            return [kept["id"] for _, kept in queries_work.refused_page(session)]

    assert waiting_for_a_person() == ["R1/parts", "A9"]
    assert withdrawn(known, "R1", 42, ("T1",)).visit_state is State.ON_SITE
    with pytest.raises(UnknownEventError):
        withdrawn(known, "A9", 42, ("T2",))
    assert withdrawn(known, "A9", 42, ("T1",)).settled
    assert waiting_for_a_person() == []


def test_a_complaint_that_was_not_closed_after_all_is_a_duty_again(known: Record) -> None:
    known.go(E.CANCELLED, E.COMPLAINT_RECEIVED, E.COMPLAINT_ANSWERED)
    known.tell(E.COMPLAINT_CLOSED, 9, event_id="C1")
    later = 100 * 24 * HOUR
    with known.database.reading() as session:
        assert lists_now(session, minute(later), 0).duties == ()
    withdrawn(known, "C1", later)
    with known.database.reading() as session:
        assert [d.complaint_id for d in lists_now(session, minute(later), 0).duties] == ["C1"]
