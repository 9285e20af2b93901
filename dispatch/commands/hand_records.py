"""Changes by hand as they stand in the audit trail, from which a later plan takes them over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from dispatch.store.rows_log import AuditRow

ASSIGN, UNASSIGN, SWAP = "plan.assign", "plan.unassign", "plan.swap"
ASSIGN_NOW = "plan.assign_now"
"""A visit that the published plan was given at once."""
HAND_COMMANDS = (ASSIGN, UNASSIGN, SWAP, ASSIGN_NOW)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of a visit: by whom it is done (nobody: not planned), and when."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one command decided, and the version that has it."""

    version: int
    decided: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class HandChange:
    """What a person decided at once; ``made`` is the draft that was made of a published version
    for it (None: a draft was changed)."""

    by: str
    decided: tuple[Decision, ...]
    made: int | None


_DECISIONS = TypeAdapter(Decisions)


def hand_change_of(row: AuditRow) -> HandChange:
    """What an entry of the audit trail says that a person decided."""
    found = _DECISIONS.validate_python(row.after)
    is_new = (row.before or {}).get("version") != found.version
    return HandChange(row.done_by, found.decided, found.version if is_new else None)


def version_of(row: AuditRow) -> int:
    """The version that has what a person decided."""
    return _DECISIONS.validate_python(row.after).version


def still_meant(changes: Sequence[HandChange]) -> list[HandChange]:
    """The changes, the latest last, with of each visit only what was decided last."""
    last = {d.visit_id: d for change in changes for d in change.decided}
    kept = (
        HandChange(c.by, tuple(d for d in c.decided if last[d.visit_id] is d), c.made)
        for c in changes
    )
    return [change for change in kept if change.decided]
