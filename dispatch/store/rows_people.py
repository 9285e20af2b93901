"""Tables of technicians, what they can do and when they work."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.people import Coverage, ShiftKind
from dispatch.store.base import Id, Placed, Position, Row


class TechnicianRow(Placed, Row):
    """A person who drives out. Limits that are null do not exist."""

    __tablename__ = "technicians"

    id: Mapped[Id]
    name: Mapped[str]
    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"), index=True)
    max_travel_s: Mapped[int | None]
    max_visits: Mapped[int | None]
    max_total_overtime_s: Mapped[int | None]
    min_rest_s: Mapped[int]
    may_stay_overnight: Mapped[bool]
    max_nights: Mapped[int]


class CertificateRow(Row):
    """A skill at a level, valid through ``expires_on`` (null: for ever)."""

    __tablename__ = "certificates"

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    position: Mapped[Position]
    skill: Mapped[str]
    level: Mapped[int]
    expires_on: Mapped[date | None]


class TerritoryCoverRow(Row):
    """A territory that a technician covers, as primary or as backup."""

    __tablename__ = "territory_covers"

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    position: Mapped[Position]
    territory: Mapped[str]
    coverage: Mapped[Coverage]


class ExclusionRow(Row):
    """A customer or a site, one of them, that a technician is barred from."""

    __tablename__ = "exclusions"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (site_id IS NULL)", "customer_or_site"),
    )

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    position: Mapped[Position]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"))


class TechnicianToolRow(Row):
    """A tool on a technician's van."""

    __tablename__ = "technician_tools"

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    position: Mapped[Position]
    tool: Mapped[str]


class ShiftPatternRow(Row):
    """Working hours that repeat, or hours of dates, which replace all others on those dates.

    Standby duty is a pattern of kind ``standby``. ``number`` counts the technician's patterns,
    ``position`` says the order of all.
    """

    __tablename__ = "shift_patterns"

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    number: Mapped[Position]
    position: Mapped[int]
    days: Mapped[str]
    start: Mapped[time]
    end: Mapped[time]
    kind: Mapped[ShiftKind]
    max_overtime_s: Mapped[int]


class BreakPatternRow(Row):
    """A break of a shift pattern."""

    __tablename__ = "break_patterns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["technician_id", "number"], ["shift_patterns.technician_id", "shift_patterns.number"]
        ),
    )

    technician_id: Mapped[Id]
    number: Mapped[Position]
    position: Mapped[Position]
    earliest: Mapped[time]
    latest: Mapped[time]
    duration_s: Mapped[int]


class AbsenceRow(Row):
    """Time in which a technician neither works nor travels."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("start_at < end_at", "interval"),)

    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    start_at: Mapped[datetime] = mapped_column(primary_key=True)
    end_at: Mapped[datetime]
    reason: Mapped[str]
