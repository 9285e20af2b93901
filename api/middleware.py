"""What every request goes through: an id, limits, headers, a line in the log, figures."""

import asyncio
import json
import logging
import re
import secrets
import time
from urllib.parse import unquote

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import language_wanted, plain_problem
from api.fields import SLASH
from api.settings import Settings

LOG = logging.getLogger("dispatch.api")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ID_BYTES = 8
_NO_ROUTE = "-"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_CALLS = Counter("dispatch_requests_total", "Requests answered.", ["route", "method", "status"])
_TIMES = Histogram("dispatch_request_seconds", "Time until the answer began.", ["route", "method"])


class Front:
    """Outermost: whatever happens within, the answer is a good one and is logged."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Answering(scope, send).run(self._app, receive, self._settings)


class _Answering:
    """One request on its way through."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._headers = Headers(scope=scope)
        self._id = self._request_id()
        self._began = time.perf_counter()
        self._answered_s: float | None = None
        self._status = 0
        self._limit = asyncio.timeout(None)
        scope.setdefault("state", {})["request_id"] = self._id

    async def run(self, app: ASGIApp, receive: Receive, settings: Settings) -> None:
        try:
            async with self._limit:
                self._limit.reschedule(asyncio.get_running_loop().time() + settings.timeout_s)
                if not self._is_readable():
                    await self._instead(400, receive)
                elif self._is_announced_to_exceed(settings.most_body_bytes):
                    await self._instead(413, receive)
                else:
                    self._keep_slashes()
                    await app(self._scope, receive, self._sent)
        except TimeoutError:
            if not self._limit.expired():
                raise
            await self._instead(504, receive)
        finally:
            self._log()

    def _is_readable(self) -> bool:
        """No database and no file takes a NUL, so nothing is named by one; nor by what stands for
        slashes."""
        path: str = self._scope["path"]
        strange = "\x00" in path or SLASH in path or b"%00" in self._scope["query_string"]
        return not strange

    def _keep_slashes(self) -> None:
        """A slash in a key is sent as %2F, and must not look like one between keys."""
        raw: bytes = self._scope.get("raw_path") or b""
        if b"%2F" in raw.upper():
            kept = raw.replace(b"%2F", SLASH.encode()).replace(b"%2f", SLASH.encode())
            self._scope["path"] = unquote(kept)

    def _is_announced_to_exceed(self, most_bytes: int) -> bool:
        """Of a body of unknown length the framework counts the bytes."""
        length = self._headers.get("content-length", "")
        return length.isdecimal() and int(length) > most_bytes

    async def _instead(self, status: int, receive: Receive) -> None:
        if self._answered_s is None:
            response = plain_problem(status, language_wanted(self._headers))
            await response(self._scope, receive, self._sent)

    async def _sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._answered_s = time.perf_counter() - self._began
            # A stream may go on for as long as it likes once it has begun.
            if not self._limit.expired():
                self._limit.reschedule(None)
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    def _request_id(self) -> str:
        given = self._headers.get("x-request-id", "")
        return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(_ID_BYTES)

    def _log(self) -> None:
        # The template, not the address: addresses hold keys of calendars and names of things.
        found = self._scope.get("route")
        route = getattr(found, "path_format", None) or getattr(found, "path", _NO_ROUTE)
        method = self._scope["method"] if self._scope["method"] in _METHODS else _NO_ROUTE
        took_s = self._answered_s or time.perf_counter() - self._began
        _CALLS.labels(route, method, str(self._status)).inc()
        _TIMES.labels(route, method).observe(took_s)
        LOG.info(
            "request",
            extra={
                "request_id": self._id,
                "method": method,
                "route": route,
                "status": self._status,
                "took_ms": round(took_s * 1000, 1),
                "caller": self._scope.get("state", {}).get("caller"),
            },
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FIELDS = ("request_id", "method", "route", "status", "took_ms", "caller", "reason")


class JsonLines(logging.Formatter):
    """One JSON object for each line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
