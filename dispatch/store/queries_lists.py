"""Lists of things by pages, as programs ask for them: what is behind a key, and no more."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from dispatch.domain.work import Priority
from dispatch.store.base import Row
from dispatch.store.mapping_rows import TableRows
from dispatch.store.queries import rows_in
from dispatch.store.rows_people import (
    AbsenceRow,
    BreakPatternRow,
    CertificateRow,
    ExclusionRow,
    ShiftPatternRow,
    TechnicianRow,
    TechnicianToolRow,
    TerritoryCoverRow,
)
from dispatch.store.rows_places import OrganisationRow, SiteRow
from dispatch.store.rows_plans import BookingRow
from dispatch.store.rows_terms import CalendarDayRow, CalendarHoursRow, CalendarRow, PolicyRow
from dispatch.store.rows_work import WorkOrderRow

_Row = TypeVar("_Row", bound=Row)

_OF_TECHNICIANS: tuple[type[Row], ...] = (
    CertificateRow,
    TerritoryCoverRow,
    ExclusionRow,
    TechnicianToolRow,
    ShiftPatternRow,
    BreakPatternRow,
    AbsenceRow,
)


def page(
    session: Session,
    table: type[_Row],
    wanted: ColumnElement[bool],
    after: str | None,
    limit: int,
) -> Sequence[_Row]:
    """Rows of a table with a business key ``id``, by it, those behind ``after``."""
    key: ColumnElement[str] = table.__table__.c.id
    statement = select(table).where(wanted)
    if after is not None:
        statement = statement.where(key > after)
    return session.scalars(statement.order_by(key).limit(limit)).all()


def one(
    session: Session,
    table: type[_Row],
    wanted: ColumnElement[bool],
    key: str,
    *,
    locked: bool = False,
) -> _Row | None:
    """The row with a business key ``id``, if it is wanted."""
    statement = select(table).where(table.__table__.c.id == key, wanted)
    return session.scalar(statement.with_for_update(key_share=True) if locked else statement)


def work_orders_like(
    *,
    state: str | None = None,
    priority: Priority | None = None,
    site_id: str | None = None,
    territory: str | None = None,
    reported_from: datetime | None = None,
    reported_before: datetime | None = None,
    is_open: bool | None = None,
) -> ColumnElement[bool]:
    """Work orders that are like this; None: whatever they are."""
    in_territory = select(SiteRow.id).where(SiteRow.territory == territory)
    closed = WorkOrderRow.closed_at
    conditions: list[ColumnElement[bool]] = [true()]
    if state is not None:
        conditions.append(WorkOrderRow.state == state)
    if priority is not None:
        conditions.append(WorkOrderRow.priority == priority)
    if site_id is not None:
        conditions.append(WorkOrderRow.site_id == site_id)
    if territory is not None:
        conditions.append(WorkOrderRow.site_id.in_(in_territory))
    if reported_from is not None:
        conditions.append(WorkOrderRow.reported_at >= reported_from)
    if reported_before is not None:
        conditions.append(WorkOrderRow.reported_at < reported_before)
    if is_open is not None:
        conditions.append(closed.is_(None) if is_open else closed.is_not(None))
    return and_(*conditions)


def technician_rows(session: Session, ids: Collection[str]) -> TableRows:
    """Technicians with all that is known of them, and the calendars that they work by."""
    own = {table: table.__table__.c.technician_id.in_(ids) for table in _OF_TECHNICIANS}
    return {
        **{table: rows_in(session, table) for table in (OrganisationRow, CalendarRow)},
        CalendarHoursRow: rows_in(session, CalendarHoursRow),
        CalendarDayRow: rows_in(session, CalendarDayRow),
        PolicyRow: rows_in(session, PolicyRow),
        TechnicianRow: rows_in(session, TechnicianRow, TechnicianRow.id.in_(ids)),
        **{table: rows_in(session, table, wanted) for table, wanted in own.items()},
    }


def absence(
    session: Session, technician_id: str, start_at: datetime, *, locked: bool = False
) -> AbsenceRow | None:
    """The absence that begins then."""
    key = (technician_id, start_at)
    return session.get(AbsenceRow, key, with_for_update=locked or None, populate_existing=True)


def lock_technician(session: Session, technician_id: str) -> bool:
    """Waits until nobody else changes when a technician works; whether there is one."""
    known = select(TechnicianRow.id).where(TechnicianRow.id == technician_id)
    return session.scalar(known.with_for_update(key_share=True)) is not None


def absences_touching(
    session: Session, technician_id: str, start_at: datetime, end_at: datetime
) -> Sequence[AbsenceRow]:
    statement = select(AbsenceRow).where(
        AbsenceRow.technician_id == technician_id,
        AbsenceRow.start_at < end_at,
        AbsenceRow.end_at > start_at,
    )
    return session.scalars(statement.order_by(AbsenceRow.start_at)).all()


def booked_between(
    session: Session, technician_id: str, start_at: datetime, end_at: datetime
) -> Sequence[str]:
    """The visits that a technician is booked for in that time, by their starts."""
    statement = select(BookingRow.visit_id).where(
        BookingRow.technician_id == technician_id,
        BookingRow.start_at < end_at,
        BookingRow.finish_at > start_at,
    )
    return session.scalars(statement.order_by(BookingRow.start_at)).all()


def territories(session: Session, wanted: ColumnElement[bool]) -> Sequence[str]:
    """The territories of sites that are wanted, by name."""
    return session.scalars(
        select(SiteRow.territory).where(wanted).distinct().order_by(SiteRow.territory)
    ).all()


def all_territories(session: Session) -> frozenset[str]:
    """Those of sites, and those that technicians cover."""
    covered = session.scalars(select(TerritoryCoverRow.territory).distinct())
    return frozenset({*territories(session, true()), *covered})


def ids_seen(session: Session, table: type[Row], wanted: ColumnElement[bool]) -> frozenset[str]:
    """The business keys of all rows that are wanted."""
    return frozenset(session.scalars(select(table.__table__.c.id).where(wanted)))
