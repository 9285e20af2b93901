"""Endpoints and deliveries over HTTP, and a server that sends by itself."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dispatch.commands.endpoints import seal_again
from dispatch.domain.access import Role
from dispatch.posting import networks_of
from dispatch.sealing import Seal
from dispatch.store import queries_out
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_access import AnswerRow
from tests.api.http.serving import Served, fill, organisation, serving
from tests.databases import Files, Server
from tests.dispatch.receiver import is_genuine, receiving

PATH = "/v1/webhook-endpoints"
NEW: dict[str, Any] = {"name": "tickets", "url": "https://tickets.example/hook"}
ROBOT: dict[str, Any] = {
    "name": "沈阳调度群",
    "format": "feishu",
    "url": "https://open.feishu.cn/open-apis/bot/v2/hook/TOKEN",
    "secret": "S3CRET",
}
SITE = organisation().sites[0]


KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(name="sending")
def _sending(databases: Files | Server) -> Iterator[Served]:
    """A server that may send to this machine."""
    url = databases.filled(fill)
    with serving(url, webhook_networks=networks_of("127.0.0.0/8"), secret_keys=(KEY,)) as running:
        yield running


def _add(client: httpx.Client, key: str = "k", **body: Any) -> httpx.Response:  # noqa: ANN401
    return client.post(PATH, json=body, headers={"Idempotency-Key": key})


def test_an_endpoint_is_added_shown_changed_and_removed(served: Served) -> None:
    client = served.client(Role.ADMINISTRATOR)
    made = _add(client, **NEW)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert _add(client, **NEW).content == made.content  # sent again: nothing new
    path = made.headers["location"]
    shown = client.get(path)
    assert shown.json() == made.json()["endpoint"]
    assert secret not in shown.text + client.get(PATH).text
    assert shown.headers["etag"] == made.headers["etag"]

    body = {"kinds": ["clock.broken"], "is_on": False}
    assert client.patch(path, json=body).status_code == 428
    old = {"If-Match": shown.headers["etag"]}
    changed = client.patch(path, json=body, headers=old)
    assert (changed.json()["kinds"], changed.json()["is_on"]) == (["clock.broken"], False)
    assert client.patch(path, json=body, headers=old).status_code == 412
    assert client.delete(path, headers=old).status_code == 412
    new = {"If-Match": changed.headers["etag"]}
    assert client.delete(path, headers=new).status_code == 204
    assert client.get(path).status_code == 404


def test_a_secret_is_rotated_once_for_one_key(served: Served) -> None:
    client = served.client(Role.ADMINISTRATOR)
    made = _add(client, **NEW)
    path = f"{made.headers['location']}/secrets"
    rotated = client.post(path, headers={"Idempotency-Key": "r"})
    assert rotated.status_code == 201
    assert rotated.json()["secret"] != made.json()["secret"]
    assert client.post(path, headers={"Idempotency-Key": "r"}).content == rotated.content
    assert client.post(path).status_code == 400
    robot = _add(client, "k2", **ROBOT)
    answer = client.post(f"{robot.headers['location']}/secrets", headers={"Idempotency-Key": "r2"})
    assert answer.json()["code"] == "endpoint_secret"


def test_what_is_secret_of_a_robot_is_not_shown(served: Served) -> None:
    client = served.client(Role.ADMINISTRATOR)
    made = _add(client, **ROBOT)
    assert made.json()["secret"] is None
    shown = made.text + client.get(PATH).text
    assert "TOKEN" not in shown
    assert "S3CRET" not in shown
    assert made.json()["endpoint"]["url"] == "https://open.feishu.cn/…"


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("url", "https://127.0.0.1/", "/url"),
        ("url", "https://[::1]/", "/url"),
        ("url", "https://localhost:8000/", "/url"),
        ("url", "https://169.254.169.254/latest", "/url"),
        ("url", "http://8.8.8.8/", "/url"),
        ("url", "https://u:p@tickets.example/", "/url"),
        ("url", "ftp://tickets.example/", "/url"),
        ("kinds", [], "/kinds"),
        ("kinds", ["x"], "/kinds/0"),
        ("territories", ["Nowhere"], "/territories/0"),
        ("secret", "x", None),
    ],
)
def test_what_cannot_be_is_refused(wide: Served, field: str, value: object, pointer: str) -> None:
    answer = _add(wide.client(Role.ADMINISTRATOR), **(NEW | {field: value}))
    assert answer.status_code == 422
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_limited_key_sees_and_makes_endpoints_of_its_territories_only(wide: Served) -> None:
    home, away = "Territory ST001", "Territory ST003"
    everything = wide.client(Role.ADMINISTRATOR)
    limited = wide.client(Role.ADMINISTRATOR, (home,))
    whole = _add(everything, **NEW).headers["location"]
    theirs = _add(everything, "k2", **NEW, territories=[home, away]).headers["location"]
    own = _add(limited, **NEW)
    assert own.json()["endpoint"]["territories"] == [home]
    assert _add(limited, "k3", **NEW, territories=[away]).status_code == 422
    for path in (whole, theirs):
        assert limited.get(path).status_code == 404
        for answer in (
            limited.patch(path, json={"name": "x"}, headers={"If-Match": "*"}),
            limited.delete(path, headers={"If-Match": "*"}),
            limited.post(f"{path}/secrets", headers={"Idempotency-Key": "s"}),
        ):
            assert answer.status_code == 404
    listed = [e["id"] for e in limited.get(PATH).json()["items"]]
    assert listed == [own.json()["endpoint"]["id"]]
    path = own.headers["location"]
    for wanted in ([away], [home, away]):
        headers = {"If-Match": own.headers["etag"]}
        answer = limited.patch(path, json={"territories": wanted}, headers=headers)
        assert answer.status_code == 422
    for client in (everything, limited):
        for endpoint in client.get(PATH).json()["items"]:
            at = f"{PATH}/{endpoint['id']}"
            client.delete(at, headers={"If-Match": client.get(at).headers["etag"]})


def test_the_server_sends_by_itself_and_again_when_asked(sending: Served) -> None:
    client = sending.client(Role.ADMINISTRATOR)
    with receiving() as receiver:
        made = _add(client, **(NEW | {"url": receiver.url, "kinds": ["emergency.opened"]}))
        client.post("/v1/work-orders", json={"number": "X", "site_id": SITE.id, "product": "p"})
        happened = client.get("/v1/work-orders/X").json()["reported_at"]
        for kind, details in (("on_site_needed", None), ("emergency_opened", {"reason": "other"})):
            event = {"id": kind, "kind": kind, "happened_at": happened, "details": details}
            assert client.post("/v1/work-orders/X/events", json=event).status_code == 201
        with receiver.arrived:
            assert receiver.arrived.wait_for(lambda: any(_of_x(g.body) for g in receiver.got), 60)
        first = next(g for g in receiver.got if _of_x(g.body))
        sent_at = float(first.headers["webhook-timestamp"])
        assert is_genuine(first, made.json()["secret"], sent_at)
        delivery: dict[str, Any] = {"state": "waiting"}
        while delivery["state"] == "waiting":  # until the sender has noted that it was taken
            found = client.get("/v1/webhook-deliveries", params={"limit": 200}).json()["items"]
            (delivery,) = [d for d in found if d["message_id"] == first.headers["webhook-id"]]
        assert delivery["data"]["work_order_id"] == "X"
        path = f"/v1/webhook-deliveries/{delivery['id']}"
        assert client.post(f"{path}/replay").json()["state"] == "waiting"

        def came_twice() -> bool:
            ids = [g.headers["webhook-id"] for g in receiver.got]
            return ids.count(delivery["message_id"]) == 2

        with receiver.arrived:
            assert receiver.arrived.wait_for(came_twice, 60)


def test_no_secret_is_in_the_database_as_it_is_once_there_is_a_key(
    databases: Files | Server,
) -> None:
    url = databases.new()
    fill(url)
    with serving(url) as plain:
        made = _add(plain.client(Role.ADMINISTRATOR), **ROBOT)
    database = Database(url)
    with database.reading() as session:
        (row,) = queries_out.endpoints(session)
        assert row.secret == ROBOT["secret"]
    in_writing(database, lambda s: seal_again(s, Seal((KEY,))))
    with serving(url, secret_keys=(KEY,)) as sealing:
        client = sealing.client(Role.ADMINISTRATOR)
        known = client.get(made.headers["location"])
        assert known.json() == made.json()["endpoint"]
        assert known.headers["etag"] == made.headers["etag"]
        hook = _add(client, "hook", **NEW)
        rotate = client.post(
            f"{hook.headers['location']}/secrets", headers={"Idempotency-Key": "r"}
        )
        assert _add(client, "hook", **NEW).content == hook.content  # kept, and opened again
    secret = (ROBOT["secret"], "TOKEN", hook.json()["secret"], rotate.json()["secret"])
    with database.reading() as session:
        rows = [*queries_out.endpoints(session), *session.scalars(select(AnswerRow))]
        kept = "".join(str(vars(row)) for row in rows if row.id.rpartition("/")[2] != "k")
    assert [one for one in secret if one in kept] == []
    database.close()
    with serving(url) as keyless:
        answer = keyless.client(Role.ADMINISTRATOR).get(made.headers["location"])
        assert (answer.status_code, answer.json()["code"]) == (503, "seal")


def _of_x(body: bytes) -> bool:
    return bool(json.loads(body)["data"]["work_order_id"] == "X")
