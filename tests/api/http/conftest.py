"""Servers for the tests: one that is only read, and one for each test that changes something."""

from collections.abc import Iterator

import pytest

from tests.api.http.serving import Served, fill, publish_plan, serving
from tests.databases import Files, Server

MANY = 120
"""Visits of an organisation with three territories."""


@pytest.fixture(scope="session")
def wide(files: Files) -> Iterator[Served]:
    """An organisation of three territories with a published plan, to be read."""
    url = files.new()
    fill(url, MANY)
    publish_plan(url, MANY)
    with serving(url) as served:
        yield served


@pytest.fixture
def served(databases: Files | Server) -> Iterator[Served]:
    """The small organisation, in a database of each kind."""
    url = databases.new()
    fill(url)
    with serving(url) as running:
        yield running
