"""Stock that comes, moves, is used and is counted, on both databases."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.auditing import KeyReusedError
from dispatch.commands.reservations import issue_reserved, release_visits, reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import Expected, expect, receive, transfer
from dispatch.commands.stock_counts import adjust, leave_quarantine, quarantine, track
from dispatch.commands.stock_errors import SerialError, ShortageError, StockError, UnknownError
from dispatch.commands.stock_picks import Units
from dispatch.commands.stock_use import consume, return_unit
from dispatch.domain.events import PartUsed, ReturnedUnit
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.queries import count
from dispatch.store.queries_stock import Place
from dispatch.store.queries_trace import levels, trace_lot, trace_serial, trace_visit
from dispatch.store.retrying import in_writing
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_parts import MovementRow
from tests.dispatch.commands.stores import (
    CAMERAS,
    NOW,
    S1,
    S2,
    T1,
    T2,
    TOMORROW,
    cameras,
    figures,
    fill,
)

_T = TypeVar("_T")


@pytest.fixture(name="store")
def _store(database: Database) -> Iterator[Database]:
    """The small organisation; in the end everything holds together."""
    fill(database)
    yield database
    assert check(database) == ()


def do(store: Database, command: Callable[[Session], _T]) -> _T:
    return in_writing(store, command, within_s=1)


def _issue_reserved(session: Session, serials: tuple[str, ...]) -> object:
    return issue_reserved(session, ("V1/1",), "T1", "Li", NOW, serials)


def found(store: Database) -> dict[str, tuple[int, int]]:
    with store.reading() as session:
        return figures(session)


def test_the_lot_that_came_first_goes_first(store: Database) -> None:
    moved = do(store, lambda s: transfer(s, cameras(4), S1, S2, "Li", NOW, "empty"))
    assert [(m.lot_id, m.quantity, m.target) for m in moved.lines] == [
        ("OLD", 3, "OLD@S2"),
        ("NEW", 1, "NEW@S2"),
    ]
    assert found(store)["NEW"] == (4, 0)
    with store.reading() as session:
        old = next(level for level in levels(session, place=S2) if level.lot_id == "OLD")
    assert old.arrived_at == NOW - timedelta(days=9)  # it stays first in line


def test_units_go_to_vans_and_come_back(store: Database) -> None:
    do(store, lambda s: transfer(s, cameras(2), S1, T1, "Li", NOW))
    do(store, lambda s: transfer(s, cameras(1), T1, T2, "Li", NOW))
    do(store, lambda s: transfer(s, cameras(1), T2, S1, "Li", NOW))
    assert found(store)["OLD@van/T1"] == (1, 0)
    assert found(store)["OLD"] == (2, 0)
    with store.reading() as session:
        kinds = [m.kind for m in trace_lot(session, "OLD").movements]
    assert kinds == ["receive", "issue", "transfer", "return"]


@pytest.mark.parametrize(
    "command",
    [
        lambda s: transfer(s, cameras(CAMERAS + 1), S1, S2, "Li", NOW),
        lambda s: transfer(s, cameras(1), S2, T1, "Li", NOW),
        lambda s: adjust(s, "OLD", S1, -4, "Li", NOW, "count"),
        lambda s: quarantine(s, "NEW", S1, 6, "Li", NOW, "wet"),
        lambda s: consume(s, "V1", "T1", (PartUsed("camera"),), "Li", NOW),
    ],
)
def test_more_than_is_free_is_refused_with_the_figures(
    store: Database, command: Callable[[Session], object]
) -> None:
    before = found(store)
    with pytest.raises(ShortageError) as error:
        do(store, command)
    assert error.value.free in (0, 3, 5, CAMERAS)
    assert str(error.value.free) in error.value.message_zh
    assert found(store) == before


@pytest.mark.parametrize(
    "command",
    [
        lambda s: transfer(s, Units("nothing", 1), S1, S2, "Li", NOW),
        lambda s: transfer(s, cameras(1), S1, Place(station_id="S9"), "Li", NOW),
        lambda s: transfer(s, cameras(1), S1, Place(technician_id="T9"), "Li", NOW),
        lambda s: adjust(s, "lost", S1, 1, "Li", NOW, "count"),
        lambda s: consume(s, "V9", "T1", (PartUsed("camera"),), "Li", NOW),
        lambda s: return_unit(s, "V1", ReturnedUnit("nothing", "X"), "Li", NOW),
    ],
)
def test_what_is_not_known_is_said(store: Database, command: Callable[[Session], object]) -> None:
    with pytest.raises(UnknownError):
        do(store, command)


def test_what_makes_no_sense_is_refused(store: Database) -> None:
    for command in (
        lambda s: transfer(s, cameras(0), S1, S2, "Li", NOW),
        lambda s: transfer(s, cameras(1), S1, S1, "Li", NOW),
        lambda s: adjust(s, "OLD", S1, 1, "Li", NOW, " "),
        lambda s: adjust(s, "LATER", S1, 1, "Li", NOW, "count"),
        lambda s: quarantine(s, "OLD", S1, 1, "Li", NOW, " "),
        lambda s: receive(s, "OLD", cameras(1), S1, "Li", NOW),
        lambda s: receive(s, "LATER", Units("sim", 1), S1, "Li", NOW),
        lambda s: receive(s, "LATER", cameras(1), S2, "Li", NOW),
        lambda s: leave_quarantine(s, "OLD", S1, 1, "Li", NOW, "dry"),
    ):
        with pytest.raises(StockError):
            do(store, command)


def test_a_new_lot_arrives(store: Database) -> None:
    do(store, lambda s: receive(s, "L9", Units("sim", 7), S2, "Li", NOW))
    assert found(store)["L9"] == (7, 0)


def test_promises_of_a_delivery_become_reservations_when_it_arrives(store: Database) -> None:
    want = Want("V1", "camera", CAMERAS + 2, S1, needed_at=TOMORROW)
    do(store, lambda s: reserve(s, (want,), TOMORROW, "Li", NOW))
    assert found(store)["LATER"] == (0, 0)
    with pytest.raises(StockError, match="promised"):
        do(store, lambda s: receive(s, "LATER", cameras(1), S1, "Li", NOW))
    do(store, lambda s: receive(s, "LATER", cameras(3), S1, "Li", NOW))  # one was not in the box
    assert found(store)["LATER"] == (3, 2)


def test_a_delivery_is_put_off_and_counted_anew(store: Database) -> None:
    late = TOMORROW + timedelta(days=5)
    do(store, lambda s: expect(s, Expected("LATER", "camera", 2, "S1", late), "Li", NOW, "storm"))
    do(store, lambda s: expect(s, Expected("MORE", "sim", 6, "S2", late), "Li", NOW))
    with store.reading() as session:
        expected = {v.balance_id: (v.expected, v.available_at) for v in levels(session)}
    assert (expected["LATER"], expected["MORE"]) == ((2, late), (6, late))
    want = Want("V1", "camera", CAMERAS + 2, S1, needed_at=late)
    do(store, lambda s: reserve(s, (want,), late, "Li", NOW))
    with pytest.raises(StockError, match="promised"):
        do(store, lambda s: expect(s, Expected("LATER", "camera", 1, "S1", late), "Li", NOW))


def test_nothing_is_put_beside_what_has_not_arrived(store: Database) -> None:
    do(store, lambda s: adjust(s, "LATER", S2, 2, "Li", NOW, "one box came early"))
    with pytest.raises(StockError, match="has not arrived"):
        do(store, lambda s: transfer(s, cameras(1, lot_id="LATER"), S2, S1, "Li", NOW))


def test_counts_put_stock_right(store: Database) -> None:
    do(store, lambda s: adjust(s, "OLD", S1, -3, "Li", NOW, "count"))
    do(store, lambda s: adjust(s, "NEW", S1, 2, "Li", NOW, "count"))
    do(store, lambda s: adjust(s, "OLD", S2, 1, "Li", NOW, "found behind the shelf"))
    assert {k: v for k, v in found(store).items() if k in ("OLD", "NEW", "OLD@S2")} == {
        "NEW": (7, 0),
        "OLD@S2": (1, 0),
    }


def test_reserved_units_cannot_be_counted_away(store: Database) -> None:
    do(store, lambda s: reserve(s, (Want("V1", "camera", 2, S1),), TOMORROW, "Li", NOW))
    with pytest.raises(ShortageError):
        do(store, lambda s: adjust(s, "OLD", S1, -2, "Li", NOW, "count"))


def test_quarantined_units_are_not_used(store: Database) -> None:
    do(store, lambda s: quarantine(s, "OLD", S1, 3, "Li", NOW, "wet"))
    moved = do(store, lambda s: transfer(s, cameras(1), S1, S2, "Li", NOW))
    assert moved.lines[0].lot_id == "NEW"
    do(store, lambda s: leave_quarantine(s, "OLD", S1, 2, "Li", NOW, "dry"))
    with store.reading() as session:
        old = next(level for level in levels(session) if level.balance_id == "OLD")
    assert (old.on_hand, old.quarantined) == (2, 1)


def test_a_visit_uses_its_own_units_first_and_no_one_elses(store: Database) -> None:
    wants = (Want("V1", "camera", 2, S1), Want("V2", "camera", 1, S1))
    made = do(store, lambda s: reserve(s, wants, TOMORROW, "Li", NOW)).reservations
    ids = [r.id for r in made]
    do(store, lambda s: issue_reserved(s, ids, "T1", "Li", NOW))
    do(store, lambda s: transfer(s, cameras(1), S1, T1, "Li", NOW))
    assert found(store)["OLD@van/T1"] == (3, 3)
    moved = do(store, lambda s: consume(s, "V1", "T1", (PartUsed("camera", 3),), "Li", NOW))
    assert [(m.source, m.quantity) for m in moved.lines] == [
        ("OLD@van/T1", 2),
        ("NEW@van/T1", 1),
    ]
    with pytest.raises(ShortageError):  # the last one on the van is V2's
        do(store, lambda s: consume(s, "V1", "T1", (PartUsed("camera"),), "Li", NOW))
    do(store, lambda s: consume(s, "V2", "T1", (PartUsed("camera"),), "Li", NOW))
    assert "OLD@van/T1" not in found(store)


def test_parts_that_were_fetched_and_not_issued_are_used_all_the_same(store: Database) -> None:
    do(store, lambda s: reserve(s, (Want("V1", "camera", 2, S1),), TOMORROW, "Li", NOW))
    do(store, lambda s: consume(s, "V1", "T1", (PartUsed("camera"),), "Li", NOW))
    assert found(store)["OLD"] == (2, 1)
    assert do(store, lambda s: release_visits(s, ("V1",), "Li", NOW)).reservation_ids == ("V1/1",)
    assert found(store)["OLD"] == (2, 0)


def test_units_are_traced_from_lot_to_returned_unit_and_back(store: Database) -> None:
    do(store, lambda s: track(s, "sim", True, "Li", NOW))
    do(store, lambda s: receive(s, "L9", Units("sim", 2, None, ("A", "B")), S1, "Li", NOW))
    do(store, lambda s: transfer(s, Units("sim", 1, None, ("B",)), S1, T1, "Li", NOW))
    do(store, lambda s: consume(s, "V1", "T1", (PartUsed("sim", serials=("B",)),), "Li", NOW))
    back = do(store, lambda s: return_unit(s, "V1", ReturnedUnit("sim", "X"), "Li", NOW))
    assert back.replaced_by == "B"
    named = ReturnedUnit("sim", "Y", replaced_by="B", station_id="S2")
    do(store, lambda s: return_unit(s, "V2", ReturnedUnit("sim", "Z"), "Li", NOW))
    with pytest.raises(SerialError, match="did not install"):
        do(store, lambda s: return_unit(s, "V2", named, "Li", NOW))
    wrong = ReturnedUnit("sim", "Y", station_id="S9")
    with pytest.raises(UnknownError):
        do(store, lambda s: return_unit(s, "V1", wrong, "Li", NOW))
    with store.reading() as session:
        onwards, backwards = trace_lot(session, "L9"), trace_serial(session, "X")
        visit = trace_visit(session, "V1")
    assert {u.serial: (u.state, u.place, u.visit_id) for u in onwards.units} == {
        "A": ("in_stock", "S1", None),
        "B": ("installed", None, "V1"),
    }
    assert [(r.serial, r.visit_id, r.replaced_by) for r in onwards.returns] == [("X", "V1", "B")]
    assert {u.serial: u.lot_id for u in backwards.units} == {"B": "L9", "X": None}
    assert backwards.returns == onwards.returns == visit.returns
    assert [m.kind for m in backwards.movements] == ["receive", "issue", "consume"]
    assert [m.serials for m in visit.movements] == [("B",)]


def test_a_visit_says_what_is_there_instead_and_where_the_old_unit_lies(store: Database) -> None:
    do(store, lambda s: transfer(s, cameras(2), S1, T1, "Li", NOW))
    used = (PartUsed("camera", 2, serials=("P", "Q")),)
    do(store, lambda s: consume(s, "V1", "T1", used, "Li", NOW))
    old = ReturnedUnit("camera", "X", replaced_by="Q", station_id="S2")
    do(store, lambda s: return_unit(s, "V1", old, "Li", NOW))
    with store.reading() as session:
        (found,) = trace_serial(session, "X").returns
    assert (found.replaced_by, found.station_id) == ("Q", "S2")


def test_units_of_a_tracked_part_are_named(store: Database) -> None:
    do(store, lambda s: track(s, "sim", True, "Li", NOW))
    do(store, lambda s: receive(s, "L9", Units("sim", 2, None, ("A", "B")), S1, "Li", NOW))
    for units in (
        Units("sim", 1),
        Units("sim", 1, None, ("C",)),
        Units("sim", 2, None, ("A", "A")),
        Units("sim", 1, None, ("A", "B")),
    ):
        with pytest.raises(SerialError):
            do(store, partial(transfer, units=units, source=S1, target=S2, by="Li", at=NOW))
    with pytest.raises(SerialError):
        do(store, lambda s: receive(s, "L10", Units("sim", 1, None, ("A",)), S1, "Li", NOW))
    with pytest.raises(SerialError):
        do(store, lambda s: return_unit(s, "V1", ReturnedUnit("sim", "A"), "Li", NOW))


def test_reserved_units_of_a_tracked_part_are_named_when_they_are_issued(store: Database) -> None:
    do(store, lambda s: track(s, "sim", True, "Li", NOW))
    do(store, lambda s: receive(s, "L9", Units("sim", 2, None, ("A", "B")), S1, "Li", NOW))
    do(store, lambda s: reserve(s, (Want("V1", "sim", 1, S1),), TOMORROW, "Li", NOW))
    for serials in ((), ("C",), ("A", "B")):
        with pytest.raises(SerialError):
            do(store, partial(_issue_reserved, serials=serials))
    do(store, partial(_issue_reserved, serials=("B",)))
    with store.reading() as session:
        assert {u.serial: u.place for u in trace_lot(session, "L9").units} == {
            "A": "S1",
            "B": "van/T1",
        }


def test_tracking_begins_when_every_unit_is_known(store: Database) -> None:
    with pytest.raises(SerialError, match="8 units"):
        do(store, lambda s: track(s, "camera", True, "Li", NOW))


def test_serials_of_other_parts_become_known_where_they_are_used(store: Database) -> None:
    do(store, lambda s: transfer(s, cameras(2), S1, T1, "Li", NOW))
    used = (PartUsed("camera", 2, serials=("Z",)),)
    do(store, lambda s: consume(s, "V1", "T1", used, "Li", NOW))
    with store.reading() as session:
        (unit,) = trace_serial(session, "Z").units
    assert (unit.lot_id, unit.state, unit.visit_id) == ("OLD", "installed", "V1")


def test_known_units_are_not_left_behind_unnamed(store: Database) -> None:
    do(store, lambda s: receive(s, "L9", Units("sim", 2, None, ("A",)), S1, "Li", NOW))
    do(store, lambda s: transfer(s, Units("sim", 1), S1, S2, "Li", NOW))
    with pytest.raises(SerialError, match="would be left"):
        do(store, lambda s: transfer(s, Units("sim", 1), S1, S2, "Li", NOW))


def test_lost_units_may_turn_up_again(store: Database) -> None:
    do(store, lambda s: receive(s, "L9", Units("sim", 1, None, ("A",)), S1, "Li", NOW))
    do(store, lambda s: adjust(s, "L9", S1, -1, "Li", NOW, "count", ("A",)))
    with store.reading() as session:
        assert trace_serial(session, "A").units[0].state == "lost"
    do(store, lambda s: adjust(s, "L9", S2, 1, "Li", NOW, "there it is", ("A",)))
    with store.reading() as session:
        assert trace_serial(session, "A").units[0].place == "S2"


def test_the_same_key_does_it_once(store: Database) -> None:
    with store.reading() as session:
        before = count(session, MovementRow)
    first = do(store, lambda s: transfer(s, cameras(4), S1, S2, "Li", NOW, key="k1"))
    with store.reading() as session:
        audits = count(session, AuditRow)
    assert do(store, lambda s: transfer(s, cameras(4), S1, S2, "Li", NOW, key="k1")) == first
    with store.reading() as session:
        assert count(session, MovementRow) == before + 2
        assert count(session, AuditRow) == audits
    with pytest.raises(KeyReusedError):
        do(store, lambda s: adjust(s, "OLD", S1, 1, "Li", NOW, "count", key="k1"))


def test_lists_are_paged_by_part_and_balance(store: Database) -> None:
    with store.reading() as session:
        everything = levels(session)
        first = levels(session, limit=2)
        rest = levels(session, after=(first[-1].part_id, first[-1].balance_id))
    assert [*first, *rest] == list(everything)
    assert [level.balance_id for level in everything] == ["LATER", "NEW", "OLD", "OTHER"]
