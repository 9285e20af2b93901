"""What a scenario starts from: a sample, files, or the database as it is or was planned."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.saving import take_baseline
from dispatch.commands.versions import load_version, named_version
from dispatch.domain.errors import DispatchError
from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange import load_organisation
from dispatch.exchange.documents import read_snapshot
from dispatch.horizon import snapshot_of
from dispatch.rehearsal import moment
from dispatch.store import schema
from dispatch.store.database import open_database
from dispatch.store.queries_plans import time_zone
from scenarios import organisations

LIVE = "live"
_VERSION = re.compile(r"published|draft|[0-9]{1,9}")


class UnknownOrganisationError(DispatchError):
    """Neither a sample nor something on disk."""


class BaseError(DispatchError):
    """What a scenario says of its base cannot be true together."""


@dataclass(frozen=True, slots=True)
class Base:
    """How a scenario names its base: see ``ScenarioForm``. ``beside`` is the folder in which
    relative paths begin."""

    name: str
    beside: Path
    at: datetime | None = None
    first: date | None = None
    days: int | None = None
    policy: str | None = None


def named_organisation(organisation: str) -> tuple[str, Organisation]:
    """Loads a sample by name, or a folder or workbook by path; a sample's name comes first.

    Raises UnknownOrganisationError and DataErrors.
    """
    samples = organisations.names()
    path = organisations.path_of(organisation) if organisation in samples else Path(organisation)
    if not path.exists():
        known = ", ".join(samples)
        raise UnknownOrganisationError(
            f"No organisation {organisation!r}: neither a sample ({known}) nor a folder or file.",
            f"找不到组织 {organisation!r}：既不是示例（{known}），也没有这个文件夹或文件。",
        )
    return path.resolve().stem, load_organisation(path)


def snapshot_at(base: Base) -> Snapshot:
    """The facts of a base. Raises DispatchErrors: whatever keeps them from being loaded."""
    path = base.beside / base.name
    if base.name == LIVE or (_VERSION.fullmatch(base.name) and not path.exists()):
        return _of_record(base)
    if base.at is not None:
        raise BaseError(
            f"at is for base: {LIVE}; {base.name!r} has its own time.",
            f"at 仅用于 base: {LIVE}；{base.name!r} 自带时间。",
        )
    if base.name not in organisations.names() and path.suffix.lower() == ".json":
        _refuse_horizon(base)
        return read_snapshot(path)
    name = base.name if base.name in organisations.names() else str(path)
    _, organisation = named_organisation(name)
    return snapshot_of(organisation, base.first, base.days, base.policy)


def _of_record(base: Base) -> Snapshot:
    database = open_database(None)
    try:
        schema.need_shape(database)
        with database.reading() as session:
            return recorded(session, base)
    finally:
        database.close()


def recorded(session: Session, base: Base) -> Snapshot:
    """The facts of the database, or of a version there. Raises DispatchErrors: whatever keeps them
    from being loaded."""
    if base.name != LIVE:
        _refuse_horizon(base)
        return load_version(session, named_version(session, base.name)).judged.snapshot
    now = moment(session)
    zone = ZoneInfo(time_zone(session) or "UTC")
    at = now if base.at is None else base.at.replace(tzinfo=zone).astimezone(UTC)
    return take_baseline(session, at, now, base.first, base.days, base.policy).snapshot


def _refuse_horizon(base: Base) -> None:
    """Raises BaseError if a horizon or policy is asked of facts that have their own."""
    given = {"start": base.first, "days": base.days, "policy": base.policy, "at": base.at}
    names = ", ".join(name for name, value in given.items() if value is not None)
    if names:
        raise BaseError(
            f"{names}: {base.name!r} has its own horizon and policy. Leave it out here; a change"
            " can bring another policy.",
            f"{names}：{base.name!r} 自带计划期和策略，请去掉；可用变更改换策略。",
        )
