"""Tables of the organisation itself, its places, customers and their equipment."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.domain.places import Datum, StationKind
from dispatch.store.base import Id, Json, JsonList, Placed, Position, Row


class OrganisationRow(Row):
    """The one organisation of this database, its usual planning and its terms of service.

    ``service_terms`` holds what differs from the defaults, by name; ``rehearsal_s`` is how far its
    clock is from the real one, 0 unless it describes other days.
    """

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("single = 1", "only_one"),)

    single: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    id: Mapped[str]
    name: Mapped[str]
    home_province: Mapped[str]
    time_zone: Mapped[str]
    planning_at: Mapped[datetime]
    horizon_days: Mapped[int]
    shift_calendar_id: Mapped[str] = mapped_column(ForeignKey("calendars.id"))
    default_policy: Mapped[str]
    provisional_years: Mapped[JsonList]
    detour_permille: Mapped[int]
    service_terms: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    rehearsal_s: Mapped[int] = mapped_column(BigInteger(), default=0, server_default="0")


class StationRow(Placed, Row):
    """A service outlet: base of technicians and depot of parts."""

    __tablename__ = "stations"

    id: Mapped[Id]
    name: Mapped[str]
    kind: Mapped[StationKind]
    latitude: Mapped[float]
    longitude: Mapped[float]
    datum: Mapped[Datum]
    province: Mapped[str]
    city: Mapped[str]
    pickup_s: Mapped[int]


class StationToolRow(Row):
    """Pieces of a tool that a station lends."""

    __tablename__ = "station_tools"
    __table_args__ = (CheckConstraint("quantity >= 0", "quantity"),)

    station_id: Mapped[str] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    position: Mapped[Position]
    tool: Mapped[str]
    quantity: Mapped[int]


class CustomerRow(Placed, Row):
    """Who the work is done for; ``tier`` may decide the SLA rule."""

    __tablename__ = "customers"

    id: Mapped[Id]
    name: Mapped[str]
    tier: Mapped[str]


class SiteRow(Placed, Row):
    """Where equipment stands."""

    __tablename__ = "sites"

    id: Mapped[Id]
    name: Mapped[str]
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    datum: Mapped[Datum]
    province: Mapped[str]
    city: Mapped[str]
    territory: Mapped[str]
    address: Mapped[str]


class EquipmentRow(Row):
    """A piece of equipment at a site; in warranty through ``warranty_until``, if that is known."""

    __tablename__ = "equipment"

    id: Mapped[Id]
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), index=True)
    product: Mapped[str]
    serial: Mapped[str] = mapped_column(default="", server_default="")
    installed_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
