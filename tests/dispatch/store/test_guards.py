"""What the database itself refuses, asked of it past all of the program's own checks."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from dispatch.domain.events import EventKind
from dispatch.store import schema
from dispatch.store.base import Row
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.errors import Guard, GuardError
from dispatch.store.mapping import save_organisation
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_parts import (
    BalanceRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    ReservationRow,
    ReservationState,
    SerialRow,
    SerialState,
)
from dispatch.store.rows_places import OrganisationRow
from dispatch.store.rows_plans import (
    BookingRow,
    ForcedChangeRow,
    PlanState,
    PlanVersionRow,
)
from scenarios.generate import generate

ORGANISATION = generate(visits=10, seed=4)
NOW = ORGANISATION.planning_at
FIRST, SECOND = (technician.id for technician in ORGANISATION.technicians[:2])
VISITS = tuple(visit.id for visit in ORGANISATION.visits)
LOT = next(lot for lot in ORGANISATION.lots if lot.quantity > 1 and lot.available_at <= NOW)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    with database.writing() as session:
        save_organisation(session, ORGANISATION, "test", NOW)
        session.add(_version(1, PlanState.PUBLISHED, published_at=NOW))
    return database


def _version(number: int, state: PlanState, **more: Any) -> PlanVersionRow:  # noqa: ANN401
    return PlanVersionRow(
        version=number,
        state=state,
        start_at=NOW,
        end_at=NOW + timedelta(days=1),
        now_at=NOW,
        policy="balanced",
        made_by="search",
        made_at=NOW,
        **more,
    )


def _booking(technician: str, visit: str, start_h: float, finish_h: float) -> BookingRow:
    return BookingRow(
        technician_id=technician,
        visit_id=visit,
        start_at=NOW + timedelta(hours=start_h),
        finish_at=NOW + timedelta(hours=finish_h),
        plan_version=1,
    )


def _refused(database: Database, *rows: Row) -> Guard:
    with pytest.raises(GuardError) as refused, database.writing() as session:
        session.add_all(rows)
    return refused.value.guard


def _add(database: Database, *rows: Row) -> None:
    with database.writing() as session:
        session.add_all(rows)


# ------------------------------------------------------------------------------------- bookings


@pytest.mark.parametrize(
    ("start_h", "finish_h"), [(1, 2), (0.5, 1.5), (1.5, 2.5), (0, 9), (1.2, 1.3)]
)
def test_a_technician_is_not_booked_twice_at_the_same_time(
    filled: Database, start_h: float, finish_h: float
) -> None:
    _add(filled, _booking(FIRST, VISITS[0], 1, 2))
    again = _booking(FIRST, VISITS[1], start_h, finish_h)
    assert _refused(filled, again) is Guard.DOUBLE_BOOKING


def test_bookings_that_touch_or_are_of_others_are_fine(filled: Database) -> None:
    _add(filled, _booking(FIRST, VISITS[0], 1, 2))
    _add(filled, _booking(FIRST, VISITS[1], 2, 3), _booking(FIRST, VISITS[2], 0, 1))
    _add(filled, _booking(SECOND, VISITS[0], 1, 2))
    assert check(filled) == ()


def test_a_booking_is_not_moved_onto_another(filled: Database) -> None:
    _add(filled, _booking(FIRST, VISITS[0], 1, 2), _booking(FIRST, VISITS[1], 2, 3))
    moved = update(BookingRow).where(BookingRow.visit_id == VISITS[1])
    start_at = NOW + timedelta(minutes=90)
    with pytest.raises(GuardError) as refused, filled.writing() as session:
        session.execute(moved.values(start_at=start_at))
    assert refused.value.guard is Guard.DOUBLE_BOOKING
    with filled.writing() as session:  # over its own time it may move
        session.execute(moved.values(start_at=NOW + timedelta(minutes=150)))


def test_of_many_who_book_the_same_hour_one_succeeds(filled: Database) -> None:
    def book(visit: str) -> str:
        try:
            in_writing(filled, lambda session: session.add(_booking(FIRST, visit, 1, 2)))
        except GuardError as refused:
            return refused.guard
        return "booked"

    with ThreadPoolExecutor(8) as threads:
        outcomes = Counter(threads.map(book, VISITS[:8]))
    assert outcomes == {"booked": 1, Guard.DOUBLE_BOOKING: 7}


def test_bookings_made_without_the_guards_are_found_when_these_are_back(filled: Database) -> None:
    schema.downgrade(filled, "0001")
    _add(filled, _booking(FIRST, VISITS[0], 1, 2), _booking(FIRST, VISITS[1], 1.5, 3))
    if filled.file is None:
        with pytest.raises(GuardError) as refused:
            schema.upgrade(filled)
        assert refused.value.guard is Guard.DOUBLE_BOOKING
    else:  # triggers look at new bookings only
        schema.upgrade(filled)
        assert [finding.subject for finding in check(filled)] == [f"bookings {FIRST}"]


# ---------------------------------------------------------------------------------------- stock


@pytest.mark.parametrize(
    "wrong",
    [
        {"on_hand": -1},
        {"reserved": -1},
        {"reserved": LOT.quantity + 1},
        {"on_hand": 0, "reserved": 1},
        {"promised": 1},
        {"quarantined": -1},
        {"expected": 1},
        {"technician_id": FIRST},
        {"station_id": None},
    ],
    ids=str,
)
def test_stock_is_never_short(filled: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(GuardError) as refused, filled.writing() as session:
        session.execute(update(BalanceRow).where(BalanceRow.id == LOT.id).values(wrong))
    assert refused.value.guard is Guard.STOCK


def test_all_that_is_on_hand_may_be_reserved(filled: Database) -> None:
    with filled.writing() as session:
        balance = session.get_one(BalanceRow, LOT.id)
        balance.reserved = balance.on_hand
        session.add(_reservation(LOT.quantity, ReservationState.COMMITTED))
    assert check(filled) == ()


def _reservation(
    quantity: int, state: ReservationState, expires_at: datetime | None = None
) -> ReservationRow:
    return ReservationRow(
        id=f"{quantity}",
        visit_id=VISITS[0],
        balance_id=LOT.id,
        quantity=quantity,
        state=state,
        expires_at=expires_at,
        reserved_at=NOW,
        reserved_by="test",
    )


def test_what_is_held_has_an_expiry(filled: Database) -> None:
    assert _refused(filled, _reservation(1, ReservationState.HELD)) is Guard.VALUE


def test_the_check_finds_stock_and_promises_that_do_not_add_up(filled: Database) -> None:
    with filled.writing() as session:
        balance = session.get_one(BalanceRow, LOT.id)
        balance.on_hand += 1
        balance.reserved = 1
    said = [finding.text.en for finding in check(filled)]
    assert said == [
        f"units on hand and the sum of movements differ: {LOT.quantity + 1} / {LOT.quantity}",
        "units reserved and the sum of reservations differ: 1 / 0",
    ]


# ---------------------------------------------------------------------------------- on record


def _on_record() -> list[Row]:
    """A row of each table that may only grow; the order matters to their keys."""
    return [
        SerialRow(part_id=LOT.part_id, serial="N1", state=SerialState.IN_STOCK, lot_id=LOT.id),
        MovementRow(
            id=9001,
            kind=MovementKind.ISSUE,
            lot_id=LOT.id,
            from_balance_id=LOT.id,
            quantity=1,
            happened_at=NOW,
            recorded_at=NOW,
            recorded_by="test",
        ),
        MovementSerialRow(movement_id=9001, part_id=LOT.part_id, serial="N1"),
        EventRow(
            id="e1",
            kind=EventKind.REPORTED,
            work_order_id=ORGANISATION.work_orders[0].id,
            happened_at=NOW,
            recorded_at=NOW,
            recorded_by="test",
        ),
        _audit(None),
        ForcedChangeRow(
            plan_version=1,
            code="window",
            subject=VISITS[0],
            amount=60,
            reason="agreed by phone",
            forced_at=NOW,
            forced_by="test",
        ),
    ]


def _audit(key: str | None) -> AuditRow:
    return AuditRow(
        done_at=NOW,
        done_by="test",
        command="pin",
        subject_kind="visit",
        subject_id=VISITS[0],
        reason="promised",
        idempotency_key=key,
    )


@pytest.mark.parametrize(
    "row", [MovementRow, MovementSerialRow, EventRow, AuditRow, ForcedChangeRow]
)
@pytest.mark.parametrize("change", [delete, lambda row: update(row).values(_same(row))])
def test_what_is_on_record_stays(
    filled: Database, row: type[Row], change: Callable[[type[Row]], Any]
) -> None:
    for made in _on_record():
        _add(filled, made)
    with pytest.raises(GuardError) as refused, filled.writing() as session:
        session.execute(change(row))
    assert refused.value.guard is Guard.APPEND_ONLY


def _same(row: type[Row]) -> dict[str, Any]:
    column = next(iter(row.__table__.columns))
    return {column.name: column}


# ------------------------------------------------------------------------------------- the rest


def test_one_plan_is_published_at_most(filled: Database) -> None:
    second = _version(2, PlanState.PUBLISHED, published_at=NOW, base_version=1)
    assert _refused(filled, second) is Guard.DUPLICATE
    _add(filled, _version(2, PlanState.DRAFT, base_version=1))


def test_a_key_of_a_command_is_taken_once(filled: Database) -> None:
    assert _refused(filled, _audit("k1"), _audit("k1")) is Guard.DUPLICATE
    _add(filled, _audit("k1"), _audit("k2"), _audit(None), _audit(None))


def test_a_booking_of_nobody_is_refused(filled: Database) -> None:
    assert _refused(filled, _booking("nobody", VISITS[0], 1, 2)) is Guard.REFERENCE


def test_a_database_is_of_one_organisation(filled: Database) -> None:
    with filled.reading() as session:
        known = session.execute(select(OrganisationRow.__table__)).mappings().one()
    second = OrganisationRow(**{**known, "single": 2})
    assert _refused(filled, second) is Guard.VALUE
