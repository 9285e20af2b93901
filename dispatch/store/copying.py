"""Backup, restore, and copies between databases of any kind, each checked row by row."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    func,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy import table as table_named
from sqlalchemy.orm import Session

from dispatch.store import schema
from dispatch.store.database import Database
from dispatch.store.errors import StoreError, translated
from dispatch.store.tables import METADATA

_BATCH = 1000


class CopyError(StoreError):
    """A copy that was not made, since it would overwrite something or came out different."""


@dataclass(frozen=True, slots=True)
class TableContents:
    """How many rows a table has, and a hash of all their values, whatever their order."""

    rows: int
    digest: str


Contents = Mapping[str, TableContents]
"""By table."""


def copy(source: Database, target: Database) -> Contents:
    """Copies everything into a database that is empty, and compares the two row by row.

    Both have the current shape afterwards. Raises CopyError if the target holds anything, or does
    not hold the same in the end; then it holds no rows.
    """
    schema.need_shape(source)
    _need_empty(target)
    schema.upgrade(target)
    with target.writing() as writing:
        connection = writing.connection()
        with source.reading() as reading:
            wanted = {
                table.name: _copied(reading.connection(), connection, table)
                for table in METADATA.sorted_tables
            }
        _count_on(connection)
        found = contents(writing)
        _need_equal(wanted, found, target)
    return found


def back_up(database: Database, file: Path) -> Contents:
    """Writes everything into one new SQLite file, others going on meanwhile.

    Raises CopyError if the file is there already.
    """
    if file.exists():
        raise CopyError(
            f"{file} is there already. Name a new file for the backup.",
            f"{file} 已存在。请为备份指定一个新文件。",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent) as folder:
        part = Path(folder) / file.name
        target = Database(f"sqlite:///{part}")
        try:
            copied = copy(database, target)
        finally:
            target.close()
        with translated(str(part)), closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        part.rename(file)
    return copied


def restore(file: Path, database: Database) -> Contents:
    """Brings a backup into a database that is empty, of whatever kind.

    A backup of an earlier shape is brought to the current one in a copy; the file stays as it is.
    Raises CopyError if it is no backup, or as ``copy``.
    """
    with TemporaryDirectory() as folder:
        own = Path(folder) / "backup.db"
        shutil.copy(file, own)
        source = Database(f"sqlite:///{own}")
        try:
            _need_backup(source, file)
            schema.upgrade(source)
            return copy(source, database)
        finally:
            source.close()


def contents(session: Session) -> Contents:
    """What is in every table, comparable between databases of any kind."""
    connection = session.connection()
    return {table.name: _contents(_batches(connection, table)) for table in METADATA.sorted_tables}


def _batches(connection: Connection, table: Table) -> Generator[list[dict[str, Any]], None, None]:
    with connection.execute(select(table), execution_options={"yield_per": _BATCH}) as result:
        for rows in result.mappings().partitions():
            yield [dict(row) for row in rows]


def _copied(source: Connection, target: Connection, table: Table) -> TableContents:
    """Copies the rows of a table; what they were."""

    def passed_on() -> Iterator[list[dict[str, Any]]]:
        with closing(_batches(source, table)) as batches:
            for rows in batches:
                target.execute(insert(table), rows)
                yield rows

    return _contents(passed_on())


def _contents(batches: Iterable[list[dict[str, Any]]]) -> TableContents:
    """The digest adds up hashes of the rows, so their order does not matter."""
    count, total = 0, 0
    for rows in batches:
        for row in rows:
            said = json.dumps(row, default=_plain, ensure_ascii=False, sort_keys=True)
            total += int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
        count += len(rows)
    return TableContents(count, f"{total % 2**256:064x}")


def _plain(value: date | time | datetime) -> str:
    return value.isoformat()


def _count_on(connection: Connection) -> None:
    """Numbers that the database gives go on behind those that were copied."""
    if connection.dialect.name != "postgresql":
        return  # SQLite looks at the rows itself
    for table in METADATA.sorted_tables:
        number = table.autoincrement_column
        if number is not None:
            last = connection.scalar(select(func.max(number)))
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))


def _need_backup(source: Database, file: Path) -> None:
    with source.reading() as session:
        shape = schema.shape_of(session)
    if shape is None:
        raise CopyError(
            f"{file} is no backup: there is nothing of an organisation in it. Name a file that"
            " dispatch db backup wrote.",
            f"{file} 不是备份：其中没有组织数据。请指定由 dispatch db backup 生成的文件。",
        )


def _need_empty(target: Database) -> None:
    if target.file is not None and not target.file.exists():
        return
    with target.reading() as session:
        connection = session.connection()
        for name in inspect(connection).get_table_names():
            if name != "alembic_version" and connection.scalar(_any_row(name)) is not None:
                raise CopyError(
                    f"The database {target.place} is not empty: there are rows in {name}. Copy to"
                    " a new one.",
                    f"数据库 {target.place} 不是空的：表 {name} 中已有数据。请复制到新的数据库。",
                )


def _any_row(table: str) -> Select[Any]:
    return select(literal(1)).select_from(table_named(table)).limit(1)


def _need_equal(wanted: Contents, found: Contents, target: Database) -> None:
    wrong = [name for name in wanted if wanted[name] != found[name]]
    if wrong:
        names = ", ".join(wrong)
        raise CopyError(
            f"The copy in {target.place} came out different in: {names}. It was taken back.",
            f"{target.place} 中的副本与原数据不一致：{names}。副本已撤销。",
        )
