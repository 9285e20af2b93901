"""Tables of tickets, work orders and visits."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.work import GateKind, Priority
from dispatch.store.base import Id, JsonList, Placed, Position, Row


class TicketRow(Row):
    """What came in, as it came in. ``number`` is the one of the system it came from."""

    __tablename__ = "tickets"

    number: Mapped[Id]
    received_at: Mapped[datetime] = mapped_column(index=True)
    channel: Mapped[str]
    text: Mapped[str]
    contact: Mapped[str]


class WorkOrderRow(Placed, Row):
    """What the customer needs.

    ``state``, the instants of the clocks, ``emergency_at`` (an emergency plan is open) and
    ``closed_at`` (nothing more is to be done) follow from the events; they are kept here so that
    lists and planning need not read all events.
    """

    __tablename__ = "work_orders"

    id: Mapped[Id]
    ticket_number: Mapped[str | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    equipment_id: Mapped[str | None] = mapped_column(ForeignKey("equipment.id"), index=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), index=True)
    product: Mapped[str]
    priority: Mapped[Priority]
    reported_at: Mapped[datetime] = mapped_column(index=True)
    description: Mapped[str]
    state: Mapped[str] = mapped_column(default="reported", server_default="reported", index=True)
    responded_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    emergency_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)


class GateRow(Row):
    """What must be true before a visit of the work order may start."""

    __tablename__ = "gates"

    work_order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"), primary_key=True)
    position: Mapped[Position]
    kind: Mapped[GateKind]
    opened_at: Mapped[datetime]
    passed_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    waits_for_customer: Mapped[bool]


class VisitRow(Placed, Row):
    """One trip of a technician or crew; the unit that is planned.

    ``stops`` names the SLA clocks that it stops. ``state`` and the instants follow from the events.
    A visit with ``ended_at`` (done, failed or cancelled) is planned no more. ``follows_visit_id``
    is the failed visit that this one makes good.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("duration_s > 0", "duration"),
        CheckConstraint("crew_size > 0", "crew_size"),
    )

    id: Mapped[Id]
    work_order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"), index=True)
    duration_s: Mapped[int]
    release_at: Mapped[datetime | None]
    run_in_s: Mapped[int]
    crew_size: Mapped[int]
    wished_technician_id: Mapped[str | None] = mapped_column(ForeignKey("technicians.id"))
    stops: Mapped[JsonList]
    state: Mapped[str] = mapped_column(default="open", server_default="open", index=True)
    started_at: Mapped[datetime | None]
    repaired_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    follows_visit_id: Mapped[str | None] = mapped_column(
        ForeignKey("visits.id", deferrable=True, initially="DEFERRED")
    )


class VisitWindowRow(Row):
    """A promised window of a visit."""

    __tablename__ = "visit_windows"
    __table_args__ = (CheckConstraint("open_at <= close_at", "interval"),)

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    position: Mapped[Position]
    open_at: Mapped[datetime]
    close_at: Mapped[datetime]


class SkillNeedRow(Row):
    """A skill, at least at a level, that a visit needs."""

    __tablename__ = "skill_needs"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    position: Mapped[Position]
    skill: Mapped[str]
    level: Mapped[int]


class PartNeedRow(Row):
    """Units of a part that a visit needs."""

    __tablename__ = "part_needs"
    __table_args__ = (CheckConstraint("quantity > 0", "quantity"),)

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    position: Mapped[Position]
    part_id: Mapped[str] = mapped_column(ForeignKey("parts.id"))
    quantity: Mapped[int]


class ToolNeedRow(Row):
    """A tool that a visit needs."""

    __tablename__ = "tool_needs"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    position: Mapped[Position]
    tool: Mapped[str]


class LinkRow(Placed, Row):
    """A visit depends on another: order, lags, same technician."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("first_visit_id <> then_visit_id", "two_visits"),)

    first_visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    then_visit_id: Mapped[str] = mapped_column(
        ForeignKey("visits.id"), primary_key=True, index=True
    )
    min_lag_s: Mapped[int | None]
    max_lag_s: Mapped[int | None]
    same_technician: Mapped[bool]


class PinRow(Placed, Row):
    """What must not change about a visit, and who said so; ``imported``: files did."""

    __tablename__ = "pins"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    technician_id: Mapped[str | None] = mapped_column(ForeignKey("technicians.id"))
    start_at: Mapped[datetime | None]
    after_visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    pinned_at: Mapped[datetime]
    pinned_by: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    imported: Mapped[bool] = mapped_column(default=False, server_default="0")


class PinTechnicianRow(Row):
    """Another member of the crew that is pinned beside the pin's technician."""

    __tablename__ = "pin_technicians"

    visit_id: Mapped[str] = mapped_column(ForeignKey("pins.visit_id"), primary_key=True)
    position: Mapped[Position]
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))


class HeldSlotRow(Row):
    """A window that was offered for a visit and is kept for it until ``expires_at``; who would come
    (of a crew, who leads it) stands beside it."""

    __tablename__ = "held_slots"
    __table_args__ = (CheckConstraint("open_at <= close_at", "interval"),)

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))
    open_at: Mapped[datetime]
    close_at: Mapped[datetime]
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    held_by: Mapped[str]
