"""What the tables say, read with plain queries: nothing of the product's own queries is used."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatch.store.database import Database
from dispatch.store.tables import METADATA


class Entry(NamedTuple):
    """A line of the audit trail; later ones have greater numbers."""

    number: int
    command: str
    key: str | None
    after: Mapping[str, Any]
    outcome: Any


class Booking(NamedTuple):
    technician_id: str
    visit_id: str
    start_at: datetime
    finish_at: datetime


class Balance(NamedTuple):
    id: str
    on_hand: int
    promised: int
    """Reserved, or promised of what is to come."""


class Movement(NamedTuple):
    number: int
    kind: str
    source: str | None
    target: str | None
    quantity: int


class Reservation(NamedTuple):
    id: str
    balance_id: str
    quantity: int
    state: str


class Version(NamedTuple):
    number: int
    state: str


@dataclass(frozen=True)
class Facts:
    """One state of the database. ``events`` are the work orders by their events, ``crews`` the
    technicians of a visit in a version."""

    entries: Sequence[Entry]
    events: Mapping[str, str]
    bookings: Sequence[Booking]
    balances: Sequence[Balance]
    movements: Sequence[Movement]
    reservations: Sequence[Reservation]
    versions: Sequence[Version]
    crews: Mapping[tuple[int, str], frozenset[str]]


def facts_of(database: Database) -> Facts:
    with database.reading() as session:
        return Facts(
            entries=_entries(session),
            events={
                row.id: row.work_order_id for row in _rows(session, "events", "id", "work_order_id")
            },
            bookings=[
                Booking(*row)
                for row in _rows(
                    session, "bookings", "technician_id", "visit_id", "start_at", "finish_at"
                )
            ],
            balances=[
                Balance(row.id, row.on_hand, row.reserved + row.promised)
                for row in _rows(session, "balances", "id", "on_hand", "reserved", "promised")
            ],
            movements=[
                Movement(*row)
                for row in _rows(
                    session,
                    "movements",
                    "id",
                    "kind",
                    "from_balance_id",
                    "to_balance_id",
                    "quantity",
                )
            ],
            reservations=[
                Reservation(*row)
                for row in _rows(session, "reservations", "id", "balance_id", "quantity", "state")
            ],
            versions=[Version(*row) for row in _rows(session, "plan_versions", "version", "state")],
            crews=_crews(session),
        )


def _rows(session: Session, table: str, *columns: str) -> Sequence[Any]:
    """The columns of all rows, in the order of the first."""
    found = METADATA.tables[table].c
    statement: Select[Any] = select(*(found[name] for name in columns)).order_by(found[columns[0]])
    return session.execute(statement).all()


def _entries(session: Session) -> list[Entry]:
    columns = ("id", "command", "idempotency_key", "after", "outcome")
    rows = _rows(session, "audit_trail", *columns)
    return [Entry(number, said, key, after or {}, out) for number, said, key, after, out in rows]


def _crews(session: Session) -> Mapping[tuple[int, str], frozenset[str]]:
    routes = {
        (row.version, row.route): row.technician_id
        for row in _rows(session, "plan_routes", "version", "route", "technician_id")
    }
    crews: dict[tuple[int, str], set[str]] = defaultdict(set)
    for version, route, kind, visit_id in _rows(
        session, "plan_stops", "version", "route", "kind", "visit_id"
    ):
        if kind == "visit":
            crews[version, visit_id].add(routes[version, route])
    return {key: frozenset(people) for key, people in crews.items()}
