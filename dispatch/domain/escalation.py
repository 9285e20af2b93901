"""Work orders that need an emergency plan: a replacement unit, a second technician."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.domain.clocks import clocks_of
from dispatch.domain.events import EmergencyPlan, EmergencyReason, EventKind, Measure
from dispatch.domain.life import Life, open_emergency
from dispatch.domain.recorded import work_order_of
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.transitions import OVER, State, Track
from dispatch.domain.work import ClockKind

_MEASURES = {
    EmergencyReason.NO_FINDING: (Measure.SECOND_TECHNICIAN, Measure.REPLACEMENT_UNIT),
    EmergencyReason.NOT_RESTORED: (Measure.REPLACEMENT_UNIT, Measure.SECOND_TECHNICIAN),
}


@dataclass(frozen=True, slots=True)
class Escalation:
    """An emergency plan to open, and the instant from which it was due. ``visit_id`` is the visit
    without a finding."""

    work_order_id: str
    since_at: datetime
    plan: EmergencyPlan
    visit_id: str | None = None


def escalations(
    snapshot: Snapshot, lives: Iterable[Life], terms: ServiceTerms
) -> tuple[Escalation, ...]:
    """Which emergency plans are to be opened by the snapshot's ``now_at``, the oldest first.

    * no finding: a technician said so, or has been on site for ``finding_s`` without the cause
      being found or the repair done
    * not restored: the restore clock of the SLA has run out

    Nothing is asked for while a plan is open, nor twice for the same reason; nor on a work order
    that is paused or over.
    """
    found = [
        escalation
        for life in lives
        if _is_watched(life)
        for escalation in (*_without_finding(life, snapshot.now_at, terms), *_late(snapshot, life))
        if escalation.plan.reason not in _had(life)
    ]
    return tuple(sorted(found, key=lambda e: (e.since_at, e.work_order_id, e.plan.reason)))


def _is_watched(life: Life) -> bool:
    quiet = (State.NEW, State.SOLVED, State.QUOTE_REFUSED, *OVER)
    paused = life.on(Track.PAUSE) is State.PAUSED
    return life.order not in quiet and not paused and open_emergency(life) is None


def _had(life: Life) -> set[EmergencyReason]:
    plans = (e.details for e in life.events if e.kind is EventKind.EMERGENCY_OPENED)
    return {plan.reason for plan in plans if isinstance(plan, EmergencyPlan)}


def _without_finding(life: Life, now_at: datetime, terms: ServiceTerms) -> Iterator[Escalation]:
    """The visits on site, from the first of: a word of no finding, the end of the set time."""
    for visit in life.visits:
        happened = [e for e in life.events if e.visit_id == visit.id]
        if life.on(Track.VISIT, visit.id) is not State.ON_SITE or any(
            e.kind is EventKind.FOUND for e in happened
        ):
            continue
        arrived_at = min(e.happened_at for e in happened if e.kind is EventKind.ARRIVED)
        told_at = [e.happened_at for e in happened if e.kind is EventKind.NO_FINDING]
        since_at = min([arrived_at + timedelta(seconds=terms.finding_s), *told_at])
        if since_at <= now_at:
            yield _escalation(life, EmergencyReason.NO_FINDING, since_at, visit.id)


def _late(snapshot: Snapshot, life: Life) -> Iterator[Escalation]:
    for clock in clocks_of(snapshot, work_order_of(life)):
        running = clock.kind is ClockKind.RESTORE and clock.stopped_at is None
        if running and clock.due_at < snapshot.now_at:
            yield _escalation(life, EmergencyReason.NOT_RESTORED, clock.due_at)


def _escalation(
    life: Life, reason: EmergencyReason, since_at: datetime, visit_id: str | None = None
) -> Escalation:
    plan = EmergencyPlan(reason, _MEASURES[reason])
    return Escalation(life.work_order.id, since_at, plan, visit_id)
