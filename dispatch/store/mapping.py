"""The organisation in the database: saved, loaded, and as the snapshot that planning needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Visit
from dispatch.horizon import snapshot_of
from dispatch.store import queries
from dispatch.store.base import Row
from dispatch.store.errors import no_organisation
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.mapping_rows import TableRows, Values, rows_of
from dispatch.store.rows_parts import BalanceRow, MovementKind, MovementRow
from dispatch.store.rows_places import OrganisationRow
from dispatch.store.rows_work import PinRow
from dispatch.store.tables import METADATA

_Key = tuple[Any, ...]


def save_organisation(session: Session, organisation: Organisation, by: str, at: datetime) -> None:
    """Writes an organisation into a database that has none."""
    change_organisation(session, {}, rows_of(organisation), by, at)


def load_organisation(session: Session) -> Organisation:
    """All of the organisation, work that is done included. Raises SchemaError if there is none."""
    return _organisation_of(queries.organisation_rows(session))


def load_snapshot(
    session: Session,
    now: datetime,
    from_day: date | None = None,
    days: int | None = None,
    policy: str | None = None,
) -> Snapshot:
    """The snapshot of ``days`` local days from ``from_day`` (by default today) on.

    It holds open work only. Raises HorizonError, and SchemaError if there is no organisation.
    """
    first_day = now.date() if from_day is None else min(from_day, now.date())
    since = datetime.combine(first_day, time(0), UTC) - timedelta(days=1)  # in any time zone
    organisation = _organisation_of(queries.planning_rows(session, now, since))
    current = replace(_open_work(session, organisation), planning_at=now)
    return snapshot_of(current, from_day, days, policy)


def _organisation_of(rows: TableRows) -> Organisation:
    if not rows[OrganisationRow]:
        raise no_organisation()
    return organisation_of(rows)


def _open_work(session: Session, organisation: Organisation) -> Organisation:
    """The organisation without what refers to work that is over."""
    orders = {order.id for order in organisation.work_orders}
    visits = [visit for visit in organisation.visits if visit.work_order_id in orders]
    known = {visit.id for visit in visits}
    return replace(
        organisation,
        visits=tuple(_released_by_repairs(session, visits)),
        links=tuple(
            link
            for link in organisation.links
            if {link.first_visit_id, link.then_visit_id} <= known
        ),
        pins=tuple(_without_unknown(p, known) for p in organisation.pins if p.visit_id in known),
        published=tuple(told for told in organisation.published if told.visit_id in known),
    )


def _released_by_repairs(session: Session, visits: Iterable[Visit]) -> Iterator[Visit]:
    """The visits, those after a repair that is done not before the least lag from it."""
    releases: dict[str, datetime] = {}
    for visit_id, repaired_at, lag_s in queries.repairs_before_open_visits(session):
        from_at = repaired_at + timedelta(seconds=lag_s)
        releases[visit_id] = max(from_at, releases.get(visit_id, from_at))
    for visit in visits:
        if visit.id in releases:
            from_at = releases[visit.id]
            yield replace(visit, release_at=max(from_at, visit.release_at or from_at))
        else:
            yield visit


def _without_unknown(pin: Pin, known: set[str]) -> Pin:
    """The pin, not to a visit that is over."""
    over = pin.after_visit_id is not None and pin.after_visit_id not in known
    return replace(pin, after_visit_id=None) if over else pin


# ------------------------------------------------------------------------------ writing changes


def change_organisation(
    session: Session, before: TableRows, after: TableRows, by: str, at: datetime
) -> None:
    """Makes the rows ``after`` of those ``before``; columns that neither knows stay as they are.

    Changed stock gets its movements.
    """
    tables = {row.__table__: row for row in (*before, *after)}
    ordered = [tables[table] for table in METADATA.sorted_tables if table in tables]
    changes = {row: _Changes(row, before.get(row, ()), after.get(row, ())) for row in ordered}
    connection = session.connection()
    for row in ordered:
        if changes[row].added:
            connection.execute(insert(row), _completed(row, changes[row].added, by, at))
    for row in ordered:
        changes[row].update(session)
    for row in reversed(ordered):
        changes[row].delete(session)
    movements = list(_movements(changes[BalanceRow], by, at)) if BalanceRow in changes else []
    if movements:
        connection.execute(insert(MovementRow), movements)


class _Changes:
    """What became of the rows of a table."""

    def __init__(self, row: type[Row], before: Sequence[Values], after: Sequence[Values]) -> None:
        assert isinstance(row.__table__, Table)
        self._table = row.__table__
        self._key = [column.name for column in self._table.primary_key.columns]
        self.old, self.new = self._keyed(before), self._keyed(after)
        self.added = [self.new[key] for key in self.new if key not in self.old]

    def _keyed(self, rows: Sequence[Values]) -> Mapping[_Key, Values]:
        return {tuple(row[name] for name in self._key): row for row in rows}

    def update(self, session: Session) -> None:
        changed = [v for k, v in self.new.items() if k in self.old and self.old[k] != v]
        if changed:
            columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed[0]}
            statement = update(self._table).where(*self._is_key()).values(columns)
            session.connection().execute(
                statement,
                [
                    self._keyed_values(row) | {f"new_{n}": v for n, v in row.items()}
                    for row in changed
                ],
            )

    def delete(self, session: Session) -> None:
        gone = [row for key, row in self.old.items() if key not in self.new]
        if gone:
            statement = delete(self._table).where(*self._is_key())
            session.connection().execute(statement, [self._keyed_values(row) for row in gone])

    def _is_key(self) -> list[Any]:
        return [self._table.c[name] == bindparam(f"key_{name}") for name in self._key]

    def _keyed_values(self, row: Values) -> dict[str, Any]:
        return {f"key_{name}": row[name] for name in self._key}


def _completed(row: type[Row], added: list[Values], by: str, at: datetime) -> list[Values]:
    """New rows with what the domain does not know."""
    if row is not PinRow:
        return added
    return [{**v, "pinned_by": by, "pinned_at": at, "reason": queries.IMPORT} for v in added]


def _movements(balances: _Changes, by: str, at: datetime) -> Iterable[Values]:
    """What came in with new balances, and by how much others were put right."""
    for key, row in balances.new.items():
        before = balances.old.get(key)
        more = row["on_hand"] - (before["on_hand"] if before else 0)
        if more:
            yield {
                "kind": MovementKind.ADJUST if before else MovementKind.RECEIVE,
                "lot_id": row["lot_id"],
                "from_balance_id": row["id"] if more < 0 else None,
                "to_balance_id": row["id"] if more > 0 else None,
                "quantity": abs(more),
                "happened_at": at,
                "recorded_at": at,
                "recorded_by": by,
                "reason": queries.IMPORT,
            }
