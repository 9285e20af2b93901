"""Versions of the plan as they are in the record: found, loaded, judged, written.

A version holds decisions. What follows from them is derived from the facts as they are now, with
the pins that held when the version was published, if it was.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.domain.plan import Plan, Unassigned
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin
from dispatch.effects import not_among
from dispatch.freezing import fitting
from dispatch.judged import JudgedPlan, judged
from dispatch.store import queries_plans
from dispatch.store.mapping import load_snapshot
from dispatch.store.mapping_plans import read_plan, write_plan
from dispatch.store.rows_plans import ForcedChangeRow, PlanState, PlanVersionRow
from dispatch.travel import Travel, travel_of

PUBLISHED = "published"
DRAFT = "draft"
NEW = "new"
"""Why a visit that came after a plan was made is not planned."""


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
    note: str


def list_versions(session: Session, before: int | None = None) -> tuple[VersionFacts, ...]:
    """A page of versions, the newest first; ``before`` is the last one of the page before."""
    rows = queries_plans.version_page(session, before)
    numbers = [row.version for row in rows]
    planned = queries_plans.visits_planned(session, numbers)
    forced = queries_plans.forced_in(session, numbers)
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
            note=row.note,
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
        row = queries_plans.version_row(session, int(name)) if name.isdecimal() else None
    if row is None:
        raise unknown_version(name)
    return row.version


def version_to_change(session: Session) -> int:
    """The version that people mean who change the plan: the newest draft that can be published, or
    else the published one. Raises UnknownVersionError."""
    published = queries_plans.published_version(session)
    draft = queries_plans.newest_draft(session)
    if draft is not None and draft.base_version == (published.version if published else None):
        return draft.version
    return named_version(session, PUBLISHED)


def unknown_version(name: object) -> UnknownVersionError:
    return UnknownVersionError(
        f"There is no plan version {name!r}; dispatch plans lists all, dispatch plan makes one.",
        f"没有计划版本 {name!r}；dispatch plans 列出全部版本，dispatch plan 可制定计划。",
    )


def load_version(session: Session, number: int) -> Version:
    """A version, judged by the facts as they are. Raises UnknownVersionError."""
    row = version_row(session, number)
    snapshot = snapshot_for(session, row)
    travel = travel_of(snapshot)
    plan = as_it_stands(snapshot, read_plan(session, row))
    found = judged(snapshot, plan, travel)
    forced = forced_in(session, number, found)
    begun = frozenset(queries_plans.begun_visits(session))
    return Version(number, row.state, row.base_version, found, forced, travel, begun)


def version_row(session: Session, number: int) -> PlanVersionRow:
    """Raises UnknownVersionError."""
    row = queries_plans.version_row(session, number)
    if row is None:
        raise unknown_version(number)
    return row


def snapshot_for(session: Session, row: PlanVersionRow) -> Snapshot:
    """The facts of today for the horizon of a version, with the pins that hold for it."""
    zone = ZoneInfo(queries_plans.time_zone(session) or "UTC")
    first = row.start_at.astimezone(zone).date()
    days = (row.end_at.astimezone(zone).date() - first).days
    snapshot = planning_snapshot(session, row.now_at, first, days, row.policy)
    if row.published_at is None:
        return snapshot
    later = set(queries_plans.pins_since(session, row.published_at))
    return replace(snapshot, pins=tuple(p for p in snapshot.pins if p.visit_id not in later))


def planning_snapshot(
    session: Session,
    now: datetime,
    from_day: date | None = None,
    days: int | None = None,
    policy: str | None = None,
) -> Snapshot:
    """The facts for planning: whoever is on site with a visit stays with it.

    Raises HorizonError and SchemaError.
    """
    snapshot = load_snapshot(session, now, from_day, days, policy)
    pins = dict(snapshot.pin)
    for visit_id in queries_plans.begun_visits(session):
        told = snapshot.commitment.get(visit_id)
        if visit_id in snapshot.visit and told is not None and told.technician_ids:
            pin = pins.get(visit_id, Pin(visit_id))
            first, *others = told.technician_ids
            pins[visit_id] = replace(pin, technician_id=first, other_technician_ids=tuple(others))
    return replace(snapshot, pins=tuple(pins.values()))


def as_it_stands(snapshot: Snapshot, plan: Plan) -> Plan:
    """The plan without what is over, and with what is new left out of it."""
    left = fitting(snapshot, plan)
    routes = tuple(r for r in left.routes if any(s.visit_id is not None for s in r.stops))
    known = {s.visit_id for r in routes for s in r.stops} | {u.visit_id for u in left.unassigned}
    new = (v.id for v in snapshot.visits if v.id not in known)
    unassigned = (*left.unassigned, *(Unassigned(visit_id, NEW) for visit_id in new))
    return replace(left, routes=routes, unassigned=unassigned)


def add_version(
    session: Session,
    found: JudgedPlan,
    base: int | None,
    at: datetime,
    run_id: str | None = None,
) -> PlanVersionRow:
    """Writes a plan as a new draft."""
    snapshot = found.snapshot
    row = PlanVersionRow(
        state=PlanState.DRAFT,
        base_version=base,
        run_id=run_id,
        start_at=snapshot.start_at,
        end_at=snapshot.end_at,
        now_at=snapshot.now_at,
        policy=snapshot.policy.name,
        made_by=found.plan.made_by,
        made_at=at,
    )
    session.add(row)
    session.flush()
    rewrite_version(session, row, found)
    return row


def rewrite_version(session: Session, row: PlanVersionRow, found: JudgedPlan) -> None:
    """Makes a version hold another plan."""
    write_plan(session, row, found.plan)
    row.cost_fen = found.verdict.cost.total_fen
    session.flush()


# ------------------------------------------------------------------------- what people forced


def forced_in(session: Session, number: int, found: JudgedPlan) -> tuple[Forced, ...]:
    """Why rules that a plan breaks were broken, as far as a person said so by this version."""
    known = {(row.code, row.subject): row for row in queries_plans.forced_changes(session, number)}
    broken = {(v.code, v.subject): None for v in found.verdict.violations}
    return tuple(_forced(known[key]) for key in broken if key in known)


def not_forced(session: Session, number: int, found: JudgedPlan) -> tuple[Violation, ...]:
    """The broken rules that no person has taken upon himself by this version."""
    rows = queries_plans.forced_changes(session, number)
    known = tuple(Violation(row.code, row.subject, row.amount) for row in rows)
    nameless = {Violation(v.code, v.subject, v.amount): v for v in found.verdict.violations}
    return tuple(nameless[v] for v in not_among(tuple(nameless), known))


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
