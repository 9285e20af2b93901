"""Units that are promised to visits: held, committed, issued, released; on both databases."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.reservations import (
    issue_reserved,
    release,
    release_visits,
    reserve,
    reserve_for_plan,
)
from dispatch.commands.shelf import Want
from dispatch.commands.stock import receive, transfer
from dispatch.commands.stock_counts import adjust, quarantine
from dispatch.commands.stock_errors import (
    ReservationError,
    ShortageError,
    StockError,
    UnknownError,
)
from dispatch.commands.stock_use import consume
from dispatch.domain.events import PartUsed
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.queries import count
from dispatch.store.queries_trace import reservations_of
from dispatch.store.retrying import in_writing
from dispatch.store.rows_parts import MovementRow
from dispatch.store.rows_work import VisitRow
from tests.dispatch.commands.stores import (
    CAMERAS,
    NOW,
    S1,
    S2,
    T1,
    TOMORROW,
    a_version,
    cameras,
    figures,
    fill,
)

_T = TypeVar("_T")
HOUR = timedelta(hours=1)


@pytest.fixture(name="store")
def _store(database: Database) -> Iterator[Database]:
    """The small organisation; in the end everything holds together."""
    fill(database)
    yield database
    assert check(database) == ()


def do(store: Database, command: Callable[[Session], _T]) -> _T:
    return in_writing(store, command, within_s=1)


def hold(store: Database, *wants: Want) -> list[tuple[str, str, int]]:
    """Reservation, lot and quantity of what is held for an hour."""
    made = do(store, lambda s: reserve(s, wants, NOW + HOUR, "Li", NOW))
    return [(r.id, r.lot_id, r.quantity) for r in made.reservations]


def found(store: Database) -> dict[str, tuple[int, int]]:
    with store.reading() as session:
        return figures(session)


def states(store: Database, visit_id: str) -> list[tuple[str, str, int]]:
    with store.reading() as session:
        return [(r.id, r.state, r.quantity) for r in reservations_of(session, visit_id)]


def test_the_lot_that_came_first_is_promised_first(store: Database) -> None:
    assert hold(store, Want("V1", "camera", 4, S1)) == [("V1/1", "OLD", 3), ("V1/2", "NEW", 1)]
    assert found(store) == {"LATER": (0, 0), "NEW": (5, 1), "OLD": (3, 3), "OTHER": (2, 0)}


def test_all_is_held_or_nothing(store: Database) -> None:
    before = found(store)
    with pytest.raises(ShortageError) as error:
        hold(store, Want("V1", "camera", 5, S1), Want("V2", "camera", 4, S1))
    assert error.value.free == CAMERAS - 5
    assert found(store) == before
    assert states(store, "V1") == []


def test_substitutes_only_if_asked_and_only_where_the_part_runs_out(store: Database) -> None:
    want = Want("V1", "camera", CAMERAS + 1, S1)
    with pytest.raises(ShortageError):
        hold(store, want)
    wide = Want("V1", "camera", CAMERAS + 1, S1, substitutes=True)
    assert hold(store, wide)[-1] == ("V1/3", "OTHER", 1)


def test_a_plan_leaves_what_is_there_to_whoever_comes_sooner(store: Database) -> None:
    """The plan takes one camera now and more when they are delivered: whoever it sends first."""
    _versions(store)
    late = Want("V1", "camera", 2, S1, needed_at=TOMORROW)
    soon = Want("V2", "camera", CAMERAS, S1, needed_at=TOMORROW - HOUR)
    do(store, lambda s: reserve_for_plan(s, (late,), 1, "Li", NOW))
    do(store, lambda s: reserve_for_plan(s, (late, soon), 1, "Li", NOW))
    assert found(store) == {"LATER": (0, 0), "NEW": (5, 5), "OLD": (3, 3), "OTHER": (2, 0)}


def test_a_delivery_is_promised_from_its_time_on(store: Database) -> None:
    early, late = TOMORROW - HOUR, TOMORROW
    with pytest.raises(ShortageError):
        hold(store, Want("V1", "camera", CAMERAS + 1, S1, needed_at=early))
    assert hold(store, Want("V1", "camera", CAMERAS + 1, S1, needed_at=late))[-1] == (
        "V1/3",
        "LATER",
        1,
    )
    with pytest.raises(ReservationError, match="arrived"):
        do(store, lambda s: issue_reserved(s, ("V1/3",), "T1", "Li", NOW))


def test_an_overdue_delivery_is_promised_to_nobody(store: Database) -> None:
    after = TOMORROW + HOUR
    want = Want("V1", "camera", CAMERAS + 1, S1, needed_at=after + HOUR)
    with pytest.raises(ShortageError):
        do(store, lambda s: reserve(s, (want,), after + HOUR, "Li", after))


@pytest.mark.parametrize("part", ["camera", "nothing"])
def test_what_is_not_known_is_said(store: Database, part: str) -> None:
    with pytest.raises(UnknownError):
        hold(store, Want("V1" if part == "nothing" else "V9", part, 1, S1))


def test_a_visit_that_is_over_gets_nothing(store: Database) -> None:
    with store.writing() as session:
        session.get_one(VisitRow, "V1").ended_at = NOW
    with pytest.raises(StockError, match="over"):
        hold(store, Want("V1", "camera", 1, S1))


def test_a_hold_has_to_end_later(store: Database) -> None:
    with pytest.raises(StockError):
        do(store, lambda s: reserve(s, (Want("V1", "camera", 1, S1),), NOW, "Li", NOW))


def test_released_units_are_free_again_and_released_once(store: Database) -> None:
    hold(store, Want("V1", "camera", 2, S1))
    assert do(store, lambda s: release(s, ("V1/1",), "Li", NOW)).reservation_ids == ("V1/1",)
    assert do(store, lambda s: release(s, ("V1/1",), "Li", NOW)).reservation_ids == ()
    assert found(store)["OLD"] == (3, 0)
    with pytest.raises(UnknownError):
        do(store, lambda s: release(s, ("V1/7",), "Li", NOW))


def test_holds_run_out_and_what_a_plan_reserved_does_not(store: Database) -> None:
    _versions(store)
    hold(store, Want("V1", "camera", CAMERAS - 1, S1))
    do(store, lambda s: reserve_for_plan(s, (Want("V2", "camera", 1, S1),), 1, "Li", NOW))
    want = (Want("V3", "camera", CAMERAS, S1),)
    for minutes, free in ((59, 0), (60, CAMERAS - 1)):
        at = NOW + minutes * HOUR / 60
        with pytest.raises(ShortageError) as error:
            do(store, partial(reserve, wants=want, expires_at=at + HOUR, by="Li", at=at))
        assert error.value.free == free
    do(store, lambda s: reserve(s, (Want("V3", "camera", 1, S1),), TOMORROW, "Li", NOW + HOUR))
    with pytest.raises(ReservationError, match="released"):
        do(store, lambda s: issue_reserved(s, ("V1/1",), "T1", "Li", NOW))
    assert states(store, "V2") == [("V2/1", "committed", 1)]


@pytest.mark.parametrize(
    "command",
    [
        lambda s, at: transfer(s, cameras(CAMERAS), S1, S2, "Li", at),
        lambda s, at: adjust(s, "OLD", S1, -3, "Li", at, "count"),
        lambda s, at: quarantine(s, "NEW", S1, 5, "Li", at, "wet"),
    ],
)
def test_units_of_holds_that_ran_out_may_be_moved(
    store: Database, command: Callable[[Session, datetime], object]
) -> None:
    hold(store, Want("V1", "camera", CAMERAS, S1))
    with pytest.raises(ShortageError):
        do(store, lambda s: command(s, NOW))
    do(store, lambda s: command(s, NOW + HOUR))
    assert {state for _, state, _ in states(store, "V1")} == {"released"}


def test_units_of_holds_that_ran_out_may_be_used_by_others(store: Database) -> None:
    do(store, lambda s: transfer(s, cameras(2), S1, T1, "Li", NOW))
    hold(store, Want("V1", "camera", 2, T1))
    used = (PartUsed("camera", 2),)
    with pytest.raises(ShortageError):
        do(store, lambda s: consume(s, "V2", "T1", used, "Li", NOW))
    do(store, lambda s: consume(s, "V2", "T1", used, "Li", NOW + HOUR))
    assert states(store, "V1") == [("V1/1", "released", 2)]


def test_a_hold_that_ran_out_does_not_ask_for_a_delivery(store: Database) -> None:
    hold(store, Want("V1", "camera", CAMERAS + 4, S1, needed_at=TOMORROW))
    with pytest.raises(StockError, match="promised"):
        do(store, lambda s: receive(s, "LATER", cameras(1), S1, "Li", NOW))
    do(store, lambda s: receive(s, "LATER", cameras(1), S1, "Li", NOW + HOUR))
    assert found(store)["LATER"] == (1, 0)


def test_reservations_are_listed_as_they_were_made(store: Database) -> None:
    for _ in range(11):
        hold(store, Want("V1", "camera2", 1, S1))
        do(store, lambda s: release_visits(s, ("V1",), "Li", NOW))
    assert [row[0] for row in states(store, "V1")] == [f"V1/{n}" for n in range(1, 12)]


def test_a_shortage_names_the_reservations_that_keep_units(store: Database) -> None:
    _versions(store)
    hold(store, Want("V1", "camera", 6, S1))
    with pytest.raises(ShortageError, match=r"V1/1, V1/2\.") as error:
        do(store, lambda s: reserve_for_plan(s, (Want("V2", "camera", 3, S1),), 1, "Li", NOW))
    assert "V1/1, V1/2" in error.value.message_zh


def test_units_of_holds_that_ran_out_are_there_for_others(store: Database) -> None:
    hold(store, Want("V1", "camera", CAMERAS, S1))
    later = NOW + HOUR
    want = (Want("V2", "camera", CAMERAS, S1),)
    do(store, lambda s: reserve(s, want, later + HOUR, "Li", later))
    assert [state for _, state, _ in states(store, "V1")] == ["released", "released"]


def test_issued_units_stay_reserved_on_the_van(store: Database) -> None:
    hold(store, Want("V1", "camera", 4, S1))
    do(store, lambda s: issue_reserved(s, ("V1/1", "V1/2"), "T1", "Li", NOW))
    do(store, lambda s: issue_reserved(s, ("V1/1",), "T1", "Li", NOW))  # it is there already
    vans = {k: v for k, v in found(store).items() if "van" in k}
    assert vans == {"OLD@van/T1": (3, 3), "NEW@van/T1": (1, 1)}
    do(store, lambda s: release_visits(s, ("V1",), "Li", NOW))
    assert found(store)["OLD@van/T1"] == (3, 0)


def test_the_same_key_holds_once(store: Database) -> None:
    want = (Want("V1", "camera", 1, S1),)
    first = do(store, lambda s: reserve(s, want, TOMORROW, "Li", NOW, key="k"))
    assert do(store, lambda s: reserve(s, want, TOMORROW, "Li", NOW, key="k")) == first
    do(store, lambda s: release(s, ("V1/1",), "Li", NOW, key="r"))
    do(store, lambda s: release(s, ("V1/1",), "Li", NOW, key="r"))
    assert states(store, "V1") == [("V1/1", "released", 1)]


def _versions(store: Database) -> None:
    with store.writing() as session:
        session.add_all(a_version(version) for version in (1, 2))


def test_a_plan_keeps_what_it_still_wants_and_releases_the_rest(store: Database) -> None:
    _versions(store)
    hold(store, Want("V4", "camera", 1, S1))  # by hand: stays a hold of its own
    first = (Want("V1", "camera", 2, S1), Want("V2", "camera", 1, S1))
    do(store, lambda s: reserve_for_plan(s, first, 1, "Li", NOW))
    second = (Want("V1", "camera", 2, S1), Want("V3", "camera2", 1, S1))
    with store.reading() as session:
        before = count(session, MovementRow)
    planned = do(store, lambda s: reserve_for_plan(s, second, 2, "Li", NOW))
    assert set(planned.kept) == {"V1/1"}
    assert planned.released == ("V2/1",)
    assert [(r.id, r.lot_id) for r in planned.made] == [("V3/1", "OTHER")]
    assert states(store, "V4") == [("V4/1", "held", 1)]
    assert states(store, "V1") == [("V1/1", "committed", 2)]
    with store.reading() as session:
        assert count(session, MovementRow) == before + 2  # what stays does not move


def test_a_plan_takes_what_a_person_reserved_also_if_it_is_more(store: Database) -> None:
    _versions(store)
    hold(store, Want("V1", "camera", 3, S1), Want("V2", "camera", CAMERAS - 3, S1))
    wants = (Want("V1", "camera", 1, S1), Want("V1", "camera", 1, S1, TOMORROW))
    planned = do(store, lambda s: reserve_for_plan(s, wants, 1, "Li", NOW))
    assert (planned.kept, planned.made) == (("V1/1",), ())
    assert states(store, "V1") == [("V1/1", "committed", 3)]
    fewer = (Want("V1", "camera", 2, S1),)  # now it is the plan's, and made anew
    again = do(store, lambda s: reserve_for_plan(s, fewer, 2, "Li", NOW))
    assert (again.released, [r.quantity for r in again.made]) == (("V1/1",), [2])


def test_a_plan_that_wants_more_than_there_is_changes_nothing(store: Database) -> None:
    _versions(store)
    do(store, lambda s: reserve_for_plan(s, (Want("V1", "camera", 2, S1),), 1, "Li", NOW))
    before = found(store)
    with pytest.raises(ShortageError):
        do(store, lambda s: reserve_for_plan(s, (Want("V2", "camera", 1, S2),), 2, "Li", NOW))
    assert found(store) == before
    assert states(store, "V1") == [("V1/1", "committed", 2)]


def test_what_was_issued_is_not_taken_back_by_a_plan(store: Database) -> None:
    _versions(store)
    do(store, lambda s: reserve_for_plan(s, (Want("V1", "camera", 2, S1),), 1, "Li", NOW))
    do(store, lambda s: issue_reserved(s, ("V1/1",), "T1", "Li", NOW))
    planned = do(store, lambda s: reserve_for_plan(s, (), 2, "Li", NOW))
    assert planned.released == ()
    assert found(store)["OLD@van/T1"] == (2, 2)
