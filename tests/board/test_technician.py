"""A technician's day on the phone: with a network, without one, and when it is back."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from dispatch.domain.access import Role
from tests.api.http.serving import Served, fill, organisation, publish_plan, serving
from tests.board.browsing import PHONE, serious_findings, sign_in, watching
from tests.databases import Files

PAGE = "/board/technician.html"
VISIT = "N1-1"
CONTACT = "王师傅 138-0000-0000"
DRAWN = ((60, 60), (120, 30), (180, 70), (240, 25))


@pytest.fixture(name="day")
def _day(files: Files) -> Iterator[tuple[Served, str]]:
    """A server with a published plan, and the technician who does the visit N1-1 in it, which asks
    for a run-in of twenty minutes."""
    url = files.new()
    fill(url)
    publish_plan(url)
    with serving(url) as running:
        desk = running.client(Role.DISPATCHER)
        known = organisation()
        ticket = {
            "number": "N1",
            "site_id": known.sites[3].id,
            "product": known.work_orders[0].product,
            "text": "终端黑屏",
            "contact": CONTACT,
            "priority": "emergency",
            "skip_diagnosis": True,
            "visits": [{"duration_s": 1200, "run_in_s": 1200}],
        }
        desk.post("/v1/work-orders", json=ticket).raise_for_status()
        booked = desk.post("/v1/assignments", json={"work_order_id": "N1", "mode": "commit"})
        (seat,) = booked.json()["visits"][0]["booked"]["seats"]
        yield running, seat["technician_id"]


def on_site(served: Served) -> list[dict[str, Any]]:
    """What the server knows of the visit, in the order in which it happened."""
    order = served.client(Role.DISPATCHER).get("/v1/work-orders/N1").json()
    return [e for e in order["events"] if e["visit_id"] == VISIT and e["kind"] != "published"]


def posted(context: BrowserContext) -> Counter[str]:
    """How often each fact is sent to the server and answered, from now on."""
    ids: Counter[str] = Counter()

    def count(request: Request) -> None:
        if request.method == "POST":
            ids[json.loads(request.post_data or "")["id"]] += 1

    context.on("requestfinished", count)
    return ids


def draw(page: Page) -> None:
    box = page.get_by_role("img", name="签名").bounding_box()
    assert box is not None
    (x, y), *others = [(box["x"] + dx, box["y"] + dy) for dx, dy in DRAWN]
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in others:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_day_with_a_dead_zone(day: tuple[Served, str], browser: Browser) -> None:
    served, technician = day
    key = served.key(Role.TECHNICIAN, technician=technician).key
    with watching(browser, served.base, viewport=PHONE, locale="zh-CN") as page:
        sent = posted(page.context)
        sign_in(page, PAGE, key)
        page.get_by_role("link", name="Site 4").first.click()
        expect(page.get_by_text("终端黑屏").first).to_be_visible()
        call = page.get_by_role("link", name=CONTACT)
        expect(call).to_have_attribute("href", "tel:13800000000")
        assert serious_findings(page) == []
        press(page, "出发")
        expect(page.get_by_text("已出发")).to_be_visible()
        expect(page.get_by_text("待发送")).to_have_count(0)
        # Taken back: the server had it, and has it withdrawn.
        page.get_by_role("button", name="撤销：出发").click()
        expect(page.get_by_text("已安排")).to_be_visible()
        expect(page.get_by_text("待发送")).to_have_count(0)
        expect(page.get_by_role("button", name="撤销")).to_have_count(0)
        assert on_site(served) == []
        press(page, "出发")
        expect(page.get_by_text("待发送")).to_have_count(0)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        other = page.context.new_page()
        other.goto(page.url)

        page.context.set_offline(True)
        press(page, "无法完成")
        page.get_by_label("客户不在").check()
        press(page, "记录")
        expect(page.get_by_text("未完成")).to_be_visible()
        page.reload()
        # Taken back before anybody heard of it: it is gone from the phone.
        page.get_by_role("button", name="撤销：无法完成").click()
        expect(page.get_by_text("已出发")).to_be_visible()
        expect(page.get_by_text("待发送")).to_have_count(0)
        press(page, "到场")
        press(page, "查明故障")
        page.get_by_label("故障原因是什么？").fill("主板损坏")
        press(page, "记录")
        press(page, "修复")
        press(page, "添加备件")
        page.get_by_label("备件编号").fill("DISK-9")
        page.get_by_label("序列号").fill("SN-1 SN-2")
        page.get_by_label("数量").fill("2")
        press(page, "记录")
        expect(page.get_by_text("无网络")).to_contain_text("3 条记录待发送")
        page.reload()
        expect(page.get_by_text("无网络")).to_contain_text("3 条记录待发送")
        press(page, "开始试运行")
        expect(page.get_by_role("timer")).to_contain_text("20 分")
        press(page, "试运行完成")
        page.get_by_label("为何现在结束").fill("客户要求")
        press(page, "记录")
        press(page, "客户签收")
        page.get_by_label("签收人姓名").fill("王师傅")
        draw(page)
        press(page, "签收")
        expect(page.get_by_text("已签收")).to_be_visible()
        expect(page.get_by_text("无网络")).to_contain_text("6 条记录待发送")
        assert len(on_site(served)) == 1

        page.context.set_offline(False)
        # Nobody knows that part: the repair counts, a person sees to the parts.
        expect(page.get_by_text("调度中心已收到")).to_be_visible()
        expect(page.get_by_text("待发送")).to_have_count(0)
        expect(page.get_by_text("更新于")).to_be_visible()
        told = on_site(served)
        assert [e["kind"] for e in told] == [
            *("departed", "arrived", "found", "repaired"),
            *("run_in_started", "run_in_ended", "signed_off"),
        ]
        happened = [datetime.fromisoformat(e["happened_at"]) for e in told]
        recorded = [datetime.fromisoformat(e["recorded_at"]) for e in told]
        assert sorted(happened) == happened
        assert max(happened[1:]) < min(recorded[1:]), "sent later, with the phone's instants"
        assert recorded == sorted(recorded)
        assert {e["by"] for e in told} == {technician}
        assert told[3]["details"]["parts_used"][0]["serials"] == ["SN-1", "SN-2"]
        assert told[-1]["details"]["signed_by"] == "王师傅"
        taken_back = [one for one in sent if one not in {e["id"] for e in told}]
        assert len(taken_back) == 2, "the first departure, and that it was none"
        assert set(sent.values()) == {1}, "two tabs, and each fact sent once"
        picture = f"/v1/work-orders/N1/events/{told[-1]['id']}/signature"
        seen = served.client(Role.VIEWER).get(picture)
        assert seen.content.startswith(b"\x89PNG")


def test_whoever_is_no_technician_looks_at_somebodys_day(wide: Served, browser: Browser) -> None:
    name = organisation(120).technicians[0].name
    key = wide.key(Role.VIEWER).key
    with watching(browser, wide.base, viewport=PHONE, color_scheme="dark") as page:
        sign_in(page, PAGE, key)
        page.get_by_label("Whose day?").select_option(label=f"{name} T0001")
        expect(page.get_by_text("To load")).to_be_visible()
        expect(page.get_by_role("button", name="Depart")).to_have_count(0)
        assert serious_findings(page) == []
