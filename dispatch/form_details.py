"""What the record knows of visits for their work order forms."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.domain.cost import running_clocks
from dispatch.domain.events import EventKind, Quote, SignOff
from dispatch.domain.life import Life
from dispatch.domain.places import Equipment
from dispatch.domain.recorded import work_order_of
from dispatch.domain.warranty import warranty_event
from dispatch.exchange.work_order_form import FormDetails, IssuedPart, SentQuote, SignedOff
from dispatch.judged import JudgedPlan
from dispatch.signatures import pictures
from dispatch.store import queries_reports, queries_work
from dispatch.store.mapping_life import Service, equipment_of, lives_of, service_of, ticket_of
from dispatch.store.rows_parts import MovementKind

_ANSWERS = {EventKind.QUOTE_ACCEPTED: True, EventKind.QUOTE_REFUSED: False}


def form_details(
    session: Session, visit_ids: Collection[str], now: datetime
) -> Mapping[str, FormDetails]:
    """Ticket, equipment, warranty, issued parts and quote of visits, by visit.

    Raises SchemaError.
    """
    service = service_of(queries_work.service_rows(session, ()), now)
    issued = _issued(session, visit_ids)
    rows = queries_reports.form_rows(session, visit_ids)
    lives = lives_of(queries_work.life_rows(session, {order.id for _, order, _, _ in rows}))
    quotes = {life.work_order.id: _quote(life) for life in lives}
    signed = _signed(session, lives)
    return {
        visit_id: FormDetails(
            ticket=ticket_of(ticket),
            equipment=equipment_of(equipment),
            in_warranty=_in_warranty(equipment_of(equipment), order.reported_at, service),
            issued=issued.get(visit_id, ()),
            quote=quotes[order.id],
            signed=signed.get(visit_id),
        )
        for visit_id, order, ticket, equipment in rows
    }


def _quote(life: Life) -> SentQuote | None:
    """The last quote, and what the customer said to it."""
    sent = None
    for event in life.events:
        if isinstance(event.details, Quote):
            sent = SentQuote(event.details.amount_fen)
        elif sent is not None and event.kind in _ANSWERS:
            sent = replace(sent, accepted=_ANSWERS[event.kind])
    return sent


def _signed(session: Session, lives: Iterable[Life]) -> Mapping[str, SignedOff]:
    """Who signed visits off."""
    offs = [
        (event, event.details)
        for life in lives
        for event in life.events
        if isinstance(event.details, SignOff)
    ]
    known = pictures(session, {off.signature for _, off in offs if off.signature is not None})
    return {
        event.visit_id or "": SignedOff(
            off.signed_by, event.happened_at, known.get(off.signature or "")
        )
        for event, off in offs
    }


def with_visit(session: Session, judged: JudgedPlan, visit_id: str) -> JudgedPlan:
    """The plan with a visit that is not in it any more, so that its form can be printed.

    It is not planned there; where nothing is known of it the plan stays as it is.
    """
    orders = queries_work.orders_of(session, (visit_id,))
    if visit_id in judged.snapshot.visit or not orders:
        return judged
    (life,) = lives_of(queries_work.life_rows(session, tuple(orders.values())))
    order = work_order_of(life)
    snapshot = judged.snapshot
    others = tuple(o for o in snapshot.work_orders if o.id != order.id)
    changed = replace(
        snapshot,
        work_orders=(*others, order),
        visits=(*snapshot.visits, life.visit[visit_id]),
    )
    verdict = replace(judged.verdict, clocks=running_clocks(changed))
    return JudgedPlan(changed, judged.plan, verdict)


def _in_warranty(
    equipment: Equipment | None, reported_at: datetime, service: Service
) -> bool | None:
    if equipment is None:
        return None
    reported_on = reported_at.astimezone(service.zone).date()
    return warranty_event(equipment, reported_on, service.terms) is EventKind.IN_WARRANTY


def _issued(session: Session, visit_ids: Collection[str]) -> Mapping[str, tuple[IssuedPart, ...]]:
    """What was issued to each visit; where nobody issued anything, what it used."""
    moves = queries_reports.issues_to(session, visit_ids)
    serials: dict[int, list[str]] = defaultdict(list)
    for movement, serial in queries_reports.serials_moved(session, [m[0] for m in moves]):
        serials[movement].append(serial)
    found: dict[str, dict[MovementKind, list[IssuedPart]]] = defaultdict(lambda: defaultdict(list))
    for number, visit_id, kind, part_id, lot_id, quantity in moves:
        part = IssuedPart(part_id, quantity, lot_id, tuple(serials[number]))
        found[visit_id][kind].append(part)
    return {
        visit_id: tuple(of_kind[MovementKind.ISSUE] or of_kind[MovementKind.CONSUME])
        for visit_id, of_kind in found.items()
    }
