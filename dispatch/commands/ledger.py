"""Balances that change, each with the movement that says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.auditing import note
from dispatch.store import queries_stock as queries
from dispatch.store.queries import next_position
from dispatch.store.queries_stock import Place, place_of
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
    MovementRow,
    MovementSerialRow,
    ReservationRow,
    ReservationState,
    SerialRow,
    SerialState,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a movement did; ``source`` and ``target`` are balances."""

    kind: str
    part_id: str
    lot_id: str
    quantity: int
    source: str | None
    target: str | None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """What a command did to stock, in this order."""

    lines: tuple[Line, ...]


def balance_at(session: Session, lot_id: str, place: Place, at: datetime) -> BalanceRow:
    """The balance that units of a lot come to, locked; a new one where the lot never was.

    The lot is locked: two may bring it there at the same time. Raises StockError if what is there
    has not arrived yet.
    """
    for found in queries.locked_at(session, (lot_id,), place):
        if found.expected:
            raise errors.not_arrived(lot_id)
        return found
    return new_balance(session, f"{lot_id}@{place}", lot_id, place, at)


def new_balance(
    session: Session, balance_id: str, lot_id: str, place: Place, at: datetime
) -> BalanceRow:
    """An empty balance, available from ``at`` on."""
    row = BalanceRow(
        id=balance_id,
        lot_id=lot_id,
        station_id=place.station_id,
        technician_id=place.technician_id,
        available_at=at,
        on_hand=0,
        reserved=0,
        expected=0,
        promised=0,
        quarantined=0,
        position=next_position(session, BalanceRow),
    )
    session.add(row)
    session.flush()
    return row


def new_serials(
    session: Session, part_id: str, serials: Sequence[str], lot_id: str
) -> tuple[SerialRow, ...]:
    """Units that are seen for the first time. Raises SerialError if one is known."""
    for serial in queries.serials_now(session, part_id, serials):
        raise errors.serial_is_known(part_id, serial)
    rows = tuple(
        SerialRow(part_id=part_id, serial=serial, state=SerialState.IN_STOCK, lot_id=lot_id)
        for serial in serials
    )
    session.add_all(rows)
    session.flush()
    return rows


class Ledger:
    """The movements of one command. Whoever uses it has locked the balances."""

    def __init__(
        self,
        session: Session,
        by: str,
        at: datetime,
        reason: str = "",
        happened_at: datetime | None = None,
    ) -> None:
        """``happened_at``: when it was done, if that is not ``at``, when it is recorded."""
        self._session = session
        self.at = at
        self._by, self._reason = by, reason
        self._happened_at = happened_at or at
        self._lines: list[Line] = []

    def noted(self, command: str, subject_kind: str, subject_id: str, key: str | None) -> Moved:
        """What was done, written into the audit trail as the outcome of the command."""
        moved = Moved(tuple(self._lines))
        note(
            self._session,
            command,
            subject_kind,
            subject_id,
            self._by,
            self.at,
            reason=self._reason,
            outcome=moved,
            key=key,
        )
        return moved

    def move(
        self,
        kind: MovementKind,
        quantity: int,
        source: BalanceRow | None,
        target: BalanceRow | None,
        *,
        serials: Sequence[SerialRow] = (),
        reservation: ReservationRow | None = None,
        visit_id: str | None = None,
    ) -> None:
        """Units leave ``source`` and come to ``target``; those of a reservation stay reserved.

        Raises SerialError if units have to be named.
        """
        reserved = quantity if reservation is not None else 0
        if source is not None:
            source.on_hand -= quantity
            source.reserved -= reserved
        if target is not None:
            target.on_hand += quantity
            target.reserved += reserved
        for unit in serials:
            unit.balance_id = target.id if target is not None else None
            unit.state = _state_after(kind, target)
            unit.visit_id = visit_id if kind is MovementKind.CONSUME else unit.visit_id
        self._write(kind, quantity, source, target, serials, reservation, visit_id)
        if source is not None:
            self._need_named(source)

    def quarantine(
        self, quantity: int, balance: BalanceRow, serials: Sequence[SerialRow], *, out: bool
    ) -> None:
        """Units that are there are set apart; with ``out`` they may be used again."""
        balance.on_hand += quantity if out else -quantity
        balance.quarantined += -quantity if out else quantity
        for unit in serials:
            unit.state = SerialState.IN_STOCK if out else SerialState.QUARANTINED
        source, target = (None, balance) if out else (balance, None)
        self._write(MovementKind.QUARANTINE, quantity, source, target, serials)
        self._need_named(balance)

    def promise(self, balance: BalanceRow, reservation: ReservationRow) -> None:
        """The units of a new reservation are promised, there or to come."""
        self._promise(balance, reservation.quantity)
        self._write(
            MovementKind.RESERVE,
            reservation.quantity,
            balance,
            None,
            reservation=reservation,
            visit_id=reservation.visit_id,
        )

    def release(
        self, reservations: Iterable[ReservationRow], balances: Iterable[BalanceRow]
    ) -> None:
        """Those that are of the balances keep nothing any more: their units are free again."""
        known = {balance.id: balance for balance in balances}
        for reservation in reservations:
            balance = known.get(reservation.balance_id)
            if balance is None:
                continue
            reservation.state = ReservationState.RELEASED
            self._promise(balance, -reservation.quantity)
            self._write(
                MovementKind.RELEASE,
                reservation.quantity,
                balance,
                None,
                reservation=reservation,
                visit_id=reservation.visit_id,
            )

    def _write(
        self,
        kind: MovementKind,
        quantity: int,
        source: BalanceRow | None,
        target: BalanceRow | None,
        serials: Sequence[SerialRow] = (),
        reservation: ReservationRow | None = None,
        visit_id: str | None = None,
    ) -> None:
        balance = source or target
        if balance is None:
            raise ValueError("units move from somewhere or to somewhere")
        row = MovementRow(
            kind=kind,
            lot_id=balance.lot_id,
            from_balance_id=source.id if source is not None else None,
            to_balance_id=target.id if target is not None else None,
            quantity=quantity,
            visit_id=visit_id,
            reservation_id=reservation.id if reservation is not None else None,
            happened_at=self._happened_at,
            recorded_at=self.at,
            recorded_by=self._by,
            reason=self._reason,
        )
        self._session.add(row)
        if serials:
            self._session.flush()
            self._session.add_all(
                MovementSerialRow(movement_id=row.id, part_id=unit.part_id, serial=unit.serial)
                for unit in serials
            )
        lot = self._session.get_one(LotRow, balance.lot_id)
        self._lines.append(
            Line(
                kind=kind.value,
                part_id=lot.part_id,
                lot_id=lot.id,
                quantity=quantity,
                source=row.from_balance_id,
                target=row.to_balance_id,
                serials=tuple(unit.serial for unit in serials),
            )
        )

    def _promise(self, balance: BalanceRow, more: int) -> None:
        if balance.expected:
            balance.promised += more
        else:
            balance.reserved += more

    def _need_named(self, balance: BalanceRow) -> None:
        """Units known by serial number are no more than there are: else some left unnamed."""
        for state, units in (
            (SerialState.IN_STOCK, balance.on_hand),
            (SerialState.QUARANTINED, balance.quarantined),
        ):
            known = queries.serials_at(self._session, balance.id, state)
            if known > units:
                raise errors.left_unnamed(balance.lot_id, place_of(balance), known, units)


def _state_after(kind: MovementKind, target: BalanceRow | None) -> SerialState:
    if target is not None:
        return SerialState.IN_STOCK
    return SerialState.INSTALLED if kind is MovementKind.CONSUME else SerialState.LOST
