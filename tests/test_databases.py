"""Databases that are given out again are as new."""

import pytest
from sqlalchemy import func, select, text

from dispatch.store.copying import Contents, contents
from dispatch.store.database import Database
from dispatch.store.rows_places import SiteRow
from tests.databases import Files, Server
from tests.dispatch.commands.stores import fill

CALLS: list[str] = []


def _filled(url: str) -> None:
    CALLS.append(url)
    database = Database(url)
    fill(database)
    database.close()


def _contents(url: str) -> Contents:
    database = Database(url)
    with database.reading() as session:
        found = contents(session)
    database.close()
    return found


def _empty_sites(url: str) -> bool:
    database = Database(url)
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(SiteRow))
    database.close()
    return count == 0


@pytest.mark.parametrize("kind", ["files", "server"])
def test_what_is_filled_is_filled_once_and_always_the_same(
    kind: str, request: pytest.FixtureRequest
) -> None:
    made: Files | Server = request.getfixturevalue(kind)
    CALLS.clear()
    found = []
    for _ in range(3):
        with made.lending():
            found.append(_contents(made.filled(_filled)))
    assert len(CALLS) == 1
    assert found[0] == found[1] == found[2]
    with made.lending():
        assert _empty_sites(made.new())


def test_nobody_gets_a_database_that_somebody_uses(server: Server) -> None:
    with server.lending():
        first = server.new()
        assert server.new() != first
    with server.lending():
        assert {server.new(), server.new()} >= {first}


def test_a_database_with_other_tables_is_given_to_nobody(server: Server) -> None:
    with server.lending():
        changed = server.new()
        database = Database(changed)
        with database.founding() as connection:
            connection.execute(text("ALTER TABLE sites DISABLE TRIGGER ALL"))
        database.close()
    with server.lending():
        assert changed not in {server.new(), server.new(), server.new()}
