"""What a board draws."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, shown_text
from api.declaring import V1, route
from api.drawing import Wanted
from api.drawn_boards import DrawnBoards
from api.errors import UnfitError, language_wanted
from api.fields import MOST_ENTRIES, Instant, Key
from api.routes.plans import Kept, VersionName, plan_etag, sight_of
from api.security import INSIDE
from api.settings import Settings
from api.shapes.board import Board
from dispatch.domain.access import Grant
from dispatch.store import queries_board

ROUTER = APIRouter(prefix=V1, tags=["plans"])
_From = Annotated[
    Instant | None, Query(alias="from", description="The horizon's start, if not given.")
]
_Until = Annotated[
    Instant | None, Query(alias="until", description="The horizon's end, if not given.")
]
_Territories = Annotated[
    tuple[Key, ...],
    Query(alias="territory", max_length=MOST_ENTRIES, description="None: all that you see."),
]


@ROUTER.get(
    "/plans/{version}/board",
    **route("getBoard", INSIDE, "All that a board draws", Board, problems=(404, 409)),
)
def board(
    version: VersionName,
    desk: Reading,
    kept: Kept,
    request: Request,
    from_at: _From = None,
    until_at: _Until = None,
    territory: _Territories = (),
) -> Response:
    """What is null, empty or usual is left out. The `ETag` is that of the version. Unassigned
    visits are all there, whatever the time."""
    settings: Settings = request.app.state.settings
    language = language_wanted(request.headers)
    territories = territories_wanted(territory, desk.grant)

    boards: DrawnBoards = request.app.state.drawn_boards

    def query(session: Session, at: datetime) -> tuple[str, str]:
        found = kept.find(session, version)
        snapshot = found.version.judged.snapshot
        wanted = Wanted(
            from_at=from_at or snapshot.start_at,
            until_at=until_at or snapshot.end_at,
            territories=territories,
            sight=sight_of(session, desk.grant),
            now_at=at,
            at_risk_s=settings.at_risk_s,
            language=language,
        )
        done = queries_board.done_between(session, wanted.from_at, wanted.until_at)
        return boards.text(found, done, wanted), plan_etag(session, found.version.number)

    text, etag = desk.read(query)
    return shown_text(text, etag)


def territories_wanted(asked: tuple[str, ...], grant: Grant) -> frozenset[str]:
    """Those that are asked for, or else all that a caller sees; none: all there are.

    Raises UnfitError.
    """
    foreign = [t for t in asked if grant.territories and t not in grant.territories]
    if foreign:
        raise UnfitError(
            "",
            f"There is no territory {foreign[0]!r}.",
            f"没有责任区 {foreign[0]!r}。",
        )
    return frozenset(asked or grant.territories)
