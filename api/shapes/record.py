"""What the record holds beside work: people, places, parts, terms."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from api.fields import Body, Instant, Line
from dispatch.domain.calendars import Calendar
from dispatch.domain.people import (
    Absence,
    Certificate,
    Shift,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Datum, StationKind
from dispatch.domain.policy import Policy
from dispatch.domain.sla import SlaRule
from dispatch.store.base import Row

_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class StationOut:
    """A station; its point is in the datum that it was given in."""

    id: str
    name: str
    kind: StationKind
    latitude: float
    longitude: float
    datum: Datum
    province: str
    city: str
    pickup_s: int


@dataclass(frozen=True, slots=True)
class SiteOut:
    """A site; its point is in the datum that it was given in."""

    id: str
    name: str
    customer_id: str
    latitude: float
    longitude: float
    datum: Datum
    province: str
    city: str
    territory: str
    address: str


@dataclass(frozen=True, slots=True)
class CustomerOut:
    id: str
    name: str
    tier: str


@dataclass(frozen=True, slots=True)
class EquipmentOut:
    id: str
    site_id: str
    product: str
    serial: str
    installed_on: date | None
    warranty_until: date | None


@dataclass(frozen=True, slots=True)
class PartOut:
    id: str
    name: str
    serial_tracked: bool


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in a list; its work order has all that is known of it."""

    id: str
    work_order_id: str
    state: str
    duration_s: int
    run_in_s: int
    crew_size: int
    release_at: datetime | None
    wished_technician_id: str | None
    started_at: datetime | None
    repaired_at: datetime | None
    ended_at: datetime | None
    follows_visit_id: str | None


@dataclass(frozen=True, slots=True)
class TechnicianOut:
    """A technician. `max_*` of null: no limit."""

    id: str
    name: str
    station_id: str
    certificates: tuple[Certificate, ...]
    territories: tuple[TerritoryCover, ...]
    tools: tuple[str, ...]
    excluded_customers: tuple[str, ...]
    excluded_sites: tuple[str, ...]
    max_travel_s: int | None
    max_visits: int | None
    max_total_overtime_s: int | None
    min_rest_s: int
    may_stay_overnight: bool
    max_nights: int
    shift_patterns: tuple[ShiftPattern, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The shifts of some days and the absences that touch them."""

    technician_id: str
    shifts: tuple[Shift, ...]
    absences: tuple[Absence, ...]


class AbsenceIn(Body):
    """A technician will be away. A start is the absence's name: the same again changes nothing."""

    start_at: Instant
    end_at: Instant
    reason: Line = ""


class AbsencePatch(Body):
    """What is to be different; fields that are not there stay as they are."""

    end_at: Instant | None = None
    reason: Line | None = None


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """A secret address of a technician's calendar, shown once. `key_id` is what to revoke."""

    key_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised and what it costs. The first SLA rule that matches holds. `horizon_days` and
    `run_s` are what a run does that is asked for nothing else, `most_run_s` is the longest."""

    organisation: str
    time_zone: str
    home_province: str
    default_policy: str
    horizon_days: int
    run_s: float
    most_run_s: float
    sla_rules: tuple[SlaRule, ...]
    calendars: tuple[Calendar, ...]
    policies: tuple[Policy, ...]
    provisional_years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Territories:
    """The territories that the caller sees."""

    items: tuple[str, ...]


def of_row(kind: type[_Out], row: Row) -> _Out:
    """An answer that has the names of its row's columns."""
    names: Any = getattr(kind, "__slots__")  # noqa: B009 - not every type has it
    return kind(**{name: getattr(row, name) for name in names})


def technician_out(technician: Technician, patterns: tuple[ShiftPattern, ...]) -> TechnicianOut:
    names = [name for name in TechnicianOut.__slots__ if name != "shift_patterns"]
    own = {name: getattr(technician, name) for name in names}
    return TechnicianOut(**own, shift_patterns=patterns)
