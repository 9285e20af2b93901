"""Tickets become work orders, and emergencies get somebody who comes first."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import note, once
from dispatch.commands.recording import follows_by_warranty, note_life, refuse_future
from dispatch.commands.recording_errors import (
    UnknownWorkOrderError,
    contained_already,
    no_station,
    no_such,
    nothing_to_contain,
    number_taken,
    other_site,
    place_unknown,
    product_unknown,
)
from dispatch.domain.events import Event, EventKind, Expectation
from dispatch.domain.further_visits import CONTAINMENT, containment_of, root_of
from dispatch.domain.life import Life
from dispatch.domain.lifecycle import step
from dispatch.domain.parts import PartQuantity
from dispatch.domain.places import Equipment
from dispatch.domain.transitions import OVER, State, Track
from dispatch.domain.work import (
    ClockKind,
    Priority,
    SkillNeed,
    Ticket,
    Visit,
    Window,
    WorkOrder,
)
from dispatch.nearest import nearest_station
from dispatch.store import queries_plans, queries_work
from dispatch.store.mapping_life import (
    add_life,
    add_link,
    add_visit,
    equipment_of,
    lives_of,
    rows_by_order,
    write_life,
    write_stops,
)
from dispatch.store.queries import next_position, put
from dispatch.store.rows_parts import PartRow
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import EquipmentRow, SiteRow
from dispatch.store.rows_work import TicketRow, VisitRow, WorkOrderRow
from dispatch.store.service_kept import service_at

_USUAL_DURATION_S = 3600
_FIRST_VISIT = "{}-{}"


@dataclass(frozen=True, slots=True)
class VisitNeeds:
    """What a visit is to be like."""

    duration_s: int = _USUAL_DURATION_S
    skills: tuple[SkillNeed, ...] = ()
    parts: tuple[PartQuantity, ...] = ()
    tools: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    run_in_s: int = 0
    crew_size: int = 1
    wished_technician_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket, and what is known of the work that it asks for.

    One of ``equipment_id`` and ``site_id`` is there; ``product`` follows from the equipment.
    Without ``visits`` there is one like that of the product's last work order, but for its parts,
    or of an hour. ``diagnosed_by`` is when the remote diagnosis is expected to be done;
    ``skip_diagnosis``: somebody has to come in any case.
    """

    ticket: Ticket
    site_id: str | None = None
    equipment_id: str | None = None
    product: str | None = None
    priority: Priority = Priority.NORMAL
    visits: tuple[VisitNeeds, ...] = ()
    diagnosed_by: datetime | None = None
    skip_diagnosis: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The work order of a ticket; ``again``: it was there already, and nothing changed.

    ``alerted_station_id`` is the station nearest to an emergency.
    """

    work_order_id: str
    visit_ids: tuple[str, ...]
    state: State
    again: bool = False
    alerted_station_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contained:
    """A visit that contains the fault before the repair, and the station that is to do it."""

    visit_id: str
    repair_visit_id: str
    station_id: str


def take_ticket(session: Session, new: NewTicket, by: str, at: datetime, reason: str = "") -> Taken:
    """Makes the work order of a ticket; the ticket's number is the key and the work order's id.

    Raises TicketError, FutureError and SchemaError.
    """
    return take_in(session, new, by, at, reason)[0]


def take_in(
    session: Session, new: NewTicket, by: str, at: datetime, reason: str = ""
) -> tuple[Taken, Life]:
    """What ``take_ticket`` does, and the life of the work order as it is now on record."""
    queries_plans.lock_plans(session)  # one at a time gives numbers to new things
    number = new.ticket.number
    known = queries_work.order_of_ticket(session, number)
    if known is not None:
        life = _life(session, known)
        return _taken(session, life, at, again=True), life
    equipment = _equipment(session, new)
    order = _work_order(session, new, equipment)
    reported = _reported(Life(order, _visits(session, new, order)), new, by, at)
    life = _diagnosis_skipped(session, reported, equipment) if new.skip_diagnosis else reported
    put(session, TicketRow, [_fields_of(new.ticket)])
    add_life(session, life, at, number, new.equipment_id)
    if life is not reported:
        note_life(session, "record", reported, life, by, at, "")
    taken = _taken(session, life, at)
    note(session, "take ticket", "work_order", order.id, by, at, reason=reason, after=taken)
    return taken, life


def contain(
    session: Session,
    work_order_id: str,
    by: str,
    at: datetime,
    reason: str = "",
    key: str | None = None,
) -> Contained:
    """Sends somebody of the nearest station first, to contain the fault before the repair.

    Raises RecordingError if there is no repair to come, or somebody comes first already.
    """
    done = once(session, key, "contain", Contained)
    if done is not None:
        return done
    if not queries_work.lock_work_orders(session, (work_order_id,)):
        raise UnknownWorkOrderError(work_order_id)
    life = _life(session, work_order_id)
    repair = _repair_to_come(life)
    service = service_at(session, life.work_order.site_id, at)
    station_id = nearest_station(service.snapshot, life.work_order.site_id)
    if station_id is None:
        raise no_station(repair)
    taken = queries_work.visit_ids_like(session, root_of(repair.id, CONTAINMENT))
    made = containment_of(repair, service.terms, taken)
    add_visit(session, made.visit, next_position(session, VisitRow))
    add_link(session, made.link)
    write_stops(session, made.repair)
    rows = queries_work.life_rows(session, (work_order_id,))
    write_life(session, rows_by_order(rows)[work_order_id], lives_of(rows)[0], at)
    outcome = Contained(made.visit.id, repair.id, station_id)
    note(
        session,
        "contain",
        "work_order",
        work_order_id,
        by,
        at,
        reason=reason,
        after=outcome,
        outcome=outcome,
        key=key,
    )
    return outcome


# --------------------------------------------------------------------------------- a new ticket


def _work_order(session: Session, new: NewTicket, equipment: Equipment | None) -> WorkOrder:
    number = new.ticket.number
    site_id = new.site_id or (equipment.site_id if equipment else None)
    product = new.product or (equipment.product if equipment else None)
    if site_id is None:
        raise place_unknown(number)
    if equipment is not None and site_id != equipment.site_id:
        raise other_site(number, equipment.id, equipment.site_id, site_id)
    if session.get(SiteRow, site_id) is None:
        raise no_such(number, "site", "站点", site_id)
    if product is None:
        raise product_unknown(number)
    if session.get(WorkOrderRow, number) is not None:
        raise number_taken(number)
    return WorkOrder(
        id=number,
        site_id=site_id,
        product=product,
        priority=new.priority,
        reported_at=new.ticket.received_at,
        description=new.ticket.text,
    )


def _equipment(session: Session, new: NewTicket) -> Equipment | None:
    if new.equipment_id is None:
        return None
    equipment = equipment_of(session.get(EquipmentRow, new.equipment_id))
    if equipment is None:
        raise no_such(new.ticket.number, "equipment", "设备", new.equipment_id)
    return equipment


def _fields_of(ticket: Ticket) -> dict[str, str | datetime]:
    return {
        "number": ticket.number,
        "received_at": ticket.received_at,
        "channel": ticket.channel,
        "text": ticket.text,
        "contact": ticket.contact,
    }


def _visits(session: Session, new: NewTicket, order: WorkOrder) -> tuple[Visit, ...]:
    needs = new.visits or (_usual_needs(session, order.product, order.id),)
    for wanted in needs:
        _refuse_unknown(session, new.ticket.number, wanted)
    return tuple(
        Visit(
            id=_FIRST_VISIT.format(order.id, count),
            work_order_id=order.id,
            duration_s=wanted.duration_s,
            skills=wanted.skills,
            parts=wanted.parts,
            tools=wanted.tools,
            windows=wanted.windows,
            run_in_s=wanted.run_in_s,
            crew_size=wanted.crew_size,
            wished_technician_id=wanted.wished_technician_id,
        )
        for count, wanted in enumerate(needs, start=1)
    )


def _refuse_unknown(session: Session, number: str, needs: VisitNeeds) -> None:
    for units in needs.parts:
        if session.get(PartRow, units.part_id) is None:
            raise no_such(number, "part", "备件", units.part_id)
    wished = needs.wished_technician_id
    if wished is not None and session.get(TechnicianRow, wished) is None:
        raise no_such(number, "technician", "技术员", wished)


def _usual_needs(session: Session, product: str, but_for: str) -> VisitNeeds:
    """What the first visit of the product's last work order needed, but for its parts."""
    last = queries_work.last_order_of_product(session, product, but_for)
    life = _life(session, last) if last is not None else None
    if life is None or not life.visits:
        return VisitNeeds()
    visit = life.visits[0]
    return VisitNeeds(
        duration_s=visit.duration_s,
        skills=visit.skills,
        tools=visit.tools,
        run_in_s=visit.run_in_s,
        crew_size=visit.crew_size,
    )


def _reported(blank: Life, new: NewTicket, by: str, at: datetime) -> Life:
    order = blank.work_order
    reported = Event(
        id=f"{order.id}/{EventKind.REPORTED}",
        kind=EventKind.REPORTED,
        work_order_id=order.id,
        happened_at=order.reported_at,
        recorded_at=at,
        by=by,
        details=Expectation(new.diagnosed_by),
    )
    refuse_future(reported, at)
    return step(blank, reported)


def _diagnosis_skipped(session: Session, life: Life, equipment: Equipment | None) -> Life:
    """Nobody has to look from afar: the life with that, and with what follows at once."""
    kind = EventKind.DIAGNOSIS_SKIPPED
    (reported,) = life.events
    skipped = replace(reported, id=f"{life.work_order.id}/{kind}", kind=kind, details=None)
    life = step(life, skipped)
    service = service_at(session, life.work_order.site_id, skipped.recorded_at)
    return step(life, follows_by_warranty(life, skipped, equipment, service))


def _taken(session: Session, life: Life, at: datetime, *, again: bool = False) -> Taken:
    order = life.work_order
    alerted = None
    if order.priority is Priority.EMERGENCY:
        alerted = nearest_station(service_at(session, order.site_id, at).snapshot, order.site_id)
    return Taken(order.id, tuple(v.id for v in life.visits), life.order, again, alerted)


# --------------------------------------------------------------------------------------- pieces


def _life(session: Session, work_order_id: str) -> Life:
    return lives_of(queries_work.life_rows(session, (work_order_id,)))[0]


def _repair_to_come(life: Life) -> Visit:
    waiting = [
        visit
        for visit in life.visits
        if ClockKind.RESTORE in visit.stops
        and life.on(Track.VISIT, visit.id) in (State.OPEN, State.PUBLISHED)
    ]
    if not waiting or life.order in (State.SOLVED, *OVER):
        raise nothing_to_contain(life.work_order.id)
    if ClockKind.ARRIVE not in waiting[0].stops:
        raise contained_already(waiting[0])
    return waiting[0]
