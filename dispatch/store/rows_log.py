"""Tables of what happened and who did it: events and the audit trail."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.events import EventKind
from dispatch.store.base import Id, Json, Number, Row


class EventRow(Row):
    """A fact about a work order: rows are added, never changed nor taken away.

    ``id`` is given by whoever reports it, so that the same fact sent twice is one. ``details`` are
    the fields of its kind.
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_order_time", "work_order_id", "happened_at"),)

    id: Mapped[Id]
    kind: Mapped[EventKind] = mapped_column(index=True)
    work_order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"), index=True)
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    recorded_by: Mapped[str]
    details: Mapped[Json | None]
    note: Mapped[str] = mapped_column(default="", server_default="")


class SignatureRow(Row):
    """The picture of a signature, in base64, by its own SHA-256; sign-offs name it.

    It may be that of a fact which was refused, so no event need be on record.
    """

    __tablename__ = "signatures"

    digest: Mapped[Id]
    png: Mapped[str]


class AuditRow(Row):
    """Who changed what, when and why: rows are added, never changed nor taken away.

    ``idempotency_key`` is the caller's name for the command: a second try with the same key finds
    ``outcome`` here and changes nothing.
    """

    __tablename__ = "audit_trail"
    __table_args__ = (Index("ix_audit_trail_subject", "subject_kind", "subject_id"),)

    id: Mapped[Number]
    done_at: Mapped[datetime] = mapped_column(index=True)
    done_by: Mapped[str]
    command: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    outcome: Mapped[Json | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
