"""The table of a work order's life: which event leads from which state to which.

A work order goes along several tracks at once: the order itself (the desk's part), each of its
visits, each complaint, and side tracks that are either at rest (``NONE``) or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.events import EventKind as E


class State(StrEnum):
    """States of all tracks; ``CLEARED`` shows as one of the states below it."""

    NEW = "new"
    REPORTED = "reported"
    DIAGNOSED = "diagnosed"
    QUOTE_NEEDED = "quote_needed"
    QUOTED = "quoted"
    QUOTE_REFUSED = "quote_refused"
    CLEARED = "cleared"
    WAITING_FOR_PARTS = "waiting_for_parts"
    READY = "ready"
    FOLLOW_UP = "follow_up"
    SOLVED = "solved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    OPEN = "open"
    PUBLISHED = "published"
    UNDER_WAY = "under_way"
    ON_SITE = "on_site"
    REPAIRED = "repaired"
    RUN_IN = "run_in"
    RAN_IN = "ran_in"
    SIGNED_OFF = "signed_off"
    FAILED = "failed"
    DROPPED = "dropped"

    NONE = "none"
    ASKED = "asked"
    PAUSED = "paused"
    EMERGENCY = "emergency"
    CALLED = "called"
    RECEIVED = "received"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    SETTLED = "settled"


class Track(StrEnum):
    ORDER = "order"
    VISIT = "visit"
    PARTS = "parts"
    PAUSE = "pause"
    EMERGENCY = "emergency"
    CALL = "call"
    COMPLAINT = "complaint"


BEGIN: Mapping[Track, State] = {
    Track.ORDER: State.NEW,
    Track.VISIT: State.OPEN,
    Track.PARTS: State.NONE,
    Track.PAUSE: State.NONE,
    Track.EMERGENCY: State.NONE,
    Track.CALL: State.NONE,
    Track.COMPLAINT: State.NONE,
}

S = State

ALIVE = (
    S.REPORTED,
    S.DIAGNOSED,
    S.QUOTE_NEEDED,
    S.QUOTED,
    S.QUOTE_REFUSED,
    S.CLEARED,
    S.SOLVED,
)
OVER = (S.CLOSED, S.CANCELLED)
"""States of the order track in which nothing more is to be done, nor can be."""

STARTED = (S.UNDER_WAY, S.ON_SITE, S.REPAIRED, S.RUN_IN, S.RAN_IN)
"""States of a visit that somebody is busy with, the furthest last."""

_TRIED = (S.SIGNED_OFF, S.FAILED)
FINISHED = (*_TRIED, S.DROPPED)
"""States of a visit that is over."""

SHOWN = (
    S.REPORTED,
    S.DIAGNOSED,
    S.QUOTE_NEEDED,
    S.QUOTED,
    S.QUOTE_REFUSED,
    S.WAITING_FOR_PARTS,
    S.READY,
    S.PUBLISHED,
    *STARTED,
    S.SIGNED_OFF,
    S.FOLLOW_UP,
    S.SOLVED,
    *OVER,
)
"""What lists show of a work order: the states that ``life.order_state`` gives to what came in."""


@dataclass(frozen=True, slots=True)
class Move:
    """An event leads from one of the states ``start`` of its track to ``end``.

    In the states ``unmoved`` it is taken in too and changes nothing. The order has to be in one of
    ``orders`` meanwhile. More conditions, where there are any, are in ``lifecycle``.
    """

    track: Track
    start: tuple[State, ...]
    end: State
    unmoved: tuple[State, ...] = ()
    orders: tuple[State, ...] = ALIVE


def _order(start: tuple[State, ...], end: State) -> Move:
    return Move(Track.ORDER, start, end, orders=start)


def _visit(start: tuple[State, ...], end: State, unmoved: tuple[State, ...] = ()) -> Move:
    return Move(Track.VISIT, start, end, unmoved)


def _complaint(start: tuple[State, ...], end: State) -> Move:
    return Move(Track.COMPLAINT, start, end, orders=(*ALIVE, *OVER))


_QUOTABLE = (S.QUOTE_NEEDED, S.QUOTED, S.QUOTE_REFUSED, S.CLEARED)
_CLOSABLE = (S.SOLVED, S.QUOTE_REFUSED, S.CLEARED)
_BEFORE_SITE = (S.PUBLISHED, S.UNDER_WAY)
_ON_SITE = (S.ON_SITE, S.REPAIRED, S.RUN_IN, S.RAN_IN)
_GOING_ON = (*_BEFORE_SITE, *_ON_SITE)

MOVES: Mapping[E, Move] = {
    # The desk: the order itself.
    E.REPORTED: _order((S.NEW,), S.REPORTED),
    E.RESPONDED: Move(Track.ORDER, (), S.REPORTED, unmoved=ALIVE),
    E.SOLVED_REMOTELY: _order((S.REPORTED,), S.SOLVED),
    E.ON_SITE_NEEDED: _order((S.REPORTED, S.SOLVED), S.DIAGNOSED),
    E.DIAGNOSIS_SKIPPED: _order((S.REPORTED,), S.DIAGNOSED),
    E.IN_WARRANTY: _order((S.DIAGNOSED,), S.CLEARED),
    E.OUT_OF_WARRANTY: _order((S.DIAGNOSED,), S.QUOTE_NEEDED),
    E.QUOTE_ASKED: _order(_QUOTABLE, S.QUOTED),
    E.QUOTE_REFUSED: _order((S.QUOTED,), S.QUOTE_REFUSED),
    E.QUOTE_ACCEPTED: _order((S.QUOTED,), S.CLEARED),
    E.CANCELLED: _order(ALIVE, S.CANCELLED),
    E.CLOSED: _order(_CLOSABLE, S.CLOSED),
    # The plan: what has begun on site it does not undo.
    E.PUBLISHED: _visit((S.OPEN, *_BEFORE_SITE), S.PUBLISHED, (*_ON_SITE, *_TRIED)),
    E.UNPUBLISHED: Move(Track.VISIT, _BEFORE_SITE, S.OPEN, (*_ON_SITE, *_TRIED), (*ALIVE, *OVER)),
    # The field: another member of a crew may depart and arrive later than the first.
    E.DEPARTED: _visit(_BEFORE_SITE, S.UNDER_WAY, _ON_SITE),
    E.ARRIVED: _visit(_BEFORE_SITE, S.ON_SITE, _ON_SITE),
    E.NO_FINDING: _visit((S.ON_SITE,), S.ON_SITE),
    E.FOUND: _visit((S.ON_SITE,), S.ON_SITE),
    E.REPAIRED: _visit(_ON_SITE, S.REPAIRED),
    E.RUN_IN_STARTED: _visit((S.REPAIRED,), S.RUN_IN),
    E.RUN_IN_ENDED: _visit((S.RUN_IN,), S.RAN_IN),
    E.SIGNED_OFF: _visit((S.REPAIRED, S.RAN_IN), S.SIGNED_OFF),
    E.VISIT_FAILED: _visit(_GOING_ON, S.FAILED),
    # Nobody wants it any more, and nobody was told to come.
    E.VISIT_DROPPED: _visit((S.OPEN,), S.DROPPED),
    # Beside it.
    E.PARTS_ASKED: Move(Track.PARTS, (S.NONE, S.ASKED), S.ASKED),
    E.PARTS_THERE: Move(Track.PARTS, (S.ASKED,), S.NONE),
    E.PAUSED: Move(Track.PAUSE, (S.NONE, S.PAUSED), S.PAUSED),
    E.RESUMED: Move(Track.PAUSE, (S.PAUSED,), S.NONE),
    E.EMERGENCY_OPENED: Move(Track.EMERGENCY, (S.NONE, S.EMERGENCY), S.EMERGENCY),
    E.EMERGENCY_CLOSED: Move(Track.EMERGENCY, (S.EMERGENCY,), S.NONE),
    # Afterwards.
    E.SATISFACTION_CALLED: Move(
        Track.CALL, (S.NONE, S.CALLED), S.CALLED, orders=(S.CLEARED, S.SOLVED, S.CLOSED)
    ),
    E.COMPLAINT_RECEIVED: _complaint((S.NONE,), S.RECEIVED),
    E.COMPLAINT_HANDED_OVER: _complaint((S.RECEIVED,), S.HANDED_OVER),
    E.COMPLAINT_ANSWERED: _complaint((S.RECEIVED, S.HANDED_OVER), S.ANSWERED),
    E.COMPLAINT_CLOSED: _complaint((S.ANSWERED,), S.SETTLED),
    # Never a step: ``withdrawing`` takes another event out.
    E.WITHDRAWN: _order((), S.NEW),
}

FIELD = frozenset(
    {
        E.DEPARTED,
        E.ARRIVED,
        E.NO_FINDING,
        E.FOUND,
        E.REPAIRED,
        E.RUN_IN_STARTED,
        E.RUN_IN_ENDED,
        E.SIGNED_OFF,
        E.VISIT_FAILED,
    }
)
"""What technicians record, with or without a signal: it may come in late and in any order."""
