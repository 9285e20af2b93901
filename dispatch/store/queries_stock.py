"""Queries of stock: what is where, who was promised it, and rows locked to be changed.

Locks are taken in one order everywhere: visits, reservations, lots, balances (by lot), serials.
Every change of a reservation or of a serial in stock holds the lock of its balance, and whoever
brings a lot to a place where it never was holds that of the lot.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    PartRow,
    ReservationRow,
    ReservationState,
    ReturnedUnitRow,
    SerialRow,
    SerialState,
    SubstituteRow,
)
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import StationRow
from dispatch.store.rows_work import VisitRow

_Row = TypeVar("_Row")

VAN = "van/"
"""How the name of a technician's van begins."""

OPEN = (ReservationState.HELD, ReservationState.COMMITTED)
"""Reservations that keep units."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where stock is: a station's depot or a technician's van, one of them."""

    station_id: str | None = None
    technician_id: str | None = None

    def __str__(self) -> str:
        return self.station_id or f"{VAN}{self.technician_id}"

    @property
    def holds(self) -> ColumnElement[bool]:
        """Balances at this place."""
        return and_(
            BalanceRow.station_id.is_not_distinct_from(self.station_id),
            BalanceRow.technician_id.is_not_distinct_from(self.technician_id),
        )


def place_of(balance: BalanceRow) -> Place:
    """Where a balance is."""
    return Place(balance.station_id, balance.technician_id)


def places_named(session: Session, name: str) -> tuple[Place, ...]:
    """The station and the technician of that id; both ids may be the same word."""
    meant = (Place(station_id=name), Place(technician_id=name))
    return tuple(place for place in meant if is_place(session, place))


# ------------------------------------------------------------------------------ to be changed


def locked_visits(session: Session, visit_ids: Collection[str]) -> Mapping[str, VisitRow]:
    """The visits by id, locked against changes by others; unknown ones are missing."""
    if not visit_ids:
        return {}
    statement = select(VisitRow).where(VisitRow.id.in_(visit_ids)).order_by(VisitRow.id)
    return {row.id: row for row in session.scalars(_locked(statement))}


def locked_reservations(
    session: Session, condition: ColumnElement[bool], *, skip_locked: bool = False
) -> Sequence[ReservationRow]:
    """Reservations by id; with ``skip_locked`` without those that somebody else changes now."""
    statement = select(ReservationRow).where(condition).order_by(ReservationRow.id)
    return session.scalars(_locked(statement, skip_locked=skip_locked)).all()


def locked_balances(session: Session, condition: ColumnElement[bool]) -> Sequence[BalanceRow]:
    """Balances by lot and id, as they are now that they are locked."""
    statement = select(BalanceRow).where(condition).order_by(BalanceRow.lot_id, BalanceRow.id)
    return session.scalars(_locked(statement)).all()


def locked_lot(session: Session, lot_id: str) -> LotRow | None:
    """The lot; while it is locked nobody else brings it to a new place."""
    return _locked_lots(session, LotRow.id == lot_id).get(lot_id)


def locked_lots_at(session: Session, part_id: str, place: Place) -> Mapping[str, LotRow]:
    """The lots of a part that are at a place, by id, locked as ``locked_lot`` does."""
    here = and_(place.holds, BalanceRow.on_hand > 0, _of_parts((part_id,)))
    return _locked_lots(session, LotRow.id.in_(select(BalanceRow.lot_id).where(here)))


def locked_lots_of(session: Session, balance_ids: Collection[str]) -> Mapping[str, LotRow]:
    """The lots of balances, by id, locked as ``locked_lot`` does."""
    own = select(BalanceRow.lot_id).where(BalanceRow.id.in_(balance_ids))
    return _locked_lots(session, LotRow.id.in_(own))


def locked_at(
    session: Session, lot_ids: Collection[str], *places: Place | None
) -> Sequence[BalanceRow]:
    """The balances of lots at places, locked."""
    there = or_(false(), *(place.holds for place in places if place is not None))
    return locked_balances(session, and_(there, BalanceRow.lot_id.in_(lot_ids)))


def lock_all(session: Session) -> None:
    """Waits until nobody else changes stock, or ends open visits."""
    for statement in (
        select(VisitRow.id).where(VisitRow.ended_at.is_(None)).order_by(VisitRow.id),
        select(LotRow.id).order_by(LotRow.id),
        select(BalanceRow.id).order_by(BalanceRow.lot_id, BalanceRow.id),
    ):
        session.execute(_locked(statement))


def locked_for_use(
    session: Session, van: Place, part_ids: Collection[str], balance_ids: Collection[str]
) -> Sequence[BalanceRow]:
    """What a van has of parts, and other balances by id, locked."""
    on_van = and_(van.holds, BalanceRow.on_hand > 0, _of_parts(part_ids))
    return locked_balances(session, or_(on_van, BalanceRow.id.in_(balance_ids)))


def locked_to_promise(
    session: Session,
    part_ids: Collection[str],
    places: Collection[Place],
    balance_ids: Collection[str],
) -> Sequence[BalanceRow]:
    """Balances of parts with units that nobody was promised, and others by id, locked."""
    stations = {place.station_id for place in places} - {None}
    technicians = {place.technician_id for place in places} - {None}
    there = or_(BalanceRow.station_id.in_(stations), BalanceRow.technician_id.in_(technicians))
    some = or_(BalanceRow.free > 0, BalanceRow.free_to_come > 0)
    free = and_(there, some, _of_parts(part_ids))
    return locked_balances(session, or_(free, BalanceRow.id.in_(balance_ids)))


def locked_with_lots_at(
    session: Session, balance_ids: Collection[str], lot_ids: Collection[str], target: Place
) -> Sequence[BalanceRow]:
    """Balances by id, and those of lots at ``target``, locked."""
    same_lots = and_(target.holds, BalanceRow.lot_id.in_(lot_ids))
    return locked_balances(session, or_(BalanceRow.id.in_(balance_ids), same_lots))


def locked_due(session: Session, at: datetime, *places: Place) -> Sequence[ReservationRow]:
    """Holds at places that have run out, without those that somebody else is changing."""
    there = or_(false(), *(place.holds for place in places))
    here = select(BalanceRow.id).where(there)
    due = and_(
        ReservationRow.state == ReservationState.HELD,
        ReservationRow.expires_at <= at,
        ReservationRow.balance_id.in_(here),
    )
    return locked_reservations(session, due, skip_locked=True)


def kept_for(session: Session, part_ids: Collection[str], place: Place) -> Sequence[ReservationRow]:
    """What keeps units of parts at a place, by id."""
    here = select(BalanceRow.id).where(place.holds, _of_parts(part_ids))
    statement = select(ReservationRow).where(
        ReservationRow.state.in_(OPEN), ReservationRow.balance_id.in_(here)
    )
    return session.scalars(statement.order_by(ReservationRow.id)).all()


def locked_at_depots(
    session: Session, visits: Collection[str] | None = None
) -> Sequence[ReservationRow]:
    """Everything that is reserved at depots, for some visits or all, and so was not issued."""
    if visits is None:
        return session.scalars(_AT_DEPOTS).all()
    return session.scalars(_AT_DEPOTS_FOR, {"visits": list(visits)}).all()


def serials_now(
    session: Session, part_id: str, serials: Collection[str]
) -> Mapping[str, SerialRow]:
    """The known units of a part by serial number, read anew; lock their balances first."""
    statement = select(SerialRow).where(SerialRow.part_id == part_id, SerialRow.serial.in_(serials))
    rows = session.scalars(statement.execution_options(populate_existing=True))
    return {row.serial: row for row in rows}


def locked_serial(session: Session, part_id: str, serial: str) -> SerialRow | None:
    """A unit by part and serial number, locked."""
    is_unit = (SerialRow.part_id == part_id) & (SerialRow.serial == serial)
    return session.scalar(_locked(select(SerialRow).where(is_unit)))


def installed_by(session: Session, visit_id: str) -> Sequence[SerialRow]:
    """The units with serial numbers that a visit installed."""
    statement = select(SerialRow).where(SerialRow.visit_id == visit_id)
    return session.scalars(statement.order_by(SerialRow.part_id, SerialRow.serial)).all()


def last_return(session: Session, visit_id: str) -> int:
    """The number, at the end of its id, of what a visit brought back last; 0: nothing."""
    ids = session.scalars(select(ReturnedUnitRow.id).where(ReturnedUnitRow.visit_id == visit_id))
    return max((int(i.rpartition("/")[2]) for i in ids), default=0)


def came_back(session: Session, part_id: str, serial: str) -> bool:
    """Whether any visit brought a unit back."""
    of_unit = (ReturnedUnitRow.part_id == part_id) & (ReturnedUnitRow.serial == serial)
    return session.scalar(select(ReturnedUnitRow.id).where(of_unit).limit(1)) is not None


def consumed(
    session: Session, visit_id: str, happened_at: datetime, recorded_at: datetime
) -> Sequence[MovementRow]:
    """The movements by which a repair took parts, as they were made."""
    statement = select(MovementRow).where(
        MovementRow.kind == MovementKind.CONSUME,
        MovementRow.visit_id == visit_id,
        MovementRow.happened_at == happened_at,
        MovementRow.recorded_at == recorded_at,
    )
    return session.scalars(statement.order_by(MovementRow.id)).all()


def units_moved(session: Session, movement_id: int) -> Sequence[SerialRow]:
    """The units with serial numbers that a movement moved."""
    moved = select(MovementSerialRow.movement_id).where(
        MovementSerialRow.movement_id == movement_id,
        MovementSerialRow.part_id == SerialRow.part_id,
        MovementSerialRow.serial == SerialRow.serial,
    )
    units = select(SerialRow).where(moved.exists()).order_by(SerialRow.part_id, SerialRow.serial)
    return session.scalars(_locked(units)).all()


def was_counted(session: Session, balance_id: str, after: int) -> bool:
    """Whether somebody counted a balance behind a movement."""
    there = or_(MovementRow.from_balance_id == balance_id, MovementRow.to_balance_id == balance_id)
    counted = and_(MovementRow.kind == MovementKind.ADJUST, MovementRow.id > after, there)
    return session.scalar(select(MovementRow.id).where(counted).limit(1)) is not None


def released_since(
    session: Session, visit_ids: Collection[str], since: datetime
) -> Collection[str]:
    """The reservations of visits that were let go from an instant on."""
    statement = select(MovementRow.reservation_id).where(
        MovementRow.kind == MovementKind.RELEASE,
        MovementRow.visit_id.in_(visit_ids),
        MovementRow.recorded_at >= since,
    )
    return {i for i in session.scalars(statement) if i is not None}


def serials_at(session: Session, balance_id: str, state: SerialState) -> int:
    """How many units of a balance are known by serial number and in that state."""
    statement = select(func.count()).select_from(SerialRow)
    at_balance = (SerialRow.balance_id == balance_id) & (SerialRow.state == state)
    return session.scalar(statement.where(at_balance)) or 0


def _locked_lots(session: Session, condition: ColumnElement[bool]) -> Mapping[str, LotRow]:
    statement = select(LotRow).where(condition).order_by(LotRow.id)
    return {row.id: row for row in session.scalars(_locked(statement))}


def _of_parts(part_ids: Collection[str]) -> ColumnElement[bool]:
    return BalanceRow.lot_id.in_(select(LotRow.id).where(LotRow.part_id.in_(part_ids)))


def _locked(statement: Select[_Row], *, skip_locked: bool = False) -> Select[_Row]:
    # NO KEY UPDATE, as a change takes it: rows that refer to these may be added meanwhile. What
    # was read before the lock was got may be old.
    return statement.with_for_update(key_share=True, skip_locked=skip_locked).execution_options(
        populate_existing=True
    )


_DEPOTS = select(BalanceRow.id).where(BalanceRow.station_id.is_not(None))
_AT_DEPOTS = _locked(
    select(ReservationRow)
    .where(ReservationRow.state.in_(OPEN), ReservationRow.balance_id.in_(_DEPOTS))
    .order_by(ReservationRow.id)
)
_AT_DEPOTS_FOR = _AT_DEPOTS.where(ReservationRow.visit_id.in_(bindparam("visits", expanding=True)))

# ------------------------------------------------------------------------------ facts


def lots(session: Session, lot_ids: Collection[str]) -> Mapping[str, LotRow]:
    """The lots by id."""
    return {row.id: row for row in session.scalars(select(LotRow).where(LotRow.id.in_(lot_ids)))}


def parts(session: Session, part_ids: Collection[str]) -> Mapping[str, PartRow]:
    """The parts by id; unknown ones are missing."""
    return {row.id: row for row in session.scalars(select(PartRow).where(PartRow.id.in_(part_ids)))}


def substitutes(session: Session, part_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Of each part those that are approved in its place, best first."""
    statement = (
        select(SubstituteRow)
        .where(SubstituteRow.part_id.in_(part_ids))
        .order_by(SubstituteRow.part_id, SubstituteRow.position)
    )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(part_ids, ())
    for row in session.scalars(statement):
        found[row.part_id] += (row.substitute_id,)
    return found


def is_place(session: Session, place: Place) -> bool:
    """Whether there is such a station or technician."""
    if place.station_id is not None:
        return session.get(StationRow, place.station_id) is not None
    return session.get(TechnicianRow, place.technician_id) is not None


def reservation_counts(session: Session, visit_ids: Collection[str]) -> Mapping[str, int]:
    """How many reservations each visit ever had."""
    statement = (
        select(ReservationRow.visit_id, func.count())
        .where(ReservationRow.visit_id.in_(visit_ids))
        .group_by(ReservationRow.visit_id)
    )
    counts = dict.fromkeys(visit_ids, 0)
    counts.update((visit, number) for visit, number in session.execute(statement))
    return counts


def units_without_serial(session: Session, part_id: str) -> int:
    """How many units of a part are in stock that nobody knows by serial number."""
    lots = select(LotRow.id).where(LotRow.part_id == part_id)
    units = select(func.sum(BalanceRow.on_hand + BalanceRow.quarantined)).where(
        BalanceRow.lot_id.in_(lots)
    )
    known = select(func.count()).where(
        SerialRow.part_id == part_id, SerialRow.balance_id.is_not(None)
    )
    return (session.scalar(units) or 0) - (session.scalar(known) or 0)
