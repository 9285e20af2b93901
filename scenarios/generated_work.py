"""Made-up work orders, visits, links, and what was promised about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Technician
from dispatch.domain.places import Site
from dispatch.domain.work import (
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
from scenarios.mix import PARTS, PLANNING_AT, RUN_IN_S, SKILLS, TOOLS, TOP_LEVEL, Mix, at, drawn

LAGS_S = (None, 0, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Work:
    """Work orders, their visits in order of id, and links between visits."""

    orders: tuple[WorkOrder, ...]
    visits: tuple[Visit, ...]
    links: tuple[Link, ...]


def make_work(rng: Random, visits: int, sites: tuple[Site, ...], mix: Mix) -> Work:
    """``visits`` visits; linked ones belong to one work order or to two."""
    orders: list[WorkOrder] = []
    planned: list[Visit] = []
    links: list[Link] = []

    def add_order() -> WorkOrder:
        orders.append(_work_order(rng, len(orders) + 1, sites, mix))
        return orders[-1]

    def add_visit(order: WorkOrder) -> Visit:
        planned.append(_visit(rng, len(planned) + 1, order, mix))
        return planned[-1]

    while len(planned) < visits:
        order = add_order()
        first = add_visit(order)
        if len(planned) < visits and drawn(rng, mix.links):
            then = add_visit(order if drawn(rng, 0.5) else add_order())
            links.append(_link(rng, first, then))
    return Work(tuple(orders), tuple(planned), tuple(links))


def _work_order(rng: Random, number: int, sites: tuple[Site, ...], mix: Mix) -> WorkOrder:
    if drawn(rng, mix.emergencies):
        priority, age_min = Priority.EMERGENCY, rng.randint(10, 120)
    else:
        priority = rng.choices((Priority.HIGH, Priority.NORMAL, Priority.LOW), (2, 5, 3))[0]
        age_min = rng.randint(60, 36 * 60)
    reported_at = PLANNING_AT - timedelta(minutes=age_min)
    responded_at = reported_at + timedelta(minutes=rng.randint(5, 50))
    answered = responded_at <= PLANNING_AT and drawn(rng, 0.9)
    return WorkOrder(
        id=f"W{number:05}",
        site_id=rng.choice(sites).id,
        product=rng.choice(SKILLS),
        priority=priority,
        reported_at=reported_at,
        gates=_gates(rng, reported_at, mix),
        responded_at=responded_at if answered else None,
    )


def _gates(rng: Random, reported_at: datetime, mix: Mix) -> tuple[Gate, ...]:
    """A remote diagnosis that is over, and for some orders a gate that is still open."""
    passed_at = reported_at + timedelta(minutes=rng.randint(1, 9))
    gates = [Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, passed_at)]
    if drawn(rng, mix.releases):
        kind = rng.choice((GateKind.QUOTE, GateKind.PARTS))
        expected_at = at(rng.randrange(mix.days), rng.randrange(8 * 60, 15 * 60, 30))
        gates.append(
            Gate(
                kind,
                opened_at=passed_at,
                expected_at=None if drawn(rng, mix.hopeless) else expected_at,
                waits_for_customer=kind is GateKind.QUOTE,
            )
        )
    return tuple(gates)


def _visit(rng: Random, number: int, order: WorkOrder, mix: Mix) -> Visit:
    level = rng.randint(2, TOP_LEVEL) if drawn(rng, mix.levels) else 1
    skills = [SkillNeed(order.product, level)]
    if drawn(rng, 0.2):
        skills.append(SkillNeed(rng.choice([s for s in SKILLS if s != order.product])))
    parts = sorted(rng.sample(PARTS, rng.choice((1, 1, 1, 2)))) if drawn(rng, mix.parts) else []
    release_at = at(rng.randrange(mix.days), rng.randrange(8 * 60, 14 * 60, 30))
    return Visit(
        id=f"V{number:05}",
        work_order_id=order.id,
        duration_s=60 * rng.randrange(30, 125, 5),
        skills=tuple(skills),
        parts=tuple(PartQuantity(p, rng.choice((1, 1, 2))) for p in parts),
        tools=(rng.choice(TOOLS),) if drawn(rng, mix.tools) else (),
        windows=_windows(rng, mix) if drawn(rng, mix.windows) else (),
        release_at=release_at if drawn(rng, mix.releases / 2) else None,
        run_in_s=RUN_IN_S if drawn(rng, mix.run_in) else 0,
        crew_size=2 if drawn(rng, mix.crews) else 1,
    )


def _windows(rng: Random, mix: Mix) -> tuple[Window, ...]:
    """One or two half days or two-hour appointments, on different days."""
    days = sorted(rng.sample(range(mix.days), min(mix.days, rng.choice((1, 1, 2)))))
    windows = []
    for day in days:
        if drawn(rng, 0.4):
            opening = rng.choice((8 * 60, 13 * 60))
            closing = opening + 4 * 60
        else:
            opening = rng.randrange(8 * 60, 16 * 60, 30)
            closing = opening + rng.choice((60, 120))
        windows.append(Window(at(day, opening), at(day, closing)))
    return tuple(windows)


def _link(rng: Random, first: Visit, then: Visit) -> Link:
    """After the first, within some time of it, by the same technician, or several of these."""
    min_lag_s = rng.choice(LAGS_S)
    max_lag_s = (min_lag_s or 0) + 3600 * rng.randint(2, 24) if drawn(rng, 0.5) else None
    asks_nothing = min_lag_s is None and max_lag_s is None
    return Link(
        first.id,
        then.id,
        min_lag_s,
        max_lag_s,
        same_technician=asks_nothing or drawn(rng, 0.3),
    )


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could do which visit, by skills, territory and exclusions."""

    by_territory: Mapping[str, Sequence[Technician]]
    orders: Mapping[str, WorkOrder]
    sites: Mapping[str, Site]

    def qualified(self, visit: Visit) -> list[Technician]:
        site = self.sites[self.orders[visit.work_order_id].site_id]
        return [
            t
            for t in self.by_territory.get(site.territory, ())
            if site.id not in t.excluded_sites
            and site.customer_id not in t.excluded_customers
            and all(_has(t, need) for need in visit.skills)
        ]


def _has(technician: Technician, need: SkillNeed) -> bool:
    return any(c.skill == need.skill and c.level >= need.level for c in technician.certificates)


def staffing(
    technicians: tuple[Technician, ...], orders: tuple[WorkOrder, ...], sites: tuple[Site, ...]
) -> Staffing:
    by_territory: dict[str, list[Technician]] = {}
    for technician in technicians:
        for cover in technician.territories:
            by_territory.setdefault(cover.territory, []).append(technician)
    return Staffing(by_territory, {o.id: o for o in orders}, {s.id: s for s in sites})


def with_wishes(rng: Random, work: Work, staff: Staffing, mix: Mix) -> Work:
    """The same work, where some customers wish for a technician."""
    visits = []
    for visit in work.visits:
        able = staff.qualified(visit) if drawn(rng, mix.wishes) else []
        visits.append(replace(visit, wished_technician_id=rng.choice(able).id) if able else visit)
    return replace(work, visits=tuple(visits))


def make_pins(rng: Random, work: Work, staff: Staffing, mix: Mix) -> tuple[Pin, ...]:
    """Pins of a technician, a start, or the visit before; by technicians who are qualified."""
    pins = []
    previous: tuple[Visit, Technician] | None = None
    for visit in work.visits:
        able = staff.qualified(visit) if drawn(rng, mix.pins) else []
        if not able or visit.crew_size > 1:
            continue
        if previous is not None and previous[1] in able and drawn(rng, 0.3):
            pins.append(Pin(visit.id, previous[1].id, after_visit_id=previous[0].id))
            previous = None
            continue
        technician = rng.choice(able)
        pins.append(Pin(visit.id, technician.id, _start(rng, visit, mix) if _half(rng) else None))
        previous = visit, technician
    return tuple(pins)


def make_published(
    rng: Random, work: Work, staff: Staffing, pins: tuple[Pin, ...], mix: Mix
) -> tuple[Commitment, ...]:
    """What people were told about some visits that are not pinned."""
    pinned = {p.visit_id for p in pins}
    published = []
    for visit in work.visits:
        if visit.id in pinned or not drawn(rng, mix.published):
            continue
        able = staff.qualified(visit)
        if len(able) >= visit.crew_size:
            crew = sorted(t.id for t in rng.sample(able, visit.crew_size))
            published.append(Commitment(visit.id, tuple(crew), _start(rng, visit, mix)))
    return tuple(published)


def _half(rng: Random) -> bool:
    return drawn(rng, 0.5)


def _start(rng: Random, visit: Visit, mix: Mix) -> datetime:
    if visit.windows:
        return rng.choice(visit.windows).open_at
    return at(rng.randrange(mix.days), rng.randrange(9 * 60, 16 * 60, 15))
