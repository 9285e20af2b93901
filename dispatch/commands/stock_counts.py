"""Stock that was counted, set apart, or is to be known unit by unit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note, once
from dispatch.commands.ledger import Ledger, Moved, balance_at, new_serials
from dispatch.commands.stock_picks import (
    Units,
    checked_part,
    known_lot,
    known_place,
    picked,
    serials_there,
)
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import Place
from dispatch.store.rows_parts import (
    LotRow,
    MovementKind,
    PartRow,
    SerialRow,
    SerialState,
)


@dataclass(frozen=True, slots=True)
class Tracking:
    """Whether every unit of a part is known by its serial number."""

    part_id: str
    serial_tracked: bool


def track(
    session: Session, part_id: str, tracked: bool, by: str, at: datetime, reason: str = ""
) -> Tracking:
    """From now on every unit of the part has to be named by its serial number, or none has to.

    Raises StockError while units without a serial number are in stock.
    """
    part = session.get(PartRow, part_id, with_for_update=True)
    if part is None:
        raise errors.UnknownError("part", "备件", part_id)
    without = queries.units_without_serial(session, part_id)
    if tracked and without:
        raise errors.units_without_serial(part_id, without)
    part.serial_tracked = tracked
    made = Tracking(part_id, tracked)
    note(session, "stock.track", "part", part_id, by, at, reason=reason, after=made)
    return made


def adjust(
    session: Session,
    lot_id: str,
    place: Place,
    difference: int,
    by: str,
    at: datetime,
    reason: str,
    serials: tuple[str, ...] = (),
    key: str | None = None,
) -> Moved:
    """Somebody counted ``difference`` more (or, negative, fewer) units than are on record.

    Raises StockError: without a reason, or more would be gone than are free.
    """
    done = once(session, key, "stock.adjust", Moved)
    if done is not None:
        return done
    if not reason.strip():
        raise errors.reason_needed()
    lot = known_lot(session, lot_id)
    units = Units(lot.part_id, abs(difference), lot_id, serials)
    ledger = Ledger(session, by, at, reason)
    if difference < 0:
        for pick in picked(session, ledger, units, place):
            ledger.move(
                MovementKind.ADJUST, pick.quantity, pick.balance, None, serials=pick.serials
            )
    else:
        checked_part(session, units)
        queries.locked_lot(session, lot_id)
        balance = balance_at(session, lot_id, known_place(session, place), at)
        found = _found_again(session, lot, serials)
        ledger.move(MovementKind.ADJUST, difference, None, balance, serials=found)
    return ledger.noted("stock.adjust", "lot", lot_id, key)


def quarantine(
    session: Session,
    lot_id: str,
    place: Place,
    quantity: int,
    by: str,
    at: datetime,
    reason: str,
    serials: tuple[str, ...] = (),
    key: str | None = None,
) -> Moved:
    """Free units must not be used any more, until ``leave_quarantine``.

    Raises StockError: without a reason, or fewer are free.
    """
    done = once(session, key, "stock.quarantine", Moved)
    if done is not None:
        return done
    if not reason.strip():
        raise errors.reason_needed()
    units = Units(known_lot(session, lot_id).part_id, quantity, lot_id, serials)
    ledger = Ledger(session, by, at, reason)
    for pick in picked(session, ledger, units, place):
        ledger.quarantine(pick.quantity, pick.balance, pick.serials, out=False)
    return ledger.noted("stock.quarantine", "lot", lot_id, key)


def leave_quarantine(
    session: Session,
    lot_id: str,
    place: Place,
    quantity: int,
    by: str,
    at: datetime,
    reason: str,
    serials: tuple[str, ...] = (),
    key: str | None = None,
) -> Moved:
    """Units that were set apart may be used again. Raises StockError."""
    done = once(session, key, "stock.leave_quarantine", Moved)
    if done is not None:
        return done
    units = Units(known_lot(session, lot_id).part_id, quantity, lot_id, serials)
    checked_part(session, units)
    balances = queries.locked_at(session, (lot_id,), place)
    apart = sum(balance.quarantined for balance in balances)
    if quantity > apart:
        raise errors.not_quarantined(lot_id, place, quantity, apart)
    named = serials_there(session, units, place)
    for unit in named:
        if unit.state is not SerialState.QUARANTINED or unit.balance_id != balances[0].id:
            raise errors.serial_not_there(unit.part_id, unit.serial, place)
    ledger = Ledger(session, by, at, reason)
    ledger.quarantine(quantity, balances[0], named, out=True)
    return ledger.noted("stock.leave_quarantine", "lot", lot_id, key)


def _found_again(session: Session, lot: LotRow, serials: tuple[str, ...]) -> list[SerialRow]:
    """Units that turned up: new ones, or ones of the lot that were lost. Raises SerialError."""
    known = queries.serials_now(session, lot.part_id, serials)
    for unit in known.values():
        if unit.state is not SerialState.LOST or unit.lot_id != lot.id:
            raise errors.serial_is_known(lot.part_id, unit.serial)
    new = [serial for serial in serials if serial not in known]
    return [*known.values(), *new_serials(session, lot.part_id, new, lot.id)]
