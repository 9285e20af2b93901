"""Units that are promised to visits: held for a while, committed by a plan, issued, released."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note, once
from dispatch.commands.ledger import Ledger, Moved, balance_at
from dispatch.commands.shelf import Reservation, Shelf, Want
from dispatch.commands.stock_picks import Units, checked_part, known_place, serials_there
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import Place, place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    MovementKind,
    ReservationRow,
    ReservationState,
    SerialRow,
)


@dataclass(frozen=True, slots=True)
class Reserved:
    """Reservations as they are now."""

    reservations: tuple[Reservation, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """The reservations, by id, that keep nothing any more."""

    reservation_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan's wants came to: reservations that stayed, new ones, and those released."""

    kept: tuple[str, ...]
    made: tuple[Reservation, ...]
    released: tuple[str, ...]


def reserve(
    session: Session,
    wants: Sequence[Want],
    expires_at: datetime,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Reserved:
    """Holds all that is wanted until ``expires_at``, or nothing: the lots that came first.

    Holds there that ran out are released before. Raises StockError, of which ShortageError.
    """
    done = once(session, key, "stock.reserve", Reserved)
    if done is not None:
        return done
    if expires_at <= at:
        raise errors.expired_already(expires_at)
    _lock_open_visits(session, wants)
    due = queries.locked_due(session, at, *{want.place for want in wants})
    ledger = Ledger(session, by, at, reason)
    shelf = Shelf(session, wants, {row.balance_id for row in due}, ledger)
    shelf.release(due)
    made = Reserved(shelf.reserve(wants, ReservationState.HELD, by, expires_at))
    visits = _words(want.visit_id for want in wants)
    note(session, "stock.reserve", "visit", visits, by, at, reason=reason, outcome=made, key=key)
    return made


def reserve_for_plan(
    session: Session,
    wants: Sequence[Want],
    plan_version: int,
    by: str,
    at: datetime,
    reason: str = "",
    begun: Collection[str] = (),
    among: Collection[str] | None = None,
) -> Planned:
    """Makes the reservations at depots those of a plan that is being published.

    What a visit has reserved already of a part at a place counts. What an earlier plan reserved
    and this one does not want is released, unless it was issued, or is for a visit that has
    ``begun``: that is not planned any more. ``among``: only some visits. Raises StockError as
    ``reserve``.
    """
    _lock_open_visits(session, wants)
    found = queries.locked_at_depots(session, among)
    if among is not None and not wants and not found:
        return Planned((), (), ())
    due = [row for row in found if row.expires_at is not None and row.expires_at <= at]
    ledger = Ledger(session, by, at, reason)
    shelf = Shelf(session, wants, {row.balance_id for row in found}, ledger)
    kept, missing = shelf.matched(wants, (row for row in found if row not in due))
    stay = {row.id for row in kept}
    planned_before = (
        row for row in found if row.plan_version is not None and row.visit_id not in begun
    )
    gone = [row for row in (*due, *planned_before) if row.id not in stay]
    shelf.release(gone)
    _commit(kept, plan_version)
    made = shelf.reserve(missing, ReservationState.COMMITTED, by, plan_version=plan_version)
    planned = Planned(tuple(row.id for row in kept), made, tuple(row.id for row in gone))
    version = str(plan_version)
    note(session, "stock.reserve_for_plan", "plan", version, by, at, reason=reason, after=planned)
    return planned


def release(
    session: Session,
    reservation_ids: Collection[str],
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Released:
    """The units are free again; what keeps nothing any more is passed over.

    Raises UnknownError.
    """
    done = once(session, key, "stock.release", Released)
    if done is not None:
        return done
    rows = queries.locked_reservations(session, ReservationRow.id.in_(reservation_ids))
    _refuse_unknown(reservation_ids, rows)
    return _release(session, "stock.release", rows, by, at, reason, key)


def release_visits(
    session: Session, visit_ids: Collection[str], by: str, at: datetime, reason: str = ""
) -> Released:
    """Everything that is reserved for visits is free again, also on vans: the visits are over."""
    of_visits = ReservationRow.visit_id.in_(visit_ids) & ReservationRow.state.in_(queries.OPEN)
    rows = queries.locked_reservations(session, of_visits)
    return _release(session, "stock.release_visits", rows, by, at, reason, None)


def issue_reserved(
    session: Session,
    reservation_ids: Collection[str],
    technician_id: str,
    by: str,
    at: datetime,
    serials: tuple[str, ...] = (),
    key: str | None = None,
) -> Moved:
    """Reserved units are handed to a technician; on the van they stay reserved for their visits.

    ``serials`` name units of the reserved lots. Raises StockError: units are to come, have to be
    named, or are not of a lot that is reserved.
    """
    done = once(session, key, "stock.issue_reserved", Moved)
    if done is not None:
        return done
    van = known_place(session, Place(technician_id=technician_id))
    rows = _open(session, reservation_ids)
    sources = {row.balance_id for row in rows}
    lots = queries.locked_lots_of(session, sources)
    balances = {row.id: row for row in queries.locked_with_lots_at(session, sources, lots, van)}
    ledger = Ledger(session, by, at)
    unnamed = list(serials)
    for row in rows:
        source = balances[row.balance_id]
        if source.expected:
            raise errors.not_there_yet(row.id)
        if place_of(source) == van:
            continue
        part_id = lots[source.lot_id].part_id
        named = _of_reservation(session, row, source, part_id, unnamed)
        target = balance_at(session, source.lot_id, van, at)
        ledger.move(
            MovementKind.ISSUE,
            row.quantity,
            source,
            target,
            serials=named,
            reservation=row,
            visit_id=row.visit_id,
        )
        row.balance_id = target.id
    _commit(rows, None)
    if unnamed:
        raise errors.not_reserved(unnamed[0])
    return ledger.noted("stock.issue_reserved", "technician", technician_id, key)


# ------------------------------------------------------------------------------ what they share


def _lock_open_visits(session: Session, wants: Iterable[Want]) -> None:
    """Raises StockError if a visit is unknown or over; it cannot end meanwhile."""
    visit_ids = {want.visit_id for want in wants}
    visits = queries.locked_visits(session, visit_ids)
    for visit_id in sorted(visit_ids):
        if visit_id not in visits:
            raise errors.UnknownError("visit", "任务", visit_id)
        if visits[visit_id].ended_at is not None:
            raise errors.visit_is_over(visit_id)


def _open(session: Session, reservation_ids: Collection[str]) -> Sequence[ReservationRow]:
    """The reservations, locked. Raises StockError if one is unknown or keeps nothing."""
    rows = queries.locked_reservations(session, ReservationRow.id.in_(reservation_ids))
    _refuse_unknown(reservation_ids, rows)
    for row in rows:
        if row.state not in queries.OPEN:
            raise errors.not_open(row.id, row.state.value)
    return rows


def _refuse_unknown(reservation_ids: Collection[str], rows: Iterable[ReservationRow]) -> None:
    for unknown in sorted(set(reservation_ids) - {row.id for row in rows}):
        raise errors.UnknownError("reservation", "预留", unknown)


def _commit(rows: Iterable[ReservationRow], plan_version: int | None) -> None:
    for row in rows:
        row.state, row.expires_at = ReservationState.COMMITTED, None
        if plan_version is not None:
            row.plan_version = plan_version


def _release(
    session: Session,
    command: str,
    rows: Iterable[ReservationRow],
    by: str,
    at: datetime,
    reason: str,
    key: str | None,
) -> Released:
    kept = [row for row in rows if row.state in queries.OPEN]
    ledger = Ledger(session, by, at, reason)
    of_kept = BalanceRow.id.in_({row.balance_id for row in kept})
    ledger.release(kept, queries.locked_balances(session, of_kept))
    made = Released(tuple(row.id for row in kept))
    if kept or key is not None:
        ids = _words(made.reservation_ids)
        note(session, command, "reservation", ids, by, at, reason=reason, outcome=made, key=key)
    return made


def _of_reservation(
    session: Session, row: ReservationRow, source: BalanceRow, part_id: str, unnamed: list[str]
) -> list[SerialRow]:
    """The units of a reservation by serial number, taken off ``unnamed``. Raises SerialError."""
    known = queries.serials_now(session, part_id, unnamed)
    here = [s for s in unnamed if s in known and known[s].balance_id == source.id][: row.quantity]
    units = Units(part_id, row.quantity, source.lot_id, tuple(here))
    checked_part(session, units)
    for serial in here:
        unnamed.remove(serial)
    return serials_there(session, units, place_of(source))


def _words(ids: Iterable[str]) -> str:
    """What a command was about, each once."""
    return ", ".join(dict.fromkeys(ids))
