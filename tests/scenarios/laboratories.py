"""Scenarios of small facts, and laboratories that carry them out in the test's own process."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dispatch.domain.sla import SlaRule
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind
from dispatch.horizon import snapshot_of
from scenarios.changes import Change
from scenarios.changes.people import Train
from scenarios.executing import Workers
from scenarios.generate import generate
from scenarios.mix import PLAIN, SKILLS
from scenarios.results import Results
from scenarios.scenario import Effort, Scenario, changed
from scenarios.study import Laboratory
from tests.builders import a_policy, a_snapshot, a_technician, a_visit, at, clocks


def a_laboratory(folder: Path) -> Laboratory:
    """One worker, a thread of this process."""
    return Laboratory(
        Results(folder), Workers(1, lambda: ThreadPoolExecutor(1)), lambda _: None, lambda: False
    )


def a_scenario(
    *changes: Change,
    base: Snapshot | None = None,
    seeds: Sequence[int] = (1, 2),
    iterations: int = 50,
    name: str = "test",
) -> Scenario:
    base = busy_day() if base is None else base
    return Scenario(name, base, changes, tuple(seeds), Effort(iterations))


def busy_day(visits: int = 4) -> Snapshot:
    """One technician, who has to be on site everywhere by 12:00 and cannot: each visit takes two
    hours and he begins at eight."""
    arrive: tuple[SlaRule, ...] = clocks((ClockKind.ARRIVE, at(12)), breach_fen=30_000)
    return a_snapshot(
        [a_visit(f"V{i}", duration_s=7200) for i in range(1, visits + 1)],
        [a_technician()],
        sla_rules=arrive,
        policy=a_policy(500_000, paid_fen_per_h=4500, travel_fen_per_h=2000),
    )


def everybody_can(seed: int, visits: int = 40) -> Snapshot:
    """A made-up day with parts for all, on which everybody has every skill."""
    made = snapshot_of(generate(visits, seed, PLAIN))
    return changed(made, [Train(skill=skill) for skill in SKILLS], seed)
