"""Who could take a visit now: what has started stays, lateness is said, and what would help."""

from dataclasses import replace

from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Pin, Window
from dispatch.judged import judged
from dispatch.takers import Takers, kept_as_of, who_could_take
from tests.builders import (
    FlatLegs,
    a_plan,
    a_policy,
    a_route,
    a_shift,
    a_snapshot,
    a_visit,
    at,
    clocks,
)
from tests.solver.monday import t1_of
from tests.solver.solving import matrix

PRICES = a_policy(unassigned_fen=1_000_000, travel_fen_per_h=2_000, paid_fen_per_h=4_500)


def _asked(snapshot: Snapshot, visit_id: str, hour: int = 0, *routes: str) -> Takers:
    """By a plan in which T1 does the visits ``routes``."""
    travel = matrix(snapshot, FlatLegs())
    plan = a_plan(a_route(*routes)) if routes else a_plan()
    found = judged(snapshot, plan, travel)
    return who_could_take(kept_as_of(found, travel, visit_id, at(hour)), visit_id, 5)


def test_what_has_started_stays_and_nothing_else_starts_in_the_past() -> None:
    """At 10:00 V1, which was to start at 08:30, is under way or over; V2 may still move."""
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B"), a_visit("V9", "C")], [t1_of()])
    found = _asked(replace(snapshot, policy=PRICES), "V9", 10, "V1", "V2")
    assert found.places
    assert all(option.start_at >= at(10) for option in found.places)
    assert all(s.visit_id != "V1" for option in found.places for s in option.shifted)


def test_a_visit_that_should_have_begun_may_go_to_somebody_else() -> None:
    t2 = t1_of(id="T2", shift=a_shift("T2"))
    snapshot = a_snapshot([a_visit("V1")], [t1_of(), t2], policy=PRICES)
    found = _asked(snapshot, "V1", 10, "V1")
    assert {o.seats[0].technician_id for o in found.places} == {"T1", "T2"}
    assert all(option.start_at >= at(10) for option in found.places)


def test_a_pin_holds_for_who_is_asked_about_too() -> None:
    t2 = t1_of(id="T2", shift=a_shift("T2"))
    pins = (Pin("V1", "T1"),)
    snapshot = a_snapshot([a_visit("V1")], [t1_of(), t2], policy=PRICES, pins=pins)
    found = _asked(snapshot, "V1", 10, "V1")
    assert [o.seats[0].technician_id for o in found.places] == ["T1"]
    assert [o.code for o in found.obstacles] == ["pinned"]


def test_where_every_place_is_late_the_least_late_is_named() -> None:
    """T2 is cheaper, and comes later than T1."""
    t1, t2 = t1_of(), t1_of(id="T2", shift=a_shift("T2", start=12))
    snapshot = a_snapshot(
        [a_visit("V9")],
        [t1, t2],
        policy=replace(PRICES, backup_territory_fen=0),
        sla_rules=clocks((ClockKind.ARRIVE, at(7))),
    )
    found = _asked(snapshot, "V9")
    assert found.least_late is not None
    assert found.least_late.seats[0].technician_id == "T1"
    late = replace(snapshot, sla_rules=clocks((ClockKind.ARRIVE, at(9))))
    assert _asked(late, "V9").least_late is None


def test_if_nobody_can_it_is_said_what_would_let_the_visit_in() -> None:
    """V9 has to start by 07:00; a wider window would do."""
    visit = a_visit("V9", windows=(Window(at(6), at(7)),))
    found = _asked(a_snapshot([visit], [t1_of()], policy=PRICES), "V9")
    assert (found.places, found.displacements) == ((), ())
    assert found.way_in is not None
    assert found.way_in.plan is not None
