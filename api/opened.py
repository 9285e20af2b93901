"""The database of a command."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.rehearsal import moment
from dispatch.store import schema
from dispatch.store.database import Database, open_database
from dispatch.store.errors import no_organisation
from dispatch.store.queries_plans import lock_plans, time_zone


@contextmanager
def opened(url: str | None = None) -> Iterator[Database]:
    """The database of a URL, or the usual one, whatever its shape."""
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def in_use() -> Iterator[Database]:
    """The usual database, which has the shape that commands need. Raises SchemaError."""
    with opened() as database:
        schema.need_shape(database)
        yield database


def whoever() -> str:
    """Who gives the command, as the audit trail names them."""
    return getpass.getuser()


def instant(given: datetime, zone: ZoneInfo) -> datetime:
    """A local time of the organisation as an instant."""
    return given.replace(tzinfo=zone).astimezone(UTC)


def now_or(given: datetime | None, session: Session) -> datetime:
    """A local time of the organisation as an instant; None is now. Raises SchemaError."""
    return moment(session) if given is None else instant(given, zone_of(session))


def locked_moment(session: Session) -> datetime:
    """Now, when nobody else changes plans any more: what they did came before."""
    lock_plans(session)
    return moment(session)


def zone_of(session: Session) -> ZoneInfo:
    """The organisation's time zone. Raises SchemaError if there is no organisation."""
    name = time_zone(session)
    if name is None:
        raise no_organisation()
    return ZoneInfo(name)
