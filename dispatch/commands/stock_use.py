"""Parts that visits use, and units that they bring back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note, once
from dispatch.commands.ledger import Ledger, Moved, new_serials
from dispatch.commands.stock_picks import (
    Pick,
    Source,
    allocated,
    checked_part,
    first_in,
    known_part,
    known_place,
)
from dispatch.domain.events import PartUsed, ReturnedUnit
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import Place, place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    MovementKind,
    ReservationRow,
    ReservationState,
    ReturnedUnitRow,
    SerialRow,
    SerialState,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """A unit that came back; ``replaced_by`` is the serial number of what is there instead."""

    id: str
    visit_id: str
    part_id: str
    serial: str
    replaced_by: str | None


def consume(
    session: Session,
    visit_id: str,
    technician_id: str,
    used: Sequence[PartUsed],
    by: str,
    at: datetime,
    happened_at: datetime | None = None,
    key: str | None = None,
) -> Moved:
    """A visit used parts: what it had reserved on the van, then what is free on the van, then
    what it had reserved elsewhere and nobody said that it was fetched.

    A serial number that nobody knew becomes known, unless the part is tracked. What stays
    reserved for the visit stays so: see ``release_visits``. Raises StockError.
    """
    done = once(session, key, "stock.consume", Moved)
    if done is not None:
        return done
    van = known_place(session, Place(technician_id=technician_id))
    if not queries.locked_visits(session, (visit_id,)):
        raise errors.UnknownError("visit", "任务", visit_id)
    of_visit = (ReservationRow.visit_id == visit_id) & ReservationRow.state.in_(queries.OPEN)
    reservations = queries.locked_reservations(session, of_visit)
    parts = {units.part_id for units in used}
    due = queries.locked_due(session, at, van)
    balances = queries.locked_for_use(session, van, parts, {r.balance_id for r in reservations})
    ledger = Ledger(session, by, at, happened_at=happened_at)
    ledger.release((row for row in due if row.visit_id != visit_id), balances)
    for units in used:
        for pick in _used(session, units, van, balances, reservations):
            _consume(ledger, pick, visit_id)
    return ledger.noted("stock.consume", "visit", visit_id, key)


def return_unit(
    session: Session,
    visit_id: str,
    unit: ReturnedUnit,
    by: str,
    at: datetime,
    *,
    returned_at: datetime | None = None,
    key: str | None = None,
) -> Returned:
    """A visit brought back a unit that it took out. It is no stock: nobody knows what it is worth.

    It replaced the unit that it says, or else the only one of the same part that the visit
    installed, if there is one only. Raises StockError.
    """
    done = once(session, key, "stock.return_unit", Returned)
    if done is not None:
        return done
    if not queries.locked_visits(session, (visit_id,)):
        raise errors.UnknownError("visit", "任务", visit_id)
    known_part(session, unit.part_id)
    if unit.station_id is not None:
        known_place(session, Place(station_id=unit.station_id))
    if unit.serial:
        _take_out(session, unit)
    row = ReturnedUnitRow(
        id=f"{visit_id}/{queries.last_return(session, visit_id) + 1}",
        visit_id=visit_id,
        part_id=unit.part_id,
        serial=unit.serial,
        replaced_by_serial=_replacement(session, visit_id, unit),
        returned_at=returned_at or at,
        station_id=unit.station_id,
    )
    session.add(row)
    made = Returned(row.id, visit_id, unit.part_id, unit.serial, row.replaced_by_serial)
    note(session, "stock.return_unit", "visit", visit_id, by, at, outcome=made, key=key)
    return made


def _take_out(session: Session, unit: ReturnedUnit) -> None:
    """The unit is nowhere in stock and must not be used. Raises SerialError if it is in stock."""
    known = queries.locked_serial(session, unit.part_id, unit.serial)
    if known is None:
        state = SerialState.QUARANTINED
        session.add(SerialRow(part_id=unit.part_id, serial=unit.serial, state=state))
        session.flush()
    elif known.balance_id is not None:
        raise errors.still_in_stock(unit.part_id, unit.serial, known.balance_id)
    else:
        known.state = SerialState.QUARANTINED


def _replacement(session: Session, visit_id: str, back: ReturnedUnit) -> str | None:
    installed = queries.installed_by(session, visit_id)
    if back.replaced_by is not None:
        if back.replaced_by not in {unit.serial for unit in installed}:
            raise errors.not_installed(back.replaced_by, visit_id)
        return back.replaced_by
    of_part = [unit.serial for unit in installed if unit.part_id == back.part_id]
    return of_part[0] if len(of_part) == 1 else None


def _used(
    session: Session,
    units: PartUsed,
    van: Place,
    balances: Sequence[BalanceRow],
    reservations: Sequence[ReservationRow],
) -> list[Pick]:
    part = checked_part(session, units)
    lots = queries.lots(session, {balance.lot_id for balance in balances})
    of_part = [b for b in first_in(balances, lots) if lots[b.lot_id].part_id == part.id]
    on_van = [balance for balance in of_part if place_of(balance) == van]
    known = queries.serials_now(session, part.id, units.serials)
    new = [serial for serial in units.serials if serial not in known]
    if part.serial_tracked and new:
        raise errors.serial_not_there(part.id, new[0], van)
    sources = [
        *_reserved(on_van, reservations),
        *(Source(balance, balance.free) for balance in on_van),
        *_reserved([b for b in of_part if b not in on_van], reservations),
    ]
    picks = allocated(sources, units, known.values(), van)
    return [_with_new_serials(session, pick, part.id, new) for pick in picks]


def _reserved(
    balances: Sequence[BalanceRow], reservations: Sequence[ReservationRow]
) -> list[Source]:
    """What the reservations keep of the balances, unless it is still to come."""
    return [
        Source(balance, reservation.quantity, reservation)
        for balance in balances
        for reservation in reservations
        if reservation.balance_id == balance.id
        and reservation.state in queries.OPEN
        and not balance.expected
    ]


def _with_new_serials(session: Session, pick: Pick, part_id: str, new: list[str]) -> Pick:
    """The pick, its unnamed units with the first of the ``new`` serial numbers, taken off."""
    unnamed = pick.quantity - len(pick.serials)
    first, new[:] = new[:unnamed], new[unnamed:]
    made = new_serials(session, part_id, first, pick.balance.lot_id)
    return Pick(pick.balance, pick.reservation, pick.quantity, (*pick.serials, *made))


def _consume(ledger: Ledger, pick: Pick, visit_id: str) -> None:
    reservation = pick.reservation
    ledger.move(
        MovementKind.CONSUME,
        pick.quantity,
        pick.balance,
        None,
        serials=pick.serials,
        reservation=reservation,
        visit_id=visit_id,
    )
    if reservation is None:
        return
    if reservation.quantity > pick.quantity:
        reservation.quantity -= pick.quantity
    else:
        reservation.state = ReservationState.CONSUMED
