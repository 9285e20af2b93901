"""Changes by hand as they stand in the audit trail, from which a later plan takes them over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from dispatch.store.rows_log import AuditRow

ASSIGN, UNASSIGN, SWAP = "plan.assign", "plan.unassign", "plan.swap"
HAND_COMMANDS = (ASSIGN, UNASSIGN, SWAP)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of a visit: by whom it is done (nobody: not planned), and when."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one command decided."""

    version: int
    decided: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class HandChange:
    """A decision, who took it, and the version that it was done to."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None
    by: str
    version: int


_DECISIONS = TypeAdapter(Decisions)


def hand_changes_of(row: AuditRow) -> Iterator[HandChange]:
    """What an entry of the audit trail says that a person decided."""
    found = _DECISIONS.validate_python(row.after)
    for decision in found.decided:
        yield HandChange(
            decision.visit_id,
            decision.technician_ids,
            decision.start_at,
            row.done_by,
            found.version,
        )
