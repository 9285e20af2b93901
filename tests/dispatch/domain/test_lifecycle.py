from dataclasses import replace
from datetime import datetime

import pytest

from dispatch.domain.events import (
    DETAILS,
    EmergencyPlan,
    EmergencyReason,
    Event,
    Expectation,
    FailureReason,
    Measure,
    PartsAsked,
    PartUsed,
    Quote,
    Repair,
    Satisfaction,
)
from dispatch.domain.events import (
    EventKind as E,
)
from dispatch.domain.life import Life, open_emergency, order_state, visit_state
from dispatch.domain.life_errors import (
    IllegalStepError,
    MalformedEventError,
)
from dispatch.domain.life_texts import EMERGENCIES, EVENTS, FAILURES, MEASURES, STATES
from dispatch.domain.lifecycle import field_steps, legal_kinds, step
from dispatch.domain.parts import PartQuantity
from dispatch.domain.transitions import FIELD, MOVES, State, Track
from tests.dispatch.domain.lives import (
    BLANK,
    DONE,
    GIVEN,
    ON_SITE,
    ONE_VISIT,
    TO_READY,
    VISITS,
    an_event,
    in_turn,
    lived,
    minute,
)

S = State


def states_along(*steps: E | Event, life: Life = ONE_VISIT) -> list[S]:
    """The state that lists show after each step."""
    states = []
    for event in in_turn(*steps):
        life = step(life, event)
        states.append(order_state(life))
    return states


# ------------------------------------------------------------------------------- the whole way


def test_the_whole_way_from_the_report_to_the_end() -> None:
    assert states_along(*TO_READY, E.PUBLISHED, *DONE, E.CLOSED) == [
        S.REPORTED,
        S.DIAGNOSED,
        S.READY,
        S.PUBLISHED,
        S.UNDER_WAY,
        S.ON_SITE,
        S.ON_SITE,
        S.REPAIRED,
        S.SIGNED_OFF,
        S.CLOSED,
    ]


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        ([E.REPORTED, E.RESPONDED], [S.REPORTED, S.REPORTED]),
        (
            [E.REPORTED, E.SOLVED_REMOTELY, E.CLOSED],
            [S.REPORTED, S.SOLVED, S.CLOSED],
        ),
        (
            [E.REPORTED, E.SOLVED_REMOTELY, E.ON_SITE_NEEDED, E.IN_WARRANTY],
            [S.REPORTED, S.SOLVED, S.DIAGNOSED, S.READY],
        ),
        ([E.REPORTED, E.DIAGNOSIS_SKIPPED, E.IN_WARRANTY], [S.REPORTED, S.DIAGNOSED, S.READY]),
        (
            [E.REPORTED, E.ON_SITE_NEEDED, E.OUT_OF_WARRANTY, E.QUOTE_ASKED, E.QUOTE_ACCEPTED],
            [S.REPORTED, S.DIAGNOSED, S.QUOTE_NEEDED, S.QUOTED, S.READY],
        ),
        (
            [*TO_READY, E.QUOTE_ASKED, E.QUOTE_REFUSED, E.QUOTE_ASKED, E.QUOTE_REFUSED, E.CLOSED],
            [
                S.REPORTED,
                S.DIAGNOSED,
                S.READY,
                S.QUOTED,
                S.QUOTE_REFUSED,
                S.QUOTED,
                S.QUOTE_REFUSED,
                S.CLOSED,
            ],
        ),
        (
            [*TO_READY, E.PARTS_ASKED, E.PARTS_THERE],
            [S.REPORTED, S.DIAGNOSED, S.READY, S.WAITING_FOR_PARTS, S.READY],
        ),
        (
            [*TO_READY, E.PUBLISHED, E.UNPUBLISHED, E.CANCELLED],
            [S.REPORTED, S.DIAGNOSED, S.READY, S.PUBLISHED, S.READY, S.CANCELLED],
        ),
        (
            [*TO_READY, E.PUBLISHED, E.VISIT_FAILED],
            [S.REPORTED, S.DIAGNOSED, S.READY, S.PUBLISHED, S.FOLLOW_UP],
        ),
        ([*TO_READY, E.PAUSED, E.RESUMED], [S.REPORTED, S.DIAGNOSED, *[S.READY] * 3]),
    ],
)
def test_the_state_after_each_step(steps: list[E], states: list[S]) -> None:
    assert states_along(*steps) == states


def test_an_order_is_done_once_all_of_its_visits_are() -> None:
    signed = (*TO_READY, E.PUBLISHED, *DONE)
    assert order_state(lived(*signed)) is S.READY
    with pytest.raises(IllegalStepError, match="a visit is not over"):
        lived(*signed, E.CLOSED)
    dropped = an_event(E.VISIT_DROPPED, len(signed), visit_id="V2")
    assert order_state(lived(*signed, dropped)) is S.SIGNED_OFF
    assert order_state(lived(*signed, dropped, E.CLOSED)) is S.CLOSED


def test_only_a_visit_that_nobody_was_told_of_can_be_dropped() -> None:
    with pytest.raises(IllegalStepError, match="published"):
        lived(*TO_READY, E.PUBLISHED, E.VISIT_DROPPED)
    with pytest.raises(IllegalStepError, match="dropped"):
        lived(*TO_READY, E.VISIT_DROPPED, E.PUBLISHED)


def test_a_run_in_comes_before_the_sign_off() -> None:
    kinds = (*ON_SITE, E.REPAIRED, E.RUN_IN_STARTED, E.RUN_IN_ENDED, E.SIGNED_OFF)
    steps = [an_event(k, 4 + n, visit_id="V2") for n, k in enumerate((E.PUBLISHED, *kinds))]
    life = replace(BLANK, visits=VISITS[1:])
    assert states_along(*TO_READY, *steps, life=life)[-4:] == [
        S.REPAIRED,
        S.RUN_IN,
        S.RAN_IN,
        S.SIGNED_OFF,
    ]
    with pytest.raises(IllegalStepError, match=r"repaired, the run-in has not ended\. Possible"):
        lived(*TO_READY, *steps[:4], steps[-1])


def test_equipment_that_fails_in_its_run_in_is_repaired_again() -> None:
    steps = (*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED, E.RUN_IN_STARTED, E.REPAIRED)
    assert order_state(lived(*steps)) is S.REPAIRED


def test_another_member_of_a_crew_may_arrive_later() -> None:
    steps = (*TO_READY, E.PUBLISHED, *ON_SITE, E.REPAIRED, *ON_SITE)
    assert order_state(lived(*steps)) is S.REPAIRED


def test_a_failed_visit_is_followed_by_another_one() -> None:
    failed = (*TO_READY, E.PUBLISHED, E.DEPARTED, E.VISIT_FAILED)
    life = replace(BLANK, visits=(VISITS[0], replace(VISITS[1], run_in_s=0)))
    assert order_state(lived(*failed, life=life)) is S.READY
    kinds = (E.PUBLISHED, *DONE)
    again = [an_event(k, 10 + n, visit_id="V2") for n, k in enumerate(kinds)]
    assert order_state(lived(*failed, *again, life=life)) is S.SIGNED_OFF
    assert order_state(lived(*failed, *again, an_event(E.CLOSED, 20), life=life)) is S.CLOSED


def test_lists_show_the_visit_that_is_furthest_on() -> None:
    other = an_event(E.PUBLISHED, 3, visit_id="V2")
    assert order_state(lived(*TO_READY, other)) is S.PUBLISHED
    assert order_state(lived(*TO_READY, other, E.PUBLISHED, *ON_SITE)) is S.ON_SITE
    arrived = an_event(E.ARRIVED, 7, visit_id="V2")
    repaired = an_event(E.REPAIRED, 8, visit_id="V2")
    steps = (*TO_READY, other, E.PUBLISHED, *ON_SITE, arrived, repaired)
    assert order_state(lived(*steps)) is S.REPAIRED


def test_a_quote_may_still_be_needed_when_somebody_is_on_site() -> None:
    steps = (*TO_READY, E.PUBLISHED, *ON_SITE, E.QUOTE_ASKED)
    life = lived(*steps)
    assert (life.order, order_state(life)) == (S.QUOTED, S.ON_SITE)
    signed = (*steps, E.REPAIRED, E.SIGNED_OFF)
    assert E.CLOSED not in legal_kinds(lived(*signed, life=ONE_VISIT))
    assert E.CLOSED in legal_kinds(lived(*signed, E.QUOTE_ACCEPTED, life=ONE_VISIT))


def test_an_emergency_plan_is_open_until_it_is_closed_or_the_order_is_over() -> None:
    plan = EmergencyPlan(EmergencyReason.NOT_RESTORED, (Measure.REPLACEMENT_UNIT,))
    opened = an_event(E.EMERGENCY_OPENED, 4, details=plan)
    steps = (*TO_READY, an_event(E.EMERGENCY_OPENED, 3), opened)
    assert open_emergency(lived(*TO_READY)) is None
    assert open_emergency(lived(*steps)) == opened
    assert open_emergency(lived(*steps, E.EMERGENCY_CLOSED)) is None
    assert open_emergency(lived(*steps, E.CANCELLED)) is None


# -------------------------------------------------------------------------------- illegal steps

ANY_TIME = {E.PARTS_ASKED, E.PAUSED, E.EMERGENCY_OPENED, E.CANCELLED, E.RESPONDED}
SITE = {E.DEPARTED, E.ARRIVED, E.VISIT_FAILED}


@pytest.mark.parametrize(
    ("steps", "of_order", "of_visit"),
    [
        ([], {E.REPORTED}, set()),
        (
            [E.REPORTED],
            {E.SOLVED_REMOTELY, E.ON_SITE_NEEDED, E.DIAGNOSIS_SKIPPED, *ANY_TIME},
            {E.VISIT_DROPPED},
        ),
        (
            [E.REPORTED, E.SOLVED_REMOTELY],
            {E.ON_SITE_NEEDED, E.CLOSED, E.SATISFACTION_CALLED, *ANY_TIME},
            {E.PUBLISHED, E.VISIT_DROPPED},
        ),
        ([*TO_READY[:2]], {E.IN_WARRANTY, E.OUT_OF_WARRANTY, *ANY_TIME}, {E.VISIT_DROPPED}),
        ([*TO_READY[:2], E.OUT_OF_WARRANTY], {E.QUOTE_ASKED, *ANY_TIME}, {E.VISIT_DROPPED}),
        (
            [*TO_READY, E.QUOTE_ASKED],
            {E.QUOTE_ASKED, E.QUOTE_ACCEPTED, E.QUOTE_REFUSED, *ANY_TIME},
            {E.VISIT_DROPPED},
        ),
        (
            [*TO_READY, E.QUOTE_ASKED, E.QUOTE_REFUSED],
            {E.QUOTE_ASKED, E.CLOSED, *ANY_TIME},
            {E.VISIT_DROPPED},
        ),
        ([*TO_READY], {E.QUOTE_ASKED, *ANY_TIME}, {E.PUBLISHED, E.VISIT_DROPPED}),
        ([*TO_READY, E.PARTS_ASKED], {E.QUOTE_ASKED, E.PARTS_THERE, *ANY_TIME}, {E.VISIT_DROPPED}),
        ([*TO_READY, E.PAUSED], {E.QUOTE_ASKED, E.RESUMED, *ANY_TIME}, {E.VISIT_DROPPED}),
        (
            [*TO_READY, E.EMERGENCY_OPENED],
            {E.QUOTE_ASKED, E.EMERGENCY_CLOSED, *ANY_TIME},
            {E.PUBLISHED, E.VISIT_DROPPED},
        ),
        (
            [*TO_READY, E.PUBLISHED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED, *SITE},
        ),
        (
            [*TO_READY, E.PUBLISHED, E.DEPARTED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED, *SITE},
        ),
        (
            [*TO_READY, E.PUBLISHED, E.ARRIVED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED, E.FOUND, E.NO_FINDING, E.REPAIRED, *SITE},
        ),
        (
            [*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED, E.REPAIRED, E.RUN_IN_STARTED, E.SIGNED_OFF, *SITE},
        ),
        (
            [*TO_READY, E.PUBLISHED, E.ARRIVED, E.REPAIRED, E.RUN_IN_STARTED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED, E.REPAIRED, E.RUN_IN_ENDED, *SITE},
        ),
        (
            [*TO_READY, E.PUBLISHED, *DONE],
            {E.QUOTE_ASKED, E.CLOSED, E.SATISFACTION_CALLED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED},
        ),
        (
            [*TO_READY, E.PUBLISHED, E.VISIT_FAILED],
            {E.QUOTE_ASKED, *ANY_TIME},
            {E.PUBLISHED, E.UNPUBLISHED},
        ),
        (
            [*TO_READY, E.PUBLISHED, *DONE, E.CLOSED],
            {E.SATISFACTION_CALLED},
            {E.UNPUBLISHED},
        ),
        ([*TO_READY, E.PUBLISHED, E.CANCELLED], set(), {E.UNPUBLISHED}),
    ],
)
def test_what_is_not_legal_is_refused_and_what_is_legal_is_named(
    steps: list[E], of_order: set[E], of_visit: set[E]
) -> None:
    life = lived(*steps, life=ONE_VISIT)
    complaints = {E.COMPLAINT_RECEIVED} if steps else set()
    assert set(legal_kinds(life)) == of_order
    assert set(legal_kinds(life, visit_id="V1")) == of_visit
    assert set(legal_kinds(life, complaint_id="C1")) == complaints
    for kind in E:
        event = an_event(kind, len(steps))
        if kind in of_order | of_visit | complaints:
            assert event in step(life, event).events
        else:
            with pytest.raises(IllegalStepError) as error:
                step(life, event)
            tracks = {Track.VISIT: of_visit, Track.COMPLAINT: complaints}
            assert set(error.value.legal) == tracks.get(MOVES[kind].track, of_order)


def test_a_refusal_says_what_was_tried_the_state_and_what_is_legal() -> None:
    with pytest.raises(IllegalStepError) as error:
        lived(E.REPORTED, E.QUOTE_ACCEPTED)
    assert error.value.message_en == (
        "Work order W1: 'quote accepted' at 2026-09-27 16:01:00+00:00 is not possible: reported."
        " Possible then: responded, solved remotely, on-site visit needed, diagnosis skipped,"
        " parts asked for, paused, emergency plan opened, cancelled."
    )
    assert error.value.message_zh == (
        "派工单 W1：“客户接受报价”（2026-09-27 16:01:00+00:00）不可行：已报修。"
        "当时可行：响应、远程解决、需要上门、免远程诊断、申请备件、暂停、启动应急预案、取消。"
    )


def test_a_gate_that_nobody_knows_the_end_of_keeps_a_visit_from_being_published() -> None:
    with pytest.raises(IllegalStepError, match="a gate is open and nobody knows until when"):
        lived(*TO_READY, E.PARTS_ASKED, E.PUBLISHED)
    expected = an_event(E.PARTS_ASKED, 3, details=PartsAsked((), minute(90)))
    life = lived(*TO_READY, expected, an_event(E.PUBLISHED, 4))
    assert visit_state(life, "V1") is S.PUBLISHED
    assert order_state(life) is S.WAITING_FOR_PARTS
    diagnosis = an_event(E.REPORTED, 0, details=Expectation(minute(30)))
    assert visit_state(lived(diagnosis, E.PUBLISHED), "V1") is S.PUBLISHED


def test_an_order_is_not_closed_while_somebody_is_told_to_come() -> None:
    other = an_event(E.PUBLISHED, 20, visit_id="V2")
    with pytest.raises(IllegalStepError, match="a visit is not over or the last one"):
        lived(*TO_READY, E.PUBLISHED, *DONE, other, an_event(E.CLOSED, 21))
    with pytest.raises(IllegalStepError, match="a visit is not over or the last one"):
        lived(*TO_READY, E.PUBLISHED, E.VISIT_FAILED, E.CLOSED)


def test_a_call_needs_something_to_be_satisfied_with() -> None:
    with pytest.raises(IllegalStepError, match="nothing was signed off or solved"):
        lived(*TO_READY, E.PUBLISHED, E.SATISFACTION_CALLED)


def test_each_complaint_goes_its_own_way() -> None:
    received = (E.REPORTED, E.COMPLAINT_RECEIVED)
    life = lived(*received, E.COMPLAINT_HANDED_OVER, E.COMPLAINT_ANSWERED, E.COMPLAINT_CLOSED)
    assert life.on(Track.COMPLAINT, "C1") is S.SETTLED
    assert legal_kinds(life, complaint_id="C1") == ()
    assert legal_kinds(life, complaint_id="C2") == (E.COMPLAINT_RECEIVED,)
    assert E.COMPLAINT_ANSWERED in legal_kinds(lived(*received), complaint_id="C1")
    with pytest.raises(IllegalStepError, match="received"):
        lived(*received, E.COMPLAINT_CLOSED)


def test_an_order_that_is_over_takes_complaints() -> None:
    over = (E.REPORTED, E.CANCELLED, E.COMPLAINT_RECEIVED)
    assert lived(*over).on(Track.COMPLAINT, "C1") is S.RECEIVED


# ------------------------------------------------------------------- what cannot be an event of it


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (an_event(E.RESPONDED, 1, work_order_id="W2"), "life of work order W1"),
        (an_event(E.ARRIVED, 1, visit_id="V9"), "one of the visits: V1, V2"),
        (an_event(E.ARRIVED, 1, visit_id=None), "one of the visits: V1, V2"),
        (an_event(E.RESPONDED, 1, visit_id="V1"), "name no visit"),
        (an_event(E.RESPONDED, 1, details=Expectation()), "of type NoneType, not Expectation"),
        (an_event(E.QUOTE_ASKED, 1, details=None), "of type Quote, not NoneType"),
        (an_event(E.QUOTE_ASKED, 1, details=Quote(-1)), "amount -1 fen is negative"),
        (an_event(E.SATISFACTION_CALLED, 1, details=Satisfaction(6)), "score 6 is not from 1"),
        (an_event(E.SATISFACTION_CALLED, 1, details=Satisfaction(0)), "score 0 is not from 1"),
        (an_event(E.REPAIRED, 1, details=Repair((PartUsed("p", 0),))), "0 of part p"),
        (an_event(E.PARTS_ASKED, 1, details=PartsAsked((PartQuantity("p", -2),))), "-2 of part p"),
        (an_event(E.PAUSED, 1, details=Expectation(datetime(2026, 9, 28))), "has no time zone"),  # noqa: DTZ001
    ],
)
def test_a_malformed_event_is_refused(event: Event, says: str) -> None:
    with pytest.raises(MalformedEventError, match=says) as error:
        step(lived(*TO_READY), event, late=True)
    assert error.value.event == event


# ------------------------------------------------------------------------------------- the words


def test_every_kind_and_state_has_a_place_in_the_table_and_words() -> None:
    assert set(MOVES) == set(EVENTS) == set(E)
    assert set(STATES) == set(S)
    assert set(FAILURES) == set(FailureReason)
    assert set(EMERGENCIES) == set(EmergencyReason)
    assert set(MEASURES) == set(Measure)
    assert set(GIVEN) == set(DETAILS)
    assert all(type(GIVEN[kind]) is DETAILS[kind] for kind in DETAILS)


# ---------------------------------------------------------------------------- the way on a phone


def test_steps_without_a_signal_are_those_that_the_record_allows() -> None:
    """From every state that a visit comes to, the steps from there are the legal field events that
    change something, and each leads to where its event does."""
    for run_in_s in (0, 3600):
        visit = replace(ONE_VISIT.visits[0], run_in_s=run_in_s)
        life = lived(*TO_READY, E.PUBLISHED, life=replace(BLANK, visits=(visit,)))
        steps = field_steps(life, visit.id)
        run_in = (E.RUN_IN_STARTED, E.RUN_IN_ENDED) if run_in_s else ()
        for minutes, kind in enumerate((*ON_SITE, E.REPAIRED, *run_in, E.SIGNED_OFF), start=10):
            state = visit_state(life, visit.id)
            own = {s.kind: s.end for s in steps if s.start is state}
            unmoved = {k for k in FIELD if state in MOVES[k].unmoved}
            assert own.keys() == {k for k in legal_kinds(life, visit.id) if k in FIELD} - unmoved
            life = step(life, an_event(kind, minutes))
            assert own[kind] is visit_state(life, visit.id)
        assert not [s for s in steps if s.start is S.SIGNED_OFF]
