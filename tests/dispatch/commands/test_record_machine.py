"""The whole life of work orders in a database, with a fake clock: desk, phones, stock, planner.

``DISPATCH_RECORD_RUNS`` and ``DISPATCH_RECORD_STEPS`` set how many lives are lived and how long
they are: 200 and 500 take most of an hour.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.commands.recording import Recorded, open_emergencies, record
from dispatch.commands.recording_errors import RecordingError
from dispatch.commands.reservations import reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import receive, transfer
from dispatch.commands.stock_errors import ShortageError, StockError
from dispatch.commands.stock_picks import Units
from dispatch.commands.tickets import NewTicket, VisitNeeds, contain, take_ticket
from dispatch.commands.withdrawing import Mistake, withdraw_event
from dispatch.domain.events import Event, PartUsed, Repair, ReturnedUnit
from dispatch.domain.events import EventKind as E
from dispatch.domain.life import Life, in_time
from dispatch.domain.life_errors import LifeError
from dispatch.domain.lifecycle import legal_kinds
from dispatch.domain.transitions import FIELD, MOVES, OVER, SHOWN, State, Track
from dispatch.domain.work import Priority, Ticket
from dispatch.store import queries_work
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.mapping_life import lives_of
from dispatch.store.queries_stock import Place
from dispatch.store.rows_log import EventRow
from dispatch.store.rows_parts import BalanceRow, MovementKind, MovementRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow
from tests.databases import Files
from tests.dispatch.commands.records import assert_derived, found, minute
from tests.dispatch.domain.lives import DONE, GIVEN

_T = TypeVar("_T")
ORDERS = ("W1", "W2", "W3")
FORWARD = (E.CLOSED, E.ON_SITE_NEEDED, E.QUOTE_ACCEPTED, E.PARTS_THERE, E.RESUMED, E.PUBLISHED)
WORK = (DONE, (E.DEPARTED, E.ARRIVED, E.NO_FINDING, E.VISIT_FAILED))
orders = st.sampled_from(ORDERS)
randoms = st.integers(0, 2**16).map(Random)
REPAIRS = (
    Repair(),
    Repair((PartUsed("camera"),)),
    Repair((PartUsed("camera", 2), PartUsed("sim")), (ReturnedUnit("camera"),)),
)


class Records(RuleBasedStateMachine):
    """``phones`` hold what the record does not know yet; ``over`` what has been seen to be over."""

    files: Files

    @initialize()
    def begin(self) -> None:
        self.database = Database(self.files.new())
        found(self.database)
        self.now = 1
        self.number = 0
        self.phones: list[Event] = []
        self.sent: list[Event] = []
        self.over: dict[str, tuple[State, str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "database"):
            assert check(self.database) == ()
            self.database.close()

    # ------------------------------------------------------------------------------- pieces

    def _do(self, command: Callable[[Session], _T]) -> _T:
        self.now += 1
        with self.database.writing() as session:
            return command(session)

    def _life(self, order: str) -> Life | None:
        with self.database.reading() as session:
            lives = lives_of(queries_work.life_rows(session, (order,)))
        return lives[0] if lives else None

    def _event(self, kind: E, order: str, visit_id: str | None, rng: Random) -> Event:
        self.number += 1
        self.now += 1
        now = minute(self.now)
        details = rng.choice(REPAIRS) if kind is E.REPAIRED else GIVEN.get(kind)
        of_visit = visit_id if MOVES[kind].track is Track.VISIT else None
        return Event(f"{self.number:05}", kind, order, now, now, "T1", of_visit, details)

    def _record(self, event: Event, *, late: bool = False) -> Recorded:
        at = minute(self.now)
        outcome = self._do(lambda s: record(s, event, event.by, at, late=late))
        self.sent.append(event)
        return outcome

    def _desk(self, event: Event) -> None:
        """Parts that are not on the van are a matter of stock, not of the life."""
        try:
            self._record(event)
        except ShortageError:
            self._record(replace(event, details=Repair()))

    # -------------------------------------------------------------------------------- rules

    @rule(order=orders, equipment=st.sampled_from(("E1", "E2")), rng=randoms)
    def a_ticket_comes_in(self, order: str, equipment: str, rng: Random) -> None:
        known = self._life(order)
        at = minute(self.now)
        new = NewTicket(
            Ticket(order, at, "phone", "dark"),
            equipment_id=equipment,
            priority=rng.choice(list(Priority)),
            visits=(VisitNeeds(run_in_s=rng.choice((0, 60))),) * rng.randint(1, 2),
            skip_diagnosis=rng.random() < 0.5,
        )
        taken = self._do(lambda s: take_ticket(s, new, "desk", at))
        assert taken.again is (known is not None)

    @rule(minutes=st.integers(1, 300))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes

    @rule(order=orders, rng=randoms)
    def the_desk_does_what_is_legal(self, order: str, rng: Random) -> None:
        life = self._life(order)
        if life is None:
            return
        visit_id = rng.choice(life.visits).id
        kinds = [
            *legal_kinds(life),
            *legal_kinds(life, visit_id=visit_id),
            *legal_kinds(life, complaint_id="C1"),
        ]
        weights = [1 if k is E.CANCELLED or k in FIELD else 10 for k in kinds]
        if kinds:
            (kind,) = rng.choices(kinds, weights)
            self._desk(self._event(kind, order, visit_id, rng))

    @rule(order=orders, rng=randoms)
    def the_desk_gets_on(self, order: str, rng: Random) -> None:
        life = self._life(order)
        for visit in life.visits if life else ():
            legal = {*legal_kinds(life), *legal_kinds(life, visit_id=visit.id)}  # type: ignore[arg-type]
            kind = next((k for k in FORWARD if k in legal), None)
            if kind is not None:
                self._record(self._event(kind, order, visit.id, rng))
                return

    @rule(order=orders, kind=st.sampled_from(E), rng=randoms)
    def the_desk_tries_anything(self, order: str, kind: E, rng: Random) -> None:
        life = self._life(order)
        visit_id = rng.choice(life.visits).id if life else "V"
        event = self._event(kind, order, visit_id, rng)
        before = self._events()
        try:
            self._record(event)
        except (LifeError, RecordingError, StockError):
            assert self._events() == before
        else:
            assert self._events() > before

    def _events(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(EventRow)) or 0

    @rule(order=orders, kinds=st.sampled_from(WORK), rng=randoms)
    def a_technician_works_without_a_signal(
        self, order: str, kinds: tuple[E, ...], rng: Random
    ) -> None:
        life = self._life(order)
        told = [
            v.id
            for v in (life.visits if life else ())
            if life and life.on(Track.VISIT, v.id) is State.PUBLISHED
        ]
        if told:
            self.phones += [self._event(kind, order, told[0], rng) for kind in kinds]

    @precondition(lambda self: self.phones)
    @rule(rng=randoms)
    def a_phone_has_a_signal_again(self, rng: Random) -> None:
        rng.shuffle(self.phones)
        while self.phones:
            event = self.phones.pop()
            outcome = self._record(event, late=True)
            life = self._life(event.work_order_id)
            assert life is not None
            known = {e.id for e in life.known}
            with self.database.reading() as session:
                kept = [k["event"]["id"] for _, k in queries_work.refused_page(session, 0, 9999)]
            assert (event.id in known) or (event.id in kept)
            assert outcome.refused is None or event.id in kept

    @precondition(lambda self: self.sent)
    @rule(rng=randoms)
    def something_is_sent_twice(self, rng: Random) -> None:
        before = self._events()
        event = rng.choice(self.sent)
        self._record(event, late=True)
        self.sent.pop()
        assert self._events() - before <= 1  # what was refused may fit by now

    @rule(order=orders, rng=randoms)
    def a_mistake_is_withdrawn(self, order: str, rng: Random) -> None:
        life = self._life(order)
        if life is None or not life.known:
            return
        # What happened last is taken back most often, as people do.
        event = rng.choice((rng.choice(life.known), *life.events[-2:]))
        self.number += 1
        now = minute(self.now)
        mistake = Mistake(f"{self.number:05}", order, event.id, now, "T1", "a slip")
        before = self._events()
        try:
            outcome = self._do(lambda s: withdraw_event(s, mistake, "desk", now))
        except (LifeError, RecordingError, StockError):
            assert self._events() == before
            return
        after = self._life(order)
        assert after is not None
        assert event.id in {e.id for e in after.withdrawn}
        assert outcome.again is (self._events() == before)
        if after.order not in OVER:
            self.over.pop(order, None)

    @rule()
    def the_clock_opens_emergency_plans(self) -> None:
        at = minute(self.now)
        opened = self._do(lambda s: open_emergencies(s, "clock", at))
        assert self._do(lambda s: open_emergencies(s, "clock", at)) == ()
        for outcome in opened:
            life = self._life(outcome.work_order_id)
            assert life is not None
            assert life.on(Track.EMERGENCY) is State.EMERGENCY

    @rule(order=orders)
    def somebody_is_sent_first(self, order: str) -> None:
        at = minute(self.now)
        try:
            made = self._do(lambda s: contain(s, order, "desk", at))
        except RecordingError:
            return
        life = self._life(order)
        assert life is not None
        assert made.visit_id in life.visit

    @rule(part=st.sampled_from(("camera", "sim")), quantity=st.integers(1, 3))
    def parts_come_and_go_on_the_van(self, part: str, quantity: int) -> None:
        self.number += 1
        at, lot, units = minute(self.now), f"L{self.number}", Units(part, quantity)
        base, van = Place(station_id="S1"), Place(technician_id="T1")
        self._do(lambda s: receive(s, lot, units, base, "depot", at))
        self._do(lambda s: transfer(s, units, base, van, "depot", at))

    @rule(order=orders, rng=randoms)
    def parts_are_reserved_on_the_van(self, order: str, rng: Random) -> None:
        life = self._life(order)
        if life is None:
            return
        want = Want(rng.choice(life.visits).id, "camera", 1, Place(technician_id="T1"))
        at = minute(self.now)
        with suppress(StockError):
            self._do(lambda s: reserve(s, [want], minute(self.now + 60), "desk", at))

    # --------------------------------------------------------------------------- invariants

    @invariant()
    def the_columns_say_what_the_events_say(self) -> None:
        if hasattr(self, "database"):
            with self.database.reading() as session:
                for life in assert_derived(session):
                    self._stays_over(life, session.get_one(WorkOrderRow, life.work_order.id))

    def _stays_over(self, life: Life, row: WorkOrderRow) -> None:
        """Once closed or cancelled, a work order stays so; its one state is in its row."""
        order_id = life.work_order.id
        if life.order in OVER:
            assert row.state == life.order
            ending = max(e for e in map(in_time, life.events))
            assert self.over.setdefault(order_id, (life.order, row.state)) == (
                life.order,
                row.state,
            )
            assert row.closed_at is not None
            assert ending[0] >= row.closed_at
        else:
            assert order_id not in self.over
            assert row.state in SHOWN

    @invariant()
    def every_failed_visit_has_one_follow_up_at_most(self) -> None:
        if hasattr(self, "database"):
            with self.database.reading() as session:
                wanted = VisitRow.state != State.DROPPED
                followed = session.scalars(
                    select(VisitRow.follows_visit_id).where(
                        VisitRow.follows_visit_id.is_not(None), wanted
                    )
                ).all()
            assert len(followed) == len(set(followed))

    @invariant()
    def units_are_conserved(self) -> None:
        if hasattr(self, "database"):
            with self.database.reading() as session:
                on_hand = session.scalar(select(func.sum(BalanceRow.on_hand))) or 0
                moved = select(func.sum(MovementRow.quantity))
                came = session.scalar(moved.where(MovementRow.kind == MovementKind.RECEIVE)) or 0
                used = session.scalar(moved.where(MovementRow.kind == MovementKind.CONSUME)) or 0
                back = session.scalar(moved.where(MovementRow.kind == MovementKind.RETURN)) or 0
            assert on_hand == came - used + back


def test_any_life_in_the_database(files: Files) -> None:
    machine = type("Machine", (Records,), {"files": files})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("DISPATCH_RECORD_RUNS", "6")),
            stateful_step_count=int(os.environ.get("DISPATCH_RECORD_STEPS", "40")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
