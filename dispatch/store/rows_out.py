"""Tables of what goes out: endpoints, messages for them, and who sends at the moment."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.messages import DeliveryState, EndpointFormat, MessageKind
from dispatch.domain.work import ClockKind
from dispatch.store.base import Id, Json, JsonList, Number, Row
from dispatch.texts import Language


class EndpointRow(Row):
    """Where messages go. ``kinds`` are those that are wanted, ``territories`` limits them; none:
    all.

    ``url`` and secrets are sealed (``dispatch.sealing``), not hashed: messages are signed with
    them. The old secret signs too until ``old_secret_until``. After ``failures`` in a row it rests
    until ``rests_until``. Both are real times, whatever time it is for the organisation.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[Id]
    name: Mapped[str]
    format: Mapped[EndpointFormat]
    url: Mapped[str]
    secret: Mapped[str] = mapped_column(default="", server_default="")
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    kinds: Mapped[JsonList]
    territories: Mapped[JsonList]
    language: Mapped[Language]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    disabled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    rests_until: Mapped[datetime | None]


class MessageRow(Row):
    """Something that happened, written in the transaction in which it did."""

    __tablename__ = "outbox"

    id: Mapped[Id]
    kind: Mapped[MessageKind]
    happened_at: Mapped[datetime]
    data: Mapped[Json]


class DeliveryRow(Row):
    """One message for one endpoint. ``next_at`` null: as soon as somebody sends. ``next_at`` and
    ``done_at`` are real times."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_waiting", "state", "endpoint_id"),)

    id: Mapped[Number]
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox.id"), index=True)
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(default="", server_default="")
    done_at: Mapped[datetime | None]


class ToldClockRow(Row):
    """A clock that was told of. No foreign key: it outlives what it is about."""

    __tablename__ = "told_clocks"

    work_order_id: Mapped[str] = mapped_column(Text(), primary_key=True)
    clock: Mapped[ClockKind] = mapped_column(primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(primary_key=True)


class SenderRow(Row):
    """Who sends, until when at the longest unless that is renewed; one row. Real times."""

    __tablename__ = "sender"

    id: Mapped[Id]
    holder: Mapped[str]
    until_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
