"""The referee: derives a plan's times, names what it breaks, prices it and counts it up.

It follows docs/rules.md and shares no code with the solver, which follows the same page.
"""

from dataclasses import dataclass

from dispatch.domain.cost import Cost, RunningClocks, price_by, running_clocks
from dispatch.domain.kpis import Kpis, kpis_of
from dispatch.domain.plan import Plan
from dispatch.domain.rules import Violation, violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable, derive


@dataclass(frozen=True, slots=True)
class Verdict:
    """``clocks`` are the running ones that each visit is to stop."""

    timetable: Timetable
    violations: tuple[Violation, ...]
    cost: Cost
    kpis: Kpis
    clocks: RunningClocks


def judge(snapshot: Snapshot, plan: Plan, legs: Legs) -> Verdict:
    """
    Raises:
        PlanError: the plan names something that the snapshot does not have.
    """
    timetable = derive(snapshot, plan, legs)
    broken = violations(snapshot, timetable)
    return verdict_of(snapshot, timetable, broken, running_clocks(snapshot))


def verdict_of(
    snapshot: Snapshot, timetable: Timetable, broken: tuple[Violation, ...], clocks: RunningClocks
) -> Verdict:
    """What a plan costs and comes to, whose times, broken rules and clocks are known."""
    cost = price_by(snapshot, timetable, clocks)
    kpis = kpis_of(snapshot, timetable, cost, clocks)
    return Verdict(timetable, broken, cost, kpis, clocks)
