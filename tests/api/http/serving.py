"""A real server on this machine, and callers with keys of every kind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.commands.serve import UVICORN
from api.middleware import Front
from api.settings import Settings
from dispatch.commands.keys import MadeKey, make_key, revoke_key
from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.domain.access import Role
from dispatch.domain.organisation import Organisation
from dispatch.horizon import snapshot_of
from dispatch.importing import import_organisation
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from scenarios.generate import generate
from tests.dispatch.commands.planned import searched

BY = "test"
_PATIENCE_S = 120
MANY = 120
"""Visits of an organisation with three territories."""


@cache
def organisation(visits: int = 12) -> Organisation:
    return generate(visits=visits, seed=3)


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - as it is there
        await super().startup(sockets)
        self.listens.set()


@dataclass
class Served:
    """A server, its database, and its callers; all of them are closed at the end."""

    base: str
    database: Database
    clients: list[httpx.Client] = field(default_factory=list)

    def key(
        self, role: Role, territories: tuple[str, ...] = (), technician: str | None = None
    ) -> MadeKey:
        now = datetime.now(UTC)
        return in_writing(
            self.database,
            lambda s: make_key(s, f"a {role}", role, BY, now, territories, technician),
        )

    def client(
        self, role: Role, territories: tuple[str, ...] = (), technician: str | None = None
    ) -> httpx.Client:
        return self.showing(self.key(role, territories, technician).key)

    def showing(self, key: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        client = httpx.Client(
            base_url=self.base, headers=headers, timeout=_PATIENCE_S, trust_env=False
        )
        self.clients.append(client)
        return client

    def revoke(self, key_id: str) -> None:
        in_writing(self.database, lambda s: revoke_key(s, key_id, BY, datetime.now(UTC)))


@contextmanager
def serving(url: str, **settings: Any) -> Iterator[Served]:  # noqa: ANN401 - of Settings
    """A server on a database, on a free port."""
    wanted = Settings(url, **settings)
    app = Front(create_app(wanted), wanted)
    server = _Server(uvicorn.Config(app, port=0, log_config=None, **UVICORN))
    thread = threading.Thread(target=server.run)
    thread.start()
    database = Database(url)
    try:
        assert server.listens.wait(_PATIENCE_S)
        port = server.servers[0].sockets[0].getsockname()[1]
        served = Served(f"http://127.0.0.1:{port}", database)
        yield served
        for client in served.clients:
            client.close()
    finally:
        server.should_exit = True
        thread.join()
        database.close()


def fill(url: str, visits: int = 12) -> None:
    """Brings the small organisation in."""
    database = Database(url)
    with database.writing() as session:
        import_organisation(session, organisation(visits), BY, datetime.now(UTC))
    database.close()


def fill_many(url: str) -> None:
    """Brings an organisation of three territories in."""
    fill(url, MANY)


def fill_and_publish(url: str) -> None:
    fill(url)
    publish_plan(url)


def fill_many_and_publish(url: str) -> None:
    fill(url, MANY)
    publish_plan(url, MANY)


def publish_plan(url: str, visits: int = 12) -> None:
    """Publishes what a short search finds; the referee has judged it."""
    database = Database(url)
    with database.reading() as session:
        at = moment(session)
        known = take_baseline(session, organisation(visits).planning_at, at)
    plan = searched(snapshot_of(organisation(visits)))
    made = in_writing(database, lambda s: save_draft(s, known, plan, BY, at))
    in_writing(database, lambda s: publish(s, made.version, BY, at))
    database.close()
