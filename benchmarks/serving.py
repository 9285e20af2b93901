"""The server as people start it, in processes of its own, for those who ask it or kill it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from dispatch.store.database import VARIABLE

_SERVE = "from api.cli import main; main()"
PATIENCE_S = 300
_TRACKER = b"resource_tracker"
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, and how long that took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_s: float

    @property
    def told(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.body)


class Served:
    """``dispatch serve`` on a free port of this machine. It may be killed and started again."""

    def __init__(self, url: str, workers: int, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.workers = workers
        arguments = ("serve", "--port", str(self.port), "--open", "--workers", str(workers))
        self._command = [sys.executable, "-c", _SERVE, *arguments]
        self._environment = os.environ | {VARIABLE: url} | settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises TimeoutError."""
        self._process = subprocess.Popen(
            self._command, env=self._environment, stderr=subprocess.DEVNULL
        )
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            with suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/v1/health/ready").status == http.HTTPStatus.OK:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"nothing listens at port {self.port}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """Ends the processes that serve, at once. Those that search find out by themselves."""
        if self._process is not None:
            for process in (self._process.pid, *self._serving()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._process.wait()

    def searching(self) -> list[int]:
        """The processes that search for plans at the moment."""
        found = (child for one in (self._serving() or self._own()) for child in _children(one))
        return [process for process in found if _TRACKER not in _command_line(process)]

    def memory_bytes(self) -> int:
        """The most that one of the processes that serve has ever had."""
        return max(map(_peak_bytes, self._serving() or self._own()))

    def processor_s(self) -> float:
        """What its processes have used so far, in seconds; not those of the database."""
        times = [psutil.Process(one).cpu_times() for one in {*self._own(), *self._serving()}]
        return float(sum(t.user + t.system for t in times))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """One call over a connection of its own. Raises OSError, HTTPException."""
        with closing(self.connection()) as connection:
            return call_on(connection, method, path, body, headers)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def _own(self) -> list[int]:
        return [self._process.pid] if self._process is not None else []

    def _serving(self) -> list[int]:
        """The worker processes; none if the server is one process."""
        if self.workers == 1:
            return []
        found = (child for process in self._own() for child in _children(process))
        return [process for process in found if _TRACKER not in _command_line(process)]


def call_on(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answered:
    """One call: a ``body`` that is no bytes is sent as JSON. Raises OSError, HTTPException."""
    sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    own = {"Content-Type": "application/json"} if sent is not None else {}
    begin = time.perf_counter()
    connection.request(method, path, sent, own | dict(headers or {}))
    response = connection.getresponse()
    answer = response.read()
    took_s = time.perf_counter() - begin
    told = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, told, answer, took_s)


@contextmanager
def serving(url: str, workers: int, **settings: str) -> Iterator[Served]:
    """A server that answers, until the block ends; ``settings`` are its environment."""
    server = Served(url, workers, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _children(process: int) -> list[int]:
    with suppress(OSError):
        tasks = Path(f"/proc/{process}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def _command_line(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _peak_bytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * _KIB
