"""Tables of plans: their versions, what they decide, bookings, and what people were told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.plan import StopKind
from dispatch.store.base import Fen, Id, Json, JsonList, Number, Placed, Position, Row


class PlanState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunKind(StrEnum):
    """A plan to be made, or a study of scenarios; each kind has a queue of its own."""

    PLAN = "plan"
    STUDY = "study"


class RunRow(Row):
    """Work in the background; ``asked`` is what it was asked for.

    ``technicians`` are those whose routes it may change. Whoever carries it out holds it until
    ``lease_until``, renewed all the time, with a ``token`` that grows each time somebody takes it.
    ``lost`` counts processes that died of it.
    """

    __tablename__ = "runs"

    id: Mapped[Id]
    kind: Mapped[RunKind] = mapped_column(default=RunKind.PLAN, server_default="plan")
    state: Mapped[RunState] = mapped_column(index=True)
    asked: Mapped[Json]
    asked_by: Mapped[str]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    error_zh: Mapped[str | None]
    technicians: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
    token: Mapped[int] = mapped_column(default=0, server_default="0")
    lost: Mapped[int] = mapped_column(default=0, server_default="0")
    lease_until: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]


class RunTerritoryRow(Row):
    """A territory that a run plans; a run without any plans all."""

    __tablename__ = "run_territories"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    territory: Mapped[Id]


class RunEventRow(Row):
    """What is told of a run, in the order of ``number``."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[Position]
    kind: Mapped[str]
    at: Mapped[datetime]
    told: Mapped[Json]


class PlanVersionRow(Row):
    """One version of the plan. At most one is published; its base is what it was made from.

    ``amended`` counts the visits that were assigned in it at once since it was published, and
    ``base_amended`` how many of those of its base it has.
    """

    __tablename__ = "plan_versions"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'superseded')", "state"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", "published_at"),
        CheckConstraint("start_at < end_at", "horizon"),
        Index(
            "uq_plan_versions_published",
            "state",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        {"sqlite_autoincrement": True},  # the number of a draft thrown away is not given again
    )

    version: Mapped[Number]
    state: Mapped[PlanState]
    base_version: Mapped[int | None] = mapped_column(
        ForeignKey("plan_versions.version", deferrable=True, initially="DEFERRED")
    )
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    now_at: Mapped[datetime]
    policy: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    seed: Mapped[int | None]
    iterations: Mapped[int | None]
    bound_fen: Mapped[Fen | None]
    cost_fen: Mapped[Fen | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    amended: Mapped[int] = mapped_column(default=0, server_default="0")
    base_amended: Mapped[int] = mapped_column(default=0, server_default="0")


class PlanRouteRow(Row):
    """One technician's route in one shift of a version."""

    __tablename__ = "plan_routes"
    __table_args__ = (UniqueConstraint("version", "technician_id", "shift_id"),)

    version: Mapped[int] = mapped_column(ForeignKey("plan_versions.version"), primary_key=True)
    route: Mapped[Position]
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))
    shift_id: Mapped[str]
    ends_away: Mapped[bool]


class PlanStopRow(Row):
    """One stop of a route: what was decided; times follow from that, as in the domain.

    ``item`` is the index of a break or absence.
    """

    __tablename__ = "plan_stops"
    __table_args__ = (
        ForeignKeyConstraint(["version", "route"], ["plan_routes.version", "plan_routes.route"]),
    )

    version: Mapped[Position]
    route: Mapped[Position]
    position: Mapped[Position]
    kind: Mapped[StopKind]
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"), index=True)
    station_id: Mapped[str | None] = mapped_column(ForeignKey("stations.id"))
    tools: Mapped[JsonList]
    not_before_at: Mapped[datetime | None]
    item: Mapped[int | None]


class PlanStopPartRow(Row):
    """Units of a part that a stop picks up or uses."""

    __tablename__ = "plan_stop_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["version", "route", "position"],
            ["plan_stops.version", "plan_stops.route", "plan_stops.position"],
        ),
    )

    version: Mapped[Position]
    route: Mapped[Position]
    position: Mapped[Position]
    number: Mapped[Position]
    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"))
    quantity: Mapped[int]


class PlanUnassignedRow(Row):
    """A visit that stayed out of a version, why, and the obstacles as the plan file says them."""

    __tablename__ = "plan_unassigned"
    __table_args__ = (UniqueConstraint("version", "visit_id"),)

    version: Mapped[int] = mapped_column(ForeignKey("plan_versions.version"), primary_key=True)
    position: Mapped[Position]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    code: Mapped[str]
    obstacles: Mapped[JsonList]


class BookingRow(Row):
    """A technician's time at a visit by the published plan, from start to the end of the repair.

    The run-in is not in it: other visits at the same site may be done meanwhile. The database
    refuses a second booking of the same technician at the same time.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("start_at < finish_at", "interval"),
        UniqueConstraint("visit_id", "technician_id"),
        Index("ix_bookings_technician_start", "technician_id", "start_at"),
    )

    id: Mapped[Number]
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    start_at: Mapped[datetime]
    finish_at: Mapped[datetime]
    plan_version: Mapped[int] = mapped_column(ForeignKey("plan_versions.version"), index=True)


class CommitmentRow(Placed, Row):
    """What people were told: when this visit starts; by whom stands beside it.

    ``plan_version`` is the published plan that told them; null for what came with an import.
    """

    __tablename__ = "commitments"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    start_at: Mapped[datetime]
    plan_version: Mapped[int | None] = mapped_column(ForeignKey("plan_versions.version"))


class CommitmentTechnicianRow(Row):
    """One of the technicians that people were told of."""

    __tablename__ = "commitment_technicians"

    visit_id: Mapped[str] = mapped_column(ForeignKey("commitments.visit_id"), primary_key=True)
    position: Mapped[Position]
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))


class ForcedChangeRow(Row):
    """A rule that a person broke on purpose, for ever on record with the reason.

    ``technician_id`` is whose doing breaks it, if that is one technician's.
    """

    __tablename__ = "forced_changes"

    id: Mapped[Number]
    plan_version: Mapped[int] = mapped_column(ForeignKey("plan_versions.version"), index=True)
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"), index=True)
    technician_id: Mapped[str | None]
    code: Mapped[str]
    subject: Mapped[str]
    amount: Mapped[int]
    reason: Mapped[str]
    forced_at: Mapped[datetime]
    forced_by: Mapped[str]
