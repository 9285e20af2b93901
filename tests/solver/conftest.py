"""The search without what comes after it."""

from collections.abc import Iterator

import pytest

from tests.solver.solving import search_alone


@pytest.fixture(name="search_alone")
def _search_alone() -> Iterator[None]:
    with search_alone():
        yield
