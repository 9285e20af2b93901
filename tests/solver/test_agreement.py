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
from tests.solver.solving import disagreements, matrix, solved
from tests.solver.tiny import tiny

MIXES = (
    TYPICAL,
    HARD,
    replace(HARD, crews=0.5, links=0.6),
    replace(HARD, overnight=1.0, days=3, out_of_province=0.5),
    replace(HARD, crews=0.0, links=0.0, overnight=0.0),
)
"""Some with more crews and links, and nights away, than any organisation has."""

BATCH = 50


def _organisation(seed: int) -> Organisation:
    """Of 10 to 30 visits."""
    return generate(10 + seed % 21, seed=seed, mix=MIXES[seed % len(MIXES)])


def _all_disagreements(snapshots: dict[int, Snapshot]) -> dict[int, list[str]]:
    found = {
        seed: disagreements(solved(snapshot, travel_of(snapshot), iterations=100, seed=seed))
        for seed, snapshot in snapshots.items()
    }
    return {seed: lines for seed, lines in found.items() if lines}


@pytest.mark.parametrize("first", range(0, 200, BATCH))
def test_solver_and_referee_agree_on_generated_problems(first: int) -> None:
    seeds = range(first, first + BATCH)
    assert _all_disagreements({seed: snapshot_of(_organisation(seed)) for seed in seeds}) == {}


@pytest.mark.usefixtures("search_alone")
@pytest.mark.parametrize("first", range(200, 1000, BATCH))
def test_search_and_referee_agree_on_generated_problems(first: int) -> None:
    """Without the proof of small ones, which takes most of the time and is not theirs: the tests
    on tiny problems hold that to the referee."""
    seeds = range(first, first + BATCH)
    assert _all_disagreements({seed: snapshot_of(_organisation(seed)) for seed in seeds}) == {}


@pytest.mark.parametrize("first", range(2000, 2400, BATCH))
def test_solver_and_referee_agree_on_tiny_problems_with_every_rule(first: int) -> None:
    """Few visits, but each hangs on the others."""
    found: dict[int, list[str]] = {}
    for seed in range(first, first + BATCH):
        snapshot, legs = tiny(seed)
        lines = disagreements(solved(snapshot, matrix(snapshot, legs), iterations=60, seed=seed))
        found |= {seed: lines} if lines else {}
    assert found == {}


@pytest.mark.usefixtures("search_alone")
@pytest.mark.parametrize("first", range(1000, 1200, BATCH))
def test_search_and_referee_agree_in_the_middle_of_the_day(first: int) -> None:
    snapshots = {}
    for seed in range(first, first + BATCH):
        organisation = _organisation(seed)
        # From 07:00 to 18:40, on and between full hours and breaks.
        now_at = organisation.planning_at + timedelta(minutes=seed % 50 * 14, seconds=seed % 7)
        snapshots[seed] = snapshot_of(replace(organisation, planning_at=now_at))
    assert _all_disagreements(snapshots) == {}
