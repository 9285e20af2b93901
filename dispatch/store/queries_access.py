"""Queries about callers of the API, and which rows a caller sees.

The conditions are for lists and for single things alike: what they leave out is not there for the
caller.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from dispatch.domain.access import OF_ONE_TECHNICIAN, Grant
from dispatch.store.queries_stock import Place
from dispatch.store.rows_access import AnswerRow, ApiKeyRow
from dispatch.store.rows_parts import BalanceRow, ReservationRow
from dispatch.store.rows_people import TechnicianRow, TerritoryCoverRow
from dispatch.store.rows_places import CustomerRow, SiteRow, StationRow
from dispatch.store.rows_plans import CommitmentTechnicianRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow

_ANSWERED = select(AnswerRow.id).where(AnswerRow.id.in_(bindparam("ids", expanding=True)))
_NAMED = func.unnest(bindparam("ids", type_=ARRAY(Text))).table_valued("id")
_LOCKED_ANSWERS = select(func.pg_advisory_xact_lock(func.hashtextextended(_NAMED.c.id, 0)))
_ORDER = select(WorkOrderRow.id).where(WorkOrderRow.id == bindparam("of"))

# ------------------------------------------------------------------------------- keys and answers


def key_by_hash(session: Session, key_hash: str) -> ApiKeyRow | None:
    return session.scalar(select(ApiKeyRow).where(ApiKeyRow.key_hash == key_hash))


def key_row(session: Session, key_id: str) -> ApiKeyRow | None:
    return session.get(ApiKeyRow, key_id, with_for_update=True)


def all_keys(session: Session) -> Sequence[ApiKeyRow]:
    """Every key, revoked ones too, as they were made."""
    return session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.id)).all()


def has_keys(session: Session) -> bool:
    """Whether any key is good for calls."""
    valid = select(ApiKeyRow.id).where(ApiKeyRow.revoked_at.is_(None))
    return session.scalar(valid.limit(1)) is not None


def answer_row(session: Session, answer_id: str) -> AnswerRow | None:
    """What was answered; two who ask for the same wait for each other here."""
    if session.get_bind().dialect.name == "postgresql":
        # In SQLite the writer is alone anyway.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(answer_id, 0))))
    return session.get(AnswerRow, answer_id)


def answered_among(session: Session, answer_ids: Collection[str]) -> frozenset[str]:
    """Those of some calls that were answered; who asks for one of them meanwhile waits."""
    ids = sorted(answer_ids)  # all lock them in one order
    if not ids:
        return frozenset()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCKED_ANSWERS, {"ids": ids})
    return frozenset(session.scalars(_ANSWERED, {"ids": ids}))


def forget_answers(session: Session, before: datetime) -> None:
    """Takes away what was answered before an instant."""
    session.execute(delete(AnswerRow).where(AnswerRow.answered_at < before))


# ---------------------------------------------------------------------------------- what is seen


def sites_seen(grant: Grant) -> ColumnElement[bool]:
    if grant.role in OF_ONE_TECHNICIAN:
        orders = select(WorkOrderRow.site_id).where(work_orders_seen(grant))
        return SiteRow.id.in_(orders)
    return SiteRow.territory.in_(grant.territories) if grant.territories else true()


def work_orders_seen(grant: Grant) -> ColumnElement[bool]:
    if grant.role in OF_ONE_TECHNICIAN:
        own = select(VisitRow.work_order_id).where(VisitRow.id.in_(_own_visits(grant)))
        return WorkOrderRow.id.in_(own)
    if not grant.territories:
        return true()
    return WorkOrderRow.site_id.in_(select(SiteRow.id).where(sites_seen(grant)))


def visits_seen(grant: Grant) -> ColumnElement[bool]:
    if grant.role in OF_ONE_TECHNICIAN:
        return VisitRow.id.in_(_own_visits(grant))
    if not grant.territories:
        return true()
    return VisitRow.work_order_id.in_(select(WorkOrderRow.id).where(work_orders_seen(grant)))


def technicians_seen(grant: Grant) -> ColumnElement[bool]:
    """Those who cover one of the territories, as primary or as backup."""
    if grant.role in OF_ONE_TECHNICIAN:
        return TechnicianRow.id == grant.technician_id
    if not grant.territories:
        return true()
    cover = TerritoryCoverRow.territory.in_(grant.territories)
    return TechnicianRow.id.in_(select(TerritoryCoverRow.technician_id).where(cover))


def stations_seen(grant: Grant) -> ColumnElement[bool]:
    """The bases of the technicians who are seen."""
    if not grant.is_limited:
        return true()
    return StationRow.id.in_(select(TechnicianRow.station_id).where(technicians_seen(grant)))


def customers_seen(grant: Grant) -> ColumnElement[bool]:
    if not grant.is_limited:
        return true()
    return CustomerRow.id.in_(select(SiteRow.customer_id).where(sites_seen(grant)))


def balances_seen(grant: Grant) -> ColumnElement[bool]:
    """What is at the stations and on the vans that are seen."""
    if not grant.is_limited:
        return true()
    return or_(
        BalanceRow.station_id.in_(select(StationRow.id).where(stations_seen(grant))),
        BalanceRow.technician_id.in_(select(TechnicianRow.id).where(technicians_seen(grant))),
    )


def sees_place(session: Session, grant: Grant, place: Place) -> bool:
    statement: Select[str]
    if place.station_id is not None:
        seen = stations_seen(grant)
        statement = select(StationRow.id).where(StationRow.id == place.station_id, seen)
    else:
        seen = technicians_seen(grant)
        statement = select(TechnicianRow.id).where(TechnicianRow.id == place.technician_id, seen)
    return session.scalar(statement) is not None


def sees_site(session: Session, grant: Grant, site_id: str) -> bool:
    known = select(SiteRow.id).where(SiteRow.id == site_id, sites_seen(grant))
    return session.scalar(known) is not None


def sees_work_order(session: Session, grant: Grant, work_order_id: str) -> bool:
    known = _ORDER.where(work_orders_seen(grant)) if grant.is_limited else _ORDER
    return session.scalar(known, {"of": work_order_id}) is not None


def sees_visit(session: Session, grant: Grant, visit_id: str) -> bool:
    known = select(VisitRow.id).where(VisitRow.id == visit_id, visits_seen(grant))
    return session.scalar(known) is not None


def sees_reservation(session: Session, grant: Grant, reservation_id: str) -> bool:
    visits = select(VisitRow.id).where(visits_seen(grant))
    known = select(ReservationRow.id)
    known = known.where(ReservationRow.id == reservation_id, ReservationRow.visit_id.in_(visits))
    return session.scalar(known) is not None


def sees_technician(session: Session, grant: Grant, technician_id: str) -> bool:
    known = select(TechnicianRow.id)
    known = known.where(TechnicianRow.id == technician_id, technicians_seen(grant))
    return session.scalar(known) is not None


def _own_visits(grant: Grant) -> Select[str]:
    own = CommitmentTechnicianRow.technician_id == grant.technician_id
    return select(CommitmentTechnicianRow.visit_id).where(own)
