"""How routes answer: JSON to the byte, pages with cursors, versions of things, commands done once.

A route that reads gives ``shown`` or ``page_of``; one that changes gives its command to
``written``, which does it in one transaction and answers.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote

from fastapi import Depends, Request
from pydantic import TypeAdapter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.errors import ApiError
from api.fields import IdempotencyKey
from api.security import Caller
from dispatch.commands.answers import Answer, Call, answered_once, answered_together
from dispatch.domain.access import Grant
from dispatch.rehearsal import moment
from dispatch.sealing import Seal
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing

_T = TypeVar("_T")
_JSON = "application/json"
_TIGHT = (",", ":")
_MOST_NUMBER = 2**31 - 1


class BadCursorError(ApiError):
    """A cursor that no page gave."""

    status = 400


class PreconditionNeededError(ApiError):
    """A change of something of which the caller does not say which version."""

    status = 428


class ChangedMeanwhileError(ApiError):
    """A change of a version that is not there any more."""

    status = 412


class KeyNeededError(ApiError):
    """A request without idempotency key that has no other name of its own."""

    status = 400


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """A page of a list; ``next`` is the cursor of the page behind it, if there is one."""

    items: tuple[_T, ...]
    next: str | None


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any type
    """Made once for each type: that takes longer than writing a value."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def text_of(value: object, kind: Any = None, *, lean: bool = False) -> str:  # noqa: ANN401
    """The JSON of a value; ``lean``: without what is as usual."""
    made: bytes = _adapter(kind or type(value)).dump_json(value, exclude_defaults=lean)
    return made.decode()


def shown(
    value: object,
    *,
    kind: Any = None,  # noqa: ANN401 - any type
    etag: str | None = None,
) -> Response:
    """A value as the answer to a read."""
    return shown_text(text_of(value, kind), etag)


def shown_text(text: str, etag: str | None) -> Response:
    """JSON as the answer to a read."""
    headers = {"ETag": etag} if etag else {}
    return Response(text, headers=headers, media_type=_JSON)


def response_of(answer: Answer) -> Response:
    kind = _JSON if answer.body else None
    return Response(answer.body, answer.status, dict(answer.headers), media_type=kind)


# ---------------------------------------------------------------------------------------- pages


def page_of(items: Sequence[_T], limit: int, key: Callable[[_T], Sequence[object]]) -> Response:
    """A page of ``items``, of which one more than ``limit`` was asked for.

    ``key`` is what the list is sorted by, for the cursor.
    """
    on_page = tuple(items[:limit])
    following = cursor_of(key(on_page[-1])) if len(items) > limit else None
    listed = [_adapter(type(item)).dump_python(item, mode="json") for item in on_page]
    body = json.dumps({"items": listed, "next": following}, ensure_ascii=False, separators=_TIGHT)
    return Response(body, media_type=_JSON)


def cursor_of(key: Sequence[object]) -> str:
    """Opaque to callers: where the next page begins."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """What a cursor holds, values of these kinds. Raises BadCursorError."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError) as error:
        raise _bad(cursor) from error
    fits = isinstance(key, list) and [type(part) for part in key] == list(kinds)
    if not fits or not all(_is_comparable(part) for part in key):
        raise _bad(cursor)
    return tuple(key)


def _is_comparable(part: str | int) -> bool:
    """Whether every database can compare with it."""
    if isinstance(part, int):
        return abs(part) <= _MOST_NUMBER
    return "\x00" not in part and not any("\ud800" <= c <= "\udfff" for c in part)


def _bad(cursor: str) -> BadCursorError:
    return BadCursorError(
        f"{cursor[:40]!r} is no cursor of a page. Give `next` of the page before, or nothing.",
        f"{cursor[:40]!r} 不是分页游标。请使用上一页的 next，或不填。",
    )


# ------------------------------------------------------------------------------------- versions


def etag_of(facts: object) -> str:
    """The version of something, by the facts that it is made of."""
    text = json.dumps(_adapter(Any).dump_python(facts, mode="json"), sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def need_match(if_match: str | None, etag: str) -> None:
    """Raises PreconditionNeededError, ChangedMeanwhileError."""
    if if_match is None:
        raise PreconditionNeededError(
            "Say which version you mean to change: If-Match with the ETag of what you read.",
            "请用 If-Match 给出所读内容的 ETag，指明要更改的版本。",
        )
    if etag not in (tag.strip() for tag in if_match.split(",")):
        raise ChangedMeanwhileError(
            "It was changed since you read it. Read it again, and decide anew.",
            "读取之后内容已被更改。请重新读取后再决定。",
        )


# ------------------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Desk:
    """What routes need: the database, and who is calling."""

    database: Database
    seal: Seal
    grant: Grant
    call: Call | None

    def read(self, query: Callable[[Session, datetime], _T]) -> _T:
        """What a query gives, with the organisation's time."""
        with self.database.reading() as session:
            return query(session, moment(session))

    def write(self, command: Callable[[Session, datetime], Answer]) -> Response:
        """Does a command in one transaction and answers; a call that was sent before is answered
        as it was then."""

        def once(session: Session) -> Answer:
            at = moment(session)
            return answered_once(session, self.call, self.seal, at, lambda s: command(s, at))

        return response_of(in_writing(self.database, once))

    def write_together(
        self,
        gather: Callable[[Session], Sequence[Call | None]],
        command: Callable[[Session, datetime, Sequence[int]], Sequence[Answer | None]],
    ) -> list[Response | None]:
        """Does what several calls of this caller ask for in one transaction, in which they are
        gathered; ``command`` is given the numbers of those that are new. None: a call that has to
        be written by itself."""

        def once(session: Session) -> list[Answer | None]:
            calls, at = gather(session), moment(session)
            return answered_together(
                session, calls, self.seal, at, lambda n: command(session, at, n)
            )

        answers = in_writing(self.database, once)
        return [response_of(answer) if answer is not None else None for answer in answers]

    @property
    def by(self) -> str:
        """Whom the audit trail names."""
        return self.grant.name

    def need_key(self) -> None:
        """For commands that nothing in the body names: sent twice they would be done twice.

        Raises KeyNeededError.
        """
        if self.call is None:
            raise KeyNeededError(
                "Give an Idempotency-Key of your own, so that this is done once however often it"
                " is sent.",
                "请给出自定的 Idempotency-Key，以保证重复发送只执行一次。",
            )


async def _desk(request: Request, grant: Caller, idempotency_key: IdempotencyKey = None) -> Desk:
    return _desk_of(request, grant, await _call(request, grant, idempotency_key))


async def _reader(request: Request, grant: Caller) -> Desk:
    return _desk_of(request, grant, None)


def _desk_of(request: Request, grant: Grant, call: Call | None) -> Desk:
    state = request.app.state
    return Desk(state.database, state.seal, grant, call)


async def _call(request: Request, grant: Grant, key: str | None) -> Call | None:
    if key is None:
        return None
    what = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Call(grant.id, key, what)


Reading = Annotated[Desk, Depends(_reader)]
"""For routes that read, and for those that change something by its version."""
Writing = Annotated[Desk, Depends(_desk)]
"""For routes that create: the same call may be sent again."""


def made(value: object, *, again: bool = False, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to a command: 201, or 200 if it was done before."""
    return Answer(200 if again else 201, text_of(value), headers or {})


def located(*path: str) -> str:
    """The address of a thing: its route, and the keys that people gave, in whatever script."""
    first, *keys = path
    return "/".join((first, *(quote(key, safe="") for key in keys)))
