"""What is due after the work: a satisfaction call, and the steps of each complaint."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatch.domain.calendars import Calendar, working_days_later
from dispatch.domain.events import Complaint, EventKind, Satisfaction
from dispatch.domain.life import Life, ended_well
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.transitions import State

_DAY = timedelta(days=1)


class DutyKind(StrEnum):
    SATISFACTION_CALL = "satisfaction_call"
    HAND_OVER = "hand_over"
    ANSWER = "answer"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Duty:
    """What has to be done between two instants, and when it was. ``complaint_id`` is there for the
    steps of a complaint."""

    kind: DutyKind
    work_order_id: str
    from_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    complaint_id: str | None = None


def duties(life: Life, calendar: Calendar, terms: ServiceTerms) -> tuple[Duty, ...]:
    """The call and the steps of complaints that a work order asks for, done or not.

    ``calendar`` says what working days are; a duty in working days may be done until the end of
    its last day, by the calendar's time zone. ``attainment.clock_state`` says of a duty whether it
    was kept. Raises CalendarError if the calendar has too few working days.
    """
    steps = [
        duty
        for event in life.events
        if event.kind is EventKind.COMPLAINT_RECEIVED and isinstance(event.details, Complaint)
        for duty in _complaint_duties(life, event.details, event.happened_at, calendar, terms)
    ]
    return (*_calls(life, calendar, terms), *steps)


def _calls(life: Life, calendar: Calendar, terms: ServiceTerms) -> Iterator[Duty]:
    """A call is due once all visits are over and the last was signed off, unless the work order
    was cancelled; a call that reaches nobody does not count."""
    if life.order is State.CANCELLED or not ended_well(life):
        return
    signed = [e.happened_at for e in life.events if e.kind is EventKind.SIGNED_OFF]
    signed_on = _local_day(max(signed), calendar)
    reached = [
        e.happened_at
        for e in life.events
        if isinstance(e.details, Satisfaction) and e.details.score is not None
    ]
    yield Duty(
        kind=DutyKind.SATISFACTION_CALL,
        work_order_id=life.work_order.id,
        from_at=_midnight(working_days_later(calendar, signed_on, terms.first_call_day), calendar),
        due_at=_end_of(working_days_later(calendar, signed_on, terms.last_call_day), calendar),
        done_at=min(reached, default=None),
    )


def _complaint_duties(
    life: Life,
    complaint: Complaint,
    from_at: datetime,
    calendar: Calendar,
    terms: ServiceTerms,
) -> Iterator[Duty]:
    """An answer is due some time after the handing over, or after that was due at the latest."""

    def done_at(*kinds: EventKind) -> datetime | None:
        about = (e for e in life.events if e.details == complaint)
        return min((e.happened_at for e in about if e.kind in kinds), default=None)

    def duty(kind: DutyKind, due_at: datetime, *kinds: EventKind) -> Duty:
        order_id, done = life.work_order.id, done_at(*kinds)
        return Duty(kind, order_id, from_at, due_at, done, complaint.complaint_id)

    answered, handed_over = EventKind.COMPLAINT_ANSWERED, EventKind.COMPLAINT_HANDED_OVER
    hand_over_by = from_at + timedelta(seconds=terms.hand_over_s)
    answer_from = min(done_at(handed_over) or hand_over_by, hand_over_by)
    answer_by = answer_from + timedelta(seconds=terms.answer_s)
    last_day = working_days_later(calendar, _local_day(from_at, calendar), terms.close_days)
    yield duty(DutyKind.HAND_OVER, hand_over_by, handed_over, answered)
    yield duty(DutyKind.ANSWER, answer_by, answered)
    yield duty(DutyKind.CLOSE, _end_of(last_day, calendar), EventKind.COMPLAINT_CLOSED)


def _local_day(at: datetime, calendar: Calendar) -> date:
    return at.astimezone(ZoneInfo(calendar.time_zone)).date()


def _midnight(day: date, calendar: Calendar) -> datetime:
    """The local midnight that begins the day, in UTC."""
    return datetime.combine(day, time(0), ZoneInfo(calendar.time_zone)).astimezone(UTC)


def _end_of(day: date, calendar: Calendar) -> datetime:
    return _midnight(day + _DAY, calendar)
