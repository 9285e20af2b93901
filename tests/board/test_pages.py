"""What holds for every page: who may see it, its languages, and that it asks nobody else."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from dispatch.domain.access import Role
from tests.api.http.serving import Served
from tests.board.browsing import serious_findings, sign_in, watching

PAGES = ("/board/", "/board/technician.html", "/board/manager.html", "/board/scenarios.html")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_a_key_and_says_when_it_opens_nothing(
    wide: Served, browser: Browser, path: str
) -> None:
    with watching(browser, wide.base) as page:
        page.goto(path)
        page.get_by_label("Your key").fill("dsp_nobody")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert serious_findings(page) == []


def test_pages_come_in_the_language_of_the_browser_and_in_the_chosen_one(
    wide: Served, browser: Browser
) -> None:
    key = wide.key(Role.DISPATCHER).key
    with watching(browser, wide.base, locale="zh-CN") as page:
        sign_in(page, "/board/", key)
        expect(page.get_by_role("button", name="退出")).to_be_visible()
        assert page.url.endswith("/board/")  # the key is not in the address any more
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
        page.reload()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_pages_may_load_scripts_of_their_own_server_only(wide: Served) -> None:
    page = httpx.get(f"{wide.base}/board/", trust_env=False)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    script = re.search(r'src="(\./assets/[^"]+)"', page.text)
    assert script is not None
    asset = httpx.get(f"{wide.base}/board/{script[1]}", trust_env=False)
    assert "immutable" in asset.headers["Cache-Control"]
    assert page.headers["Cache-Control"] == "no-cache"
