"""The manager's page: its figures are those of the record, on the screen, on paper and in Excel."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from dispatch.commands.tickets import NewTicket, take_ticket
from dispatch.domain.access import Role
from dispatch.domain.reporting import Dimension, MonthlyReport, permille, summed_by
from dispatch.domain.work import ClockKind, Ticket
from dispatch.rehearsal import moment
from dispatch.reporting import monthly_report
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.texts import CLOCKS
from dispatch.work_lists import lists_now
from scenarios.history import add_history
from tests.api.http.serving import Served, fill, organisation, publish_plan, serving
from tests.board.browsing import PHONE, serious_findings, sign_in, watching
from tests.databases import Files

WEEKS = 3
AUGUST = date(2026, 8, 1)
_IN_AUGUST = "/board/manager.html?from=2026-08-01&until=2026-08-31"
_RISK_S = 4 * 3600
SECTIONS = {
    "Kept in time": "时限达成",
    "Trend": "趋势",
    "At risk now": "当前风险",
    "By station": "按服务站",
    "Utilisation": "工时利用率",
    "Overtime": "加班",
    "Open work orders by age": "未结派工单账龄",
    "Parts short": "缺料",
}


@pytest.fixture(scope="module", name="managed")
def _managed(files: Files) -> Iterator[Served]:
    """The small organisation with some weeks of history and a published plan, to be read."""
    url = files.new()
    fill(url)
    database = Database(url)
    add_history(database, organisation(), WEEKS, seed=1)
    in_writing(database, _forgotten)
    database.close()
    publish_plan(url)
    with serving(url) as served:
        yield served


def _forgotten(session: Session) -> None:
    """A ticket of which nobody took any notice."""
    at = moment(session)
    order = organisation().work_orders[0]
    ticket = Ticket("FORGOTTEN-1", at - timedelta(days=2), "phone", "It is dark", "Wang")
    new = NewTicket(ticket, site_id=order.site_id, product=order.product)
    take_ticket(session, new, "desk", at)


def _report(managed: Served) -> MonthlyReport:
    with managed.database.reading() as session:
        return monthly_report(session, AUGUST, AUGUST, moment(session))


class _Expected(NamedTuple):
    """What the monthly report says of August, as the page writes it."""

    clocks: dict[ClockKind, tuple[str, int, int]]
    first_time: str
    complaints: int
    overtime: str


def _percent(kept: int, counted: int) -> str:
    share = permille(kept, counted)
    return "–" if share is None else f"{share / 10:.1f} %"


def _expected(report: MonthlyReport) -> _Expected:
    sums = summed_by(report.attainment, Dimension.MONTH)
    fixes = report.first_time_fix
    overtime_s = sum(row.overtime_s for row in report.technicians)
    return _Expected(
        {s.clock: (_percent(s.kept, s.counted), s.broken, s.counted) for s in sums},
        _percent(sum(f.first_time for f in fixes), sum(f.repaired for f in fixes)),
        sum(row.complaints for row in report.satisfaction),
        f"{overtime_s / 3600:.1f} h",
    )


def _opened(page: Page, managed: Served, path: str = _IN_AUGUST) -> None:
    address, _, query = path.partition("?")
    sign_in(page, f"{address}?{query}" if query else address, managed.key(Role.VIEWER).key)
    expect(page.locator("main h2").first).to_be_visible()


def test_the_figures_are_those_of_the_record_on_screen_and_in_excel(
    managed: Served, browser: Browser, tmp_path: Path
) -> None:
    report = _report(managed)
    expected = _expected(report)
    assert expected.clocks[ClockKind.ARRIVE][2] > 0
    with watching(browser, managed.base) as page:
        _opened(page, managed)
        card = page.locator("[data-span=chosen]")
        for clock, (share, late, counted) in expected.clocks.items():
            line = card.locator(f"[data-clock={clock}]")
            expect(line.locator(".value")).to_have_text(share)
            expect(line.locator(".count")).to_have_text(f"{late} of {counted} late")
        strip = page.locator(".strip")
        for name, text in (
            ("first_time", expected.first_time),
            ("complaints", str(expected.complaints)),
            ("overtime", expected.overtime),
        ):
            expect(strip.locator(f"[data-figure={name}] dd")).to_contain_text(text)
        with managed.database.reading() as session:
            lists = lists_now(session, moment(session), _RISK_S)
        late_now = [record for record in lists.broken if record.stopped_at is None]
        assert {record.work_order_id for record in late_now} >= {"FORGOTTEN-1"}
        expect(strip.locator("[data-figure=at_risk] dd")).to_have_text(str(len(lists.at_risk)))
        expect(strip.locator("[data-figure=late] dd")).to_have_text(str(len(late_now)))
        stations = {
            s.value: s
            for s in summed_by(report.attainment, Dimension.STATION)
            if s.clock is ClockKind.ARRIVE
        }
        for station_id, row in stations.items():
            cell = page.locator(f"tr[data-station='{station_id}'] td.bars").nth(1)
            expect(cell.locator(".value")).to_have_text(_percent(row.kept, row.counted))
        with page.expect_download() as download:
            page.get_by_role("button", name="Excel").click()
        saved = tmp_path / "august.xlsx"
        download.value.save_as(saved)
        assert download.value.suggested_filename == "2026-08.xlsx"
        sheet = load_workbook(BytesIO(saved.read_bytes()))["时限达成 attainment"]
        rows = {
            row[2]: row[3:6] for row in sheet.iter_rows(values_only=True) if row[1] == "2026-08"
        }
        for clock, (_, late, counted) in expected.clocks.items():
            assert rows[CLOCKS[clock].both] == (counted, counted - late, late)


def test_what_is_chosen_stands_in_the_address_and_every_visit_leads_to_the_board(
    managed: Served, browser: Browser
) -> None:
    with watching(browser, managed.base) as page:
        _opened(page, managed, "/board/manager.html?period=month")
        expect(page.locator("[data-span=chosen] h3")).to_contain_text("Sep")
        page.get_by_label("Period").select_option("last-month")
        expect(page).to_have_url(re.compile(r"period=last-month$"))
        expect(page.locator("[data-span=chosen] h3")).to_contain_text("1 Aug – 31 Aug")
        page.reload()
        expect(page.get_by_label("Period")).to_have_value("last-month")
        expect(page.locator("[data-span=chosen] h3")).to_contain_text("1 Aug – 31 Aug")
        link = page.locator(".running-out a", has_text="FORGOTTEN-1-1").first
        expect(link).to_have_attribute("href", "./?visit=FORGOTTEN-1-1")
        # Folded to a table for those who cannot see the drawing: one row for each day.
        page.get_by_text("As a table").click()
        expect(page.locator(".trend tbody tr")).to_have_count(31)
        page.get_by_label("Period").select_option("own")
        page.get_by_label("Until", exact=True).fill("2026-08-20")
        expect(page).to_have_url(re.compile(r"from=2026-08-01&until=2026-08-20$"))
        expect(page.locator(".heat thead th")).to_have_count(20 + 3)


def test_it_prints_whole_reads_in_chinese_and_keeps_nobody_out(
    managed: Served, browser: Browser
) -> None:
    with watching(browser, managed.base, color_scheme="dark") as page:
        _opened(page, managed)
        for heading in SECTIONS:
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert serious_findings(page) == []
        page.emulate_media(media="print")
        for heading in SECTIONS:
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.get_by_role("button", name="Print")).to_be_hidden()
        # Nothing is cut at the right edge of the paper, and the paper is light.
        page.set_viewport_size({"width": 718, "height": 1000})
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 1
    with watching(browser, managed.base, locale="zh-CN", viewport=PHONE) as page:
        _opened(page, managed)
        for heading in SECTIONS.values():
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        words = re.findall(r"[A-Za-z]{3,}", page.locator("main").inner_text())
        assert set(words) - _names() - {"FORGOTTEN"} == set()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert serious_findings(page) == []


def _names() -> set[str]:
    """Words in what the organisation itself calls things."""
    known = organisation()
    called = [
        *(station.name for station in known.stations),
        *(site.name for site in known.sites),
        *(customer.name for customer in known.customers),
        *(part.name for part in known.parts),
        *(technician.name for technician in known.technicians),
    ]
    return {word for name in called for word in re.findall(r"[A-Za-z]{3,}", name)}
