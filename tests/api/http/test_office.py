"""What managers, dispatchers and technicians look at beside the plan: days, figures, search, ways
to go on."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dispatch.commands.versions import load_version
from dispatch.domain.access import Role
from dispatch.store.database import Database
from tests.api.http.serving import Served, fill, publish_plan, serving
from tests.api.http.test_access import FOREIGN, HOME, foreign_words, ids_of, words_of
from tests.databases import Files


def answered(client: httpx.Client, path: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def planned(files: Files) -> Iterator[Served]:
    url = files.new()
    fill(url)
    publish_plan(url)
    with serving(url) as served:
        yield served


def first_visit(client: httpx.Client) -> tuple[str, str]:
    """A technician and the first visit of the plan."""
    plan = answered(client, "/v1/plans/published")
    return next(
        (r["technician_id"], s["visit_id"])
        for r in plan["routes"]
        for s in r["stops"]
        if s["visit_id"]
    )


def test_things_are_found_by_words_as_far_as_they_are_seen(wide: Served) -> None:
    viewer, limited = wide.client(Role.VIEWER), wide.client(Role.VIEWER, (HOME,))
    away = ids_of(FOREIGN)
    for kind, key in (
        ("work_order", "work_order_id"), ("visit", "visit_id"), ("technician", "technician_id"),
        ("site", "sites"),
    ):  # fmt: skip
        found = answered(viewer, "/v1/search", q=away[key].lower())["items"]
        assert (kind, away[key]) in [(one["kind"], one["id"]) for one in found]
        hidden = answered(limited, "/v1/search", q=away[key])
        assert not foreign_words() & set(words_of(hidden))
    assert answered(viewer, "/v1/search", q=f"{away['sites']} nowhere")["items"] == []
    assert answered(viewer, "/v1/search", q="100%_")["items"] == []


def test_words_may_be_chinese(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    site = answered(desk, "/v1/sites")["items"][0]["id"]
    ticket = {"number": "T-9", "site_id": site, "product": "p", "text": "终端黑屏，无法启动"}
    assert desk.post("/v1/work-orders", json=ticket).status_code == 201
    found = answered(desk, "/v1/search", q="黑屏 终端")["items"]
    assert [(one["kind"], one["id"]) for one in found] == [("work_order", "T-9")]


def test_what_went_differently_is_repaired_and_becomes_a_draft(planned: Served) -> None:
    planner = planned.client(Role.PLANNER)
    technician, _ = first_visit(planner)
    plan = answered(planner, "/v1/plans/published")
    away = {"start_at": plan["start_at"], "end_at": plan["end_at"], "reason": "病假"}
    path = f"/v1/technicians/{technician}/absences"
    assert planner.post(path, json=away).status_code == 201
    looked = planner.post("/v1/repairs", json={"iterations": 0})
    assert looked.status_code == 200, looked.text
    found = looked.json()
    assert found["needed"]
    assert found["version"] is None
    way = found["ways"][0]
    assert planner.post("/v1/repairs", json={"iterations": 0}).json() == found
    wrong = {"iterations": 0, "take": {"kind": way["kind"], "digest": "x"}}
    assert planner.post("/v1/repairs", json=wrong).json()["code"] == "way_gone"
    take = {"iterations": 0, "take": {"kind": way["kind"], "digest": way["digest"]}}
    taken = planner.post("/v1/repairs", json=take)
    assert taken.status_code == 201, taken.text
    with Database(planned.database.url.render_as_string(hide_password=False)).reading() as session:
        judged = load_version(session, taken.json()["version"]).judged
    assert len(judged.verdict.violations) == len(way["broken"])
    assert technician not in {r.technician_id for r in judged.plan.routes}


def test_who_sees_some_territories_repairs_nothing(wide: Served) -> None:
    limited = wide.client(Role.PLANNER, (HOME,))
    assert limited.post("/v1/repairs", json={}).status_code == 403
