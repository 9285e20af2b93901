"""What would help a visit that could only be late."""

from dataclasses import replace

from dispatch.answering import best_insertions, late_s, least_late
from dispatch.commands.stuck import in_time
from dispatch.domain.referee import judge
from dispatch.domain.work import ClockKind, Window
from dispatch.kept_plan import KeptPlan
from dispatch.reasons import in_words
from dispatch.relaxing import WayIn
from dispatch.texts import Language
from tests.builders import FlatLegs, a_plan, a_policy, a_route, a_snapshot, a_visit, at, clocks
from tests.solver.monday import t1_of
from tests.solver.solving import matrix

PRICES = a_policy(unassigned_fen=1_000_000, travel_fen_per_h=2_000, paid_fen_per_h=4_500)


def test_a_place_in_time_that_costs_more_than_to_be_late_is_named() -> None:
    """Behind V1 the long V9 is ten minutes late; before it V1 would be late by hours."""
    visits = [a_visit("V1", duration_s=1800), a_visit("V9", "B", duration_s=3 * 3600)]
    snapshot = a_snapshot(
        visits,
        [t1_of()],
        policy=PRICES,
        sla_rules=clocks((ClockKind.ARRIVE, at(8, 50)), late_fen_per_h=20_000),
    )
    travel = matrix(snapshot, FlatLegs())
    kept_plan = KeptPlan(snapshot, travel, a_plan(a_route("V1")))
    (place,) = best_insertions(kept_plan, "V9", 5).options
    assert late_s(place.margins) > 0
    assert least_late(kept_plan, "V9", (place,)) is place
    windows = (Window(snapshot.start_at, at(8, 50)),)
    visits = [visits[0], replace(visits[1], windows=windows)]
    fits, _ = in_time(kept_plan, replace(snapshot, visits=tuple(visits)), "V9")
    assert fits is not None
    verdict = judge(snapshot, fits, travel)
    assert verdict.violations == ()
    assert verdict.timetable.start_of("V9") <= at(8, 50) < verdict.timetable.start_of("V1")
    assert kept_plan.plan.routes == a_plan(a_route("V1")).routes
    said = in_words(WayIn("V9", fits), snapshot, Language.EN)
    assert said == f"It fits as it is, with {snapshot.technicians[0].name} T1 (verified)."
