"""Servers over the databases of checks, with an organisation to ask about."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import func, select

from benchmarks.reliability.frame import Room
from benchmarks.reliability.stores import Server
from benchmarks.serving import Served, serving
from dispatch.domain.organisation import Organisation
from dispatch.importing import import_organisation
from dispatch.store.base import Row
from dispatch.store.database import Database
from scenarios.generate import generate

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_SEED = 3
BY = "check"


@dataclass(frozen=True)
class Desk:
    """A server, the database that it serves, and what is in there."""

    server: Served
    database: Database
    organisation: Organisation

    def count(self, table: type[Row]) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def served(room: Room, visits: int, **settings: str) -> Iterator[Desk]:
    """A server: one process over SQLite, two over PostgreSQL."""
    database = Database(room.store.new())
    organisation = generate(visits=visits, seed=_SEED)
    with database.writing() as session:
        import_organisation(session, organisation, BY, datetime.now(UTC))
    url = database.url.render_as_string(hide_password=False)
    workers = 2 if isinstance(room.store, Server) else 1
    with serving(url, workers, **settings) as server:
        yield Desk(server, database, organisation)
    database.close()


def at_once(call: Callable[[_In], _Out], wanted: Sequence[_In], clients: int) -> list[_Out]:
    """What all calls give, in their order, so many at the same time."""
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(call, wanted))
