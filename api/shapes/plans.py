"""Plans as they are read: routes with their times, what stayed out, what is broken."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dispatch.commands.versions import Forced, Version
from dispatch.domain.plan import StopKind, Unassigned
from dispatch.domain.rules import Violation
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.effects import Effect, LateClock
from dispatch.plan_difference import VisitDifference
from dispatch.store.rows_plans import PlanState
from dispatch.travel_basis import TravelBasis, basis_of


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees of a plan; None: all technicians, or all visits."""

    technicians: frozenset[str] | None = None
    visits: frozenset[str] | None = None

    def sees(self, technician_id: str | None = None, visit_id: str | None = None) -> bool:
        """Whether both are seen, as far as they are named."""
        own = self.technicians is None or technician_id is None or technician_id in self.technicians
        return own and (self.visits is None or visit_id is None or visit_id in self.visits)

    @property
    def is_whole(self) -> bool:
        return self.technicians is None and self.visits is None

    def sees_violation(self, violation: Violation) -> bool:
        """Whether it names something, and nothing that is not seen."""
        if self.is_whole:
            return True
        named = violation.visit_id is not None or violation.technician_id is not None
        return named and self.sees(violation.technician_id, violation.visit_id)

    def sees_difference(self, one: VisitDifference) -> bool:
        people = (a.technician_ids for a in (one.before, one.after) if a is not None)
        return self.sees(visit_id=one.visit_id) and all(
            self.sees(technician_id) for ids in people for technician_id in ids
        )


@dataclass(frozen=True, slots=True)
class StopOut:
    """A stop with its times. Of a visit that the caller does not see only these are told."""

    kind: StopKind
    visit_id: str | None
    place_id: str | None
    travel_s: int
    travel_m: int
    arrival_at: datetime
    start_at: datetime
    end_at: datetime
    leave_at: datetime


@dataclass(frozen=True, slots=True)
class RouteOut:
    """One technician's stops in one shift."""

    technician_id: str
    shift_id: str
    depart_at: datetime
    finish_at: datetime
    travel_s: int
    travel_m: int
    overtime_s: int
    ends_away: bool
    stops: tuple[StopOut, ...]


@dataclass(frozen=True, slots=True)
class PlanOut:
    """A version of the plan by the facts as they are now. `cost_fen` by item is told to callers
    who see all of it."""

    version: int
    state: PlanState
    base: int | None
    start_at: datetime
    end_at: datetime
    made_by: str
    policy: str
    cost_fen: dict[str, int] | None
    routes: tuple[RouteOut, ...]
    unassigned: tuple[Unassigned, ...]
    violations: tuple[Violation, ...]
    forced: tuple[Forced, ...]
    travel: TravelBasis


def plan_out(version: Version, sight: Sight) -> PlanOut:
    judged = version.judged
    verdict = judged.verdict
    return PlanOut(
        version=version.number,
        state=version.state,
        base=version.base,
        start_at=judged.snapshot.start_at,
        end_at=judged.snapshot.end_at,
        made_by=judged.plan.made_by,
        policy=judged.snapshot.policy.name,
        cost_fen=dict(verdict.cost.by_item()) if sight.is_whole else None,
        routes=tuple(_routes(verdict.timetable.routes, sight)),
        unassigned=tuple(_unassigned(judged.plan.unassigned, sight)),
        violations=tuple(v for v in verdict.violations if sight.sees_violation(v)),
        forced=version.forced if sight.is_whole else (),
        travel=basis_of(judged.snapshot, verdict.timetable),
    )


def _routes(routes: tuple[TimedRoute, ...], sight: Sight) -> Iterator[RouteOut]:
    for route in routes:
        if sight.sees(route.route.technician_id):
            yield RouteOut(
                technician_id=route.route.technician_id,
                shift_id=route.route.shift_id,
                depart_at=route.depart_at,
                finish_at=route.finish_at,
                travel_s=route.travel_s,
                travel_m=route.travel_m,
                overtime_s=route.overtime_s,
                ends_away=route.route.ends_away,
                stops=tuple(_stop(stop, sight) for stop in route.stops),
            )


def _stop(stop: TimedStop, sight: Sight) -> StopOut:
    is_seen = sight.sees(visit_id=stop.visit_id)
    is_foreign_rest = not sight.is_whole and stop.stop.kind in (StopKind.BREAK, StopKind.ABSENCE)
    return StopOut(
        kind=stop.stop.kind,
        visit_id=stop.visit_id if is_seen else None,
        # A break has the place that the technician is on the way to.
        place_id=stop.place_id if is_seen and not is_foreign_rest else None,
        travel_s=stop.travel_s,
        travel_m=stop.travel_m,
        arrival_at=stop.arrival_at,
        start_at=stop.start_at,
        end_at=stop.end_at,
        leave_at=stop.leave_at,
    )


def _unassigned(left: tuple[Unassigned, ...], sight: Sight) -> Iterator[Unassigned]:
    """Who stands in the way is told only of technicians who are seen."""
    for one in left:
        if sight.sees(visit_id=one.visit_id):
            obstacles = tuple(o for o in one.obstacles if sight.sees(o.technician_id))
            yield Unassigned(one.visit_id, one.code, obstacles)


@dataclass(frozen=True, slots=True)
class EffectOut:
    """What a change does: rules that hold less than before, those that hold again, clocks that it
    makes late. Costs are told to callers who see all of the plan."""

    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]
    late: tuple[LateClock, ...]
    cost_before_fen: int | None
    cost_after_fen: int | None


@dataclass(frozen=True, slots=True)
class ChangedOut:
    """The version that has a change, the one that was changed (the same, if it was a draft), and
    what is different in it."""

    version: int
    base: int
    effect: EffectOut
    differences: tuple[VisitDifference, ...]


@dataclass(frozen=True, slots=True)
class ComparisonOut:
    """Two versions, by the facts as they are now: what the second does instead of the first."""

    before: int
    after: int
    effect: EffectOut
    differences: tuple[VisitDifference, ...]


def effect_out(effect: Effect, sight: Sight) -> EffectOut:
    return EffectOut(
        broken=tuple(v for v in effect.broken if sight.sees_violation(v)),
        mended=tuple(v for v in effect.mended if sight.sees_violation(v)),
        late=tuple(c for c in effect.late if sight.sees(visit_id=c.visit_id)),
        cost_before_fen=effect.cost_before_fen if sight.is_whole else None,
        cost_after_fen=effect.cost_after_fen if sight.is_whole else None,
    )
