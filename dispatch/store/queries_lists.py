"""Lists of things by pages, as programs ask for them: what is behind a key, and no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from dispatch.domain.work import Priority
from dispatch.store.base import Row
from dispatch.store.rows_places import SiteRow
from dispatch.store.rows_work import WorkOrderRow

_Row = TypeVar("_Row", bound=Row)


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


def one(session: Session, table: type[_Row], wanted: ColumnElement[bool], key: str) -> _Row | None:
    """The row with a business key ``id``, if it is wanted."""
    return session.scalar(select(table).where(table.__table__.c.id == key, wanted))


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
