"""Answers to calls that may be sent twice: kept in the transaction that they answer for."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.commands.auditing import KeyReusedError
from dispatch.sealing import Seal
from dispatch.store import queries_access
from dispatch.store.rows_access import AnswerRow

_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller is told, to the byte."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call with an idempotency key. ``caller_id`` and ``key`` name it, ``what`` is all that
    makes it this call: method, address and body."""

    caller_id: str
    key: str
    what: bytes

    @property
    def id(self) -> str:
        return f"{self.caller_id}/{self.key}"

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.what).hexdigest()


def answered_once(
    session: Session,
    call: Call | None,
    seal: Seal,
    at: datetime,
    command: Callable[[Session], Answer],
) -> Answer:
    """What the command answers, or what it answered when the call came first.

    Two at the same time wait for each other. Errors are not kept: nothing was changed then. Answers
    are sealed, since some of them show a secret that is kept as a hash elsewhere. Raises
    KeyReusedError, SealError, and whatever the command raises.
    """
    if call is None:
        return command(session)
    row = queries_access.answer_row(session, call.id)
    if row is not None:
        if row.fingerprint != call.fingerprint:
            raise _reused(call, row)
        return Answer(row.status, seal.opened(row.body), row.headers)
    answer = command(session)
    session.add(_kept(call, answer, seal, at))
    return answer


def answered_together(
    session: Session,
    calls: Sequence[Call | None],
    seal: Seal,
    at: datetime,
    command: Callable[[Sequence[int]], Sequence[Answer | None]],
) -> list[Answer | None]:
    """What a command answers to several calls, by their numbers. None: a call that was answered
    before, comes twice here, or has no answer of the command; it has to go alone.

    Raises whatever the command raises.
    """
    named = [call.id for call in calls if call is not None]
    done = queries_access.answered_among(session, named)
    first = {call.id if call else number: number for number, call in reversed([*enumerate(calls)])}
    new = sorted(number for key, number in first.items() if key not in done)
    answers: list[Answer | None] = [None] * len(calls)
    for number, answer in zip(new, command(new), strict=True):
        call, answers[number] = calls[number], answer
        if call is not None and answer is not None:
            session.add(_kept(call, answer, seal, at))
    return answers


def forget_old_answers(session: Session, now: datetime) -> None:
    """Answers are kept for a week."""
    queries_access.forget_answers(session, now - _KEPT)


def _kept(call: Call, answer: Answer, seal: Seal, at: datetime) -> AnswerRow:
    return AnswerRow(
        id=call.id,
        fingerprint=call.fingerprint,
        status=answer.status,
        headers=dict(answer.headers),
        body=seal.sealed(answer.body),
        answered_at=at,
    )


def _reused(call: Call, row: AnswerRow) -> KeyReusedError:
    when = row.answered_at.isoformat(" ", "seconds")
    return KeyReusedError(
        f"The idempotency key {call.key!r} was used for another request at {when}. Use a new key"
        " for a new request.",
        f"幂等键 {call.key!r} 已于 {when} 用于另一请求。新请求请使用新的键。",
    )
