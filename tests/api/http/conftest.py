"""Servers for the tests: one that is only read, and one for each test that changes something."""

from collections.abc import Iterator

import pytest

from tests.api.http.serving import Served, fill, fill_many_and_publish, serving
from tests.databases import Files, Server


@pytest.fixture(scope="session")
def wide(files: Files) -> Iterator[Served]:
    """An organisation of three territories with a published plan, to be read."""
    with serving(files.filled(fill_many_and_publish)) as served:
        yield served


@pytest.fixture
def served(databases: Files | Server) -> Iterator[Served]:
    """The small organisation, in a database of each kind."""
    with serving(databases.filled(fill)) as running:
        yield running
