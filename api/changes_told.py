"""What listeners are told of changes: the lines of the audit trail and what runs say, with the ids
of what they are about, as far as the listener sees that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from dispatch.commands.hand_records import ASSIGN_NOW, HAND_COMMANDS
from dispatch.domain.access import OF_ONE_TECHNICIAN, Grant, Role
from dispatch.store import queries_access, queries_board, queries_lists, queries_runs
from dispatch.store.base import Row
from dispatch.store.queries_changes import ChangeLine
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import SiteRow, StationRow
from dispatch.store.rows_plans import RunEventRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(HAND_COMMANDS, "draft.changed"),
    ASSIGN_NOW: "assignment.made",
    "plan.save": "draft.made",
    "plan.publish": "plan.published",
    "plan.pin": "pin.changed",
    "plan.unpin": "pin.changed",
    "take ticket": "ticket.taken",
    "record": "event.recorded",
    "withdraw event": "event.withdrawn",
    "open emergency": "event.recorded",
    "contain": "work_order.changed",
    "change work order": "work_order.changed",
    "refuse event": "event.refused",
    "settle event": "event.settled",
    "add absence": "absence.changed",
    "change absence": "absence.changed",
    "remove absence": "absence.changed",
    "add technician": "technician.changed",
    "change technician": "technician.changed",
    "change station": "station.changed",
    "add site": "site.changed",
    "change site": "site.changed",
    "slot.hold": "slot.changed",
    "slot.confirm": "slot.changed",
    "slot.release": "slot.changed",
    "run.ask": "run.queued",
    "import": "organisation.changed",
    "roads.use": "organisation.changed",
    "roads.leave": "organisation.changed",
}
"""What is told of which command; of others nothing, but for those of stock."""
_STOCK = "stock."
_OF_THE_DESK = frozenset({"event.refused", "event.settled"})
_DESK = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened. ``line`` is its number in the audit trail; None: a run tells it."""

    line: int | None
    kind: str
    at: datetime
    by: str | None
    version: int | None = None
    run_id: str | None = None
    work_order_ids: tuple[str, ...] = ()
    visit_ids: tuple[str, ...] = ()
    technician_ids: tuple[str, ...] = ()
    station_ids: tuple[str, ...] = ()
    site_ids: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    part_id: str | None = None
    told: Mapping[str, Any] | None = None


class Seen(NamedTuple):
    """What a listener sees of that which some changes are about; None: all of it."""

    work_orders: frozenset[str]
    visits: frozenset[str]
    technicians: frozenset[str]
    stations: frozenset[str]
    sites: frozenset[str]
    runs: frozenset[str]


def changes_of(session: Session, lines: Sequence[ChangeLine]) -> list[Change]:
    """What there is to tell of some lines."""
    named = [event_id for line in lines for event_id in (line.after or {}).get("events", ())]
    events = queries_board.events_named(session, named)
    return [change for line in lines for change in _of_line(line, events)]


def change_of_run(event: RunEventRow) -> Change:
    return Change(None, f"run.{event.kind}", event.at, None, run_id=event.run_id, told=event.told)


def _of_line(line: ChangeLine, events: Mapping[str, queries_board.EventNamed]) -> Iterator[Change]:
    is_stock = line.command.startswith(_STOCK)
    kind = "stock.moved" if is_stock else _KINDS.get(line.command)
    if kind is None:
        return
    change = Change(line.id, kind, line.at, line.by)
    after = line.after or {}
    match line.subject_kind:
        case "plan" if not is_stock:
            decided = after.get("decided", ())
            people = (t for decision in decided for t in decision["technician_ids"])
            yield replace(
                change,
                version=int(line.subject_id),
                visit_ids=tuple(decision["visit_id"] for decision in decided),
                technician_ids=tuple(dict.fromkeys(people)),
            )
        case "work_order":
            found = [events[e] for e in after.get("events", ()) if e in events]
            visits = dict.fromkeys(e.visit_id for e in found if e.visit_id is not None)
            yield replace(
                change,
                work_order_ids=(line.subject_id,),
                visit_ids=tuple(visits),
                events=tuple(e.kind for e in found),
            )
        case "visit":
            yield replace(change, visit_ids=tuple(line.subject_id.split(", ")))
        case "technician":
            yield replace(change, technician_ids=(line.subject_id,))
        case "station":
            yield replace(change, station_ids=(line.subject_id,))
        case "site":
            yield replace(change, site_ids=(line.subject_id,))
        case "run":
            yield replace(change, run_id=line.subject_id)
        case "part":
            yield replace(change, part_id=line.subject_id)
        case "event":
            order = (after.get("event") or {}).get("work_order_id")
            yield replace(change, work_order_ids=(order,) if order else ())
        case _:
            yield change


# ------------------------------------------------------------------------------------ who sees it


def seen_by(session: Session, grant: Grant, changes: Collection[Change]) -> list[Change]:
    """The changes that a caller is told of, each with what the caller sees of it."""
    if not grant.is_limited:
        return [c for c in changes if _is_for(grant, c)]
    seen = _seen(session, grant, changes)
    cut = (_cut(change, seen) for change in changes if _is_for(grant, change))
    return [after for before, after in cut if _tells(grant, before, after)]


def _is_for(grant: Grant, change: Change) -> bool:
    if change.run_id is not None and grant.role in OF_ONE_TECHNICIAN:
        return False
    return change.kind not in _OF_THE_DESK or grant.role in _DESK


def _seen(session: Session, grant: Grant, changes: Collection[Change]) -> Seen:
    def among(table: type[Row], wanted: Any, ids: Collection[str]) -> frozenset[str]:  # noqa: ANN401
        key = table.__table__.c.id
        return queries_lists.ids_seen(session, table, wanted & key.in_(ids)) if ids else frozenset()

    orders = {i for c in changes for i in c.work_order_ids}
    visits = {i for c in changes for i in c.visit_ids}
    people = {i for c in changes for i in c.technician_ids}
    stations = {i for c in changes for i in c.station_ids}
    sites = {i for c in changes for i in c.site_ids}
    runs = {c.run_id for c in changes if c.run_id is not None}
    return Seen(
        among(WorkOrderRow, queries_access.work_orders_seen(grant), orders),
        among(VisitRow, queries_access.visits_seen(grant), visits),
        among(TechnicianRow, queries_access.technicians_seen(grant), people),
        among(StationRow, queries_access.stations_seen(grant), stations),
        among(SiteRow, queries_access.sites_seen(grant), sites),
        frozenset(r for r in runs if queries_runs.sees_run(session, grant, r)),
    )


def _cut(change: Change, seen: Seen) -> tuple[Change, Change]:
    """A change, and as much of it as is seen."""
    return change, replace(
        change,
        run_id=change.run_id if change.run_id in seen.runs else None,
        work_order_ids=tuple(i for i in change.work_order_ids if i in seen.work_orders),
        visit_ids=tuple(i for i in change.visit_ids if i in seen.visits),
        technician_ids=tuple(i for i in change.technician_ids if i in seen.technicians),
        station_ids=tuple(i for i in change.station_ids if i in seen.stations),
        site_ids=tuple(i for i in change.site_ids if i in seen.sites),
    )


def _tells(grant: Grant, whole: Change, cut: Change) -> bool:
    """Whether something is left to be told: a thing that is seen, or what concerns everybody."""
    if _names(cut):
        return True
    concerns_all = grant.role not in OF_ONE_TECHNICIAN or whole.kind == "plan.published"
    return concerns_all and not _names(whole)


def _names(change: Change) -> bool:
    """Whether it says what it is about."""
    things = (
        change.work_order_ids,
        change.visit_ids,
        change.technician_ids,
        change.station_ids,
        change.site_ids,
    )
    return change.run_id is not None or any(things)
