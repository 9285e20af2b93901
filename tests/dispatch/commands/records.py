"""A small organisation in a database, and facts about its work. The smallest example:

    with recorded(database) as record:
        record.ticket("W1")
        record.tell(E.ON_SITE_NEEDED, 10)

It is Monday as in ``tests.builders``: technicians T1 and T2 of station S1 work around site A, where
equipment E1 is in warranty and E2 is not. T1 has two cameras on the van. Work orders are answered
in 1 h, arrived at in 4 h, restored in 8 h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.commands.recording import Recorded, record
from dispatch.commands.tickets import NewTicket, Taken, VisitNeeds, take_ticket
from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.events import Details, Event
from dispatch.domain.events import EventKind as E
from dispatch.domain.life import Life
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import ShiftPattern
from dispatch.domain.places import Point
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.transitions import MOVES, Track
from dispatch.domain.work import ClockKind, Ticket
from dispatch.importing import import_organisation
from dispatch.store import queries_work
from dispatch.store.database import Database
from dispatch.store.mapping_life import gate_values, lives_of, order_values, visit_values
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import EventRow
from dispatch.store.rows_places import EquipmentRow
from dispatch.store.rows_work import GateRow, VisitRow, WorkOrderRow
from tests.builders import (
    ALWAYS,
    START_AT,
    TIME_ZONE,
    a_site,
    a_snapshot,
    a_station,
    a_technician,
)
from tests.dispatch.domain.lives import GIVEN

WORKDAYS = Calendar("work", TIME_ZONE, hours=(HourRange(time(8), time(17)),))
HOUR = 60


def minute(number: int) -> datetime:
    return START_AT + timedelta(minutes=number)


def an_organisation(**fields: Any) -> Organisation:  # noqa: ANN401
    snapshot = a_snapshot(visits=[])
    technicians = tuple(
        a_technician(name, shifts=(), van_stock=stock)
        for name, stock in (("T1", (PartQuantity("camera", 2),)), ("T2", ()))
    )
    lengths = {ClockKind.RESPOND: 1, ClockKind.ARRIVE: 4, ClockKind.RESTORE: 8}
    terms = tuple(ClockTerms(k, hours * 3600, ALWAYS.id) for k, hours in lengths.items())
    organisation = Organisation(
        id="test",
        name="Test",
        home_province="Liaoning",
        time_zone=TIME_ZONE,
        planning_at=START_AT,
        horizon_days=3,
        shift_calendar_id=WORKDAYS.id,
        stations=(a_station("S1"), a_station("S2", point=Point(43.0, 125.0), city="Far")),
        customers=snapshot.customers,
        sites=(a_site("A"), a_site("B")),
        parts=snapshot.parts,
        lots=(),
        technicians=technicians,
        shift_patterns=tuple(
            ShiftPattern(t.id, "workdays", time(8), time(17)) for t in technicians
        ),
        work_orders=(),
        visits=(),
        calendars=(ALWAYS, WORKDAYS),
        sla_rules=(SlaRule("all", clocks=terms),),
    )
    return replace(organisation, **fields)


def found(database: Database, organisation: Organisation | None = None) -> "Record":
    """The organisation and its equipment come into an empty database."""
    with database.writing() as session:
        import_organisation(session, organisation or an_organisation(), "importer", START_AT)
        for number, until in enumerate((date(2027, 1, 1), date(2020, 1, 1)), start=1):
            session.add(
                EquipmentRow(
                    id=f"E{number}",
                    site_id="A",
                    product="terminal",
                    warranty_until=until,
                    installed_on=None,
                )
            )
    return Record(database)


@dataclass
class Record:
    """Commands on a database; minute numbers count from the start of the horizon."""

    database: Database
    count: int = 0

    def ticket(self, number: str = "W1", at: int = 0, **fields: Any) -> Taken:  # noqa: ANN401
        """A ticket for E1 of one visit that needs nothing."""
        given = {"equipment_id": "E1", "visits": (VisitNeeds(),), **fields}
        ticket = Ticket(number, minute(at), "phone", "It is dark", "Wang")
        new = NewTicket(ticket, **given)
        return in_writing(
            self.database, lambda session: take_ticket(session, new, "desk", minute(at))
        )

    def event(
        self,
        kind: E,
        at: int,
        order: str = "W1",
        visit: str | None = None,
        details: Details | None = None,
        event_id: str | None = None,
    ) -> Event:
        """An event of the first visit, with the usual details, unless others are given."""
        self.count += 1
        of_visit = MOVES[kind].track is Track.VISIT
        return Event(
            id=event_id or f"{self.count:05}",
            kind=kind,
            work_order_id=order,
            happened_at=minute(at),
            recorded_at=minute(at),
            by="T1",
            visit_id=(visit or f"{order}-1") if of_visit else None,
            details=details or GIVEN.get(kind),
        )

    def send(self, event: Event, at: int | None = None, *, late: bool = False) -> Recorded:
        """Records the event when it happened, or ``at`` a later minute."""
        now = event.happened_at if at is None else minute(at)
        return in_writing(
            self.database, lambda session: record(session, event, event.by, now, late=late)
        )

    def tell(self, kind: E, at: int, **fields: Any) -> Recorded:  # noqa: ANN401
        return self.send(self.event(kind, at, **fields))

    def go(self, *kinds: E, order: str = "W1", start: int = 1) -> int:
        """Several events of the first visit, a minute apart; the minute of the next one."""
        for number, kind in enumerate(kinds):
            self.tell(kind, start + number, order=order)
        return start + len(kinds)

    def life(self, order: str = "W1") -> Life:
        with self.database.reading() as session:
            return lives_of(queries_work.life_rows(session, (order,)))[0]

    def row(self, order: str = "W1") -> WorkOrderRow:
        with self.database.reading() as session:
            row = session.get(WorkOrderRow, order)
            assert row is not None
            session.expunge(row)
            return row


PUBLISHED = (E.ON_SITE_NEEDED, E.PUBLISHED)
REPAIRED = (*PUBLISHED, E.DEPARTED, E.ARRIVED, E.FOUND, E.REPAIRED)


def assert_derived(session: Session) -> Sequence[Life]:
    """Every column that follows from events says what the events say."""
    ids = session.scalars(select(EventRow.work_order_id).distinct()).all()
    rows = queries_work.life_rows(session, ids)
    lives = lives_of(rows)
    orders = {row["id"]: row for row in rows[WorkOrderRow]}
    visits = {row["id"]: row for row in rows[VisitRow]}
    for life in lives:
        _assert_equal(orders[life.work_order.id], order_values(life))
        for visit in life.visits:
            _assert_equal(visits[visit.id], visit_values(life, visit.id))
        gates = [row for row in rows[GateRow] if row["work_order_id"] == life.work_order.id]
        assert [dict(gate) for gate in gates] == list(gate_values(life))
    return lives


def _assert_equal(row: Any, values: dict[str, Any]) -> None:  # noqa: ANN401
    assert {name: row[name] for name in values} == values
