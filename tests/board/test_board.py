"""The board in a real browser on a real server: what a dispatcher does all day."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dispatch.domain.access import Role
from tests.api.http.serving import Served, fill, organisation, publish_plan, serving
from tests.board.browsing import serious_findings, sign_in, watching
from tests.databases import Files

VISITS = 40
PATIENCE_MS = 60_000
HELD_STEP = timedelta(minutes=30)
"""So far an arrow moves a visit that is held."""


def _fill(url: str) -> None:
    fill(url, VISITS)
    publish_plan(url, VISITS)


@pytest.fixture
def planned(files: Files) -> Any:  # noqa: ANN401 - a generator of Served
    """An organisation with a published plan, to be changed."""
    with serving(files.filled(_fill)) as served:
        yield served


def board_of(client: httpx.Client, version: str = "published") -> Any:  # noqa: ANN401 - JSON
    return client.get(f"/v1/plans/{version}/board").raise_for_status().json()


def judged(client: httpx.Client, version: str, visit: str, technician: str) -> Any:  # noqa: ANN401
    change = {"visit_id": visit, "technician_ids": [technician]}
    asked = {"version": version, "changes": [change]}
    return client.post("/v1/evaluate", json=asked).raise_for_status().json()


def drop_on(client: httpx.Client, *, legal: bool) -> tuple[str, str, str]:
    """A visit of the first day, who has it, and somebody else to whom it may, or may not, go."""
    board = board_of(client)
    for route in board["routes"]:
        for stop in route["stops"]:
            visit = stop.get("visit_id")
            if visit is None or board["visits"][visit].get("crew_size", 1) > 1:
                continue
            for technician in board["technicians"]:
                if technician["id"] == route["technician_id"] or not technician.get("shifts"):
                    continue
                found = judged(client, "published", visit, technician["id"])
                if (found["broken"] == []) is legal:
                    return visit, route["technician_id"], technician["id"]
    raise AssertionError("no such change")


def opened(page: Page, key: str, path: str = "/board/") -> None:
    sign_in(page, path, key)
    expect(page.locator(".bar.visit").first).to_be_visible(timeout=PATIENCE_MS)


def bar(page: Page, visit: str) -> Locator:
    return page.locator(f".bar[data-visit='{visit}']")


def show_week(page: Page) -> None:
    page.get_by_role("button", name="Week").click()


def drag(page: Page, visit: str, technician: str) -> None:
    """Takes a visit by the pointer and drops it in another row, at the same time of day."""
    taken = bar(page, visit).bounding_box()
    row = page.locator(f"[data-row='{technician}']").bounding_box()
    assert taken is not None
    assert row is not None
    page.mouse.move(taken["x"] + 3, taken["y"] + 5)
    page.mouse.down()
    page.mouse.move(taken["x"] + 10, row["y"] + 12, steps=4)
    page.mouse.move(taken["x"] + 3, row["y"] + 15, steps=2)
    expect(page.locator(".verdict")).to_contain_text("→")
    page.mouse.up()


def who_has(client: httpx.Client, version: str, visit: str) -> list[str]:
    return [
        route["technician_id"]
        for route in board_of(client, version)["routes"]
        if any(stop.get("visit_id") == visit for stop in route["stops"])
    ]


def test_a_legal_change_is_saved_undone_done_again_and_published(
    planned: Served, browser: Browser
) -> None:
    client = planned.client(Role.DISPATCHER)
    visit, before, after = drop_on(client, legal=True)
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.DISPATCHER).key)
        show_week(page)
        drag(page, visit, after)
        expect(
            page.locator(f"[data-row='{after}']").locator(f"[data-visit='{visit}']")
        ).to_be_visible()
        draft = page.get_by_label("Version of the plan").input_value()
        assert who_has(client, draft, visit) == [after]
        assert who_has(client, "published", visit) == [before]
        page.get_by_role("button", name="Undo").click()
        expect(
            page.locator(f"[data-row='{before}']").locator(f"[data-visit='{visit}']")
        ).to_be_visible()
        assert who_has(client, draft, visit) == [before]
        page.keyboard.press("Control+Shift+z")
        expect(
            page.locator(f"[data-row='{after}']").locator(f"[data-visit='{visit}']")
        ).to_be_visible()
        page.reload()
        expect(bar(page, visit)).to_be_visible()
        assert page.get_by_label("Version of the plan").input_value() == draft
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("dialog")).to_contain_text(visit)
        assert serious_findings(page) == []
        page.get_by_role("button", name="Publish and tell people").click()
        expect(page.locator(".notices")).to_contain_text(f"Version {draft} is published")
        assert who_has(client, "published", visit) == [after]
        # The wrong button: what was recorded is withdrawn, but not what people were told.
        departed = record_departure(planned, visit)
        bar(page, visit).click()
        details = page.locator(".details")
        details.get_by_role("button", name="Withdraw: published").last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Why").fill("wrong visit")
        dialog.get_by_role("button", name="Withdraw").click()
        expect(dialog.get_by_role("alert")).to_contain_text("published")
        assert serious_findings(page) == []
        dialog.get_by_role("button", name="Leave it").click()
        details.get_by_role("button", name="Withdraw: departed").click()
        dialog.get_by_label("Why").fill("wrong visit")
        dialog.get_by_role("button", name="Withdraw").click()
        expect(details.locator("li", has_text="withdrawn: wrong visit")).to_contain_text("departed")
        expect(details.get_by_role("button", name="Withdraw: departed")).to_have_count(0)
        order = client.get(f"/v1/work-orders/{departed['work_order_id']}").json()
        assert [one["event"]["id"] for one in order["withdrawn"]] == [departed["id"]]


def record_departure(served: Served, visit: str) -> Any:  # noqa: ANN401 - JSON
    client = served.client(Role.DISPATCHER)
    board = board_of(client)
    fact = {"id": "slip", "kind": "departed", "visit_id": visit, "happened_at": board["now_at"]}
    order = board["visits"][visit]["work_order_id"]
    client.post(f"/v1/work-orders/{order}/events", json=fact).raise_for_status()
    return fact | {"work_order_id": order}


def test_an_illegal_change_goes_back_or_needs_a_reason(planned: Served, browser: Browser) -> None:
    client = planned.client(Role.DISPATCHER)
    visit, before, after = drop_on(client, legal=False)
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.DISPATCHER).key)
        show_week(page)
        drag(page, visit, after)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("This breaks rules")
        expect(dialog.get_by_role("button", name="Do it all the same")).to_be_disabled()
        dialog.get_by_role("button", name="Put it back").click()
        expect(dialog).to_be_hidden()
        assert client.get("/v1/plans").json()["items"][0]["state"] == "published"
        drag(page, visit, after)
        dialog.get_by_label("Why it is to be done").fill("the customer insists")
        dialog.get_by_role("button", name="Do it all the same").click()
        expect(
            page.locator(f"[data-row='{after}']").locator(f"[data-visit='{visit}']")
        ).to_be_visible()
        draft = page.get_by_label("Version of the plan").input_value()
        assert who_has(client, draft, visit) == [after]
        forced = board_of(client, draft)["forced"]
        assert {one["reason"] for one in forced} == {"the customer insists"}
        assert before != after


def test_two_dispatchers_see_each_other_and_overwrite_nothing(
    planned: Served, browser: Browser
) -> None:
    client = planned.client(Role.DISPATCHER)
    visit, _, after = drop_on(client, legal=True)
    with watching(browser, planned.base) as one, watching(browser, planned.base) as other:
        opened(one, planned.key(Role.DISPATCHER).key)
        show_week(one)
        drag(one, visit, after)
        expect(one.locator(f"[data-row='{after}'] [data-visit='{visit}']")).to_be_visible()
        draft = one.get_by_label("Version of the plan").input_value()
        opened(other, planned.key(Role.DISPATCHER).key, f"/board/?plan={draft}")
        show_week(other)
        bar(one, visit).click()
        one.get_by_role("button", name="Take out of the plan").click()
        expect(other.locator(f"[data-waiting='{visit}']")).to_be_visible()
        assert who_has(client, draft, visit) == []


def test_what_somebody_else_just_changed_is_shown_and_not_overwritten(
    planned: Served, browser: Browser
) -> None:
    client = planned.client(Role.DISPATCHER)
    visit, _, after = drop_on(client, legal=True)
    with watching(browser, planned.base) as page:
        # Its news do not get through.
        page.route("**/v1/changes", lambda route: route.abort())
        opened(page, planned.key(Role.DISPATCHER).key)
        show_week(page)
        drag(page, visit, after)
        expect(page.locator(f"[data-row='{after}'] [data-visit='{visit}']")).to_be_visible()
        draft = page.get_by_label("Version of the plan").input_value()
        etag = client.get(f"/v1/plans/{draft}/board").headers["ETag"]
        client.post(
            f"/v1/plans/{draft}/unassignments",
            json={"visit_id": visit},
            headers={"If-Match": etag, "Idempotency-Key": "another"},
        ).raise_for_status()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".notices")).to_contain_text("Somebody else changed this plan")
        expect(page.locator(f"[data-waiting='{visit}']")).to_be_visible()
        assert who_has(client, draft, visit) == []


def test_an_emergency_is_booked_in_three_clicks(planned: Served, browser: Browser) -> None:
    client = planned.client(Role.DISPATCHER)
    site = next(iter(board_of(client)["sites"].values()))
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.DISPATCHER).key)
        page.get_by_role("button", name="New ticket").click()
        where = page.get_by_label("Where")
        where.press_sequentially(site["name"].lower())
        sites = page.get_by_role("listbox", name="Sites").get_by_role("option")
        expect(sites.first).to_have_attribute("aria-selected", "true")
        assert serious_findings(page) == []
        where.press("ArrowDown")
        where.press("ArrowUp")
        where.press("Enter")
        expect(sites).to_have_count(0)
        assert where.input_value().startswith(site["name"])
        page.get_by_label("Product").fill("terminal")
        page.get_by_role("button", name="Who can go?").click()
        expect(page.locator("table.options tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
        assert serious_findings(page) == []
        page.get_by_role("button", name="Book").first.click()
        expect(page.locator(".notices")).to_contain_text("is booked")
    orders = client.get("/v1/work-orders").json()["items"]
    ours = next(order["id"] for order in orders if order["id"].startswith("B-"))
    assert any(v["work_order_id"] == ours for v in board_of(client)["visits"].values())


def test_a_crew_is_placed_whole(planned: Served, browser: Browser) -> None:
    client = planned.client(Role.DISPATCHER)
    known = organisation(VISITS)
    ticket = {
        "number": "CREW",
        "site_id": known.sites[0].id,
        "product": known.work_orders[0].product,
        "skip_diagnosis": True,
        "visits": [{"duration_s": 1800, "crew_size": 2}],
    }
    client.post("/v1/work-orders", json=ticket).raise_for_status()
    visit = "CREW-1"
    asked = {"work_order_id": "CREW", "most": 1}
    option = client.post("/v1/assignments", json=asked).json()["visits"][0]["options"][0]
    leader, mate = (seat["technician_id"] for seat in option["seats"])
    ahead = datetime.fromisoformat(option["start_at"]) - datetime.fromisoformat(
        board_of(client)["now_at"]
    )
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.DISPATCHER).key)
        show_week(page)
        page.locator(f"[data-waiting='{visit}']").click()
        # What is not planned is explained too, in the version that is shown.
        expect(page.locator(".details h3").first).to_have_text("Why")
        page.keyboard.press("m")
        for _ in range([t.id for t in known.technicians].index(leader)):
            page.keyboard.press("ArrowDown")
        for _ in range(ahead // HELD_STEP):
            page.keyboard.press("ArrowRight")
        line = page.locator(".verdict")
        expect(line.locator(".stale")).to_have_count(0)
        name = next(t.name for t in known.technicians if t.id == mate)
        expect(line).to_contain_text(f"with {name} · ● possible")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Goes along (2)")).to_have_value(mate)
        assert serious_findings(page) == []
        page.keyboard.press("Enter")
        expect(bar(page, visit)).to_have_count(2)
        draft = page.get_by_label("Version of the plan").input_value()
        assert set(who_has(client, draft, visit)) == {leader, mate}
        expect(page.locator(".details")).to_contain_text("What the visit adds to the cost")
        assert who_has(client, "published", visit) == []


def test_a_plan_is_made_watched_and_stopped(planned: Served, browser: Browser) -> None:
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.PLANNER).key)
        page.keyboard.press("p")
        page.get_by_label("Seconds").fill("60")
        page.get_by_role("button", name="Begin").click()
        expect(page.locator("dl.figures")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name="Stop and keep the best").click()
        look = page.get_by_role("button", name="Look at draft")
        expect(look).to_be_visible(timeout=PATIENCE_MS)
        look.click()
        expect(page.get_by_role("button", name="Publish")).to_be_visible()


def test_the_keyboard_does_it_all(planned: Served, browser: Browser) -> None:
    client = planned.client(Role.DISPATCHER)
    visit, _, after = drop_on(client, legal=True)
    with watching(browser, planned.base) as page:
        opened(page, planned.key(Role.DISPATCHER).key)
        show_week(page)
        bar(page, visit).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".details h2")).to_be_visible()
        page.keyboard.press("m")
        order = page.locator("[role=row]").evaluate_all("all => all.map(one => one.dataset.row)")
        here = page.locator("[role=row]", has=bar(page, visit)).get_attribute("data-row")
        steps = order.index(after) - order.index(here)
        for _ in range(abs(steps)):
            page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        expect(page.locator(".verdict")).to_contain_text("possible")
        page.keyboard.press("Escape")
        assert client.get("/v1/plans").json()["items"][0]["state"] == "published"
        bar(page, visit).focus()
        page.keyboard.press("m")
        for _ in range(abs(steps)):
            page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-row='{after}'] [data-visit='{visit}']")).to_be_visible()


def test_everybody_can_look_and_only_some_may_change(wide: Served, browser: Browser) -> None:
    with watching(browser, wide.base, locale="zh-CN") as page:
        opened(page, wide.key(Role.VIEWER).key)
        expect(page.get_by_role("heading", name="待派")).to_be_visible()
        for name in ("新报修", "排程", "发布"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        page.locator(".bar.visit").first.click()
        expect(page.locator(".details h3").first).to_be_visible()
        english = page.locator("body").inner_text()
        assert "Waiting" not in english
        assert serious_findings(page) == []
        page.emulate_media(color_scheme="dark")
        assert serious_findings(page) == []
