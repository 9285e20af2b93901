"""Makes the sample organisation ``guizhou``: ``python -m scenarios.organisations.make_guizhou``.

A classroom-recording service on four regional lines, on two school days with an exam on the
second. The knobs are the constants here and the numbers of visits in ``guizhou_places``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from random import Random

from dispatch.domain.calendars import Calendar, HourRange
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.people import (
    Absence,
    BreakPattern,
    Certificate,
    Coverage,
    ShiftKind,
    ShiftPattern,
    Technician,
    TerritoryCover,
)
from dispatch.domain.places import Customer, Site, Station, StationKind, ToolStock
from dispatch.domain.sla import ClockTerms, SlaRule
from dispatch.domain.work import (
    ClockKind,
    Commitment,
    Gate,
    GateKind,
    Link,
    Pin,
    Priority,
    SkillNeed,
    Visit,
    Window,
    WorkOrder,
)
from dispatch.texts import Language
from dispatch.workdays import calendar_days
from scenarios.organisations.guizhou_places import HOME, LINES, PREFECTURES, XINGYI, Prefecture
from scenarios.organisations.guizhou_trade import (
    FAULT_JOBS,
    GIVEN,
    LADDER,
    MISSING_PART,
    PARTS,
    PLANNED_JOBS,
    PLANTED,
    SCHOOL_KINDS,
    SCHOOL_WORDS,
    SKILLS,
    SURNAMES,
    Planted,
)
from scenarios.organisations.making import TIME_ZONE, District, distinct, local, scatter, write

SEED = 20260930
TUESDAY, EXAM_DAY = date(2026, 9, 29), date(2026, 9, 30)
PLANNING_AT = local(TUESDAY, "08:30")
FAULTS, EMERGENCIES, CREWS = 0.45, 2, 2
WINDOWS, WITH_PARTS, STOCK_PER_PART = 0.45, 0.7, 2
LUNCH_HOURS, AFTER_LESSONS = ("12:00", "14:00"), ("16:30", "18:30")


@dataclass(frozen=True, slots=True)
class Case:
    """A site and its work."""

    site: Site
    order: WorkOrder
    visit: Visit


def make() -> Organisation:
    rng = Random(SEED)
    technicians = _technicians(rng)
    customers = _customers(rng)
    cases = _cases(rng, customers)
    planted = [_plant(rng, p, customers[0]) for p in PLANTED]
    second = _second_visit(cases)
    published = _published(cases)
    everything = [*cases, *planted]
    return Organisation(
        id="guizhou",
        name="Guizhou classroom-recording service",
        home_province=HOME,
        time_zone=TIME_ZONE,
        planning_at=PLANNING_AT,
        horizon_days=2,
        shift_calendar_id="support",
        stations=_stations(),
        customers=customers,
        sites=tuple(c.site for c in everything),
        parts=(*PARTS, MISSING_PART),
        lots=_lots(cases),
        technicians=technicians,
        shift_patterns=tuple(p for t in technicians for p in _patterns(t)),
        work_orders=tuple(c.order for c in everything),
        visits=(*(c.visit for c in everything), second),
        links=(
            Link(second.id.removesuffix("-2"), second.id, min_lag_s=3600, same_technician=True),
        ),
        pins=(Pin(published[0].visit_id, published[0].technician_ids[0]),),
        published=published,
        calendars=_calendars(),
        sla_rules=_sla_rules(),
    )


def _stations() -> tuple[Station, ...]:
    return tuple(
        Station(
            id=p.code,
            name=f"{p.name} {'headquarters' if p.code == 'GY' else 'station'}",
            kind=StationKind.HEADQUARTERS if p.code == "GY" else StationKind.STATION,
            point=p.counties[0].centre,
            province=HOME,
            city=p.name,
            pickup_s=600,
            tools=(ToolStock(LADDER, 1),),
        )
        for p in PREFECTURES
    )


def _technicians(rng: Random) -> tuple[Technician, ...]:
    taken: set[str] = set()
    return tuple(
        _technician(
            rng,
            prefecture,
            number,
            distinct(lambda: f"{rng.choice(SURNAMES)} {rng.choice(GIVEN)}", taken),
        )
        for prefecture in PREFECTURES
        for number in range(1, prefecture.engineers + 1)
    )


def _technician(rng: Random, prefecture: Prefecture, number: int, name: str) -> Technician:
    """The first engineer of an outlet can do everything; the second backs up the next line."""
    covers = [TerritoryCover(prefecture.line)]
    if number % 2 == 0:
        next_line = LINES[(LINES.index(prefecture.line) + 1) % len(LINES)]
        covers.append(TerritoryCover(next_line, Coverage.BACKUP))
    skills = SKILLS if number == 1 else sorted(rng.sample(SKILLS, 3))
    ill = prefecture.code == "GY" and number == 4
    absence = Absence(local(TUESDAY, "13:00"), local(TUESDAY, "15:00"), "training")
    return Technician(
        id=f"{prefecture.code}-{number}",
        name=name,
        station_id=prefecture.code,
        certificates=tuple(
            Certificate(s, 2 if number == 1 else rng.randint(1, 2), date(2027, 12, 31))
            for s in skills
        ),
        territories=tuple(covers),
        absences=(absence,) if ill else (),
        van_stock=tuple(PartQuantity(p, 1) for p in ("HDD-4T", "MIC-1") if rng.random() < 0.6),
        tools=(LADDER,) if number == 1 else (),
        max_travel_s=6 * 3600,
        min_rest_s=11 * 3600,
        may_stay_overnight=number == 2,
        max_nights=1 if number == 2 else 0,
    )


def _patterns(technician: Technician) -> list[ShiftPattern]:
    """Odd engineers work early, even ones late, so that support hours are covered. On the exam
    day the third and fourth of headquarters stand by instead."""
    number = int(technician.id.split("-")[1])
    lunch = BreakPattern(time(11, 30), time(13, 30), 3600)
    start, end = (time(9), time(18)) if number % 2 else (time(10, 30), time(19, 30))
    patterns = [
        ShiftPattern(technician.id, "workdays", start, end, ShiftKind.REGULAR, 5400, (lunch,))
    ]
    if number >= 3:
        patterns.append(
            ShiftPattern(
                technician.id, EXAM_DAY.isoformat(), time(8), time(18), ShiftKind.STANDBY, 3600
            )
        )
    return patterns


def _customers(rng: Random) -> tuple[Customer, ...]:
    """Four schools in every prefecture."""
    customers: list[Customer] = []
    for prefecture in PREFECTURES:
        taken: set[str] = set()
        for i in range(4):
            kind, tier = SCHOOL_KINDS[i % len(SCHOOL_KINDS)]
            word = distinct(lambda: rng.choice(SCHOOL_WORDS), taken)
            name = f"{prefecture.name} {word} {kind}"
            customers.append(Customer(f"C{len(customers) + 1:02}", name, tier))
    return tuple(customers)


def _cases(rng: Random, customers: Sequence[Customer]) -> list[Case]:
    cases: list[Case] = []
    for prefecture in PREFECTURES:
        own = [c for c in customers if c.name.startswith(f"{prefecture.name} ")]
        for i in range(prefecture.visits):
            cases.append(_case(rng, len(cases) + 1, prefecture, own[i % len(own)]))
    emergencies = [i for i, c in enumerate(cases) if c.order.priority is Priority.HIGH]
    for i in rng.sample(emergencies, EMERGENCIES):
        case = cases[i]
        order = replace(case.order, priority=Priority.EMERGENCY)
        cases[i] = replace(case, order=order, visit=replace(case.visit, windows=()))
    crews = [i for i, c in enumerate(cases) if "CAM-P" in {p.part_id for p in c.visit.parts}]
    for i in crews[:CREWS]:
        cases[i] = replace(cases[i], visit=replace(cases[i].visit, crew_size=2, tools=(LADDER,)))
    return cases


def _case(rng: Random, number: int, prefecture: Prefecture, customer: Customer) -> Case:
    district = rng.choices(prefecture.counties, [d.weight for d in prefecture.counties])[0]
    site = _site(rng, f"S{number:02}", customer, district, prefecture.name, prefecture.line)
    fault = rng.random() < FAULTS
    job = rng.choice(FAULT_JOBS if fault else PLANNED_JOBS)
    age_min = rng.randint(10, 90) if rng.random() < 0.5 else rng.randint(13 * 60, 17 * 60)
    if not fault:
        age_min = rng.randint(14, 30) * 60
    reported_at = PLANNING_AT - timedelta(minutes=age_min)
    answered_at = reported_at + timedelta(minutes=rng.randint(3, 9))
    order = WorkOrder(
        id=f"W{number:02}",
        site_id=site.id,
        product=job.product,
        priority=rng.choice((Priority.HIGH, Priority.NORMAL)) if fault else Priority.LOW,
        reported_at=reported_at,
        gates=(Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, answered_at),) if fault else (),
        responded_at=answered_at,
        description=job.text,
    )
    takes_parts = rng.random() < WITH_PARTS
    visit = Visit(
        id=f"V{number:02}",
        work_order_id=order.id,
        duration_s=60 * rng.randrange(job.minutes[0], job.minutes[1] + 1, 5),
        skills=(SkillNeed(job.skill, 2 if rng.random() < 0.2 else 1),),
        parts=tuple(PartQuantity(p, 1) for p in job.parts) if takes_parts else (),
        windows=_windows(rng) if rng.random() < WINDOWS and not fault else (),
    )
    return Case(site, order, visit)


def _site(
    rng: Random, site_id: str, customer: Customer, district: District, city: str, line: str
) -> Site:
    return Site(
        id=site_id,
        name=f"{customer.name}, {district.name}",
        customer_id=customer.id,
        point=scatter(rng, district),
        province=HOME,
        city=city,
        territory=line,
    )


def _windows(rng: Random) -> tuple[Window, ...]:
    """When the classrooms are free: over lunch or after lessons, on one day or both."""
    hours = rng.choice((LUNCH_HOURS, AFTER_LESSONS))
    days = rng.choice(((TUESDAY,), (EXAM_DAY,), (TUESDAY, EXAM_DAY)))
    return tuple(Window(local(day, hours[0]), local(day, hours[1])) for day in days)


def _plant(rng: Random, planted: Planted, customer: Customer) -> Case:
    district, line, city = PREFECTURES[0].counties[1], PREFECTURES[0].line, PREFECTURES[0].name
    if planted.outside_lines:
        district, line, city = XINGYI, "Qianxinan", "Qianxinan"
    site = _site(rng, f"S{planted.id}", customer, district, city, line)
    reported_at = PLANNING_AT - timedelta(hours=16)
    answered_at = reported_at + timedelta(minutes=8)
    gates = [Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, answered_at)]
    if planted.quote_open:
        gates.append(Gate(GateKind.QUOTE, answered_at, waits_for_customer=True))
    order = WorkOrder(
        id=f"W{planted.id}",
        site_id=site.id,
        product="recorder",
        priority=Priority.LOW,
        reported_at=reported_at,
        gates=tuple(gates),
        responded_at=answered_at,
        description=planted.text,
    )
    need = (SkillNeed(planted.skill),)
    return Case(site, order, Visit(f"V{planted.id}", order.id, 3600, need, planted.parts))


def _second_visit(cases: list[Case]) -> Visit:
    """A check an hour after the first software update, by the same engineer."""
    i = next(i for i, c in enumerate(cases) if c.order.product == "platform" and not c.visit.parts)
    first = cases[i].visit
    cases[i] = replace(cases[i], visit=replace(first, stops=(ClockKind.RESPOND, ClockKind.ARRIVE)))
    return replace(
        first, id=f"{first.id}-2", duration_s=1800, windows=(), stops=(ClockKind.RESTORE,)
    )


def _published(cases: Sequence[Case]) -> tuple[Commitment, ...]:
    """What the first engineer of an outlet was promised for: the first plain visit there."""
    first_of = {p.name: f"{p.code}-1" for p in PREFECTURES}
    published: dict[str, Commitment] = {}
    for case in cases:
        plain = not case.visit.windows and case.visit.crew_size == 1
        if case.site.city not in published and plain and case.order.priority is Priority.LOW:
            published[case.site.city] = Commitment(
                case.visit.id, (first_of[case.site.city],), local(TUESDAY, "10:00")
            )
    return tuple(published.values())


def _lots(cases: Sequence[Case]) -> tuple[Lot, ...]:
    """Two of every part at headquarters and what is needed at the others; cameras come later."""
    need: Counter[tuple[str, str]] = Counter()
    code = {p.name: p.code for p in PREFECTURES}
    for case in cases:
        for part in case.visit.parts:
            need[code[case.site.city], part.part_id] += part.quantity
    for kind in PARTS:
        need["GY", kind.id] += STOCK_PER_PART
    lots = []
    for number, ((station_id, part_id), units) in enumerate(sorted(need.items()), start=1):
        late = part_id == "CAM-T" and station_id != "GY"
        available_at = local(TUESDAY, "13:00") if late else local(date(2026, 9, 1), "09:00")
        lots.append(Lot(f"L{number:02}", station_id, part_id, units, available_at))
    return tuple(lots)


def _calendars() -> tuple[Calendar, ...]:
    days = calendar_days((2026,))
    return (
        Calendar("hotline", TIME_ZONE),
        Calendar("support", TIME_ZONE, (HourRange(time(9), time(19, 30)),), days=days),
    )


def _sla_rules() -> tuple[SlaRule, ...]:
    """The hotline answers within 1 h; on site within 3 support hours, running again in 24 h."""
    hotline, support = "hotline", "support"
    return (
        SlaRule(
            "exam",
            priority=Priority.EMERGENCY,
            clocks=_clocks((1, hotline), (2, hotline), (6, hotline), 800, 100),
        ),
        SlaRule(
            "planned",
            priority=Priority.LOW,
            clocks=_clocks((8, hotline), (30, support), (40, support), 150, 10),
        ),
        SlaRule(
            "university",
            tier="university",
            clocks=_clocks((1, hotline), (3, support), (24, hotline), 500, 40),
            cover_notice_s=0,
        ),
        SlaRule("standard", clocks=_clocks((1, hotline), (3, support), (24, hotline), 300, 30)),
    )


def _clocks(
    respond: tuple[int, str],
    arrive: tuple[int, str],
    restore: tuple[int, str],
    breach_yuan: int,
    late_yuan_per_h: int,
) -> tuple[ClockTerms, ...]:
    """Each clock is given as hours and calendar."""
    kinds = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.RESTORE)
    return tuple(
        ClockTerms(kind, hours * 3600, calendar, breach_yuan * 100, late_yuan_per_h * 100)
        for kind, (hours, calendar) in zip(kinds, (respond, arrive, restore), strict=True)
    )


if __name__ == "__main__":
    write(make(), Language.EN)
