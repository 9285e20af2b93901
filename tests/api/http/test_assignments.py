"""Assignments at once, trials and explanations over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from dispatch.domain.access import Role
from tests.api.http.serving import Served, fill_and_publish, organisation, serving
from tests.databases import Files, Server

MANY_AT_ONCE = 6


@pytest.fixture(name="planned")
def _planned(databases: Files | Server) -> Iterator[Served]:
    with serving(databases.filled(fill_and_publish)) as running:
        yield running


def ticket(desk: httpx.Client, number: str, **more: Any) -> str:  # noqa: ANN401
    """A ticket for a site where somebody has to come in any case; its visit."""
    known = organisation()
    body = {
        "number": number,
        "site_id": known.sites[0].id,
        "product": known.work_orders[0].product,
        "skip_diagnosis": True,
        "visits": [{"duration_s": 1800}],
    }
    taken = desk.post("/v1/work-orders", json=body | more)
    assert taken.status_code == 201, taken.text
    visit: str = taken.json()["visits"][0]["visit"]["id"]
    return visit


def test_what_is_suggested_is_booked_and_stays(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    visit = ticket(desk, "N1")
    asked = {"work_order_id": "N1"}
    looked = desk.post("/v1/assignments", json=asked).json()["visits"][0]
    assert looked["outcome"] == "looked"
    assert looked["options"], looked["obstacles"]
    booked = desk.post("/v1/assignments", json=asked | {"mode": "commit"})
    assert booked.status_code == 201, booked.text
    place = booked.json()["visits"][0]["booked"]
    assert place == looked["options"][0]
    again = desk.post("/v1/assignments", json=asked | {"mode": "commit"})
    assert (again.status_code, again.json()["visits"][0]["outcome"]) == (200, "planned")
    plan = desk.get("/v1/plans/published").json()
    assert plan["violations"] == []
    starts = {s["visit_id"]: s["start_at"] for r in plan["routes"] for s in r["stops"]}
    assert starts[visit] == place["start_at"]
    why = desk.get(f"/v1/visits/{visit}/explanation").json()
    assert why["planned"]
    assert why["technician_ids"] == [seat["technician_id"] for seat in place["seats"]]


def test_a_crew_is_found_and_every_version_is_explained(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    visit = ticket(desk, "N1", visits=[{"duration_s": 1800, "crew_size": 2}])

    asked = {"work_order_id": "N1", "most": 1}
    option = desk.post("/v1/assignments", json=asked).json()["visits"][0]["options"][0]
    leader = option["seats"][0]
    place = {
        "visit_id": visit,
        "technician_ids": [leader["technician_id"]],
        "shift_id": leader["shift_id"],
        "position": option["position"],
    }
    found = desk.post("/v1/evaluate", json={"changes": [place | {"fill_crew": True}]}).json()
    assert found["broken"] == []
    crew = found["placed"][0]["technician_ids"]
    assert set(crew) == {seat["technician_id"] for seat in option["seats"]}
    assert len(crew) == 2
    board = desk.get("/v1/plans/published/board")
    made = desk.post(
        "/v1/plans/published/assignments",
        json=place | {"technician_ids": [s["technician_id"] for s in option["seats"]]},
        headers={"If-Match": board.headers["etag"], "Idempotency-Key": "crew"},
    )
    assert made.status_code == 201, made.text
    draft = made.json()["version"]
    path = f"/v1/visits/{visit}/explanation"
    why = desk.get(path, params={"version": draft}).json()
    assert (why["version"], why["planned"]) == (draft, True)
    assert set(why["technician_ids"]) == set(crew)
    assert not desk.get(path).json()["planned"]
    assert desk.get(path, params={"version": 999}).status_code == 404


def test_many_commits_at_once_are_answered_each_by_itself(planned: Served) -> None:
    """Each is sent twice with the same key, and one of them is for nothing."""
    desk = planned.client(Role.TICKET_SYSTEM)

    def call(path: str, key: str, body: dict[str, Any]) -> httpx.Response:
        return desk.post(path, json=body, headers={"Idempotency-Key": key})

    def taken(number: int) -> httpx.Response:
        known = organisation()
        site, product = known.sites[number % len(known.sites)], known.work_orders[0].product
        body = {"number": f"N{number}", "site_id": site.id, "product": product}
        return call("/v1/work-orders", f"t{number}", body | {"skip_diagnosis": True})

    def booked(number: int) -> httpx.Response:
        body = {"work_order_id": f"N{number}", "mode": "commit"}
        return call("/v1/assignments", f"c{number}", body)

    numbers = [*range(MANY_AT_ONCE)] * 2
    with ThreadPoolExecutor(len(numbers)) as pool:
        tickets = list(pool.map(taken, numbers))
        commits = list(pool.map(booked, [*numbers, MANY_AT_ONCE]))
    assert {one.status_code for one in tickets} == {201}
    unknown = commits.pop()
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_work_order")
    for answers in (tickets, commits):
        half = len(answers) // 2
        pairs = zip(answers[:half], answers[half:], strict=True)
        assert all((a.status_code, a.content) == (b.status_code, b.content) for a, b in pairs)
    outcomes = {one.json()["visits"][0]["outcome"] for one in commits}
    assert "booked" in outcomes
    assert outcomes <= {"booked", "nobody"}
    assert desk.get("/v1/plans/published").status_code == 403
    plan = planned.client(Role.DISPATCHER).get("/v1/plans/published").json()
    assert plan["violations"] == []


def test_a_batch_says_what_became_of_each(planned: Served) -> None:
    desk = planned.client(Role.TICKET_SYSTEM)
    ticket(desk, "N1")
    ids = ["N1", "nothing"]
    for mode in ("suggest", "commit"):
        answer = desk.post("/v1/assignments/batch", json={"work_order_ids": ids, "mode": mode})
        assert answer.status_code in (200, 201), answer.text
        assert [a["work_order_id"] for a in answer.json()["assignments"]] == ["N1"]
        assert [r["code"] for r in answer.json()["refused"]] == ["unknown_work_order"]


def test_a_trial_stores_nothing(planned: Served) -> None:
    desk = planned.client(Role.PLANNER)
    before = desk.get("/v1/plans/published").json()
    route = before["routes"][0]
    visit = next(s["visit_id"] for s in route["stops"] if s["visit_id"])
    out = desk.post("/v1/evaluate", json={"changes": [{"visit_id": visit}]}).json()
    assert visit in out["unassigned"]
    nothing = desk.post("/v1/evaluate", json={"plan": {"routes": []}}).json()
    assert nothing["by_item"]["unassigned"] > 0
    assert desk.get("/v1/plans/published").json() == before
    assert desk.get("/v1/plans/published/cover").status_code == 200


def test_suggestions_stay_current_when_somebody_listens_or_does_not(planned: Served) -> None:
    client = planned.client(Role.ADMINISTRATOR)
    ticket(client, "N1")

    def is_current() -> bool:
        answer = client.post("/v1/assignments", json={"work_order_id": "N1"})
        return bool(answer.json()["current"])

    assert is_current()
    endpoint = {"name": "tickets", "url": "https://tickets.example/hook"}
    key = {"Idempotency-Key": "k"}
    made = client.post("/v1/webhook-endpoints", json=endpoint, headers=key)
    path = made.headers["location"]
    assert client.post(f"{path}/secrets", headers=key | {"Idempotency-Key": "r"}).is_success
    for method, body in (("PATCH", {"name": "others"}), ("DELETE", None)):
        match = {"If-Match": client.get(path).headers["etag"]}
        assert client.request(method, path, json=body, headers=match).is_success
        assert is_current()
