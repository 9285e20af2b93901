"""Tickets become work orders, and emergencies get somebody who comes first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.commands.auditing import Line, note, note_all, once
from dispatch.commands.recording import follows_by_warranty, line_of_life, refuse_future
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
    add_link,
    add_lives,
    add_visit,
    equipment_of,
    lives_of,
    rows_by_order,
    ticket_of,
    write_life,
    write_stops,
)
from dispatch.store.queries import known_among, next_position, put
from dispatch.store.rows_parts import PartRow
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_work import TicketRow, VisitRow, WorkOrderRow
from dispatch.store.service_kept import kept_service, service_at

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


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A ticket that was taken in, and the life of its work order as it is now on record."""

    taken: Taken
    life: Life
    ticket: Ticket
    equipment: Equipment | None


def take_ticket(session: Session, new: NewTicket, by: str, at: datetime, reason: str = "") -> Taken:
    """Makes the work order of a ticket; the ticket's number is the key and the work order's id.

    Raises TicketError, FutureError and SchemaError.
    """
    intake = Intake(session, (new,), by, at, reason)
    made = intake.take(new)
    intake.write()
    return made.taken


class Intake:
    """Tickets taken in one after the other, and written at once."""

    def __init__(
        self, session: Session, news: Sequence[NewTicket], by: str, at: datetime, reason: str = ""
    ) -> None:
        """``news`` are all that will come. Raises SchemaError."""
        queries_plans.lock_plans(session)  # one at a time gives numbers to new things
        self._session, self._by, self._at, self._reason = session, by, at, reason
        self.service = kept_service(session)
        numbers = [new.ticket.number for new in news]
        self._orders = queries_work.orders_of_tickets(session, numbers)
        self._taken_ids = known_among(session, WorkOrderRow, numbers)
        needs = [visit for new in news for visit in new.visits]
        parts = {units.part_id for visit in needs for units in visit.parts}
        self._parts = known_among(session, PartRow, parts)
        wished = {v.wished_technician_id for v in needs if v.wished_technician_id is not None}
        self._technicians = known_among(session, TechnicianRow, wished)
        self._equipment = queries_work.equipment_among(
            session, {new.equipment_id for new in news if new.equipment_id is not None}
        )
        self._made: list[tuple[NewTicket, TakenIn, Life]] = []

    def take(self, new: NewTicket) -> TakenIn:
        """What a ticket comes to when all is written. Raises TicketError and FutureError."""
        known = self._orders.get(new.ticket.number)
        if known is not None:
            return self._again(known, new)
        equipment = self._equipment_of(new)
        order = self._work_order(new, equipment)
        reported = _reported(Life(order, self._visits(new, order)), new, self._by, self._at)
        life = self._diagnosis_skipped(reported, equipment) if new.skip_diagnosis else reported
        made = TakenIn(self._taken(life), life, new.ticket, equipment)
        self._made.append((new, made, reported))
        self._orders = {**self._orders, new.ticket.number: order.id}
        return made

    def write(self) -> None:
        """Puts on record what was taken in."""
        session, by, at = self._session, self._by, self._at
        put(session, TicketRow, [_fields_of(new.ticket) for new, _, _ in self._made])
        lives = [(made.life, new.ticket.number, new.equipment_id) for new, made, _ in self._made]
        add_lives(session, lives, at)
        note_all(session, (line for made in self._made for line in self._lines(*made)), by, at)

    def _lines(self, new: NewTicket, made: TakenIn, reported: Life) -> Iterator[Line]:
        if made.life is not reported:
            yield line_of_life("record", reported, made.life, "")
        number = new.ticket.number
        yield Line("take ticket", "work_order", number, self._reason, after=made.taken)

    def _again(self, work_order_id: str, new: NewTicket) -> TakenIn:
        """A ticket that is on record already; raises TicketError if it came with these."""
        made = next((m for _, m, _ in self._made if m.taken.work_order_id == work_order_id), None)
        if made is not None:
            raise number_taken(new.ticket.number)
        life = _life(self._session, work_order_id)
        ticket = ticket_of(queries_work.ticket_of(self._session, work_order_id))
        equipment = equipment_of(queries_work.equipment_of(self._session, work_order_id))
        return TakenIn(self._taken(life, again=True), life, ticket or new.ticket, equipment)

    def _equipment_of(self, new: NewTicket) -> Equipment | None:
        if new.equipment_id is None:
            return None
        equipment = equipment_of(self._equipment.get(new.equipment_id))
        if equipment is None:
            raise no_such(new.ticket.number, "equipment", "设备", new.equipment_id)
        return equipment

    def _work_order(self, new: NewTicket, equipment: Equipment | None) -> WorkOrder:
        number = new.ticket.number
        site_id = new.site_id or (equipment.site_id if equipment else None)
        product = new.product or (equipment.product if equipment else None)
        if site_id is None:
            raise place_unknown(number)
        if equipment is not None and site_id != equipment.site_id:
            raise other_site(number, equipment.id, equipment.site_id, site_id)
        if site_id not in self.service.sites:
            raise no_such(number, "site", "站点", site_id)
        if product is None:
            raise product_unknown(number)
        if number in self._taken_ids:
            raise number_taken(number)
        return WorkOrder(
            id=number,
            site_id=site_id,
            product=product,
            priority=new.priority,
            reported_at=new.ticket.received_at,
            description=new.ticket.text,
        )

    def _visits(self, new: NewTicket, order: WorkOrder) -> tuple[Visit, ...]:
        needs = new.visits or (self._usual_needs(order),)
        for wanted in needs:
            self._refuse_unknown(new.ticket.number, wanted)
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

    def _refuse_unknown(self, number: str, needs: VisitNeeds) -> None:
        for units in needs.parts:
            if units.part_id not in self._parts:
                raise no_such(number, "part", "备件", units.part_id)
        wished = needs.wished_technician_id
        if wished is not None and wished not in self._technicians:
            raise no_such(number, "technician", "技术员", wished)

    def _usual_needs(self, order: WorkOrder) -> VisitNeeds:
        """What the first visit of the product's last work order needed, but for its parts."""
        last = queries_work.last_order_of_product(self._session, order.product)
        lives = [] if last is None else [_life(self._session, last)]
        lives += [made.life for _, made, _ in self._made]
        alike = (life for life in lives if life.work_order.product == order.product)
        life = max(alike, key=lambda x: (x.work_order.reported_at, x.work_order.id), default=None)
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

    def _diagnosis_skipped(self, life: Life, equipment: Equipment | None) -> Life:
        """Nobody has to look from afar: the life with that, and with what follows at once."""
        kind = EventKind.DIAGNOSIS_SKIPPED
        (reported,) = life.events
        skipped = replace(reported, id=f"{life.work_order.id}/{kind}", kind=kind, details=None)
        life = step(life, skipped)
        service = self.service.at(life.work_order.site_id, skipped.recorded_at)
        return step(life, follows_by_warranty(life, skipped, equipment, service))

    def _taken(self, life: Life, *, again: bool = False) -> Taken:
        order = life.work_order
        alerted = None
        if order.priority is Priority.EMERGENCY:
            service = self.service.at(order.site_id, self._at)
            alerted = nearest_station(service.snapshot, order.site_id)
        return Taken(order.id, tuple(v.id for v in life.visits), life.order, again, alerted)


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


def _fields_of(ticket: Ticket) -> dict[str, str | datetime]:
    return {
        "number": ticket.number,
        "received_at": ticket.received_at,
        "channel": ticket.channel,
        "text": ticket.text,
        "contact": ticket.contact,
    }


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
