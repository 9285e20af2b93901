"""Anything that could be sent, to every operation: ``http-payloads``."""

import json
import statistics
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from http.client import HTTPException
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

from api.examples import examples
from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.served import Desk, at_once, served
from benchmarks.serving import Answered

NASTY: tuple[Any, ...] = (
    2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**400, 1e308, 1e-320, float("nan"), float("inf"),
    0, -1, 1.5, True, None, "", " ", "\ud800", "a\x00b", "x" * 100_000, "\u202e", "𝟙", "1e5", "-0",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-09-29T08:30:00", "24:00",
    "2026-02-30T08:30:00Z", "P1D", "90.0,180.0", [], {}, [[[[]]]], ["a"] * 10_000, {"a": {}},
    {"lat": 90.0, "lon": 180.0}, {"latitude": -90, "longitude": -180.0000001}, 89.9999999, -180,
    "' OR 1=1 --", "../../etc/passwd", "%00", "{{7*7}}", "\r\nX: y",
)  # fmt: skip
"""Beyond 2³¹, 2⁶³ and all floats, surrogates, NUL, other centuries, poles, the antimeridian."""
_WORDS = ("%00", "%ED%A0%80", "%FF", "a%2Fb", "..", "%0A", "x" * 5_000, "'", "9" * 40, "-1", "NaN")
_JSON = "application/json"
_STREAM = "text/event-stream"
_DEEP = 100_000
_LARGE_BYTES = 30 * 1024 * 1024
_RANGES = 10_000
_MOST_S = 2.0
_MORE_TRIES = 3
"""So often a slow call is made again: the machine may have done something else."""
_MOST_GROWTH_BYTES = 512 * 1024 * 1024
_CLIENTS = 4
_VISITS = 12
_MOST_RUN_S = "0.1"


class _Call(NamedTuple):
    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path[:80]} {(self.body or b'')[:80]!r}"


def payloads(room: Room) -> Result:
    """What the examples of the document say, made wrong at random, and the worst that there is.
    No server error, nothing that takes long, and no process that grows without bound."""
    count = room.size(10_000, 150)
    rng = Random(room.seed)
    with served(room, _VISITS, DISPATCH_RUN_MOST_S=_MOST_RUN_S) as desk:
        document = desk.server.call("GET", "/v1/openapi.json").told
        operations = list(_operations(document))
        calls = [_mutated(rng, *rng.choice(operations)) for _ in range(count)]
        warm = at_once(lambda call: _made(desk, call), calls[: count // 10], _CLIENTS)
        before = desk.server.memory_bytes()
        answers = warm + at_once(lambda call: _made(desk, call), calls[count // 10 :], _CLIENTS)
        extremes = list(_extremes(operations, room.full))
        answers += [_made(desk, call) for call in extremes]
        breaches, slow = [], []
        for call, answer in zip([*calls, *extremes], answers, strict=True):
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                breaches.append(f"{answer.status}: {call}: {answer.body[:200]!r}")
            if answer.took_s > _MOST_S:
                slow.append(min(_made(desk, call).took_s for _ in range(_MORE_TRIES)))
                if slow[-1] > _MOST_S:
                    breaches.append(f"{slow[-1]:.1f} s: {call}")
        grown = desk.server.memory_bytes() - before
    if grown > _MOST_GROWTH_BYTES:
        breaches.append(f"grew by {grown / 2**20:.0f} MiB")
    statuses = Counter(answer.status for answer in answers)
    middle_s = statistics.median(answer.took_s for answer in answers)
    longest_s = max(answer.took_s for answer in answers)
    figure = (
        f"{count} payloads, {len(extremes)} extremes over {len(operations)} operations:"
        f" {dict(sorted(statuses.items()))}, p50 {middle_s:.3f} s, longest {longest_s:.1f} s"
        f" ({len(slow)} made again), grew by {grown / 2**20:.0f} MiB"
    )
    return Result(figure, tuple(breaches), {"longest_s": longest_s, "grown_bytes": grown})


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each; not of streams, which do not end."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if _STREAM not in told["responses"].get("200", {}).get("content", {}):
                yield method.upper(), path, told


def _mutated(rng: Random, method: str, path: str, told: dict[str, Any]) -> _Call:
    known = examples().get(told["operationId"], {})
    body = None
    if "requestBody" in told:
        body = _wrong_body(rng, deepcopy(known.get("request", {})))
    for parameter in told.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", _word(rng, known.get("response", {})))
        elif parameter["in"] == "query" and rng.random() < 0.5:
            path += f"{'&' if '?' in path else '?'}{name}={_word(rng, {})}"
    headers = {"Idempotency-Key": f"{rng.random()}", "If-Match": "*"}
    return _Call(method, path, body, headers | ({"Content-Type": _JSON} if body else {}))


def _word(rng: Random, response: object) -> str:
    """For an address: the real thing, or something strange."""
    real = response.get("id") if isinstance(response, dict) else None
    if isinstance(real, str) and rng.random() < 0.5:
        return quote(real, safe="")
    return rng.choice(_WORDS)


def _wrong_body(rng: Random, body: Any) -> bytes:  # noqa: ANN401 - any JSON
    """One to three things in it are different; or the text itself is broken."""
    for _ in range(rng.randint(1, 3)):
        body = _changed(rng, body)
    text = json.dumps(body).encode()
    match rng.randrange(12):
        case 0:
            return text[: rng.randrange(len(text) + 1)]
        case 1:
            place = rng.randrange(len(text) + 1)
            return text[:place] + rng.randbytes(3) + text[place:]
    return text


def _changed(rng: Random, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value with one of its leaves, at random, made nasty, taken away or put in twice."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(sorted(value))
        match rng.randrange(8):
            case 0:
                return {name: kept for name, kept in value.items() if name != key}
            case 1:
                return value | {f"{key}_": rng.choice(NASTY)}
        return value | {key: _changed(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        return [*value[:place], _changed(rng, value[place]), *value[place:]]
    return rng.choice(NASTY)


def _extremes(operations: list[tuple[str, str, dict[str, Any]]], full: bool) -> Iterator[_Call]:
    """What is too much: to each operation at full size, else to one."""
    own = {"Content-Type": _JSON, "Idempotency-Key": "extreme", "If-Match": "*"}
    writing = [(method, path) for method, path, told in operations if "requestBody" in told]
    for method, template in writing if full else writing[:1]:
        path = template.replace("{", "").replace("}", "")
        for body in (
            b"[" * _DEEP,
            b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
            b'{"a": ' + b"9" * _DEEP + b"}",
            b" " * _LARGE_BYTES,
        ):
            yield _Call(method, path, body, own)
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(_RANGES))
    yield _Call("GET", "/v1/territories", None, {"Range": ranges})


def _made(desk: Desk, call: _Call) -> Answered:
    """What is answered; a server that hangs up on what is too large has refused it."""
    try:
        return desk.server.call(*call)
    except (OSError, HTTPException, UnicodeError) as error:
        if isinstance(error, BrokenPipeError | ConnectionResetError):
            return Answered(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {}, b"", 0.0)
        return Answered(HTTPStatus.BAD_GATEWAY, {}, repr(error).encode(), 0.0)
