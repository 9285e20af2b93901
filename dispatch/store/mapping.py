"""The organisation in the database: saved, loaded, and as the snapshot that planning needs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session

from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Visit, Window
from dispatch.horizon import snapshot_of
from dispatch.store import queries, queries_slots
from dispatch.store.base import Row
from dispatch.store.errors import no_organisation
from dispatch.store.mapping_domain import commitments_of, organisation_of, pins_of
from dispatch.store.mapping_roads import with_roads
from dispatch.store.mapping_rows import TableRows, Values, rows_of
from dispatch.store.rows_parts import BalanceRow, MovementKind, MovementRow
from dispatch.store.rows_places import OrganisationRow
from dispatch.store.rows_work import HeldSlotRow, LinkRow, PinRow
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
    held_at: datetime | None = None,
) -> Snapshot:
    """The snapshot of ``days`` local days from ``from_day`` (by default today) on.

    Visits have the windows that are held for them at an instant (None: those promised only).
    It holds open work only. Raises HorizonError, and SchemaError if there is no organisation.
    """
    facts = load_facts(session, now, from_day, held_at)
    return snapshot_by(session, facts, from_day, days, policy)


def load_facts(
    session: Session, now: datetime, from_day: date | None, held_at: datetime | None
) -> Organisation:
    """What snapshots are made of that plan from ``now`` and a day on, and what takes long to load.

    Raises SchemaError if there is no organisation.
    """
    first_day = now.date() if from_day is None else min(from_day, now.date())
    since = datetime.combine(first_day, time(0), UTC) - timedelta(days=1)  # in any time zone
    organisation = _organisation_of(queries.planning_rows(session, now, since))
    held = queries_slots.held_slots(session, held_at) if held_at is not None else ()
    return with_roads(session, _with_held(replace(organisation, planning_at=now), held))


def planned_anew(session: Session, facts: Organisation) -> Organisation:
    """The facts with the pins, and with what people were told, as they are now."""
    rows = queries.pin_and_commitment_rows(session)
    return replace(facts, pins=pins_of(rows), published=commitments_of(rows))


def snapshot_by(
    session: Session,
    facts: Organisation,
    from_day: date | None,
    days: int | None,
    policy: str | None,
) -> Snapshot:
    """The snapshot of some days by facts that were loaded for them. Raises HorizonError."""
    return snapshot_of(_open_work(session, facts), from_day, days, policy)


def _organisation_of(rows: TableRows) -> Organisation:
    if not rows[OrganisationRow]:
        raise no_organisation()
    return organisation_of(rows)


def _with_held(organisation: Organisation, held: Sequence[HeldSlotRow]) -> Organisation:
    windows = {row.visit_id: (Window(row.open_at, row.close_at),) for row in held}
    visits = (replace(v, windows=windows.get(v.id, v.windows)) for v in organisation.visits)
    return replace(organisation, visits=tuple(visits)) if held else organisation


def _open_work(session: Session, organisation: Organisation) -> Organisation:
    """The organisation without what refers to work that is over."""
    orders = {order.id for order in organisation.work_orders}
    visits = [visit for visit in organisation.visits if visit.work_order_id in orders]
    known = {visit.id: visit for visit in visits}
    pins = {
        p.visit_id: _without_unknown(p, known) for p in organisation.pins if p.visit_id in known
    }
    follow_repairs(session, known, pins, organisation.planning_at)
    return replace(
        organisation,
        visits=tuple(known.values()),
        links=tuple(
            link
            for link in organisation.links
            if link.first_visit_id in known and link.then_visit_id in known
        ),
        pins=tuple(pins.values()),
        published=tuple(told for told in organisation.published if told.visit_id in known),
    )


def follow_repairs(
    session: Session, visits: dict[str, Visit], pins: dict[str, Pin], now: datetime
) -> None:
    """What links ask of visits after a repair that is done, as releases, windows and pins."""
    done = queries.repairs_before_open_visits(session)
    people = queries.told_of(session, {link.first_visit_id for link, _ in done})
    for link, repaired_at in done:
        visit = visits.get(link.then_visit_id)
        if visit is None:
            continue
        visits[visit.id] = _within_lags(visit, link, repaired_at, now)
        told = people[link.first_visit_id][: visit.crew_size]
        pin = pins.get(visit.id, Pin(visit.id))
        if link.same_technician and told and pin.technician_id is None:
            pins[visit.id] = replace(pin, technician_id=told[0], other_technician_ids=told[1:])


def _within_lags(visit: Visit, link: LinkRow, repaired_at: datetime, now: datetime) -> Visit:
    """The visit, not before the least lag, nor after the longest one unless that has run out."""
    if link.min_lag_s is not None:
        from_at = repaired_at + timedelta(seconds=link.min_lag_s)
        visit = replace(visit, release_at=max(from_at, visit.release_at or from_at))
    if link.max_lag_s is not None:
        until_at = repaired_at + timedelta(seconds=link.max_lag_s)
        windows = visit.windows or (Window(repaired_at, until_at),)
        left = tuple(
            replace(window, close_at=min(window.close_at, until_at))
            for window in windows
            if window.open_at <= until_at
        )
        if left and left[-1].close_at >= now:
            visit = replace(visit, windows=left)
    return visit


def _without_unknown(pin: Pin, known: Collection[str]) -> Pin:
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
        self._table = METADATA.tables[row.__tablename__]
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
    said = {"pinned_by": by, "pinned_at": at, "reason": "import", "imported": True}
    return [{**values, **said} for values in added]


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
                "reason": "import",
                "imported": True,
            }
