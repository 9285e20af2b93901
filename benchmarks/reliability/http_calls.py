"""The same call many times at once, and many calls for the same thing: ``http-tickets``,
``http-editors``."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from itertools import product

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.served import Desk, at_once, served
from benchmarks.serving import Answered
from dispatch.store.rows_work import WorkOrderRow

_VISITS = 12
_CLIENTS = 50
_COPIES = 5
_AGAIN = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""Answers that ask for the same again, which any client does."""
_MORE_TRIES = 10
_GOOD = (HTTPStatus.OK, HTTPStatus.CREATED)


def tickets(room: Room) -> Result:
    """Each ticket comes five times at once, every second one with an Idempotency-Key."""
    count = room.size(1000, 20)
    with served(room, _VISITS) as desk:
        before = desk.count(WorkOrderRow)
        calls = list(product(range(count), range(_COPIES)))
        answers = at_once(lambda call: _taken(desk, call[0]), calls, _CLIENTS)
        made = desk.count(WorkOrderRow) - before
    copies: dict[int, list[Answered]] = defaultdict(list)
    for (number, _), answer in zip(calls, answers, strict=True):
        copies[number].append(answer)
    breaches = [f"ticket {n}: {why}" for n, own in copies.items() for why in _differing(n, own)]
    if made != count:
        breaches.append(f"{made} work orders of {count} tickets")
    slowest_s = max(answer.took_s for answer in answers)
    figure = f"{count} tickets × {_COPIES} copies: {made} work orders, slowest {slowest_s:.1f} s"
    return Result(figure, tuple(breaches), {"work_orders": made, "slowest_s": slowest_s})


def editors(room: Room) -> Result:
    """All editors know the same version of a work order and change it at once; then the next."""
    many, rounds = room.size(200, 20), room.size(10, 2)
    breaches = []
    with served(room, _VISITS) as desk:
        path = f"/v1/work-orders/{desk.organisation.work_orders[0].id}"
        for number in range(rounds):
            known = desk.server.call("GET", path).headers["etag"]
            texts = [f"round {number} editor {editor}" for editor in range(many)]
            answers = at_once(partial(_edited, desk, path, known), texts, _CLIENTS)
            found = Counter(answer.status for answer in answers)
            if found != {HTTPStatus.OK: 1, HTTPStatus.PRECONDITION_FAILED: many - 1}:
                breaches.append(f"round {number}: {dict(found)}")
            won = [t for t, a in zip(texts, answers, strict=True) if a.status == HTTPStatus.OK]
            stands = desk.server.call("GET", path).told["description"]
            if won != [stands]:
                breaches.append(f"round {number}: {won} won, {stands!r} stands")
    figure = f"{many} editors, {rounds} versions: one winner each"
    return Result(figure, tuple(breaches), {"editors": many, "versions": rounds})


def _taken(desk: Desk, number: int) -> Answered:
    body = {"number": f"C{number}", "site_id": desk.organisation.sites[0].id, "product": "p"}
    headers = {"Idempotency-Key": f"key-{number}"} if number % 2 else {}
    return _patiently(lambda: desk.server.call("POST", "/v1/work-orders", body, headers))


def _patiently(call: Callable[[], Answered]) -> Answered:
    """What is answered in the end by a server that may be too busy at first."""
    answer = call()
    for _ in range(_MORE_TRIES):
        if answer.status not in _AGAIN:
            break
        answer = call()
    return answer


def _differing(number: int, answers: list[Answered]) -> list[str]:
    """What is not the same in the answers to copies of a ticket."""
    statuses = Counter(answer.status for answer in answers)
    if any(status not in _GOOD for status in statuses):
        return [f"answered {dict(statuses)}"]
    if len({answer.body for answer in answers}) > 1:
        return ["the answers differ"]
    # Without a key people are told that it was there before.
    created = statuses[HTTPStatus.CREATED]
    fits = created == _COPIES if number % 2 else created <= 1
    return [] if fits else [f"answered {dict(statuses)}"]


def _edited(desk: Desk, path: str, known: str, text: str) -> Answered:
    body, match = {"description": text}, {"If-Match": known}
    return _patiently(lambda: desk.server.call("PATCH", path, body, match))
