"""Small lives of work orders for tests. The smallest example:

    life = lived(*TO_READY, E.PUBLISHED)
    assert order_state(life) is S.PUBLISHED

Work order W1 is reported at the start of the horizon and has the visits V1 (without a run-in) and
V2 (with one of an hour). Event number n of a life happens n minutes later, and is about V1 unless
it says otherwise.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dispatch.domain.events import (
    Complaint,
    Details,
    EmergencyPlan,
    EmergencyReason,
    Event,
    Expectation,
    Failure,
    FailureReason,
    PartsAsked,
    Publication,
    Quote,
    Repair,
    Satisfaction,
    SignOff,
    Withdrawal,
)
from dispatch.domain.events import (
    EventKind as E,
)
from dispatch.domain.life import Life
from dispatch.domain.lifecycle import step
from dispatch.domain.transitions import MOVES, Track
from tests.builders import START_AT, a_visit, a_work_order

ORDER = a_work_order("W1")
VISITS = (
    a_visit("V1", work_order_id="W1"),
    a_visit("V2", work_order_id="W1", run_in_s=3600),
)
BLANK = Life(ORDER, VISITS)
ONE_VISIT = Life(ORDER, VISITS[:1])

GIVEN: Mapping[E, Details] = {
    E.REPORTED: Expectation(),
    E.QUOTE_ASKED: Quote(50_000),
    E.PARTS_ASKED: PartsAsked(),
    E.PAUSED: Expectation(),
    E.PUBLISHED: Publication(("T1",), START_AT),
    E.REPAIRED: Repair(),
    E.SIGNED_OFF: SignOff("Wang"),
    E.VISIT_FAILED: Failure(FailureReason.CUSTOMER_ABSENT),
    E.EMERGENCY_OPENED: EmergencyPlan(EmergencyReason.OTHER),
    E.SATISFACTION_CALLED: Satisfaction(5),
    E.COMPLAINT_RECEIVED: Complaint("C1"),
    E.COMPLAINT_HANDED_OVER: Complaint("C1"),
    E.COMPLAINT_ANSWERED: Complaint("C1"),
    E.COMPLAINT_CLOSED: Complaint("C1"),
    E.WITHDRAWN: Withdrawal("none"),
}

TO_READY = (E.REPORTED, E.ON_SITE_NEEDED, E.IN_WARRANTY)
ON_SITE = (E.DEPARTED, E.ARRIVED)
DONE = (*ON_SITE, E.FOUND, E.REPAIRED, E.SIGNED_OFF)


def minute(number: int) -> datetime:
    return START_AT + timedelta(minutes=number)


def an_event(kind: E, happened_at: datetime | int = 0, **fields: Any) -> Event:  # noqa: ANN401
    """An event at an instant or a minute; its id follows from kind, visit and time."""
    when = minute(happened_at) if isinstance(happened_at, int) else happened_at
    visit_id = "V1" if MOVES[kind].track is Track.VISIT else None
    event = Event("", kind, "W1", when, when, "somebody", visit_id, GIVEN.get(kind))
    event = replace(event, **fields)
    return event if event.id else replace(event, id=f"{kind} {event.visit_id} {when.isoformat()}")


def in_turn(*steps: E | Event) -> tuple[Event, ...]:
    """Events a minute apart; those that are events already keep their time."""
    return tuple(s if isinstance(s, Event) else an_event(s, n) for n, s in enumerate(steps))


def lived(*steps: E | Event, life: Life = BLANK) -> Life:
    """The life after steps that came in as they happened."""
    for event in in_turn(*steps):
        life = step(life, event)
    return life
