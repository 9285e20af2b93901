"""Queries about what goes out: who wants what, what is due, who sends."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select
from sqlalchemy.orm import Session

from dispatch.domain.messages import DeliveryState, MessageKind
from dispatch.domain.work import ClockKind
from dispatch.store.rows_out import DeliveryRow, EndpointRow, MessageRow, SenderRow, ToldClockRow
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import SiteRow
from dispatch.store.rows_work import WorkOrderRow

Delivery = tuple[DeliveryRow, MessageRow]
Told = tuple[str, ClockKind, MessageKind]

_IN_USE = select(EndpointRow).where(EndpointRow.disabled_at.is_(None)).order_by(EndpointRow.id)
_IN_USE_LOCKED = _IN_USE.with_for_update(read=True, key_share=True)


def endpoints(session: Session, *, locked: bool = False) -> Sequence[EndpointRow]:
    """All endpoints, by id. There are few."""
    statement = select(EndpointRow).order_by(EndpointRow.id)
    return session.scalars(statement.with_for_update() if locked else statement).all()


def endpoints_in_use(session: Session, *, locked: bool = False) -> Sequence[EndpointRow]:
    """Those that are told; ``locked``: they stay there until the end of the transaction."""
    return session.scalars(_IN_USE_LOCKED if locked else _IN_USE).all()


def endpoint(session: Session, endpoint_id: str, *, locked: bool = False) -> EndpointRow | None:
    return session.get(
        EndpointRow, endpoint_id, with_for_update=locked or None, populate_existing=True
    )


def remove_endpoint(session: Session, endpoint_id: str) -> None:
    """Takes away an endpoint and all deliveries to it."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.endpoint_id == endpoint_id))
    session.execute(delete(EndpointRow).where(EndpointRow.id == endpoint_id))
    _forget_messages(session)


def territories_of(session: Session, site_ids: Collection[str]) -> Mapping[str, str]:
    """The territories of sites."""
    known = select(SiteRow.id, SiteRow.territory).where(SiteRow.id.in_(site_ids))
    return {row.id: row.territory for row in session.execute(known)}


def sites_of(session: Session, work_order_ids: Collection[str]) -> Mapping[str, str]:
    """The sites of work orders."""
    known = select(WorkOrderRow.id, WorkOrderRow.site_id).where(WorkOrderRow.id.in_(work_order_ids))
    return {row.id: row.site_id for row in session.execute(known)}


def site_names(session: Session, site_ids: Collection[str]) -> Mapping[str, str]:
    known = select(SiteRow.id, SiteRow.name).where(SiteRow.id.in_(site_ids))
    return {row.id: row.name for row in session.execute(known)}


def technician_names(session: Session, technician_ids: Collection[str]) -> Mapping[str, str]:
    known = select(TechnicianRow.id, TechnicianRow.name)
    known = known.where(TechnicianRow.id.in_(technician_ids))
    return {row.id: row.name for row in session.execute(known)}


def told_clocks(session: Session) -> frozenset[Told]:
    """The clocks that were told of."""
    known = select(ToldClockRow.work_order_id, ToldClockRow.clock, ToldClockRow.kind)
    return frozenset((order, clock, kind) for order, clock, kind in session.execute(known))


# ----------------------------------------------------------------------------------- deliveries


def due_endpoints(session: Session, now: datetime) -> Sequence[EndpointRow]:
    """The endpoints for which something is due, and which do not rest; by id."""
    due = select(DeliveryRow.endpoint_id).where(_is_due(now))
    statement = select(EndpointRow).where(
        EndpointRow.id.in_(due),
        EndpointRow.disabled_at.is_(None),
        or_(EndpointRow.rests_until.is_(None), EndpointRow.rests_until <= now),
    )
    return session.scalars(statement.order_by(EndpointRow.id)).all()


def due_deliveries(
    session: Session, endpoint_id: str, now: datetime, limit: int
) -> Sequence[Delivery]:
    """What is due for an endpoint, what was never tried first, in the order of its happening."""
    statement = (
        select(DeliveryRow, MessageRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(DeliveryRow.endpoint_id == endpoint_id, _is_due(now))
        .order_by(case((DeliveryRow.attempts == 0, 0), else_=1), DeliveryRow.id)
    )
    return [(row, message) for row, message in session.execute(statement.limit(limit))]


def deliveries_of(session: Session, ids: Collection[int]) -> Sequence[DeliveryRow]:
    """These deliveries, as far as they are still there, locked."""
    statement = select(DeliveryRow).where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.id)
    return session.scalars(statement.with_for_update()).all()


def delivery_page(
    session: Session,
    endpoint_ids: Collection[str],
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> Sequence[Delivery]:
    """Deliveries to endpoints, the latest first, those before a number."""
    statement = (
        select(DeliveryRow, MessageRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(DeliveryRow.endpoint_id.in_(endpoint_ids))
        .order_by(DeliveryRow.id.desc())
    )
    if state is not None:
        statement = statement.where(DeliveryRow.state == state)
    if before is not None:
        statement = statement.where(DeliveryRow.id < before)
    return [(row, message) for row, message in session.execute(statement.limit(limit))]


def delivery(session: Session, delivery_id: int, endpoint_ids: Collection[str]) -> Delivery | None:
    """A delivery to one of these endpoints."""
    statement = (
        select(DeliveryRow, MessageRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.endpoint_id.in_(endpoint_ids))
    )
    found = session.execute(statement).first()
    return (found[0], found[1]) if found else None


def count_by_state(session: Session) -> Mapping[DeliveryState, int]:
    counts = select(DeliveryRow.state, func.count().label("number")).group_by(DeliveryRow.state)
    return {row.state: row.number for row in session.execute(counts)}


def looked_at(session: Session) -> datetime | None:
    """When somebody looked for what nobody does; None: never."""
    return session.scalar(select(SenderRow.looked_at))


def forget_deliveries(session: Session, before: datetime) -> None:
    """Takes away what was done before an instant, and messages that nobody waits for."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.done_at < before))
    _forget_messages(session)


def _forget_messages(session: Session) -> None:
    session.execute(delete(MessageRow).where(MessageRow.id.not_in(select(DeliveryRow.message_id))))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        DeliveryRow.state == DeliveryState.WAITING,
        or_(DeliveryRow.next_at.is_(None), DeliveryRow.next_at <= now),
    )
