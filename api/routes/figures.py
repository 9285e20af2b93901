"""How well it goes, in figures: what a manager glances at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, shown
from api.declaring import V1, route
from api.errors import NotThereError, UnfitError
from api.fields import QueryKey
from api.security import OFFICE
from dispatch.domain.access import Grant
from dispatch.domain.figures import Figures
from dispatch.figure_texts import DEFINITIONS, FigureName
from dispatch.figures import figures_of
from dispatch.kept_lives import KeptLives
from dispatch.store import queries_access, queries_lists
from dispatch.texts import Text

ROUTER = APIRouter(prefix=V1, tags=["reports"])
_MOST_DAYS = 92
_Day = Annotated[date, Query(ge=date(2000, 6, 1), le=date(2099, 9, 30), examples=["2026-09-01"])]


@dataclass(frozen=True, slots=True)
class ManagersFigures:
    """All figures, and by name what each of them means."""

    figures: Figures
    definitions: Mapping[FigureName, Text]


@ROUTER.get(
    "/figures",
    **route("getFigures", OFFICE, "How well it goes, in figures", ManagersFigures, problems=(404,)),
)
def figures(
    desk: Reading,
    request: Request,
    first: Annotated[_Day, Query(alias="from")],
    until: _Day,
    territory: QueryKey = None,
) -> Response:
    """Of local days, both included; of one territory, or of all that the caller sees. Utilisation
    counts all that the technicians of these do, wherever it is."""
    days = (until - first) // timedelta(days=1) + 1
    if not 1 <= days <= _MOST_DAYS:
        raise UnfitError(
            "",
            f"Figures are of 1 to {_MOST_DAYS} days; {first} to {until} are {days}.",
            f"指标须为 1 至 {_MOST_DAYS} 天；{first} 至 {until} 为 {days} 天。",
        )
    kept: KeptLives = request.app.state.lives

    def query(session: Session, at: datetime) -> Figures:
        grant = _narrowed(session, desk.grant, territory)
        return figures_of(session, at, grant, first, until, kept)

    return shown(ManagersFigures(desk.read(query), DEFINITIONS))


def _narrowed(session: Session, grant: Grant, territory: str | None) -> Grant:
    """Raises NotThereError for a territory that the caller does not see."""
    if territory is None:
        return grant
    seen = queries_lists.territories(session, queries_access.sites_seen(grant))
    if territory not in seen:
        raise NotThereError(Text("territory", "责任区"), territory)
    return replace(grant, territories=(territory,))
