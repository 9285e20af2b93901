"""Trials, explanations and cover of plans, as they are asked for and answered."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from api.fields import MOST_ENTRIES, Body, Instant, Key
from api.shapes.assignments import ClockOut, HelpOut
from api.shapes.plans import Sight
from api.shapes.runs import PositionIn
from api.shapes.work import PartIn
from dispatch.commands.by_hand import Assign, Unassign
from dispatch.commands.versions import Version
from dispatch.cover import Cover
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Route, Stop, StopKind, Unassigned
from dispatch.domain.route_times import seconds_between
from dispatch.domain.rules import Violation
from dispatch.effects import Effect, LateClock, effect_of
from dispatch.judged import JudgedPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.promises import Promise
from dispatch.standing_trial import Miss

_MOST_ROUTES = 5_000
VersionName = Annotated[
    str, StringConstraints(pattern=r"^(published|draft|[0-9]{1,9})$", max_length=10)
]


class ChangeIn(Body):
    """A visit given to technicians, at a time, right after a visit, or in a shift of the first of
    them at a position; with nobody, left out. With `fill_crew` the others whom a crew needs are
    found, one after the other those with whom it costs least; `placed` says who that is."""

    visit_id: Key
    technician_ids: tuple[Key, ...] = Field((), max_length=MOST_ENTRIES)
    start_at: Instant | None = None
    after_visit_id: Key | None = None
    shift_id: Key | None = None
    position: PositionIn = None
    fill_crew: bool = False

    def wish(self, sight: Sight) -> Assign | Unassign:
        """``sight`` is that of the caller: nobody else is found for a crew."""
        if not self.technician_ids:
            return Unassign(self.visit_id)
        return Assign(
            self.visit_id,
            self.technician_ids,
            self.start_at,
            self.after_visit_id,
            self.shift_id,
            self.position,
            sight.sees if self.fill_crew else None,
        )


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
class PlacedOut:
    """Where a visit that is changed would be; with nobody: not planned."""

    visit_id: str
    technician_ids: tuple[str, ...]
    start_at: datetime | None
    end_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShiftedOut:
    """Another visit that would start later, or earlier if that is negative."""

    visit_id: str
    later_s: int


@dataclass(frozen=True, slots=True)
class EvaluationOut:
    """What the referee says of the plan with the changes. `broken` are rules that hold less than
    before, `mended` those that hold again, `late` clocks that the change makes late; `placed` is
    where the visits are that are changed, `shifted` which others move. `added_fen` is by item what
    the changes cost. Costs are told to callers who see everything."""

    version: int
    legal: bool
    violations: tuple[Violation, ...]
    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]
    late: tuple[LateClock, ...]
    placed: tuple[PlacedOut, ...]
    shifted: tuple[ShiftedOut, ...]
    unassigned: tuple[str, ...]
    cost_before_fen: int | None
    cost_after_fen: int | None
    by_item: Mapping[str, int] | None
    added_fen: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class ExplanationOut:
    """Why a visit is where it is in a version of the plan, or is not in it. `obstacles` has one
    entry for each technician, closest first: `price` with what the cheapest place would add in fen,
    or the rule in the way. `added_fen` is what a planned visit costs by item; `help` is the
    smallest change that would let one in that is left out."""

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


class Judgement(NamedTuple):
    """What the referee says of a plan in the place of another one. ``before`` and ``after`` are as
    much of both as became different."""

    plan: Plan
    violations: tuple[Violation, ...]
    effect: Effect
    by_item: Mapping[str, int]
    before: JudgedPlan
    after: JudgedPlan


def judgement_of(before: JudgedPlan, after: JudgedPlan) -> Judgement:
    """Of two plans that are judged wholly."""
    verdict = after.verdict
    effect, by_item = effect_of(before, after), verdict.cost.by_item()
    return Judgement(after.plan, verdict.violations, effect, by_item, before, after)


def evaluation_out(
    version: Version, found: Judgement, changed: Collection[str], sight: Sight
) -> EvaluationOut:
    """``changed`` are the visits that the changes are about."""
    effect = found.effect
    served = {s.visit_id for r in found.plan.routes for s in r.stops}
    before = version.judged.verdict.cost.by_item()
    items = before.keys() | found.by_item.keys()
    added = {item: found.by_item.get(item, 0) - before.get(item, 0) for item in sorted(items)}
    return EvaluationOut(
        version=version.number,
        legal=not found.violations,
        violations=_seen(found.violations, sight),
        broken=_seen(effect.broken, sight),
        mended=_seen(effect.mended, sight),
        late=tuple(late for late in effect.late if sight.sees(visit_id=late.visit_id)),
        placed=tuple(_placed(found.after, visit_id) for visit_id in changed),
        shifted=tuple(s for s in _shifted(found, changed) if sight.sees(visit_id=s.visit_id)),
        unassigned=tuple(
            v.id
            for v in version.judged.snapshot.visits
            if v.id not in served and sight.sees(visit_id=v.id)
        ),
        cost_before_fen=effect.cost_before_fen if sight.is_whole else None,
        cost_after_fen=effect.cost_after_fen if sight.is_whole else None,
        by_item=dict(found.by_item) if sight.is_whole else None,
        added_fen={i: fen for i, fen in added.items() if fen} if sight.is_whole else None,
    )


def _placed(after: JudgedPlan, visit_id: str) -> PlacedOut:
    crew = after.served.get(visit_id, ())
    times = after.verdict.timetable
    return PlacedOut(
        visit_id,
        tuple(member.technician_id for member in crew),
        times.start_of(visit_id) if crew else None,
        times.end_of(visit_id) if crew else None,
    )


def _shifted(found: Judgement, changed: Collection[str]) -> Iterator[ShiftedOut]:
    old, new = found.before.verdict.timetable, found.after.verdict.timetable
    for visit_id in new.visits:
        if visit_id in old.visits and visit_id not in changed:
            later_s = seconds_between(old.start_of(visit_id), new.start_of(visit_id))
            if later_s:
                yield ShiftedOut(visit_id, later_s)


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
