"""Runs: plans that are made in the background, as people ask for them and see them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import true
from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.commands.run_errors import (
    QueueFullError,
    RunOverlapsError,
    TooLongError,
    UnknownNameError,
    UnknownRunError,
)
from dispatch.commands.versions import version_row
from dispatch.domain.policy import POLICIES
from dispatch.store import queries_lists, queries_runs, queries_studies
from dispatch.store.rows_plans import RunEventRow, RunKind, RunRow, RunState, RunTerritoryRow

QUEUED, STARTED, PROGRESS, FINISHED = "queued", "started", "progress", "finished"
"""What is told of a run."""
_ASK = "run.ask"
_ID_BYTES = 6
_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for.

    ``territories`` are planned, by the technicians who cover them; none: everything. It begins
    from the version ``start`` (None: the published one), of which everything stays that starts
    before ``freeze_until``. One of ``seconds`` and ``iterations`` says how long to search.
    """

    territories: tuple[str, ...] = ()
    from_day: date | None = None
    days: int | None = None
    policy: str | None = None
    seconds: float | None = None
    iterations: int | None = None
    seed: int = 1
    freeze_until: datetime | None = None
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many runs go on at once and how many wait; the longest search, in seconds."""

    at_once: int
    waiting: int
    most_s: float


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Where a search stands. ``phase``: compiling, loading or searching.

    ``cost_fen_by_item`` is looked at now and then, so it may be a little older than ``cost_fen``.
    """

    phase: str
    elapsed_s: float
    iterations: int
    cost_fen: int
    cost_fen_by_item: dict[str, int]
    unassigned: int
    clocks_broken: int
    share_done: float


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as it stands.

    ``ahead`` are the runs that go first (None: it does not wait). ``version`` is the draft that it
    made; a run that was cancelled has one too, if it had begun. ``lost`` counts processes that died
    of it.
    """

    id: str
    state: RunState
    asked: Asked
    asked_by: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None
    ahead: int | None
    progress: RunProgress | None
    version: int | None
    error_en: str | None
    error_zh: str | None
    lost: int


ASKED = TypeAdapter(Asked)
_PROGRESS = TypeAdapter(RunProgress)


def ask_for_run(session: Session, asked: Asked, limits: Limits, by: str, now: datetime) -> RunFacts:
    """Puts a run into the queue.

    Raises:
        TooLongError, QueueFullError: there are limits.
        RunOverlapsError: another run plans some of the same technicians.
        UnknownNameError, UnknownVersionError: it names what is not there.
    """
    _check(session, asked, limits)
    queries_runs.lock_queue(session)
    technicians = list(queries_runs.technicians_of(session, asked.territories))
    others = queries_runs.open_runs(session)
    for other in others:
        if _share(technicians, other.technicians):
            raise RunOverlapsError(other.id)
    if len(others) >= limits.at_once + limits.waiting:
        raise QueueFullError(len(others) - limits.at_once)
    row = RunRow(
        id=f"R{secrets.token_hex(_ID_BYTES)}",
        state=RunState.QUEUED,
        asked=ASKED.dump_python(asked, mode="json"),
        asked_by=by,
        queued_at=now,
        technicians=technicians,
        token=0,
        lost=0,
    )
    session.add(row)
    session.flush()
    session.add_all(RunTerritoryRow(run_id=row.id, territory=t) for t in asked.territories)
    tell(session, row, QUEUED, {"ahead": len(others)}, now)
    note(session, _ASK, "run", row.id, by, now, after=asked)
    return facts_of(session, [row])[0]


def cancel_run(session: Session, run_id: str, by: str, now: datetime) -> RunFacts:
    """Ends a run that waits, or asks one that goes on to keep the best so far.

    A run that is over stays as it is. Raises UnknownRunError.
    """
    queries_runs.lock_queue(session)
    row = queries_runs.run_row(session, run_id, locked=True)
    if row is None:
        raise UnknownRunError(run_id)
    ask_to_end(session, row, by, now)
    return facts_of(session, [row])[0]


def ask_to_end(session: Session, row: RunRow, by: str, now: datetime) -> None:
    """Does so with a run or study, whose row is locked, as is the queue."""
    is_open = row.state in (RunState.QUEUED, RunState.RUNNING)
    if is_open and row.cancel_asked_at is None:
        row.cancel_asked_at = now
        subject = "run" if row.kind is RunKind.PLAN else "study"
        note(session, f"{subject}.cancel", subject, row.id, by, now)
        if row.state is RunState.QUEUED:
            end(session, row, RunState.CANCELLED, {}, now)
        session.flush()


def facts_of(session: Session, rows: Sequence[RunRow]) -> list[RunFacts]:
    """What people see of runs."""
    ids = [row.id for row in rows]
    versions = queries_runs.versions_of(session, ids)
    progress = queries_runs.last_events(session, ids, PROGRESS)
    places = {row.id: place for place, row in enumerate(queries_runs.open_runs(session))}
    return [
        RunFacts(
            id=row.id,
            state=row.state,
            asked=ASKED.validate_python(row.asked),
            asked_by=row.asked_by,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            cancel_asked_at=row.cancel_asked_at,
            ahead=places.get(row.id) if row.state is RunState.QUEUED else None,
            progress=_PROGRESS.validate_python(progress[row.id].told)
            if row.id in progress
            else None,
            version=versions.get(row.id),
            error_en=row.error,
            error_zh=row.error_zh,
            lost=row.lost,
        )
        for row in rows
    ]


def forget_old_progress(session: Session, now: datetime) -> None:
    """How a search went, and the single runs of a study, are kept for a week; what came of it, for
    ever."""
    queries_runs.forget_progress(session, PROGRESS, now - _KEPT)
    queries_studies.forget_outcomes(session, now - _KEPT)


# ------------------------------------------------------------------ for whoever changes its state


def tell(session: Session, row: RunRow, kind: str, told: dict[str, object], now: datetime) -> None:
    """Tells whoever listens something of a run, whose row is locked or new."""
    number = queries_runs.last_number(session, row.id) + 1
    session.add(RunEventRow(run_id=row.id, number=number, kind=kind, at=now, told=told))
    session.flush()


def end(
    session: Session, row: RunRow, state: RunState, told: dict[str, object], now: datetime
) -> None:
    """A run, whose row is locked, is over."""
    row.state, row.finished_at, row.lease_until = state, now, None
    error = {"error_en": row.error, "error_zh": row.error_zh} if row.error else {}
    tell(session, row, FINISHED, {"state": state.value, **told, **error}, now)


def _share(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two runs plan the same technician; a run that names none plans all."""
    return not ours or not theirs or not set(ours).isdisjoint(theirs)


def _check(session: Session, asked: Asked, limits: Limits) -> None:
    if asked.seconds is not None and asked.seconds > limits.most_s:
        raise TooLongError(asked.seconds, limits.most_s)
    known = list(queries_lists.territories(session, true()))
    for territory in asked.territories:
        if territory not in known or not queries_runs.technicians_of(session, (territory,)):
            raise UnknownNameError(
                "territory with technicians", "有技术员的责任区", territory, known
            )
    policies = [*POLICIES, *queries_runs.policies(session)]
    if asked.policy is not None and asked.policy not in policies:
        raise UnknownNameError("policy", "策略", asked.policy, policies)
    if asked.start is not None:
        version_row(session, asked.start)
