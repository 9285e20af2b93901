"""Queries about plans: versions, what they hold, and what people were told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from dispatch.domain.transitions import State
from dispatch.store.database import queue_up
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_places import OrganisationRow
from dispatch.store.rows_plans import (
    BookingRow,
    ForcedChangeRow,
    PlanState,
    PlanStopRow,
    PlanVersionRow,
)
from dispatch.store.rows_work import PinRow, PinTechnicianRow, VisitRow, WorkOrderRow

PAGE = 50

_REHEARSAL = select(OrganisationRow.rehearsal_s)
_BOOKINGS = select(BookingRow).order_by(BookingRow.id)
_BOOKINGS_OF = _BOOKINGS.where(BookingRow.visit_id.in_(bindparam("visits", expanding=True)))


def lock_plans(session: Session) -> None:
    """Waits until nobody else changes plans or pins; holds until the end of the transaction.

    Take it first: before locks of work orders, and those before locks of stock.
    """
    queue_up(session, "plans")


def lock_open_work(session: Session) -> None:
    """Waits until nobody else records anything of open work orders."""
    session.execute(
        select(WorkOrderRow.id)
        .where(WorkOrderRow.closed_at.is_(None))
        .order_by(WorkOrderRow.id)
        .with_for_update(key_share=True)
    )


def organisation_row(session: Session) -> OrganisationRow | None:
    """What the organisation says of itself; None if there is none."""
    return session.scalar(select(OrganisationRow))


def planning_at(session: Session) -> datetime | None:
    """The instant that the data of the organisation describes; None without an organisation."""
    return session.scalar(select(OrganisationRow.planning_at))


def rehearsal(session: Session) -> timedelta | None:
    """How far the organisation's clock is from the real one; None without an organisation."""
    seconds = session.scalar(_REHEARSAL)
    return None if seconds is None else timedelta(seconds=seconds)


def set_rehearsal(session: Session, rehearsal: timedelta) -> None:
    """Makes the organisation's clock so far from the real one."""
    seconds = round(rehearsal.total_seconds())
    session.execute(update(OrganisationRow).values(rehearsal_s=seconds))


def time_zone(session: Session) -> str | None:
    return session.scalar(select(OrganisationRow.time_zone))


def service_terms(session: Session) -> Mapping[str, Any]:
    """What differs from the defaults of ``ServiceTerms``."""
    return session.scalar(select(OrganisationRow.service_terms)) or {}


def provisional_years(session: Session) -> tuple[int, ...]:
    """Years whose public holidays are not published yet."""
    return tuple(session.scalar(select(OrganisationRow.provisional_years)) or ())


def published_version(session: Session) -> PlanVersionRow | None:
    return session.scalar(
        select(PlanVersionRow)
        .where(PlanVersionRow.state == PlanState.PUBLISHED)
        .execution_options(populate_existing=True)
    )


def newest_draft(session: Session) -> PlanVersionRow | None:
    return session.scalar(_drafts())


def newest_draft_of(session: Session, base: int | None) -> PlanVersionRow | None:
    """The newest draft that was made from a version (None: from none)."""
    made_from_it = PlanVersionRow.base_version.is_not_distinct_from(base)
    return session.scalar(_drafts().where(made_from_it))


def _drafts() -> Select[PlanVersionRow]:
    """The newest draft of those that a condition leaves."""
    drafts = select(PlanVersionRow).where(PlanVersionRow.state == PlanState.DRAFT)
    return drafts.order_by(PlanVersionRow.version.desc()).limit(1)


def bases(session: Session, through: int) -> dict[int, int | None]:
    """What each version up to this one was made from."""
    statement = select(PlanVersionRow.version, PlanVersionRow.base_version)
    rows = session.execute(statement.where(PlanVersionRow.version <= through))
    return {row.version: row.base_version for row in rows}


def version_row(session: Session, version: int) -> PlanVersionRow | None:
    return session.get(PlanVersionRow, version, populate_existing=True)


def version_page(
    session: Session, before: int | None = None, size: int = PAGE
) -> Sequence[PlanVersionRow]:
    """Versions, the newest first; ``before`` is the last one of the page before."""
    statement = select(PlanVersionRow).order_by(PlanVersionRow.version.desc()).limit(size)
    if before is not None:
        statement = statement.where(PlanVersionRow.version < before)
    return session.scalars(statement).all()


def last_change(session: Session, version: int, commands: Collection[str]) -> int:
    """The number of the line of the audit trail that last changed a version; 0 if there is none."""
    own = (AuditRow.subject_kind == "plan", AuditRow.subject_id == str(version))
    last = select(func.max(AuditRow.id)).where(*own, AuditRow.command.in_(commands))
    return session.scalar(last) or 0


def visit_row(session: Session, visit_id: str) -> VisitRow | None:
    return session.get(VisitRow, visit_id)


def visits_under_way(session: Session) -> Sequence[VisitRow]:
    """Visits that somebody is on site for, or on the way to (nothing ``started_at`` yet)."""
    begun = or_(VisitRow.started_at.is_not(None), VisitRow.state == State.UNDER_WAY)
    return session.scalars(
        select(VisitRow).where(begun, VisitRow.ended_at.is_(None)).order_by(VisitRow.id),
        execution_options={"populate_existing": True},
    ).all()


def begun_visits(session: Session) -> frozenset[str]:
    """Visits that somebody is on site for."""
    found = visits_under_way(session)
    return frozenset(row.id for row in found if row.started_at is not None)


def pin_row(session: Session, visit_id: str) -> PinRow | None:
    return session.get(PinRow, visit_id)


def pinned_after(session: Session) -> dict[str, str | None]:
    """Of the visits that are pinned right after another which one that is."""
    statement = select(PinRow.visit_id, PinRow.after_visit_id)
    rows = session.execute(statement.where(PinRow.after_visit_id.is_not(None)))
    return {row.visit_id: row.after_visit_id for row in rows}


def pins_since(session: Session, at: datetime) -> Collection[str]:
    """Visits whose pin was set after an instant."""
    return session.scalars(select(PinRow.visit_id).where(PinRow.pinned_at > at)).all()


def pinned_beside(session: Session, visit_id: str) -> Sequence[PinTechnicianRow]:
    return session.scalars(
        select(PinTechnicianRow).where(PinTechnicianRow.visit_id == visit_id)
    ).all()


def bookings(session: Session, visits: Collection[str] | None = None) -> Sequence[BookingRow]:
    """The bookings of some visits; None: of all."""
    if visits is None:
        return session.scalars(_BOOKINGS).all()
    return session.scalars(_BOOKINGS_OF, {"visits": list(visits)}).all()


def forced_changes(session: Session, versions: Collection[int]) -> Sequence[ForcedChangeRow]:
    """What people broke on purpose in some versions, the latest last."""
    return session.scalars(
        select(ForcedChangeRow)
        .where(ForcedChangeRow.plan_version.in_(versions))
        .order_by(ForcedChangeRow.id)
    ).all()


def forced_counts(session: Session, versions: Collection[int]) -> dict[int, int]:
    """How many rules were broken on purpose in each version."""
    statement = (
        select(ForcedChangeRow.plan_version, func.count().label("forced"))
        .where(ForcedChangeRow.plan_version.in_(versions))
        .group_by(ForcedChangeRow.plan_version)
    )
    return {row.plan_version: row.forced for row in session.execute(statement)}


def audit_of(session: Session, commands: Collection[str], since: datetime) -> Sequence[AuditRow]:
    """What these commands did since an instant, the latest last."""
    return session.scalars(
        select(AuditRow)
        .where(AuditRow.command.in_(commands), AuditRow.done_at >= since)
        .order_by(AuditRow.id)
    ).all()


def visits_planned(session: Session, versions: Collection[int]) -> dict[int, int]:
    """How many visits each version plans."""
    statement = (
        select(PlanStopRow.version, func.count(PlanStopRow.visit_id.distinct()).label("planned"))
        .where(PlanStopRow.version.in_(versions))
        .group_by(PlanStopRow.version)
    )
    return {row.version: row.planned for row in session.execute(statement)}
