"""Who is calling: what a screen has to know before it shows anything."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, shown
from api.declaring import V1, route
from api.errors import language_wanted
from api.security import EVERYBODY_AT_WORK
from api.settings import Settings
from dispatch.domain.access import Role
from dispatch.store import queries_plans
from dispatch.store.errors import no_organisation
from dispatch.texts import Language

ROUTER = APIRouter(prefix=V1, tags=["running"])


@dataclass(frozen=True, slots=True)
class Me:
    """The caller, by name and role. `territories` of null: all. `technician_id` is there for
    technicians. `now_at` is the organisation's time, `language` the one that it is answered in.
    `open`: the server asks nobody for a key."""

    name: str
    role: Role
    territories: tuple[str, ...] | None
    technician_id: str | None
    organisation: str
    time_zone: str
    now_at: datetime
    language: Language
    languages: tuple[Language, ...]
    open: bool


@ROUTER.get("/me", **route("whoAmI", EVERYBODY_AT_WORK, "Who is calling", Me))
def me(desk: Reading, request: Request) -> Response:
    settings: Settings = request.app.state.settings
    grant = desk.grant

    def query(session: Session, at: datetime) -> Me:
        known = queries_plans.organisation_row(session)
        if known is None:
            raise no_organisation()
        return Me(
            name=grant.name,
            role=grant.role,
            territories=grant.territories or None,
            technician_id=grant.technician_id,
            organisation=known.name,
            time_zone=known.time_zone,
            now_at=at,
            language=language_wanted(request.headers),
            languages=tuple(Language),
            open=settings.is_open,
        )

    return shown(desk.read(query))
