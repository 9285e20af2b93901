"""Which units a command takes: those named, or else the lots that arrived first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.ledger import Ledger
from dispatch.domain.events import PartUsed
from dispatch.store import queries_stock as queries
from dispatch.store.queries import known_among
from dispatch.store.queries_stock import VAN, Place, place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    PartRow,
    ReservationRow,
    SerialRow,
    SerialState,
)
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import StationRow


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a part: those of a lot or with serial numbers, or else those that came first."""

    part_id: str
    quantity: int
    lot_id: str | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Units that may be taken: free ones of a balance, or those of a reservation there."""

    balance: BalanceRow
    available: int
    reservation: ReservationRow | None = None

    def is_of(self, units: Units | PartUsed) -> bool:
        """Whether it is of the lot that is asked for, if one is."""
        return units.lot_id in (None, self.balance.lot_id)

    def has(self, unit: SerialRow, units: Units | PartUsed) -> bool:
        return self.is_of(units) and self.balance.id == unit.balance_id


@dataclass(frozen=True, slots=True)
class Pick:
    """Units that are taken, as far as possible with their serial numbers."""

    balance: BalanceRow
    reservation: ReservationRow | None
    quantity: int
    serials: tuple[SerialRow, ...]


def first_in(balances: Iterable[BalanceRow], lots: Mapping[str, LotRow]) -> list[BalanceRow]:
    """The balances in the order in which their lots arrived."""
    return sorted(balances, key=lambda b: (lots[b.lot_id].arrived_at, b.lot_id, b.id))


def known_place(session: Session, place: Place) -> Place:
    """The place. Raises UnknownError if there is no such station or technician."""
    if not queries.is_place(session, place):
        raise unknown_place(place)
    return place


def refuse_unknown_places(session: Session, places: Collection[Place]) -> None:
    """Raises UnknownError for a place that is no station or technician."""
    stations = {place.station_id for place in places if place.station_id is not None}
    people = {place.technician_id for place in places if place.technician_id is not None}
    known = known_among(session, StationRow, stations), known_among(session, TechnicianRow, people)
    for place in places:
        if place.station_id not in known[0] and place.technician_id not in known[1]:
            raise unknown_place(place)


def unknown_place(place: Place) -> errors.UnknownError:
    return errors.UnknownError("station or technician", "服务站或技术员", str(place))


def place_named(session: Session, name: str) -> Place:
    """The depot or van that people mean: ``S1``, ``T1``, or ``van/S1`` beside a station S1.

    Raises StockError if there is none, or two.
    """
    if name.startswith(VAN):
        return known_place(session, Place(technician_id=name.removeprefix(VAN)))
    found = queries.places_named(session, name)
    if len(found) > 1:
        raise errors.two_places(name)
    return known_place(session, found[0] if found else Place(station_id=name))


def known_lot(session: Session, lot_id: str) -> LotRow:
    """The lot. Raises UnknownError."""
    lot = session.get(LotRow, lot_id)
    if lot is None:
        raise errors.UnknownError("lot", "批次", lot_id)
    return lot


def known_part(session: Session, part_id: str) -> PartRow:
    """The part. Raises UnknownError."""
    part = session.get(PartRow, part_id)
    if part is None:
        raise errors.UnknownError("part", "备件", part_id)
    return part


def checked_part(session: Session, units: Units | PartUsed) -> PartRow:
    """The part of units. Raises StockError if it is unknown or serial numbers are missing."""
    if units.quantity < 1:
        raise errors.not_positive(units.quantity)
    # While it is locked nobody changes whether serial numbers are needed.
    part = session.get(PartRow, units.part_id, with_for_update={"read": True, "key_share": True})
    if part is None:
        raise errors.UnknownError("part", "备件", units.part_id)
    named = len(set(units.serials))
    too_many = named > units.quantity or named < len(units.serials)
    if too_many or (part.serial_tracked and named < units.quantity):
        raise errors.serials_needed(units.part_id, units.quantity, named)
    return part


def allocated(
    sources: Sequence[Source], units: Units | PartUsed, named: Iterable[SerialRow], place: Place
) -> list[Pick]:
    """The units wanted, ``named`` ones where they are, others from the first sources on.

    Raises ShortageError, and SerialError for a unit that is not there or promised to somebody.
    """
    left = [source.available for source in sources]
    serials: list[list[SerialRow]] = [[] for _ in sources]
    for unit in named:
        index = next((i for i, s in enumerate(sources) if left[i] and s.has(unit, units)), None)
        if index is None or unit.state is not SerialState.IN_STOCK:
            raise errors.serial_not_there(unit.part_id, unit.serial, place)
        left[index] -= 1
        serials[index].append(unit)
    taken = [len(units) for units in serials]
    rest = units.quantity - sum(taken)
    for index, source in enumerate(sources):
        if source.is_of(units):
            more = min(rest, left[index])
            taken[index] += more
            rest -= more
    if rest:
        raise errors.ShortageError(units.part_id, place, units.quantity, units.quantity - rest)
    return [
        Pick(source.balance, source.reservation, taken[index], tuple(serials[index]))
        for index, source in enumerate(sources)
        if taken[index]
    ]


def picked(
    session: Session, ledger: Ledger, units: Units, place: Place, target: Place | None = None
) -> list[Pick]:
    """Free units at a place, locked, with the balances of the same lots at ``target``.

    Holds of them that ran out are released before.
    """
    checked_part(session, units)
    known_place(session, place)
    due = queries.locked_due(session, ledger.at, place)
    lots = queries.locked_lots_at(session, units.part_id, place)
    balances = queries.locked_at(session, lots, place, target)
    here = [balance for balance in balances if place_of(balance) == place]
    ledger.release(due, here)
    named = serials_there(session, units, place)
    sources = [Source(balance, balance.free) for balance in first_in(here, lots)]
    return allocated(sources, units, named, place)


def serials_there(session: Session, units: Units, place: Place) -> list[SerialRow]:
    """The units by their serial numbers; their balances are locked. Raises SerialError."""
    known = queries.serials_now(session, units.part_id, units.serials)
    for serial in units.serials:
        if serial not in known:
            raise errors.serial_not_there(units.part_id, serial, place)
    return [known[serial] for serial in sorted(known)]
