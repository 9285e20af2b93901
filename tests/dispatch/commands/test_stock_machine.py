"""Any sequence of stock commands, on SQLite: after each of them all figures add up.

``DISPATCH_STOCK_RUNS`` and ``DISPATCH_STOCK_STEPS`` set how many sequences there are and how long
they are.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatch.commands.reservations import (
    issue_reserved,
    release,
    release_visits,
    reserve,
    reserve_for_plan,
)
from dispatch.commands.shelf import Want
from dispatch.commands.stock import Expected, expect, receive, transfer
from dispatch.commands.stock_counts import adjust, leave_quarantine, quarantine, track
from dispatch.commands.stock_errors import StockError
from dispatch.commands.stock_picks import Units
from dispatch.commands.stock_use import consume, return_unit
from dispatch.domain.events import PartUsed, ReturnedUnit
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.queries_stock import OPEN, Place
from dispatch.store.rows_parts import (
    BalanceRow,
    LotRow,
    MovementKind,
    MovementRow,
    ReservationRow,
    ReservationState,
    SerialRow,
    SerialState,
)
from tests.databases import Files
from tests.dispatch.commands.stores import CAMERAS, NOW, S1, S2, T1, T2, VISITS, a_version, fill

RUNS = int(os.environ.get("DISPATCH_STOCK_RUNS", "15"))
STEPS = int(os.environ.get("DISPATCH_STOCK_STEPS", "30"))
PLACES = (S1, S1, S2, T1, T2)
DAY = timedelta(days=1)
BEGUN_WITH = CAMERAS + 2
"""Units on hand in the beginning, substitutes too."""

RESERVATIONS = select(ReservationRow.id).where(ReservationRow.state != ReservationState.RELEASED)
LOTS = select(LotRow.id)
TO_COME = select(BalanceRow.lot_id).where(BalanceRow.expected > 0)

places = st.sampled_from(PLACES)
parts = st.sampled_from(("camera", "camera2", "sim"))
quantities = st.integers(1, 4)
visits = st.sampled_from(VISITS)
technicians = st.sampled_from(("T1", "T2"))
stations = st.sampled_from(("S1", "S2"))
serials = st.just(()) | st.sets(st.sampled_from("ABCDEF"), max_size=2).map(
    lambda s: tuple(sorted(s))
)
picks = st.integers(0, 1000)


class Stock(RuleBasedStateMachine):
    """Every command may be refused; what is refused changes nothing, what is done adds up."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        fill(database)
        with database.writing() as session:
            track(session, "sim", True, "test", NOW)
            session.add(a_version(1))
        self.now = NOW
        self.number = 0
        self.reserved = False
        self.came = BEGUN_WITH
        """Units that came into stock, less those that were used or counted away."""

    def _try(self, command: Callable[[Session], object]) -> bool:
        """Whether the command was done; whatever else goes wrong fails the test."""
        self.now += timedelta(minutes=7)
        try:
            with self.database.writing() as session:
                command(session)
        except StockError:
            return False
        return True

    def _some(self, which: Select[str], pick: int) -> str:
        """One of the keys that there are."""
        with self.database.reading() as session:
            known = sorted(session.scalars(which))
        return known[pick % len(known)] if known else "none"

    @rule(part=parts, quantity=quantities, place=places, named=serials)
    def receive(self, part: str, quantity: int, place: Place, named: tuple[str, ...]) -> None:
        self.number += 1
        lot, units = f"R{self.number}", Units(part, len(named) or quantity, None, named)
        if self._try(lambda s: receive(s, lot, units, place, "Li", self.now)):
            self.came += units.quantity

    @rule(quantity=quantities, hours=st.integers(1, 48), again=st.booleans(), pick=picks)
    def expect(self, quantity: int, hours: int, again: bool, pick: int) -> None:
        self.number += 1
        lot = self._some(TO_COME, pick) if again else f"D{self.number}"
        when = self.now + timedelta(hours=hours)
        delivery = Expected(lot, "camera", quantity, "S1", when)
        self._try(lambda s: expect(s, delivery, "Li", self.now))

    @rule(quantity=quantities, pick=picks)
    def arrive(self, quantity: int, pick: int) -> None:
        lot, units = self._some(TO_COME, pick), Units("camera", quantity)
        if self._try(lambda s: receive(s, lot, units, S1, "Li", self.now)):
            self.came += quantity

    @rule(part=parts, quantity=quantities, start=places, end=places, named=serials)
    def transfer(
        self, part: str, quantity: int, start: Place, end: Place, named: tuple[str, ...]
    ) -> None:
        units = Units(part, max(quantity, len(named)), None, named)
        self._try(lambda s: transfer(s, units, start, end, "Li", self.now))

    @rule(part=parts, quantity=quantities, technician=technicians, station=stations)
    def issue_and_return(self, part: str, quantity: int, technician: str, station: str) -> None:
        units = Units(part, quantity)
        depot, van = Place(station_id=station), Place(technician_id=technician)
        self._try(lambda s: transfer(s, units, depot, van, "Li", self.now))
        self._try(lambda s: transfer(s, units, van, S2, "Li", self.now))

    @rule(
        visit=visits,
        part=parts,
        quantity=quantities,
        place=places,
        hours=st.integers(1, 30),
        substitutes=st.booleans(),
    )
    def reserve(
        self, visit: str, part: str, quantity: int, place: Place, hours: int, substitutes: bool
    ) -> None:
        until = self.now + timedelta(hours=hours)
        want = Want(visit, part, quantity, place, until, substitutes)
        if self._try(lambda s: reserve(s, (want,), until + timedelta(hours=1), "Li", self.now)):
            self.reserved = True

    @precondition(lambda self: self.reserved)
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        reservation = self._some(RESERVATIONS, pick)
        self._try(lambda s: release(s, (reservation,), "Li", self.now))

    @rule(visit=visits)
    def release_visit(self, visit: str) -> None:
        self._try(lambda s: release_visits(s, (visit,), "Li", self.now))

    @rule(hours=st.integers(0, 12))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(visit=visits, part=parts, quantity=quantities, station=stations)
    def publish(self, visit: str, part: str, quantity: int, station: str) -> None:
        want = Want(visit, part, quantity, Place(station_id=station), self.now + DAY)
        if self._try(lambda s: reserve_for_plan(s, (want,), 1, "Li", self.now)):
            self.reserved = True

    @precondition(lambda self: self.reserved)
    @rule(pick=picks, technician=technicians, named=serials)
    def issue_reserved(self, pick: int, technician: str, named: tuple[str, ...]) -> None:
        reservation = self._some(RESERVATIONS, pick)
        self._try(lambda s: issue_reserved(s, (reservation,), technician, "Li", self.now, named))

    @rule(visit=visits, part=parts, quantity=quantities, technician=technicians, named=serials)
    def consume(
        self, visit: str, part: str, quantity: int, technician: str, named: tuple[str, ...]
    ) -> None:
        used = PartUsed(part, max(quantity, len(named)), serials=named)
        if self._try(lambda s: consume(s, visit, technician, (used,), "Li", self.now)):
            self.came -= used.quantity

    @rule(visit=visits, part=parts, serial=st.sampled_from("ABXY"))
    def bring_back(self, visit: str, part: str, serial: str) -> None:
        self._try(lambda s: return_unit(s, visit, ReturnedUnit(part, serial), "Li", self.now))

    @rule(pick=picks, place=places, difference=st.integers(-3, 3), named=serials)
    def adjust(self, pick: int, place: Place, difference: int, named: tuple[str, ...]) -> None:
        lot = self._some(LOTS, pick)
        if self._try(lambda s: adjust(s, lot, place, difference, "Li", self.now, "count", named)):
            self.came += difference

    @rule(pick=picks, place=places, quantity=quantities, named=serials, leave=st.booleans())
    def quarantine(
        self, pick: int, place: Place, quantity: int, named: tuple[str, ...], leave: bool
    ) -> None:
        lot = self._some(LOTS, pick)
        change = leave_quarantine if leave else quarantine
        self._try(lambda s: change(s, lot, place, quantity, "Li", self.now, "wet", named))

    @invariant()
    def everything_adds_up(self) -> None:
        assert check(self.database) == ()
        with self.database.reading() as session:
            balances = session.scalars(select(BalanceRow)).all()
            assert sum(row.on_hand + row.quarantined for row in balances) == self.came
            assert {row.id: row.quarantined for row in balances} == _apart(session)
            assert _open(session) == {
                row.id: row.reserved + row.promised
                for row in balances
                if row.reserved + row.promised
            }

    @invariant()
    def units_are_where_their_lot_is(self) -> None:
        with self.database.reading() as session:
            units = session.scalars(select(SerialRow)).all()
            balances = {row.id: row for row in session.scalars(select(BalanceRow))}
            lots = {row.id: row for row in session.scalars(select(LotRow))}
        named = Counter((unit.balance_id, unit.state) for unit in units)
        for unit in units:
            in_stock = unit.balance_id is not None
            assert in_stock or unit.state is not SerialState.IN_STOCK
            assert not in_stock or balances[unit.balance_id or ""].lot_id == unit.lot_id
        for balance in balances.values():
            there = named[balance.id, SerialState.IN_STOCK]
            apart = named[balance.id, SerialState.QUARANTINED]
            tracked = lots[balance.lot_id].part_id == "sim"
            assert there == balance.on_hand if tracked else there <= balance.on_hand
            assert apart == balance.quarantined if tracked else apart <= balance.quarantined


def _apart(session: Session) -> dict[str, int]:
    """What the movements say of quarantine, by balance."""
    apart: Counter[str] = Counter()
    is_quarantine = MovementRow.kind == MovementKind.QUARANTINE
    for row in session.scalars(select(MovementRow).where(is_quarantine)):
        if row.from_balance_id is not None:
            apart[row.from_balance_id] += row.quantity
        if row.to_balance_id is not None:
            apart[row.to_balance_id] -= row.quantity
    return {row_id: apart[row_id] for row_id in session.scalars(select(BalanceRow.id))}


def _open(session: Session) -> dict[str, int]:
    """What open reservations keep, by balance."""
    kept: Counter[str] = Counter()
    for row in session.scalars(select(ReservationRow).where(ReservationRow.state.in_(OPEN))):
        kept[row.balance_id] += row.quantity
    return dict(kept)


def test_all_figures_add_up_whatever_is_done(files: Files) -> None:
    opened: list[Database] = []

    class OnFile(Stock):
        def __init__(self) -> None:
            opened.append(Database(files.new()))
            super().__init__(opened[-1])

    run_state_machine_as_test(
        OnFile,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    for database in opened:
        database.close()
