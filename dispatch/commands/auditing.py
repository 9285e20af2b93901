"""The audit trail, and with it commands that may be sent twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.domain.errors import DispatchError
from dispatch.store.queries import put
from dispatch.store.rows_log import AuditRow

_T = TypeVar("_T")


class KeyReusedError(DispatchError):
    """A key that was given to another command before."""


def once(session: Session, key: str | None, command: str, outcome: type[_T]) -> _T | None:
    """What the command with this key came to, if it was done already; None: do it now.

    Call it first in a command. Two tries at the same time wait for each other here, so the second
    finds the outcome of the first. ``outcome`` is a dataclass of plain fields. Raises
    KeyReusedError.
    """
    if key is None:
        return None
    if session.get_bind().dialect.name == "postgresql":
        # In SQLite the writer is alone anyway.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    done = session.scalar(select(AuditRow).where(AuditRow.idempotency_key == key))
    if done is None:
        return None
    if done.command != command:
        when = done.done_at.isoformat()
        raise KeyReusedError(
            f"The key {key!r} was given to {done.command!r} at {when}, it cannot be given to"
            f" {command!r}. Use a new key for a new command.",
            f"键 {key!r} 已于 {when} 用于 {done.command!r}，"
            f"不能再用于 {command!r}。新操作请使用新的键。",
        )
    return TypeAdapter(outcome).validate_python(done.outcome)


def note(
    session: Session,
    command: str,
    subject_kind: str,
    subject_id: str,
    by: str,
    at: datetime,
    *,
    reason: str = "",
    before: object = None,
    after: object = None,
    outcome: object = None,
    key: str | None = None,
) -> AuditRow:
    """Writes who changed what, when and why.

    ``before``, ``after`` and ``outcome`` are dataclasses or mappings. With a ``key`` the outcome
    is what ``once`` gives to whoever tries again.
    """
    row = AuditRow(
        done_at=at,
        done_by=by,
        command=command,
        subject_kind=subject_kind,
        subject_id=subject_id,
        reason=reason,
        before=_plain(before),
        after=_plain(after),
        outcome=_plain(outcome),
        idempotency_key=key,
    )
    session.add(row)
    return row


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit trail, of several that are written at once."""

    command: str
    subject_kind: str
    subject_id: str
    reason: str = ""
    before: object = None
    after: object = None


def note_all(session: Session, lines: Iterable[Line], by: str, at: datetime) -> None:
    """Writes what ``note`` writes, for many."""
    session.flush()  # lines that were noted before come before
    rows = [
        {
            "done_at": at,
            "done_by": by,
            "command": line.command,
            "subject_kind": line.subject_kind,
            "subject_id": line.subject_id,
            "reason": line.reason,
            "before": _plain(line.before),
            "after": _plain(line.after),
        }
        for line in lines
    ]
    put(session, AuditRow, rows)


def _plain(value: object) -> dict[str, object] | None:
    """What JSON knows of a dataclass or mapping."""
    if value is None:
        return None
    made: dict[str, object] = to_jsonable_python(value)
    return made
