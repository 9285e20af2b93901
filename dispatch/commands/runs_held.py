"""Runs as processes carry them out: each is held by one at a time, with a token and a lease.

Whoever takes a run gets a new token, and everything that is written of the run needs the newest
one. So a process that was believed dead, and comes back, changes nothing any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy.orm import Session

from dispatch.commands.run_errors import RunLostError
from dispatch.commands.runs import ASKED, PROGRESS, QUEUED, STARTED, Asked, end, tell
from dispatch.commands.saving import Baseline, Saved, save_draft
from dispatch.commands.versions import version_row
from dispatch.domain.errors import DispatchError
from dispatch.domain.plan import Plan
from dispatch.store import queries_plans, queries_runs
from dispatch.store.rows_plans import RunKind, RunRow, RunState

_MOST_LOST = 2
"""A run is taken up again once; if that process dies too, it is probably the run's doing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process carries out."""

    run_id: str
    token: int


class Order(Enum):
    """What whoever holds a run has to do."""

    GO_ON = "go_on"
    KEEP_BEST = "keep_best"
    GIVE_UP = "give_up"


def take_run(
    session: Session,
    at_once: int,
    lease_s: float,
    now: datetime,
    kind: RunKind = RunKind.PLAN,
) -> Held | None:
    """Takes the next run of a kind, unless so many of it go on already."""
    queries_runs.lock_queue(session)
    for row in queries_runs.open_runs(session, kind):
        if row.lease_until is not None and row.lease_until < now:
            _lose_if_held(session, row.id, row.token, now)
    left = queries_runs.open_runs(session, kind)
    waiting = [row for row in left if row.state is RunState.QUEUED]
    if not waiting or len(left) - len(waiting) >= at_once:
        return None
    row = waiting[0]
    row.state, row.token = RunState.RUNNING, row.token + 1
    row.started_at = row.started_at or now
    row.lease_until = now + timedelta(seconds=lease_s)
    tell(session, row, STARTED, {"lost": row.lost}, now)
    return Held(row.id, row.token)


def asked_of(session: Session, held: Held) -> tuple[Asked, frozenset[str], str]:
    """What a run is to plan, for which technicians (none: all), and who asked.

    Raises RunLostError.
    """
    row = queries_runs.run_row(session, held.run_id)
    if row is None or row.token != held.token:
        raise RunLostError(held.run_id)
    return ASKED.validate_python(row.asked), frozenset(row.technicians), row.asked_by


def renew(
    session: Session,
    held: Held,
    lease_s: float,
    now: datetime,
    progress: Mapping[str, object] | None = None,
) -> Order:
    """Goes on holding a run, and tells where it stands."""
    row = held_row(session, held)
    if row is None:
        return Order.GIVE_UP
    row.lease_until = now + timedelta(seconds=lease_s)
    if progress is not None:
        tell(session, row, PROGRESS, dict(progress), now)
    return Order.GO_ON if row.cancel_asked_at is None else Order.KEEP_BEST


def finish(
    session: Session,
    held: Held,
    baseline: Baseline,
    plan: Plan,
    by: str,
    at: datetime,
    now: datetime,
) -> Saved:
    """Saves what was found as a draft; ``at`` is the organisation's time, ``now`` the real one.

    Raises RunLostError if somebody else holds the run by now.
    """
    queries_plans.lock_plans(session)
    row = held_row(session, held)
    if row is None:
        raise RunLostError(held.run_id)
    saved = save_draft(session, baseline, plan, by, at, technicians=row.technicians)
    version_row(session, saved.version).run_id = row.id
    state = RunState.DONE if row.cancel_asked_at is None else RunState.CANCELLED
    told = {
        "version": saved.version,
        "cost_fen": saved.cost_fen,
        "conflicts": [{"en": m.en, "zh": m.zh} for m in saved.conflicts],
    }
    end(session, row, state, told, now)
    return saved


def fail(session: Session, held: Held, error: DispatchError, now: datetime) -> None:
    """A run cannot be done, whoever tries."""
    row = held_row(session, held)
    if row is not None:
        row.error, row.error_zh = error.message_en, error.message_zh
        end(session, row, RunState.FAILED, {}, now)


def lose(session: Session, held: Held, now: datetime) -> None:
    """The process that carried a run out is dead."""
    queries_runs.lock_queue(session)
    _lose_if_held(session, held.run_id, held.token, now)


def hand_back(session: Session, held: Held, now: datetime) -> None:
    """The server ends: the next one takes the run up, from its beginning."""
    queries_runs.lock_queue(session)
    row = held_row(session, held)
    if row is not None:
        _queue_again(session, row, now)


def held_row(session: Session, held: Held) -> RunRow | None:
    """The run, locked; None if it is not this process's any more."""
    row = queries_runs.run_row(session, held.run_id, locked=True)
    if row is None or row.token != held.token or row.state is not RunState.RUNNING:
        return None
    return row


def _lose_if_held(session: Session, run_id: str, token: int, now: datetime) -> None:
    row = held_row(session, Held(run_id, token))
    if row is None:
        return
    row.lost += 1
    if row.lost < _MOST_LOST:
        _queue_again(session, row, now)
        return
    row.error = f"The process that planned died {row.lost} times; the log says more."
    row.error_zh = f"执行计划的进程已中断 {row.lost} 次；详见日志。"
    end(session, row, RunState.FAILED, {}, now)


def _queue_again(session: Session, row: RunRow, now: datetime) -> None:
    """Others may take it, unless nobody wants it any more."""
    if row.cancel_asked_at is not None:
        end(session, row, RunState.CANCELLED, {}, now)
        return
    row.state, row.lease_until = RunState.QUEUED, None
    tell(session, row, QUEUED, {"lost": row.lost}, now)
