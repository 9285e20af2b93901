"""``python -m benchmarks reasons``: whether the reasons are true, and how long they take.

* time: reasons for every visit that is left out of an overloaded day, each verified in the whole
  plan by the referee
* planted: a part is removed, a certificate has expired, a shift is cut; the way in has to name it
* missed: visits left out that somebody could legally take, looked for by the referee alone
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from dispatch.domain.parts import Part, PartQuantity
from dispatch.domain.people import Certificate
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.route_times import TimedRoute
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import SkillNeed
from dispatch.explain import Explainer
from dispatch.horizon import snapshot_of
from dispatch.judged import judged
from dispatch.placing import Place, PlacingError, left_out, place
from dispatch.planning import make_plan
from dispatch.reasons import reasons_of
from dispatch.relaxations import (
    HOUR_S,
    Amount,
    Certified,
    MoreOvertime,
    MoreParts,
    PartsOnVan,
    Relaxation,
)
from dispatch.relaxing import Relaxer
from dispatch.travel import Travel, travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL, Mix

DAY = replace(TYPICAL, days=1)
CAUSES = ("part", "certificate", "shift")
PLANTED = "planted"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks reasons", description=__doc__)
    parser.add_argument("--visits", type=int, default=300, help="of the day that is timed")
    parser.add_argument("--planted", type=int, default=100, help="how many causes to plant")
    parser.add_argument("--days", type=int, default=200, help="how many days to look for misses on")
    wanted = parser.parse_args(arguments)
    for mix in (DAY, replace(DAY, load=1.4)):
        print(timed(wanted.visits, mix), flush=True)
    named = sum(names_planted(seed, CAUSES[seed % len(CAUSES)]) for seed in range(wanted.planted))
    print(f"planted causes named: {named} of {wanted.planted}", flush=True)
    missed = out = 0
    for seed in range(wanted.days):
        snapshot, travel, plan = a_day(40, seed, HARD if seed % 2 else DAY, 300)
        found = missed_visits(snapshot, travel, plan)
        missed, out = missed + len(found), out + len(plan.unassigned)
        if found:
            print(f"  seed {seed}: {', '.join(found)}", flush=True)
    print(f"left out although somebody could take it: {missed} of {out}, {wanted.days} days")
    return 0


def a_day(visits: int, seed: int, mix: Mix, iterations: int) -> tuple[Snapshot, Travel, Plan]:
    snapshot = snapshot_of(generate(visits, seed=seed, mix=mix))
    travel = travel_of(snapshot)
    return snapshot, travel, planned(snapshot, travel, iterations)


def planned(snapshot: Snapshot, travel: Travel, iterations: int) -> Plan:
    return make_plan(
        snapshot,
        travel,
        iterations=iterations,
        seed=1,
        report=lambda _: None,
        stop=lambda: False,
    )


def timed(visits: int, mix: Mix) -> str:
    """How long all reasons of a day take, and how many of them hold in the whole plan."""
    snapshot, travel, plan = a_day(visits, 5, mix, 3000)
    day = judged(snapshot, plan, travel)
    begin, spent = time.perf_counter(), time.process_time()
    found = reasons_of(day, travel)
    elapsed_s, spent_s = time.perf_counter() - begin, time.process_time() - spent
    known = set(day.verdict.violations)
    ways = [reason.way_in for reason in found.reasons]
    single = sum(w.plan is not None and len(w.relaxations) == 1 for w in ways)
    pairs = sum(len(w.relaxations) == 2 for w in ways)
    plans = [(w, w.plan) for w in ways if w.plan is not None]
    true = sum(
        set(judge(w.facts(snapshot), after, travel).violations) <= known for w, after in plans
    )
    return (
        f"{visits} visits, load {mix.load}: {len(ways)} left out, {elapsed_s:.2f} s"
        f" ({spent_s:.2f} s of processor time); {single} by one change, {pairs} by two,"
        f" {len(ways) - len(plans)} not found; {true} of {len(plans)} true in the whole plan"
    )


# ------------------------------------------------------------------------------ planted causes


def names_planted(seed: int, cause: str) -> bool:
    """Whether the way in undoes what was done to the only technician who could do a visit."""
    snapshot, travel, plan = a_day(60, seed, DAY, 300)
    times = judge(snapshot, plan, travel).timetable
    routes = [r for r in times.routes if _plain(snapshot, r)]
    Random(seed).shuffle(routes)
    for route in routes:
        visit_id = [s.visit_id for s in route.stops if s.visit_id is not None][-1]
        standing = left_out(plan, visit_id)
        facts, wanted = _planted(snapshot, standing, travel, route, visit_id, cause)
        explainer = Explainer(facts, travel, standing)
        if visit_id in explainer.fitting():
            continue  # it finds another place
        verdict = judge(facts, standing, travel)
        relaxer = Relaxer.of(explainer, verdict)
        way = relaxer.way_in(visit_id)
        if len(way.relaxations) == 1 and _undoes(way.relaxations[0], wanted):
            return True
        print(f"  seed {seed}, {cause}: wanted {wanted}, found {way.relaxations}", flush=True)
        return False
    raise SystemExit(f"seed {seed}: nowhere to plant")


def _planted(
    snapshot: Snapshot,
    standing: Plan,
    travel: Travel,
    route: TimedRoute,
    visit_id: str,
    cause: str,
) -> tuple[Snapshot, Relaxation]:
    """The visit needs a skill that only its technician has, and one thing is missing; and what
    undoes that, by whatever amount."""
    technician = snapshot.technician[route.route.technician_id]
    visit, shift = snapshot.visit[visit_id], route.shift
    needed = replace(visit, skills=(*visit.skills, SkillNeed(PLANTED)))
    certificate = Certificate(PLANTED)
    wanted: Relaxation
    match cause:
        case "part":
            snapshot = replace(snapshot, parts=(*snapshot.parts, Part(PLANTED, PLANTED)))
            needed = replace(needed, parts=(*needed.parts, PartQuantity(PLANTED, 1)))
            wanted = PartsOnVan(1, technician.id, PLANTED)
        case "certificate":
            week = timedelta(days=7)
            certificate = replace(certificate, expires_on=(snapshot.start_at - week).date())
            wanted = Certified(technician.id, PLANTED, 1)
        case _:
            (left,) = judge(snapshot, standing, travel).timetable.routes_of[technician.id]
            shift = replace(shift, end_at=left.finish_at, max_overtime_s=0)
            wanted = MoreOvertime(1, technician.id, shift.id)
    certificates = (*technician.certificates, certificate)
    changed = replace(technician, certificates=certificates, shifts=(shift,))
    snapshot = replace(
        snapshot,
        visits=tuple(needed if v is visit else v for v in snapshot.visits),
        technicians=tuple(changed if t is technician else t for t in snapshot.technicians),
    )
    return snapshot, wanted


def _plain(snapshot: Snapshot, route: TimedRoute) -> bool:
    """Whether the last visit of a route stands there because it fits into the technician's day,
    takes no more than overtime could make good, and is not the only one."""
    visits = [stop.visit_id for stop in route.stops if stop.visit_id is not None]
    visit = snapshot.visit[visits[-1]]
    linked = {v for x in snapshot.links for v in (x.first_visit_id, x.then_visit_id)}
    free = visit.crew_size == 1 and not visit.windows and not linked.intersection(visits)
    gates = snapshot.order_of(visit).gates
    free = free and visit.release_at is None and all(g.passed_at is not None for g in gates)
    short = visit.duration_s + visit.run_in_s < 2 * HOUR_S
    return free and short and len(visits) > 1 and not snapshot.pin.keys() & set(visits)


def _undoes(found: Relaxation, wanted: Relaxation) -> bool:
    """Whether a change names the cause, by whatever amount; a part helps at the base too."""
    if isinstance(found, MoreParts) and isinstance(wanted, PartsOnVan):
        return found.part_id == wanted.part_id
    if isinstance(found, Amount) and isinstance(wanted, Amount):
        return found == replace(wanted, amount=found.amount)
    return found == wanted


# ------------------------------------------------------------------------------------- missed


def missed_visits(snapshot: Snapshot, travel: Travel, plan: Plan) -> tuple[str, ...]:
    """Visits left out that one technician could take without breaking a rule, for less than it
    costs to leave them out. The referee tries every technician and place; the solver is not
    asked."""
    verdict = judge(snapshot, plan, travel)
    known = set(verdict.violations)

    def legal(visit_id: str, technician_id: str) -> bool:
        try:
            tried = place(snapshot, plan, travel, Place(visit_id, (technician_id,)))
        except PlacingError:
            return False  # no shift
        after = judge(snapshot, tried, travel)
        own = any(broken.visit_id == visit_id for broken in after.violations)
        cheaper = after.cost.total_fen < verdict.cost.total_fen
        return not own and set(after.violations) <= known and cheaper

    out = (snapshot.visit[left.visit_id] for left in plan.unassigned)
    return tuple(
        visit.id
        for visit in out
        if visit.crew_size == 1 and any(legal(visit.id, t.id) for t in snapshot.technicians)
    )
