"""Technicians: who they are, when they work, when they are away, their calendars."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import (
    Page,
    Reading,
    Writing,
    etag_of,
    located,
    made,
    need_match,
    page_of,
    place_of,
    shown,
    text_of,
)
from api.declaring import V1, route
from api.errors import NotThereError
from api.fields import USUAL_LIMIT, Cursor, IfMatch, Instant, Limit, PathKey
from api.routes.plans import Kept, sight_of
from api.security import DESK, INSIDE, PLANNING
from api.shapes.plans import Sight
from api.shapes.record import (
    AbsenceIn,
    AbsencePatch,
    CalendarLink,
    TechnicianOut,
    WorkingTime,
    technician_out,
)
from dispatch.commands.absences import (
    AbsenceFacts,
    absence_facts,
    add_absence,
    change_absence,
    remove_absence,
)
from dispatch.commands.answers import Answer
from dispatch.commands.keys import make_key
from dispatch.domain.access import Grant, Role
from dispatch.domain.people import ShiftPattern
from dispatch.store import queries_access, queries_lists
from dispatch.store.mapping_domain import organisation_of
from dispatch.store.mapping_life import service_of
from dispatch.store.rows_people import AbsenceRow, TechnicianRow
from dispatch.store.rows_places import CustomerRow, OrganisationRow, SiteRow
from dispatch.technician_day import TechnicianDay, technician_day
from dispatch.texts import Text

ROUTER = APIRouter(prefix=f"{V1}/technicians", tags=["technicians"])

_TECHNICIAN = Text("technician", "技术员")
_ABSENCE = Text("absence that begins then", "始于该时刻的缺勤")
_MOST_DAYS = 92
_USUAL_DAYS = 7
_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 9, 30)
_Start = Annotated[Instant, Path(description="When the absence begins.")]


@ROUTER.get("", **route("listTechnicians", INSIDE, "List technicians", Page[TechnicianOut]))
def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
    after = place_of(cursor, str)
    last = after[0] if after else None
    wanted = queries_access.technicians_seen(desk.grant)
    found = desk.read(lambda session, _: _technicians(session, desk.grant, wanted, last, limit + 1))
    return page_of(found, limit, lambda technician: (technician.id,))


@ROUTER.get(
    "/{technician_id}",
    **route("getTechnician", INSIDE, "A technician", TechnicianOut, problems=(404,)),
)
def one(technician_id: PathKey, desk: Reading) -> Response:
    def query(session: Session, _at: datetime) -> TechnicianOut:
        need_seen(session, desk.grant, technician_id)
        return technician_seen(session, desk.grant, technician_id)

    found = desk.read(query)
    return shown(found, etag=etag_of(found))


@ROUTER.get(
    "/{technician_id}/working-time",
    **route("getWorkingTime", INSIDE, "Shifts and absences", WorkingTime, problems=(404,)),
)
def working_time(
    technician_id: PathKey,
    desk: Reading,
    from_day: Annotated[
        date | None, Query(ge=_FIRST_DAY, le=_LAST_DAY, description="Today, if not given.")
    ] = None,
    days: Annotated[int, Query(ge=1, le=_MOST_DAYS)] = _USUAL_DAYS,
) -> Response:
    def query(session: Session, at: datetime) -> WorkingTime:
        need_seen(session, desk.grant, technician_id)
        rows = queries_lists.technician_rows(session, (technician_id,))
        first = from_day or at.astimezone(ZoneInfo(rows[OrganisationRow][0]["time_zone"])).date()
        found = service_of(rows, at, first, days).snapshot.technicians[0]
        return WorkingTime(found.id, found.shifts, found.absences)

    return shown(desk.read(query))


@ROUTER.get(
    "/{technician_id}/day",
    **route("getDay", INSIDE, "A technician's day, stop by stop", TechnicianDay, problems=(404,)),
)
def day(
    technician_id: PathKey,
    desk: Reading,
    kept: Kept,
    on: Annotated[
        date | None,
        Query(
            alias="date",
            ge=_FIRST_DAY,
            le=_LAST_DAY,
            description="A local date; the day that is going on, if not given.",
        ),
    ] = None,
) -> Response:
    def query(session: Session, at: datetime) -> TechnicianDay:
        need_seen(session, desk.grant, technician_id)
        found = technician_day(session, technician_id, at, kept.published(session), on)
        return _day_as_seen(found, sight_of(session, desk.grant), desk.grant)

    return shown(desk.read(query))


@ROUTER.post(
    "/{technician_id}/absences",
    **route(
        "addAbsence",
        PLANNING,
        "A technician will be away",
        AbsenceFacts,
        problems=(404, 409),
        status=201,
    ),
)
def add(technician_id: PathKey, body: AbsenceIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        need_seen(session, desk.grant, technician_id)
        again = queries_lists.absence(session, technician_id, body.start_at) is not None
        facts = add_absence(
            session, technician_id, body.start_at, body.end_at, body.reason, desk.by, at
        )
        begins = body.start_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        where = {"Location": located(ROUTER.prefix, technician_id, "absences", begins)}
        return made(facts, again=again, headers=_versioned(facts) | where)

    return desk.write(command)


@ROUTER.get(
    "/{technician_id}/absences/{start_at}",
    **route("getAbsence", INSIDE, "An absence", AbsenceFacts, problems=(404,)),
)
def absence(technician_id: PathKey, start_at: _Start, desk: Reading) -> Response:
    def query(session: Session, _at: datetime) -> AbsenceFacts:
        return absence_facts(session, _absence(session, desk.grant, technician_id, start_at))

    facts = desk.read(query)
    return shown(facts, etag=_version(facts))


@ROUTER.patch(
    "/{technician_id}/absences/{start_at}",
    **route(
        "changeAbsence",
        PLANNING,
        "An absence is different",
        AbsenceFacts,
        problems=(404, 409, 412, 428),
    ),
)
def change(
    technician_id: PathKey,
    start_at: _Start,
    body: AbsencePatch,
    desk: Reading,
    if_match: IfMatch = None,
) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        row = _to_change(session, desk.grant, technician_id, start_at, if_match)
        end_at = body.end_at or row.end_at
        reason = row.reason if body.reason is None else body.reason
        facts = change_absence(session, row, end_at, reason, desk.by, at)
        return Answer(200, text_of(facts), _versioned(facts))

    return desk.write(command)


@ROUTER.delete(
    "/{technician_id}/absences/{start_at}",
    **route(
        "removeAbsence",
        PLANNING,
        "The technician will be there after all",
        problems=(404, 412, 428),
        status=204,
    ),
)
def remove(
    technician_id: PathKey, start_at: _Start, desk: Reading, if_match: IfMatch = None
) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        row = _to_change(session, desk.grant, technician_id, start_at, if_match)
        remove_absence(session, row, desk.by, at)
        return Answer(204, "")

    return desk.write(command)


@ROUTER.post(
    "/{technician_id}/calendar-links",
    **route(
        "makeCalendarLink",
        DESK,
        "A secret address of the technician's calendar",
        CalendarLink,
        problems=(404,),
        status=201,
    ),
)
def link(technician_id: PathKey, desk: Reading) -> Response:
    """No idempotency key: the answer holds a secret, which nothing keeps."""

    def command(session: Session, _at: datetime) -> Answer:
        need_seen(session, desk.grant, technician_id)
        name = f"calendar of {technician_id}"
        now = datetime.now(UTC)
        key = make_key(session, name, Role.CALENDAR, desk.by, now, technician_id=technician_id)
        return made(CalendarLink(key.id, f"{V1}/calendars/{key.key}.ics"))

    return desk.write(command)


# ----------------------------------------------------------------------------------------- pieces


def technician_seen(session: Session, grant: Grant, technician_id: str) -> TechnicianOut:
    """A technician who is there, as far as a caller sees him."""
    return _technicians(session, grant, TechnicianRow.id == technician_id, None, 1)[0]


def _technicians(
    session: Session, grant: Grant, wanted: ColumnElement[bool], after: str | None, limit: int
) -> list[TechnicianOut]:
    page = queries_lists.page(session, TechnicianRow, wanted, after, limit)
    rows = queries_lists.technician_rows(session, [row.id for row in page])
    known = organisation_of(defaultdict(list, rows))
    patterns: dict[str, tuple[ShiftPattern, ...]] = defaultdict(tuple)
    for pattern in known.shift_patterns:
        patterns[pattern.technician_id] += (pattern,)
    by_id = {technician.id: technician for technician in known.technicians}
    out = [technician_out(by_id[row.id], patterns[row.id]) for row in page]
    return [_as_seen(session, grant, found) for found in out] if grant.is_limited else out


def _as_seen(session: Session, grant: Grant, found: TechnicianOut) -> TechnicianOut:
    """Without the foreign territories, sites and customers of a technician who is seen."""
    if grant.role is Role.TECHNICIAN:
        return found
    sites = queries_lists.ids_seen(session, SiteRow, queries_access.sites_seen(grant))
    customers = queries_lists.ids_seen(session, CustomerRow, queries_access.customers_seen(grant))
    return replace(
        found,
        territories=tuple(c for c in found.territories if c.territory in grant.territories),
        excluded_sites=tuple(s for s in found.excluded_sites if s in sites),
        excluded_customers=tuple(c for c in found.excluded_customers if c in customers),
    )


def _day_as_seen(found: TechnicianDay, sight: Sight, grant: Grant) -> TechnicianDay:
    """Of visits that the caller does not see only the times are told."""
    if not grant.is_limited or grant.role is Role.TECHNICIAN:
        return found
    stops = (
        stop
        if stop.visit is None or sight.sees(visit_id=stop.visit.visit_id)
        else replace(stop, place=None, parts=(), tools=(), visit=None)
        for stop in found.stops
    )
    ahead = (replace(one, cities=()) for one in found.ahead)
    # Who slept away begins and ends where the visits are.
    return replace(found, start=None, end=None, stops=tuple(stops), ahead=tuple(ahead))


def need_seen(session: Session, grant: Grant, technician_id: str) -> None:
    """Raises NotThereError."""
    if not queries_access.sees_technician(session, grant, technician_id):
        raise NotThereError(_TECHNICIAN, technician_id)


def _absence(
    session: Session, grant: Grant, technician_id: str, start_at: datetime, *, locked: bool = False
) -> AbsenceRow:
    need_seen(session, grant, technician_id)
    row = queries_lists.absence(session, technician_id, start_at, locked=locked)
    if row is None:
        raise NotThereError(_ABSENCE, start_at.isoformat())
    return row


def _to_change(
    session: Session, grant: Grant, technician_id: str, start_at: datetime, if_match: str | None
) -> AbsenceRow:
    """The absence, locked, in the version that the caller means."""
    queries_lists.lock_technician(session, technician_id)
    row = _absence(session, grant, technician_id, start_at, locked=True)
    need_match(if_match, _version(absence_facts(session, row)))
    return row


def _version(facts: AbsenceFacts) -> str:
    return etag_of((facts.technician_id, facts.start_at, facts.end_at, facts.reason))


def _versioned(facts: AbsenceFacts) -> dict[str, str]:
    return {"ETag": _version(facts)}
