"""How snapshots and plans stand in JSON documents, beside the domain's own dataclasses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dispatch.domain.cost import CostLine
from dispatch.domain.kpis import Kpis
from dispatch.domain.plan import Plan, StopKind
from dispatch.domain.referee import Verdict
from dispatch.domain.route_times import TimedRoute, TimedStop
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SnapshotForm:
    """A snapshot file."""

    format_version: Literal[1]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class DecisionsForm:
    """What is read of a plan file: all that does not follow from it."""

    format_version: Literal[1]
    snapshot: Snapshot
    plan: Plan
    manual: Plan | None = None


@dataclass(frozen=True, slots=True)
class StopTimes:
    """When a stop is arrived at, begins, ends and is left, and the leg into it."""

    kind: StopKind
    visit_id: str | None
    place_id: str
    travel_s: int
    travel_m: int
    arrival_at: datetime
    start_at: datetime
    end_at: datetime
    leave_at: datetime


@dataclass(frozen=True, slots=True)
class RouteTimes:
    """When a route departs and finishes, and what it comes to."""

    technician_id: str
    shift_id: str
    start_place_id: str
    end_place_id: str
    depart_at: datetime
    stops: tuple[StopTimes, ...]
    home_travel_s: int
    home_travel_m: int
    finish_at: datetime
    travel_s: int
    travel_m: int
    paid_s: int
    overtime_s: int


@dataclass(frozen=True, slots=True)
class VerdictForm:
    """What follows from a plan: its times, the rules it breaks, its cost and its figures."""

    routes: tuple[RouteTimes, ...]
    violations: tuple[Violation, ...]
    cost: tuple[CostLine, ...]
    kpis: Kpis


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A plan file. Verdicts are for those who read the file; they are not read back."""

    format_version: Literal[1]
    snapshot: Snapshot
    plan: Plan
    manual: Plan | None
    verdict: VerdictForm
    manual_verdict: VerdictForm | None


def verdict_form(verdict: Verdict) -> VerdictForm:
    return VerdictForm(
        routes=tuple(_route_times(route) for route in verdict.timetable.routes),
        violations=verdict.violations,
        cost=verdict.cost.lines,
        kpis=verdict.kpis,
    )


def _route_times(timed: TimedRoute) -> RouteTimes:
    return RouteTimes(
        technician_id=timed.route.technician_id,
        shift_id=timed.route.shift_id,
        start_place_id=timed.start_place_id,
        end_place_id=timed.end_place_id,
        depart_at=timed.depart_at,
        stops=tuple(_stop_times(stop) for stop in timed.stops),
        home_travel_s=timed.home_travel_s,
        home_travel_m=timed.home_travel_m,
        finish_at=timed.finish_at,
        travel_s=timed.travel_s,
        travel_m=timed.travel_m,
        paid_s=timed.paid_s,
        overtime_s=timed.overtime_s,
    )


def _stop_times(timed: TimedStop) -> StopTimes:
    return StopTimes(
        kind=timed.stop.kind,
        visit_id=timed.stop.visit_id,
        place_id=timed.place_id,
        travel_s=timed.travel_s,
        travel_m=timed.travel_m,
        arrival_at=timed.arrival_at,
        start_at=timed.start_at,
        end_at=timed.end_at,
        leave_at=timed.leave_at,
    )
