"""Stock as it would be without a fact that was withdrawn: parts, old units and reservations."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note, once
from dispatch.commands.ledger import Ledger
from dispatch.commands.stock_use import Returned
from dispatch.domain.events import Event, Repair
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    MovementKind,
    MovementRow,
    ReservationRow,
    ReservationState,
    ReturnedUnitRow,
    SerialRow,
    SerialState,
)

_REASON = "withdrawn"
"""Why stock changes: the fact that it follows was a mistake."""


def unbook_parts(session: Session, event: Event, by: str, at: datetime, *, is_over: bool) -> None:
    """What a repair built in is where it was; what it took out is as it was.

    ``event`` as it is on record. Units that had been reserved are again, unless the visit
    ``is_over``. Raises StockError: a unit has gone elsewhere, or was counted, since.
    """
    if event.visit_id is None or not isinstance(event.details, Repair):
        return
    queries.locked_visits(session, (event.visit_id,))
    moved = queries.consumed(session, event.visit_id, event.happened_at, event.recorded_at)
    kept = {m.reservation_id for m in moved if m.reservation_id and not is_over}
    rows = queries.locked_reservations(session, ReservationRow.id.in_(kept))
    reservations = {r.id: r for r in rows if r.state is not ReservationState.RELEASED}
    balances = _balances(session, {m.from_balance_id for m in moved if m.from_balance_id})
    # As of the repair: nothing was ever gone.
    ledger = Ledger(session, by, at, _REASON, event.happened_at)
    for movement in moved:
        balance = balances[movement.from_balance_id or ""]
        _put_back(
            session, ledger, movement, balance, reservations.get(movement.reservation_id or "")
        )
    if moved:
        ledger.noted("stock.put_back", "visit", event.visit_id, None)
    for number in range(len(event.details.returned)):
        made = once(session, f"{event.id}/returned/{number}", "stock.return_unit", Returned)
        if made is not None:
            _forget_return(session, made, by, at)


def keep_again(
    session: Session, visit_ids: Collection[str], since: datetime, by: str, at: datetime
) -> None:
    """What was let go ``since`` visits were over, by mistake, is reserved for them as before.

    Holds that have run out stay released. Raises ShortageError if the units are promised to others
    by now.
    """
    queries.locked_visits(session, visit_ids)
    ids = queries.released_since(session, visit_ids, since)
    rows = [
        row
        for row in queries.locked_reservations(session, ReservationRow.id.in_(ids))
        if row.state is ReservationState.RELEASED
        and (row.expires_at is None or row.expires_at > at)
    ]
    if not rows:
        return
    ledger = Ledger(session, by, at, _REASON)
    balances = _balances(session, {row.balance_id for row in rows})
    lots = queries.lots(session, {balance.lot_id for balance in balances.values()})
    for row in rows:
        balance = balances[row.balance_id]
        free = balance.free_to_come if balance.expected else balance.free
        if free < row.quantity:
            part_id = lots[balance.lot_id].part_id
            raise errors.ShortageError(part_id, place_of(balance), row.quantity, free)
        row.state = _open_state(row)
        ledger.promise(balance, row)
    ledger.noted("stock.keep_again", "visit", ", ".join(sorted(visit_ids)), None)


def _balances(session: Session, ids: Collection[str]) -> Mapping[str, BalanceRow]:
    return {row.id: row for row in queries.locked_balances(session, BalanceRow.id.in_(ids))}


def _put_back(
    session: Session,
    ledger: Ledger,
    movement: MovementRow,
    balance: BalanceRow,
    reservation: ReservationRow | None,
) -> None:
    if queries.was_counted(session, balance.id, movement.id):
        raise errors.counted_since(balance.lot_id, place_of(balance))
    units = queries.units_moved(session, movement.id)
    for unit in units:
        if unit.state is not SerialState.INSTALLED or unit.visit_id != movement.visit_id:
            raise errors.gone_elsewhere(unit.part_id, unit.serial)
    if reservation is not None:
        is_open = reservation.state in queries.OPEN
        reservation.quantity = movement.quantity + (reservation.quantity if is_open else 0)
        reservation.state = _open_state(reservation)
    ledger.move(
        MovementKind.RETURN,
        movement.quantity,
        None,
        balance,
        serials=units,
        reservation=reservation,
        visit_id=movement.visit_id,
    )
    for unit in units:
        unit.visit_id = None


def _forget_return(session: Session, made: Returned, by: str, at: datetime) -> None:
    """The unit that a visit is said to have taken out is where it was before."""
    session.delete(session.get_one(ReturnedUnitRow, made.id))
    session.flush()
    if made.serial and not queries.came_back(session, made.part_id, made.serial):
        unit = queries.locked_serial(session, made.part_id, made.serial)
        if unit is not None:
            _as_before(session, unit)
    note(
        session, "stock.forget_return", "visit", made.visit_id, by, at, reason=_REASON, before=made
    )


def _as_before(session: Session, unit: SerialRow) -> None:
    """A unit that never was in stock is known from its return only."""
    if unit.balance_id is not None:
        raise errors.still_in_stock(unit.part_id, unit.serial, unit.balance_id)
    if unit.lot_id is None:
        session.delete(unit)
    else:
        unit.state = SerialState.INSTALLED


def _open_state(reservation: ReservationRow) -> ReservationState:
    held = reservation.expires_at is not None
    return ReservationState.HELD if held else ReservationState.COMMITTED
