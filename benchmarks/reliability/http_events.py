"""Many listen to a run: ``http-events``."""

import asyncio
import json
import math
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.served import served

_VISITS = 60
_MOST_P95_S = 0.3
_SHARE = 0.95


@dataclass
class _Listener:
    """What one heard; ``patience`` is after how many events it hangs up and comes again."""

    patience: float = math.inf
    numbers: list[int] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    over: bool = False


def events(room: Room) -> Result:
    """All hear everything, in order and once, and soon; a tenth of them hangs up again and again
    and comes back with what it heard last."""
    many, seconds = room.size(200, 20), room.size(30, 3)
    rng = Random(room.seed)
    listeners = [_Listener() for _ in range(many)]
    for one in listeners[: many // 10]:
        one.patience = rng.randrange(2, 6)
    with served(room, _VISITS) as desk:
        asked = desk.server.call("POST", "/v1/plans", {"seconds": seconds}).told
        path = f"/v1/runs/{asked['id']}/events"
        asyncio.run(_all(desk.server.port, path, listeners))
    longest = max((one.numbers for one in listeners), key=len)
    wanted = list(range(1, len(longest) + 1))
    breaches = [
        f"listener {number} heard {len(one.numbers)} of {len(wanted)} events"
        for number, one in enumerate(listeners)
        if one.numbers != wanted
    ]
    late_s = sorted(late for one in listeners for late in one.late_s)
    if not late_s:
        return Result("", ("nothing was heard as it happened",))
    p95_s = late_s[int(_SHARE * len(late_s))]
    if p95_s > _MOST_P95_S:
        breaches.append(f"p95 is {p95_s:.3f} s, more than {_MOST_P95_S} s")
    middle_s = statistics.median(late_s)
    figure = (
        f"{many} listeners, {many // 10} dropped, {len(wanted)} events:"
        f" p50 {middle_s:.3f} s, p95 {p95_s:.3f} s, nothing lost"
    )
    return Result(figure, tuple(breaches), {"p50_s": middle_s, "p95_s": p95_s})


async def _all(port: int, path: str, listeners: list[_Listener]) -> None:
    await asyncio.gather(*(_listen(port, path, one) for one in listeners))


async def _listen(port: int, path: str, listener: _Listener) -> None:
    while not listener.over:
        heard = 0
        listens_from = None  # what was told before it came, or came back, is not late
        async for number, kind, at, now in _stream(port, path, listener.numbers):
            listener.numbers.append(number)
            listener.over = kind == "finished"
            heard += 1
            listens_from = listens_from or now
            if at > listens_from:
                listener.late_s.append((now - at).total_seconds())
            if heard >= listener.patience or listener.over:
                break


async def _stream(
    port: int, path: str, known: list[int]
) -> AsyncIterator[tuple[int, str, datetime, datetime]]:
    """Number, kind, when it happened, and when it was heard."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    last = f"Last-Event-ID: {known[-1]}\r\n" if known else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{last}\r\n".encode())
    told: dict[str, str] = {}
    try:
        async for line in reader:
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name in ("id", "event"):
                told[name] = value
            elif name == "data":
                now = datetime.now(UTC)
                at = datetime.fromisoformat(json.loads(value)["at"])
                yield int(told["id"]), told["event"], at, now
    finally:
        writer.close()
