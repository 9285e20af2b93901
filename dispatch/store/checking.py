"""Whether the database holds together: the files, the references, and the sums."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select, text, union_all
from sqlalchemy.orm import Session, aliased

from dispatch.store import schema
from dispatch.store.database import Database
from dispatch.store.queries_stock import OPEN
from dispatch.store.rows_parts import BalanceRow, MovementKind, MovementRow, ReservationRow
from dispatch.store.rows_plans import BookingRow
from dispatch.texts import Text

_PROMISES = (MovementKind.RESERVE, MovementKind.RELEASE)  # they move nothing


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be; ``subject`` is where."""

    subject: str
    text: Text


def check(database: Database) -> tuple[Finding, ...]:
    """Everything that is wrong with the database; nothing if all is well. Raises SchemaError."""
    schema.need_shape(database)
    with database.reading() as session:
        return (
            *(_damage(session) if database.file is not None else ()),
            *_wrong_on_hand(session),
            *_wrong_reserved(session),
            *_double_bookings(session),
        )


def _damage(session: Session) -> Iterator[Finding]:
    """What SQLite says about its file."""
    for (said,) in session.execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield Finding("integrity_check", Text(said, said))
    for table, row, target, _ in session.execute(text("PRAGMA foreign_key_check")):
        yield Finding(
            f"{table} {row}",
            Text(f"it names something that is not in {target}", f"引用了 {target} 中不存在的内容"),
        )


def _wrong_on_hand(session: Session) -> Iterator[Finding]:
    """Balances whose units on hand are not the sum of their movements."""
    moves = MovementRow.kind.not_in(_PROMISES)
    moved = union_all(
        select(
            MovementRow.to_balance_id.label("balance"), MovementRow.quantity.label("units")
        ).where(moves, MovementRow.to_balance_id.is_not(None)),
        select(MovementRow.from_balance_id, -MovementRow.quantity).where(
            moves, MovementRow.from_balance_id.is_not(None)
        ),
    ).subquery()
    sums = func.coalesce(func.sum(moved.c.units), 0)
    yield from _differences(
        session,
        select(BalanceRow.id, BalanceRow.on_hand, sums)
        .outerjoin(moved, moved.c.balance == BalanceRow.id)
        .group_by(BalanceRow.id, BalanceRow.on_hand)
        .having(BalanceRow.on_hand != sums),
        Text("units on hand and the sum of movements differ", "在库数量与出入库合计不符"),
    )


def _wrong_reserved(session: Session) -> Iterator[Finding]:
    """Balances that promise more or less than their open reservations."""
    promised = BalanceRow.reserved + BalanceRow.promised
    sums = func.coalesce(func.sum(ReservationRow.quantity), 0)
    is_open = ReservationRow.state.in_(OPEN)
    yield from _differences(
        session,
        select(BalanceRow.id, promised, sums)
        .outerjoin(ReservationRow, (ReservationRow.balance_id == BalanceRow.id) & is_open)
        .group_by(BalanceRow.id, promised)
        .having(promised != sums),
        Text("units reserved and the sum of reservations differ", "预留数量与预留记录合计不符"),
    )


def _differences(
    session: Session, statement: Select[str, int, int], what: Text
) -> Iterator[Finding]:
    for balance, found, summed in session.execute(statement):
        figures = f"{found} / {summed}"
        yield Finding(f"balances {balance}", Text(f"{what.en}: {figures}", f"{what.zh}：{figures}"))


def _double_bookings(session: Session) -> Iterator[Finding]:
    other = aliased(BookingRow)
    statement = select(BookingRow.technician_id, BookingRow.visit_id, other.visit_id).join(
        other,
        (BookingRow.technician_id == other.technician_id)
        & (BookingRow.id < other.id)
        & (BookingRow.start_at < other.finish_at)
        & (BookingRow.finish_at > other.start_at),
    )
    for technician, first, second in session.execute(statement):
        yield Finding(
            f"bookings {technician}",
            Text(f"{first} and {second} overlap", f"{first} 与 {second} 时间重叠"),
        )
