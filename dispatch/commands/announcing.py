"""Others are told: messages are written in the transaction in which something happens."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_jsonable_python
from sqlalchemy import insert
from sqlalchemy.orm import Session

from dispatch.domain.attainment import ClockRecord
from dispatch.domain.events import EmergencyPlan, Event, EventKind, Publication
from dispatch.domain.life import Life
from dispatch.domain.messages import CLOCK_KINDS, DeliveryState, MessageKind
from dispatch.store import queries_out
from dispatch.store.queries_out import Told
from dispatch.store.rows_out import DeliveryRow, EndpointRow, MessageRow, ToldClockRow
from dispatch.work_lists import WorkLists

_ID_BYTES = 16
_TELLS = (EventKind.PUBLISHED, EventKind.UNPUBLISHED)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell; ``site_id`` is where it happened, None: everywhere."""

    kind: MessageKind
    happened_at: datetime
    site_id: str | None
    data: Mapping[str, object]


def announce(session: Session, messages: Collection[Message]) -> None:
    """Writes messages for all endpoints that want them; nothing where nobody does."""
    if not messages:
        return
    wanting = queries_out.endpoints_in_use(session, locked=True)
    if not wanting:
        return
    territories = _territories(session, wanting, messages)
    new: list[Mapping[str, object]] = []
    deliveries: list[Mapping[str, object]] = []
    for message in messages:
        goes_to = [e for e in wanting if _is_wanted(e, message, territories)]
        if goes_to:
            message_id = f"msg_{secrets.token_hex(_ID_BYTES)}"
            new.append(_row(message_id, message))
            deliveries += [_delivery(endpoint.id, message_id) for endpoint in goes_to]
    if new:
        session.execute(insert(MessageRow), new)
        session.execute(insert(DeliveryRow), deliveries)


def messages_of(before: Life, after: Life) -> Iterator[Message]:
    """What others are told of the events that took effect between two states of a life."""
    known = {event.id for event in before.events}
    told = {e.visit_id: e for e in before.events if e.kind in _TELLS}
    site_id = after.work_order.site_id
    for event in after.events:
        if event.id not in known:
            if event.kind in _TELLS:
                yield _of_assignment(event, told.get(event.visit_id), site_id)
                told[event.visit_id] = event
            elif event.kind is EventKind.EMERGENCY_OPENED:
                yield _of_emergency(event, site_id)


def message_of_withdrawal(event: Event, withdrawal: Event, site_id: str) -> Message:
    """What others are told of an event that was recorded by mistake."""
    data = {
        "work_order_id": event.work_order_id,
        "visit_id": event.visit_id,
        "site_id": site_id,
        "event_id": event.id,
        "event": event.kind,
        "happened_at": event.happened_at,
        "by": withdrawal.by,
        "why": withdrawal.note,
    }
    return Message(MessageKind.EVENT_WITHDRAWN, withdrawal.happened_at, site_id, data)


def message_of_plan(
    version: int, replaced: int | None, visits_changed: int, at: datetime
) -> Message:
    data = {"version": version, "replaced": replaced, "visits_changed": visits_changed}
    return Message(MessageKind.PLAN_PUBLISHED, at, None, data)


def clocks_to_tell(session: Session, lists: WorkLists) -> Mapping[Told, ClockRecord]:
    """The clocks at risk and broken that nobody was told of, of those that somebody wants to hear.

    What was broken before the first of them was there is old: nobody is told.
    """
    wanting = queries_out.endpoints_in_use(session)
    since = {
        kind: min((e.created_at for e in wanting if kind in e.kinds), default=None)
        for kind in CLOCK_KINDS
    }
    known = queries_out.told_clocks(session)
    found: dict[Told, ClockRecord] = {}
    if since[MessageKind.CLOCK_AT_RISK] is not None:
        at_risk = MessageKind.CLOCK_AT_RISK
        found |= {(r.work_order_id, r.kind, at_risk): r for r in lists.at_risk}
    broken_since = since[MessageKind.CLOCK_BROKEN]
    if broken_since is not None:
        broken = MessageKind.CLOCK_BROKEN
        found |= {
            (r.work_order_id, r.kind, broken): r for r in lists.broken if r.due_at >= broken_since
        }
    return {told: record for told, record in found.items() if told not in known}


def tell_of_clocks(session: Session, clocks: Mapping[Told, ClockRecord], at: datetime) -> None:
    """Tells of clocks, once: the database refuses to a second one who does the same.

    Raises GuardError.
    """
    if not clocks:
        return
    rows = [{"work_order_id": o, "clock": clock, "kind": kind} for o, clock, kind in clocks]
    session.execute(insert(ToldClockRow), rows)
    sites = queries_out.sites_of(session, {order for order, _, _ in clocks})
    announce(
        session,
        [
            Message(
                kind,
                at,
                sites[order_id],
                {
                    "work_order_id": order_id,
                    "site_id": sites[order_id],
                    "clock": clock,
                    "due_at": record.due_at,
                },
            )
            for (order_id, clock, kind), record in clocks.items()
        ],
    )


def _of_assignment(event: Event, last: Event | None, site_id: str) -> Message:
    new = event.details if isinstance(event.details, Publication) else None
    old = last.details if last and isinstance(last.details, Publication) else None
    if event.kind is EventKind.UNPUBLISHED or new is None:
        kind, new = MessageKind.ASSIGNMENT_WITHDRAWN, None
    else:
        kind = MessageKind.ASSIGNMENT_CHANGED if old else MessageKind.ASSIGNMENT_MADE
    data = {
        "work_order_id": event.work_order_id,
        "visit_id": event.visit_id,
        "site_id": site_id,
        "assignment": new,
        "before": old,
    }
    return Message(kind, event.happened_at, site_id, data)


def _of_emergency(event: Event, site_id: str) -> Message:
    plan = event.details if isinstance(event.details, EmergencyPlan) else EmergencyPlan()
    data = {
        "work_order_id": event.work_order_id,
        "site_id": site_id,
        "reason": plan.reason,
        "measures": plan.measures,
    }
    return Message(MessageKind.EMERGENCY_OPENED, event.happened_at, site_id, data)


def _territories(
    session: Session, wanting: Sequence[EndpointRow], messages: Iterable[Message]
) -> Mapping[str, str]:
    """The territories of the sites that messages are about, if that makes a difference."""
    if not any(endpoint.territories for endpoint in wanting):
        return {}
    sites = {message.site_id for message in messages if message.site_id is not None}
    return queries_out.territories_of(session, sites)


def _is_wanted(endpoint: EndpointRow, message: Message, territories: Mapping[str, str]) -> bool:
    if message.kind not in endpoint.kinds:
        return False
    if not endpoint.territories or message.site_id is None:
        return True
    return territories[message.site_id] in endpoint.territories


def _row(message_id: str, message: Message) -> Mapping[str, object]:
    return {
        "id": message_id,
        "kind": message.kind,
        "happened_at": message.happened_at,
        "data": to_jsonable_python(message.data),
    }


def _delivery(endpoint_id: str, message_id: str) -> Mapping[str, object]:
    state = DeliveryState.WAITING
    return {"endpoint_id": endpoint_id, "message_id": message_id, "state": state}
