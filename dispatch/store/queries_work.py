"""Queries about work orders and what happened to them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from dispatch.domain.events import EventKind
from dispatch.store.base import Row
from dispatch.store.mapping_rows import TableRows
from dispatch.store.queries import fetched, in_order, rows_by, rows_in
from dispatch.store.rows_log import AuditRow, EventRow, SignatureRow
from dispatch.store.rows_places import (
    CustomerRow,
    EquipmentRow,
    OrganisationRow,
    SiteRow,
    StationRow,
)
from dispatch.store.rows_plans import CommitmentRow, CommitmentTechnicianRow
from dispatch.store.rows_terms import (
    CalendarDayRow,
    CalendarHoursRow,
    CalendarRow,
    PolicyRow,
    SlaClockRow,
    SlaRuleRow,
    SpeedBandRow,
    TravelRow,
)
from dispatch.store.rows_work import (
    GateRow,
    HeldSlotRow,
    LinkRow,
    PartNeedRow,
    PinRow,
    SkillNeedRow,
    TicketRow,
    ToolNeedRow,
    VisitRow,
    VisitWindowRow,
    WorkOrderRow,
)

REFUSED = "refuse event"
"""The command of audit entries that keep what a phone sent and the record could not take in."""
SETTLED = "settle event"
"""The command of audit entries that say what a person did about it."""

_PAGE = 500
_AFTERWARDS = timedelta(days=60)
"""How long after its end a work order may still ask for a call, or have a clock that is due."""

_SERVICE: tuple[type[Row], ...] = (
    OrganisationRow,
    CalendarRow,
    CalendarHoursRow,
    CalendarDayRow,
    SlaRuleRow,
    SlaClockRow,
    PolicyRow,
    StationRow,
    CustomerRow,
)
_OF_LIVES: tuple[type[Row], ...] = (
    WorkOrderRow,
    GateRow,
    VisitRow,
    EventRow,
    VisitWindowRow,
    SkillNeedRow,
    PartNeedRow,
    ToolNeedRow,
)
_TOLD: tuple[type[Row], ...] = (CommitmentRow, CommitmentTechnicianRow)
_IDS = "ids"
_THOSE: BindParameter[Any] = bindparam(_IDS, expanding=True)
_OF: BindParameter[str] = bindparam("of")
_LOCKED_ORDERS = (
    select(WorkOrderRow.id)
    .where(WorkOrderRow.id.in_(_THOSE))
    .order_by(WorkOrderRow.id)
    .with_for_update(key_share=True)
)
_LINKS_AMONG = (
    select(LinkRow)
    .where(LinkRow.first_visit_id.in_(_THOSE) | LinkRow.then_visit_id.in_(_THOSE))
    .order_by(LinkRow.position)
)
_OPEN_VISITS = (
    select(VisitRow)
    .where(VisitRow.work_order_id == _OF, VisitRow.ended_at.is_(None))
    .order_by(VisitRow.position)
    .execution_options(populate_existing=True)
)
_ORDER_OF_TICKET = select(WorkOrderRow.id).where(WorkOrderRow.ticket_number == _OF)
_TICKET = (
    select(TicketRow)
    .join(WorkOrderRow, WorkOrderRow.ticket_number == TicketRow.number)
    .where(WorkOrderRow.id == _OF)
)
_EQUIPMENT = (
    select(EquipmentRow)
    .join(WorkOrderRow, WorkOrderRow.equipment_id == EquipmentRow.id)
    .where(WorkOrderRow.id == _OF)
)
# Statements that are asked for every request are built once: that takes longer than the asking.


def service_rows(
    session: Session, site_ids: Collection[str] | None = None, *, travel: bool = False
) -> TableRows:
    """What SLA clocks and duties are counted by; of the sites only those wanted, if not all.

    ``travel``: with what says how far it is from anywhere to them.
    """
    wanted = None if site_ids is None else SiteRow.id.in_(site_ids)
    tables = (*_SERVICE, *((SpeedBandRow, TravelRow) if travel else ()))
    return {
        **{table: rows_in(session, table) for table in tables},
        SiteRow: rows_in(session, SiteRow, wanted),
    }


def lock_work_orders(session: Session, work_order_ids: Collection[str]) -> Sequence[str]:
    """Those of the work orders that exist; nobody else records anything of them until the commit.

    Locked in the order of their ids, so that two who lock several never wait for each other.
    """
    return session.scalars(_LOCKED_ORDERS, {_IDS: list(work_order_ids)}).all()


def life_rows(session: Session, work_order_ids: Collection[str]) -> TableRows:
    """All that the lives of some work orders are made of."""
    rows = {table: _of_those(session, table, work_order_ids) for table in _OF_LIVES}
    told = {row["work_order_id"] for row in rows[EventRow]}
    # What people were told stands in events, but for work orders that tables brought.
    silent = [order_id for order_id in work_order_ids if order_id not in told]
    return rows | {table: _of_those(session, table, silent) for table in _TOLD}


def _of_those(
    session: Session, table: type[Row], work_order_ids: Collection[str]
) -> list[Mapping[str, Any]]:
    ids = {_IDS: list(work_order_ids)}
    return fetched(session, _of_orders(table), ids) if work_order_ids else []


@cache
def _of_orders(table: type[Row]) -> Select[Any]:
    """The rows of a table that are about some work orders."""
    columns = table.__table__.c
    if table is WorkOrderRow:
        return in_order(table).where(columns.id.in_(_THOSE))
    if "work_order_id" in columns:
        return in_order(table).where(columns.work_order_id.in_(_THOSE))
    visits = select(VisitRow.id).where(VisitRow.work_order_id.in_(_THOSE))
    return in_order(table).where(columns.visit_id.in_(visits))


def is_bound(session: Session, visit_ids: Collection[str]) -> bool:
    """Whether one of the visits is pinned, or has a window held for it."""
    return any(rows_by(session, table, visit_id=visit_ids) for table in (PinRow, HeldSlotRow))


def links_among(session: Session, visit_ids: Collection[str]) -> Sequence[LinkRow]:
    """The links of visits, to each other or to others."""
    return session.scalars(_LINKS_AMONG, {_IDS: list(visit_ids)}).all()


def open_visits_of(session: Session, work_order_id: str) -> Sequence[VisitRow]:
    """The visits of a work order that are not over, in their order."""
    return session.scalars(_OPEN_VISITS, {"of": work_order_id}).all()


def every_work_order() -> ColumnElement[bool]:
    """All work orders are wanted."""
    return true()


def life_pages(session: Session, wanted: ColumnElement[bool]) -> Iterator[TableRows]:
    """``life_rows`` of all work orders that are wanted, some hundred at a time."""
    after = ""
    while True:
        ids = session.scalars(
            select(WorkOrderRow.id)
            .where(wanted, WorkOrderRow.id > after)
            .order_by(WorkOrderRow.id)
            .limit(_PAGE)
        ).all()
        if not ids:
            return
        yield life_rows(session, ids)
        after = ids[-1]


def life_pages_of(session: Session, work_order_ids: Sequence[str]) -> Iterator[TableRows]:
    """``life_rows`` of these work orders, some hundred at a time."""
    for first in range(0, len(work_order_ids), _PAGE):
        yield life_rows(session, work_order_ids[first : first + _PAGE])


def event_counts(session: Session, wanted: ColumnElement[bool]) -> dict[str, int]:
    """How many events each work order has that is wanted, by id."""
    statement = (
        select(WorkOrderRow.id, func.count(EventRow.id))
        .outerjoin(EventRow, EventRow.work_order_id == WorkOrderRow.id)
        .where(wanted)
        .group_by(WorkOrderRow.id)
        .order_by(WorkOrderRow.id)
    )
    return dict(session.execute(statement).all())


def is_open() -> ColumnElement[bool]:
    """Work orders of which something is to be done."""
    return WorkOrderRow.closed_at.is_(None)


def is_from_tables() -> ColumnElement[bool]:
    """Work orders that files may still change, since no event of them is on record."""
    return WorkOrderRow.id.not_in(select(EventRow.work_order_id))


def may_have_duties(now: datetime) -> ColumnElement[bool]:
    """Work orders that are open, or were until lately, or have a complaint that is not closed,
    or of which something was withdrawn, which may have been just that."""
    received, closed = aliased(EventRow), aliased(EventRow)
    signed = case((closed.kind == EventKind.WITHDRAWN, -1), else_=1)
    settled = (
        select(func.coalesce(func.sum(signed), 0))
        .where(
            closed.work_order_id == received.work_order_id,
            closed.kind.in_((EventKind.COMPLAINT_CLOSED, EventKind.WITHDRAWN)),
        )
        .scalar_subquery()
    )
    complaints = (
        select(received.work_order_id)
        .where(received.kind == EventKind.COMPLAINT_RECEIVED)
        .group_by(received.work_order_id)
        .having(func.count() > settled)
    )
    return or_(
        is_open(), WorkOrderRow.closed_at >= now - _AFTERWARDS, WorkOrderRow.id.in_(complaints)
    )


def may_count_between(
    start: datetime, end: datetime, afterwards: timedelta = _AFTERWARDS
) -> ColumnElement[bool]:
    """Work orders of which something may count in that time: clocks may be due ``afterwards``,
    so long after the end, and complaints come at any time."""
    complaints = select(EventRow.work_order_id).where(
        EventRow.kind == EventKind.COMPLAINT_RECEIVED,
        EventRow.happened_at >= start,
        EventRow.happened_at < end,
    )
    return and_(
        WorkOrderRow.reported_at < end,
        or_(
            is_open(),
            WorkOrderRow.closed_at >= start - afterwards,
            WorkOrderRow.id.in_(complaints),
        ),
    )


def equipment_of(session: Session, work_order_id: str) -> EquipmentRow | None:
    found: EquipmentRow | None = session.scalar(_EQUIPMENT, {"of": work_order_id})
    return found


def work_order_of_event(session: Session, event_id: str) -> str | None:
    """Whose the event is; None if there is none with this id."""
    return session.scalar(select(EventRow.work_order_id).where(EventRow.id == event_id))


def orders_of(session: Session, visit_ids: Collection[str]) -> Mapping[str, str]:
    """The work orders of visits."""
    rows = select(VisitRow.id, VisitRow.work_order_id).where(VisitRow.id.in_(visit_ids))
    return dict(session.execute(rows).all())


def signature_rows(session: Session, digests: Collection[str]) -> Sequence[SignatureRow]:
    return session.scalars(select(SignatureRow).where(SignatureRow.digest.in_(digests))).all()


def event_row(session: Session, event_id: str) -> EventRow | None:
    return session.get(EventRow, event_id)


def visit_ids_like(session: Session, visit_id: str) -> Sequence[str]:
    """The ids of visits that begin with this one."""
    return session.scalars(
        select(VisitRow.id).where(VisitRow.id.startswith(visit_id, autoescape=True))
    ).all()


def links_of(session: Session, visit_id: str) -> Sequence[LinkRow]:
    """What depends on a visit, and what it depends on."""
    touching = or_(LinkRow.first_visit_id == visit_id, LinkRow.then_visit_id == visit_id)
    return session.scalars(select(LinkRow).where(touching).order_by(LinkRow.position)).all()


def order_of_ticket(session: Session, number: str) -> str | None:
    """The work order that was born from a ticket."""
    found: str | None = session.scalar(_ORDER_OF_TICKET, {"of": number})
    return found


def last_order_of_product(session: Session, product: str, but_for: str) -> str | None:
    """The work order of a product that was reported last, but for one."""
    return session.scalar(
        select(WorkOrderRow.id)
        .where(WorkOrderRow.product == product, WorkOrderRow.id != but_for)
        .order_by(WorkOrderRow.reported_at.desc(), WorkOrderRow.id.desc())
        .limit(1)
    )


def ticket_of(session: Session, work_order_id: str) -> TicketRow | None:
    """The ticket that a work order was born from."""
    found: TicketRow | None = session.scalar(_TICKET, {"of": work_order_id})
    return found


def work_order_page(
    session: Session, state: str | None = None, after: str = "", limit: int = 50
) -> Sequence[WorkOrderRow]:
    """Work orders by id, those behind ``after``; in a state, or in any."""
    statement = select(WorkOrderRow).where(WorkOrderRow.id > after)
    if state is not None:
        statement = statement.where(WorkOrderRow.state == state)
    return session.scalars(statement.order_by(WorkOrderRow.id).limit(limit)).all()


def work_orders_by_state(session: Session) -> Mapping[str, int]:
    """How many work orders are in each state."""
    counts = select(WorkOrderRow.state, func.count()).group_by(WorkOrderRow.state)
    return dict(session.execute(counts).all())


def refused_page(
    session: Session, after: int = 0, limit: int | None = 50
) -> Sequence[tuple[int, dict[str, Any]]]:
    """Facts that were refused and that nobody has seen to yet, by number: what was kept of each.

    ``id`` of what was kept is what to settle: of the fact, or of its parts that were not booked.
    One that could be taken in later, under the same id, needs nobody any more. ``limit`` None: all.
    """
    other = aliased(AuditRow)
    settled = select(other.id).where(
        other.command == SETTLED, other.subject_id == AuditRow.subject_id
    )
    taken_in = select(EventRow.id).where(EventRow.id == AuditRow.subject_id)
    statement = (
        select(AuditRow.id, AuditRow.subject_id, AuditRow.after)
        .where(
            AuditRow.command == REFUSED,
            AuditRow.id > after,
            ~settled.exists(),
            ~taken_in.exists(),
        )
        .order_by(AuditRow.id)
        .limit(limit)
    )
    return [
        (number, {**(kept or {}), "id": subject_id})
        for number, subject_id, kept in session.execute(statement)
    ]


def refused(session: Session, subject_id: str) -> Mapping[str, Any] | None:
    """The fact that was refused under this id, settled by now or not, as it was kept."""
    subject = (AuditRow.subject_kind == "event") & (AuditRow.subject_id == subject_id)
    found = select(AuditRow.after).where(subject, AuditRow.command == REFUSED)
    kept = session.scalar(found.limit(1))
    return kept["event"] if kept else None
