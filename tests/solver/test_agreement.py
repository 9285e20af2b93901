"""The kernels and the referee follow docs/rules.md independently: they must say the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.horizon import snapshot_of
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD, TYPICAL
from tests.solver.solving import disagreements, solved

MIXES = (TYPICAL, HARD, replace(HARD, crews=0.0, links=0.0, overnight=0.0))
"""In the last one hardly anything stays out because it is not searched yet."""

BATCH = 50


def _organisation(seed: int) -> Organisation:
    """Of 10 to 30 visits."""
    return generate(10 + seed % 21, seed=seed, mix=MIXES[seed % 3])


def _all_disagreements(snapshots: dict[int, Snapshot]) -> dict[int, list[str]]:
    found = {
        seed: disagreements(solved(snapshot, travel_of(snapshot), iterations=100, seed=seed))
        for seed, snapshot in snapshots.items()
    }
    return {seed: lines for seed, lines in found.items() if lines}


@pytest.mark.parametrize("first", range(0, 1000, BATCH))
def test_solver_and_referee_agree_on_generated_problems(first: int) -> None:
    seeds = range(first, first + BATCH)
    assert _all_disagreements({seed: snapshot_of(_organisation(seed)) for seed in seeds}) == {}


@pytest.mark.parametrize("first", range(1000, 1200, BATCH))
def test_solver_and_referee_agree_in_the_middle_of_the_day(first: int) -> None:
    snapshots = {}
    for seed in range(first, first + BATCH):
        organisation = _organisation(seed)
        # From 07:00 to 18:40, on and between full hours and breaks.
        now_at = organisation.planning_at + timedelta(minutes=seed % 50 * 14, seconds=seed % 7)
        snapshots[seed] = snapshot_of(replace(organisation, planning_at=now_at))
    assert _all_disagreements(snapshots) == {}
