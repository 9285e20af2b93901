"""Where stock is, and where units went and came from: what people ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from dispatch.store.queries_stock import Place, place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    ReservationRow,
    ReturnedUnitRow,
    SerialRow,
)
from dispatch.store.rows_work import VisitRow


@dataclass(frozen=True, slots=True)
class Level:
    """What is left of a lot at a place; ``free`` units are there and promised to nobody."""

    part_id: str
    balance_id: str
    lot_id: str
    place: str
    arrived_at: datetime
    available_at: datetime
    on_hand: int
    reserved: int
    free: int
    expected: int
    promised: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A reservation, open or not."""

    id: str
    visit_id: str
    part_id: str
    lot_id: str
    place: str
    quantity: int
    state: str
    expires_at: datetime | None
    plan_version: int | None


@dataclass(frozen=True, slots=True)
class TracedUnit:
    """A unit by its serial number: the lot it came with, and the visit that installed it."""

    part_id: str
    serial: str
    state: str
    lot_id: str | None
    place: str | None
    visit_id: str | None
    work_order_id: str | None


@dataclass(frozen=True, slots=True)
class TracedReturn:
    """A unit that a visit brought back, the one in its place, and the station where it lies."""

    id: str
    part_id: str
    serial: str
    visit_id: str
    replaced_by: str | None
    returned_at: datetime
    station_id: str | None


@dataclass(frozen=True, slots=True)
class TracedMovement:
    """A movement; ``source`` and ``target`` are places."""

    id: int
    kind: str
    part_id: str
    lot_id: str
    quantity: int
    source: str | None
    target: str | None
    visit_id: str | None
    happened_at: datetime
    by: str
    reason: str
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything on record around a lot, a unit or a visit."""

    units: tuple[TracedUnit, ...]
    returns: tuple[TracedReturn, ...]
    movements: tuple[TracedMovement, ...]


def levels(
    session: Session,
    *,
    part_id: str | None = None,
    place: Place | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 100,
    wanted: ColumnElement[bool] | None = None,
) -> Sequence[Level]:
    """Balances with anything in them, by part and balance; ``after`` is the last one seen.

    ``wanted`` says which of them, if not all.
    """
    anything = BalanceRow.on_hand + BalanceRow.expected + BalanceRow.quarantined > 0
    statement = select(BalanceRow, LotRow).join(LotRow, LotRow.id == BalanceRow.lot_id)
    statement = statement.where(anything)
    if part_id is not None:
        statement = statement.where(LotRow.part_id == part_id)
    if place is not None:
        statement = statement.where(place.holds)
    if wanted is not None:
        statement = statement.where(wanted)
    if after is not None:
        statement = statement.where(tuple_(LotRow.part_id, BalanceRow.id) > tuple_(*after))
    ordered = statement.order_by(LotRow.part_id, BalanceRow.id).limit(limit)
    return [_level(balance, lot) for balance, lot in session.execute(ordered)]


def reservations_of(session: Session, visit_id: str) -> Sequence[Kept]:
    """Every reservation of a visit, released ones too, as they were made."""
    statement = (
        select(ReservationRow, BalanceRow, LotRow)
        .join(BalanceRow, BalanceRow.id == ReservationRow.balance_id)
        .join(LotRow, LotRow.id == BalanceRow.lot_id)
        .where(ReservationRow.visit_id == visit_id)
        .order_by(func.length(ReservationRow.id), ReservationRow.id)  # V1/2 before V1/10
    )
    return [
        Kept(
            id=row.id,
            visit_id=row.visit_id,
            part_id=lot.part_id,
            lot_id=lot.id,
            place=str(place_of(balance)),
            quantity=row.quantity,
            state=row.state.value,
            expires_at=row.expires_at,
            plan_version=row.plan_version,
        )
        for row, balance, lot in session.execute(statement)
    ]


def trace_lot(session: Session, lot_id: str) -> Trace:
    """From a lot on: its units, the visits that installed them, and what these took out."""
    units = _units(session, SerialRow.lot_id == lot_id)
    installed = MovementRow.kind == MovementKind.CONSUME
    visits = select(MovementRow.visit_id).where(MovementRow.lot_id == lot_id, installed)
    returns = _returns(session, ReturnedUnitRow.visit_id.in_(visits))
    return Trace(units, returns, _movements(session, MovementRow.lot_id == lot_id))


def trace_serial(session: Session, serial: str) -> Trace:
    """From a unit both ways: where it came from and went, what it replaced, what replaced it."""
    about = or_(ReturnedUnitRow.serial == serial, ReturnedUnitRow.replaced_by_serial == serial)
    returns = _returns(session, about)
    serials = {serial, *(r.serial for r in returns), *(r.replaced_by for r in returns)} - {None, ""}
    moves = select(MovementSerialRow.movement_id).where(MovementSerialRow.serial.in_(serials))
    return Trace(
        _units(session, SerialRow.serial.in_(serials)),
        returns,
        _movements(session, MovementRow.id.in_(moves)),
    )


def trace_visit(session: Session, visit_id: str) -> Trace:
    """What a visit reserved, used, installed and brought back."""
    return Trace(
        _units(session, SerialRow.visit_id == visit_id),
        _returns(session, ReturnedUnitRow.visit_id == visit_id),
        _movements(session, MovementRow.visit_id == visit_id),
    )


def _level(balance: BalanceRow, lot: LotRow) -> Level:
    return Level(
        part_id=lot.part_id,
        balance_id=balance.id,
        lot_id=lot.id,
        place=str(place_of(balance)),
        arrived_at=lot.arrived_at,
        available_at=balance.available_at,
        on_hand=balance.on_hand,
        reserved=balance.reserved,
        free=balance.free,
        expected=balance.expected,
        promised=balance.promised,
        quarantined=balance.quarantined,
    )


def _units(session: Session, condition: ColumnElement[bool]) -> tuple[TracedUnit, ...]:
    statement = (
        select(SerialRow, BalanceRow, VisitRow.work_order_id)
        .outerjoin(BalanceRow, BalanceRow.id == SerialRow.balance_id)
        .outerjoin(VisitRow, VisitRow.id == SerialRow.visit_id)
        .where(condition)
        .order_by(SerialRow.part_id, SerialRow.serial)
    )
    return tuple(
        TracedUnit(
            part_id=unit.part_id,
            serial=unit.serial,
            state=unit.state.value,
            lot_id=unit.lot_id,
            place=str(place_of(balance)) if balance is not None else None,
            visit_id=unit.visit_id,
            work_order_id=work_order_id,
        )
        for unit, balance, work_order_id in session.execute(statement)
    )


def _returns(session: Session, condition: ColumnElement[bool]) -> tuple[TracedReturn, ...]:
    statement = select(ReturnedUnitRow).where(condition)
    ordered = statement.order_by(ReturnedUnitRow.returned_at, ReturnedUnitRow.id)
    return tuple(
        TracedReturn(
            id=row.id,
            part_id=row.part_id,
            serial=row.serial,
            visit_id=row.visit_id,
            replaced_by=row.replaced_by_serial,
            returned_at=row.returned_at,
            station_id=row.station_id,
        )
        for row in session.scalars(ordered)
    )


def _movements(session: Session, condition: ColumnElement[bool]) -> tuple[TracedMovement, ...]:
    source, target = aliased(BalanceRow), aliased(BalanceRow)
    statement = (
        select(MovementRow, LotRow.part_id, source, target)
        .join(LotRow, LotRow.id == MovementRow.lot_id)
        .outerjoin(source, source.id == MovementRow.from_balance_id)
        .outerjoin(target, target.id == MovementRow.to_balance_id)
        .where(condition)
        .order_by(MovementRow.id)
    )
    found = session.execute(statement).all()
    serials = _serials(session, [row.id for row, _, _, _ in found])
    return tuple(
        TracedMovement(
            id=row.id,
            kind=row.kind.value,
            part_id=part_id,
            lot_id=row.lot_id,
            quantity=row.quantity,
            source=str(place_of(left)) if left is not None else None,
            target=str(place_of(came)) if came is not None else None,
            visit_id=row.visit_id,
            happened_at=row.happened_at,
            by=row.recorded_by,
            reason=row.reason,
            serials=tuple(serials.get(row.id, ())),
        )
        for row, part_id, left, came in found
    )


def _serials(session: Session, movement_ids: Sequence[int]) -> dict[int, list[str]]:
    statement = (
        select(MovementSerialRow.movement_id, MovementSerialRow.serial)
        .where(MovementSerialRow.movement_id.in_(movement_ids))
        .order_by(MovementSerialRow.movement_id, MovementSerialRow.serial)
    )
    serials: dict[int, list[str]] = {}
    for movement_id, serial in session.execute(statement):
        serials.setdefault(movement_id, []).append(serial)
    return serials
