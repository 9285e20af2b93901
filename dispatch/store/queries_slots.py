"""Queries about slots: what is held, what is promised, and what work usually comes in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dispatch.store.rows_places import SiteRow
from dispatch.store.rows_plans import CommitmentRow
from dispatch.store.rows_work import HeldSlotRow, VisitRow, VisitWindowRow, WorkOrderRow


def held_slots(session: Session, at: datetime) -> Sequence[HeldSlotRow]:
    """What is held at an instant, in the order in which it was."""
    return session.scalars(
        select(HeldSlotRow)
        .where(HeldSlotRow.expires_at > at)
        .order_by(HeldSlotRow.held_at, HeldSlotRow.visit_id)
        .execution_options(populate_existing=True)
    ).all()


def held_slot(session: Session, visit_id: str) -> HeldSlotRow | None:
    return session.get(HeldSlotRow, visit_id, populate_existing=True)


def drop_held(session: Session, visit_id: str, at: datetime) -> None:
    """Deletes what is held for a visit, and what ran out by an instant."""
    gone = (HeldSlotRow.visit_id == visit_id) | (HeldSlotRow.expires_at <= at)
    session.execute(delete(HeldSlotRow).where(gone))


def promised_windows(session: Session, visit_id: str) -> Sequence[VisitWindowRow]:
    of_visit = select(VisitWindowRow).where(VisitWindowRow.visit_id == visit_id)
    return session.scalars(of_visit.order_by(VisitWindowRow.position)).all()


def promise_only(session: Session, visit_id: str, open_at: datetime, close_at: datetime) -> None:
    """Makes this the only promised window of a visit."""
    session.execute(delete(VisitWindowRow).where(VisitWindowRow.visit_id == visit_id))
    row = VisitWindowRow(visit_id=visit_id, position=0, open_at=open_at, close_at=close_at)
    session.add(row)
    session.flush()


def told_at(session: Session, visit_id: str) -> datetime | None:
    """When a visit starts, as people were told; None: nobody was."""
    return session.scalar(select(CommitmentRow.start_at).where(CommitmentRow.visit_id == visit_id))


def open_visits_of(session: Session, work_order_id: str) -> Sequence[str]:
    """The visits of a work order that are not over."""
    return session.scalars(
        select(VisitRow.id)
        .where(VisitRow.work_order_id == work_order_id, VisitRow.ended_at.is_(None))
        .order_by(VisitRow.position, VisitRow.id)
    ).all()


def first_report(session: Session) -> datetime | None:
    return session.scalar(select(func.min(WorkOrderRow.reported_at)))


def reports_since(
    session: Session, since: datetime, until: datetime
) -> Sequence[tuple[str, datetime]]:
    """The territory and the time of every work order that was reported in between."""
    found = session.execute(
        select(SiteRow.territory, WorkOrderRow.reported_at)
        .join(SiteRow, SiteRow.id == WorkOrderRow.site_id)
        .where(WorkOrderRow.reported_at >= since, WorkOrderRow.reported_at < until)
    )
    return [(territory, at) for territory, at in found]
