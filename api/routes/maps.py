"""What maps are drawn on, as it was configured."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answering import shown
from api.declaring import V1, route
from api.security import EVERYBODY_AT_WORK
from api.settings import Settings
from dispatch.domain.places import Datum

ROUTER = APIRouter(prefix=V1, tags=["running"])


@dataclass(frozen=True, slots=True)
class MapOut:
    """`tiles_url` has `{z}`, `{x}` and `{y}`; null: maps have no ground. `source` and `approval`
    are to be shown on every map; points are to be drawn in `datum`."""

    tiles_url: str | None = None
    source: str = ""
    approval: str = ""
    datum: Datum = Datum.WGS84


@ROUTER.get("/map", **route("getMap", EVERYBODY_AT_WORK, "What maps are drawn on", MapOut))
def ground(request: Request) -> Response:
    settings: Settings = request.app.state.settings
    tiles = settings.tiles
    if tiles is None:
        return shown(MapOut())
    return shown(MapOut(tiles.url, tiles.source, tiles.approval, tiles.datum))
