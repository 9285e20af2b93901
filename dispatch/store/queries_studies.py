"""Queries about studies of scenarios."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from dispatch.store.rows_plans import RunKind, RunRow
from dispatch.store.rows_studies import StudyOutcomeRow, StudyRow

IS_STUDY: ColumnElement[bool] = RunRow.kind == RunKind.STUDY


def kept(session: Session, study_id: str, what: InstrumentedAttribute[Any]) -> Any:  # noqa: ANN401
    """One column of a study: some are large."""
    return session.scalar(select(what).where(StudyRow.run_id == study_id))


def keep(session: Session, study_id: str, values: Mapping[str, object]) -> None:
    session.execute(update(StudyRow).where(StudyRow.run_id == study_id).values(values))


def outcomes(session: Session, study_id: str, keys: Sequence[str]) -> Sequence[str]:
    """What is known of the runs of a study, and of some others."""
    wanted = select(StudyOutcomeRow.outcome).where(
        (StudyOutcomeRow.run_id == study_id) | StudyOutcomeRow.key.in_(keys)
    )
    return session.scalars(wanted).all()


def forget_outcomes(session: Session, before: datetime) -> None:
    """Takes away the single runs and the facts of studies that have been over since an instant."""
    over = select(RunRow.id).where(IS_STUDY, RunRow.finished_at < before)
    session.execute(delete(StudyOutcomeRow).where(StudyOutcomeRow.run_id.in_(over)))
    session.execute(
        update(StudyRow)
        .where(StudyRow.run_id.in_(over), StudyRow.facts.is_not(None))
        .values(facts=None)
    )
