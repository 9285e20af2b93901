"""What may be promised to visits, locked while one command promises and takes back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands import stock_errors as errors
from dispatch.commands.ledger import Ledger
from dispatch.commands.stock_picks import refuse_unknown_places
from dispatch.store import queries_stock as queries
from dispatch.store.queries_stock import Place, place_of
from dispatch.store.rows_parts import BalanceRow, ReservationRow, ReservationState


@dataclass(frozen=True, slots=True)
class Want:
    """Units of a part that a visit needs from a place.

    With ``needed_at`` units that are to come by then will do; with ``substitutes`` approved ones.
    """

    visit_id: str
    part_id: str
    quantity: int
    place: Place
    needed_at: datetime | None = None
    substitutes: bool = False


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units of a lot that are promised; ``available_at`` is when they are there."""

    id: str
    visit_id: str
    part_id: str
    lot_id: str
    balance_id: str
    quantity: int
    state: str
    available_at: datetime
    expires_at: datetime | None


class Shelf:
    """The balances that wants may be met from, and others by id. Raises UnknownError."""

    def __init__(
        self,
        session: Session,
        wants: Sequence[Want],
        balance_ids: Collection[str],
        ledger: Ledger,
    ) -> None:
        self._session, self._ledger = session, ledger
        self._parts = _acceptable(session, wants)
        places = {want.place for want in wants}
        refuse_unknown_places(session, places)
        parts = {part for accepted in self._parts.values() for part in accepted}
        rows = queries.locked_to_promise(session, parts, places, balance_ids)
        self._balances = {row.id: row for row in rows}
        self._lots = queries.lots(session, {row.lot_id for row in rows})

    def release(self, reservations: Iterable[ReservationRow]) -> None:
        """Reservations that keep nothing any more."""
        self._ledger.release(reservations, self._balances.values())

    def matched(
        self, wants: Sequence[Want], reservations: Iterable[ReservationRow]
    ) -> tuple[list[ReservationRow], list[Want]]:
        """The reservations that the wants need as they are, and what is missing beside them.

        What a person reserved stays as it is, also if it is more; a plan's is made anew then.
        """
        of_visit: dict[str, list[ReservationRow]] = defaultdict(list)
        left: dict[str, int] = {}
        for row in reservations:
            of_visit[row.visit_id].append(row)
            left[row.id] = row.quantity
        missing: list[Want] = []
        for want in wants:
            rest = want.quantity
            for row in of_visit[want.visit_id]:
                by_hand = row.plan_version is None
                if (by_hand or left[row.id] <= rest) and self._meets(row, want):
                    taken = min(left[row.id], rest)
                    left[row.id] -= taken
                    rest -= taken
            if rest:
                missing.append(replace(want, quantity=rest))
        kept = [row for rows in of_visit.values() for row in rows if left[row.id] < row.quantity]
        return kept, missing

    def reserve(
        self,
        wants: Sequence[Want],
        state: ReservationState,
        by: str,
        expires_at: datetime | None = None,
        plan_version: int | None = None,
    ) -> tuple[Reservation, ...]:
        """Reserves all that is wanted, each from the lots that came first; for a plan from the last
        deliveries that come in time before, so that what is there stays for whoever the plan
        will send sooner. Raises ShortageError."""
        numbers = dict(queries.reservation_counts(self._session, {w.visit_id for w in wants}))
        rows: list[ReservationRow] = []
        for want, balance, quantity in self._taken(wants, of_plan=plan_version is not None):
            numbers[want.visit_id] += 1
            rows.append(
                ReservationRow(
                    id=f"{want.visit_id}/{numbers[want.visit_id]}",
                    visit_id=want.visit_id,
                    balance_id=balance.id,
                    quantity=quantity,
                    state=state,
                    expires_at=expires_at,
                    plan_version=plan_version,
                    reserved_at=self._ledger.at,
                    reserved_by=by,
                )
            )
        self._session.add_all(rows)
        self._session.flush()
        for row in rows:
            self._ledger.promise(self._balances[row.balance_id], row)
        return tuple(map(self._said, rows))

    def _said(self, row: ReservationRow) -> Reservation:
        """A reservation in words of people."""
        balance = self._balances[row.balance_id]
        lot = self._lots[balance.lot_id]
        return Reservation(
            id=row.id,
            visit_id=row.visit_id,
            part_id=lot.part_id,
            lot_id=lot.id,
            balance_id=balance.id,
            quantity=row.quantity,
            state=row.state.value,
            available_at=balance.available_at,
            expires_at=row.expires_at,
        )

    def _taken(
        self, wants: Sequence[Want], *, of_plan: bool
    ) -> Iterator[tuple[Want, BalanceRow, int]]:
        """How many units of which balance each want gets."""
        left = {row.id: row.free + row.free_to_come for row in self._balances.values()}
        stock = self._stock()
        for want in wants:
            rest = want.quantity
            for balance in self._candidates(want, stock, of_plan=of_plan):
                quantity = min(rest, left[balance.id])
                if quantity > 0:
                    left[balance.id] -= quantity
                    rest -= quantity
                    yield want, balance, quantity
            if rest:
                raise errors.ShortageError(
                    want.part_id, want.place, want.quantity, want.quantity - rest, self._kept(want)
                )

    def _kept(self, want: Want) -> list[str]:
        """The reservations of others that keep units which a want could be met from."""
        found = queries.kept_for(self._session, self._accepted(want), want.place)
        return [row.id for row in found if row.visit_id != want.visit_id]

    def _stock(self) -> Mapping[tuple[Place, str], list[BalanceRow]]:
        """Balances by place and part: what is there by arrival, then what is to come by time."""
        stock: dict[tuple[Place, str], list[BalanceRow]] = defaultdict(list)
        for balance in sorted(self._balances.values(), key=self._order):
            stock[place_of(balance), self._lots[balance.lot_id].part_id].append(balance)
        return stock

    def _order(self, balance: BalanceRow) -> tuple[bool, datetime, str, str]:
        to_come = balance.expected > 0
        since = balance.available_at if to_come else self._lots[balance.lot_id].arrived_at
        return to_come, since, balance.lot_id, balance.id

    def _candidates(
        self,
        want: Want,
        stock: Mapping[tuple[Place, str], list[BalanceRow]],
        *,
        of_plan: bool,
    ) -> Iterator[BalanceRow]:
        for part_id in self._accepted(want):
            found = [b for b in stock.get((want.place, part_id), ()) if self._in_time(b, want)]
            if of_plan:
                yield from reversed([balance for balance in found if balance.expected])
                found = [balance for balance in found if not balance.expected]
            yield from found

    def _in_time(self, balance: BalanceRow, want: Want) -> bool:
        """Whether units are there, or will be; of an overdue delivery nobody knows when."""
        if not balance.expected:
            return True
        return (
            want.needed_at is not None and self._ledger.at < balance.available_at <= want.needed_at
        )

    def _meets(self, row: ReservationRow, want: Want) -> bool:
        balance = self._balances[row.balance_id]
        part_id = self._lots[balance.lot_id].part_id
        is_right = place_of(balance) == want.place and part_id in self._accepted(want)
        return is_right and self._in_time(balance, want)

    def _accepted(self, want: Want) -> tuple[str, ...]:
        return self._parts[want.part_id] if want.substitutes else (want.part_id,)


def _acceptable(session: Session, wants: Sequence[Want]) -> Mapping[str, tuple[str, ...]]:
    """Of each part wanted what may be used: itself, then its substitutes. Raises StockError."""
    wanted = {want.part_id for want in wants}
    for want in wants:
        if want.quantity < 1:
            raise errors.not_positive(want.quantity)
    for part_id in sorted(wanted - queries.parts(session, wanted).keys()):
        raise errors.UnknownError("part", "备件", part_id)
    others = queries.substitutes(session, wanted)
    return {part_id: (part_id, *others[part_id]) for part_id in wanted}
