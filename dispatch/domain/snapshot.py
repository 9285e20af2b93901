"""The snapshot: all facts of one planning horizon, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from dispatch.domain.calendars import Calendar
from dispatch.domain.parts import Lot, Part
from dispatch.domain.people import Shift, Technician
from dispatch.domain.places import Customer, Point, Site, Station
from dispatch.domain.policy import Policy
from dispatch.domain.sla import SlaRule
from dispatch.domain.work import Commitment, Link, Pin, Visit, WorkOrder


@dataclass(frozen=True, slots=True)
class SpeedBand:
    """How the road behaves up to ``up_to_m`` metres of a trip (None: without end)."""

    name: str
    up_to_m: int | None
    speed_km_per_h: int


@dataclass(frozen=True, slots=True)
class TravelTable:
    """Measured travel between places: ``seconds[i][j]`` and ``metres[i][j]`` from i to j.

    ``place_ids`` are ids of stations and sites.
    """

    place_ids: tuple[str, ...]
    seconds: tuple[tuple[int, ...], ...]
    metres: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class RoadTable:
    """Travel as a road network knows it, otherwise as a ``TravelTable``. None: it knows nothing of
    that leg, nor of any leg of a place that is not in the table. Those are estimated."""

    network: str
    place_ids: tuple[str, ...]
    seconds: tuple[tuple[int | None, ...], ...]
    metres: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class SlowedTravel:
    """Every trip takes ``percent`` of its time (snow: 140); if territories or cities are named,
    every trip from or to a site of these territories, or a place in these cities. Distances
    stay."""

    percent: float
    territories: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TravelSettings:
    """Geodesic distance × ``detour_permille`` / 1000, driven at the bands' speeds one after the
    other; where a road network knows better, its ``roads``; or, where there is one, the table.
    What that says is ``slowed``, by one after the other."""

    detour_permille: int = 1300
    bands: tuple[SpeedBand, ...] = (
        SpeedBand("city", 15_000, 30),
        SpeedBand("road", 60_000, 60),
        SpeedBand("motorway", None, 90),
    )
    table: TravelTable | None = None
    roads: RoadTable | None = None
    slowed: tuple[SlowedTravel, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Everything that planning ``start_at``..``end_at`` has to know.

    Nothing can happen before ``now_at``. Ids are unique within their kind, and across stations
    and sites; every reference is to something in the snapshot.
    """

    organisation: str
    home_province: str
    time_zone: str
    start_at: datetime
    end_at: datetime
    now_at: datetime
    policy: Policy
    stations: tuple[Station, ...]
    customers: tuple[Customer, ...]
    sites: tuple[Site, ...]
    parts: tuple[Part, ...]
    lots: tuple[Lot, ...]
    technicians: tuple[Technician, ...]
    work_orders: tuple[WorkOrder, ...]
    visits: tuple[Visit, ...]
    links: tuple[Link, ...] = ()
    pins: tuple[Pin, ...] = ()
    published: tuple[Commitment, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    sla_rules: tuple[SlaRule, ...] = ()
    travel: TravelSettings = TravelSettings()

    @cached_property
    def station(self) -> Mapping[str, Station]:
        return {s.id: s for s in self.stations}

    @cached_property
    def customer(self) -> Mapping[str, Customer]:
        return {c.id: c for c in self.customers}

    @cached_property
    def site(self) -> Mapping[str, Site]:
        return {s.id: s for s in self.sites}

    @cached_property
    def part(self) -> Mapping[str, Part]:
        return {p.id: p for p in self.parts}

    @cached_property
    def technician(self) -> Mapping[str, Technician]:
        return {t.id: t for t in self.technicians}

    @cached_property
    def work_order(self) -> Mapping[str, WorkOrder]:
        return {w.id: w for w in self.work_orders}

    @cached_property
    def visit(self) -> Mapping[str, Visit]:
        return {v.id: v for v in self.visits}

    @cached_property
    def shift(self) -> Mapping[str, Shift]:
        return {s.id: s for t in self.technicians for s in t.shifts}

    @cached_property
    def pin(self) -> Mapping[str, Pin]:
        return {p.visit_id: p for p in self.pins}

    @cached_property
    def commitment(self) -> Mapping[str, Commitment]:
        return {c.visit_id: c for c in self.published}

    @property
    def wants_cover(self) -> bool:
        """Whether an SLA rule asks for cover."""
        return any(rule.cover_notice_s is not None for rule in self.sla_rules)

    def order_of(self, visit: Visit) -> WorkOrder:
        return self.work_order[visit.work_order_id]

    def site_of(self, visit: Visit) -> Site:
        return self.site[self.work_order[visit.work_order_id].site_id]

    def point_of(self, place_id: str) -> Point:
        """The point of a station or site."""
        station = self.station.get(place_id)
        return station.point if station is not None else self.site[place_id].point
