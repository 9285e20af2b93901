"""Who is calling, and whether they may: keys, tokens, roles and how often."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.errors import ApiError
from api.settings import Settings
from api.tokens import Tokens
from dispatch.commands.allowances import take_calls
from dispatch.commands.keys import PREFIX, grant_of, hash_of
from dispatch.domain.access import Grant, Role
from dispatch.store.database import Database
from dispatch.store.queries_access import has_keys
from dispatch.store.retrying import in_writing

KNOWN_FOR_S = 3.0
"""How long a process believes what the database said of a key; a revoked one is dead then."""
_MOST_KNOWN = 10_000
_SHARE = 20
"""A process takes a twentieth of a caller's allowance at once, and the next when it is used up."""

_EVERYBODY = Grant("open", "open", Role.ADMINISTRATOR)

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key that `dispatch keys create` made, or a token of the configured issuer.",
)


class UnauthenticatedError(ApiError):
    """No key or token, or one that opens nothing."""

    status = 401
    headers = {"WWW-Authenticate": 'Bearer realm="dispatch"'}  # noqa: RUF012 - never changed


class ForbiddenError(ApiError):
    """A caller whose role may not do that."""

    status = 403


class TooManyCallsError(ApiError):
    """A caller who has used up the allowance."""

    status = 429
    headers = {"Retry-After": "1"}  # noqa: RUF012 - never changed


@dataclass(slots=True)
class _Known:
    grant: Grant | None
    until: float


@dataclass(slots=True)
class _Allowance:
    left: int = 0
    none_until: float = 0.0


class Gate:
    """Finds out who is calling. One for each process; threads share it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._tokens = Tokens(settings.oidc) if settings.oidc else None
        self._known: dict[str, _Known] = {}
        self._allowances: dict[str, _Allowance] = {}
        self._turn = threading.Lock()

    async def grant(self, shown: str | None) -> Grant:
        """What the caller who shows this may do. Raises UnauthenticatedError."""
        if self._settings.is_open:
            return _EVERYBODY
        if not shown:
            raise await run_in_threadpool(self._nothing_shown)
        known = self._known.get(hash_of(shown))
        if known is None or known.until < time.monotonic():
            known = await run_in_threadpool(self._looked_up, shown)
        if known.grant is None:
            raise UnauthenticatedError(
                "The key or token is not known, has expired or was revoked.",
                "密钥或令牌无效、已过期或已被吊销。",
            )
        return known.grant

    async def count(self, grant: Grant) -> None:
        """Counts a call. Raises TooManyCallsError."""
        if self._settings.is_open or self._spend(grant.id):
            return
        if not await run_in_threadpool(self._fetch, grant.id):
            raise TooManyCallsError(
                f"{grant.name} may call {self._settings.calls_per_s:g} times a second. Wait a"
                " little.",
                f"{grant.name} 每秒最多可调用 {self._settings.calls_per_s:g} 次。请稍候再试。",
            )

    def _looked_up(self, shown: str) -> _Known:
        known = _Known(self._found(shown), time.monotonic() + KNOWN_FOR_S)
        with self._turn:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[hash_of(shown)] = known
        return known

    def _found(self, shown: str) -> Grant | None:
        if shown.startswith(f"{PREFIX}_"):
            with self._database.reading() as session:
                return grant_of(session, shown)
        return self._tokens.grant_of(shown) if self._tokens else None

    def _nothing_shown(self) -> UnauthenticatedError:
        with self._database.reading() as session:
            made = has_keys(session)
        if made or self._tokens:
            return UnauthenticatedError(
                "Show a key or token: Authorization: Bearer KEY.",
                "请出示密钥或令牌：Authorization: Bearer KEY。",
            )
        return UnauthenticatedError(
            "There is no key yet. Make one with dispatch keys create NAME --role administrator"
            " and show it: Authorization: Bearer KEY.",
            "尚无密钥。请用 dispatch keys create NAME --role administrator 创建，"
            "并出示：Authorization: Bearer KEY。",
        )

    def _spend(self, caller_id: str) -> bool:
        with self._turn:
            own = self._allowances.setdefault(caller_id, _Allowance())
            if own.left < 1:
                return False
            own.left -= 1
            return True

    def _fetch(self, caller_id: str) -> bool:
        """Takes more of the allowance that all processes share, and spends one of it."""
        own = self._allowances[caller_id]
        if time.monotonic() < own.none_until:
            return False
        per_s, most = self._settings.calls_per_s, self._settings.calls_at_once
        for wanted in sorted({max(1, most // _SHARE), 1}, reverse=True):
            now = datetime.now(UTC)
            if in_writing(
                self._database,
                lambda s, n=wanted, at=now: take_calls(s, caller_id, n, per_s, most, at),  # type: ignore[misc]
            ):
                with self._turn:
                    own.left += wanted - 1
                return True
        own.none_until = time.monotonic() + 1 / per_s
        return False


async def caller(
    request: Request,
    shown: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Grant:
    """What the caller may see and do; counts the call."""
    gate: Gate = request.app.state.gate
    grant = await gate.grant(shown.credentials if shown else None)
    request.state.caller = grant.id
    await gate.count(grant)
    return grant


Caller = Annotated[Grant, Depends(caller)]


class Roles:
    """A dependency of routes: callers need one of these roles. Administrators always may."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self.roles = frozenset(roles) | {Role.ADMINISTRATOR}

    async def __call__(self, grant: Caller) -> None:
        if grant.role not in self.roles:
            may = ", ".join(sorted(self.roles))
            raise ForbiddenError(
                f"The role {grant.role.value!r} may not do this; these may: {may}.",
                f"角色 {grant.role.value!r} 无权执行此操作；可执行的角色：{may}。",
            )


EVERYBODY_AT_WORK = (
    Role.VIEWER,
    Role.DISPATCHER,
    Role.PLANNER,
    Role.TICKET_SYSTEM,
    Role.TECHNICIAN,
)
INSIDE = (Role.VIEWER, Role.DISPATCHER, Role.PLANNER, Role.TECHNICIAN)
OFFICE = (Role.VIEWER, Role.DISPATCHER, Role.PLANNER)
DESK = (Role.DISPATCHER,)
INTAKE = (Role.DISPATCHER, Role.TICKET_SYSTEM)
PLANNING = (Role.DISPATCHER, Role.PLANNER)
