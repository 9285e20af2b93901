"""Events: facts about a work order, each with the time it happened and the time it was recorded.

Events are never changed nor deleted; one that was a mistake is withdrawn by a further one.
Everything else that is known of the life of a work order follows from them: see
``dispatch.domain.lifecycle`` and docs/life.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.domain.parts import PartQuantity


class EventKind(StrEnum):
    """What can happen, in the order in which it happens if all goes well.

    Events of the same instant are taken in this order.
    """

    REPORTED = "reported"
    RESPONDED = "responded"
    SOLVED_REMOTELY = "solved_remotely"
    ON_SITE_NEEDED = "on_site_needed"
    DIAGNOSIS_SKIPPED = "diagnosis_skipped"
    IN_WARRANTY = "in_warranty"
    OUT_OF_WARRANTY = "out_of_warranty"
    QUOTE_ASKED = "quote_asked"
    QUOTE_REFUSED = "quote_refused"
    QUOTE_ACCEPTED = "quote_accepted"
    PARTS_ASKED = "parts_asked"
    PARTS_THERE = "parts_there"
    PAUSED = "paused"
    RESUMED = "resumed"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    NO_FINDING = "no_finding"
    FOUND = "found"
    REPAIRED = "repaired"
    RUN_IN_STARTED = "run_in_started"
    RUN_IN_ENDED = "run_in_ended"
    SIGNED_OFF = "signed_off"
    VISIT_FAILED = "visit_failed"
    VISIT_DROPPED = "visit_dropped"
    EMERGENCY_OPENED = "emergency_opened"
    EMERGENCY_CLOSED = "emergency_closed"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    SATISFACTION_CALLED = "satisfaction_called"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_HANDED_OVER = "complaint_handed_over"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_CLOSED = "complaint_closed"
    WITHDRAWN = "withdrawn"


class FailureReason(StrEnum):
    """Why a visit ended without its work being done."""

    CUSTOMER_ABSENT = "customer_absent"
    NO_ACCESS = "no_access"
    WRONG_PART = "wrong_part"
    MISSING_PART = "missing_part"
    MISSING_SKILL = "missing_skill"
    FAULT_NOT_FOUND = "fault_not_found"
    OTHER = "other"


class EmergencyReason(StrEnum):
    NO_FINDING = "no_finding"
    NOT_RESTORED = "not_restored"
    OTHER = "other"


class Measure(StrEnum):
    """What an emergency plan brings in."""

    REPLACEMENT_UNIT = "replacement_unit"
    SECOND_TECHNICIAN = "second_technician"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Until when something is expected; None: nobody knows."""

    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What the customer is asked to accept, and by when an answer is expected."""

    amount_fen: int
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartsAsked:
    """Which parts are waited for, and by when they are expected."""

    parts: tuple[PartQuantity, ...] = ()
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What people were told: who comes, and when."""

    technician_ids: tuple[str, ...]
    start_at: datetime


@dataclass(frozen=True, slots=True)
class PartUsed:
    """Units of a part that were built in; ``serials`` as far as the part has any."""

    part_id: str
    quantity: int = 1
    lot_id: str | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedUnit:
    """A unit that was taken out and goes back.

    ``replaced_by`` is the serial number of the unit that is there instead, ``station_id`` where
    what was taken out lies.
    """

    part_id: str
    serial: str = ""
    replaced_by: str | None = None
    station_id: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    parts_used: tuple[PartUsed, ...] = ()
    returned: tuple[ReturnedUnit, ...] = ()


@dataclass(frozen=True, slots=True)
class SignOff:
    """``signed_by`` is who signed for the customer, ``signature`` the SHA-256 of the picture of it,
    if there is one."""

    signed_by: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """``parts`` are what the next visit needs instead of the same again; none: the same."""

    reason: FailureReason
    parts: tuple[PartQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyPlan:
    reason: EmergencyReason = EmergencyReason.OTHER
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """``score`` from 1 (worst) to 5; None: nobody was reached."""

    score: int | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Which complaint; a work order may have several."""

    complaint_id: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which event was a mistake; the note says why."""

    event_id: str


Details = (
    Expectation
    | Quote
    | PartsAsked
    | Publication
    | Repair
    | SignOff
    | Failure
    | EmergencyPlan
    | Satisfaction
    | Complaint
    | Withdrawal
)

DETAILS: Mapping[EventKind, type[Details]] = {
    EventKind.REPORTED: Expectation,
    EventKind.QUOTE_ASKED: Quote,
    EventKind.PARTS_ASKED: PartsAsked,
    EventKind.PAUSED: Expectation,
    EventKind.PUBLISHED: Publication,
    EventKind.REPAIRED: Repair,
    EventKind.SIGNED_OFF: SignOff,
    EventKind.VISIT_FAILED: Failure,
    EventKind.EMERGENCY_OPENED: EmergencyPlan,
    EventKind.SATISFACTION_CALLED: Satisfaction,
    EventKind.COMPLAINT_RECEIVED: Complaint,
    EventKind.COMPLAINT_HANDED_OVER: Complaint,
    EventKind.COMPLAINT_ANSWERED: Complaint,
    EventKind.COMPLAINT_CLOSED: Complaint,
    EventKind.WITHDRAWN: Withdrawal,
}
"""What an event of a kind has to tell; kinds that are not here have no details."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. ``by`` is who says so; ``visit_id`` is there where a visit is meant.

    ``happened_at`` is the time of the fact itself, by the clock of whoever saw it; ``recorded_at``
    is when it came in, which decides nothing.
    """

    id: str
    kind: EventKind
    work_order_id: str
    happened_at: datetime
    recorded_at: datetime
    by: str
    visit_id: str | None = None
    details: Details | None = None
    note: str = ""
