"""What a board draws is what the plan is, and what a drag would do is what the referee says."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from dispatch.commands.versions import load_version
from dispatch.domain.access import Role
from dispatch.domain.timetable import TimedRoute
from tests.api.http.serving import Served, fill, publish_plan, serving
from tests.api.http.test_access import FOREIGN, HOME, foreign_words, words_of
from tests.databases import Files

BOARD = "/v1/plans/published/board"


def board(client: httpx.Client, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    answer = client.get(BOARD, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def times(board: dict[str, Any], seconds: int) -> datetime:
    return datetime.fromisoformat(board["zero_at"]) + timedelta(seconds=seconds)


def test_a_board_has_every_stop_when_the_referee_says(wide: Served) -> None:
    found = board(wide.client(Role.VIEWER))
    with wide.database.reading() as session:
        judged = load_version(session, found["version"]).judged
    routes: dict[str, TimedRoute] = {r.route.shift_id: r for r in judged.verdict.timetable.routes}
    assert {r["shift_id"] for r in found["routes"]} == routes.keys()
    for route in found["routes"]:
        timed = routes[route["shift_id"]]
        assert times(found, route["finish"]) == timed.finish_at
        for stop, known in zip(route["stops"], timed.stops, strict=True):
            assert stop.get("kind", "visit") == known.stop.kind
            assert stop.get("visit_id") == known.visit_id
            assert times(found, stop["start"]) == known.start_at
            assert times(found, stop.get("arrival", stop["start"])) == known.arrival_at
            assert times(found, stop.get("leave", stop["end"])) == known.leave_at
    assert found["visits"].keys() == judged.snapshot.visit.keys()
    for visit_id, visit in found["visits"].items():
        margins = {m.clock.kind: m.margin_s for m in judged.margins[visit_id]}
        assert {k: c.get("margin_s") for k, c in visit.get("clocks", {}).items()} == margins
        is_late = any(margin is not None and margin < 0 for margin in margins.values())
        assert not is_late or visit["clock"] == "broken"
    assert found["cost_fen"] == dict(judged.verdict.cost.by_item())


def test_what_is_left_out_says_why_in_both_languages(wide: Served) -> None:
    client = wide.client(Role.VIEWER)
    said = []
    for language in ("en", "zh"):
        client.headers["Accept-Language"] = language
        found = board(client)
        said.append({v: found["visits"][v]["reason"] for v in found["unassigned"]})
    assert said[0].keys() == said[1].keys()
    assert all(said[0][v] != said[1][v] for v in said[0])


def test_a_board_of_one_territory_has_its_people_only(wide: Served) -> None:
    whole = board(wide.client(Role.VIEWER))
    part = board(wide.client(Role.VIEWER), territory=HOME)
    assert 0 < len(part["technicians"]) < len(whole["technicians"])
    assert all(
        HOME in (*t.get("territories", ()), *t.get("backup", ())) for t in part["technicians"]
    )
    limited = wide.client(Role.DISPATCHER, (HOME,))
    assert not foreign_words() & set(words_of(board(limited)))
    assert limited.get(BOARD, params={"territory": FOREIGN}).status_code == 422


def test_a_board_of_some_hours_has_what_happens_in_them(wide: Served) -> None:
    client = wide.client(Role.VIEWER)
    whole = board(client)
    from_at = times(whole, 0)
    until_at = from_at + timedelta(hours=24)
    part = board(client, **{"from": from_at.isoformat(), "until": until_at.isoformat()})
    assert 0 < len(part["routes"]) < len(whole["routes"])
    for route in part["routes"]:
        assert times(part, route["depart"]) < until_at
    assert part["unassigned"] == whole["unassigned"]


def test_large_answers_are_compressed_for_those_who_take_that(wide: Served) -> None:
    client = wide.client(Role.VIEWER)
    squeezed = client.get(BOARD, headers={"Accept-Encoding": "gzip"})
    plain = client.get(BOARD, headers={"Accept-Encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(squeezed.headers["content-length"]) < int(plain.headers["content-length"]) // 2
    assert squeezed.json()["routes"] == plain.json()["routes"]


@pytest.fixture
def planned(files: Files) -> Any:  # noqa: ANN401 - a fixture
    url = files.new()
    fill(url)
    publish_plan(url)
    with serving(url) as served:
        yield served


def test_a_change_is_on_the_board_and_marked(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    before = board(desk)
    route = next(r for r in before["routes"] if any("visit_id" in s for s in r["stops"]))
    visit_id = next(s["visit_id"] for s in route["stops"] if "visit_id" in s)
    wanted = {
        "visit_id": visit_id,
        "technician_ids": [route["technician_id"]],
        "shift_id": route["shift_id"],
        "position": 1,
    }
    asked = desk.post("/v1/evaluate", json={"changes": [wanted]}).json()
    etag = desk.get(BOARD).headers["etag"]
    forced = wanted | {"force": True, "reason": "客户要求"}
    done = desk.post("/v1/plans/published/assignments", json=forced, headers={"If-Match": etag})
    assert done.status_code == 201, done.text
    effect = done.json()["effect"]
    for name in ("broken", "mended", "late"):
        assert effect[name] == asked[name]
    assert effect["cost_after_fen"] == asked["cost_after_fen"]
    after = desk.get("/v1/plans/draft/board").json()
    assert after["version"] == done.json()["version"]
    assert after["visits"][visit_id]["by_hand"]
    assert after["visits"][visit_id]["pinned"] == ["technician"]
    own = next(r for r in after["routes"] if r["shift_id"] == route["shift_id"])
    assert next(s["visit_id"] for s in own["stops"] if "visit_id" in s) == visit_id
    assert not before["visits"][visit_id].get("by_hand")


def test_an_event_is_on_the_board_at_once(planned: Served) -> None:
    desk = planned.client(Role.DISPATCHER)
    found = board(desk)
    visit_id = next(s["visit_id"] for r in found["routes"] for s in r["stops"] if "visit_id" in s)
    order = found["visits"][visit_id]["work_order_id"]
    fact = {
        "id": "E1",
        "kind": "departed",
        "visit_id": visit_id,
        "happened_at": found["now_at"],
    }
    done = desk.post(f"/v1/work-orders/{order}/events", json=fact)
    assert done.status_code == 201, done.text
    assert board(desk)["visits"][visit_id]["state"] == "under_way"


def test_nobody_is_put_into_somebody_elses_shift(wide: Served) -> None:
    desk = wide.client(Role.DISPATCHER)
    first, *_, last = board(desk)["routes"]
    change = {
        "visit_id": next(s["visit_id"] for s in first["stops"] if "visit_id" in s),
        "technician_ids": [first["technician_id"]],
        "shift_id": last["shift_id"],
    }
    answer = desk.post("/v1/evaluate", json={"changes": [change]})
    assert (answer.status_code, answer.json()["code"]) == (422, "placing")
