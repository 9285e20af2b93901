"""What is known of a work order is put right by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.domain.errors import DispatchError
from dispatch.domain.transitions import OVER
from dispatch.domain.work import Priority
from dispatch.store import queries_work
from dispatch.store.rows_work import WorkOrderRow


class WorkOrderOverError(DispatchError):
    """A work order of which nothing can be changed any more."""


@dataclass(frozen=True, slots=True)
class WorkOrderChange:
    """What is to be different; None: as it was."""

    priority: Priority | None = None
    description: str | None = None


def lock_work_order(session: Session, work_order_id: str) -> None:
    """Nobody else changes it until the commit. Raises UnknownWorkOrderError."""
    if not queries_work.lock_work_orders(session, (work_order_id,)):
        raise UnknownWorkOrderError(work_order_id)


def change_work_order(
    session: Session,
    work_order_id: str,
    change: WorkOrderChange,
    by: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Changes a work order. Raises UnknownWorkOrderError, WorkOrderOverError."""
    lock_work_order(session, work_order_id)
    row = session.get_one(WorkOrderRow, work_order_id, populate_existing=True)
    if row.state in OVER:
        raise WorkOrderOverError(
            f"Work order {work_order_id!r} is over; nothing of it can be changed.",
            f"派工单 {work_order_id!r} 已结束，不能再更改。",
        )
    given = {"priority": change.priority, "description": change.description}
    after = {name: value for name, value in given.items() if value is not None}
    before: Mapping[str, object] = {name: getattr(row, name) for name in after}
    if after == before:
        return
    session.execute(update(WorkOrderRow).where(WorkOrderRow.id == work_order_id).values(after))
    note(
        session,
        "change work order",
        "work_order",
        work_order_id,
        by,
        at,
        reason=reason,
        before=before,
        after=after,
    )
