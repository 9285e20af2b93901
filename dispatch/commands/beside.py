"""Drafts of runs that share no technician stand beside each other: when one is published, the other
is as good as before, and is published on top of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.commands.hand_records import (
    ASSIGN_NOW,
    HAND_COMMANDS,
    hand_change_of,
    still_meant,
    version_of,
)
from dispatch.commands.plan_errors import StaleVersionError
from dispatch.commands.plan_merging import Merger
from dispatch.commands.versions import line_of, load_version, rewrite_version
from dispatch.domain.plan import Plan
from dispatch.store import queries_plans, queries_runs
from dispatch.store.mapping_plans import read_plan
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_plans import PlanState, PlanVersionRow

_LOOK_BACK = timedelta(days=1)
"""Clocks of several machines differ."""


def stands_beside(
    session: Session, technicians: Sequence[str], base: int | None, current: int | None
) -> bool:
    """Whether what was published since a version, up to the current one, was made by runs for other
    technicians only. Nobody stands beside a run for all (``technicians`` empty)."""
    since = _since(session, base, current)
    if not technicians or since is None:
        return False
    others = [queries_runs.technicians_of_version(session, number) for number in since]
    return all(own and set(technicians).isdisjoint(own) for own in others)


def put_beside(session: Session, row: PlanVersionRow, at: datetime) -> None:
    """Makes a draft one of the version that is published now, if it stands beside it: the routes of
    its run's technicians, with those of all others as they are now. What people changed by hand in
    either is done to it too. All other drafts stay as they are.

    Raises StaleVersionError if not all of that fits.
    """
    old = queries_plans.published_version(session)
    if row.state is not PlanState.DRAFT or old is None or row.base_version in (None, old.version):
        return
    own = queries_runs.technicians_of_version(session, row.version)
    same_days = (old.start_at, old.end_at) == (row.start_at, row.end_at)
    if not same_days or not stands_beside(session, own, row.base_version, old.version):
        return
    version = load_version(session, row.version, at=at)
    snapshot = version.judged.snapshot
    merger = Merger(snapshot, snapshot, version.begun)
    plan = _together(read_plan(session, row), read_plan(session, old), frozenset(own))
    lines = _changed_by_hand(session, row, old.version)
    merger.merge(plan, still_meant([hand_change_of(line) for line in lines]))
    lost = ", ".join(sorted({m.visit_id for m in merger.merged if m.visit_id and not m.fits}))
    if lost:
        raise StaleVersionError(
            f"Version {row.version} does not fit beside version {old.version}, which was published"
            f" since: {lost}. Plan again.",
            f"版本 {row.version} 与其后发布的版本 {old.version} 无法并存：{lost}。请重新计划。",
        )
    cost_fen = merger.found.verdict.cost.total_fen
    rewrite_version(session, row, merger.found.plan, cost_fen)
    row.base_version, row.base_amended = old.version, old.amended
    session.flush()


def _since(session: Session, base: int | None, current: int | None) -> tuple[int, ...] | None:
    """The versions that were published since a version; None if they do not follow it."""
    since: list[int] = []
    for number in line_of(session, current):
        if number == base:
            return tuple(since)
        since.append(number)
    return None


def _together(draft: Plan, published: Plan, own: frozenset[str]) -> Plan:
    """The routes of some technicians as a draft has them, and all others as they were published."""
    ours = (route for route in draft.routes if route.technician_id in own)
    theirs = (route for route in published.routes if route.technician_id not in own)
    routes = tuple(sorted((*ours, *theirs), key=lambda r: (r.technician_id, r.shift_id)))
    served = {stop.visit_id for route in routes for stop in route.stops}
    left = {u.visit_id: u for u in (*published.unassigned, *draft.unassigned)}
    unassigned = tuple(u for u in left.values() if u.visit_id not in served)
    return replace(draft, routes=routes, unassigned=unassigned, bound_fen=None)


def _changed_by_hand(session: Session, row: PlanVersionRow, current: int) -> Sequence[AuditRow]:
    """What people changed in a draft, in what was published since its base, and in the base since
    the draft was made of it; the latest last."""
    versions = {row.version, *(_since(session, row.base_version, current) or ())}
    base = queries_plans.version_row(session, row.base_version or 0)
    if base is None or base.published_at is None:
        return ()
    found, amended = [], 0
    for line in queries_plans.audit_of(session, HAND_COMMANDS, base.published_at - _LOOK_BACK):
        number = version_of(line)
        if line.command == ASSIGN_NOW and number == base.version:
            amended += 1
            if amended > row.base_amended:
                found.append(line)
        elif number in versions:
            found.append(line)
    return found
