"""What people name on the command line: organisations, plan files and versions of the plan."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.opened import in_use
from dispatch.commands.versions import Forced, load_version, named_version
from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.documents import PlanDocument, read_plan
from dispatch.horizon import snapshot_of
from dispatch.judged import JudgedPlan, judged
from dispatch.travel import travel_of
from scenarios.bases import named_organisation

_VERSION = re.compile(r"published|draft|[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class NamedSnapshot:
    """A snapshot, the organisation it was made of, and a short name for files."""

    name: str
    organisation: Organisation
    snapshot: Snapshot


def load_snapshot(
    organisation: str, from_day: date | None, days: int | None, policy: str | None
) -> NamedSnapshot:
    """The snapshot of what ``named_organisation`` loads."""
    name, loaded = named_organisation(organisation)
    return NamedSnapshot(name, loaded, snapshot_of(loaded, from_day, days, policy))


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """A plan, judged, and the manual dispatcher's beside it if its file has that.

    ``forced`` is what people broke on purpose in a version of the database.
    """

    judged: JudgedPlan
    manual: JudgedPlan | None
    forced: tuple[Forced, ...] = ()


def judge_named(name: Path) -> JudgedFile:
    """A plan by its file or, if there is no such file, by its version in the database.

    Raises DataErrors, UnknownVersionError.
    """
    if names_file(name):
        return judge_document(read_plan(name))
    with in_use() as database, database.reading() as session:
        version = load_version(session, named_version(session, str(name)))
    return JudgedFile(version.judged, None, version.forced)


def names_file(name: Path) -> bool:
    """Whether people mean a file, not a version in the database."""
    return name.exists() or not _VERSION.fullmatch(str(name))


def judge_document(document: PlanDocument) -> JudgedFile:
    travel = travel_of(document.snapshot)
    manual = judged(document.snapshot, document.manual, travel) if document.manual else None
    return JudgedFile(judged(document.snapshot, document.plan, travel), manual)
