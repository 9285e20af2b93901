"""The pictures of the guide, made of the sample organisation, in ``build/screenshots``."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.domain.access import Role
from dispatch.exchange import load_organisation
from dispatch.horizon import snapshot_of
from dispatch.importing import import_organisation
from dispatch.planning import make_plan
from dispatch.rehearsal import moment
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.travel import travel_of
from scenarios.organisations import path_of
from tests.api.http.serving import BY, Served, serving
from tests.board.browsing import ROOT, sign_in, watching
from tests.databases import Files

FOLDER = ROOT / "build" / "screenshots"
SIZE = {"width": 1440, "height": 810}
ITERATIONS = 4_000
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def liaoning(files: Files) -> Iterator[Served]:
    """The sample with a published plan."""
    url = files.new()
    database = Database(url)
    sample = load_organisation(path_of("liaoning"))
    with database.writing() as session:
        import_organisation(session, sample, BY, datetime.now(UTC))
    with database.reading() as session:
        at = moment(session)
        known = take_baseline(session, sample.planning_at, at)
    snapshot = snapshot_of(sample)
    plan = make_plan(
        snapshot,
        travel_of(snapshot),
        iterations=ITERATIONS,
        seed=1,
        report=lambda _: None,
        stop=lambda: False,
        cores=1,
    )
    made = in_writing(database, lambda s: save_draft(s, known, plan, BY, at))
    in_writing(database, lambda s: publish(s, made.version, BY, at))
    database.close()
    with serving(url) as served:
        yield served


def test_the_board_looks_as_the_guide_shows_it(liaoning: Served, browser: Browser) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    key = liaoning.key(Role.DISPATCHER).key
    for language, locale, look in (("en", "en-GB", "light"), ("zh", "zh-CN", "dark")):
        options = {"viewport": SIZE, "locale": locale, "color_scheme": look}
        with watching(browser, liaoning.base, **options) as page:
            sign_in(page, "/board/", key)
            visit = page.locator(".bar.visit.at_risk").first
            expect(visit).to_be_visible(timeout=PATIENCE_MS)
            visit.click()
            expect(page.locator(".details h3").nth(1)).to_be_visible(timeout=PATIENCE_MS)
            expect(page.locator(".map-visit.selected")).to_be_visible()
            page.screenshot(path=FOLDER / f"board-{language}.png")
