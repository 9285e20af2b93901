"""An organisation's facts as they are kept: the same as a snapshot, but for any horizon."""

from dataclasses import dataclass
from datetime import datetime

from dispatch.domain.calendars import Calendar
from dispatch.domain.parts import Lot, Part
from dispatch.domain.people import ShiftPattern, Technician
from dispatch.domain.places import Customer, Site, Station
from dispatch.domain.policy import Policy
from dispatch.domain.sla import SlaRule
from dispatch.domain.snapshot import TravelSettings
from dispatch.domain.work import Commitment, Link, Pin, Visit, WorkOrder


@dataclass(frozen=True)
class Organisation:
    """Everything that is known. Technicians have no shifts yet: ``shift_patterns`` make them.

    ``planning_at`` is the instant that the data describes, and ``horizon_days`` how many days are
    usually planned from that day on. ``shift_calendar_id`` says what workdays and holidays are in
    shift patterns. ``policies`` are the organisation's own, beside the three that ship.
    ``provisional_years`` are years whose public holidays are not published yet.
    """

    id: str
    name: str
    home_province: str
    time_zone: str
    planning_at: datetime
    horizon_days: int
    shift_calendar_id: str
    stations: tuple[Station, ...]
    customers: tuple[Customer, ...]
    sites: tuple[Site, ...]
    parts: tuple[Part, ...]
    lots: tuple[Lot, ...]
    technicians: tuple[Technician, ...]
    shift_patterns: tuple[ShiftPattern, ...]
    work_orders: tuple[WorkOrder, ...]
    visits: tuple[Visit, ...]
    links: tuple[Link, ...] = ()
    pins: tuple[Pin, ...] = ()
    published: tuple[Commitment, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    sla_rules: tuple[SlaRule, ...] = ()
    policies: tuple[Policy, ...] = ()
    travel: TravelSettings = TravelSettings()
    default_policy: str = "balanced"
    provisional_years: tuple[int, ...] = ()
