"""Sites come, and stations and sites are put right."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import (
    Desk,
    Reading,
    Writing,
    etag_of,
    located,
    made,
    need_match,
    text_of,
)
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import IfMatch, PathKey
from api.routes.technician_changes import known_territories
from api.security import DESK
from api.shapes.record import SiteOut, StationOut, of_row
from api.shapes.record_changes import SiteIn, SitePatch, StationPatch
from dispatch.commands import places
from dispatch.commands.answers import Answer
from dispatch.domain.access import Grant
from dispatch.store import queries_access, queries_lists
from dispatch.store.rows_places import CustomerRow, SiteRow, StationRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["record"])


@ROUTER.post(
    "/sites",
    **route("addSite", DESK, "A customer has a new site", SiteOut, problems=(409,), status=201),
)
def add_site(body: SiteIn, desk: Writing) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        seen = queries_access.customers_seen(desk.grant)
        if queries_lists.one(session, CustomerRow, seen, body.customer_id) is None:
            raise UnfitError(
                "/customer_id",
                f"There is no customer {body.customer_id!r}.",
                f"没有客户 {body.customer_id!r}。",
            )
        _need_territory(session, desk.grant, body.territory)
        values = {name: value for name, value in body if name != "id"}
        row, again = places.add_site(session, body.id, values, desk.by, at)
        found = of_row(SiteOut, row)
        where = {"Location": located(f"{V1}/sites", body.id)}
        return made(found, again=again, headers={"ETag": etag_of(found)} | where)

    return desk.write(command)


@ROUTER.patch(
    "/stations/{key}",
    **route("changeStation", DESK, "Put a station right", StationOut, problems=(404, 412, 428)),
)
def change_station(
    key: PathKey, body: StationPatch, desk: Reading, if_match: IfMatch = None
) -> Response:
    return _put_right(desk, StationRow, StationOut, key, body, if_match)


@ROUTER.patch(
    "/sites/{key}",
    **route("changeSite", DESK, "Put a site right", SiteOut, problems=(404, 412, 428)),
)
def change_site(key: PathKey, body: SitePatch, desk: Reading, if_match: IfMatch = None) -> Response:
    """Travel and SLA clocks follow at once; the published plan is judged by them."""
    return _put_right(desk, SiteRow, SiteOut, key, body, if_match)


# ----------------------------------------------------------------------------------------- pieces

_SEEN = {StationRow: queries_access.stations_seen, SiteRow: queries_access.sites_seen}
_WHAT = {StationRow: Text("station", "服务站"), SiteRow: Text("site", "站点")}


def _put_right(
    desk: Desk,
    table: type[StationRow | SiteRow],
    out: Any,  # noqa: ANN401 - what a row is answered as
    key: str,
    body: StationPatch | SitePatch,
    if_match: str | None,
) -> Response:
    def command(session: Session, at: datetime) -> Answer:
        row = queries_lists.one(session, table, _SEEN[table](desk.grant), key, locked=True)
        if row is None:
            raise NotThereError(_WHAT[table], key)
        need_match(if_match, etag_of(of_row(out, row)))
        wanted = {n: value for n, value in body if n != "reason" and value is not None}
        if "territory" in wanted:
            _need_territory(session, desk.grant, wanted["territory"])
        places.change_place(session, row, wanted, desk.by, at, body.reason)
        found = of_row(out, row)
        return Answer(200, text_of(found), {"ETag": etag_of(found)})

    return desk.write(command)


def _need_territory(session: Session, grant: Grant, territory: str) -> None:
    if territory not in known_territories(session, grant):
        raise UnfitError(
            "/territory", f"There is no territory {territory!r}.", f"没有责任区 {territory!r}。"
        )
