"""Many who want the same parts at the same time, on PostgreSQL and on SQLite."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.reservations import issue_reserved, release, reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import receive, transfer
from dispatch.commands.stock_counts import adjust
from dispatch.commands.stock_errors import ShortageError, StockError
from dispatch.commands.stock_picks import Units
from dispatch.commands.stock_use import consume
from dispatch.domain.events import PartUsed
from dispatch.importing import import_organisation
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.errors import BusyError
from dispatch.store.queries_stock import Place
from dispatch.store.queries_trace import levels
from dispatch.store.retrying import in_writing
from tests.dispatch.commands.stores import (
    CAMERAS,
    NOW,
    S1,
    S2,
    T1,
    T2,
    TOMORROW,
    VISITS,
    an_organisation,
    cameras,
    figures,
    fill,
)

WRITERS = 8
ASKED = 24

Command = Callable[[Session], object]


@pytest.fixture(name="store")
def _store(database: Database) -> Database:
    fill(database)
    return database


def at_once(store: Database, commands: list[Command]) -> Counter[str]:
    """Runs all commands in threads; how many were done, and how many stock refused."""

    def run(command: Command) -> str:
        try:
            in_writing(store, command, within_s=30)
        except StockError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(WRITERS) as pool:
        return Counter(pool.map(run, commands))


def _left(store: Database, place: Place) -> int:
    with store.reading() as session:
        return sum(level.on_hand for level in levels(session, part_id="camera", place=place))


def test_exactly_what_is_there_is_issued(store: Database) -> None:
    def asked(number: int) -> Command:
        van = (T1, T2)[number % 2]
        return lambda s: transfer(s, cameras(1), S1, van, "Li", NOW, key=f"k{number}")

    said = at_once(store, [asked(n) for n in range(ASKED)])
    assert said == {"done": CAMERAS, ShortageError.__name__: ASKED - CAMERAS}
    assert (_left(store, S1), _left(store, T1) + _left(store, T2)) == (0, CAMERAS)
    assert check(store) == ()


def test_exactly_what_is_there_is_reserved(store: Database) -> None:
    def asked(number: int) -> Command:
        want = Want(VISITS[number % len(VISITS)], "camera", 1, S1)
        return lambda s: reserve(s, (want,), TOMORROW, "Li", NOW)

    said = at_once(store, [asked(n) for n in range(ASKED)])
    assert said == {"done": CAMERAS, ShortageError.__name__: ASKED - CAMERAS}
    with store.reading() as session:
        assert figures(session)["OLD"] == (3, 3)
        assert figures(session)["NEW"] == (5, 5)
    assert check(store) == ()


def test_the_same_key_at_the_same_time_is_done_once(store: Database) -> None:
    commands: list[Command] = [
        lambda s: transfer(s, cameras(1), S1, T1, "Li", NOW, key="same") for _ in range(ASKED)
    ]
    assert at_once(store, commands) == {"done": ASKED}
    assert _left(store, S1) == CAMERAS - 1
    assert check(store) == ()


def test_a_reservation_is_used_released_or_run_out_but_once(store: Database) -> None:
    want = Want("V1", "camera", 3, S1)
    in_writing(store, lambda s: reserve(s, (want,), TOMORROW, "Li", NOW))
    commands: list[Command] = [
        lambda s: release(s, ("V1/1",), "Li", NOW),
        lambda s: transfer(s, cameras(1), S1, S2, "Li", TOMORROW),
        lambda s: issue_reserved(s, ("V1/1",), "T1", "Li", NOW),
        lambda s: consume(s, "V1", "T1", (PartUsed("camera", 3),), "Li", NOW),
    ]
    at_once(store, commands * 4)
    assert check(store) == ()


def test_there_and_back_at_the_same_time_loses_nothing(store: Database) -> None:
    in_writing(store, lambda s: transfer(s, cameras(2), S1, S2, "Li", NOW))
    commands: list[Command] = []
    for number in range(ASKED):
        source, target = (S1, S2) if number % 2 else (S2, S1)
        commands.append(
            lambda s, a=source, b=target: transfer(s, cameras(1), a, b, "Li", NOW)  # type: ignore[misc]
        )
    commands += [lambda s: adjust(s, "NEW", S1, -1, "Li", NOW, "count")] * 2
    said = at_once(store, commands)
    assert set(said) <= {"done", ShortageError.__name__}
    assert _left(store, S1) + _left(store, S2) >= CAMERAS - 2
    assert check(store) == ()


def test_one_lot_arrives_once(store: Database) -> None:
    commands: list[Command] = [
        lambda s: receive(s, "LATER", cameras(4), S1, "Li", NOW) for _ in range(WRITERS)
    ]
    said = at_once(store, commands)
    assert said["done"] == 1
    assert _left(store, S1) == CAMERAS + 4


def test_lots_that_come_to_new_places_are_locked_in_one_order(store: Database) -> None:
    """Whoever waits for a lock waits for somebody who does not wait for him."""
    in_writing(store, lambda s: transfer(s, cameras(4), S1, S2, "Li", NOW))
    ways = [(S1, T1), (S2, T1), (S1, T2), (S2, T2), (T1, S2), (T2, S1), (S1, S2), (S2, S1)]
    moving: list[Command] = [
        partial(transfer, units=cameras(2), source=a, target=b, by="Li", at=NOW)
        for a, b in ways * 3
    ]
    arriving: list[Command] = [
        lambda s: receive(s, "LATER", cameras(4), S1, "Li", NOW),
        lambda s: adjust(s, "LATER", S2, 1, "Li", NOW, "count"),
        lambda s: adjust(s, "LATER", S1, 1, "Li", NOW, "count"),
    ]

    def run(command: Command) -> str:
        try:
            with store.writing() as session:
                command(session)
        except (StockError, BusyError) as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(WRITERS) as pool:
        said = list(pool.map(run, [*moving, *arriving]))
    assert not [words for words in said if "deadlock" in words]
    assert check(store) == ()


def test_an_import_loses_nothing_that_is_moved_meanwhile(store: Database) -> None:
    other = an_organisation()
    more = tuple(replace(lot, quantity=lot.quantity + 1) for lot in other.lots)

    def bring(session: Session) -> object:
        return import_organisation(session, replace(other, lots=more), "importer", NOW)

    moves: list[Command] = [lambda s: transfer(s, cameras(1), S1, S2, "Li", NOW)] * (CAMERAS // 2)
    assert at_once(store, [*moves, bring, *moves]) == {"done": CAMERAS + 1}
    assert check(store) == ()


def test_units_come_to_a_new_place_from_many_at_once(store: Database) -> None:
    in_writing(store, lambda s: receive(s, "L9", Units("sim", ASKED), S1, "Li", NOW))
    commands: list[Command] = [
        lambda s: transfer(s, Units("sim", 1), S1, T2, "Li", NOW) for _ in range(ASKED)
    ]
    assert at_once(store, commands) == {"done": ASKED}
    with store.reading() as session:
        assert figures(session)["L9@van/T2"] == (ASKED, 0)
    assert check(store) == ()
