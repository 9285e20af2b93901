"""A receiver of webhooks that fails half the time, and senders that are killed:
``http-webhooks``."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from random import Random

from sqlalchemy import select

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.served import Desk, at_once, served
from dispatch.store.rows_out import MessageRow
from tests.dispatch.receiver import Got, Receiver, is_genuine, receiving

_VISITS = 12
_CLIENTS = 10
_ANSWERS = 3
"""A message is refused 0, 1 or 2 times before it is taken: half of all requests."""
_KILL_AFTER_S = 10.0
_GIVE_UP_AFTER_S = 900.0
_LOOK_EACH_S = 0.5
_KIND = "emergency.opened"


def webhooks(room: Room) -> Result:
    """Every message comes at least once, under an id of its own, and genuine."""
    many, kills = room.size(300, 10), room.size(3, 1)
    rng = Random(room.seed)
    refused: Counter[str] = Counter()
    receiver: Receiver

    def answer(_: int) -> tuple[int, bytes, Mapping[str, str]]:
        message_id = receiver.got[-1].headers["webhook-id"]
        patience = hashlib.sha256(message_id.encode()).digest()[0] % _ANSWERS
        refused[message_id] += 1
        taken = refused[message_id] > patience
        return (HTTPStatus.NO_CONTENT if taken else HTTPStatus.SERVICE_UNAVAILABLE), b"", {}

    settings = {"DISPATCH_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with receiving(answer) as receiver, served(room, _VISITS, **settings) as desk:
        secret = _listened_to(desk, receiver.url)
        at_once(lambda number: _emergency(desk, number), range(many), _CLIENTS)
        for _ in range(kills):
            time.sleep(rng.uniform(0, _KILL_AFTER_S))
            desk.server.kill()
            desk.server.start()
        with desk.database.reading() as session:
            told = session.scalars(select(MessageRow).where(MessageRow.kind == _KIND)).all()
        wanted = {message.id for message in told}
        _wait_for(wanted, refused)
        got = list(receiver.got)
    breaches = [f"never taken: {one}" for one in wanted if not _is_taken(one, refused)]
    if len({m.data["work_order_id"] for m in told if _is_ours(m)}) != many:
        breaches.append(f"{len(told)} messages of {many} events")
    breaches += _wrong(got, secret)
    share = 1 - len(wanted) / len(got)
    figure = (
        f"{many} events, {len(got)} requests ({share:.0%} refused or again), {kills} times killed:"
        " all taken, ids unique, forged refused"
    )
    return Result(figure, tuple(breaches), {"events": many, "requests": len(got)})


def _is_ours(message: MessageRow) -> bool:
    return str(message.data["work_order_id"]).startswith("H")


def _listened_to(desk: Desk, url: str) -> str:
    """Makes the endpoint; its secret."""
    body = {"name": "check", "url": url, "kinds": [_KIND]}
    made = desk.server.call("POST", "/v1/webhook-endpoints", body, {"Idempotency-Key": "endpoint"})
    secret: str = made.told["secret"]
    return secret


def _emergency(desk: Desk, number: int) -> None:
    """A work order that somebody opens an emergency plan for."""
    path = f"/v1/work-orders/H{number}"
    body = {"number": f"H{number}", "site_id": desk.organisation.sites[0].id, "product": "p"}
    at = desk.server.call("POST", "/v1/work-orders", body).told["reported_at"]
    for kind, details in (("on_site_needed", None), ("emergency_opened", {"reason": "other"})):
        event = {"id": f"H{number}{kind}", "kind": kind, "happened_at": at, "details": details}
        desk.server.call("POST", f"{path}/events", event)


def _wait_for(wanted: set[str], refused: Counter[str]) -> None:
    give_up_at = time.monotonic() + _GIVE_UP_AFTER_S
    while time.monotonic() < give_up_at:
        if all(_is_taken(one, refused) for one in wanted):
            return
        time.sleep(_LOOK_EACH_S)


def _is_taken(message_id: str, refused: Counter[str]) -> bool:
    return refused[message_id] > hashlib.sha256(message_id.encode()).digest()[0] % _ANSWERS


def _wrong(got: Sequence[Got], secret: str) -> list[str]:
    """What is not genuine, what is forged and would be taken, and ids that stand for two things."""
    breaches = []
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for one in got:
        sent_s = float(one.headers["webhook-timestamp"])
        message_id = one.headers["webhook-id"]
        bodies[message_id].add(one.body)
        if not is_genuine(one, secret, sent_s):
            breaches.append(f"not genuine: {message_id}")
        forged = (
            replace(one, body=one.body + b" "),
            replace(one, headers={**one.headers, "webhook-id": "msg_other"}),
        )
        if any(is_genuine(other, secret, sent_s) for other in forged):
            breaches.append(f"forged and taken: {message_id}")
    breaches += [f"one id, two bodies: {key}" for key, own in bodies.items() if len(own) > 1]
    if len({body for own in bodies.values() for body in own}) != len(bodies):
        breaches.append("one thing that happened has two ids")
    return breaches
