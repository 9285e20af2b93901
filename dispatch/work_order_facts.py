"""All that is on record of one work order, as people ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dispatch.commands.recording_errors import UnknownWorkOrderError
from dispatch.domain.after_service import Duty, duties
from dispatch.domain.attainment import ClockState, clock_records
from dispatch.domain.events import EmergencyPlan, Event, EventKind, Publication, Withdrawal
from dispatch.domain.life import Life, open_emergency, order_state, visit_state
from dispatch.domain.lifecycle import legal_kinds
from dispatch.domain.recorded import VisitTimes, visit_times, work_order_of
from dispatch.domain.transitions import State
from dispatch.domain.warranty import warranty_ends_on, warranty_event
from dispatch.domain.work import ClockKind, Ticket, Visit, WorkOrder
from dispatch.store import queries_work
from dispatch.store.mapping_life import Service, equipment_of, lives_of, ticket_of
from dispatch.store.service_kept import service_at


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit, what became of it, who was told last, and what may be recorded of it next."""

    visit: Visit
    state: State
    times: VisitTimes
    told: Publication | None
    legal: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """An SLA clock and what became of it."""

    kind: ClockKind
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState


@dataclass(frozen=True, slots=True)
class WarrantyFacts:
    """Whether a piece of equipment was in warranty when it was reported, and through which day it
    is; None: nothing is known of one."""

    equipment_id: str
    covered: bool
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class WithdrawnFact:
    """An event that was recorded by mistake: who said so, when and why."""

    event: Event
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WorkOrderFacts:
    """A work order as it stands. ``events`` are in their order, ``waiting`` take effect later,
    ``withdrawn`` never did."""

    work_order: WorkOrder
    state: State
    ticket: Ticket | None
    site: str
    customer: str
    warranty: WarrantyFacts | None
    emergency: EmergencyPlan | None
    clocks: tuple[ClockFacts, ...]
    visits: tuple[VisitFacts, ...]
    duties: tuple[Duty, ...]
    events: tuple[Event, ...]
    waiting: tuple[Event, ...]
    withdrawn: tuple[WithdrawnFact, ...]
    legal: tuple[EventKind, ...]


def work_order_facts(session: Session, work_order_id: str, now: datetime) -> WorkOrderFacts:
    """The facts of a work order at ``now``. Raises UnknownWorkOrderError and SchemaError."""
    lives = lives_of(queries_work.life_rows(session, (work_order_id,)))
    if not lives:
        raise UnknownWorkOrderError(work_order_id)
    return facts_of(session, lives[0], now)


def facts_of(session: Session, life: Life, now: datetime) -> WorkOrderFacts:
    """The facts of the work order with this life, which is that on record. Raises SchemaError."""
    order = work_order_of(life)
    service = service_at(session, order.site_id, now)
    site = service.snapshot.site[order.site_id]
    emergency = open_emergency(life)
    plan = emergency.details if emergency else None
    return WorkOrderFacts(
        work_order=order,
        state=order_state(life),
        ticket=ticket_of(queries_work.ticket_of(session, order.id)),
        site=site.name,
        customer=service.snapshot.customer[site.customer_id].name,
        warranty=_warranty(session, order, service),
        emergency=plan if isinstance(plan, EmergencyPlan) else None,
        clocks=tuple(
            ClockFacts(c.kind, c.due_at, c.stopped_at, c.state)
            for c in clock_records(service.snapshot, (life,))
        ),
        visits=tuple(_visit_facts(life, visit) for visit in life.visits),
        duties=duties(life, service.calendar, service.terms),
        events=life.events,
        waiting=life.waiting,
        withdrawn=tuple(_withdrawn(life)),
        legal=legal_kinds(life),
    )


def _withdrawn(life: Life) -> Iterator[WithdrawnFact]:
    """Of two who withdrew the same event the first one counts."""
    said = {
        e.details.event_id: e
        for e in reversed(life.withdrawals)
        if isinstance(e.details, Withdrawal)
    }
    for event in life.withdrawn:
        by = said[event.id]
        yield WithdrawnFact(event, by.by, by.happened_at, by.note)


def _warranty(session: Session, order: WorkOrder, service: Service) -> WarrantyFacts | None:
    """Of the equipment that the work order names, if it names one."""
    equipment = equipment_of(queries_work.equipment_of(session, order.id))
    if equipment is None:
        return None
    reported_on = order.reported_at.astimezone(service.zone).date()
    covered = warranty_event(equipment, reported_on, service.terms) is EventKind.IN_WARRANTY
    return WarrantyFacts(equipment.id, covered, warranty_ends_on(equipment, service.terms))


def _visit_facts(life: Life, visit: Visit) -> VisitFacts:
    told = [
        event.details
        for event in life.events
        if event.visit_id == visit.id and isinstance(event.details, Publication)
    ]
    return VisitFacts(
        visit=visit,
        state=visit_state(life, visit.id),
        times=visit_times(life, visit.id),
        told=told[-1] if told else None,
        legal=legal_kinds(life, visit_id=visit.id),
    )
