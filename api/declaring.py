"""What every route says of itself: who may call it, its name, and what can go wrong."""

from collections.abc import Collection
from typing import Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from api.errors import PROBLEM
from api.security import Roles
from dispatch.domain.access import Role

_ALWAYS = {
    400: "The request cannot be read.",
    401: "No key, or one that is not good.",
    403: "The role may not do this.",
    413: "The request is too large.",
    422: "Something in the request is not possible; `errors` point to it.",
    429: "Too many requests.",
    503: "The database is away or busy; try again.",
    504: "It took too long.",
}
_SOMETIMES = {
    404: "There is no such thing, or none that you see.",
    409: "It contradicts what is on record.",
    412: "It was changed since you read it.",
    428: "`If-Match` is missing.",
}

V1 = "/v1"
PUBLIC: Collection[Role] = ()
"""For routes that need no key."""


class ProblemError(BaseModel):
    """What is wrong with one field."""

    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    code: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457): `code` is for programs, the texts are for people."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:dispatch:problem:unknown_work_order",
                    "title": "Not found",
                    "status": 404,
                    "code": "unknown_work_order",
                    "detail": "There is no work order 'X1'.",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemError] = []


def route(
    name: str,
    roles: Collection[Role],
    summary: str,
    *answers: Any,  # noqa: ANN401 - types of answers
    problems: Collection[int] = (),
    status: int = 200,
    content: str | None = None,
    kept: str | None = None,
) -> dict[str, Any]:
    """The arguments of a route's decorator.

    ``name`` is its operation id, ``roles`` may call it beside administrators,
    or everybody if there are none (``PUBLIC``). ``answers`` is the
    type of what it answers; ``content`` its media type if it is not JSON. Routes that create
    answer 201, and 200 when the same thing was there before. ``kept`` says when they
    answer 202. ``problems`` are statuses beside those that every route may answer with.
    """
    responses: dict[int | str, dict[str, Any]] = {
        code: _problem(_ALWAYS.get(code) or _SOMETIMES[code]) for code in (*_ALWAYS, *problems)
    }
    if content is not None:
        responses[status] = {"content": {content: {"schema": {"type": "string"}}}}
    model = answers[0] if answers else None
    if status == 201:
        responses[200] = {"model": model, "description": "It was there already; nothing changed."}
    if kept is not None:
        responses[202] = {"model": model, "description": kept}
    return {
        "operation_id": name,
        "summary": summary,
        "status_code": status,
        "response_model": model,
        "response_class": Response if content is not None or status == 204 else JSONResponse,
        "responses": responses,
        "dependencies": [Depends(Roles(roles))] if roles else [],
        "openapi_extra": {"x-roles": sorted({*roles, Role.ADMINISTRATOR}) if roles else []},
    }


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM: {"schema": schema}}}
