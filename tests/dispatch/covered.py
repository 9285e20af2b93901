"""What a backup would do, put together anew from the plan and judged as a whole."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.referee import Verdict, judge
from dispatch.domain.route_times import TimedRoute, is_rest
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs
from dispatch.judged import JudgedPlan
from dispatch.promises import Promise
from dispatch.standing_trial import StandIn


def flaw(plan: JudgedPlan, legs: Legs, way: StandIn) -> str | None:
    """What is wrong with the claim that somebody could stand in; None if it is true."""
    promise = way.promise
    snapshot = _facts(plan.snapshot, way)
    failed = _failed(plan.snapshot, plan.plan, promise)
    before = judge(snapshot, failed, legs)
    routes = (r for r in failed.routes if r.shift_id != way.shift_id)
    after = judge(snapshot, Plan((*routes, way.route)), legs)
    new = set(after.violations) - set(before.violations)
    if new:
        return f"breaks {new}"
    if after.timetable.start_of(promise.visit_id) != way.start_at:
        return f"starts at {after.timetable.start_of(promise.visit_id)}"
    lost = {v for v in plan.served if v not in after.timetable.visits}
    for visit_id, margins in plan.margins.items():
        if visit_id in lost:
            continue
        for kept in (m for m in margins if m.margin_s is not None and m.margin_s >= 0):
            if _stops_at(after, visit_id, kept.clock.kind) > kept.clock.due_at:
                return f"{kept.clock.kind} of {visit_id} is late"
    return _too_early(plan, after, way)


def _stops_at(verdict: Verdict, visit_id: str, kind: str) -> datetime:
    timetable = verdict.timetable
    return timetable.end_of(visit_id) if kind == "restore" else timetable.start_of(visit_id)


def _facts(snapshot: Snapshot, way: StandIn) -> Snapshot:
    """The facts, with the promised visit free to be done by others, from when the backup comes."""
    visit_id = way.promise.visit_id
    visits = (
        replace(v, release_at=way.start_at) if v.id == visit_id else v for v in snapshot.visits
    )
    pins = tuple(p for p in snapshot.pins if p.visit_id != visit_id)
    return replace(snapshot, visits=tuple(visits), pins=pins)


def _failed(snapshot: Snapshot, plan: Plan, promise: Promise) -> Plan:
    """The plan without the technician, from the visit to which he does not come."""
    kept: list[Route] = []
    begins = snapshot.shift[promise.shift_id].start_at
    for route in plan.routes:
        if route.technician_id == promise.technician_id:
            if snapshot.shift[route.shift_id].start_at > begins:
                continue
            visits = [s.visit_id for s in route.stops]
            if promise.visit_id in visits:
                end = visits.index(promise.visit_id)
                route = replace(route, stops=route.stops[:end], ends_away=False)
        if any(s.kind is StopKind.VISIT for s in route.stops):
            kept.append(route)
    return Plan(tuple(kept))


def _too_early(plan: JudgedPlan, after: Verdict, way: StandIn) -> str | None:
    """Whether the backup does anything for the visit before being told, or does anything else
    otherwise than planned before that."""
    told_at = way.promise.told_at
    own = next(r for r in after.timetable.routes if r.shift.id == way.shift_id)
    timed = plan.verdict.timetable.routes
    planned = next((r for r in timed if r.shift.id == way.shift_id), None)
    if planned is None:
        return None if own.depart_at >= told_at else f"leaves at {own.depart_at}"
    same = _same(own, planned)
    if not any(s.visit_id for s in own.stops[:same]):
        both = min(own.depart_at, planned.depart_at)
        return None if both >= told_at else f"leaves at {own.depart_at}"
    # Who is at his station with nothing to do may rest there.
    changed = next(s for s in own.stops[same:] if not is_rest(s.stop))
    if changed.stop.not_before_at is not None and changed.place_id == own.end_place_id:
        return None if changed.start_at >= told_at else f"is back at {changed.start_at}"
    free_at = max(s.leave_at for s in own.stops[:same])
    return None if free_at >= told_at else f"leaves at {free_at}"


def _same(own: TimedRoute, planned: TimedRoute) -> int:
    """How many stops at the beginning are as planned, times and all."""
    pairs = list(zip(own.stops, planned.stops, strict=False))
    return next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
