"""What is known of the life of one work order, and which state that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dispatch.domain.events import Complaint, Event, EventKind
from dispatch.domain.transitions import BEGIN, FINISHED, OVER, STARTED, State, Track
from dispatch.domain.work import Visit, WorkOrder

_RANK = {kind: rank for rank, kind in enumerate(EventKind)}
_ENDS = (EventKind.SIGNED_OFF, EventKind.VISIT_FAILED)


@dataclass(frozen=True)
class Life:
    """What is known of a work order. ``visits`` are all of its visits, planned or not.

    ``events`` have taken effect, in the order in which they did; ``waiting`` came from the field
    without something that must have come before them, and take effect with it. ``withdrawn`` were
    mistakes and count for nothing; ``withdrawals`` say so, in the order of their times.
    """

    work_order: WorkOrder
    visits: tuple[Visit, ...] = ()
    events: tuple[Event, ...] = ()
    waiting: tuple[Event, ...] = ()
    withdrawn: tuple[Event, ...] = ()
    withdrawals: tuple[Event, ...] = ()
    states: Mapping[tuple[Track, str], State] = field(default_factory=dict)

    @cached_property
    def visit(self) -> Mapping[str, Visit]:
        return {v.id: v for v in self.visits}

    @property
    def known(self) -> tuple[Event, ...]:
        """All that is on record, whether it counts or not."""
        return (*self.events, *self.waiting, *self.withdrawn, *self.withdrawals)

    @property
    def order(self) -> State:
        """The state of the order's own track."""
        return self.on(Track.ORDER)

    def on(self, track: Track, subject: str = "") -> State:
        """The state of a track; ``subject`` is the id of the visit or complaint."""
        return self.states.get((track, subject), BEGIN[track])


def order_state(life: Life) -> State:
    """The one state that lists show.

    What is over comes first, then a visit that somebody is busy with, then what the desk waits
    for, then the other visits; when all of these are over, how the last one ended.
    """
    if life.order in (State.NEW, State.SOLVED, *OVER):
        return life.order
    visits = [visit_state(life, v.id) for v in life.visits]
    started = [s for s in visits if s in STARTED]
    if started:
        return max(started, key=STARTED.index)
    if life.order is not State.CLEARED:
        return life.order
    if life.on(Track.PARTS) is State.ASKED:
        return State.WAITING_FOR_PARTS
    if State.PUBLISHED in visits:
        return State.PUBLISHED
    if not visits or State.OPEN in visits:
        return State.READY
    return State.SIGNED_OFF if ended_well(life) else State.FOLLOW_UP


def visit_state(life: Life, visit_id: str) -> State:
    return life.on(Track.VISIT, visit_id)


def ended_well(life: Life) -> bool:
    """Whether all visits are over, and the last one that somebody was told of was signed off."""
    ends = [e for e in life.events if e.kind in _ENDS]
    over = all(visit_state(life, v.id) in FINISHED for v in life.visits)
    return over and bool(ends) and max(ends, key=in_time).kind is EventKind.SIGNED_OFF


def open_emergency(life: Life) -> Event | None:
    """The event that opened the emergency plan, while it is open; its details are the plan.

    The end of the work order ends the plan too.
    """
    if life.order in OVER or life.on(Track.EMERGENCY) is not State.EMERGENCY:
        return None
    return [e for e in life.events if e.kind is EventKind.EMERGENCY_OPENED][-1]


def subject_of(event: Event) -> str:
    """The id of the visit or complaint that the event is about; else nothing."""
    return event.visit_id or complaint_of(event) or ""


def complaint_of(event: Event) -> str | None:
    return event.details.complaint_id if isinstance(event.details, Complaint) else None


def in_time(event: Event) -> tuple[datetime, int, str]:
    """What events are sorted by: when they happened, then the order of ``EventKind``, then id."""
    return event.happened_at, _RANK[event.kind], event.id
