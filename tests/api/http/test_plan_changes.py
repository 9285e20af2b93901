"""Plans changed by hand, compared and published over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dispatch.commands.versions import load_version
from dispatch.domain.access import Role
from tests.api.http.serving import Served, fill_and_publish, fill_many_and_publish, serving
from tests.api.http.test_access import FOREIGN, HOME, foreign_words, ids_of, words_of
from tests.databases import Files, Server

PLANS = "/v1/plans"


@pytest.fixture(name="served")
def _served(databases: Files | Server) -> Iterator[Served]:
    """The small organisation with a published plan."""
    with serving(databases.filled(fill_and_publish)) as running:
        yield running


@pytest.fixture(name="desk")
def _desk(served: Served) -> httpx.Client:
    return served.client(Role.DISPATCHER)


def planned(client: httpx.Client, version: str = "published") -> dict[str, set[str]]:
    """Who does each visit."""
    found: dict[str, set[str]] = {}
    for route in client.get(f"{PLANS}/{version}").json()["routes"]:
        for stop in route["stops"]:
            if stop["visit_id"] is not None:
                found.setdefault(stop["visit_id"], set()).add(route["technician_id"])
    return found


def by_hand(
    client: httpx.Client,
    version: str,
    kind: str,
    **body: Any,  # noqa: ANN401
) -> httpx.Response:
    etag = client.get(f"{PLANS}/{version}").headers["etag"]
    return client.post(f"{PLANS}/{version}/{kind}", json=body, headers={"If-Match": etag})


def alone(doers: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Visits of one technician, with him or her."""
    return [(visit, min(people)) for visit, people in sorted(doers.items()) if len(people) == 1]


def test_a_plan_is_changed_compared_and_published(served: Served, desk: httpx.Client) -> None:
    visit, technician = alone(planned(desk))[0]
    out = by_hand(desk, "published", "unassignments", visit_id=visit)
    assert out.status_code == 201, out.text
    assert (out.json()["version"], out.json()["base"]) == (2, 1)
    assert visit not in planned(desk, "draft")
    found = desk.get(f"{PLANS}/draft/comparison").json()
    assert (found["before"], found["after"]) == (1, 2)
    assert (visit, "dropped") in [(d["visit_id"], d["kind"]) for d in found["differences"]]
    again: dict[str, Any] = {"visit_id": visit, "technician_ids": [technician], "reason": "back"}
    back = by_hand(desk, "draft", "assignments", **again)
    assert (back.status_code, back.json()["version"]) == (201, 2), back.text
    assert back.headers["etag"] == desk.get(f"{PLANS}/2").headers["etag"]
    assert planned(desk, "draft")[visit] == {technician}
    stale = desk.post(f"{PLANS}/2/publication", json={}, headers={"If-Match": out.headers["etag"]})
    assert stale.status_code == 412
    done = by_hand(desk, "2", "publication", base=1)
    assert (done.status_code, done.json()["replaced"]) == (201, 1), done.text
    assert by_hand(desk, "2", "publication").json()["code"] == "not_a_draft"
    with served.database.reading() as session:
        assert load_version(session, 2).judged.verdict.violations == ()


def test_what_breaks_rules_needs_a_reason(desk: httpx.Client) -> None:
    doers = alone(planned(desk))
    codes = set()
    for visit, technician in doers:
        for _, other in doers:
            if other == technician:
                continue
            wanted: dict[str, Any] = {"visit_id": visit, "technician_ids": [other]}
            refused = by_hand(desk, "published", "assignments", **wanted)
            if refused.status_code == 409:
                codes.add(refused.json()["code"])
                assert refused.json()["rules"]
                silent = by_hand(desk, "published", "assignments", force=True, **wanted)
                assert silent.json()["code"] == "missing_reason"
                said: dict[str, Any] = {"force": True, "reason": "the customer wants it"}
                forced = by_hand(desk, "published", "assignments", **wanted, **said)
                assert forced.status_code == 201
                assert forced.json()["effect"]["broken"]
                return
    pytest.fail(f"nothing breaks a rule: {codes}")


def test_two_visits_are_swapped(desk: httpx.Client) -> None:
    doers = alone(planned(desk))
    first, one = doers[0]
    second, other = next((v, t) for v, t in doers if t != one)
    said: dict[str, Any] = {"force": True, "reason": "they agreed"}
    swapped = by_hand(desk, "published", "swaps", visit_id=first, other_visit_id=second, **said)
    assert swapped.status_code == 201, swapped.text
    after = planned(desk, "draft")
    assert (after[first], after[second]) == ({other}, {one})


def test_a_pin_is_set_changed_and_taken_away(desk: httpx.Client) -> None:
    visit, technician = alone(planned(desk))[0]
    path = f"/v1/visits/{visit}/pin"
    none = desk.get(path)
    assert none.json() == {"visit_id": visit, "pin": None}
    body = {"technician_ids": [technician], "reason": "knows the way"}
    assert desk.put(path, json=body).status_code == 428
    made = desk.put(path, json=body, headers={"If-Match": none.headers["etag"]})
    assert made.json()["pin"]["technician_id"] == technician
    assert desk.put(path, json=body, headers={"If-Match": none.headers["etag"]}).status_code == 412
    match = {"If-Match": made.headers["etag"]}
    for wrong in ({"technician_ids": ["nobody"]}, {"after_visit_id": "nothing"}, {}):
        assert desk.put(path, json=wrong, headers=match).status_code == 422, wrong
    assert desk.delete(path, headers=match).status_code == 204
    assert desk.get(path).json() == none.json()


def test_who_sees_some_territories_changes_only_these(files: Files) -> None:
    with serving(files.filled(fill_many_and_publish)) as served:
        home = served.client(Role.DISPATCHER, (HOME,))
        everybody = served.client(Role.DISPATCHER)
        doers = planned(everybody)
        foreign = foreign_words()
        own = next(v for v, _ in alone(doers) if v not in foreign and v in planned(home))
        theirs = next(v for v, _ in alone(doers) if v in foreign)
        refused = by_hand(home, "published", "unassignments", visit_id=theirs)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/visit_id")
        away = ids_of(FOREIGN)["technician_id"]
        wanted: dict[str, Any] = {"visit_id": own, "technician_ids": [away]}
        told = by_hand(home, "published", "assignments", **wanted).json()["errors"][0]
        assert told["pointer"] == "/technician_ids/0"
        assert by_hand(everybody, "published", "unassignments", visit_id=theirs).status_code == 201
        beyond = by_hand(home, "draft", "publication")
        assert (beyond.status_code, beyond.json()["code"]) == (403, "forbidden")
        out = by_hand(home, "published", "unassignments", visit_id=own)
        assert out.status_code == 201, out.text
        assert out.json()["effect"]["cost_after_fen"] is None
        assert foreign.isdisjoint(words_of(out.json()))
        seen = home.get(f"{PLANS}/2/comparison").json()
        assert foreign.isdisjoint(words_of(seen))
        whole = everybody.get(f"{PLANS}/draft/comparison").json()["differences"]
        done = by_hand(home, "draft", "publication")
        assert done.status_code == (201 if foreign.isdisjoint(words_of(whole)) else 403)
        assert foreign.isdisjoint(words_of(done.json()))
