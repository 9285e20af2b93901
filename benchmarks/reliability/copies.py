"""Everything is the same afterwards: copied and restored (``round-trip``), changed in shape and
back (``migrations``)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.load import BY, fill, mixed_jobs, organisation_of
from benchmarks.reliability.stores import Files
from dispatch.commands.stock_errors import ShortageError
from dispatch.domain.events import EventKind
from dispatch.domain.organisation import Organisation
from dispatch.store import schema
from dispatch.store.copying import back_up, copy, restore
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import EventRow
from dispatch.store.tables import METADATA

_BATCH = 1000
_GIVES = 25


def round_trip(room: Room) -> Result:
    """SQLite to the database of this kind; from there into a backup, and restored into another."""
    source = Database(Files(room.folder).new())
    organisation = organisation_of(room.size(500, 30), room.size(100, 8), room.seed)
    fill(source, organisation, units=5)
    for job in mixed_jobs(organisation, _GIVES, room.seed):
        with suppress(ShortageError):
            in_writing(source, job.do)
    there, again = (Database(room.store.new(empty=True)) for _ in range(2))
    copy(source, there)
    back_up(there, room.folder / "backup.db")
    restore(room.folder / "backup.db", again)
    rows = _count(source)
    breaches = (*_differences(source, there, "copy"), *_differences(source, again, "restored"))
    for database in (source, there, again):
        database.close()
    figure = f"{rows:,} rows of {len(METADATA.tables)} tables, copied and restored: equal"
    return Result(figure, breaches, {"rows": rows})


def migrations(room: Room) -> Result:
    """Every step of the tables' shape down and up again, with rows as long as there are tables."""
    database = Database(room.store.new())
    before = Database(Files(room.folder).new(empty=True))
    organisation = organisation_of(room.size(2000, 30), room.size(300, 8), room.seed)
    fill(database, organisation, units=0)
    _add_events(database, organisation, room.size(100_000, 1000) - _count(database))
    copy(database, before)
    rows, breaches = _count(database), [*_unlike_model(database, "at first")]
    schema.downgrade(database, "0001")
    schema.upgrade(database)
    breaches += [*_differences(before, database, "up"), *_unlike_model(database, "up")]
    schema.downgrade(database, "base")
    schema.upgrade(database)
    breaches += _unlike_model(database, "made anew")
    for used in (database, before):
        used.close()
    figure = f"{rows:,} rows, down and up: equal; model and tables show no difference"
    return Result(figure, tuple(breaches), {"rows": rows})


def _add_events(database: Database, organisation: Organisation, count: int) -> None:
    """Facts enough for so many rows in all."""
    now, orders = organisation.planning_at, organisation.work_orders

    def command(session: Session) -> None:
        for first in range(0, count, _BATCH):
            numbers = range(first, min(first + _BATCH, count))
            session.execute(
                insert(EventRow),
                [
                    {
                        "id": f"event-{number}",
                        "kind": EventKind.COMPLAINT_RECEIVED,
                        "work_order_id": orders[number % len(orders)].id,
                        "happened_at": now + timedelta(seconds=number),
                        "recorded_at": now,
                        "recorded_by": BY,
                        "details": {"complaint_id": str(number)},
                    }
                    for number in numbers
                ],
            )

    in_writing(database, command)


# ------------------------------------------------------------------------------------ comparing


def _differences(wanted: Database, found: Database, when: str) -> Iterator[str]:
    """Tables that do not hold the same rows, and the first row of each that differs."""
    with wanted.reading() as one, found.reading() as other:
        for table in METADATA.sorted_tables:
            for pair in zip_longest(_rows(one, table), _rows(other, table)):
                if pair[0] != pair[1]:
                    yield f"{when}: {table.name}: {pair[0]} became {pair[1]}"
                    break


def _rows(session: Session, table: Table) -> Iterator[Mapping[str, Any]]:
    """All rows, in an order that all databases agree on."""
    rows = [dict(row) for row in session.execute(select(table)).mappings()]
    keys = [column.name for column in table.primary_key.columns]
    yield from sorted(rows, key=lambda row: [row[key] for key in keys])


def _unlike_model(database: Database, when: str) -> Iterator[str]:
    """Where the tables are not as the program's rows say."""
    with database.founding() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        for difference in compare_metadata(context, METADATA):
            yield f"{when}: model and tables differ: {difference}"


def _count(database: Database) -> int:
    with database.reading() as session:
        tables = METADATA.sorted_tables
        return sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in tables)
