"""Makes the sample organisation ``liaoning``: ``python -m scenarios.organisations.make_liaoning``.

A vehicle-terminal service with 15 outlets, on the two busy days before a public holiday. The
knobs are the constants here and at the top of ``liaoning_work`` and ``liaoning_promises``, and
the numbers of technicians and visits in ``liaoning_places``.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, time
from random import Random

from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot
from dispatch.domain.people import Technician
from dispatch.domain.places import Site, Station, StationKind, ToolStock
from dispatch.domain.sla import ClockTerms, ProvinceRelation, SlaRule
from dispatch.domain.snapshot import SpeedBand, TravelSettings
from dispatch.domain.work import ClockKind, Priority, Visit
from dispatch.texts import Language
from dispatch.workdays import calendar_days
from scenarios.organisations.liaoning_people import (
    LADDER,
    SCOPE,
    TUESDAY,
    WEDNESDAY,
    make_patterns,
    make_technicians,
    with_exclusions,
)
from scenarios.organisations.liaoning_places import (
    BRANCHES,
    CITIES,
    FAR_CITIES,
    HOME,
    OUTLETS_OF_SHENYANG,
    City,
)
from scenarios.organisations.liaoning_planted import (
    BARRED_CUSTOMER,
    OTHER_CUSTOMER,
    PLANTED,
    plant,
)
from scenarios.organisations.liaoning_promises import (
    Staff,
    make_pins,
    make_published,
    with_wishes,
)
from scenarios.organisations.liaoning_trade import PARTS
from scenarios.organisations.liaoning_work import PLANNING_AT, make_book
from scenarios.organisations.making import TIME_ZONE, District, local, write

SEED = 20260929
HORIZON_DAYS = 3
STOCK = 1.1  # depot stock against what the visits around the depot need
SHORT = {  # (city, part): shares of the need: there now, on Tuesday noon, on Wednesday morning
    ("沈阳", "HAR-V"): (0.3, 0.3, 0.15),
    ("沈阳", "TAX-M"): (0.5, 0.0, 0.5),
    ("大连", "CAM-A"): (0.2, 0.3, 0.2),
    ("鞍山", "BUS-D"): (0.0, 0.5, 0.3),
}
STOCKED_ON = date(2026, 9, 14)


def make() -> Organisation:
    people, work, promises = (Random(f"{SEED} {part}") for part in ("people", "work", "promises"))
    technicians = make_technicians(people)
    book = make_book(work, _best_levels(technicians))
    technicians = with_exclusions(people, technicians, book.customers, BARRED_CUSTOMER)
    planted = [plant(work, p) for p in PLANTED]
    sites = (*book.sites, *(p.site for p in planted))
    orders = (*book.orders, *(p.order for p in planted))
    staff = Staff(technicians, {o.id: o for o in orders}, {s.id: s for s in sites})
    visits = with_wishes(promises, sorted(book.visits, key=lambda v: v.id), staff)
    published = make_published(promises, visits, staff)
    return Organisation(
        id="liaoning",
        name="辽宁车载终端服务",
        home_province=HOME,
        time_zone=TIME_ZONE,
        planning_at=PLANNING_AT,
        horizon_days=HORIZON_DAYS,
        shift_calendar_id="工作时间",
        stations=_stations(),
        customers=(
            *(c for customers in book.customers.values() for c in customers),
            BARRED_CUSTOMER,
            OTHER_CUSTOMER,
        ),
        sites=sites,
        parts=PARTS,
        lots=_lots(visits, staff),
        technicians=technicians,
        shift_patterns=make_patterns(people, technicians),
        work_orders=orders,
        visits=(*visits, *(p.visit for p in planted)),
        links=tuple(book.links),
        pins=make_pins(visits, published, staff),
        published=published,
        calendars=_calendars(),
        sla_rules=_sla_rules(),
        travel=TravelSettings(
            bands=(
                SpeedBand("市区", 15_000, 30),
                SpeedBand("公路", 60_000, 60),
                SpeedBand("高速", None, 90),
            )
        ),
    )


def _stations() -> tuple[Station, ...]:
    headquarters, branch = OUTLETS_OF_SHENYANG
    stations = [
        _station("SY-HQ", "总部", StationKind.HEADQUARTERS, "沈阳", headquarters, 2),
        _station("SY", "沈阳分公司", StationKind.BRANCH, "沈阳", branch, 2),
    ]
    for city in CITIES[1:]:
        is_branch = city.name in BRANCHES
        kind = StationKind.BRANCH if is_branch else StationKind.STATION
        name = f"{city.name}{'分公司' if is_branch else '服务站'}"
        stations.append(
            _station(city.code, name, kind, city.name, city.districts[0], 2 if is_branch else 1)
        )
    return tuple(stations)


def _station(
    station_id: str, name: str, kind: StationKind, city: str, district: District, tools: int
) -> Station:
    return Station(
        id=station_id,
        name=name,
        kind=kind,
        point=district.centre,
        province=HOME,
        city=city,
        pickup_s=600,
        tools=(ToolStock(LADDER, tools), ToolStock(SCOPE, 1)),
    )


def _best_levels(technicians: Sequence[Technician]) -> dict[tuple[str, str], int]:
    """By territory and skill: the level of its best technician through the two days."""
    best: dict[tuple[str, str], int] = {}
    for technician in technicians:
        for cover in technician.territories:
            for held in technician.certificates:
                if held.expires_on is None or held.expires_on >= WEDNESDAY:
                    key = cover.territory, held.skill
                    best[key] = max(best.get(key, 0), held.level)
    return best


def _lots(visits: Sequence[Visit], staff: Staff) -> tuple[Lot, ...]:
    """What the visits around each depot need times STOCK, or the shares of SHORT."""
    need: Counter[tuple[str, str]] = Counter()
    for visit in visits:
        city = _depot_city(staff.site_of(visit))
        for part in visit.parts:
            need[city.name, part.part_id] += part.quantity
    lots: list[Lot] = []
    for (city_name, part_id), units in sorted(need.items()):
        for share, available_at in zip(
            SHORT.get((city_name, part_id), (STOCK, 0.0, 0.0)),
            (local(STOCKED_ON, "09:00"), local(TUESDAY, "12:00"), local(WEDNESDAY, "08:30")),
            strict=True,
        ):
            quantity = math.ceil(units * share) if share else 0
            for station_id, amount in _at_depots(city_name, quantity):
                number = f"L{len(lots) + 1:03}"
                lots.append(Lot(number, station_id, part_id, amount, available_at))
    return tuple(lots)


def _depot_city(site: Site) -> City:
    """The city whose depot serves the site: its own, or the base of a far city."""
    base = {f.name: f.bases[0] for f in FAR_CITIES}.get(site.city, site.city)
    return next(c for c in CITIES if c.name == base)


def _at_depots(city_name: str, quantity: int) -> list[tuple[str, int]]:
    """Shenyang has two depots, which share; lots of nothing are none."""
    if city_name != "沈阳":
        shares = [(next(c.code for c in CITIES if c.name == city_name), quantity)]
    else:
        shares = [("SY-HQ", quantity // 2), ("SY", quantity - quantity // 2)]
    return [share for share in shares if share[1]]


def _calendars() -> tuple[Calendar, ...]:
    hours = (HourRange(time(8), time(12)), HourRange(time(13), time(17)))
    days = calendar_days((2026,))
    return (Calendar("全天", TIME_ZONE), Calendar("工作时间", TIME_ZONE, hours, days=days))


def _sla_rules() -> tuple[SlaRule, ...]:
    """Arrive within 12 h in the province and 24 h outside; planned work has days. Buses
    have a backup technician."""
    outside, low = ProvinceRelation.OUT_OF_PROVINCE, Priority.LOW
    return (
        SlaRule("紧急", priority=Priority.EMERGENCY, clocks=_clocks(1, 6, 12, 600, 60)),
        SlaRule("省外计划", relation=outside, priority=low, clocks=_clocks(4, 72, 120, 200, 10)),
        SlaRule("计划", priority=low, clocks=_clocks(4, 48, 72, 200, 20)),
        SlaRule("省外", relation=outside, clocks=_clocks(1, 24, 48, 300, 30)),
        SlaRule(
            "公交",
            product="公交调度屏",
            clocks=_clocks(1, 12, 24, 300, 30, calendar="工作时间"),
            cover_notice_s=15 * 60,
        ),
        SlaRule("战略客户", tier="战略", clocks=_clocks(1, 12, 24, 500, 40)),
        SlaRule("省内", clocks=_clocks(1, 12, 24, 300, 30)),
    )


def _clocks(
    respond_h: int,
    arrive_h: int,
    restore_h: int,
    breach_yuan: int,
    late_yuan_per_h: int,
    calendar: str = "全天",
) -> tuple[ClockTerms, ...]:
    return tuple(
        ClockTerms(kind, hours * 3600, on, breach_yuan * 100, late_yuan_per_h * 100)
        for kind, hours, on in (
            (ClockKind.RESPOND, respond_h, "全天"),
            (ClockKind.ARRIVE, arrive_h, calendar),
            (ClockKind.RESTORE, restore_h, calendar),
        )
    )


if __name__ == "__main__":
    write(make(), Language.ZH)
