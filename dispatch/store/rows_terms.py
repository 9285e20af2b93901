"""Tables of calendars, SLA rules, prices and travel."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.sla import ProvinceRelation
from dispatch.domain.work import ClockKind, Priority
from dispatch.store.base import Fen, Id, JsonList, Placed, Position, Row


class CalendarRow(Placed, Row):
    """When a clock runs; without hours around the clock. ``weekdays`` are numbers, 0 is Monday."""

    __tablename__ = "calendars"

    id: Mapped[Id]
    time_zone: Mapped[str]
    weekdays: Mapped[JsonList]


class CalendarHoursRow(Row):
    """Business hours of every working day of a calendar."""

    __tablename__ = "calendar_hours"

    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendars.id"), primary_key=True)
    position: Mapped[Position]
    start: Mapped[time]
    end: Mapped[time]


class CalendarDayRow(Row):
    """A public holiday, a make-up workday, or an exception of the organisation's own."""

    __tablename__ = "calendar_days"

    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendars.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str]


class SlaRuleRow(Placed, Row):
    """What a rule matches; null matches everything. The first by position that matches holds.

    Where ``cover_notice_s`` is null, no cover is asked for."""

    __tablename__ = "sla_rules"

    id: Mapped[Id]
    relation: Mapped[ProvinceRelation | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    product: Mapped[str | None]
    tier: Mapped[str | None]
    priority: Mapped[Priority | None]
    cover_notice_s: Mapped[int | None]


class SlaClockRow(Row):
    """One clock of a rule: its length, the calendar it counts by, and what lateness costs."""

    __tablename__ = "sla_clocks"

    rule_id: Mapped[str] = mapped_column(ForeignKey("sla_rules.id"), primary_key=True)
    position: Mapped[Position]
    kind: Mapped[ClockKind]
    length_s: Mapped[int]
    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendars.id"))
    breach_fen: Mapped[Fen]
    late_fen_per_h: Mapped[Fen]


class PolicyRow(Placed, Row):
    """A policy of the organisation's own, beside those that ship."""

    __tablename__ = "policies"

    name: Mapped[Id]
    unassigned_emergency_fen: Mapped[Fen]
    unassigned_high_fen: Mapped[Fen]
    unassigned_normal_fen: Mapped[Fen]
    unassigned_low_fen: Mapped[Fen]
    clock_permille: Mapped[int]
    travel_fen_per_h: Mapped[Fen]
    travel_fen_per_km: Mapped[Fen]
    paid_fen_per_h: Mapped[Fen]
    overtime_fen_per_h: Mapped[Fen]
    lodging_fen: Mapped[Fen]
    backup_territory_fen: Mapped[Fen]
    over_qualification_fen: Mapped[Fen]
    wish_fen: Mapped[Fen]
    unfair_fen_per_h: Mapped[Fen]
    fair_share_permille: Mapped[int]
    change_technician_fen: Mapped[Fen]
    change_time_fen: Mapped[Fen]
    change_tolerance_s: Mapped[int]
    part_move_fen: Mapped[Fen]
    worst_late_fen_per_h: Mapped[Fen]


class SpeedBandRow(Row):
    """How fast a trip is up to so many metres; the last band has no end."""

    __tablename__ = "speed_bands"

    position: Mapped[Position]
    name: Mapped[str]
    up_to_m: Mapped[int | None]
    speed_km_per_h: Mapped[int]


class TravelRow(Row):
    """Measured travel from one place, a station or a site, to all of the table by position."""

    __tablename__ = "travel"
    __table_args__ = (
        CheckConstraint("(station_id IS NULL) <> (site_id IS NULL)", "station_or_site"),
    )

    position: Mapped[Position]
    station_id: Mapped[str | None] = mapped_column(ForeignKey("stations.id"), unique=True)
    site_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"), unique=True)
    seconds: Mapped[JsonList]
    metres: Mapped[JsonList]
