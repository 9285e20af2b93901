"""What people did by hand while a search went on, done to what it found."""

from dataclasses import replace

from dispatch.commands.hand_records import Decision, HandChange, still_meant
from dispatch.commands.plan_merging import Merger
from dispatch.placing import servers
from tests.builders import a_plan, a_route, a_snapshot, a_technician, a_visit
from tests.solver.solving import PRICES


def test_a_swap_of_two_full_days_is_followed_as_one() -> None:
    """Nobody may do more than one visit, so half of it would break a rule."""
    people = [replace(a_technician(t), max_visits=1) for t in ("T1", "T2")]
    snapshot = a_snapshot([a_visit("V1"), a_visit("V2", "B")], people, policy=PRICES)
    merger = Merger(snapshot, snapshot)
    swap = HandChange("somebody", (Decision("V1", ("T2",)), Decision("V2", ("T1",))), None)
    merger.merge(a_plan(a_route("V1"), a_route("V2", technician_id="T2")), [swap])
    assert [(m.visit_id, m.fits) for m in merger.merged] == [("V1", True), ("V2", True)]
    assert [servers(merger.found.plan, v) for v in ("V1", "V2")] == [("T2",), ("T1",)]


def test_of_a_visit_only_what_was_decided_last_is_meant() -> None:
    swap = HandChange("one", (Decision("V1", ("T2",)), Decision("V2", ("T1",))), 3)
    out = HandChange("two", (Decision("V1", ()),), None)
    assert still_meant([swap, out]) == [replace(swap, decided=swap.decided[1:]), out]
