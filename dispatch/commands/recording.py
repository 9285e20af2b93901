"""Facts come in: what happened to a work order, and what follows from it at once.

``record`` is one fact, ``record_all`` those of many work orders that are true together or not at
all, ``open_emergencies`` what nobody has to report since the clock says it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.commands.announcing import Message, announce, messages_of
from dispatch.commands.auditing import note, once
from dispatch.commands.further_visits import add_follow_ups, without_dropped
from dispatch.commands.parts_of_visits import book_parts, free_parts
from dispatch.commands.recording_errors import (
    EventTakenError,
    FutureError,
    UnknownWorkOrderError,
    not_refused,
)
from dispatch.domain.errors import DispatchError
from dispatch.domain.escalation import escalations
from dispatch.domain.events import EmergencyReason, Event, EventKind
from dispatch.domain.life import Life, order_state, visit_state
from dispatch.domain.lifecycle import step
from dispatch.domain.places import Equipment
from dispatch.domain.transitions import FINISHED, OVER, State, Track
from dispatch.domain.warranty import warranty_event
from dispatch.store import queries_work
from dispatch.store.database import attempt
from dispatch.store.errors import GuardError, StoreError
from dispatch.store.mapping_life import (
    Service,
    equipment_of,
    event_values,
    lives_of,
    rows_by_order,
    service_of,
    write_life,
)
from dispatch.store.mapping_rows import TableRows
from dispatch.store.service_kept import service_at
from dispatch.texts import Text

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far the clock of whoever reports may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a fact.

    ``again``: it was on record already, and nothing changed. ``waits``: it takes effect once what
    must have come before it is known. ``follow_ups`` are visits that were added since others
    failed, ``emergencies`` what emergency plans were opened for. ``refused`` says why a fact from
    a phone was not taken in, or its parts were not booked; a person has to see to it.
    """

    event_id: str
    work_order_id: str
    state: State | None = None
    visit_state: State | None = None
    again: bool = False
    waits: bool = False
    follow_ups: tuple[str, ...] = ()
    emergencies: tuple[EmergencyReason, ...] = ()
    refused: Text | None = None


def record(
    session: Session, event: Event, by: str, at: datetime, *, late: bool = False, reason: str = ""
) -> Recorded:
    """Takes one fact in; ``event.id`` is the key: the same fact again changes nothing.

    ``event.by`` says who saw it, ``by`` who gives the command, as the audit trail names them.
    ``late`` is for what phones send: it may come in any order, and what cannot be taken in is kept
    for a person instead of being refused (``queries_work.refused_page``).

    Raises:
        UnknownWorkOrderError: there is no such work order.
        FutureError: it has not happened yet.
        LifeError, EventTakenError: see ``lifecycle.step``; the id is another work order's.
        StockError: the parts that were used are not where they should have been.
    """
    event = replace(event, recorded_at=at)
    if not late:
        return _recorded(session, event, by, at, late=False, reason=reason)
    kept = once(session, _key_of_refusal(event.id), queries_work.REFUSED, Recorded)
    try:
        with attempt(session):
            return _recorded(session, event, by, at, late=True, reason=reason)
    except DispatchError as error:
        if _is_of_the_database(error):
            raise
        return kept or _kept_for_a_person(session, event, error, by, at, event.id)


def record_all(
    session: Session, events: Iterable[Event], by: str, at: datetime
) -> Mapping[str, State]:
    """Takes facts of many work orders in, all or nothing; the states of these afterwards.

    For commands that have their own entry in the audit trail. Raises as ``record`` does.
    """
    told: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        refuse_future(event, at)
        told[event.work_order_id].append(replace(event, by=by, recorded_at=at))
    states = {}
    messages: list[Message] = []
    for rows, before in locked_lives(session, tuple(told)):
        life = before
        for event in told[life.work_order.id]:
            life = step(life, event)
        added = add_follow_ups(session, before, life)
        life = replace(life, visits=(*life.visits, *added))
        write_life(session, rows, life, at)
        states[life.work_order.id] = order_state(life)
        messages += messages_of(before, life)
    announce(session, messages)
    return states


def due_emergencies(session: Session, at: datetime) -> tuple[str, ...]:
    """The work orders of which an emergency plan is due by ``at``. Reads all open ones."""
    service = service_of(queries_work.service_rows(session), at)
    lives = (
        life
        for rows in queries_work.life_pages(session, queries_work.is_open())
        for life in lives_of(rows)
    )
    due = escalations(service.snapshot, lives, service.terms)
    return tuple(sorted({found.work_order_id for found in due}))


def open_emergencies(
    session: Session, by: str, at: datetime, among: Collection[str] | None = None
) -> tuple[Recorded, ...]:
    """Opens the emergency plans that are due by ``at``: no finding in time, not restored in time.

    Asked again, or by two at once, it opens none twice. ``among`` are the work orders to look at;
    ask ``due_emergencies`` for them before, so that others may write meanwhile.
    """
    wanted = due_emergencies(session, at) if among is None else among
    service = service_of(queries_work.service_rows(session), at)
    opened = []
    for rows, before in locked_lives(session, wanted):
        life, reason = _escalated(session, before, service, by, at)
        if reason is not None:
            write_life(session, rows, life, at)
            announce(session, tuple(messages_of(before, life)))
            note_life(session, "open emergency", before, life, by, at, "")
            order_id = life.work_order.id
            event_id = _emergency_id(before, reason)
            opened.append(Recorded(event_id, order_id, order_state(life), emergencies=(reason,)))
    return tuple(opened)


def settle(session: Session, event_id: str, by: str, at: datetime, reason: str) -> None:
    """A person has seen to a fact that was refused; ``reason`` says what was done about it.

    ``event_id`` is the ``id`` that ``queries_work.refused_page`` has. Raises RecordingError if
    nothing was refused under it.
    """
    if queries_work.refused(session, event_id) is None:
        raise not_refused(event_id)
    note(session, queries_work.SETTLED, "event", event_id, by, at, reason=reason)


# ----------------------------------------------------------------------------------- one fact


def _recorded(
    session: Session, event: Event, by: str, at: datetime, *, late: bool, reason: str
) -> Recorded:
    refuse_future(event, at)
    rows, before = next(locked_lives(session, (event.work_order_id,)))
    life = _stepped(session, before, event, late=late)
    if life is before:
        return replace(_outcome(life, event), again=True)
    life = _checked_for_warranty(session, life, event)
    life, emergency = _without_finding(session, before, life, event, at)
    refused = _book(session, life, event, by, at, late=late)
    life = without_dropped(session, life, event)
    added = add_follow_ups(session, before, life)
    life = replace(life, visits=(*life.visits, *added))
    write_life(session, rows, life, at)
    announce(session, tuple(messages_of(before, life)))
    free_parts(session, over_since(before, life), by, at)
    note_life(session, "record", before, life, by, at, reason or event.note)
    return replace(
        _outcome(life, event),
        follow_ups=tuple(visit.id for visit in added),
        emergencies=(emergency,) if emergency else (),
        refused=refused,
    )


def locked_lives(
    session: Session, work_order_ids: Collection[str]
) -> Iterator[tuple[TableRows, Life]]:
    """The lives of work orders, of which nobody else records anything meanwhile.

    Raises UnknownWorkOrderError.
    """
    found = set(queries_work.lock_work_orders(session, work_order_ids))
    for wanted in work_order_ids:
        if wanted not in found:
            raise UnknownWorkOrderError(wanted)
    rows = queries_work.life_rows(session, work_order_ids)
    own = rows_by_order(rows)
    for life in lives_of(rows):
        yield own[life.work_order.id], life


def _stepped(session: Session, life: Life, event: Event, *, late: bool = False) -> Life:
    """The life with the event; the same life if it is there. Raises EventTakenError, LifeError."""
    owner = queries_work.work_order_of_event(session, event.id)
    if owner not in (None, event.work_order_id):
        raise EventTakenError(event.id, owner)
    return step(life, event, late=late)


def refuse_future(event: Event, at: datetime) -> None:
    """Raises FutureError if the event has not happened by ``at``, give or take."""
    if event.happened_at > at + CLOCKS_DIFFER:
        raise FutureError(event, at)


def _outcome(life: Life, event: Event) -> Recorded:
    return Recorded(
        event_id=event.id,
        work_order_id=event.work_order_id,
        state=order_state(life),
        visit_state=visit_state(life, event.visit_id) if event.visit_id else None,
        waits=any(waiting.id == event.id for waiting in life.waiting),
    )


def note_life(
    session: Session,
    command: str,
    before: Life,
    after: Life,
    by: str,
    at: datetime,
    reason: str,
) -> None:
    """Leaves the line in the audit trail of events that were recorded."""
    known = {event.id for event in before.known}
    new = [event.id for event in after.known if event.id not in known]
    note(
        session,
        command,
        "work_order",
        after.work_order.id,
        by,
        at,
        reason=reason,
        before={"state": order_state(before)},
        after={"state": order_state(after), "events": new},
    )


# ----------------------------------------------------------------------------- what follows


def _checked_for_warranty(session: Session, life: Life, event: Event) -> Life:
    """Once it is clear that somebody has to come, whether the customer has to accept a quote."""
    if life.order is not State.DIAGNOSED:
        return life
    equipment = equipment_of(queries_work.equipment_of(session, life.work_order.id))
    service = service_at(session, life.work_order.site_id, event.recorded_at)
    return _stepped(session, life, follows_by_warranty(life, event, equipment, service))


def follows_by_warranty(
    life: Life, event: Event, equipment: Equipment | None, service: Service
) -> Event:
    """What follows an event by which somebody has to come: whether a quote is needed.

    By its id it is withdrawn with that event.
    """
    reported_on = life.work_order.reported_at.astimezone(service.zone).date()
    kind = warranty_event(equipment, reported_on, service.terms)
    return replace(event, id=f"{event.id}/{kind}", kind=kind, visit_id=None, details=None, note="")


def _without_finding(
    session: Session, before: Life, life: Life, event: Event, at: datetime
) -> tuple[Life, EmergencyReason | None]:
    """A technician who finds nothing needs help at once, by the later of the two clocks."""
    known = {e.id for e in before.events}
    if not any(e.kind is EventKind.NO_FINDING and e.id not in known for e in life.events):
        return life, None
    now = max(at, event.happened_at)
    service = service_at(session, life.work_order.site_id, now)
    return _escalated(session, life, service, event.by, now)


def _escalated(
    session: Session, life: Life, service: Service, by: str, at: datetime
) -> tuple[Life, EmergencyReason | None]:
    """The life with the emergency plan that is due, for the oldest reason; and which that is."""
    due = escalations(service.snapshot, [life], service.terms)
    if not due:
        return life, None
    order_id, plan = life.work_order.id, due[0].plan
    opened = Event(
        id=_emergency_id(life, plan.reason),
        kind=EventKind.EMERGENCY_OPENED,
        work_order_id=order_id,
        happened_at=at,
        recorded_at=at,
        by=by,
        details=plan,
    )
    return _stepped(session, life, opened), plan.reason


def _emergency_id(life: Life, reason: EmergencyReason) -> str:
    """Of its own for each plan: once for each reason, but for plans that were withdrawn."""
    first = f"{life.work_order.id}/emergency/{reason}"
    withdrawn = sum(event.id.startswith(first) for event in life.withdrawn)
    return f"{first}/{withdrawn + 1}" if withdrawn else first


def _book(
    session: Session, life: Life, event: Event, by: str, at: datetime, *, late: bool
) -> Text | None:
    """Takes what was built in out of stock; why not, if a phone says what stock does not know."""
    if not late:
        book_parts(session, life, event, by, at)
        return None
    try:
        with attempt(session):
            book_parts(session, life, event, by, at)
    except DispatchError as error:
        if _is_of_the_database(error):
            raise
        return _kept_for_a_person(session, event, error, by, at, f"{event.id}/parts").refused
    return None


def over_since(before: Life, after: Life) -> list[str]:
    """The visits that are over now and were not: nobody needs their parts any more."""
    return [
        visit.id
        for visit in before.visits
        if is_over(after, visit.id) and not is_over(before, visit.id)
    ]


def is_over(life: Life, visit_id: str) -> bool:
    """Whether nothing more is to be done at a visit."""
    return life.order in OVER or life.on(Track.VISIT, visit_id) in FINISHED


# --------------------------------------------------------------------------- what was refused


def _key_of_refusal(subject_id: str) -> str:
    return f"{queries_work.REFUSED} {subject_id}"


def _is_of_the_database(error: DispatchError) -> bool:
    """Whether the fact may be good: the database is away, busy or full."""
    return isinstance(error, StoreError) and not isinstance(error, GuardError)


def _kept_for_a_person(
    session: Session, event: Event, error: DispatchError, by: str, at: datetime, subject_id: str
) -> Recorded:
    """Keeps what a phone sent and why it was refused, so that nothing is lost silently."""
    why = Text(error.message_en, error.message_zh)
    outcome = Recorded(event.id, event.work_order_id, refused=why)
    note(
        session,
        queries_work.REFUSED,
        "event",
        subject_id,
        by,
        at,
        after={"event": event_values(event), "en": why.en, "zh": why.zh},
        outcome=outcome,
        key=_key_of_refusal(subject_id),
    )
    return outcome
