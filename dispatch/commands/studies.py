"""Studies of scenarios as people ask for them and see them, and as processes carry them out.

What is asked, the facts and what was found are JSON here: their form is that of ``scenarios``.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from dispatch.commands.auditing import note
from dispatch.commands.run_errors import QueueFullError, RunLostError, UnknownStudyError
from dispatch.commands.runs import PROGRESS, QUEUED, Limits, ask_to_end, end, tell
from dispatch.commands.runs_held import Held, held_row
from dispatch.store import queries_runs, queries_studies
from dispatch.store.rows_plans import RunKind, RunRow, RunState
from dispatch.store.rows_studies import StudyOutcomeRow, StudyRow

_ASK = "study.ask"
_ID_BYTES = 6


class StudyKind(StrEnum):
    """What is asked: scenarios beside what would be without them, a quantity at several values,
    what holds the plan back, or the cheapest measures that reach a target."""

    COMPARE = "compare"
    SWEEP = "sweep"
    BOTTLENECKS = "bottlenecks"
    SUGGEST = "suggest"


@dataclass(frozen=True, slots=True)
class StudySize:
    """What is asked for, in short."""

    name: str
    base: str
    scenarios: int
    seeds: int
    iterations: int
    kind: StudyKind = StudyKind.COMPARE


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How many runs are done; ``known`` of the ``total`` were there already. While
    ``is_compiling``, the search is made ready."""

    done: int
    total: int
    known: int
    is_compiling: bool


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """A study as it stands.

    ``ahead`` are the studies that go first (None: it does not wait). One that was cancelled keeps
    what was found. ``lost`` counts processes that died of it.
    """

    id: str
    state: RunState
    asked: StudySize
    asked_by: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None
    ahead: int | None
    progress: StudyProgress | None
    error_en: str | None
    error_zh: str | None
    lost: int


_SIZE = TypeAdapter(StudySize)
_PROGRESS = TypeAdapter(StudyProgress)


def ask_for_study(
    session: Session,
    size: StudySize,
    asked: str,
    facts: str,
    limits: Limits,
    by: str,
    now: datetime,
) -> StudyFacts:
    """Puts a study of these facts into the queue. Raises QueueFullError."""
    queries_runs.lock_queue(session)
    others = queries_runs.open_runs(session, RunKind.STUDY)
    if len(others) >= limits.at_once + limits.waiting:
        raise QueueFullError(len(others) - limits.at_once)
    row = RunRow(
        id=f"S{secrets.token_hex(_ID_BYTES)}",
        kind=RunKind.STUDY,
        state=RunState.QUEUED,
        asked=_SIZE.dump_python(size, mode="json"),
        asked_by=by,
        queued_at=now,
    )
    session.add(row)
    session.flush()
    session.add(StudyRow(run_id=row.id, asked=asked, facts=facts))
    tell(session, row, QUEUED, {"ahead": len(others)}, now)
    note(session, _ASK, "study", row.id, by, now, after=size)
    return studies_of(session, [row])[0]


def cancel_study(session: Session, study_id: str, by: str, now: datetime) -> StudyFacts:
    """Ends a study; what was found so far is kept. One that is over stays as it is.

    Raises UnknownStudyError.
    """
    queries_runs.lock_queue(session)
    row = study_row(session, study_id, locked=True)
    ask_to_end(session, row, by, now)
    return studies_of(session, [row])[0]


def study_row(session: Session, study_id: str, *, locked: bool = False) -> RunRow:
    """Raises UnknownStudyError."""
    row = queries_runs.run_row(session, study_id, locked=locked)
    if row is None or row.kind is not RunKind.STUDY:
        raise UnknownStudyError(study_id)
    return row


def studies_of(session: Session, rows: Sequence[RunRow]) -> list[StudyFacts]:
    """What people see of studies."""
    progress = queries_runs.last_events(session, [row.id for row in rows], PROGRESS)
    waiting = queries_runs.open_runs(session, RunKind.STUDY)
    places = {row.id: place for place, row in enumerate(waiting)}
    return [
        StudyFacts(
            id=row.id,
            state=row.state,
            asked=_SIZE.validate_python(row.asked),
            asked_by=row.asked_by,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            cancel_asked_at=row.cancel_asked_at,
            ahead=places.get(row.id) if row.state is RunState.QUEUED else None,
            progress=_PROGRESS.validate_python(progress[row.id].told)
            if row.id in progress
            else None,
            error_en=row.error,
            error_zh=row.error_zh,
            lost=row.lost,
        )
        for row in rows
    ]


# ------------------------------------------------------------- for the process that carries it out


def begin(session: Session, held: Held) -> tuple[str, str]:
    """What was asked, and of which facts. Raises RunLostError."""
    row = queries_runs.run_row(session, held.run_id)
    study = session.get(StudyRow, held.run_id)
    if row is None or row.token != held.token or study is None or study.facts is None:
        raise RunLostError(held.run_id)
    return study.asked, study.facts


def keep_outcome(session: Session, held: Held, key: str, outcome: str) -> None:
    """Keeps one planned run, whoever holds the study by now: it is as good as another's."""
    session.merge(StudyOutcomeRow(key=key, run_id=held.run_id, outcome=outcome))


def keep_found(session: Session, held: Held, found: str) -> None:
    """Keeps what was found so far, if the study is still held."""
    if held_row(session, held) is not None:
        queries_studies.keep(session, held.run_id, {"found": found})


def finish_study(
    session: Session, held: Held, found: str | None, reports: Mapping[str, str], now: datetime
) -> None:
    """A study is over; ``found`` None: nothing came of it. Raises RunLostError if somebody else
    holds it by now."""
    row = held_row(session, held)
    if row is None:
        raise RunLostError(held.run_id)
    queries_studies.keep(session, held.run_id, {"found": found, "reports": dict(reports)})
    state = RunState.DONE if row.cancel_asked_at is None else RunState.CANCELLED
    end(session, row, state, {}, now)
