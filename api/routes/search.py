"""Things found by words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.answering import Reading, shown
from api.declaring import V1, route
from api.security import EVERYBODY_AT_WORK
from dispatch.store import queries_search
from dispatch.store.queries_search import Found

ROUTER = APIRouter(prefix=V1, tags=["record"])
_MOST_WORDS = 200
_MOST = 50
_USUAL = 10
_Words = Annotated[
    str,
    Query(
        alias="q",
        min_length=1,
        max_length=_MOST_WORDS,
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="All of these words, in any order, in ids, names or texts.",
    ),
]


@dataclass(frozen=True, slots=True)
class FoundOut:
    """What was found, by kind; of each kind open work first, then by id."""

    items: tuple[Found, ...]


@ROUTER.get("/search", **route("search", EVERYBODY_AT_WORK, "Find things by words", FoundOut))
def search(
    q: _Words, desk: Reading, limit: Annotated[int, Query(ge=1, le=_MOST)] = _USUAL
) -> Response:
    """Work orders (with their tickets), visits, technicians, sites and customers; ``limit`` of
    each."""

    def query(session: Session, _at: datetime) -> FoundOut:
        return FoundOut(tuple(queries_search.found(session, desk.grant, q.split(), limit)))

    return shown(desk.read(query))
