"""Stock that comes, moves, is used and is counted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note, once
from dispatch.commands.ledger import Ledger, Moved, balance_at, new_balance, new_serials
from dispatch.commands.stock_picks import (
    Units,
    checked_part,
    known_part,
    known_place,
    picked,
)
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import Place
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """A delivery to come."""

    lot_id: str
    part_id: str
    quantity: int
    station_id: str
    available_at: datetime


def expect(
    session: Session,
    delivery: Expected,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Expected:
    """Units are to come to a depot; again for the same lot: as many or at that time instead.

    Raises StockError if the lot is known and not to come, or more units of it are promised.
    """
    done = once(session, key, "stock.expect", Expected)
    if done is not None:
        return done
    known_part(session, delivery.part_id)
    if delivery.quantity < 1:
        raise errors.not_positive(delivery.quantity)
    place = known_place(session, Place(station_id=delivery.station_id))
    ledger = Ledger(session, by, at, reason)
    balance = _to_come(session, ledger, delivery.lot_id, delivery.part_id, place)
    before = None
    if balance is None:
        _add_lot(session, delivery.lot_id, delivery.part_id, delivery.available_at)
        balance = new_balance(session, delivery.lot_id, delivery.lot_id, place, at)
    else:
        before = {"quantity": balance.expected, "available_at": balance.available_at}
        if delivery.quantity < balance.promised:
            raise errors.promised_more(delivery.lot_id, delivery.quantity, balance.promised)
    balance.expected, balance.available_at = delivery.quantity, delivery.available_at
    note(
        session,
        "stock.expect",
        "lot",
        delivery.lot_id,
        by,
        at,
        reason=reason,
        before=before,
        outcome=delivery,
        key=key,
    )
    return delivery


def receive(
    session: Session,
    lot_id: str,
    units: Units,
    place: Place,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Moved:
    """A lot arrives: a new one, or one that was expected, whose promises become reservations.

    What was expected and did not come is expected no more. ``units.lot_id`` is not looked at.
    Raises StockError: the lot is there already, or fewer came than are promised.
    """
    done = once(session, key, "stock.receive", Moved)
    if done is not None:
        return done
    checked_part(session, units)
    known_place(session, place)
    ledger = Ledger(session, by, at, reason)
    balance = _to_come(session, ledger, lot_id, units.part_id, place)
    if balance is None:
        _add_lot(session, lot_id, units.part_id, at)
        balance = new_balance(session, lot_id, lot_id, place, at)
    elif units.quantity < balance.promised:
        raise errors.promised_more(lot_id, units.quantity, balance.promised)
    else:
        session.get_one(LotRow, lot_id).arrived_at = at
    serials = new_serials(session, units.part_id, units.serials, lot_id)
    # From here to the movement nothing may be written: promises wait for their units.
    balance.available_at = at
    balance.reserved, balance.promised, balance.expected = balance.promised, 0, 0
    ledger.move(MovementKind.RECEIVE, units.quantity, None, balance, serials=serials)
    return ledger.noted("stock.receive", "lot", lot_id, key)


def transfer(
    session: Session,
    units: Units,
    source: Place,
    target: Place,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Moved:
    """Free units go to another depot or van, those that came first before others.

    From a depot to a van they are issued, from a van to a depot returned. Raises StockError: fewer
    are free, or units are not named that have to be.
    """
    done = once(session, key, "stock.transfer", Moved)
    if done is not None:
        return done
    known_place(session, target)
    if source == target:
        raise errors.same_place(source)
    kind = _kind(source, target)
    ledger = Ledger(session, by, at, reason)
    for pick in picked(session, ledger, units, source, target):
        to = balance_at(session, pick.balance.lot_id, target, at)
        ledger.move(kind, pick.quantity, pick.balance, to, serials=pick.serials)
    return ledger.noted("stock.transfer", "part", units.part_id, key)


# ------------------------------------------------------------------------------ what they share


def _kind(source: Place, target: Place) -> MovementKind:
    if source.station_id is not None and target.technician_id is not None:
        return MovementKind.ISSUE
    if source.technician_id is not None and target.station_id is not None:
        return MovementKind.RETURN
    return MovementKind.TRANSFER


def _to_come(
    session: Session, ledger: Ledger, lot_id: str, part_id: str, place: Place
) -> BalanceRow | None:
    """The balance of an expected delivery, locked; None for a new lot. Raises StockError.

    Holds of it that ran out are released.
    """
    due = queries.locked_due(session, ledger.at, place)
    lot = queries.locked_lot(session, lot_id)
    if lot is None:
        return None
    found = queries.locked_at(session, (lot_id,), place)
    if lot.part_id != part_id or not found or not found[0].expected:
        raise errors.lot_is_known(lot_id)
    ledger.release(due, found)
    return found[0]


def _add_lot(session: Session, lot_id: str, part_id: str, arrived_at: datetime) -> None:
    session.add(LotRow(id=lot_id, part_id=part_id, arrived_at=arrived_at))
    session.flush()
