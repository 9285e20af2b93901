"""The disk is full, may only be read, or the database is away: ``disk``."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from benchmarks.reliability.facts import facts_of
from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.invariants import nothing_is_lost, stock_is_conserved
from benchmarks.reliability.load import BY, PART, fill, organisation_of
from benchmarks.reliability.stores import Server, with_tables
from benchmarks.reliability.worker import Ack, digest_of
from dispatch.commands.stock import Expected, expect
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.errors import (
    BusyError,
    FullError,
    ReadOnlyError,
    SchemaError,
    StoreError,
    UnreachableError,
)
from dispatch.store.retrying import in_writing

_DISK_MB = 48
_LEFT_BYTES = 1024 * 1024
_TABLESPACE = "small_disk"
_UNTIL_FULL = 2000
_NOTE = os.urandom(5_000).hex()
"""A reason so long, and so hard to compress, that a small disk is full soon."""


def disk(room: Room) -> Result:
    """After each of these the next command works, and nothing is lost, without any repair."""
    if os.geteuid() != 0:
        return Result("skipped: only root can mount the small disk that is to be full")
    done = [check_one(room) for check_one in (_full, _read_only, _away)]
    return Result(
        "; ".join(result.figure for result in done),
        tuple(breach for result in done for breach in result.breaches),
    )


class _Tries:
    """Commands on a database, and what was told of them."""

    def __init__(self, room: Room, url: str) -> None:
        self.database = Database(url, wait_s=1)
        self._organisation = organisation_of(10, 5, room.seed)
        fill(self.database, self._organisation, units=1)
        self._before = facts_of(self.database)
        self._acks: list[Ack] = []

    def once(self, within_s: float = 0.0) -> None:
        """One command, tried for so long. Raises what it raises."""
        now, key = self._organisation.planning_at, f"expect-{len(self._acks)}"
        delivery = Expected(key, PART, 1, self._organisation.stations[0].id, now)

        def command(session: Session) -> Expected:
            return expect(session, delivery, BY, now, _NOTE, key)

        made = in_writing(self.database, command, within_s)
        self._acks.append(Ack(key, digest_of(to_jsonable_python(made))))

    def until(self, expected: type[StoreError], times: int = 1) -> tuple[str, ...]:
        """Tries at most so often, until it goes wrong; a breach unless that is as expected."""
        for _ in range(times):
            try:
                self.once()
            except expected:
                return ()
            except StoreError as error:
                return (f"{type(error).__name__} instead of {expected.__name__}: {error}",)
        return (f"no {expected.__name__} in {times} commands",)

    def breaches(self) -> tuple[str, ...]:
        """What is wrong now that nothing is in the way any more."""
        self.once()
        after = facts_of(self.database)
        found = check(self.database)
        self.database.close()
        return (
            *nothing_is_lost(after, self._acks),
            *stock_is_conserved(self._before, after),
            *(f"{finding.subject}: {finding.text.en}" for finding in found),
        )


def _full(room: Room) -> Result:
    with _small_disk(room, "full") as place:
        tries = _Tries(room, _url_on(room, place))
        ballast = place / "ballast"
        with ballast.open("wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(place).free - _LEFT_BYTES)
        wrong = tries.until(FullError, _UNTIL_FULL)
        ballast.unlink()
        breaches = (*wrong, *tries.breaches())
        _leave(room, tries.database)
    return Result("full disk: FullError, then well", breaches)


def _read_only(room: Room) -> Result:
    """PostgreSQL may only be read; SQLite's file lies on a disk that may."""
    with _small_disk(room, "read-only") as place:
        tries = _Tries(room, _url_on(room, place))
        tries.database.close()
        with _only_read(room, place):
            wrong = tries.until(ReadOnlyError)
            tries.database.close()
        breaches = (*wrong, *tries.breaches())
        _leave(room, tries.database)
    return Result("read only: ReadOnlyError, then well", breaches)


def _away(room: Room) -> Result:
    """Nobody can reach the database; a command that waits for it is done once it is back."""
    away_s = room.size(10, 1)
    tries = _Tries(room, room.store.new())
    if isinstance(room.store, Server):
        room.store.kill()
        breaches = _waits(tries, away_s, UnreachableError, room.store.start)
        figure = f"away for {away_s} s: UnreachableError, then well by itself"
    else:
        breaches = (*_locked(tries, away_s), *_moved_away(tries))
        figure = f"locked for {away_s} s: BusyError, then well by itself; moved away: SchemaError"
    return Result(figure, (*breaches, *tries.breaches()))


def _locked(tries: _Tries, away_s: int) -> tuple[str, ...]:
    """Another program keeps the file to itself."""
    assert tries.database.file is not None
    with closing(
        sqlite3.connect(tries.database.file, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        return _waits(tries, away_s, BusyError, lambda: other.execute("ROLLBACK"))


def _waits(
    tries: _Tries, away_s: int, expected: type[StoreError], come_back: Callable[[], object]
) -> tuple[str, ...]:
    wrong = tries.until(expected)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tries.once, within_s=away_s + 30.0)
        time.sleep(away_s)
        come_back()
        try:
            waiting.result()
        except StoreError as error:
            return (*wrong, f"it did not recover: {error}")
    return wrong


def _moved_away(tries: _Tries) -> tuple[str, ...]:
    file = tries.database.file
    assert file is not None
    elsewhere = file.with_name("elsewhere.db")
    tries.database.close()
    file.rename(elsewhere)
    wrong = tries.until(SchemaError)
    elsewhere.rename(file)
    return wrong


# --------------------------------------------------------------------------------- small disks


@contextmanager
def _small_disk(room: Room, name: str) -> Iterator[Path]:
    """A disk of its own in memory, mounted for the block."""
    place = Path(tempfile.mkdtemp(prefix=name, dir=room.store.folder))
    _run("mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m,mode=0700", "tmpfs", str(place))
    try:
        yield place
    finally:
        _run("umount", "--lazy", str(place))
        place.rmdir()


def _url_on(room: Room, place: Path) -> str:
    """The URL of a new database on a small disk: of PostgreSQL its tables, not its log, which
    serves all databases of a server."""
    if not isinstance(room.store, Server):
        return with_tables(f"sqlite:///{place / 'small.db'}", empty=False)
    if room.store.user is not None:
        shutil.chown(place, room.store.user)
    room.store.execute(f"CREATE TABLESPACE {_TABLESPACE} LOCATION '{place}'")
    return room.store.new(tablespace=_TABLESPACE)


def _leave(room: Room, database: Database) -> None:
    """PostgreSQL forgets the disk before it is taken away."""
    database.close()
    if isinstance(room.store, Server):
        room.store.execute(f'DROP DATABASE "{database.url.database}"')
        room.store.execute(f"DROP TABLESPACE {_TABLESPACE}")


@contextmanager
def _only_read(room: Room, place: Path) -> Iterator[None]:
    if isinstance(room.store, Server):
        room.store.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        room.store.execute("SELECT pg_reload_conf()")
    else:
        _run("mount", "-o", "remount,ro", str(place))
    try:
        yield
    finally:
        if isinstance(room.store, Server):
            room.store.execute("ALTER SYSTEM RESET default_transaction_read_only")
            room.store.execute("SELECT pg_reload_conf()")
        else:
            _run("mount", "-o", "remount,rw", str(place))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
