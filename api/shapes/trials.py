"""Trials, explanations and cover of plans, as they are asked for and answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.fields import MOST_ENTRIES, Body, Instant, Key
from api.shapes.assignments import ClockOut, HelpOut
from api.shapes.plans import Sight
from api.shapes.work import PartIn
from dispatch.commands.by_hand import Assign, Unassign
from dispatch.commands.versions import Version
from dispatch.cover import Cover
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.rules import Violation
from dispatch.effects import LateClock, effect_of
from dispatch.judged import JudgedPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.promises import Promise
from dispatch.standing_trial import Miss

_MOST_ROUTES = 5_000
VersionName = Annotated[
    str, StringConstraints(pattern=r"^(published|draft|[0-9]{1,9})$", max_length=10)
]


class ChangeIn(Body):
    """A visit given to technicians, at a time or right after a visit; with nobody, left out."""

    visit_id: Key
    technician_ids: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)
    start_at: Instant | None = None
    after_visit_id: Key | None = None

    def wish(self) -> Assign | Unassign:
        if not self.technician_ids:
            return Unassign(self.visit_id)
        return Assign(self.visit_id, self.technician_ids, self.start_at, self.after_visit_id)


class StopIn(Body):
    """A stop of a route; which fields belong to which kind is in docs/concepts.md."""

    kind: StopKind
    visit_id: Key | None = None
    station_id: Key | None = None
    parts: tuple[PartIn, ...] = Field((), max_length=MOST_ENTRIES)
    tools: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)
    not_before_at: Instant | None = None
    index: int | None = Field(None, ge=0, le=MOST_ENTRIES, strict=True)


class RouteIn(Body):
    technician_id: Key
    shift_id: Key
    stops: tuple[StopIn, ...] = Field(min_length=1, max_length=MOST_ENTRIES)
    ends_away: bool = False


class PlanIn(Body):
    """A whole plan; visits that it has not got are left out."""

    routes: tuple[RouteIn, ...] = Field((), max_length=_MOST_ROUTES)

    def plan(self, by: str) -> Plan:
        return Plan(tuple(_route(route) for route in self.routes), made_by=by)


class EvaluationIn(Body):
    """Changes of a version one after the other, or another plan in its place."""

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "version": "published",
                    "changes": [{"visit_id": "V-SY-0001-1", "technician_ids": ["SY-T01"]}],
                }
            ]
        }
    }

    version: VersionName = "published"
    changes: tuple[ChangeIn, ...] = Field((), max_length=MOST_ENTRIES)
    plan: PlanIn | None = None


@dataclass(frozen=True, slots=True)
class EvaluationOut:
    """What the referee says of the plan with the changes. `broken` are rules that hold less than
    before, `mended` those that hold again, `late` clocks that the change makes late. Costs are told
    to callers who see everything."""

    version: int
    legal: bool
    violations: tuple[Violation, ...]
    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]
    late: tuple[LateClock, ...]
    unassigned: tuple[str, ...]
    cost_before_fen: int | None
    cost_after_fen: int | None
    by_item: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class ExplanationOut:
    """Why a visit is where it is in the published plan, or is not in it. `obstacles` has one entry
    for each technician, closest first: `price` with what the cheapest place would add in fen, or
    the rule in the way. `added_fen` is what a planned visit costs by item; `help` is the smallest
    change that would let one in that is left out."""

    visit_id: str
    version: int
    planned: bool
    technician_ids: tuple[str, ...]
    start_at: datetime | None
    end_at: datetime | None
    clocks: tuple[ClockOut, ...]
    obstacles: tuple[TechnicianObstacle, ...]
    runner_up_id: str | None
    difference_fen: int | None
    added_fen: Mapping[str, int]
    help: HelpOut | None


@dataclass(frozen=True, slots=True)
class BackupOut:
    """Who stands in if the technician of a promise fails."""

    promise: Promise
    backup_id: str
    backup_shift_id: str
    backup_start_at: datetime
    margin_s: int


@dataclass(frozen=True, slots=True)
class UncoveredOut:
    """A promise without a backup, and who comes nearest to being one."""

    promise: Promise
    nearest: Miss | None


@dataclass(frozen=True, slots=True)
class CoverOut:
    """Who could stand in for whom. `unkept` are visits of such contracts that are late anyway."""

    version: int
    backups: tuple[BackupOut, ...]
    uncovered: tuple[UncoveredOut, ...]
    unkept: tuple[str, ...]


def evaluation_out(version: Version, after: JudgedPlan, sight: Sight) -> EvaluationOut:
    effect = effect_of(version.judged, after)
    cost = after.verdict.cost
    return EvaluationOut(
        version=version.number,
        legal=not after.verdict.violations,
        violations=_seen(after.verdict.violations, sight),
        broken=_seen(effect.broken, sight),
        mended=_seen(effect.mended, sight),
        late=tuple(late for late in effect.late if sight.sees(visit_id=late.visit_id)),
        unassigned=tuple(
            v.id
            for v in after.snapshot.visits
            if v.id not in after.served and sight.sees(visit_id=v.id)
        ),
        cost_before_fen=effect.cost_before_fen if sight.is_whole else None,
        cost_after_fen=effect.cost_after_fen if sight.is_whole else None,
        by_item=dict(cost.by_item()) if sight.is_whole else None,
    )


def cover_out(version: int, cover: Cover, sight: Sight) -> CoverOut:
    return CoverOut(
        version=version,
        backups=tuple(
            BackupOut(b.promise, b.technician_id, b.shift_id, b.start_at, b.margin_s)
            for b in cover.backups
            if _sees(b.promise, sight) and sight.sees(b.technician_id)
        ),
        uncovered=tuple(
            UncoveredOut(u.promise, _nearest(u.nearest, sight))
            for u in cover.uncovered
            if _sees(u.promise, sight)
        ),
        unkept=tuple(v for v in cover.unkept if sight.sees(visit_id=v)),
    )


def with_plan(before: JudgedPlan, plan: Plan) -> Plan:
    """The plan, which leaves out whatever it has not got."""
    planned = {s.visit_id for r in plan.routes for s in r.stops}
    codes = {u.visit_id: u for u in before.plan.unassigned}
    left = (v.id for v in before.snapshot.visits if v.id not in planned)
    unassigned = tuple(codes.get(v, Unassigned(v, "by_hand")) for v in left)
    routes = tuple(sorted(plan.routes, key=lambda r: (r.technician_id, r.shift_id)))
    return Plan(routes, unassigned, made_by=plan.made_by)


def _seen(violations: tuple[Violation, ...], sight: Sight) -> tuple[Violation, ...]:
    if sight.is_whole:
        return violations
    return tuple(
        v
        for v in violations
        if (v.visit_id or v.technician_id) and sight.sees(v.technician_id, v.visit_id)
    )


def _sees(promise: Promise, sight: Sight) -> bool:
    return sight.sees(promise.technician_id, promise.visit_id)


def _nearest(nearest: Miss | None, sight: Sight) -> Miss | None:
    if nearest is None or not sight.sees(nearest.technician_id, nearest.visit_id):
        return None
    return nearest


def _route(route: RouteIn) -> Route:
    stops = tuple(
        Stop(
            s.kind,
            s.visit_id,
            s.station_id,
            tuple(PartQuantity(p.part_id, p.quantity) for p in s.parts),
            s.tools,
            s.not_before_at,
            s.index,
        )
        for s in route.stops
    )
    return Route(route.technician_id, route.shift_id, stops, route.ends_away)
