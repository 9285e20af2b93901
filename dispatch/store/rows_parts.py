"""Tables of parts: lots, where they are, who was promised them, and every movement."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Id, Number, Placed, Position, Row

_ONE_PLACE = "(station_id IS NULL) <> (technician_id IS NULL)"


class ReservationState(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"
    CONSUMED = "consumed"


class MovementKind(StrEnum):
    RECEIVE = "receive"
    TRANSFER = "transfer"
    RESERVE = "reserve"
    RELEASE = "release"
    ISSUE = "issue"
    CONSUME = "consume"
    RETURN = "return"
    ADJUST = "adjust"
    QUARANTINE = "quarantine"


class SerialState(StrEnum):
    IN_STOCK = "in_stock"
    INSTALLED = "installed"
    QUARANTINED = "quarantined"
    LOST = "lost"


class PartRow(Placed, Row):
    """A spare part; ``serial_tracked``: every unit is known by its serial number."""

    __tablename__ = "parts"

    id: Mapped[Id]
    name: Mapped[str]
    serial_tracked: Mapped[bool] = mapped_column(default=False, server_default="0")


class SubstituteRow(Row):
    """A part that is approved in place of another, best first."""

    __tablename__ = "substitutes"
    __table_args__ = (CheckConstraint("part_id <> substitute_id", "another"),)

    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"), primary_key=True)
    position: Mapped[Position]
    substitute_id: Mapped[str] = mapped_column(ForeignKey("parts.id"))


class LotRow(Row):
    """Units of one part that came together. The lot that arrived first goes out first."""

    __tablename__ = "lots"

    id: Mapped[Id]
    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"), index=True)
    arrived_at: Mapped[datetime]


class BalanceRow(Placed, Row):
    """What is left of a lot at one place, a station's depot or a technician's van.

    ``on_hand`` units are there, of which ``reserved`` are promised; ``expected`` are to come at
    ``available_at``, of which ``promised`` are; ``quarantined`` are there but must not be used.
    Every change of what is there or promised has its movement; what is to come is in the audit
    trail. ``id`` is the lot's where the lot came first.
    """

    __tablename__ = "balances"
    __table_args__ = (
        CheckConstraint("reserved >= 0 AND on_hand >= reserved", "on_hand_covers_reserved"),
        CheckConstraint("promised >= 0 AND expected >= promised", "expected_covers_promised"),
        CheckConstraint("quarantined >= 0", "quarantined"),
        CheckConstraint("on_hand = 0 OR expected = 0", "there_or_to_come"),
        CheckConstraint(_ONE_PLACE, "one_place"),
        UniqueConstraint("lot_id", "station_id"),
        UniqueConstraint("lot_id", "technician_id"),
    )

    id: Mapped[Id]
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"))
    station_id: Mapped[str | None] = mapped_column(ForeignKey("stations.id"), index=True)
    technician_id: Mapped[str | None] = mapped_column(ForeignKey("technicians.id"), index=True)
    available_at: Mapped[datetime]
    on_hand: Mapped[int] = mapped_column(default=0, server_default="0")
    reserved: Mapped[int] = mapped_column(default=0, server_default="0")
    expected: Mapped[int] = mapped_column(default=0, server_default="0")
    promised: Mapped[int] = mapped_column(default=0, server_default="0")
    quarantined: Mapped[int] = mapped_column(default=0, server_default="0")

    @hybrid_property
    def free(self) -> int:
        """Units that are there and promised to nobody."""
        return self.on_hand - self.reserved

    @hybrid_property
    def free_to_come(self) -> int:
        """Units that are to come and promised to nobody."""
        return self.expected - self.promised


class SerialRow(Row):
    """One unit by its serial number: which lot it came with and where it is now.

    ``lot_id`` is null for a unit that came back from a customer and never was in stock.
    ``visit_id`` is the visit that installed it.
    """

    __tablename__ = "serials"

    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"), primary_key=True)
    serial: Mapped[Id]
    state: Mapped[SerialState]
    lot_id: Mapped[str | None] = mapped_column(ForeignKey("lots.id"), index=True)
    balance_id: Mapped[str | None] = mapped_column(ForeignKey("balances.id"), index=True)
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"), index=True)


class ReservationRow(Row):
    """Units of a lot at a place, promised to a visit. What is held has an expiry."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("state IN ('held', 'committed', 'released', 'consumed')", "state"),
        CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", "held_expires"),
    )

    id: Mapped[Id]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    balance_id: Mapped[str] = mapped_column(ForeignKey("balances.id"), index=True)
    quantity: Mapped[int]
    state: Mapped[ReservationState]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    plan_version: Mapped[int | None] = mapped_column(ForeignKey("plan_versions.version"))
    reserved_at: Mapped[datetime]
    reserved_by: Mapped[str]


class MovementRow(Row):
    """One change of stock, for ever: rows are added, never changed nor taken away.

    ``quantity`` units of a lot go from one balance to another; one of them is null where units
    enter or leave stock. ``adjust`` counts up (to) or down (from). ``reserve``, ``release`` and
    ``quarantine`` name the balance in ``from_balance_id``, leaving quarantine in
    ``to_balance_id``. ``imported``: files said so, and nobody moved anything.
    """

    __tablename__ = "movements"
    __table_args__ = (
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("from_balance_id IS NOT NULL OR to_balance_id IS NOT NULL", "somewhere"),
    )

    id: Mapped[Number]
    kind: Mapped[MovementKind]
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), index=True)
    from_balance_id: Mapped[str | None] = mapped_column(ForeignKey("balances.id"), index=True)
    to_balance_id: Mapped[str | None] = mapped_column(ForeignKey("balances.id"), index=True)
    quantity: Mapped[int]
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"), index=True)
    reservation_id: Mapped[str | None] = mapped_column(ForeignKey("reservations.id"))
    happened_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    imported: Mapped[bool] = mapped_column(default=False, server_default="0")


class MovementSerialRow(Row):
    """A unit that a movement moved."""

    __tablename__ = "movement_serials"
    __table_args__ = (
        ForeignKeyConstraint(["part_id", "serial"], ["serials.part_id", "serials.serial"]),
    )

    movement_id: Mapped[int] = mapped_column(ForeignKey("movements.id"), primary_key=True)
    part_id: Mapped[Id]
    serial: Mapped[Id]


class ReturnedUnitRow(Row):
    """A unit that a visit brought back, and the unit that was put in its place, if known.

    ``station_id`` is where it lies.
    """

    __tablename__ = "returned_units"

    id: Mapped[Id]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"))
    serial: Mapped[str] = mapped_column(index=True)
    replaced_by_serial: Mapped[str | None] = mapped_column(index=True)
    returned_at: Mapped[datetime]
    station_id: Mapped[str | None] = mapped_column(ForeignKey("stations.id"))
