"""Made-up organisations of any size and mix, for tests and benchmarks.

The same arguments always make an equal organisation: every draw comes from one seeded generator.
"""

import math
from collections import Counter
from datetime import time
from random import Random

from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, Part
from dispatch.domain.places import Site, Station
from dispatch.domain.sla import ClockTerms, ProvinceRelation, SlaRule
from dispatch.domain.work import ClockKind, Priority
from scenarios.generated_people import make_patterns, make_technician, technicians_needed
from scenarios.generated_places import make_customers, make_sites, make_stations
from scenarios.generated_work import (
    Work,
    make_pins,
    make_published,
    make_work,
    staffing,
    with_wishes,
)
from scenarios.mix import HARD, HOME, PARTS, PLANNING_AT, TYPICAL, Mix, at, drawn

__all__ = ["HARD", "TYPICAL", "Mix", "generate"]

TIME_ZONE = "Asia/Shanghai"
SUBSTITUTES = {"sim": ("sim-plus",), "terminal": ("terminal-2",), "camera": ("camera-2",)}


def generate(visits: int, seed: int, mix: Mix = TYPICAL) -> Organisation:
    """An organisation with exactly ``visits`` visits.

    Raises ``ValueError`` for a count or a load that is not positive.
    """
    _check(visits, mix)
    rng = Random(seed)
    stations = make_stations(rng, visits, mix)
    customers = make_customers(rng, visits)
    sites = make_sites(rng, visits, stations, customers, mix)
    technicians = tuple(
        make_technician(rng, number, stations, customers, sites, mix)
        for number in range(1, technicians_needed(visits, len(stations), mix) + 1)
    )
    work = make_work(rng, visits, sites, mix)
    staff = staffing(technicians, work.orders, sites)
    work = with_wishes(rng, work, staff, mix)
    pins = make_pins(rng, work, staff, mix)
    return Organisation(
        id=f"generated-{visits}-{seed}",
        name=f"Generated organisation: {visits} visits, seed {seed}",
        home_province=HOME,
        time_zone=TIME_ZONE,
        planning_at=PLANNING_AT,
        horizon_days=mix.days,
        shift_calendar_id="business",
        stations=stations,
        customers=customers,
        sites=sites,
        parts=tuple(Part(p, f"Part {p}", SUBSTITUTES.get(p, ())) for p in PARTS),
        lots=_lots(rng, work, sites, stations, mix),
        technicians=technicians,
        shift_patterns=tuple(p for t in technicians for p in make_patterns(rng, t, mix)),
        work_orders=work.orders,
        visits=work.visits,
        links=work.links,
        pins=pins,
        published=make_published(rng, work, staff, pins, mix),
        calendars=_calendars(),
        sla_rules=_sla_rules(),
    )


def _check(visits: int, mix: Mix) -> None:
    amounts = {
        "visits": visits,
        "days": mix.days,
        "technicians": mix.technicians,
        "stations": mix.stations,
        "load": mix.load,
    }
    for name, amount in amounts.items():
        if amount is not None and amount <= 0:
            raise ValueError(f"{name} must be positive, not {amount}")


def _lots(
    rng: Random, work: Work, sites: tuple[Site, ...], stations: tuple[Station, ...], mix: Mix
) -> tuple[Lot, ...]:
    """At each station what the visits around it need, times ``stock``; a part arrives later."""
    station_of = {s.city: s for s in stations}
    site = {s.id: s for s in sites}
    order = {o.id: o for o in work.orders}
    need: Counter[tuple[str, str]] = Counter()
    for visit in work.visits:
        station = station_of[site[order[visit.work_order_id].site_id].city]
        for part in visit.parts:
            need[station.id, part.part_id] += part.quantity
    lots: list[Lot] = []
    for (station_id, part_id), units in sorted(need.items()):
        quantity = math.floor(units * mix.stock * rng.uniform(0.6, 1.2))
        later = quantity // 3 + 1 if drawn(rng, 0.3) else 0
        for amount, available_at in (
            (quantity - later, at(-rng.randint(1, 30), 9 * 60)),
            (later, at(rng.randrange(mix.days), rng.randrange(8 * 60, 16 * 60, 30))),
        ):
            if amount > 0:
                lots.append(Lot(f"L{len(lots) + 1:05}", station_id, part_id, amount, available_at))
    return tuple(lots)


def _calendars() -> tuple[Calendar, ...]:
    hours = (HourRange(time(8), time(12)), HourRange(time(13), time(18)))
    return (
        Calendar("always", TIME_ZONE),
        Calendar("business", TIME_ZONE, hours),
    )


def _sla_rules() -> tuple[SlaRule, ...]:
    abroad = ProvinceRelation.OUT_OF_PROVINCE
    return (
        SlaRule("emergency", priority=Priority.EMERGENCY, clocks=_clocks(1, 4, 12, 600, 60)),
        SlaRule("planned", priority=Priority.LOW, clocks=_clocks(None, 72, 96, 100, 10)),
        SlaRule("strategic", tier="strategic", clocks=_clocks(1, 12, 24, 400, 40)),
        SlaRule("abroad", relation=abroad, clocks=_clocks(2, 24, 72, 300, 20)),
        SlaRule("bus", product="bus", clocks=_clocks(2, 12, 24, 200, 20, "business")),
        SlaRule("standard", clocks=_clocks(2, 24, 48, 200, 20)),
    )


def _clocks(
    respond_h: int | None,
    arrive_h: int,
    restore_h: int,
    breach_yuan: int,
    late_yuan_per_h: int,
    calendar_id: str = "always",
) -> tuple[ClockTerms, ...]:
    lengths = (
        (ClockKind.RESPOND, respond_h),
        (ClockKind.ARRIVE, arrive_h),
        (ClockKind.RESTORE, restore_h),
    )
    return tuple(
        ClockTerms(kind, hours * 3600, calendar_id, breach_yuan * 100, late_yuan_per_h * 100)
        for kind, hours in lengths
        if hours is not None
    )
