"""What the record says of visits that were assigned at once, and of work orders that came in."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from dispatch.commands.hand_records import Decision
from dispatch.domain.plan import Route
from dispatch.domain.work import Link, Visit, WorkOrder
from dispatch.store import queries_work
from dispatch.store.mapping_domain import visits_of, work_orders_of
from dispatch.store.mapping_life import link_of
from dispatch.store.rows_work import VisitRow


@dataclass(frozen=True, slots=True)
class ExchangePlace:
    """Where a visit went: as which of the visits of a shift, counted from 0."""

    visit_id: str
    shift_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """A change of the plan as other processes repeat it: visits taken out, then placed in order.

    ``routes`` are the visits of the routes that this made different, ``work_orders`` those of the
    visits that were placed.
    """

    out: tuple[str, ...]
    places: tuple[ExchangePlace, ...]
    routes: Mapping[str, tuple[str, ...]]
    work_orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    """What became different in the published plan when a visit was assigned at once.

    ``version`` and ``decided`` are those of ``hand_records.Decisions``. ``before`` are the routes
    as they were, ``after`` as they are. ``exchange`` is None if only loading the plan anew repeats
    it (crews).
    """

    version: int
    number: int
    decided: tuple[Decision, ...]
    before: tuple[Route, ...]
    after: tuple[Route, ...]
    exchange: Exchange | None


_AMENDMENT = TypeAdapter(Amendment)


def amendment_of(after: Mapping[str, Any] | None) -> Amendment:
    """The amendment that stands in a line of the audit trail."""
    return _AMENDMENT.validate_python(after)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A work order that came in, with its open visits and the links among them."""

    order: WorkOrder
    visits: tuple[Visit, ...]
    links: tuple[Link, ...]


def newcomers(session: Session, work_order_ids: Collection[str]) -> Iterator[Newcomer]:
    """Work orders as a plan can take them in: those that are open, and whose visits are not
    pinned, held or linked to others."""
    rows = queries_work.life_rows(session, work_order_ids)
    open_ids = {row["id"] for row in rows[VisitRow] if row["ended_at"] is None}
    if not open_ids:
        return
    bound = queries_work.bound_among(session, open_ids)
    links = [link_of(row) for row in queries_work.links_among(session, open_ids)]
    visits: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits_of(rows):
        if visit.id in open_ids:
            visits[visit.work_order_id].append(visit)
    for order in work_orders_of(rows):
        own = {visit.id for visit in visits[order.id]}
        ends = [(link, {link.first_visit_id, link.then_visit_id}) for link in links]
        tied = [(link, pair) for link, pair in ends if pair & own]
        if own and not own & bound and all(pair <= own for _, pair in tied):
            yield Newcomer(order, tuple(visits[order.id]), tuple(link for link, _ in tied))
