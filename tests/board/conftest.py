"""One browser for each process of the test run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.http.conftest import served, wide
from tests.board.browsing import launch

__all__ = ["served", "wide"]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = launch(playwright, tmp_path_factory.mktemp("browser"))
        yield launched
        launched.close()
