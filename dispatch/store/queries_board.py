"""Queries for a board: how far visits are, what was done, what people decided by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_plans import CommitmentTechnicianRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow


@dataclass(frozen=True, slots=True)
class DoneVisit:
    """A visit that is over, and whom people were told of. ``repaired_at`` is None if it failed."""

    visit_id: str
    work_order_id: str
    site_id: str
    state: str
    start_at: datetime
    repaired_at: datetime | None
    end_at: datetime
    technician_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventNamed:
    """What an event was, and of which visit."""

    kind: str
    visit_id: str | None


def events_named(session: Session, ids: Collection[str]) -> Mapping[str, EventNamed]:
    """Some events, by their ids."""
    if not ids:
        return {}
    found = select(EventRow.id, EventRow.kind, EventRow.visit_id).where(EventRow.id.in_(ids))
    return {row.id: EventNamed(row.kind, row.visit_id) for row in session.execute(found)}


def visit_states(session: Session) -> Mapping[str, str]:
    """How far the visits are that are not over."""
    found = select(VisitRow.id, VisitRow.state).where(VisitRow.ended_at.is_(None))
    return {row.id: row.state for row in session.execute(found)}


def done_between(session: Session, start_at: datetime, end_at: datetime) -> Sequence[DoneVisit]:
    """Visits that somebody was on site for in that time and that are over, by their starts."""
    wanted = (
        VisitRow.started_at.is_not(None) & (VisitRow.started_at < end_at),
        VisitRow.ended_at > start_at,
    )
    rows = session.execute(
        select(VisitRow, WorkOrderRow.site_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .where(*wanted)
        .order_by(VisitRow.started_at, VisitRow.id)
    ).all()
    people = _technicians(session, [visit.id for visit, _ in rows])
    return [
        DoneVisit(
            visit_id=visit.id,
            work_order_id=visit.work_order_id,
            site_id=site_id,
            state=visit.state,
            start_at=visit.started_at,
            repaired_at=visit.repaired_at,
            end_at=visit.ended_at,
            technician_ids=people.get(visit.id, ()),
        )
        for visit, site_id in rows
        if visit.started_at is not None and visit.ended_at is not None
    ]


def hand_lines(
    session: Session, commands: Collection[str], versions: Collection[int]
) -> Sequence[AuditRow]:
    """What people changed by hand in some versions of the plan, the latest last."""
    subjects = [str(version) for version in versions]
    return session.scalars(
        select(AuditRow)
        .where(
            AuditRow.subject_kind == "plan",
            AuditRow.subject_id.in_(subjects),
            AuditRow.command.in_(commands),
        )
        .order_by(AuditRow.id)
    ).all()


def _technicians(session: Session, visit_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    told = CommitmentTechnicianRow
    statement = select(told).where(told.visit_id.in_(visit_ids))
    found: dict[str, tuple[str, ...]] = {}
    for row in session.scalars(statement.order_by(told.visit_id, told.position)):
        found[row.visit_id] = (*found.get(row.visit_id, ()), row.technician_id)
    return found
