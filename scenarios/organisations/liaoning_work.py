"""Liaoning: customers, their sites, and the open work orders with their visits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from dispatch.domain.parts import PartQuantity
from dispatch.domain.places import Customer, Site
from dispatch.domain.work import (
    ClockKind,
    Gate,
    GateKind,
    Link,
    Priority,
    SkillNeed,
    Visit,
    Window,
    WorkOrder,
)
from scenarios.organisations.liaoning_people import LADDER, SCOPE, TUESDAY, WEDNESDAY
from scenarios.organisations.liaoning_places import CITIES, FAR_CITIES, HOME
from scenarios.organisations.liaoning_trade import (
    BUS,
    INSPECTION,
    LOGISTICS,
    PRODUCTS,
    TIERS,
    TRADES,
    Job,
    Product,
    Trade,
)
from scenarios.organisations.making import District, distinct, local, scatter

PLANNING_AT = local(TUESDAY, "07:30")
RUN_IN_S = 5 * 3600

# Knobs: how much of what there is.
EMERGENCIES = 8
CREWS = 8
SECOND_VISITS = 8  # work orders with two visits; the first LINKED of them are linked
LINKED = 3
SITES_PER_VISIT = 0.72
EFFORT_PERMILLE, LONGEST_MIN = 1300, 150  # stretches the minutes of every job
RUN_IN_OF_INSTALLATIONS = 0.62  # in town; far from the base a day is too short
INSTALLATIONS, INSPECTIONS = 0.33, 0.15  # of all visits; the rest are repairs
WITH_PARTS = 0.85  # of the jobs that usually take parts
APPOINTMENTS = 0.15  # two-hour windows where the trade has no hours of its own
LEVELS = ((1, 72), (2, 24), (3, 4))
LADDERS, SCOPES = 0.08, 0.04
QUOTES_PASSED, QUOTES_OPEN = 0.05, 0.025
NIGHT_REPORTS = 0.85  # of repairs: reported since yesterday evening, not before

FIRST_WORDS, SECOND_WORDS = "启澜翼柏拓岚禾霁朔骏泽曜森越铭", "辰途川舟鸣驰原岳帆屿"


@dataclass
class Book:
    """What is being made; ids count up as things are added."""

    customers: dict[str, list[Customer]] = field(default_factory=dict)  # by city
    trades: dict[str, Trade] = field(default_factory=dict)  # by customer id
    sites: list[Site] = field(default_factory=list)
    in_town: set[str] = field(default_factory=set)  # ids of sites
    orders: list[WorkOrder] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def make_book(rng: Random, best_level: Mapping[tuple[str, str], int]) -> Book:
    """``best_level`` says how good the best technician of a territory is at a skill."""
    book = Book()
    taken: set[str] = set()
    for city in CITIES:
        count = max(5, city.visits // 3)
        _add_customers(rng, book, city.name, count, taken)
        sites = _add_sites(rng, book, city.name, city.visits, city.districts)
        _add_work(rng, book, sites, city.visits, best_level)
    for far in FAR_CITIES:
        _add_customers(rng, book, far.name, 2, taken)
        sites = _add_sites(rng, book, far.name, far.visits, (far.district,))
        _add_work(rng, book, sites, far.visits, best_level)
    _make_emergencies(rng, book)
    _make_crews(rng, book)
    _make_links(book)
    return book


def _add_customers(rng: Random, book: Book, city: str, count: int, taken: set[str]) -> None:
    for i in range(count):
        trade = TRADES[i % len(TRADES)] if count >= len(TRADES) else LOGISTICS
        word = distinct(lambda: rng.choice(FIRST_WORDS) + rng.choice(SECOND_WORDS), taken)
        tier = rng.choices(TIERS, (1, 2, 3))[0]
        customer = Customer(f"C{len(book.trades) + 1:03}", f"{city}{word}{trade.name}公司", tier)
        book.trades[customer.id] = trade
        book.customers.setdefault(city, []).append(customer)


def _add_sites(
    rng: Random, book: Book, city: str, visits: int, districts: Sequence[District]
) -> list[Site]:
    far = {f.name: f for f in FAR_CITIES}.get(city)
    customers = book.customers[city]
    sites = []
    for i in range(max(1, round(visits * SITES_PER_VISIT))):
        district = rng.choices(districts, [d.weight for d in districts])[0]
        customer = customers[i % len(customers)]
        place = rng.choice(book.trades[customer.id].places)
        sites.append(
            Site(
                id=f"S{len(book.sites) + i + 1:03}",
                name=f"{district.name.rstrip('区县市')}{place}{i + 1}",
                customer_id=customer.id,
                point=scatter(rng, district),
                province=far.province if far else HOME,
                city=city,
                territory=far.territory if far else city,
                address=f"{city}市{district.name}",
            )
        )
        if far is None and district.weight > 2:
            book.in_town.add(sites[-1].id)
    book.sites += sites
    return sites


def _add_work(
    rng: Random,
    book: Book,
    sites: Sequence[Site],
    count: int,
    best_level: Mapping[tuple[str, str], int],
) -> None:
    """``count`` work orders: every site has one, some have more."""
    for i in range(count):
        site = sites[i] if i < len(sites) else rng.choice(sites)
        order, visit = _case(rng, book, site, best_level)
        book.orders.append(order)
        book.visits.append(visit)


def _case(
    rng: Random, book: Book, site: Site, best_level: Mapping[tuple[str, str], int]
) -> tuple[WorkOrder, Visit]:
    trade = book.trades[site.customer_id]
    product = PRODUCTS[rng.choice(trade.products)]
    draw = rng.random()
    if draw < INSTALLATIONS:
        job, priority = (
            rng.choice(product.installations),
            rng.choice((Priority.LOW,) * 3 + (Priority.NORMAL,)),
        )
    elif draw < INSTALLATIONS + INSPECTIONS:
        job, priority = INSPECTION, Priority.LOW
    else:
        job, priority = (
            rng.choice(product.repairs),
            rng.choice((Priority.HIGH, Priority.NORMAL, Priority.NORMAL)),
        )
    order = _order(rng, book, site, product, job, priority)
    return order, _visit(rng, order, site, product, job, book, best_level)


def _order(
    rng: Random, book: Book, site: Site, product: Product, job: Job, priority: Priority
) -> WorkOrder:
    if priority is Priority.LOW:
        age_min = rng.randint(6 * 60, 36 * 60)
    elif rng.random() < NIGHT_REPORTS:
        age_min = rng.randint(20, 11 * 60)
    else:
        age_min = rng.randint(11 * 60, 34 * 60)
    reported_at = PLANNING_AT - timedelta(minutes=age_min)
    answered_at = reported_at + timedelta(minutes=rng.randint(3, 45))
    return WorkOrder(
        id=f"W{len(book.orders) + 101}",
        site_id=site.id,
        product=product.name,
        priority=priority,
        reported_at=reported_at,
        gates=_gates(rng, reported_at, age_min) if job is not INSPECTION else (),
        responded_at=answered_at if answered_at <= PLANNING_AT else None,
        description=job.text,
    )


def _gates(rng: Random, reported_at: datetime, age_min: int) -> tuple[Gate, ...]:
    """Remote diagnosis comes first; out of warranty the customer has to accept a quote."""
    diagnosed_at = reported_at + timedelta(minutes=rng.randint(5, 20))
    gates = [Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, diagnosed_at)]
    draw = rng.random()
    if draw < QUOTES_PASSED and age_min > 6 * 60:
        accepted_at = diagnosed_at + timedelta(minutes=rng.randint(60, 300))
        gates.append(Gate(GateKind.QUOTE, diagnosed_at, accepted_at, waits_for_customer=True))
    elif draw > 1 - QUOTES_OPEN:
        expected_at = rng.choice((local(TUESDAY, "11:00"), local(WEDNESDAY, "09:00")))
        gates.append(
            Gate(GateKind.QUOTE, diagnosed_at, expected_at=expected_at, waits_for_customer=True)
        )
    return tuple(gates)


def _visit(
    rng: Random,
    order: WorkOrder,
    site: Site,
    product: Product,
    job: Job,
    book: Book,
    best_level: Mapping[tuple[str, str], int],
) -> Visit:
    levels, weights = zip(*LEVELS, strict=True)
    level = min(rng.choices(levels, weights)[0], best_level[site.territory, product.skill])
    trade = book.trades[site.customer_id]
    installs_in_town = job in product.installations and site.id in book.in_town
    runs_in = installs_in_town and rng.random() < RUN_IN_OF_INSTALLATIONS
    # An appointment is made when the customer has accepted the quote, and not far away.
    may_be_timed = site.province == HOME and all(g.passed_at is not None for g in order.gates)
    takes_parts = job.parts and rng.random() < WITH_PARTS
    return Visit(
        id=f"V{order.id[1:]}",
        work_order_id=order.id,
        duration_s=_duration_s(rng, job),
        skills=(SkillNeed(product.skill, level),),
        parts=tuple(PartQuantity(p, 1) for p in job.parts) if takes_parts else (),
        tools=_tools(rng, trade),
        windows=_windows(rng, trade, runs_in) if may_be_timed else (),
        run_in_s=RUN_IN_S if runs_in else 0,
    )


def _duration_s(rng: Random, job: Job) -> int:
    """In steps of five minutes."""
    minutes = rng.randint(*job.minutes) * EFFORT_PERMILLE // 1000
    return 60 * min(LONGEST_MIN, minutes // 5 * 5)


def _tools(rng: Random, trade: Trade) -> tuple[str, ...]:
    draw = rng.random()
    if draw < LADDERS and trade in (BUS, LOGISTICS):
        return (LADDER,)
    return (SCOPE,) if draw > 1 - SCOPES else ()


def _windows(rng: Random, trade: Trade, runs_in: bool) -> tuple[Window, ...]:
    """The trade's hours on both days, or an appointment; before a run-in a morning at most."""
    if rng.random() < trade.shared:
        hours = trade.hours[:1] if runs_in else trade.hours
        return tuple(_window(day, *h) for day in (TUESDAY, WEDNESDAY) for h in hours)
    if rng.random() < APPOINTMENTS:
        opening = rng.choice((8, 9, 10) if runs_in else (8, 9, 10, 13, 14, 15))
        day = rng.choice((TUESDAY, WEDNESDAY))
        return (_window(day, f"{opening:02}:30", f"{opening + 2:02}:30"),)
    return ()


def _window(day: date, opening: str, closing: str) -> Window:
    return Window(local(day, opening), local(day, closing))


def _make_emergencies(rng: Random, book: Book) -> None:
    """Turns repairs that need no appointment into emergencies of this morning."""
    order_at = {o.id: i for i, o in enumerate(book.orders)}
    plain = [
        v
        for v in book.visits
        if not v.windows
        and not v.run_in_s
        and book.orders[order_at[v.work_order_id]].priority is Priority.HIGH
    ]
    for visit in rng.sample(plain, EMERGENCIES):
        i = order_at[visit.work_order_id]
        order = book.orders[i]
        reported_at = PLANNING_AT - timedelta(minutes=rng.randint(15, 100))
        answered_at = reported_at + timedelta(minutes=rng.randint(2, 14))
        book.orders[i] = replace(
            order,
            priority=Priority.EMERGENCY,
            reported_at=reported_at,
            responded_at=answered_at,
            gates=(Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, answered_at),),
            description=f"【紧急】{order.description}",
        )


def _make_crews(rng: Random, book: Book) -> None:
    """Large installations for two, in cities with technicians enough."""
    large = {c.name for c in CITIES if c.technicians >= 4}
    site = {s.id: s for s in book.sites}
    order = {o.id: o for o in book.orders}
    able = [
        i
        for i, v in enumerate(book.visits)
        if order[v.work_order_id].priority is Priority.LOW
        and site[order[v.work_order_id].site_id].city in large
        and v.duration_s >= 4200
        and not v.run_in_s
        and not v.windows
    ]
    for i in rng.sample(able, CREWS):
        visit = book.visits[i]
        needs = tuple(SkillNeed(n.skill) for n in visit.skills)
        book.visits[i] = replace(
            visit, crew_size=2, skills=needs, duration_s=visit.duration_s + 1800
        )


def _make_links(book: Book) -> None:
    """Work orders with a second visit; the first few depend on the first visit."""
    order_of = {o.id: o for o in book.orders}
    able = [
        i
        for i, v in enumerate(book.visits)
        if order_of[v.work_order_id].priority is Priority.LOW
        and v.crew_size == 1
        and not v.run_in_s
        and not v.windows
    ]
    step = len(able) // SECOND_VISITS
    for number, i in enumerate(able[::step][:SECOND_VISITS]):
        first = book.visits[i]
        then = replace(
            first,
            id=f"{first.id}-2",
            duration_s=2700,
            parts=(),
            tools=(),
            stops=(ClockKind.RESTORE,),
        )
        book.visits[i] = replace(first, stops=(ClockKind.RESPOND, ClockKind.ARRIVE))
        book.visits.append(then)
        if number < LINKED:
            lag_s = (0, 2 * 3600, 0)[number % 3]
            longest_s = (None, None, 24 * 3600)[number % 3]
            same = number % 2 == 0
            book.links.append(Link(first.id, then.id, lag_s, longest_s, same_technician=same))
