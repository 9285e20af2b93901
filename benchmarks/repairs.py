"""``python -m benchmarks repairs``: a plan that people were told, and a day that goes wrong.

Disturbances of all kinds hit generated days at random moments. Each repair is compared with a free
re-plan of the same facts, which may search as long and minds nobody. Iterations are the measure, so
that a busy machine changes nothing but the time it takes.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from benchmarks.days import Day, make_day
from dispatch.day import Day as RunningDay
from dispatch.disturbances import (
    Cancelled,
    Closed,
    CustomerAbsent,
    Disturbance,
    Emergency,
    Free,
    Ill,
    Late,
    Missing,
    Overrun,
)
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.domain.work import Priority
from dispatch.judged import JudgedPlan, judged
from dispatch.planning import make_plan
from dispatch.repair_moves import AlternativeKind
from dispatch.repairing import (
    Alternative,
    Effort,
    repair,
    without_prices_of_change,
)
from dispatch.travel import Travel
from tests.solver.solving import never

SEEDS = (101, 102, 103, 104, 105)
LEAST_HOUR, MOST_HOUR = 8, 15
MOST_MOVED_S = 15 * 60
KINDS = (
    "ill",
    "late",
    "overrun",
    "customer absent",
    "part missing",
    "emergency",
    "cancelled",
    "road closed",
    "free early",
)


@dataclass(frozen=True)
class Measured:
    """A repair: the share of untouched visits that moved, and how much dearer it is than a free
    re-plan (both permille)."""

    kind: str
    needed: bool
    moved_permille: float
    dearer_permille: float
    violations: int
    past_changed: int
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks repairs", description=__doc__)
    parser.add_argument("--visits", type=int, default=300)
    parser.add_argument("--disturbances", type=int, default=100)
    parser.add_argument("--plan-iterations", type=int, default=60_000, help="for the plans")
    parser.add_argument("--iterations", type=int, default=6_000, help="for each search of a repair")
    wanted = parser.parse_args(arguments)
    found = []
    for measured in repairs(
        wanted.visits, wanted.disturbances, wanted.plan_iterations, wanted.iterations
    ):
        found.append(measured)
        print(row(measured), flush=True)
    print()
    for line in summary(found):
        print(line)
    return 1 if any(m.violations or m.past_changed for m in found) else 0


def row(m: Measured) -> str:
    return (
        f"{m.kind:16} moved {m.moved_permille / 10:5.1f} %  dearer {m.dearer_permille / 10:6.2f} %"
        f"  violations {m.violations}  past changed {m.past_changed}  {m.seconds:5.1f} s CPU"
        f"{'' if m.needed else '  nothing to do'}"
    )


def summary(found: Sequence[Measured]) -> Iterator[str]:
    for name, of in (
        ("untouched visits moved, %", [m.moved_permille / 10 for m in found]),
        ("dearer than a free re-plan, %", [m.dearer_permille / 10 for m in found]),
        ("seconds of one core", [m.seconds for m in found]),
    ):
        ordered = sorted(of)
        worst = ordered[-1]
        ninth = ordered[int(0.9 * (len(ordered) - 1))]
        yield f"{name:32} mean {statistics.mean(of):6.2f}  90th {ninth:6.2f}  worst {worst:6.2f}"
    broken, changed = sum(m.violations for m in found), sum(m.past_changed for m in found)
    yield f"{len(found)} repairs, {broken} violations, {changed} changes of what had happened"


def repairs(visits: int, count: int, plan_iterations: int, iterations: int) -> Iterator[Measured]:
    """One disturbance after the other, of each kind in turn, on several days in turn."""
    days = {}
    for number in range(count):
        seed = SEEDS[number % min(len(SEEDS), count)]
        if seed not in days:
            day = make_day(visits, seed)
            plan = _searched(day.snapshot, day.travel, plan_iterations)
            days[seed] = day, plan, judged(day.snapshot, plan, day.travel)
        yield measured(*days[seed], KINDS[number % len(KINDS)], Random(number), iterations)


def _searched(
    snapshot: Snapshot, travel: Travel, iterations: int, start: Plan | None = None
) -> Plan:
    return make_plan(
        snapshot,
        travel,
        iterations=iterations,
        seed=1,
        report=lambda _: None,
        stop=never,
        start=start,
        cores=1,
    )


def measured(
    day: Day, plan: Plan, before: JudgedPlan, kind: str, rng: Random, iterations: int
) -> Measured:
    """A disturbance, what the first of the ways to go on does about it, and what a free re-plan
    would cost."""
    now = day.snapshot.start_at + timedelta(
        seconds=rng.randrange(LEAST_HOUR * 3600, MOST_HOUR * 3600)
    )
    disturbance = drawn(kind, before, now, rng)
    effort = Effort(1, lambda _: None, never, iterations=iterations, cores=1)
    begin = time.process_time()
    found = repair(day.snapshot, plan, day.travel, [disturbance], now, effort)
    took_s = time.process_time() - begin
    best = found.alternatives[0]
    changed = sum(
        not _is_same(before, way.judged, visit_id)
        for way in found.alternatives
        for visit_id in found.day.begun
        if before.verdict.timetable.start_of(visit_id) < now
    )
    violations = sum(
        len(way.broken) for way in found.alternatives if way.kind is not AlternativeKind.DO_NOTHING
    )
    return Measured(
        kind,
        found.is_needed,
        1000 * _moved(found.day, before, best),
        1000 * _dearer(found.day, best, iterations) if found.is_needed else 0.0,
        violations,
        changed,
        took_s,
    )


def _moved(day: RunningDay, before: JudgedPlan, best: Alternative) -> float:
    """The share of visits ahead, that the disturbance left where they were, which change hands or
    move by more than a quarter of an hour."""
    told = {c.visit_id: c for c in day.snapshot.published}
    times = before.verdict.timetable
    planned = {s.visit_id for r in day.plan.routes for s in r.stops}
    untouched = [v for v in told if v in planned and v in times.visits]
    after = best.judged.verdict.timetable
    moved = sum(_has_moved(times, after, v) for v in untouched)
    return moved / len(untouched) if untouched else 0.0


def _has_moved(before: Timetable, after: Timetable, visit_id: str) -> bool:
    if visit_id not in after.visits:
        return True
    moved_s = abs((after.start_of(visit_id) - before.start_of(visit_id)).total_seconds())
    return moved_s > MOST_MOVED_S or _people(before, visit_id) != _people(after, visit_id)


def _people(times: Timetable, visit_id: str) -> set[str]:
    return {member.technician_id for member in times.visits[visit_id]}


def _is_same(before: JudgedPlan, after: JudgedPlan, visit_id: str) -> bool:
    old, new = before.verdict.timetable, after.verdict.timetable
    return (
        visit_id in new.visits
        and new.start_of(visit_id) == old.start_of(visit_id)
        and _people(old, visit_id) == _people(new, visit_id)
    )


def _dearer(day: RunningDay, best: Alternative, iterations: int) -> float:
    """Against a re-plan of the same facts that minds nobody, and is as long as both searches of
    the repair together."""
    free = without_prices_of_change(day.snapshot)
    plan = _searched(free, day.travel, 2 * iterations, day.plan)
    free_fen = judged(free, plan, day.travel).verdict.cost.total_fen
    ours_fen = judged(free, best.judged.plan, day.travel).verdict.cost.total_fen
    return (ours_fen - free_fen) / free_fen


def drawn(kind: str, before: JudgedPlan, now: datetime, rng: Random) -> Disturbance:
    """Something of a kind that matters: it happens to work that is ahead."""
    times = before.verdict.timetable
    ahead = [v for v in times.visits if times.start_of(v) >= now]
    visit_id = rng.choice(ahead or list(times.visits))
    technician_id = times.visits[visit_id][0].technician_id
    snapshot = before.snapshot
    hour = timedelta(hours=1)
    match kind:
        case "ill":
            return Ill(technician_id, snapshot.end_at)
        case "late":
            return Late(technician_id, now + hour)
        case "overrun":
            busy = [v for v in times.visits if times.start_of(v) < now < times.end_of(v)]
            return Overrun(rng.choice(busy or [visit_id]), timedelta(minutes=rng.randint(20, 90)))
        case "customer absent":
            return CustomerAbsent(
                visit_id, snapshot.end_at if rng.random() < 0.5 else now + 2 * hour
            )
        case "part missing":
            lots = [lot for lot in snapshot.lots if lot.available_at <= now]
            lot = rng.choice(lots)
            return Missing(lot.part_id, lot.station_id)
        case "emergency":
            visit = snapshot.visit[visit_id]
            order = snapshot.order_of(visit)
            urgent = replace(order, id="E1", priority=Priority.EMERGENCY, reported_at=now)
            return Emergency(urgent, replace(visit, id="E1", work_order_id="E1", windows=()))
        case "cancelled":
            return Cancelled(visit_id)
        case "road closed":
            timed = times.visits[visit_id][0]
            stops = [timed.route.start_place_id, *(s.place_id for s in timed.route.stops)]
            at = stops.index(timed.stop.place_id)
            return Closed(stops[max(0, at - 1)], stops[at])
        case _:
            busy = [
                m.technician_id
                for v, crew in times.visits.items()
                for m in crew
                if times.start_of(v) < now < m.stop.leave_at
            ]
            if not busy:
                return Cancelled(visit_id)
            return Free(rng.choice(busy), now)
