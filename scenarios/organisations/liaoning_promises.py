"""Liaoning: what people were told (published commitments), wishes and pins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from random import Random

from dispatch.domain.people import Coverage, Technician
from dispatch.domain.places import Site
from dispatch.domain.work import Commitment, Pin, Priority, SkillNeed, Visit, WorkOrder
from scenarios.organisations.liaoning_people import NIGHT_STANDBY_IDS, TUESDAY, WEDNESDAY
from scenarios.organisations.liaoning_places import HOME
from scenarios.organisations.making import local

# Knobs
PUBLISHED, PINNED_TECHNICIAN, WISHES = 40, 5, 0.06
STARTS = ("09:15", "10:45", "14:00")  # of what is published for one technician on Tuesday
LONGEST_S = 90 * 60


@dataclass(frozen=True, slots=True)
class Staff:
    technicians: Sequence[Technician]
    orders: Mapping[str, WorkOrder]
    sites: Mapping[str, Site]

    def site_of(self, visit: Visit) -> Site:
        return self.sites[self.orders[visit.work_order_id].site_id]

    def able(self, visit: Visit) -> list[Technician]:
        """Technicians of the site's territory with the skills, welcome there, at work all day."""
        site = self.site_of(visit)
        return [
            t
            for t in self.technicians
            if not t.absences
            and t.id not in NIGHT_STANDBY_IDS
            and site.customer_id not in t.excluded_customers
            and any(
                c.territory == site.territory and c.coverage is Coverage.PRIMARY
                for c in t.territories
            )
            and all(_has(t, need) for need in visit.skills)
            and set(visit.tools) <= set(t.tools)
        ]


def _has(technician: Technician, need: SkillNeed) -> bool:
    return any(
        c.skill == need.skill
        and c.level >= need.level
        and (c.expires_on is None or c.expires_on >= WEDNESDAY)
        for c in technician.certificates
    )


def with_wishes(rng: Random, visits: Sequence[Visit], staff: Staff) -> list[Visit]:
    wished = []
    for visit in visits:
        able = staff.able(visit) if rng.random() < WISHES and visit.crew_size == 1 else []
        wished.append(replace(visit, wished_technician_id=rng.choice(able).id) if able else visit)
    return wished


def make_published(rng: Random, visits: Sequence[Visit], staff: Staff) -> tuple[Commitment, ...]:
    """Plain visits in the province, at most one per technician and start."""
    candidates = [v for v in visits if _is_plain(v, staff)]
    rng.shuffle(candidates)
    turns = (STARTS[i % len(STARTS) :] + STARTS[: i % len(STARTS)] for i in count())
    free = {t.id: list(turn) for t, turn in zip(staff.technicians, turns, strict=False)}
    published: list[Commitment] = []
    for visit in candidates:
        choice = _free_start(visit, staff, free)
        if choice is not None and len(published) < PUBLISHED:
            technician_id, clock = choice
            free[technician_id].remove(clock)
            published.append(Commitment(visit.id, (technician_id,), local(TUESDAY, clock)))
    return tuple(sorted(published, key=lambda c: c.visit_id))


def _is_plain(visit: Visit, staff: Staff) -> bool:
    order = staff.orders[visit.work_order_id]
    return (
        visit.crew_size == 1
        and visit.run_in_s == 0
        and visit.duration_s <= LONGEST_S
        and not visit.id.endswith("-2")
        and all(g.passed_at is not None for g in order.gates)
        and staff.site_of(visit).province == HOME
    )


def _free_start(
    visit: Visit, staff: Staff, free: Mapping[str, Sequence[str]]
) -> tuple[str, str] | None:
    """The technician with most free starts, and the first of them inside the windows."""
    for technician in sorted(staff.able(visit), key=lambda t: -len(free[t.id])):
        for clock in free[technician.id]:
            if _fits(visit, local(TUESDAY, clock)):
                return technician.id, clock
    return None


def _fits(visit: Visit, start_at: datetime) -> bool:
    return not visit.windows or any(w.open_at <= start_at <= w.close_at for w in visit.windows)


def make_pins(
    visits: Sequence[Visit], published: Sequence[Commitment], staff: Staff
) -> tuple[Pin, ...]:
    """Some technicians, one start, and one visit right after another at the same site."""
    visit_of = {v.id: v for v in visits}
    plain = [c for c in published if not visit_of[c.visit_id].parts]
    start = max(
        (c for c in plain if not visit_of[c.visit_id].windows),
        key=lambda c: (c.start_at, c.visit_id),
    )
    first, then, technician_id = _neighbours(visits, published, staff)
    used = {start.visit_id, first, then}
    pins = [
        Pin(start.visit_id, start.technician_ids[0], start.start_at),
        Pin(first, technician_id),
        Pin(then, technician_id, after_visit_id=first),
    ]
    pins += [
        Pin(c.visit_id, c.technician_ids[0])
        for c in [c for c in plain if c.visit_id not in used][:PINNED_TECHNICIAN]
    ]
    return tuple(sorted(pins, key=lambda p: p.visit_id))


def _neighbours(
    visits: Sequence[Visit], published: Sequence[Commitment], staff: Staff
) -> tuple[str, str, str]:
    """Two plain visits without windows or parts at one site, the more urgent one first, and a
    technician for both."""
    told = {c.visit_id for c in published}
    plain = [
        v
        for v in visits
        if _is_plain(v, staff) and not v.windows and not v.parts and v.id not in told
    ]
    for first in plain:
        for then in plain:
            same_site = staff.site_of(first).id == staff.site_of(then).id
            both = {t.id for t in staff.able(first)} & {t.id for t in staff.able(then)}
            older = _age_key(first, staff) < _age_key(then, staff)
            if older and same_site and both:
                return first.id, then.id, min(both)
    raise ValueError("no two plain visits share a site and a technician; change the seed")


def _age_key(visit: Visit, staff: Staff) -> tuple[bool, datetime, str]:
    order = staff.orders[visit.work_order_id]
    return order.priority is Priority.LOW, order.reported_at, visit.id
