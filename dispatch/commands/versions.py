"""Versions of the plan as they are in the record: found, loaded, judged, written.

A version holds decisions. What follows from them is derived from the facts as they are now, with
the pins that held when the version was published, if it was.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.domain.plan import Plan, Unassigned
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.effects import not_among
from dispatch.freezing import fitting
from dispatch.going_on import Busy, begun_first, going_on
from dispatch.judged import JudgedPlan, judged
from dispatch.rehearsal import moment
from dispatch.store import queries_plans
from dispatch.store.mapping import load_snapshot
from dispatch.store.mapping_plans import read_plan, write_plan
from dispatch.store.rows_plans import ForcedChangeRow, PlanState, PlanVersionRow
from dispatch.touched import rejudged
from dispatch.travel import Travel, same_places, travel_of

_MOST_DIGITS = 9
"""Numbers of versions fit into 32 bits."""
PUBLISHED = "published"
DRAFT = "draft"
NEW = "new"
"""Why a visit that came after a plan was made is not planned."""
DROPPED = "dropped"
"""Why a visit is not planned any more whose technician, shift or part is not there now."""


@dataclass(frozen=True, slots=True)
class Forced:
    """A rule that a person broke on purpose."""

    code: str
    subject: str
    amount: int
    reason: str
    forced_by: str
    forced_at: datetime


@dataclass(frozen=True)
class Version:
    """A version with its plan as it stands today, and what of it was forced.

    Visits that are over are not in it any more; new ones are left out of it. Somebody is on site
    with those that have ``begun``.
    """

    number: int
    state: PlanState
    base: int | None
    judged: JudgedPlan
    forced: tuple[Forced, ...]
    travel: Travel
    begun: frozenset[str]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What a list of versions shows."""

    number: int
    state: PlanState
    base: int | None
    start_at: datetime
    end_at: datetime
    made_by: str
    made_at: datetime
    cost_fen: int | None
    visits: int
    forced: int
    published_at: datetime | None
    published_by: str | None


def list_versions(
    session: Session, before: int | None = None, size: int = queries_plans.PAGE
) -> tuple[VersionFacts, ...]:
    """A page of versions, the newest first; ``before`` is the last one of the page before."""
    rows = queries_plans.version_page(session, before, size)
    numbers = [row.version for row in rows]
    planned = queries_plans.visits_planned(session, numbers)
    forced = queries_plans.forced_counts(session, numbers)
    return tuple(
        VersionFacts(
            number=row.version,
            state=row.state,
            base=row.base_version,
            start_at=row.start_at,
            end_at=row.end_at,
            made_by=row.made_by,
            made_at=row.made_at,
            cost_fen=row.cost_fen,
            visits=planned.get(row.version, 0),
            forced=forced.get(row.version, 0),
            published_at=row.published_at,
            published_by=row.published_by,
        )
        for row in rows
    )


def named_version(session: Session, name: str) -> int:
    """The number of the version that people call ``published``, ``draft`` or by its number.

    The draft is the newest one. Raises UnknownVersionError.
    """
    if name == PUBLISHED:
        row = queries_plans.published_version(session)
    elif name == DRAFT:
        row = queries_plans.newest_draft(session)
    else:
        is_number = name.isdecimal() and len(name) <= _MOST_DIGITS
        row = queries_plans.version_row(session, int(name)) if is_number else None
    if row is None:
        raise unknown_version(name)
    return row.version


def version_to_change(session: Session) -> int:
    """The version that people mean who change the plan: the newest draft that can be published, or
    else the published one. Raises UnknownVersionError."""
    published = queries_plans.published_version(session)
    draft = queries_plans.newest_draft_of(session, published.version if published else None)
    return draft.version if draft is not None else named_version(session, PUBLISHED)


def unknown_version(name: object) -> UnknownVersionError:
    return UnknownVersionError(
        f"There is no plan version {name!r}; dispatch plans lists all, dispatch plan makes one.",
        f"没有计划版本 {name!r}；dispatch plans 列出全部版本，dispatch plan 可制定计划。",
    )


def load_version(
    session: Session, number: int, *, to_change: bool = False, at: datetime | None = None
) -> Version:
    """A version, judged by the facts as they are. Raises UnknownVersionError.

    Pins that came after it was published hold for it only if somebody is about to ``change`` it.
    Slots count that are held ``at`` an instant (None: now).
    """
    row = version_row(session, number)
    pinned_by = None if to_change else row.published_at
    snapshot = snapshot_between(
        session, row.now_at, row.start_at, row.end_at, row.policy, pinned_by, at
    )
    return version_by(session, row, snapshot)


def version_to_change_of(session: Session, number: int) -> Version:
    """A version as somebody finds it who is about to change it. Raises UnknownVersionError."""
    return load_version(session, number, to_change=True)


def version_by(
    session: Session, row: PlanVersionRow, snapshot: Snapshot, known: Version | None = None
) -> Version:
    """A version by facts that are loaded. Of one that is ``known``, by the same facts or by others,
    is taken over what is the same, so that it need not be judged anew."""
    if known is not None and same_places(known.judged.snapshot, snapshot):
        travel = known.travel
    else:
        travel = travel_of(snapshot)
    begun = queries_plans.begun_visits(session)
    plan = as_it_stands(snapshot, read_plan(session, row), begun)
    if known is not None:
        found = rejudged(known.judged, snapshot, plan, travel)
    else:
        found = judged(snapshot, plan, travel)
    forced = load_forced(session, row.version, found)
    return Version(row.version, row.state, row.base_version, found, forced, travel, begun)


def version_row(session: Session, number: int) -> PlanVersionRow:
    """Raises UnknownVersionError."""
    row = queries_plans.version_row(session, number)
    if row is None:
        raise unknown_version(number)
    return row


def line_of(session: Session, number: int | None) -> Iterator[int]:
    """A version, the one that it was made from, and so on."""
    bases = queries_plans.bases(session, number) if number is not None else {}
    while number is not None:
        yield number
        number = bases[number]


def snapshot_between(
    session: Session,
    now: datetime,
    start_at: datetime,
    end_at: datetime,
    policy: str,
    pinned_by: datetime | None = None,
    held_at: datetime | None = None,
) -> Snapshot:
    """The facts of today for a horizon that is known."""
    first, days = days_of(session, start_at, end_at)
    return planning_snapshot(session, now, first, days, policy, pinned_by, held_at)


def days_of(session: Session, start_at: datetime, end_at: datetime) -> tuple[date, int]:
    """The first local day of a horizon, and how many it has."""
    zone = ZoneInfo(queries_plans.time_zone(session) or "UTC")
    first = start_at.astimezone(zone).date()
    return first, (end_at.astimezone(zone).date() - first).days


def planning_snapshot(
    session: Session,
    now: datetime,
    from_day: date | None = None,
    days: int | None = None,
    policy: str | None = None,
    pinned_by: datetime | None = None,
    held_at: datetime | None = None,
) -> Snapshot:
    """The facts for planning: whoever is on site with a visit is there and stays.

    Pins count that were set by ``pinned_by`` (None: all), and slots that are held at ``held_at``
    (None: now). Raises HorizonError and SchemaError.
    """
    snapshot = load_snapshot(session, now, from_day, days, policy, held_at or moment(session))
    return snapshot_as_it_goes(session, snapshot, pinned_by)


def snapshot_as_it_goes(
    session: Session, snapshot: Snapshot, pinned_by: datetime | None
) -> Snapshot:
    """The snapshot with what people are on site with, and only with pins that were set by then."""
    if pinned_by is not None:
        later = set(queries_plans.pins_since(session, pinned_by))
        pins = tuple(p for p in snapshot.pins if p.visit_id not in later)
        snapshot = replace(snapshot, pins=pins)
    return going_on(snapshot, busy(session))


def busy(session: Session) -> tuple[Busy, ...]:
    """What people are on site with, or on the way to."""
    found = queries_plans.visits_under_way(session)
    return tuple(Busy(row.id, row.started_at, row.repaired_at) for row in found)


def as_it_stands(snapshot: Snapshot, plan: Plan, begun: AbstractSet[str]) -> Plan:
    """The plan as far as it can be carried out: what has ``begun`` comes first, what is over is
    not in it any more, and what is new is left out of it."""
    left = begun_first(snapshot, fitting(snapshot, plan), begun)
    routes = tuple(r for r in left.routes if any(s.visit_id is not None for s in r.stops))
    known = {s.visit_id for r in routes for s in r.stops} | {u.visit_id for u in left.unassigned}
    planned = {s.visit_id for r in plan.routes for s in r.stops}
    others = (v.id for v in snapshot.visits if v.id not in known)
    unknown = (Unassigned(v, DROPPED if v in planned else NEW) for v in others)
    return replace(left, routes=routes, unassigned=(*left.unassigned, *unknown))


def add_version(
    session: Session,
    snapshot: Snapshot,
    plan: Plan,
    cost_fen: int,
    base: int | None,
    at: datetime,
) -> PlanVersionRow:
    """Writes a plan as a new draft."""
    base_row = queries_plans.version_row(session, base) if base is not None else None
    row = PlanVersionRow(
        state=PlanState.DRAFT,
        base_version=base,
        base_amended=base_row.amended if base_row is not None else 0,
        start_at=snapshot.start_at,
        end_at=snapshot.end_at,
        now_at=snapshot.now_at,
        policy=snapshot.policy.name,
        made_by=plan.made_by,
        made_at=at,
    )
    session.add(row)
    session.flush()
    rewrite_version(session, row, plan, cost_fen)
    return row


def rewrite_version(session: Session, row: PlanVersionRow, plan: Plan, cost_fen: int) -> None:
    """Makes a version hold another plan."""
    write_plan(session, row, plan)
    row.cost_fen = cost_fen
    session.flush()


# ------------------------------------------------------------------------- what people forced


def load_forced(session: Session, number: int, found: JudgedPlan) -> tuple[Forced, ...]:
    """Why rules that a plan breaks were broken, as far as a person said so on the way to it."""
    rows = queries_plans.forced_changes(session, tuple(line_of(session, number)))
    known = {(row.code, row.subject, row.technician_id): row for row in rows}
    broken = ((v.code, v.subject, v.technician_id) for v in found.verdict.violations)
    return tuple(_forced(known[key]) for key in dict.fromkeys(broken) if key in known)


def not_forced(session: Session, version: Version) -> tuple[Violation, ...]:
    """The broken rules that no person has taken upon himself on the way to a version.

    What has begun is a fact, for which nobody has to give a reason.
    """
    rows = queries_plans.forced_changes(session, tuple(line_of(session, version.number)))
    known = tuple(Violation(r.code, r.subject, r.amount, None, r.technician_id) for r in rows)
    left = not_among(version.judged.verdict.violations, known)
    return tuple(v for v in left if v.visit_id not in version.begun)


def note_forced(
    session: Session,
    number: int,
    broken: tuple[Violation, ...],
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """Puts on record for ever that rules were broken, and why."""
    session.add_all(
        ForcedChangeRow(
            plan_version=number,
            visit_id=violation.visit_id,
            technician_id=violation.technician_id,
            code=violation.code,
            subject=violation.subject,
            amount=violation.amount,
            reason=reason,
            forced_at=at,
            forced_by=by,
        )
        for violation in broken
    )


def _forced(row: ForcedChangeRow) -> Forced:
    return Forced(row.code, row.subject, row.amount, row.reason, row.forced_by, row.forced_at)
