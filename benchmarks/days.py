"""Generated field-service days: what peers and speed are measured on.

One day of one organisation: skills and levels, territories with backups, shifts with a lunch
break and some overtime, parts on vans and at stations, releases, promised windows, SLA clocks
whose lateness is priced, and prices for leaving a visit out. Crews, links, pins, run-ins, borrowed
tools and nights away are left to the tests: no peer could express them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import numpy as np

from dispatch.domain.clocks import sla_rule_of
from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, WorkOrder
from dispatch.horizon import snapshot_of
from dispatch.numbering import Numbering, number
from dispatch.problems import build_problem
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from scenarios.generated_people import technicians_needed
from scenarios.generated_places import VISITS_PER_STATION
from scenarios.mix import Mix
from solver.problem import Problem

TYPICAL_DAY = Mix(
    days=1,
    load=0.85,
    stock=2,  # vans and bases have most of what is needed: peers know no shared stock
    tools=0,
    run_in=0,
    hopeless=0,
    crews=0,
    links=0,
    pins=0,
    published=0,
    expiring=0,
    absences=0,
    limits=0,
    overnight=0,
    standby=0,
)
OVERLOADED_DAY = replace(TYPICAL_DAY, load=1.45)
"""Repairs and the travel of a good plan take 1.67 h a visit where the generator counts 1.85: the
load is 1.3 here and 0.77 on a typical day."""

DAYS: Mapping[str, Mix] = {"typical": TYPICAL_DAY, "overloaded": OVERLOADED_DAY}

SPARE = 1.15
"""So many times the visits are generated: what nobody is qualified for is left out."""

STILL_RUNNING_S = 9000
"""When planning begins, every clock to arrive has at least this much left."""


@dataclass(frozen=True)
class Day:
    """One day to plan, in all three forms."""

    name: str
    snapshot: Snapshot
    travel: Travel
    numbering: Numbering
    problem: Problem


def make_day(visits: int, seed: int, mix: str = "typical", technicians: int | None = None) -> Day:
    """The day with exactly ``visits`` visits, each of which somebody could do.

    How many technicians there are follows from the mix, unless it is said.
    The same arguments always make an equal day. Seeds 1-9 are for tuning; what is published uses
    101 and up. Raises ``KeyError`` for a mix that is not in ``DAYS`` and ``ValueError`` for a
    count that is not positive or a seed whose visits nobody can do.
    """
    organisation = _organisation(visits, seed, DAYS[mix], technicians)
    organisation = _fresh_orders(organisation, Random(seed))
    organisation = _plannable(organisation, visits)
    return day_of(f"{mix}-{visits}-{seed}", organisation)


def day_of(name: str, organisation: Organisation) -> Day:
    """The organisation's own horizon, ready to be planned."""
    snapshot = snapshot_of(organisation)
    travel = travel_of(snapshot)
    numbering = number(snapshot, travel)
    return Day(name, snapshot, travel, numbering, build_problem(numbering, travel))


def _organisation(visits: int, seed: int, mix: Mix, technicians: int | None) -> Organisation:
    if visits < 1:
        raise ValueError(f"visits must be positive, not {visits}")
    stations = max(1, round(visits / VISITS_PER_STATION))
    staff = technicians_needed(visits, stations, mix) if technicians is None else technicians
    staffed = replace(mix, stations=stations, technicians=staff)
    return generate(round(visits * SPARE) + 5, seed, staffed)


def _fresh_orders(organisation: Organisation, rng: Random) -> Organisation:
    """All work orders were answered, and none is late already: that would only add the same
    price to everybody's plan."""
    snapshot = snapshot_of(organisation)
    orders = tuple(_fresh(snapshot, order, rng) for order in organisation.work_orders)
    return replace(organisation, work_orders=orders)


def _fresh(snapshot: Snapshot, order: WorkOrder, rng: Random) -> WorkOrder:
    rule = sla_rule_of(snapshot, order)
    clocks = rule.clocks if rule is not None else ()
    to_arrive_s = next((c.length_s for c in clocks if c.kind is ClockKind.ARRIVE), 0)
    age_s = rng.randint(0, max(0, to_arrive_s - STILL_RUNNING_S))
    reported_at = snapshot.now_at - timedelta(seconds=age_s)
    later = reported_at - order.reported_at
    gates = tuple(
        replace(
            gate,
            opened_at=min(gate.opened_at + later, snapshot.now_at),
            passed_at=gate.passed_at and min(gate.passed_at + later, snapshot.now_at),
        )
        for gate in order.gates
    )
    return replace(order, reported_at=reported_at, responded_at=reported_at, gates=gates)


def _plannable(organisation: Organisation, visits: int) -> Organisation:
    """The first ``visits`` visits that somebody could do, were there no others."""
    problem = day_of("all", organisation).problem
    able = np.flatnonzero(np.diff(problem.candidate_ptr))[:visits].tolist()
    if len(able) < visits:
        raise ValueError(f"only {len(able)} visits can be done by anybody; try another seed")
    return replace(organisation, visits=tuple(organisation.visits[v] for v in able))
