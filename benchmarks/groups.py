"""``python -m benchmarks groups``: a large day by groups of territories, beside the whole day."""

import argparse
import time
from collections.abc import Callable, Sequence

from benchmarks.days import make_day
from dispatch.domain.plan import Plan
from dispatch.grouped_planning import make_grouped_plan
from dispatch.judged import judged
from dispatch.planning import Progress, make_plan
from scenarios.executing import processes

_SEED = 101
_CORES = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints wall-clock and processor time, cost and broken rules of both plans."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks groups", description=__doc__)
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--technicians", type=int, default=1_500)
    parser.add_argument("--groups", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=45.0, help="of the search by groups")
    parser.add_argument("--times", type=float, default=10.0, help="so many times for the whole day")
    wanted = parser.parse_args(arguments)
    day = make_day(wanted.visits, _SEED, technicians=wanted.technicians)
    with processes(_CORES) as workers:
        executor = workers.executor()

        def by_groups() -> Plan:
            return make_grouped_plan(
                day.snapshot,
                day.travel,
                groups=wanted.groups,
                executor=executor,
                cores=_CORES,
                seconds=wanted.seconds,
                seed=1,
                report=_quiet,
                stop=_go_on,
            )

        grouped = _measured("by groups", by_groups)

    def whole_day() -> Plan:
        return make_plan(
            day.snapshot,
            day.travel,
            seconds=wanted.seconds * wanted.times,
            seed=1,
            report=_quiet,
            stop=_go_on,
            cores=_CORES,
        )

    whole = _measured("whole day", whole_day)
    costs = []
    for name, plan in (("by groups", grouped), ("whole day", whole)):
        verdict = judged(day.snapshot, plan, day.travel).verdict
        costs.append(verdict.kpis.total_fen)
        print(
            f"{name}: {verdict.kpis.total_fen / 100:,.0f} yuan, {verdict.kpis.unassigned} left out,"
            f" {len(verdict.violations)} rules broken"
        )
    print(f"by groups / whole day: {costs[0] / costs[1] - 1:+.2%}")
    return 0


def _measured(name: str, make: Callable[[], Plan]) -> Plan:
    began = time.monotonic()
    plan = make()
    print(f"{name}: {time.monotonic() - began:.1f} s, {plan.iterations:,} iterations", flush=True)
    return plan


def _quiet(_: Progress) -> None: ...


def _go_on() -> bool:
    return False
