"""Reasons name what was planted, and nobody is left out whom somebody could take."""

from dataclasses import replace

import pytest

from benchmarks.reasons import CAUSES, DAY, a_day, missed_visits, names_planted
from dispatch.placing import left_out
from scenarios.mix import HARD, Mix


@pytest.mark.parametrize("seed", range(6))
def test_a_planted_cause_is_named(seed: int) -> None:
    assert names_planted(seed, CAUSES[seed % len(CAUSES)])


@pytest.mark.parametrize(("seed", "mix"), [(1, HARD), (3, HARD), (2, DAY), (0, DAY)])
def test_nobody_could_take_what_the_search_left_out(seed: int, mix: Mix) -> None:
    snapshot, travel, plan = a_day(40, seed, mix, 300)
    assert plan.unassigned
    assert missed_visits(snapshot, travel, plan) == ()


def test_a_visit_that_somebody_could_take_is_found() -> None:
    snapshot, travel, plan = a_day(20, 1, replace(DAY, load=0.5, crews=0.0), 100)
    visit_id = next(s.visit_id for s in plan.routes[0].stops if s.visit_id is not None)
    assert visit_id in missed_visits(snapshot, travel, left_out(plan, visit_id))
