"""``python -m benchmarks slots``: how fast slots are offered, and whether each could be kept.

Speed is measured on generated organisations of five days; legality on small problems with every
rule on. Times are of one core, whatever else runs on the machine.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice
from random import Random

from benchmarks.answers import SEED, is_legal, latency_row, timed
from benchmarks.days import TYPICAL_DAY, Day, day_of
from dispatch.answering import promised
from dispatch.domain.plan import Plan
from dispatch.forecast import Forecast, usual_visit_s
from dispatch.horizon import snapshot_of
from dispatch.kept_plan import KeptPlan
from dispatch.planning import make_plan, to_plan
from dispatch.slots import MOST, SlotTerms, slots
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.generated_places import VISITS_PER_STATION
from solver.search import Budget
from solver.solve import solve
from tests.solver.solving import never
from tests.solver.test_agreement import MIXES

DAYS = 5
QUIET = replace(TYPICAL_DAY, days=DAYS, load=0.6)
"""There is room for most windows: the more there are, the longer it takes."""
EXPECTED = 2_000
LATE = SlotTerms(late=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks slots", description=__doc__)
    parser.add_argument(
        "--visits", type=int, nargs="*", default=[1500, 2000, 10_000], help="in five days"
    )
    parser.add_argument("--seconds", type=float, default=30, help="to plan each organisation")
    parser.add_argument("--questions", type=int, default=100, help="of each organisation")
    parser.add_argument("--legal", type=int, default=500, help="slots that the referee judges")
    wanted = parser.parse_args(arguments)
    print(f"{'milliseconds of one core':42}{'median':>10}{'p99':>10}{'most':>10}")
    for visits in wanted.visits:
        took = latencies(visits, wanted.seconds, wanted.questions)
        print(latency_row(f"{MOST} slots in {DAYS} days, {visits:,} visits", took), flush=True)
    judged = list(islice(taken(), wanted.legal))
    print(f"slots that break no rule once taken: {sum(judged):,} of {len(judged):,}")
    return 0 if all(judged) else 1


def latencies(visits: int, seconds: float, questions: int) -> list[float]:
    """Seconds of each question that was answered with as many slots as were asked for."""
    day = five_days(visits)
    solution = solve(day.problem, Budget(seconds), seed=1, report=lambda _: None, stop=never)
    kept_plan = KeptPlan(day.snapshot, day.travel, to_plan(day.numbering, solution, "search", 1))
    forecast = Forecast(elsewhere=EXPECTED, visit_s=usual_visit_s(kept_plan))
    terms = SlotTerms(forecast=forecast, late=True)
    ids = [v.id for v in day.snapshot.visits if not v.windows]
    Random(SEED).shuffle(ids)
    slots(kept_plan, ids[0], DAYS, terms=terms)
    took = []
    for visit_id in ids:
        if len(slots(kept_plan, visit_id, DAYS, terms=terms)) == MOST:
            took.append(timed(partial(slots, kept_plan, visit_id, DAYS, terms=terms)))
        if len(took) == questions:
            break
    return took


def five_days(visits: int) -> Day:
    mix = replace(QUIET, stations=max(1, round(visits / DAYS / VISITS_PER_STATION)))
    return day_of("five days", generate(visits, SEED, mix))


def taken() -> Iterator[bool]:
    """Whether each of many slots, of visits of every kind, breaks no rule once it is taken."""
    for seed in count():
        snapshot = snapshot_of(generate(12 + seed % 20, seed=seed, mix=MIXES[seed % len(MIXES)]))
        travel = travel_of(snapshot)
        plan = make_plan(
            snapshot, travel, iterations=60, seed=seed, report=lambda _: None, stop=never
        )
        kept_plan = KeptPlan(snapshot, travel, plan)
        for visit in snapshot.visits:
            for slot in slots(kept_plan, visit.id, DAYS, 5, LATE):
                after = Plan(kept_plan.with_routes(slot.option.routes))
                yield is_legal(promised(snapshot, visit.id, slot.window), after, travel)
