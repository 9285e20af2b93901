"""What the events say about the work order itself: its gates, and what stopped its clocks."""

from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.events import Event, EventKind
from dispatch.domain.gates import gates_of
from dispatch.domain.life import Life
from dispatch.domain.transitions import MOVES, OVER, State, Track
from dispatch.domain.work import ClockKind, WorkOrder

_ENDS_OF_VISIT = (EventKind.SIGNED_OFF, EventKind.VISIT_FAILED, EventKind.VISIT_DROPPED)
_DIAGNOSES = (EventKind.SOLVED_REMOTELY, EventKind.ON_SITE_NEEDED)
_RESPONSES = (EventKind.RESPONDED, EventKind.SOLVED_REMOTELY)


def work_order_of(life: Life) -> WorkOrder:
    """The work order with gates and clock times as the events have them.

    ``dispatch.domain.clocks.clocks_of`` makes the SLA clocks of it. Which clocks a visit stops is
    said by its ``stops``.
    """
    reported = [e.happened_at for e in life.events if e.kind is EventKind.REPORTED]
    return replace(
        life.work_order,
        reported_at=min(reported, default=life.work_order.reported_at),
        gates=gates_of(life.events),
        responded_at=_responded_at(life),
        arrived_at=_first_arrival(life, ClockKind.ARRIVE),
        restored_at=_restored_at(life),
    )


@dataclass(frozen=True, slots=True)
class VisitTimes:
    """When a visit was started (somebody arrived), repaired (for the last time) and over."""

    started_at: datetime | None
    repaired_at: datetime | None
    ended_at: datetime | None


def visit_times(life: Life, visit_id: str) -> VisitTimes:
    """What is on record of a visit; the end of the work order ends all of its visits."""
    own = [e for e in life.events if e.visit_id == visit_id]
    ends = [e.happened_at for e in own if e.kind in _ENDS_OF_VISIT]
    over_at = ended_at(life)
    return VisitTimes(
        started_at=min((e.happened_at for e in own if e.kind is EventKind.ARRIVED), default=None),
        repaired_at=max((e.happened_at for e in own if e.kind is EventKind.REPAIRED), default=None),
        ended_at=min([*ends, over_at] if over_at else ends, default=None),
    )


def ended_at(life: Life) -> datetime | None:
    """When the work order was closed or cancelled."""
    return next((e.happened_at for e in life.events if MOVES[e.kind].end in OVER), None)


def _responded_at(life: Life) -> datetime | None:
    """When somebody answered, solved it, or was on site; a diagnosis alone tells nobody."""
    answers = [e.happened_at for e in life.events if e.kind in _RESPONSES]
    arrival = _first_arrival(life, ClockKind.RESPOND)
    return min([*answers, arrival] if arrival else answers, default=None)


def _first_arrival(life: Life, clock: ClockKind) -> datetime | None:
    arrivals = (
        e.happened_at
        for e in life.events
        if e.kind is EventKind.ARRIVED and clock in _stops(life, e)
    )
    return min(arrivals, default=None)


def _restored_at(life: Life) -> datetime | None:
    """When the equipment ran again: by the last diagnosis, if that solved it; else at the last
    repair, but for visits that failed after all."""
    diagnoses = [e for e in life.events if e.kind in _DIAGNOSES]
    if diagnoses and diagnoses[-1].kind is EventKind.SOLVED_REMOTELY:
        return diagnoses[-1].happened_at
    repairs = (
        e.happened_at
        for e in life.events
        if e.kind is EventKind.REPAIRED
        and ClockKind.RESTORE in _stops(life, e)
        and life.on(Track.VISIT, e.visit_id or "") is not State.FAILED
    )
    return max(repairs, default=None)


def _stops(life: Life, event: Event) -> tuple[ClockKind, ...]:
    return life.visit[event.visit_id].stops if event.visit_id else ()
