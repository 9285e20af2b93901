"""Plans as they are: versions, routes with times, maps, calendars of technicians."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Page, Reading, etag_of, page_of, place_of, shown
from api.declaring import PUBLIC, V1, route
from api.errors import NotThereError, language_wanted
from api.fields import USUAL_LIMIT, Cursor, Limit, PathKey
from api.security import INSIDE
from api.shapes.plans import PlanOut, Sight, plan_out
from dispatch.commands.hand_records import HAND_COMMANDS
from dispatch.commands.kept_versions import KeptVersions
from dispatch.commands.keys import grant_of
from dispatch.commands.publishing import COMMAND as PUBLISH
from dispatch.commands.saving import COMMAND as SAVE
from dispatch.commands.versions import (
    PUBLISHED,
    Version,
    VersionFacts,
    list_versions,
    version_row,
)
from dispatch.domain.access import Grant, Role
from dispatch.exchange.geojson import Feature, collection_of, features_of
from dispatch.exchange.icalendar import calendar_of
from dispatch.store import queries_access, queries_lists, queries_plans
from dispatch.store.database import Database
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_work import VisitRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["plans"])
_CALENDAR = Text("calendar at this address", "该地址的日历")
_GEOJSON = "application/geo+json"
_ICALENDAR = "text/calendar"
VersionName = Annotated[
    str, Path(pattern=r"^(published|draft|[0-9]{1,9})$", description="A number, or which one.")
]
_CHANGING = (*HAND_COMMANDS, SAVE, PUBLISH)
"""Commands that make or change the plan of a version."""


def _kept(request: Request) -> KeptVersions:
    kept: KeptVersions = request.app.state.kept_versions
    return kept


Kept = Annotated[KeptVersions, Depends(_kept)]
"""Versions as this process keeps them."""


@ROUTER.get("/plans", **route("listPlans", INSIDE, "Versions of the plan", Page[VersionFacts]))
def listed(desk: Reading, cursor: Cursor = None, limit: Limit = USUAL_LIMIT) -> Response:
    """The newest first; costs are told to callers who see everything."""
    after = place_of(cursor, int)
    before = after[0] if after else None
    found = desk.read(lambda session, _: list_versions(session, before, limit + 1))
    if desk.grant.is_limited:
        found = tuple(replace(facts, cost_fen=None) for facts in found)
    return page_of(found, limit, lambda facts: (facts.number,))


@ROUTER.get("/plans/{version}", **route("getPlan", INSIDE, "A plan", PlanOut, problems=(404, 409)))
def one(version: VersionName, desk: Reading, kept: Kept) -> Response:
    def query(session: Session, _at: datetime) -> tuple[PlanOut, str]:
        found = kept.find(session, version).version
        shown_of_it = plan_out(found, sight_of(session, desk.grant))
        return shown_of_it, plan_etag(session, found.number)

    found, etag = desk.read(query)
    return shown(found, etag=etag)


@ROUTER.get(
    "/plans/{version}/geojson",
    **route("getPlanMap", INSIDE, "A plan as GeoJSON", problems=(404, 409), content=_GEOJSON),
)
def on_map(version: VersionName, desk: Reading, kept: Kept, request: Request) -> Response:
    language = language_wanted(request.headers)

    def query(session: Session, _at: datetime) -> dict[str, Any]:
        found = kept.find(session, version).version
        sight = sight_of(session, desk.grant)
        features = features_of(found.judged, language)
        return collection_of(f for f in features if _is_seen(f, found, sight))

    response = shown(desk.read(query))
    response.headers["Content-Type"] = _GEOJSON
    return response


@ROUTER.get(
    "/calendars/{key}.ics",
    **route(
        "getCalendar",
        PUBLIC,
        "A technician's calendar, for calendar programs",
        problems=(404, 409),
        content=_ICALENDAR,
    ),
)
def calendar(key: PathKey, kept: Kept, request: Request) -> Response:
    """The address is the secret; `makeCalendarLink` makes it, `dispatch keys revoke` ends it."""
    database: Database = request.app.state.database
    with database.reading() as session:
        grant = grant_of(session, key)
        if grant is None or grant.role is not Role.CALENDAR or grant.technician_id is None:
            raise NotThereError(_CALENDAR, "…")
        judged = kept.find(session, PUBLISHED).version.judged
    own = judged.verdict.timetable.routes_of.get(grant.technician_id, ())
    text = calendar_of(judged, grant.technician_id, own, language_wanted(request.headers))
    return Response(text, media_type=_ICALENDAR)


def plan_etag(session: Session, number: int) -> str:
    """The version of a version: a draft may be changed. Raises UnknownVersionError."""
    state = version_row(session, number).state
    return etag_of((number, state, queries_plans.last_change(session, number, _CHANGING)))


def sight_of(session: Session, grant: Grant) -> Sight:
    """What a caller sees of plans."""
    if not grant.is_limited:
        return Sight()
    technicians = queries_access.technicians_seen(grant)
    visits = queries_access.visits_seen(grant)
    return Sight(
        queries_lists.ids_seen(session, TechnicianRow, technicians),
        queries_lists.ids_seen(session, VisitRow, visits),
    )


def _is_seen(feature: Feature, version: Version, sight: Sight) -> bool:
    """A line is seen if all that it passes is: its corners are where the sites are."""
    told = feature["properties"]
    if told["type"] == "route":
        routes = version.judged.verdict.timetable.routes_of[told["technician_id"]]
        passed = [
            s.visit_id for r in routes if r.route.shift_id == told["shift_id"] for s in r.stops
        ]
        return all(sight.sees(told["technician_id"], visit_id) for visit_id in passed)
    return sight.sees(told.get("technician_id"), told.get("visit_id"))
