"""Tables of who may call the API, how often, and what they were answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.access import Role
from dispatch.store.base import Id, Json, JsonList, Row


class ApiKeyRow(Row):
    """A key for programs: only its hash is kept. ``role`` says what it may do.

    ``territories`` limits what it sees; none: all. ``technician_id`` is there for the roles of one
    technician.
    """

    __tablename__ = "api_keys"

    id: Mapped[Id]
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    territories: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
    technician_id: Mapped[str | None] = mapped_column(ForeignKey("technicians.id"))


class AllowanceRow(Row):
    """How many more calls a caller may make, said by when all of them may be made again:
    ``full_us``, microseconds since 1970."""

    __tablename__ = "allowances"

    caller_id: Mapped[Id]
    full_us: Mapped[int] = mapped_column(BigInteger())


class AnswerRow(Row):
    """What was answered to a call with an idempotency key, to be answered again.

    ``id`` is the caller's and the key; ``fingerprint`` tells the call from another one.
    """

    __tablename__ = "answers"

    id: Mapped[Id]
    fingerprint: Mapped[str]
    status: Mapped[int]
    headers: Mapped[Json]
    body: Mapped[str]
    answered_at: Mapped[datetime] = mapped_column(index=True)
