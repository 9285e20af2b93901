"""A technician's day, as a phone shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.domain.events import EventKind
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Absence, Shift
from dispatch.domain.plan import StopKind
from dispatch.domain.work import Priority
from dispatch.work_order_facts import ClockFacts, WarrantyFacts


@dataclass(frozen=True, slots=True)
class DayPlace:
    """A station or a site; degrees in WGS-84."""

    id: str
    name: str
    address: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class DayEquipment:
    id: str
    product: str
    serial: str


@dataclass(frozen=True, slots=True)
class DayVisit:
    """What there is to know of a visit on site. ``parts`` are those to use, ``possible`` is what
    may be recorded of it next; ``others`` are the rest of its crew."""

    id: str
    work_order_id: str
    state: str
    priority: Priority
    product: str
    text: str
    contact: str
    customer: str
    duration_s: int
    run_in_s: int
    repaired_at: datetime | None
    equipment: DayEquipment | None
    warranty: WarrantyFacts | None
    quote_fen: int | None
    quote_accepted: bool | None
    parts: tuple[PartQuantity, ...]
    tools: tuple[str, ...]
    skills: tuple[str, ...]
    others: tuple[str, ...]
    clocks: tuple[ClockFacts, ...]
    notes: tuple[str, ...]
    possible: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class DayStop:
    """A stop with its times; ``parts`` and ``tools`` are those to load at a pick-up. A visit that
    is over stands at the times when it was done."""

    kind: StopKind
    start_at: datetime
    end_at: datetime
    arrival_at: datetime | None
    leave_at: datetime | None
    travel_s: int
    travel_m: int
    place: DayPlace | None
    parts: tuple[PartQuantity, ...]
    tools: tuple[str, ...]
    visit: DayVisit | None


@dataclass(frozen=True, slots=True)
class DayOut:
    """The local day of a technician by the published plan, ``version``: first what is over, then
    what is to come."""

    technician_id: str
    name: str
    day: date
    time_zone: str
    now_at: datetime
    version: int
    base: DayPlace
    depart_at: datetime | None
    finish_at: datetime | None
    shifts: tuple[Shift, ...]
    absences: tuple[Absence, ...]
    stops: tuple[DayStop, ...]
