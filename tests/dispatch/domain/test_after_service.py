from dataclasses import replace
from datetime import date, datetime

import pytest

from dispatch.domain.after_service import Duty, DutyKind, duties
from dispatch.domain.calendars import Calendar, CalendarDay, CalendarError, working_days_later
from dispatch.domain.events import Complaint, Event, Satisfaction
from dispatch.domain.events import EventKind as E
from dispatch.domain.places import Equipment
from dispatch.domain.terms import ServiceTerms
from dispatch.domain.warranty import warranty_event
from tests.builders import TIME_ZONE, at
from tests.dispatch.domain.lives import DONE, ONE_VISIT, TO_READY, an_event, lived

TERMS = ServiceTerms()
OFFICE = Calendar(
    "office",
    TIME_ZONE,
    days=(
        CalendarDay(date(2026, 10, 1), False),
        CalendarDay(date(2026, 10, 2), False),
        CalendarDay(date(2026, 10, 10), True),
    ),
)
SIGNED = (*TO_READY, E.PUBLISHED, *DONE)


def asked(*steps: E | Event) -> list[Duty]:
    return list(duties(lived(*steps, life=ONE_VISIT), OFFICE, TERMS))


# ---------------------------------------------------------------------------------- working days


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 9, 28), 0, date(2026, 9, 28)),
        (date(2026, 9, 28), 1, date(2026, 9, 29)),
        (date(2026, 9, 28), 3, date(2026, 10, 5)),  # over a holiday and a weekend
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a make-up Saturday
        (date(2026, 10, 10), 1, date(2026, 10, 12)),
    ],
)
def test_working_days_are_counted_by_the_calendar(start: date, count: int, expected: date) -> None:
    assert working_days_later(OFFICE, start, count) == expected


@pytest.mark.parametrize("weekdays", [(), (7,)])
def test_a_calendar_without_weekdays_runs_out_of_working_days(weekdays: tuple[int, ...]) -> None:
    calendar = replace(OFFICE, weekdays=weekdays)
    assert working_days_later(calendar, date(2026, 9, 28), 1) == date(2026, 10, 10)
    with pytest.raises(CalendarError, match="no 2 working days after 2026-09-28"):
        working_days_later(calendar, date(2026, 9, 28), 2)


# --------------------------------------------------------------------------------------- the call


def test_a_call_is_due_from_the_first_to_the_third_working_day_after_the_sign_off() -> None:
    # Thursday and Friday are holidays: the third working day is Monday of the week after.
    tuesday, end_of_monday = at(0, day=1), at(0, day=8)
    (call,) = asked(*SIGNED)
    assert call == Duty(DutyKind.SATISFACTION_CALL, "W1", tuesday, end_of_monday)
    assert asked(*SIGNED, E.CLOSED) == [call]


def test_a_call_that_reaches_nobody_does_not_count() -> None:
    nobody = an_event(E.SATISFACTION_CALLED, at(10, day=1), details=Satisfaction(None))
    reached = an_event(E.SATISFACTION_CALLED, at(15, day=1), details=Satisfaction(4))
    assert [d.done_at for d in asked(*SIGNED, nobody)] == [None]
    assert [d.done_at for d in asked(*SIGNED, nobody, reached)] == [at(15, day=1)]


def test_no_call_while_a_visit_is_to_come() -> None:
    assert list(duties(lived(*SIGNED), OFFICE, TERMS)) == []


@pytest.mark.parametrize(
    "steps",
    [
        (*TO_READY, E.PUBLISHED),
        (E.REPORTED, E.SOLVED_REMOTELY),
        (*TO_READY, E.PUBLISHED, E.VISIT_FAILED),
        (*SIGNED, E.CANCELLED),
    ],
)
def test_no_call_without_a_sign_off(steps: tuple[E, ...]) -> None:
    assert asked(*steps) == []


# ------------------------------------------------------------------------------------ complaints


def a_complaint(*steps: tuple[E, datetime]) -> list[tuple[DutyKind, datetime, datetime | None]]:
    """The steps that a complaint asks for: kind, due and done."""
    events = [an_event(kind, when) for kind, when in steps]
    found = asked(E.REPORTED, *events)
    assert {d.complaint_id for d in found} == {"C1"}
    assert {d.from_at for d in found} == {events[0].happened_at}
    return [(d.kind, d.due_at, d.done_at) for d in found]


RECEIVED = (E.COMPLAINT_RECEIVED, at(20))
CLOSE_BY = at(0, day=12)  # the 7th working day is Friday of the week after


def test_a_complaint_is_handed_over_answered_and_closed_in_time() -> None:
    assert a_complaint(RECEIVED) == [
        (DutyKind.HAND_OVER, at(8, day=1), None),
        (DutyKind.ANSWER, at(20, day=1), None),
        (DutyKind.CLOSE, CLOSE_BY, None),
    ]


def test_the_time_to_answer_begins_with_the_handing_over() -> None:
    early, late = (E.COMPLAINT_HANDED_OVER, at(22)), (E.COMPLAINT_HANDED_OVER, at(15, day=1))
    assert a_complaint(RECEIVED, early)[:2] == [
        (DutyKind.HAND_OVER, at(8, day=1), at(22)),
        (DutyKind.ANSWER, at(10, day=1), None),
    ]
    assert a_complaint(RECEIVED, late)[:2] == [
        (DutyKind.HAND_OVER, at(8, day=1), at(15, day=1)),
        (DutyKind.ANSWER, at(20, day=1), None),
    ]


def test_a_complaint_that_is_answered_at_once_need_not_be_handed_over() -> None:
    answered, closed = (E.COMPLAINT_ANSWERED, at(21)), (E.COMPLAINT_CLOSED, at(9, day=2))
    assert [done for _, _, done in a_complaint(RECEIVED, answered, closed)] == [
        at(21),
        at(21),
        at(9, day=2),
    ]


def test_two_complaints_have_clocks_of_their_own() -> None:
    second = an_event(E.COMPLAINT_RECEIVED, at(9, day=1), details=Complaint("C2"))
    answer = an_event(E.COMPLAINT_ANSWERED, at(10, day=1), details=Complaint("C2"))
    found = asked(E.REPORTED, an_event(*RECEIVED), second, answer)
    answers = [(d.complaint_id, d.done_at) for d in found if d.kind is DutyKind.ANSWER]
    assert answers == [("C1", None), ("C2", at(10, day=1))]


def test_terms_say_how_long() -> None:
    terms = ServiceTerms(first_call_day=2, last_call_day=2, hand_over_s=60, answer_s=120)
    life = lived(*SIGNED, an_event(*RECEIVED), life=ONE_VISIT)
    call, hand_over, answer, _ = duties(life, OFFICE, terms)
    assert (call.from_at, call.due_at) == (at(0, day=2), at(0, day=3))
    assert (hand_over.due_at, answer.due_at) == (at(20, 1), at(20, 3))


# ------------------------------------------------------------------------------------ the warranty

TODAY = date(2026, 9, 28)


@pytest.mark.parametrize(
    ("installed_on", "warranty_until", "covered"),
    [
        (None, None, False),
        (None, TODAY, True),
        (None, date(2026, 9, 27), False),
        (date(2025, 9, 28), None, True),
        (date(2025, 9, 27), None, False),
        (date(2020, 1, 1), date(2030, 1, 1), True),
        (date(2026, 9, 1), date(2026, 9, 2), False),
    ],
)
def test_equipment_is_covered_through_the_last_day_of_its_warranty(
    installed_on: date | None, warranty_until: date | None, covered: bool
) -> None:
    equipment = Equipment("E1", "A", "terminal", "sn", installed_on, warranty_until)
    expected = E.IN_WARRANTY if covered else E.OUT_OF_WARRANTY
    assert warranty_event(equipment, TODAY, TERMS) is expected


def test_work_without_equipment_needs_no_quote() -> None:
    assert warranty_event(None, TODAY, TERMS) is E.IN_WARRANTY
