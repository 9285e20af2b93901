"""The referee: derives a plan's times, names what it breaks, prices it and counts it up.

It follows docs/rules.md and shares no code with the solver, which follows the same page.
"""

from dataclasses import dataclass

from dispatch.domain.cost import Cost, price
from dispatch.domain.kpis import Kpis, kpis_of
from dispatch.domain.plan import Plan
from dispatch.domain.rules import Violation, violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable, derive


@dataclass(frozen=True, slots=True)
class Verdict:
    timetable: Timetable
    violations: tuple[Violation, ...]
    cost: Cost
    kpis: Kpis


def judge(snapshot: Snapshot, plan: Plan, legs: Legs) -> Verdict:
    """
    Raises:
        PlanError: the plan names something that the snapshot does not have.
    """
    timetable = derive(snapshot, plan, legs)
    cost = price(snapshot, timetable)
    return Verdict(
        timetable, violations(snapshot, timetable), cost, kpis_of(snapshot, timetable, cost)
    )
