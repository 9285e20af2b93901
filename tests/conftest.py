"""Databases for all tests; PostgreSQL starts only if a test asks for it."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from dispatch.store.database import Database
from tests.databases import Files, Server, postgresql_server

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

KINDS = ("sqlite", "postgresql")
_EXAMPLES = 5
_NEW_OBJECTS = 20_000


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: now and then a test waits for what it started or ended."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--examples",
        type=int,
        default=_EXAMPLES,
        help="how many requests Schemathesis makes for each operation",
    )


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: to look for garbage in it, again and again, took
    a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for each process of the test run, in a folder of its own."""
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as running:
        yield running


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest) -> Iterator[Files | Server]:
    """Makes databases, once as SQLite files and once in PostgreSQL."""
    made: Files | Server = request.getfixturevalue(
        "files" if request.param == "sqlite" else "server"
    )
    with made.lending():
        yield made


@pytest.fixture
def database(databases: Files | Server) -> Iterator[Database]:
    """A database with all tables and nothing in them."""
    opened = Database(databases.new(), wait_s=2)
    yield opened
    opened.close()
