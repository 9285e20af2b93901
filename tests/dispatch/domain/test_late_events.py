"""Events that come in late, out of order, twice, or that contradict what is on record."""

from dataclasses import replace
from itertools import permutations

import pytest

from dispatch.domain.events import EventKind as E
from dispatch.domain.life import order_state, visit_state
from dispatch.domain.life_errors import ContradictionError, IllegalStepError, MalformedEventError
from dispatch.domain.lifecycle import life_of, step
from dispatch.domain.transitions import State
from tests.dispatch.domain.lives import (
    DONE,
    ONE_VISIT,
    ORDER,
    TO_READY,
    VISITS,
    an_event,
    lived,
    minute,
)

S = State


def test_the_same_event_again_changes_nothing() -> None:
    life = lived(*TO_READY)
    again = replace(life.events[-1], recorded_at=minute(500))
    assert step(life, again) is life


def test_an_id_belongs_to_one_event() -> None:
    life = lived(*TO_READY)
    other = replace(life.events[-1], note="not the same")
    with pytest.raises(MalformedEventError, match="which is another event"):
        step(life, other)


def test_a_day_without_a_signal_comes_in_in_any_order() -> None:
    told = lived(*TO_READY, E.PUBLISHED)
    day = [an_event(k, 10 + n) for n, k in enumerate(DONE)]
    in_order = lived(*day, life=told)
    assert order_state(in_order) is S.READY  # V2 is left
    for order in permutations(day):
        life = told
        for event in order:
            life = step(life, event, late=True)
        assert life == in_order


def test_what_comes_from_the_field_too_early_waits_for_what_must_have_come_before() -> None:
    told = lived(*TO_READY, E.PUBLISHED)
    repaired, arrived = an_event(E.REPAIRED, 20), an_event(E.ARRIVED, 10)
    life = step(told, repaired, late=True)
    assert (life.waiting, visit_state(life, "V1")) == ((repaired,), S.PUBLISHED)
    life = step(life, arrived, late=True)
    assert (life.waiting, visit_state(life, "V1")) == ((), S.REPAIRED)
    with pytest.raises(IllegalStepError, match="published"):
        step(told, repaired)


def test_a_phone_whose_clock_is_slow_departs_before_the_plan_is_published() -> None:
    life = lived(*TO_READY, an_event(E.PUBLISHED, 10))
    life = step(life, an_event(E.DEPARTED, 9), late=True)
    assert visit_state(life, "V1") is S.UNDER_WAY


def test_the_desk_does_not_wait() -> None:
    with pytest.raises(IllegalStepError):
        step(lived(E.REPORTED), an_event(E.QUOTE_ACCEPTED, 5), late=True)


def test_a_late_event_that_would_have_been_legal_is_accepted() -> None:
    steps = (*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED, E.SIGNED_OFF, E.CLOSED)
    life = lived(*steps, life=ONE_VISIT)
    late = step(life, an_event(E.DEPARTED, minute(4), id="late"), late=True)
    assert late.order is S.CLOSED
    assert [e.id for e in late.events].count("late") == 1
    answered = step(life, an_event(E.RESPONDED, 0, id="answer"))
    assert [e.id for e in answered.events].index("answer") == 1


def test_a_late_event_that_contradicts_what_followed_is_refused_with_the_reason() -> None:
    closed = lived(*TO_READY, E.PUBLISHED, *DONE, E.CLOSED, life=ONE_VISIT)
    cancelled = an_event(E.CANCELLED, minute(3))
    with pytest.raises(ContradictionError) as error:
        step(closed, cancelled)
    assert error.value.event == cancelled
    assert error.value.recorded.kind is E.DEPARTED
    assert "'cancelled' at 2026-09-27 16:03:00+00:00 contradicts event" in error.value.message_en
    assert "'departed'" in error.value.message_en
    assert "“取消”" in error.value.message_zh


def test_what_happened_after_the_end_is_refused_however_late_it_comes() -> None:
    cancelled = lived(*TO_READY, E.PUBLISHED, E.CANCELLED)
    departed = step(cancelled, an_event(E.DEPARTED, minute(4)), late=True)
    assert visit_state(departed, "V1") is S.UNDER_WAY
    with pytest.raises(IllegalStepError, match="cancelled"):
        step(cancelled, an_event(E.ARRIVED, 9), late=True)


def test_a_plan_does_not_undo_what_had_begun_on_site_without_anybody_knowing() -> None:
    life = lived(*TO_READY, E.PUBLISHED, an_event(E.UNPUBLISHED, 20), an_event(E.PUBLISHED, 30))
    for kind, when in ((E.ARRIVED, 10), (E.REPAIRED, 25)):
        life = step(life, an_event(kind, when), late=True)
    assert visit_state(life, "V1") is S.REPAIRED


def test_a_gate_that_becomes_known_late_does_not_undo_what_people_were_told() -> None:
    life = lived(*TO_READY, E.PUBLISHED)
    life = step(life, an_event(E.PARTS_ASKED, minute(2), id="late"))
    assert visit_state(life, "V1") is S.PUBLISHED


def test_events_of_one_instant_are_taken_in_the_order_of_their_kinds() -> None:
    events = [an_event(kind, 0) for kind in (*TO_READY, E.PUBLISHED, *DONE, E.CLOSED)]
    assert life_of(ORDER, VISITS[:1], reversed(events)).order is S.CLOSED
