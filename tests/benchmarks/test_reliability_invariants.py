"""Each invariant finds its breach, in facts that are written down by hand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.reliability.facts import (
    Balance,
    Booking,
    Entry,
    Facts,
    Movement,
    Reservation,
    Version,
)
from benchmarks.reliability.invariants import (
    bookings_are_those_of_the_plan,
    minimum,
    nobody_asked_for_nothing,
    nobody_is_booked_twice,
    nothing_is_lost,
    plans_are_as_people_decided,
    stock_is_conserved,
)
from benchmarks.reliability.worker import Ack, acks_in, digest_of

NINE = datetime(2026, 9, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTCOME = {"version": 1, "lines": []}
GIVEN = Entry(
    1,
    "plan.assign",
    "k1",
    {"version": 1, "decided": [{"visit_id": "V1", "technician_ids": ["T1"]}]},
    OUTCOME,
)
ISSUED = Entry(
    2, "stock.transfer", "k2", {}, {"lines": [{"source": "L", "target": "L@van/T1", "quantity": 2}]}
)
WELL = Facts(
    entries=[GIVEN, ISSUED],
    events={"W1/reported": "W1", "e1": "W1", "plan 1/V1/published": "W1"},
    bookings=[
        Booking("T1", "V1", NINE, NINE + HOUR),
        Booking("T1", "V2", NINE + HOUR, NINE + 2 * HOUR),
    ],
    balances=[Balance("L", 3, 1), Balance("L@van/T1", 2, 0)],
    movements=[
        Movement(1, "receive", None, "L", 5),
        Movement(2, "reserve", "L", None, 1),
        Movement(3, "issue", "L", "L@van/T1", 2),
    ],
    reservations=[Reservation("V1/1", "L", 1, "held"), Reservation("V1/2", "L", 4, "released")],
    versions=[Version(1, "published")],
    crews={(1, "V1"): frozenset({"T1"}), (1, "V2"): frozenset({"T1"})},
)
BEFORE = replace(WELL, entries=[], events={})
ASKED = ("k1", "k2", "e1")
ACKS = (Ack("k1", digest_of(OUTCOME)), Ack("e1"), Ack("k3", refused="ShortageError"))


def _all(facts: Facts, acks: Iterable[Ack] = ACKS, asked: Iterable[str] = ASKED) -> list[str]:
    known = list(acks)
    return [
        *nothing_is_lost(facts, known),
        *nobody_asked_for_nothing(BEFORE, facts, asked, known),
        *nobody_is_booked_twice(facts),
        *bookings_are_those_of_the_plan(facts),
        *plans_are_as_people_decided(facts),
        *stock_is_conserved(BEFORE, facts),
    ]


def test_where_all_is_well_nothing_is_found() -> None:
    assert _all(WELL) == []


def test_what_was_told_and_is_not_there_is_lost() -> None:
    assert _all(WELL, [Ack("k9", "digest")]) == ["lost: k9 was told to be done"]
    assert _all(WELL, [Ack("k1", "other")]) == ["lost: k1 was told to be done"]
    assert _all(WELL, [Ack("e9")]) == ["lost: event e9 was told to be on record"]


def test_what_nobody_asked_for_is_a_ghost() -> None:
    assert _all(WELL, asked=("k2", "e1"), acks=()) == ["ghost: plan.assign k1"]
    assert _all(WELL, asked=("k1", "k2"), acks=()) == ["ghost: event e1"]
    refused = [Ack("k2", refused="ShortageError")]
    assert _all(WELL, refused) == ["ghost: stock.transfer k2"]
    another = [*WELL.versions, Version(2, "draft")]
    assert _all(replace(WELL, versions=another)) == ["ghost: version 2"]


def test_bookings_that_overlap_are_found() -> None:
    late = Booking("T1", "V1", NINE, NINE + HOUR + timedelta(seconds=1))
    (found,) = _all(replace(WELL, bookings=[late, WELL.bookings[1]]))
    assert found == "double booking: T1 at V1 and V2, 2026-09-07T02:00:00+00:00"
    others = [late._replace(technician_id="T2"), WELL.bookings[1]]
    assert list(nobody_is_booked_twice(replace(WELL, bookings=others))) == []


def test_bookings_are_compared_with_the_published_plan() -> None:
    assert _all(replace(WELL, bookings=WELL.bookings[:1])) == ["bookings and plan differ: T1 at V2"]
    assert _all(replace(WELL, versions=[Version(1, "superseded")])) == ["published versions: []"]


def test_a_decision_that_no_plan_has_is_lost() -> None:
    later = Entry(
        3,
        "plan.assign",
        "k1",
        {"version": 1, "decided": [{"visit_id": "V1", "technician_ids": ["T2"]}]},
        OUTCOME,
    )
    (found,) = plans_are_as_people_decided(replace(WELL, entries=[GIVEN, later]))
    assert found == "decision lost: V1 in version 1"


@pytest.mark.parametrize(
    ("balance", "found"),
    [
        (Balance("L", 4, 1), ["5 units became 6", "L has 4, its movements say 3"]),
        (Balance("L", 3, 2), ["L promises 2, its reservations say 1"]),
    ],
)
def test_balances_are_compared_with_movements(balance: Balance, found: list[str]) -> None:
    facts = replace(WELL, balances=[balance, WELL.balances[1]])
    assert _all(facts) == [f"stock: {said}" for said in found]


def test_units_that_left_before_they_came_are_found() -> None:
    receive, reserve, issue = WELL.movements
    facts = replace(WELL, movements=[issue, reserve, receive])
    assert _all(facts) == ["stock: L was at -2"]
    assert (minimum(facts), minimum(WELL)) == (-2, 0)


def test_movements_without_a_command_are_found() -> None:
    assert _all(replace(WELL, entries=[GIVEN])) == ["stock: 0 units issued by commands, 2 moved"]


def test_a_line_that_a_kill_tore_was_told_to_nobody(tmp_path: Path) -> None:
    file = tmp_path / "acks"
    assert acks_in(file) == []
    file.write_text('["k1", "digest", ""]\n["k2", "dig', encoding="utf-8")
    assert acks_in(file) == [Ack("k1", "digest")]
