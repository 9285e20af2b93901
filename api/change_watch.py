"""Who listens to everything that happens: one reader for each server process.

The reader looks into the audit trail while anybody listens, so it does not matter which process did
something; it also follows the runs that are not over. Each listener has a queue in memory and no
connection to the database. ``Last-Event-ID`` is a place in the audit trail.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.changes_told import Change, change_of_run, changes_of, seen_by
from api.errors import ApiError
from dispatch.domain.access import Grant
from dispatch.store import queries_runs
from dispatch.store.database import Database
from dispatch.store.errors import StoreError
from dispatch.store.queries_changes import Mark, changes_since, last_line, mark_now

_LOOK_EACH_S = 0.2
_CHECK_EACH_S = 3.0
"""So often it is looked whether the listener's key is still good."""
_QUIET = b": still there\n\n"
MOST_LISTENERS = 500
"""In one process."""
MOST_OF_ONE = 20
"""With one key, in one process."""
_MOST_BEHIND = 1_000
"""Who missed more lines than that had better read everything anew."""
_MOST_WAITING = 200
"""Batches that wait for a listener who does not read; then the stream ends."""
_GAPS = 50
"""Numbers that were not there yet are remembered so far back."""
_RUN_ASKED = "run.queued"


class TooManyListenersError(ApiError):
    """One listener more than there may be."""

    status = 429
    headers = {"Retry-After": "5"}  # noqa: RUF012 - never changed


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one look found, as it is sent: each with its line, and the place behind all of it."""

    messages: tuple[tuple[int | None, bytes], ...]
    place: bytes


@dataclass(eq=False)
class _Listener:
    grant: Grant
    queue: asyncio.Queue[_Batch | None] = field(
        default_factory=lambda: asyncio.Queue(_MOST_WAITING)
    )

    @property
    def scope(self) -> tuple[object, ...]:
        """Listeners of one scope are told the same."""
        return self.grant.role, self.grant.territories, self.grant.technician_id

    def give(self, batch: _Batch | None) -> bool:
        """Whether there was room."""
        try:
            self.queue.put_nowait(batch)
        except asyncio.QueueFull:
            return False
        return True


class ChangeWatch:
    """All that is listened to in this process. For one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[_Listener] = []
        self._reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._mark = Mark(0, frozenset())
        self._runs: dict[str, int] = {}
        self._ends = False

    async def open(self, grant: Grant, after: Mark | None) -> AsyncGenerator[bytes]:
        """Begins to listen; what is behind ``after`` is told first. Raises TooManyListenersError.

        Whatever is committed from now on is told.
        """
        own = sum(listener.grant.id == grant.id for listener in self._listeners)
        if len(self._listeners) >= MOST_LISTENERS or own >= MOST_OF_ONE:
            raise TooManyListenersError(
                f"{own} connections of this key listen already, {len(self._listeners)} in all; at"
                f" most {MOST_OF_ONE} and {MOST_LISTENERS} may. Close some.",
                f"此密钥已有 {own} 个监听连接，共 {len(self._listeners)} 个；"
                f"上限分别为 {MOST_OF_ONE} 和 {MOST_LISTENERS}。请关闭一些。",
            )
        listener = _Listener(grant)
        self._listeners.append(listener)
        try:
            async with self._turn:
                if self._reader is None or self._reader.done():
                    await run_in_threadpool(self._begin)
                    self._reader = asyncio.create_task(self._read())
            first = await run_in_threadpool(self._missed, grant, after)
        except BaseException:
            self._listeners.remove(listener)
            raise
        return self._told(listener, first)

    def end(self) -> None:
        """Ends all streams: the server ends."""
        self._ends = True
        for listener in self._listeners:
            listener.give(None)

    async def close(self) -> None:
        """Ends all streams, and comes back when the database is not read any more."""
        self.end()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _told(self, listener: _Listener, first: _Batch) -> AsyncGenerator[bytes]:
        """Until the server ends, or the listener does not keep up."""
        known = {line for line, _ in first.messages if line is not None}
        try:
            yield b"".join((*(text for _, text in first.messages), first.place))
            while not self._ends:
                try:
                    async with asyncio.timeout(_CHECK_EACH_S):  # makes no task, as wait_for does
                        batch = await listener.queue.get()
                except TimeoutError:
                    yield _QUIET
                    continue
                if batch is None:
                    return
                new = (text for line, text in batch.messages if line is None or line not in known)
                yield b"".join((*new, batch.place))
        finally:
            if listener in self._listeners:
                self._listeners.remove(listener)

    # ---------------------------------------------------------------------------------- reading

    async def _read(self) -> None:
        while self._listeners and not self._ends:
            await asyncio.sleep(_LOOK_EACH_S)
            grants = {listener.scope: listener.grant for listener in self._listeners}
            with suppress(StoreError):  # it is looked again in a moment
                found = await run_in_threadpool(self._news, grants)
                for listener in tuple(self._listeners):
                    batch = found.get(listener.scope)
                    if batch is not None and not listener.give(batch):
                        self._listeners.remove(listener)

    def _begin(self) -> None:
        with self._database.reading() as session:
            self._mark = mark_now(session)
            runs = [run.id for run in queries_runs.open_runs(session)]
            self._runs = {run_id: queries_runs.last_number(session, run_id) for run_id in runs}

    def _news(self, grants: dict[tuple[object, ...], Grant]) -> dict[tuple[object, ...], _Batch]:
        """What happened since the last look, for each scope."""
        with self._database.reading() as session:
            lines, mark = changes_since(session, self._mark)
            changes = changes_of(session, lines)
            changes += self._of_runs(session, changes)
            if not lines and not changes:
                return {}
            told = {
                scope: _batch(seen_by(session, grant, changes), mark)
                for scope, grant in grants.items()
            }
        self._mark = mark
        return told

    def _of_runs(self, session: Session, changes: Sequence[Change]) -> list[Change]:
        """What runs said since the last look."""
        asked = [c.run_id for c in changes if c.kind == _RUN_ASKED and c.run_id is not None]
        is_open = {run.id for run in queries_runs.open_runs(session)}
        known = dict.fromkeys((*asked, *is_open), 0) | self._runs
        events = queries_runs.events_after(session, known) if known else ()
        self._runs = {
            run_id: max([number, *(e.number for e in events if e.run_id == run_id)])
            for run_id, number in known.items()
            if run_id in is_open
        }
        return [change_of_run(event) for event in events if event.kind != "queued"]

    def _missed(self, grant: Grant, after: Mark | None) -> _Batch:
        """What happened behind a place; without one, only how far the reader is."""
        if after is None:
            return _Batch(((None, _control("ready")),), _place(self._mark))
        with self._database.reading() as session:
            if not 0 <= last_line(session) - after.last <= _MOST_BEHIND:
                return _Batch(((None, _control("reset")),), _place(self._mark))
            lines, mark = changes_since(session, after)
            batch = _batch(seen_by(session, grant, changes_of(session, lines)), mark)
        return _Batch(((None, _control("ready")), *batch.messages), batch.place)


async def while_good(
    stream: AsyncGenerator[bytes], check: Callable[[], Awaitable[object]]
) -> AsyncIterator[bytes]:
    """The stream, until the key that it was opened with is not good any more."""
    with suppress(ApiError):
        async with aclosing(stream):
            async for block in stream:
                await check()
                yield block


def mark_of(place: str) -> Mark:
    """The place that a listener names."""
    last, _, missing = place.partition("-")
    return Mark(int(last), frozenset(int(number) for number in missing.split(",") if number))


def _place(mark: Mark) -> bytes:
    """Where the listener goes on from after an interruption."""
    missing = ",".join(str(n) for n in sorted(mark.missing) if n > mark.last - _GAPS)
    return f"id: {mark.last}{f'-{missing}' if missing else ''}\n\n".encode()


def _batch(changes: Sequence[Change], mark: Mark) -> _Batch:
    return _Batch(tuple((change.line, _message(change)) for change in changes), _place(mark))


def _control(kind: str) -> bytes:
    return f'data: {{"kind": "{kind}"}}\n\n'.encode()


def _message(change: Change) -> bytes:
    told = {name: value for name, value in asdict(change).items() if value not in (None, ())}
    told["at"] = change.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode()
