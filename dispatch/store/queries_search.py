"""Things found by words that stand in their ids, names or texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select
from sqlalchemy.orm import Session

from dispatch.domain.access import Grant
from dispatch.store import queries_access
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import CustomerRow, SiteRow
from dispatch.store.rows_work import TicketRow, VisitRow, WorkOrderRow


@dataclass(frozen=True, slots=True)
class Found:
    """A thing: ``kind`` is work_order, visit, technician, site or customer. ``text`` says what it
    is, ``place_id`` at which site; ``state`` is there for work orders and visits, ``address`` for
    sites."""

    kind: str
    id: str
    text: str
    place_id: str | None = None
    work_order_id: str | None = None
    state: str | None = None
    address: str | None = None


def found(session: Session, grant: Grant, words: Sequence[str], most: int) -> Iterator[Found]:
    """What a caller sees that has all the words, whatever their order, large or small; of each
    kind ``most``. Sites that are called so come first."""
    for statement in _statements(grant, words):
        for row in session.execute(statement.limit(most)):
            yield Found(*row)


def _statements(grant: Grant, words: Sequence[str]) -> Iterator[Select[*tuple[Any, ...]]]:
    order, site = WorkOrderRow, SiteRow
    of_order = (order.id, order.ticket_number, order.description, TicketRow.text, site.name)
    yield (
        select(_kind("work_order"), order.id, site.name, site.id, order.id, order.state)
        .join(site, site.id == order.site_id)
        .outerjoin(TicketRow, TicketRow.number == order.ticket_number)
        .where(queries_access.work_orders_seen(grant), _has(words, *of_order))
        .order_by(order.closed_at.is_not(None), order.id)
    )
    yield (
        select(_kind("visit"), VisitRow.id, site.name, site.id, order.id, VisitRow.state)
        .join(order, order.id == VisitRow.work_order_id)
        .join(site, site.id == order.site_id)
        .where(queries_access.visits_seen(grant), _has(words, VisitRow.id))
        .order_by(VisitRow.ended_at.is_not(None), VisitRow.id)
    )
    yield (
        select(_kind("technician"), TechnicianRow.id, TechnicianRow.name)
        .where(
            queries_access.technicians_seen(grant),
            _has(words, TechnicianRow.id, TechnicianRow.name),
        )
        .order_by(TechnicianRow.id)
    )
    yield (
        select(
            _kind("site"),
            site.id,
            site.name,
            site.id,
            null(),
            null(),
            # Many an address begins with the city.
            case(
                (site.address.startswith(site.city), site.address),
                else_=site.city + " " + site.address,
            ),
        )
        .join(CustomerRow, CustomerRow.id == site.customer_id)
        .where(
            queries_access.sites_seen(grant),
            _has(words, site.id, site.name, site.city, site.address, CustomerRow.name),
        )
        .order_by(*_first(site.name, words), site.id)
    )
    yield (
        select(_kind("customer"), CustomerRow.id, CustomerRow.name)
        .where(queries_access.customers_seen(grant), _has(words, CustomerRow.id, CustomerRow.name))
        .order_by(CustomerRow.id)
    )


def _first(name: Any, words: Sequence[str]) -> tuple[ColumnElement[Any], ...]:  # noqa: ANN401
    """Sorts by how well a name fits what was typed: beginning so, having it, the shortest first."""
    typed = " ".join(words)
    begins, has = (f(typed, autoescape=True) for f in (name.istartswith, name.icontains))
    return ~begins, ~has, func.length(name)


def _kind(name: str) -> ColumnElement[str]:
    return literal(name)


def _has(words: Sequence[str], *columns: Any) -> ColumnElement[bool]:  # noqa: ANN401 - of text
    """Each word stands in one of the columns."""
    return and_(*(or_(*(c.icontains(word, autoescape=True) for c in columns)) for word in words))
