"""Fields of requests: what they may hold, so that nothing beyond it goes any further."""

from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from api.invalid import InstantError, LocalTimeError

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_LAST = datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 12, 31)
_MOST_SECONDS = 366 * 24 * 3600
_MOST_UNITS = 1_000_000
_MOST_FEN = 2**53 - 1
_ID_LENGTH = 200
_LINE_LENGTH = 500
_PROSE_LENGTH = 10_000
MOST_ENTRIES = 200
_USUAL_PAGE = 50
_MOST_ON_PAGE = 200
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_SOMETHING = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_IN_ADDRESSES = r"^[^\x00-\x1f\x7f/]*[^\x00-\x20\x7f/][^\x00-\x1f\x7f/]*$"
_NO_NUL = r"^[^\x00]*$"


def _possible(at: datetime) -> datetime:
    if not _FIRST <= at < _LAST:
        raise InstantError
    return at.astimezone(UTC)


def _local(clock: time) -> time:
    if clock.tzinfo is not None or clock.microsecond:
        raise LocalTimeError
    return clock


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_possible),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "ISO 8601 with an offset, from 2000 to 2100.",
            "examples": ["2026-09-29T08:30:00+08:00"],
        }
    ),
]
Day = Annotated[date, Field(ge=_FIRST_DAY, le=_LAST_DAY)]
LocalTime = Annotated[time, AfterValidator(_local)]
"""A time of day where the organisation is."""
Key = Annotated[str, StringConstraints(max_length=_ID_LENGTH, pattern=_SOMETHING)]
"""A business key, as people write it."""
NewKey = Annotated[str, StringConstraints(max_length=_ID_LENGTH, pattern=_IN_ADDRESSES)]
"""The key of something that gets an address by it."""
Line = Annotated[str, StringConstraints(max_length=_LINE_LENGTH, pattern=_NO_CONTROL)]
Prose = Annotated[str, StringConstraints(max_length=_PROSE_LENGTH, pattern=_NO_NUL)]
Seconds = Annotated[int, Field(ge=1, le=_MOST_SECONDS, strict=True)]
SomeSeconds = Annotated[int, Field(ge=0, le=_MOST_SECONDS, strict=True)]
Units = Annotated[int, Field(ge=1, le=_MOST_UNITS, strict=True)]
Fen = Annotated[int, Field(ge=0, le=_MOST_FEN, strict=True)]

SLASH = "\x1f"
"""Stands for a slash that is part of a key, from the address as it was sent to ``PathKey``."""
PathKey = Annotated[
    str,
    BeforeValidator(lambda sent: sent.replace(SLASH, "/")),
    Path(
        min_length=1,
        max_length=_ID_LENGTH,
        pattern=_NO_CONTROL,
        description="A slash in it is sent as %2F.",
    ),
]
QueryKey = Annotated[str | None, Query(min_length=1, max_length=_ID_LENGTH, pattern=_NO_CONTROL)]
Limit = Annotated[int, Query(ge=1, le=_MOST_ON_PAGE, description="Entries on a page.")]
USUAL_LIMIT = _USUAL_PAGE
Cursor = Annotated[
    str | None,
    Query(max_length=2_000, pattern=r"^[A-Za-z0-9_=-]*$", description="`next` of the page before."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,200}$",
        description="Your name for this request: sent again with it, the first answer comes back.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=_ID_LENGTH,
        description="The `ETag` of what is to be changed, as it was read. Needed.",
    ),
]


class Body(BaseModel):
    """What is sent: fields that are not known are refused, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
