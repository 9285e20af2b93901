"""Queries for the day of one technician."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.store.rows_parts import PartRow
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_plans import CommitmentRow, CommitmentTechnicianRow
from dispatch.store.rows_work import VisitRow


@dataclass(frozen=True, slots=True)
class Told:
    """A visit that people were told of: when it starts, and what became of it."""

    visit_id: str
    start_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def told_to(session: Session, technician_id: str, start: datetime, end: datetime) -> Sequence[Told]:
    """The visits of a technician that begin, began or ended in that time, or are not over."""
    found = session.execute(
        select(VisitRow.id, CommitmentRow.start_at, VisitRow.started_at, VisitRow.ended_at)
        .join(CommitmentRow, CommitmentRow.visit_id == VisitRow.id)
        .join(CommitmentTechnicianRow, CommitmentTechnicianRow.visit_id == VisitRow.id)
        .where(
            CommitmentTechnicianRow.technician_id == technician_id,
            or_(
                VisitRow.ended_at.is_(None),
                *(
                    (at >= start) & (at < end)
                    for at in (CommitmentRow.start_at, VisitRow.started_at, VisitRow.ended_at)
                ),
            ),
        )
        .order_by(VisitRow.id)
    )
    return [Told(*row) for row in found]


def crews_of(
    session: Session, visit_ids: Collection[str]
) -> Mapping[str, Mapping[str, tuple[datetime, str]]]:
    """Of each visit by technician when people were told that it starts, and the name."""
    found = session.execute(
        select(
            CommitmentRow.visit_id,
            TechnicianRow.id,
            CommitmentRow.start_at,
            TechnicianRow.name,
        )
        .join(CommitmentTechnicianRow, CommitmentTechnicianRow.visit_id == CommitmentRow.visit_id)
        .join(TechnicianRow, TechnicianRow.id == CommitmentTechnicianRow.technician_id)
        .where(CommitmentRow.visit_id.in_(visit_ids))
        .order_by(CommitmentTechnicianRow.position)
    )
    crews: dict[str, dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for visit_id, technician_id, start_at, name in found:
        crews[visit_id][technician_id] = (start_at, name)
    return crews


def parts(session: Session) -> Mapping[str, PartRow]:
    """All parts that there are."""
    return {row.id: row for row in session.scalars(select(PartRow))}
