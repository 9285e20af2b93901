"""The lives of work orders in the database: from rows to events and lives, and back.

Events are what is on record. The other columns that a life has (states, instants, gates) follow
from them and are written anew with every event.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_core import to_jsonable_python
from sqlalchemy import Update, bindparam, delete, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from dispatch.domain.calendars import Calendar
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import DETAILS, Details, Event, EventKind
from dispatch.domain.life import Life, open_emergency, order_state, visit_state
from dispatch.domain.lifecycle import life_of
from dispatch.domain.opening import opening_events
from dispatch.domain.places import Equipment
from dispatch.domain.recorded import ended_at, visit_times, work_order_of
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.transitions import State
from dispatch.domain.work import Link, Ticket, Visit
from dispatch.horizon import snapshot_of
from dispatch.store.base import Row
from dispatch.store.errors import no_organisation
from dispatch.store.mapping_domain import (
    commitments_of,
    organisation_of,
    visits_of,
    work_orders_of,
)
from dispatch.store.mapping_rows import TableRows, Values
from dispatch.store.queries import next_position, put, table_of
from dispatch.store.rows_log import EventRow
from dispatch.store.rows_places import EquipmentRow, OrganisationRow
from dispatch.store.rows_work import (
    GateRow,
    LinkRow,
    PartNeedRow,
    SkillNeedRow,
    TicketRow,
    ToolNeedRow,
    VisitRow,
    VisitWindowRow,
    WorkOrderRow,
)

# Of a model the dataclasses within take over that it knows all fields.
_DETAILS = {
    kind: create_model("Told", __config__=ConfigDict(extra="forbid"), details=(details, ...))
    for kind, details in DETAILS.items()
}
_FOLLOWING: Mapping[type[Row], str] = {
    WorkOrderRow: "id",
    VisitRow: "work_order_id",
    GateRow: "work_order_id",
    EventRow: "work_order_id",
}
"""The tables of which columns follow from events, and which column says whose a row is."""
_CHANGED = "changed_id"
_FROM_TABLES = "import"
"""Who says the events that stand behind a work order which came from tables."""


class DetailsError(DispatchError):
    """Details that are not those of the kind of event."""


# ------------------------------------------------------------------------------------- events


def event_of(row: Values) -> Event:
    """The event of a row."""
    return Event(
        id=row["id"],
        kind=row["kind"],
        work_order_id=row["work_order_id"],
        happened_at=row["happened_at"],
        recorded_at=row["recorded_at"],
        by=row["recorded_by"],
        visit_id=row["visit_id"],
        details=details_of(row["kind"], row["details"]),
        note=row["note"],
    )


def event_values(event: Event) -> dict[str, Any]:
    """The row of an event."""
    return {
        "id": event.id,
        "kind": event.kind,
        "work_order_id": event.work_order_id,
        "visit_id": event.visit_id,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "recorded_by": event.by,
        "details": None if event.details is None else to_jsonable_python(event.details),
        "note": event.note,
    }


def details_of(kind: EventKind, values: Mapping[str, Any] | None) -> Details | None:
    """The details of an event of a kind, by their names. Raises DetailsError."""
    if kind not in _DETAILS:
        if values:
            raise _wrong(kind, ", ".join(values), "-")
        return None
    try:
        told = _DETAILS[kind].model_validate({"details": dict(values or {})})
    except ValidationError as error:
        _, *wrong = error.errors()[0]["loc"]
        known = ", ".join(field.name for field in fields(DETAILS[kind]))
        raise _wrong(kind, ".".join(map(str, wrong)), known) from error
    details: Details = vars(told)["details"]
    return details


def _wrong(kind: EventKind, wrong: str, known: str) -> DetailsError:
    return DetailsError(
        f"The event {kind.value!r} has wrong or missing details: {wrong}. It tells: {known}.",
        f"事件 {kind.value!r} 的详情有误或缺失：{wrong}。应填写：{known}。",
    )


# -------------------------------------------------------------------------------------- lives


@dataclass(frozen=True, slots=True)
class Service:
    """What lives are judged by. ``calendar`` says what working days are."""

    snapshot: Snapshot
    terms: ServiceTerms
    calendar: Calendar

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.snapshot.time_zone)


def service_of(
    rows: TableRows, now: datetime, from_day: date | None = None, days: int | None = None
) -> Service:
    """The organisation's terms, places and calendars at ``now``.

    Technicians, if the rows have any, with their shifts of ``days`` from ``from_day`` on. Raises
    SchemaError, and HorizonError as ``snapshot_of``.
    """
    if not rows[OrganisationRow]:
        raise no_organisation()
    known = organisation_of(defaultdict(list, rows))
    snapshot = snapshot_of(replace(known, planning_at=now), from_day, days)
    calendar = next(c for c in known.calendars if c.id == known.shift_calendar_id)
    current = replace(snapshot, now_at=now)
    return Service(current, ServiceTerms(**rows[OrganisationRow][0]["service_terms"]), calendar)


def lives_of(rows: TableRows) -> tuple[Life, ...]:
    """The lives of the work orders in the rows.

    A work order from a table has no events yet: it lives by those that stand behind the table.
    """
    visits = _grouped(visits_of(rows))
    events = defaultdict(list)
    for row in rows[EventRow]:
        events[row["work_order_id"]].append(event_of(row))
    told = {commitment.visit_id: commitment for commitment in commitments_of(rows)}
    lives = []
    for order in work_orders_of(rows):
        own = visits[order.id]
        # Told as early as can be, so that whatever is recorded of the visits comes later.
        told_at = order.reported_at
        known = events[order.id] or opening_events(order, own, told, told_at, _FROM_TABLES)
        lives.append(life_of(order, own, known))
    return tuple(lives)


def _grouped(visits: Iterable[Visit]) -> Mapping[str, list[Visit]]:
    groups: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        groups[visit.work_order_id].append(visit)
    return groups


def rows_by_order(rows: TableRows) -> Mapping[str, TableRows]:
    """The rows that follow from events, by work order."""
    own: dict[str, dict[type[Row], list[Values]]] = defaultdict(lambda: defaultdict(list))
    for table, key in _FOLLOWING.items():
        for row in rows[table]:
            own[row[key]][table].append(row)
    return own


def write_life(session: Session, rows: TableRows, life: Life, at: datetime) -> None:
    """Records at ``at`` the events that are not in the rows yet, and makes true what follows.

    ``rows`` are those of ``rows_by_order``.
    """
    order_id = life.work_order.id
    known = {row["id"] for row in rows[EventRow]}
    new = [
        event_values(replace(event, recorded_at=at))
        for event in life.known
        if event.id not in known
    ]
    put(session, EventRow, new)
    _update(session, WorkOrderRow, rows[WorkOrderRow][0], order_values(life))
    for row in rows[VisitRow]:
        _update(session, VisitRow, row, visit_values(life, row["id"]))
    gates = list(gate_values(life))
    if gates != list(map(dict, rows[GateRow])):
        session.execute(delete(GateRow).where(GateRow.work_order_id == order_id))
        put(session, GateRow, gates)


def write_states(session: Session, rows: TableRows) -> None:
    """The states of work orders from tables and of their visits, without any event on record."""
    own = rows_by_order(rows)
    for life in lives_of(rows):
        known = own[life.work_order.id]
        _update(session, WorkOrderRow, known[WorkOrderRow][0], {"state": order_state(life).value})
        for row in known[VisitRow]:
            state = visit_state(life, row["id"]).value
            _update(session, VisitRow, row, {"state": state})


def order_values(life: Life) -> dict[str, Any]:
    """The columns of a work order that follow from its events."""
    order, emergency = work_order_of(life), open_emergency(life)
    return {
        "state": order_state(life).value,
        "reported_at": order.reported_at,
        "responded_at": order.responded_at,
        "arrived_at": order.arrived_at,
        "restored_at": order.restored_at,
        "emergency_at": emergency.happened_at if emergency else None,
        "closed_at": ended_at(life),
    }


def visit_values(life: Life, visit_id: str) -> dict[str, Any]:
    """The columns of a visit that follow from events; solved remotely, nobody comes any more."""
    times = visit_times(life, visit_id)
    solved_at = work_order_of(life).restored_at if life.order is State.SOLVED else None
    return {
        "state": visit_state(life, visit_id).value,
        "started_at": times.started_at,
        "repaired_at": times.repaired_at,
        "ended_at": times.ended_at or solved_at,
    }


def gate_values(life: Life) -> Iterator[dict[str, Any]]:
    """The rows of the gates that events opened and passed."""
    for position, gate in enumerate(work_order_of(life).gates):
        own = {f.name: getattr(gate, f.name) for f in fields(gate)}
        yield {"work_order_id": life.work_order.id, "position": position} | own


def _update(
    session: Session, table: type[WorkOrderRow | VisitRow], row: Values, values: dict[str, Any]
) -> None:
    if any(row[name] != value for name, value in values.items()):
        session.execute(_change_of(table), {**values, _CHANGED: row["id"]})
        known = session.identity_map.get(identity_key(table, row["id"]))
        if known is not None:
            session.expire(known)


@cache
def _change_of(table: type[WorkOrderRow | VisitRow]) -> Update:
    changed = table_of(table)
    return update(changed).where(changed.c.id == bindparam(_CHANGED))


# ------------------------------------------------------------------------- work that is added


def add_life(
    session: Session, life: Life, at: datetime, ticket_number: str, equipment_id: str | None
) -> None:
    """Adds a new work order with its visits and events, all as it stands, recorded at ``at``."""
    order = life.work_order
    names = ("id", "site_id", "product", "priority", "description")
    own = {name: getattr(order, name) for name in names} | order_values(life)
    own |= {"ticket_number": ticket_number, "equipment_id": equipment_id}
    put(session, WorkOrderRow, [own | {"position": next_position(session, WorkOrderRow)}])
    first = next_position(session, VisitRow)
    rows = [
        _visit_row(visit, position, None) | visit_values(life, visit.id)
        for position, visit in enumerate(life.visits, first)
    ]
    put(session, VisitRow, rows)
    _put_needs(session, life.visits)
    put(session, EventRow, [event_values(replace(event, recorded_at=at)) for event in life.known])
    put(session, GateRow, list(gate_values(life)))


def add_visit(session: Session, visit: Visit, position: int, follows: str | None = None) -> None:
    """Adds a visit and all that it needs; ``follows`` is the failed one that it makes good."""
    put(session, VisitRow, [_visit_row(visit, position, follows)])
    _put_needs(session, (visit,))


def _visit_row(visit: Visit, position: int, follows: str | None) -> dict[str, Any]:
    names = ("id", "work_order_id", "duration_s", "release_at", "run_in_s", "crew_size")
    own = {name: getattr(visit, name) for name in names}
    return own | {
        "wished_technician_id": visit.wished_technician_id,
        "stops": list(visit.stops),
        "follows_visit_id": follows,
        "position": position,
    }


def _put_needs(session: Session, visits: Iterable[Visit]) -> None:
    rows: dict[type[Row], list[dict[str, Any]]] = defaultdict(list)
    for visit in visits:
        for table, needs in _needs_of(visit).items():
            for position, need in enumerate(needs):
                rows[table].append({"visit_id": visit.id, "position": position} | need)
    for table, found in rows.items():
        put(session, table, found)


def _needs_of(visit: Visit) -> Mapping[type[Row], Sequence[dict[str, Any]]]:
    return {
        VisitWindowRow: [{"open_at": w.open_at, "close_at": w.close_at} for w in visit.windows],
        SkillNeedRow: [{"skill": need.skill, "level": need.level} for need in visit.skills],
        PartNeedRow: [{"part_id": p.part_id, "quantity": p.quantity} for p in visit.parts],
        ToolNeedRow: [{"tool": tool} for tool in visit.tools],
    }


def add_link(session: Session, link: Link) -> None:
    """Adds a link between visits that are there."""
    own = {f.name: getattr(link, f.name) for f in fields(Link)}
    session.add(LinkRow(**own, position=next_position(session, LinkRow)))
    session.flush()


def link_of(row: LinkRow) -> Link:
    """The link of a row."""
    return Link(**{f.name: getattr(row, f.name) for f in fields(Link)})


def write_stops(session: Session, visit: Visit) -> None:
    """Makes the clocks that a visit stops those that it has now."""
    stops = list(visit.stops)
    session.execute(update(VisitRow).where(VisitRow.id == visit.id).values(stops=stops))


def equipment_of(row: EquipmentRow | None) -> Equipment | None:
    """The equipment of a row, if there is one."""
    if row is None:
        return None
    return Equipment(**{f.name: getattr(row, f.name) for f in fields(Equipment)})


def ticket_of(row: TicketRow | None) -> Ticket | None:
    """The ticket of a row, if there is one."""
    if row is None:
        return None
    return Ticket(**{f.name: getattr(row, f.name) for f in fields(Ticket)})
