"""Stations and sites are put right."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Desk, Reading, etag_of, need_match, text_of
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import IfMatch, PathKey
from api.routes.technician_changes import known_territories
from api.security import DESK
from api.shapes.record import SiteOut, StationOut, of_row
from api.shapes.record_changes import SitePatch, StationPatch
from dispatch.commands.answers import Answer
from dispatch.commands.places import change_place
from dispatch.store import queries_access, queries_lists
from dispatch.store.rows_places import SiteRow, StationRow
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["record"])


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
        territory = wanted.get("territory")
        if territory is not None and territory not in known_territories(session, desk.grant):
            raise UnfitError(
                "/territory",
                f"There is no territory {territory!r}.",
                f"没有责任区 {territory!r}。",
            )
        change_place(session, row, wanted, desk.by, at, body.reason)
        found = of_row(out, row)
        return Answer(200, text_of(found), {"ETag": etag_of(found)})

    return desk.write(command)
