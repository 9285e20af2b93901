"""Scenarios on the board: put together, started, watched, compared, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dispatch.domain.access import Role
from tests.api.http.serving import Served, fill, organisation, serving
from tests.board.browsing import PHONE, serious_findings, sign_in, watching
from tests.databases import Files

FIRST, SECOND, *_ = organisation().technicians
PATIENCE_MS = 180_000
"""For a study: its processes begin from nothing."""


@pytest.fixture(name="laboratory")
def _laboratory(files: Files) -> Iterator[Served]:
    with serving(files.filled(fill), study_processes=1) as served:
        yield served


@pytest.mark.long
def test_a_scenario_is_put_together_watched_and_compared(
    laboratory: Served, browser: Browser, tmp_path: Path
) -> None:
    key = laboratory.key(Role.PLANNER).key
    with watching(browser, laboratory.base) as page:
        sign_in(page, "/board/", key)
        page.get_by_role("link", name="What if").click()
        start = page.get_by_role("button", name="Start")
        expect(start).to_be_disabled()
        page.get_by_label("Name of the study").fill("People")
        page.get_by_role("spinbutton", name="Days").fill("2")
        page.get_by_label("Seeds").fill("2")
        page.get_by_label("Iterations each").fill("20")
        page.get_by_label("Name of scenario 1").fill("Nobody new")
        add = page.get_by_label("Add a change to scenario 1")
        add.select_option("hire")
        hire = page.get_by_role("group", name="Hire")
        hire.get_by_label("Like").select_option(FIRST.id)
        add.select_option("leave")
        leave = page.get_by_role("group", name="Leave")
        start.click()
        # What the server does not like stands beside the change.
        expect(leave.get_by_role("alert")).to_contain_text("say who")
        leave.get_by_label("Technicians").select_option(SECOND.id)
        assert serious_findings(page) == []
        start.click()
        expect(page.get_by_role("button", name="Report")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("status").first).to_contain_text("done · 4 plans")
        found = page.get_by_role("region", name="Nobody new")
        expect(found.get_by_text(f"1 more technician like {FIRST.id}")).to_be_visible()
        row = found.locator("tr[data-figure=total_fen]")
        expect(row).to_contain_text(re.compile("better|worse|noise|same"))
        expect(row.get_by_role("img")).to_have_accessible_name(re.compile("^cost"))
        assert serious_findings(page) == []
        with page.expect_download() as download:
            page.get_by_role("button", name="Report").click()
        assert download.value.suggested_filename == "People.html"
        saved = tmp_path / "people.html"
        download.value.save_as(saved)
        assert "key figures" in saved.read_text("utf-8")
        path = page.url.removeprefix(laboratory.base)
    with watching(
        browser, laboratory.base, locale="zh-CN", viewport=PHONE, color_scheme="dark"
    ) as page:
        sign_in(page, path, key)
        expect(page.get_by_role("button", name="报告")).to_be_visible()
        expect(page.get_by_text(f"增加 1 名与 {FIRST.id} 条件相同的技术员")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert serious_findings(page) == []
        # Made again from what it was.
        page.get_by_role("button", name="修改后重做").click()
        expect(page.get_by_role("spinbutton", name="天数")).to_have_value("2")
        expect(page.get_by_role("group", name="招聘").get_by_label("条件同")).to_have_value(
            FIRST.id
        )
        expect(page.get_by_role("group", name="离职").get_by_role("listitem")).to_contain_text(
            SECOND.id
        )
        page.get_by_role("button", name="新建研究").click()
        # The price of one more.
        page.get_by_label("每多一个值多少").check()
        start = page.get_by_role("button", name="开始")
        page.get_by_label("选择变化的量").select_option("hire")
        quantity = page.get_by_role("group", name="招聘")
        quantity.get_by_label("条件同").select_option(FIRST.id)
        expect(quantity.get_by_label("变化项")).to_have_value("count")
        expect(start).to_be_disabled()
        quantity.get_by_label("取值").fill("0, 1")
        quantity.get_by_label("期间每单位花费").fill("100")
        page.get_by_label("种子数").fill("1")
        page.get_by_label("每次迭代数").fill("20")
        assert serious_findings(page) == []
        start.click()
        expect(page.get_by_role("button", name="报告")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("img", name=re.compile("^拐点"))).to_be_visible()
        points = page.get_by_role("group", name="各取值的指标").locator("tbody tr")
        expect(points).to_have_count(2)
        expect(points.filter(has_text="◆ 拐点")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert serious_findings(page) == []
        # Of two quantities each pair.
        page.get_by_role("button", name="修改后重做").click()
        page.get_by_label("第二个变化的量").select_option("overtime")
        overtime = page.get_by_role("group", name="加班")
        expect(page.get_by_role("button", name="开始")).to_be_disabled()
        overtime.get_by_label("取值").fill("0, 60, 120")
        expect(page.get_by_text("将计划 6 次")).to_be_visible()
        page.get_by_role("button", name="开始").click()
        grid = page.get_by_role("group", name="两个量各取值的成本")
        expect(grid.locator("td")).to_have_count(6, timeout=PATIENCE_MS)
        expect(page.get_by_role("button", name="报告")).to_be_visible(timeout=PATIENCE_MS)
        expect(grid.get_by_text("◆ 拐点")).to_have_count(1)
        # What one more saves: beside the first column, below the first row.
        expect(grid.get_by_text("→")).to_have_count(1 + 4)
        expect(grid.get_by_text("↓")).to_have_count(1 + 3)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert serious_findings(page) == []
    with watching(browser, laboratory.base) as page:
        sign_in(page, path, laboratory.key(Role.VIEWER).key)
        expect(page.get_by_text("Scenarios are for planners")).to_be_visible()
