"""What was changed since one looked: every command leaves its line in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from dispatch.store.rows_log import AuditRow

_LOOK_BACK = 1_000
_BEHIND = AuditRow.id > bindparam("after")
_AMONG = AuditRow.id.in_(bindparam("among", expanding=True))
_COLUMNS = (
    AuditRow.id,
    AuditRow.done_at,
    AuditRow.done_by,
    AuditRow.command,
    AuditRow.subject_kind,
    AuditRow.subject_id,
    AuditRow.after,
)
_CHANGES_BEHIND = select(*_COLUMNS).where(_BEHIND).order_by(AuditRow.id)
_NUMBERS_BEHIND = select(AuditRow.id).where(_BEHIND)
_CHANGES_AMONG = select(*_COLUMNS).where(or_(_BEHIND, _AMONG)).order_by(AuditRow.id)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has read the audit trail.

    ``missing`` are numbers up to ``last`` that were not there yet: PostgreSQL gives a number before
    the command is over, so a smaller one may come to light later. Those further than ``_LOOK_BACK``
    behind never will: their commands were given up.
    """

    last: int
    missing: frozenset[int]

    def beside(self, line_id: int) -> "Mark":
        """The mark of somebody who wrote a line himself."""
        between = set(range(self.last + 1, line_id))
        return Mark(max(self.last, line_id), (self.missing | between) - {line_id})

    def covers(self, other: "Mark") -> bool:
        """Whether all that the other has read is read here too."""
        unread = {number for number in self.missing if number <= other.last}
        return self.last >= other.last and unread <= other.missing


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of the audit trail, as far as it says what became different."""

    id: int
    at: datetime
    by: str
    command: str
    subject_kind: str
    subject_id: str
    after: dict[str, Any] | None


def mark_now(session: Session) -> Mark:
    """All that is in what the session reads. Use it in a session that reads one state."""
    start = max(0, last_line(session) - _LOOK_BACK)
    found = session.scalars(_NUMBERS_BEHIND, {"after": start})
    return _read(Mark(start, frozenset()), set(found))


def last_line(session: Session) -> int:
    """The number of the last line; 0 if there is none."""
    return session.scalar(select(func.max(AuditRow.id))) or 0


def changes_since(session: Session, mark: Mark) -> tuple[Sequence[ChangeLine], Mark]:
    """The lines that came to light since a mark, and the mark behind them."""
    found = changes(session, mark.last, mark.missing)
    return found, _read(mark, {line.id for line in found}) if found else mark


def changes(
    session: Session, after: int, among: frozenset[int] = frozenset()
) -> Sequence[ChangeLine]:
    """The lines behind a number, and those that have one of some numbers."""
    wanted: dict[str, object] = {"after": after}
    if among:
        rows = session.execute(_CHANGES_AMONG, wanted | {"among": list(among)})
    else:
        rows = session.execute(_CHANGES_BEHIND, wanted)
    return [ChangeLine(*row) for row in rows]


def _read(mark: Mark, ids: set[int]) -> Mark:
    last = max(ids | {mark.last})
    missing = (mark.missing | set(range(mark.last + 1, last))) - ids
    return Mark(last, frozenset(i for i in missing if i > last - _LOOK_BACK))
