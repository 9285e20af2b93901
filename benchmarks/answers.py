"""``python -m benchmarks answers``: how fast and how right answers about one visit are.

Speed is measured on two generated days; the rest on small problems with every rule on.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice
from random import Random

from benchmarks.days import TYPICAL_DAY, Day, day_of
from dispatch.answering import best_displacements, best_insertions
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.domain.work import Priority, Visit, WorkOrder
from dispatch.horizon import snapshot_of
from dispatch.kept_plan import KeptPlan
from dispatch.planning import make_plan, to_plan
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.generated_places import VISITS_PER_STATION
from scenarios.mix import HARD
from solver.search import Budget
from solver.solve import solve
from tests.solver.places import comes_with, difference, visits_of
from tests.solver.solving import matrix, never, solved
from tests.solver.tiny import tiny

OPTIONS = 5
SEED = 101
OVERLOADED = replace(HARD, load=1.6)
SHOWN = 10
NEW_SITES = 50


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks answers", description=__doc__)
    parser.add_argument("--visits", type=int, default=2200)
    parser.add_argument("--technicians", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=30, help="to plan the days")
    parser.add_argument("--questions", type=int, default=1000, help="of each kind")
    wanted = parser.parse_args(arguments)
    for name, took in latencies(
        wanted.visits, wanted.technicians, wanted.seconds, wanted.questions
    ):
        print(latency_row(name, took), flush=True)
    asked = list(islice(comparisons(), wanted.questions))
    for name, kind in (("visits that come alone", True), ("crews and linked visits", False)):
        lines = [line for alone, line in asked if alone is kind]
        right = lines.count("")
        print(
            f"best places equal to the referee's, {name}: {right:,} of {len(lines):,}", flush=True
        )
    wrong = [line for _, line in asked if line]
    for line in wrong[:SHOWN]:
        print("  ", line)
    moved = list(islice(displacements(), wanted.questions))
    print(f"displacements with nothing lost: {sum(moved):,} of {len(moved):,}")
    return 1 if wrong or not all(moved) else 0


def latency_row(name: str, took: Sequence[float]) -> str:
    """Median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(took)
    figures = (statistics.median(ordered), ordered[int(0.99 * len(ordered))], ordered[-1])
    return f"{name:42}" + "".join(f"{1000 * figure:10.2f}" for figure in figures)


def latencies(
    visits: int, technicians: int, seconds: float, questions: int
) -> Iterator[tuple[str, list[float]]]:
    """Seconds of each call, by kind of question."""
    day = two_days(visits, technicians)
    solution = solve(day.problem, Budget(seconds), seed=1, report=lambda _: None, stop=never)
    plan = to_plan(day.numbering, solution, "search", 1)
    print(
        f"{visits - len(plan.unassigned):,} of {visits:,} visits planned, {technicians} technicians"
    )
    print(f"{'milliseconds of one core':42}{'median':>10}{'p99':>10}{'most':>10}")
    yield "keep the plan", [timed(partial(KeptPlan, day.snapshot, day.travel, plan))]
    kept_plan = KeptPlan(day.snapshot, day.travel, plan)
    kept, number = kept_plan.kept, kept_plan.numbering.visit_number
    ids = Random(SEED).choices([v.id for v in day.snapshot.visits], k=questions)
    kinds: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("every place, in the solver", lambda v: kept.insertions(number[v], OPTIONS)),
        ("with displacement, in the solver", lambda v: kept.displacements(number[v], OPTIONS)),
        (f"the best {OPTIONS} places", lambda v: best_insertions(kept_plan, v, OPTIONS)),
        (f"the best {OPTIONS} displacements", lambda v: best_displacements(kept_plan, v, OPTIONS)),
    )
    for name, ask in kinds:
        ask(ids[0])
        yield name, [timed(partial(ask, v)) for v in ids]
    yield from changes(kept_plan, day, ids)


def two_days(visits: int, technicians: int) -> Day:
    """More visits than one day of the technicians holds, and less than two."""
    mix = replace(
        TYPICAL_DAY, days=2, technicians=technicians, stations=round(visits / VISITS_PER_STATION)
    )
    return day_of("two days", generate(visits, SEED, mix))


def changes(kept_plan: KeptPlan, day: Day, ids: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    """New visits, like some that there are, taken in and planned."""
    took_in, planned = [], []
    for order, visit in islice(new_visits(day.snapshot, ids), 50):
        took_in.append(timed(partial(kept_plan.take_in, [order], [visit])))
        options = best_insertions(kept_plan, visit.id, 1).options
        if options:
            planned.append(timed(partial(kept_plan.apply, options[0].change)))
    yield "take a new visit in", took_in
    yield "plan it", planned
    yield "take in one at a new site", list(taken_in_elsewhere(kept_plan, day, ids))


def taken_in_elsewhere(kept_plan: KeptPlan, day: Day, ids: Sequence[str]) -> Iterator[float]:
    """Seconds for new visits at sites that nobody knew."""
    for order, visit in islice(new_visits(day.snapshot, ids), NEW_SITES):
        site = replace(day.snapshot.site[order.site_id], id=f"site of {order.id}")
        there = replace(order, id=f"{order.id} elsewhere", site_id=site.id)
        moved = replace(visit, id=f"{visit.id} elsewhere", work_order_id=there.id)
        yield timed(partial(kept_plan.take_in, [there], [moved], site=site))


def new_visits(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[tuple[WorkOrder, Visit]]:
    for number, visit_id in enumerate(ids):
        visit = snapshot.visit[visit_id]
        order = replace(snapshot.order_of(visit), id=f"new order {number}")
        yield order, replace(visit, id=f"new visit {number}", work_order_id=order.id)


def timed(call: Callable[[], object]) -> float:
    """Seconds of one core: what else runs on the machine does not count."""
    begin = time.thread_time()
    call()
    return time.thread_time() - begin


def comparisons() -> Iterator[tuple[bool, str]]:
    """How the best place of one visit after the other differs from what the referee finds (empty
    if it does not), and whether it is one technician's and no other visit comes with it."""
    for seed in count():
        snapshot, legs = tiny(seed)
        travel = matrix(snapshot, legs)
        plan = solved(snapshot, travel, seed=seed).plan
        kept_plan = KeptPlan(snapshot, travel, plan)
        for visit in snapshot.visits:
            alone = visit.crew_size == 1 and len(comes_with(kept_plan, visit.id)) == 1
            line = difference(kept_plan, visit.id)
            yield alone, line and f"problem {seed}, {line}"


def displacements() -> Iterator[bool]:
    """Whether each of many displacements, for emergencies that come in, keeps or names every visit
    and breaks no rule."""
    for seed in count():
        snapshot = snapshot_of(generate(15 + seed % 20, seed=seed, mix=OVERLOADED))
        travel = travel_of(snapshot)
        plan = make_plan(
            snapshot, travel, iterations=60, seed=seed, report=lambda _: None, stop=never
        )
        kept_plan = KeptPlan(snapshot, travel, plan)
        for order, visit in new_visits(snapshot, [v.id for v in snapshot.visits]):
            kept_plan.take_in([replace(order, priority=Priority.EMERGENCY)], [visit])
            for option in best_displacements(kept_plan, visit.id, OPTIONS):
                after = kept_plan.with_routes(option.routes)
                whole = {*visits_of(plan.routes), visit.id} - set(option.bumped)
                is_whole = set(visits_of(after)) == whole
                yield is_whole and is_legal(kept_plan.snapshot, Plan(after), travel)


def is_legal(snapshot: Snapshot, plan: Plan, legs: Legs) -> bool:
    """Whether nothing is wrong with a plan but that pinned visits are out."""
    verdict = judge(snapshot, plan, legs)
    return all(
        v.code == "pinned" and v.visit_id not in verdict.timetable.visits
        for v in verdict.violations
    )
