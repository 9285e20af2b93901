"""``python -m benchmarks groups``: a large day by groups of territories, beside the whole day."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.days import Day, make_day
from dispatch.domain.plan import Plan
from dispatch.grouped_planning import make_grouped_plan
from dispatch.judged import judged
from dispatch.planning import Progress, make_plan
from scenarios.executing import processes

_SEED = 101
_CORES = 2


@dataclass(frozen=True, slots=True)
class Planned:
    """How long a plan took, and what the referee says of it."""

    wall_s: float
    iterations: int
    cost_fen: int
    left_out: int
    broken: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints wall-clock time, cost and broken rules of both plans."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks groups", description=__doc__)
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--technicians", type=int, default=1_500)
    parser.add_argument("--groups", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=45.0, help="of the search by groups")
    parser.add_argument("--times", type=float, default=10.0, help="so many times for the whole day")
    wanted = parser.parse_args(arguments)
    plans = compared(
        wanted.visits, wanted.technicians, wanted.groups, wanted.seconds, wanted.times, _quiet
    )
    for name, plan in zip(("by groups", "whole day"), plans, strict=True):
        print(
            f"{name}: {plan.wall_s:.1f} s, {plan.iterations:,} iterations,"
            f" {plan.cost_fen / 100:,.0f} yuan, {plan.left_out} left out,"
            f" {plan.broken} rules broken"
        )
    print(f"by groups / whole day: {plans[0].cost_fen / plans[1].cost_fen - 1:+.2%}")
    return 0


def compared(
    visits: int,
    technicians: int,
    groups: int,
    seconds: float,
    times: float,
    report: Callable[[Progress], None],
) -> tuple[Planned, Planned]:
    """A day by groups with a search of so many ``seconds``, and the whole day in ``times`` as long
    as all of that took."""
    day = make_day(visits, _SEED, technicians=technicians)
    with processes(_CORES) as workers:
        executor = workers.executor()

        def by_groups() -> Plan:
            return make_grouped_plan(
                day.snapshot,
                day.travel,
                groups=groups,
                executor=executor,
                cores=_CORES,
                seconds=seconds,
                seed=1,
                report=report,
                stop=_go_on,
            )

        grouped = _planned(day, by_groups)
    whole_s = times * grouped.wall_s

    def whole_day() -> Plan:
        return make_plan(
            day.snapshot,
            day.travel,
            seconds=whole_s,
            seed=1,
            report=report,
            stop=_go_on,
            cores=_CORES,
        )

    return grouped, _planned(day, whole_day)


def _planned(day: Day, make: Callable[[], Plan]) -> Planned:
    begin = time.monotonic()
    plan = make()
    wall_s = time.monotonic() - begin
    verdict = judged(day.snapshot, plan, day.travel).verdict
    return Planned(
        round(wall_s, 1),
        plan.iterations or 0,
        verdict.kpis.total_fen,
        verdict.kpis.unassigned,
        len(verdict.violations),
    )


def _quiet(_: Progress) -> None: ...


def _go_on() -> bool:
    return False
