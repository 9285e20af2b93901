"""Any life with a fake clock: a desk that acts at once, and phones that send when they can.

``DISPATCH_LIFE_RUNS`` and ``DISPATCH_LIFE_STEPS`` set how many lives are lived and how long they
are: 200 and 500 take some minutes.
"""

import os
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatch.domain.clocks import clocks_of
from dispatch.domain.events import Event, Withdrawal
from dispatch.domain.events import EventKind as E
from dispatch.domain.life import Life, in_time, order_state
from dispatch.domain.life_errors import (
    ContradictionError,
    IllegalStepError,
    WithdrawalError,
)
from dispatch.domain.lifecycle import legal_kinds, life_of, step
from dispatch.domain.recorded import ended_at, visit_times, work_order_of
from dispatch.domain.transitions import FIELD, MOVES, OVER, STARTED, State, Track
from dispatch.domain.withdrawing import INSTEAD, withdraw
from dispatch.domain.work import ClockKind
from tests.builders import a_snapshot, clocks
from tests.dispatch.domain.lives import (
    BLANK,
    DONE,
    ORDER,
    TO_READY,
    VISITS,
    an_event,
    lived,
    minute,
)

VISIT_IDS = tuple(v.id for v in VISITS)
SNAPSHOT = a_snapshot(
    work_orders=[ORDER],
    sla_rules=clocks((ClockKind.RESPOND, minute(60)), (ClockKind.RESTORE, minute(1440))),
)
BEGINNINGS: tuple[tuple[E, ...], ...] = ((*TO_READY, E.PUBLISHED), TO_READY, (E.REPORTED,), ())
FORWARD = (
    *(E.CLOSED, E.REPORTED, E.ON_SITE_NEEDED, E.IN_WARRANTY),
    *(E.QUOTE_ACCEPTED, E.PARTS_THERE, E.RESUMED, E.PUBLISHED),
)
RAN_IN = (*DONE[:-1], E.RUN_IN_STARTED, E.RUN_IN_ENDED, E.SIGNED_OFF)
FAILED = (E.DEPARTED, E.ARRIVED, E.NO_FINDING, E.VISIT_FAILED)
visits = st.sampled_from(VISIT_IDS)
randoms = st.integers(0, 2**16).map(Random)


class Lives(RuleBasedStateMachine):
    """``known`` is what the desk knows; ``phones`` hold what it does not know yet."""

    @initialize(kinds=st.sampled_from(BEGINNINGS))
    def begin(self, kinds: tuple[E, ...]) -> None:
        self.now = len(kinds)
        self.number = 0
        self.known = lived(*kinds)
        self.phones: list[Event] = []
        self.was_over = False

    def _event(self, kind: E, visit_id: str) -> Event:
        self.number += 1
        self.now += 1
        of_visit = MOVES[kind].track is Track.VISIT
        return an_event(
            kind, self.now, id=f"{self.number:04}", visit_id=visit_id if of_visit else None
        )

    def _take(self, event: Event, *, late: bool) -> None:
        before = work_order_of(self.known)
        self.known = step(self.known, event, late=late)
        after = work_order_of(self.known)
        _only_earlier(before.responded_at, after.responded_at)
        _only_earlier(before.arrived_at, after.arrived_at)

    def _withdrawal(self, event: Event) -> Event:
        withdrawal = self._event(E.WITHDRAWN, "")
        return replace(withdrawal, details=Withdrawal(event.id))

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes

    @rule(rng=randoms, visit_id=visits)
    def the_desk_does_what_is_legal(self, rng: Random, visit_id: str) -> None:
        of_visit = legal_kinds(self.known, visit_id=visit_id)
        of_complaint = legal_kinds(self.known, complaint_id="C1")
        kinds = [*legal_kinds(self.known), *of_visit, *of_complaint]
        # Lives are to be long, and what the field records is left to the field.
        weights = [1 if k is E.CANCELLED or k in FIELD else 10 for k in kinds]
        if kinds:
            (kind,) = rng.choices(kinds, weights)
            event, before = self._event(kind, visit_id), self.known
            self._take(event, late=False)
            assert event in self.known.events
            if kind not in INSTEAD and before.waiting == self.known.waiting:
                undone = withdraw(self.known, event, self._withdrawal(event))
                assert _told(undone) == _told(before)

    @rule(visit_id=visits)
    def the_desk_gets_on(self, visit_id: str) -> None:
        legal = {*legal_kinds(self.known), *legal_kinds(self.known, visit_id=visit_id)}
        kind = next((k for k in FORWARD if k in legal), None)
        if kind is not None:
            self._take(self._event(kind, visit_id), late=False)

    @rule(kind=st.sampled_from(E), visit_id=visits)
    def the_desk_tries_anything(self, kind: E, visit_id: str) -> None:
        legal = {
            Track.VISIT: legal_kinds(self.known, visit_id=visit_id),
            Track.COMPLAINT: legal_kinds(self.known, complaint_id="C1"),
        }.get(MOVES[kind].track, legal_kinds(self.known))
        event = self._event(kind, visit_id)
        if kind in legal:
            self._take(event, late=False)
        else:
            with pytest.raises(IllegalStepError) as error:
                step(self.known, event)
            assert error.value.legal == legal

    @rule(kinds=st.lists(st.sampled_from(sorted(FIELD)), max_size=3), visit_id=visits)
    def a_technician_records_anything(self, kinds: list[E], visit_id: str) -> None:
        self.phones += [self._event(kind, visit_id) for kind in kinds]

    @precondition(lambda self: self._published())
    @rule(
        kinds=st.sampled_from((DONE, RAN_IN, FAILED)),
        missing=st.sampled_from((None, None, *sorted(FIELD))),
    )
    def a_technician_works_without_a_signal(self, kinds: tuple[E, ...], missing: E | None) -> None:
        visit_id = self._published()[0]
        self.phones += [self._event(kind, visit_id) for kind in kinds if kind is not missing]

    def _published(self) -> list[str]:
        return [v for v in VISIT_IDS if self.known.on(Track.VISIT, v) is State.PUBLISHED]

    @precondition(lambda self: self.phones)
    @rule(rng=randoms)
    def a_phone_has_a_signal_again(self, rng: Random) -> None:
        while self.phones:
            self.a_phone_sends_an_event(rng)

    @precondition(lambda self: self.phones)
    @rule(rng=randoms)
    def a_phone_sends_an_event(self, rng: Random) -> None:
        event = self.phones.pop(rng.randrange(len(self.phones)))
        try:
            self._take(event, late=True)
        except (IllegalStepError, ContradictionError):
            assert event not in (*self.known.events, *self.known.waiting)
        else:
            assert event in (*self.known.events, *self.known.waiting)
            over_at = ended_at(self.known)
            assert over_at is None or event.happened_at <= over_at

    @precondition(lambda self: self.known.events)
    @rule(rng=randoms)
    def a_phone_sends_twice(self, rng: Random) -> None:
        assert step(self.known, rng.choice(self.known.events), late=True) is self.known

    @precondition(lambda self: self.known.events)
    @rule(rng=randoms)
    def a_mistake_is_withdrawn(self, rng: Random) -> None:
        """Nothing else changes its effect, or it is refused."""
        before = self.known
        event = rng.choice((*before.events, *before.waiting))
        withdrawal = self._withdrawal(event)
        try:
            self.known = withdraw(before, event, withdrawal)
        except WithdrawalError:
            return
        others = [e for e in (*before.events, *before.waiting) if e not in self.known.withdrawn]
        assert len(others) == len(before.events) + len(before.waiting) - 1
        assert _told(self.known) == _told(life_of(ORDER, VISITS, others))
        assert set(before.events) - {event} <= set(self.known.events)
        assert withdraw(self.known, event, withdrawal) is self.known
        assert step(self.known, event, late=True) is self.known
        self.was_over = self.known.order in OVER

    @rule(rng=randoms)
    def any_order_of_arrival_gives_the_same_life(self, rng: Random) -> None:
        """The desk enters its events one after the other, the field's come whenever they like;
        what is refused is offered again."""
        known = list(self.known.known)
        rng.shuffle(known)
        assert life_of(ORDER, VISITS, known) == self.known
        if self.known.withdrawals:  # what was published since may not be any more
            return
        events = [*self.known.events, *self.known.waiting]
        rng.shuffle(events)
        desk = iter(sorted((e for e in events if e.kind not in FIELD), key=in_time))
        again, left = BLANK, [e if e.kind in FIELD else next(desk) for e in events]
        while left:
            again, refused = _offered(again, left)
            assert len(refused) < len(left), "nothing more is let in"
            left = refused
        assert again == self.known

    @precondition(lambda self: self.known.order in OVER and not self.phones)
    @rule()
    def another_life_begins(self) -> None:
        self.begin(TO_READY)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        over = self.known.order in OVER
        assert over or not self.was_over
        assert (ended_at(self.known) is not None) is over
        self.was_over = over

    @invariant()
    def gates_open_one_at_a_time_and_pass_after_they_opened(self) -> None:
        gates = work_order_of(self.known).gates
        opened = [g.kind for g in gates if g.passed_at is None]
        assert len(opened) == len(set(opened))
        assert all(g.passed_at is None or g.opened_at < g.passed_at for g in gates)
        assert not (opened and self.known.order in OVER)

    @invariant()
    def clocks_are_due_after_their_length_at_the_earliest(self) -> None:
        order = work_order_of(self.known)
        respond, restore = clocks_of(SNAPSHOT, order)
        assert (respond.due_at - order.reported_at).total_seconds() >= 60 * 60
        assert (restore.due_at - order.reported_at).total_seconds() >= 24 * 60 * 60

    @invariant()
    def states_agree_with_the_record(self) -> None:
        order, state = work_order_of(self.known), order_state(self.known)
        if state in (State.REPAIRED, State.RUN_IN, State.RAN_IN, State.SIGNED_OFF, State.SOLVED):
            assert order.restored_at is not None
        if state in STARTED[1:]:
            assert order.arrived_at is not None
        for visit in VISITS:
            times, on = visit_times(self.known, visit.id), self.known.on(Track.VISIT, visit.id)
            assert times.started_at or on not in STARTED[1:]
            assert times.repaired_at or on is not State.SIGNED_OFF


def _told(life: Life) -> tuple[object, ...]:
    """All that a life says."""
    return life.events, life.waiting, dict(life.states), order_state(life), work_order_of(life)


def _only_earlier(before: datetime | None, after: datetime | None) -> None:
    assert before is None or (after is not None and after <= before)


def _offered(life: Life, events: list[Event]) -> tuple[Life, list[Event]]:
    """The life with those events that it lets in, and those that it refuses."""
    refused = []
    for event in events:
        try:
            life = step(life, event, late=True)
        except (IllegalStepError, ContradictionError):
            refused.append(event)
    return life, refused


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=int(os.environ.get("DISPATCH_LIFE_RUNS", "25")),
    stateful_step_count=int(os.environ.get("DISPATCH_LIFE_STEPS", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
