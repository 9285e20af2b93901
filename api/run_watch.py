"""Who listens to runs: one reader for each server process, and copies in memory for everybody.

What is told of a run is in the database, since another process may carry it out. The reader looks
there while anybody listens, and every listener has a place of its own in what was read.
"""

import asyncio
import json
import signal
import threading
from bisect import bisect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from types import FrameType

from starlette.concurrency import run_in_threadpool

from dispatch.store import queries_runs
from dispatch.store.database import Database
from dispatch.store.errors import StoreError
from dispatch.store.rows_plans import RunEventRow

_LOOK_EACH_S = 0.05
_QUIET_S = 15.0
"""Something is sent at least so often, so that nobody takes the connection for dead."""
_QUIET = b": still there\n\n"
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class _Feed:
    """What was told of one run, as it is sent, with its numbers."""

    numbers: list[int] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    is_over: bool = False
    listeners: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def last(self) -> int:
        return self.numbers[-1] if self.numbers else 0

    def tell(self) -> None:
        """Wakes all who listen."""
        self.news.set()
        self.news = asyncio.Event()


class Watch:
    """All that is listened to in this process. For one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._feeds: dict[str, _Feed] = {}
        self._reader: asyncio.Task[None] | None = None
        self._ends = False

    async def listen(self, run_id: str, after: int) -> AsyncIterator[bytes]:
        """What is told of a run behind a number, until it is over or the server ends."""
        feed = self._feeds.setdefault(run_id, _Feed())
        feed.listeners += 1
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        place = 0
        try:
            while not self._ends:
                news = feed.news
                place = max(place, bisect(feed.numbers, after))
                new = feed.messages[place:]
                place = len(feed.messages)
                if new:
                    yield new[0] if len(new) == 1 else b"".join(new)
                if feed.is_over:
                    return
                try:
                    async with asyncio.timeout(_QUIET_S):  # makes no task, as wait_for does
                        await news.wait()
                except TimeoutError:
                    yield _QUIET
        finally:
            feed.listeners -= 1
            if not feed.listeners:
                self._feeds.pop(run_id, None)

    @contextmanager
    def until_server_ends(self, also: Callable[[], None]) -> Iterator[None]:
        """Within, a signal to end the server ends the streams first: it waits for them. ``also``
        ends others."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _ENDINGS}

        def end(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._end)
            loop.call_soon_threadsafe(also)
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

        for number in _ENDINGS:
            signal.signal(number, end)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self) -> None:
        self._ends = True
        for feed in self._feeds.values():
            feed.tell()

    async def _read(self) -> None:
        while self._feeds and not self._ends:
            known = {run_id: feed.last for run_id, feed in self._feeds.items() if not feed.is_over}
            if known:
                with suppress(StoreError):  # it is looked again in a moment
                    self._take_in(*await run_in_threadpool(self._news, known))
            await asyncio.sleep(_LOOK_EACH_S)

    def _news(self, known: Mapping[str, int]) -> tuple[list[RunEventRow], frozenset[str]]:
        with self._database.reading() as session:
            events = list(queries_runs.events_after(session, known))
            return events, queries_runs.over_among(session, list(known))

    def _take_in(self, events: list[RunEventRow], over: frozenset[str]) -> None:
        changed = set(over)
        for event in events:
            feed = self._feeds.get(event.run_id)
            if feed is not None and event.number > feed.last:
                feed.numbers.append(event.number)
                feed.messages.append(_message(event))
                changed.add(event.run_id)
        for run_id in changed & self._feeds.keys():
            self._feeds[run_id].is_over = run_id in over
            self._feeds[run_id].tell()


def _message(event: RunEventRow) -> bytes:
    """As the event stream wants it: the number is what ``Last-Event-ID`` says later."""
    told = {"at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"), **event.told}
    data = json.dumps(told, ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n".encode()
