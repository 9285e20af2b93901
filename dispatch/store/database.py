"""The way into the database: one transaction for each command, and no other."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from dispatch.store.errors import AddressError, BusyError, SchemaError, translated

VARIABLE = "DISPATCH_DATABASE_URL"
MEMORY = "memory"
"""Where in ``Session.info`` stands what a process remembers of a database beyond transactions."""
_BEGIN = "sqlite_begin"
_FOUNDING = 1
"""PostgreSQL's number of the lock that whoever changes the tables holds."""
_POSTGRESQL_SETTINGS = {
    "timezone": "UTC",
    # A client that died while it held locks must not stop the others for ever.
    "idle_in_transaction_session_timeout": "60s",
}
_SQLITE_SETTINGS = {
    # Readers go on while somebody writes.
    "journal_mode": "WAL",
    # In WAL mode NORMAL may forget the last commits when the power fails; FULL forgets none.
    "synchronous": "FULL",
    "foreign_keys": "ON",
}


class Database:
    """A database by its URL: ``sqlite:///file`` or ``postgresql://user@host/name``.

    ``reading()`` sees one state of the database throughout and changes nothing. ``writing()``
    commits when its block ends, or does nothing at all if an error leaves it. What goes wrong
    raises a StoreError. Threads may share a Database; processes each open their own.
    """

    def __init__(self, url: str, wait_s: int = 10) -> None:
        """``wait_s``: how long to wait for others, or for an answer. Raises AddressError.

        Nothing is opened yet.
        """
        self.url = _checked(url)
        self.place = self.url.render_as_string(hide_password=True)
        self._wait_s = wait_s
        self._engine = _engine(self.url, wait_s)
        self._turn = threading.Lock()
        self._info: dict[str, dict[str, object]] = {MEMORY: {}}

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database or "") if self.url.drivername == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        self._need_file()
        with translated(self.place), Session(_reader(self._engine), info=self._info) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self._need_file()
        with (
            self._alone(),
            translated(self.place),
            Session(_writer(self._engine), expire_on_commit=False, info=self._info) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def founding(self) -> Iterator[Connection]:
        """One transaction for a change of the tables themselves, one such at a time.

        Makes a missing SQLite file.
        """
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._alone(), translated(self.place), _writer(self._engine).begin() as connection:
            if self.file is None:
                connection.execute(select(func.pg_advisory_xact_lock(_FOUNDING)))
            yield connection

    def close(self) -> None:
        """Lets go of all connections."""
        self._engine.dispose()

    def _need_file(self) -> None:
        # SQLite would make an empty file of whatever name it is given.
        if self.file is not None and not self.file.exists():
            raise SchemaError(
                f"There is no database {self.file} yet. Make one with dispatch init.",
                f"数据库 {self.file} 尚不存在。请先运行 dispatch init 创建。",
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """SQLite has one writer at a time: threads queue here, which is fairer than its polling."""
        if self.file is None:
            yield
            return
        if not self._turn.acquire(timeout=self._wait_s):
            raise BusyError(
                f"Others have been writing to {self.place} for {self._wait_s} s. Try again.",
                f"其他操作已占用 {self.place} {self._wait_s} 秒。请重试。",
            )
        try:
            yield
        finally:
            self._turn.release()


def queue_up(session: Session, name: str) -> None:
    """Waits until nobody else is in the queue of that name, for the rest of the transaction.

    Whoever waits longest is next: locks of rows would let somebody overtake who asks again at once.
    In SQLite the writer is alone once the transaction has begun.
    """
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """A part of a transaction that may fail: nothing of it remains then, and the rest goes on.

    What the database refuses within raises a StoreError here already.
    """
    place = session.get_bind().engine.url.render_as_string(hide_password=True)
    with translated(place), session.begin_nested():
        yield


def default_url(environment: Mapping[str, str]) -> str:
    """What DISPATCH_DATABASE_URL says, or else a file in the user's data folder."""
    file = user_data_path("field-dispatch", appauthor=False) / "dispatch.db"
    return environment.get(VARIABLE) or f"sqlite:///{file}"


def open_database(url: str | None = None) -> Database:
    """The database of a URL, or the usual one. Raises AddressError."""
    return Database(url or default_url(os.environ))


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise _not_an_address(text.partition(":")[0]) from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise _not_an_address(url.render_as_string(hide_password=True))


def _not_an_address(shown: str) -> AddressError:
    right = "sqlite:////folder/file.db, postgresql://user:password@host/name"
    return AddressError(
        f"{shown!r} is no address of a database that can be used; write for example {right}.",
        f"{shown!r} 不是可用的数据库地址；例如：{right}。",
    )


def _engine(url: URL, wait_s: int) -> Engine:
    if url.drivername == "sqlite":
        # The driver's timeout is SQLite's busy_timeout.
        engine = create_engine(url, connect_args={"timeout": wait_s, "isolation_level": None})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    settings = _POSTGRESQL_SETTINGS | {"lock_timeout": f"{wait_s}s"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return create_engine(
        url,
        connect_args={"connect_timeout": wait_s, "options": options},
        pool_pre_ping=True,
        pool_timeout=wait_s,
    )


def _reader(engine: Engine) -> Engine:
    """One state for all queries of a transaction, and no change."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_BEGIN: "DEFERRED"})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _writer(engine: Engine) -> Engine:
    """PostgreSQL's usual READ COMMITTED will do: constraints guard what must hold.

    In SQLite a transaction that reads first and writes later may find that it is too late;
    IMMEDIATE takes the right to write at once.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_BEGIN: "IMMEDIATE"})
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's
    for name, value in _SQLITE_SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin_sqlite(connection: Connection) -> None:
    """The driver would begin only with the first change; here every transaction begins at once."""
    kind = connection.get_execution_options()[_BEGIN]
    read_only = "ON" if kind == "DEFERRED" else "OFF"
    connection.exec_driver_sql(f"PRAGMA query_only = {read_only}")
    connection.exec_driver_sql(f"BEGIN {kind}")
