"""Queries about runs: their queue, who holds them, what is told of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from dispatch.domain.access import OF_ONE_TECHNICIAN, Grant
from dispatch.store.database import queue_up
from dispatch.store.rows_people import TerritoryCoverRow
from dispatch.store.rows_plans import (
    PlanVersionRow,
    RunEventRow,
    RunKind,
    RunRow,
    RunState,
    RunTerritoryRow,
)
from dispatch.store.rows_terms import PolicyRow

_OPEN = (RunState.QUEUED, RunState.RUNNING)
_FRESH = {"populate_existing": True}


def lock_queue(session: Session) -> None:
    """Waits until nobody else puts runs into the queue or takes them out of it.

    Take it after the lock of plans, before rows of runs.
    """
    queue_up(session, "runs")


def run_row(session: Session, run_id: str, *, locked: bool = False) -> RunRow | None:
    return session.get(RunRow, run_id, with_for_update=locked or None, populate_existing=True)


def open_runs(session: Session, kind: RunKind = RunKind.PLAN) -> Sequence[RunRow]:
    """Runs of a kind that are not over, in the order in which they were asked for."""
    statement = select(RunRow).where(RunRow.kind == kind, RunRow.state.in_(_OPEN))
    statement = statement.order_by(RunRow.queued_at, RunRow.id)
    return session.scalars(statement, execution_options=_FRESH).all()


def has_work(session: Session, kind: RunKind, now: datetime) -> bool:
    """Whether a run of a kind waits, or is held by nobody any more."""
    lost = (RunRow.state == RunState.RUNNING) & (RunRow.lease_until < now)
    waits = or_(RunRow.state == RunState.QUEUED, lost)
    found = select(RunRow.id).where(RunRow.kind == kind, waits)
    return session.scalar(found.limit(1)) is not None


def run_page(
    session: Session,
    wanted: ColumnElement[bool],
    before: str | None,
    limit: int,
) -> Sequence[RunRow]:
    """Runs, the newest first; ``before`` is the last one of the page before."""
    statement = select(RunRow).where(wanted)
    if before is not None:
        at = select(RunRow.queued_at).where(RunRow.id == before).scalar_subquery()
        older = (RunRow.queued_at == at) & (RunRow.id < before)
        statement = statement.where(or_(RunRow.queued_at < at, older))
    statement = statement.order_by(RunRow.queued_at.desc(), RunRow.id.desc())
    return session.scalars(statement.limit(limit), execution_options=_FRESH).all()


def runs_seen(grant: Grant) -> ColumnElement[bool]:
    """Runs that plan nothing but the territories of the caller."""
    plans = RunRow.kind == RunKind.PLAN
    if not grant.is_limited:
        return plans
    own = RunTerritoryRow.territory.in_(
        () if grant.role in OF_ONE_TECHNICIAN else grant.territories
    )
    foreign = select(RunTerritoryRow.run_id).where(~own)
    seen = RunRow.id.in_(select(RunTerritoryRow.run_id).where(own)) & RunRow.id.not_in(foreign)
    return plans & seen


def sees_run(session: Session, grant: Grant, run_id: str) -> bool:
    known = select(RunRow.id).where(RunRow.id == run_id, runs_seen(grant))
    return session.scalar(known) is not None


def technicians_of(session: Session, territories: Sequence[str]) -> Sequence[str]:
    """Who covers one of the territories."""
    cover = TerritoryCoverRow.territory.in_(territories)
    statement = select(TerritoryCoverRow.technician_id).where(cover).distinct()
    return session.scalars(statement.order_by(TerritoryCoverRow.technician_id)).all()


def technicians_of_version(session: Session, version: int) -> Sequence[str]:
    """For whom the run planned that made a version; nobody: for all, or no run made it."""
    made = select(RunRow.technicians).join(PlanVersionRow, PlanVersionRow.run_id == RunRow.id)
    return session.scalar(made.where(PlanVersionRow.version == version)) or ()


def policies(session: Session) -> Sequence[str]:
    """The names of the organisation's own policies."""
    return session.scalars(select(PolicyRow.name)).all()


def versions_of(session: Session, run_ids: Sequence[str]) -> Mapping[str, int]:
    """The versions of the plan that runs have made."""
    statement = select(PlanVersionRow.run_id, PlanVersionRow.version)
    rows = session.execute(statement.where(PlanVersionRow.run_id.in_(run_ids)))
    return {row.run_id: row.version for row in rows if row.run_id is not None}


def last_number(session: Session, run_id: str) -> int:
    """The number of what was told last of a run; 0 if nothing was."""
    last = select(func.max(RunEventRow.number)).where(RunEventRow.run_id == run_id)
    return session.scalar(last) or 0


def events_after(session: Session, after: Mapping[str, int]) -> Sequence[RunEventRow]:
    """What was told of runs since the numbers that somebody knows."""
    later = [
        (RunEventRow.run_id == run_id) & (RunEventRow.number > number)
        for run_id, number in after.items()
    ]
    statement = select(RunEventRow).where(or_(*later))
    return session.scalars(statement.order_by(RunEventRow.run_id, RunEventRow.number)).all()


def last_events(session: Session, run_ids: Sequence[str], kind: str) -> Mapping[str, RunEventRow]:
    """What was last told of each run, of one kind."""
    newest = (
        select(RunEventRow.run_id, func.max(RunEventRow.number).label("number"))
        .where(RunEventRow.run_id.in_(run_ids), RunEventRow.kind == kind)
        .group_by(RunEventRow.run_id)
        .subquery()
    )
    statement = select(RunEventRow).join(
        newest,
        (RunEventRow.run_id == newest.c.run_id) & (RunEventRow.number == newest.c.number),
    )
    return {row.run_id: row for row in session.scalars(statement)}


def over_among(session: Session, run_ids: Sequence[str]) -> frozenset[str]:
    """Those of some runs that are over."""
    over = select(RunRow.id).where(RunRow.id.in_(run_ids), RunRow.state.not_in(_OPEN))
    return frozenset(session.scalars(over))


def forget_progress(session: Session, kind: str, before: datetime) -> None:
    """Takes away what was told of one kind of runs that have been over since an instant."""
    over = select(RunRow.id).where(RunRow.finished_at < before)
    session.execute(
        delete(RunEventRow).where(RunEventRow.run_id.in_(over), RunEventRow.kind == kind)
    )
