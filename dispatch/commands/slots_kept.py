"""The plan that slots are looked for in: with all that is held or promised in it."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.versions import (
    as_it_stands,
    busy,
    planning_snapshot,
    version_row,
    version_to_change,
)
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.forecast import PERMILLE, Forecast, usual_visit_s
from dispatch.going_on import on_the_way
from dispatch.kept_plan import KeptPlan
from dispatch.placing import left_out
from dispatch.slots import plan_promised
from dispatch.store import queries_plans, queries_slots
from dispatch.store.mapping import follow_repairs
from dispatch.store.mapping_plans import read_plan
from dispatch.store.rows_work import HeldSlotRow
from dispatch.travel import Travel, travel_of

_WEEK = timedelta(days=7)
_WEEKS = 8
"""So much of the past says what usually comes in."""
_LEAST_WEEKS = 2
HELD = "held"
"""Why a visit is taken out of a plan that has it at another time than the one held for it."""


def days_until(session: Session, until: datetime, at: datetime) -> int:
    """How many local days it is through an instant, today among them."""
    zone = ZoneInfo(queries_plans.time_zone(session) or "UTC")
    return (until.astimezone(zone).date() - at.astimezone(zone).date()).days + 1


def kept_plan_for(
    session: Session, visit_id: str, days: int, at: datetime, version: int | None = None
) -> KeptPlan:
    """A version (None: the one that is being worked on) from an instant on for a question about the
    slots of a visit: what was promised for that one, or is held, does not count.

    What is held or promised to others and not planned yet goes where it costs least, if that is
    less than leaving it out costs: first what was held first, by the technician who was found then.
    Raises UnknownVersionError, HorizonError.
    """
    row = version_row(session, version if version is not None else version_to_change(session))
    days = max(days, days_until(session, row.end_at - timedelta(seconds=1), at))
    snapshot = planning_snapshot(session, at, None, days, row.policy, held_at=at)
    snapshot = _unpromised(session, on_the_way(snapshot, busy(session)), visit_id, at)
    held = [r for r in queries_slots.held_slots(session, at) if r.visit_id != visit_id]
    travel = travel_of(snapshot)
    begun = queries_plans.begun_visits(session)
    plan = as_it_stands(snapshot, read_plan(session, row), begun)
    plan = _without_moved(snapshot, plan, travel, {r.visit_id for r in held})
    kept_plan = KeptPlan(snapshot, travel, plan)
    _plan_promised(kept_plan, held, visit_id)
    return kept_plan


def usual_demand(session: Session, kept_plan: KeptPlan, at: datetime) -> Forecast | None:
    """The work that usually comes in by territory and weekday, as the last weeks had it; None if
    they are too few."""
    first_at = queries_slots.first_report(session)
    weeks = min(_WEEKS, (at - first_at) // _WEEK) if first_at is not None else 0
    if weeks < _LEAST_WEEKS:
        return None
    zone = ZoneInfo(kept_plan.snapshot.time_zone)
    reports = queries_slots.reports_since(session, at - weeks * _WEEK, at)
    counts = Counter(
        (territory, reported_at.astimezone(zone).weekday()) for territory, reported_at in reports
    )
    usual = {key: count * PERMILLE // weeks for key, count in counts.items()}
    return Forecast(usual=usual, visit_s=usual_visit_s(kept_plan))


def _unpromised(session: Session, snapshot: Snapshot, visit_id: str, at: datetime) -> Snapshot:
    """The snapshot in which nothing is promised for a visit, nor held."""
    promised = queries_slots.promised_windows(session, visit_id)
    is_held = queries_slots.held_slot(session, visit_id) is not None
    if visit_id not in snapshot.visit or not (promised or is_held):
        return snapshot
    free = {visit_id: replace(snapshot.visit[visit_id], windows=())}
    follow_repairs(session, free, {}, at)
    return replace(snapshot, visits=tuple(free.get(v.id, v) for v in snapshot.visits))


def _without_moved(snapshot: Snapshot, plan: Plan, travel: Travel, held: AbstractSet[str]) -> Plan:
    """The plan without visits that it has at another time than the one that is held for them."""
    planned = held & {stop.visit_id for route in plan.routes for stop in route.stops}
    if not planned:
        return plan
    times = derive(snapshot, plan, travel)
    for visit_id in sorted(filter(None, planned)):
        windows = snapshot.visit[visit_id].windows
        start_at = times.start_of(visit_id)
        if not any(w.open_at <= start_at <= w.close_at for w in windows):
            plan = left_out(plan, visit_id, HELD)
    return plan


def _plan_promised(kept_plan: KeptPlan, held: Sequence[HeldSlotRow], but_for: str) -> None:
    technicians = {row.visit_id: row.technician_id for row in held}
    promised = (v.id for v in kept_plan.snapshot.visits if v.windows and v.id != but_for)
    for visit_id in dict.fromkeys((*technicians, *promised)):
        if visit_id in kept_plan.snapshot.visit and visit_id not in kept_plan.servers:
            plan_promised(kept_plan, visit_id, technicians.get(visit_id))
