"""Tables of studies: what was asked, of which facts, and what it came to."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Id, Json, Row


class StudyRow(Row):
    """What a run of kind study is about. ``asked``, ``facts`` and ``found`` are JSON, as long as
    they are there: facts are forgotten some time after it is over. ``reports`` are files, by their
    names."""

    __tablename__ = "studies"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    asked: Mapped[str]
    facts: Mapped[str | None]
    found: Mapped[str | None]
    reports: Mapped[Json | None]


class StudyOutcomeRow(Row):
    """One planned run of the study ``run_id``; equal keys mean equal outcomes, in any study."""

    __tablename__ = "study_outcomes"

    key: Mapped[Id]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True, index=True)
    outcome: Mapped[str]
