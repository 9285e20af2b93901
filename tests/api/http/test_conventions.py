"""What holds for all routes: done once, versions, pages, languages, limits."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.middleware import Front
from api.settings import Settings
from dispatch.domain.access import Role
from dispatch.store.rows_places import CustomerRow
from tests.api.http.serving import Served, organisation, publish_plan, serving

SITE = organisation().sites[0].id
AT_ONCE = 5


def ticket(number: str = "X1", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"number": number, "site_id": SITE, "product": "p", **more}


@pytest.fixture(name="desk")
def _desk(served: Served) -> httpx.Client:
    return served.client(Role.DISPATCHER)


def at_once(call: Callable[[int], httpx.Response], times: int) -> list[httpx.Response]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


def test_a_ticket_is_one_work_order_however_often_it_comes(desk: httpx.Client) -> None:
    first = desk.post("/v1/work-orders", json=ticket())
    again = desk.post("/v1/work-orders", json=ticket(text="another text"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == "/v1/work-orders/X1"
    assert {clock["kind"] for clock in first.json()["clocks"]} <= {"respond", "arrive", "restore"}
    assert all("due_at" in clock for clock in first.json()["clocks"])


@pytest.mark.parametrize("skip_diagnosis", [False, True])
@pytest.mark.parametrize("priority", ["normal", "emergency"])
def test_a_ticket_is_answered_with_what_is_on_record(
    desk: httpx.Client, skip_diagnosis: bool, priority: str
) -> None:
    window = {"open_at": "2026-09-10T09:00:00+08:00", "close_at": "2026-09-10T11:00:00+08:00"}
    visit = {"duration_s": 1800, "windows": [window], "run_in_s": 600}
    sent = ticket(
        skip_diagnosis=skip_diagnosis,
        priority=priority,
        visits=[visit, {}],
        diagnosed_by="2026-09-10T09:00:00+08:00",
    )
    answer, read = desk.post("/v1/work-orders", json=sent), desk.get("/v1/work-orders/X1")
    assert (answer.status_code, read.status_code) == (201, 200)
    assert (answer.json(), answer.headers["etag"]) == (read.json(), read.headers["etag"])


def test_copies_at_the_same_time_get_identical_answers(desk: httpx.Client) -> None:
    def send(number: int) -> httpx.Response:
        order = number // AT_ONCE
        return desk.post(
            "/v1/work-orders",
            json=ticket(f"N{order}"),
            headers={"Idempotency-Key": f"k{order}"},
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(10 * AT_ONCE)))
    for order in range(10):
        own = answers[order * AT_ONCE : (order + 1) * AT_ONCE]
        assert {(a.status_code, a.content, a.headers["etag"]) for a in own} == {
            (201, own[0].content, own[0].headers["etag"])
        }
    listed = desk.get("/v1/work-orders", params={"limit": 200}).json()["items"]
    assert sorted(i["id"] for i in listed if i["id"].startswith("N")) == [
        f"N{n}" for n in range(10)
    ]


def test_a_key_for_another_body_is_refused(desk: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    assert desk.post("/v1/work-orders", json=ticket(), headers=key).status_code == 201
    other = desk.post("/v1/work-orders", json=ticket("X2"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert desk.get("/v1/work-orders/X2").status_code == 404


def test_the_keys_of_two_callers_do_not_meet(served: Served, desk: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    other = served.client(Role.TICKET_SYSTEM)
    assert desk.post("/v1/work-orders", json=ticket(), headers=key).status_code == 201
    assert other.post("/v1/work-orders", json=ticket("X2"), headers=key).status_code == 201


def test_an_error_is_not_kept_under_the_key(desk: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    body = {"kind": "transfer", "part_id": "nothing", "quantity": 1, "source": "a", "target": "b"}
    assert desk.post("/v1/stock/movements", json=body, headers=key).status_code == 422
    assert desk.post("/v1/work-orders", json=ticket(), headers=key).status_code == 201


def test_what_has_no_name_of_its_own_needs_a_key_and_is_done_once(desk: httpx.Client) -> None:
    part, station = organisation().parts[0].id, organisation().stations[0].id
    body = {
        "kind": "receive", "lot_id": "NEW", "part_id": part, "quantity": 3, "place": station,
    }  # fmt: skip
    missing = desk.post("/v1/stock/movements", json=body)
    assert (missing.status_code, missing.json()["code"]) == (400, "key_needed")
    key = {"Idempotency-Key": "delivery 1".replace(" ", "-")}
    answers = at_once(lambda _: desk.post("/v1/stock/movements", json=body, headers=key), AT_ONCE)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    levels = desk.get("/v1/stock", params={"part_id": part, "limit": 200}).json()["items"]
    assert [level["on_hand"] for level in levels if level["lot_id"] == "NEW"] == [3]


def test_of_many_editors_one_wins(desk: httpx.Client) -> None:
    etag = desk.post("/v1/work-orders", json=ticket()).headers["etag"]
    assert desk.patch("/v1/work-orders/X1", json={"priority": "high"}).status_code == 428

    def edit(number: int) -> httpx.Response:
        body = {"description": f"edited {number}"}
        return desk.patch("/v1/work-orders/X1", json=body, headers={"If-Match": etag})

    statuses = sorted(a.status_code for a in at_once(edit, 12))
    assert statuses == [200] + 11 * [412]
    now = desk.get("/v1/work-orders/X1")
    assert now.headers["etag"] != etag
    assert now.json()["description"].startswith("edited ")


def test_an_absence_lives(desk: httpx.Client) -> None:
    path = f"/v1/technicians/{organisation().technicians[0].id}/absences"
    body = {"start_at": "2026-09-10T08:00:00+08:00", "end_at": "2026-09-10T12:00:00+08:00"}
    made = desk.post(path, json=body)
    assert made.status_code == 201
    assert desk.post(path, json=body).status_code == 200
    inside = body | {"start_at": "2026-09-10T09:00:00+08:00"}
    assert desk.post(path, json=inside).json()["code"] == "overlapping_absence"
    where, etag = made.headers["location"], {"If-Match": made.headers["etag"]}
    longer = desk.patch(where, json={"end_at": "2026-09-10T13:00:00+08:00"}, headers=etag)
    assert longer.json()["end_at"] == "2026-09-10T05:00:00Z"
    assert desk.delete(where, headers=etag).status_code == 412
    assert desk.delete(where, headers={"If-Match": longer.headers["etag"]}).status_code == 204
    assert desk.get(where).status_code == 404


def test_technicians_record_what_happens_at_their_own_visits(
    served: Served, desk: httpx.Client
) -> None:
    publish_plan(served.database.url.render_as_string(hide_password=False))
    doers: dict[str, set[str]] = {}
    for route in desk.get("/v1/plans/published").json()["routes"]:
        for stop in route["stops"]:
            if stop["visit_id"] is not None:
                doers.setdefault(stop["visit_id"], set()).add(route["technician_id"])
    visit, (technician,) = next((v, tuple(t)) for v, t in doers.items() if len(t) == 1)
    own = served.client(Role.TECHNICIAN, technician=technician)
    other = next(t.id for t in organisation().technicians if t.id != technician)
    stranger = served.client(Role.TECHNICIAN, technician=other)
    order = own.get(f"/v1/visits/{visit}").json()["work_order_id"]
    events = f"/v1/work-orders/{order}/events"
    now = desk.post("/v1/work-orders", json=ticket()).json()["reported_at"]
    fact = {"id": "E1", "kind": "departed", "visit_id": visit, "happened_at": now}
    assert stranger.post(events, json=fact).status_code == 404
    assert own.post(events, json=fact | {"kind": "cancelled", "visit_id": None}).status_code == 403
    assert own.post(events, json=fact).json()["visit_state"] == "under_way"


def test_a_fact_from_the_field_waits_for_what_came_before(desk: httpx.Client) -> None:
    taken = desk.post("/v1/work-orders", json=ticket(skip_diagnosis=True)).json()
    visit, then = taken["visits"][0]["visit"]["id"], taken["reported_at"]
    events = "/v1/work-orders/X1/events"
    repaired = {"id": "E2", "kind": "repaired", "visit_id": visit, "happened_at": then}
    first = desk.post(events, json=repaired)
    assert (first.status_code, first.json()["waits"]) == (201, True)
    again = desk.post(events, json=repaired)
    assert (again.status_code, again.json()["again"]) == (200, True)
    wrong = desk.post(events, json=repaired | {"id": "E3", "kind": "closed", "visit_id": None})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "illegal_step")
    assert "responded" in wrong.json()["possible"]


def test_pages_give_everything_once(desk: httpx.Client) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 5} | ({"cursor": cursor} if cursor else {})
        page = desk.get("/v1/work-orders", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted({order.id for order in organisation().work_orders})
    assert desk.get("/v1/work-orders", params={"cursor": "abc"}).status_code == 400


def test_keys_with_slashes_have_addresses(served: Served, desk: httpx.Client) -> None:
    with served.database.writing() as session:
        session.add(CustomerRow(id="网/12%2F a", name="n", tier=""))
    assert desk.get("/v1/customers/%E7%BD%91%2F12%252F%20a").json()["id"] == "网/12%2F a"
    assert desk.get("/v1/customers/%E7%BD%91/12%252F%20a").status_code == 404
    assert desk.get("/v1/customers/%E7%BD%91%1F12%252F%20a").status_code == 400


def test_problems_speak_the_language_that_is_asked_for(desk: httpx.Client) -> None:
    body = ticket(priority="urgent", more=1)
    for asked, word in (("zh-CN,zh;q=0.9,en;q=0.8", "未知字段"), ("en", "not known here")):
        answer = desk.post("/v1/work-orders", json=body, headers={"Accept-Language": asked})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "invalid")
        assert answer.headers["content-type"] == "application/problem+json"
        by_pointer = {found["pointer"]: found["detail"] for found in problem["errors"]}
        assert set(by_pointer) == {"/priority", "/more"}
        assert word in by_pointer["/more"]


def test_every_answer_has_an_id_and_is_kept_by_nobody(desk: httpx.Client) -> None:
    for path in ("/v1/health/live", "/v1/work-orders", "/nowhere"):
        answer = desk.get(path, headers={"X-Request-Id": "mine-1"})
        assert answer.headers["x-request-id"] == "mine-1"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
    assert desk.get("/v1/health/live", headers={"X-Request-Id": "a b"}).headers[
        "x-request-id"
    ] != "a b"  # fmt: skip


def test_the_allowance_of_a_key_holds_for_all_processes(served: Served) -> None:
    key = served.key(Role.VIEWER).key
    url = served.database.url.render_as_string(hide_password=False)
    limits = {"calls_per_s": 0.001, "calls_at_once": 6}
    with serving(url, **limits) as one, serving(url, **limits) as two:
        callers = one.showing(key), two.showing(key)
        answers = [callers[n % 2].get("/v1/territories") for n in range(10)]
        assert [a.status_code for a in answers].count(200) == 6
        assert answers[-1].headers["retry-after"] == "1"


def test_what_takes_too_long_is_answered_all_the_same() -> None:
    """By an application that never answers."""
    told: list[Message] = []

    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    front = Front(never, Settings("sqlite://", timeout_s=0))
    asyncio.run(front(scope, receive, send))
    begin, body = told
    assert begin["status"] == 504
    assert json.loads(body["body"])["code"] == "time_out"
