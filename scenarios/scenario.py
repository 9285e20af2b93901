"""A scenario: facts, changes of them, and how often and how long to plan what results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.errors import Findings
from scenarios.bases import Base, snapshot_at
from scenarios.changes import Change
from scenarios.scenario_file import DEFAULT_ITERATIONS, Place, ScenarioFile, read_scenario


@dataclass(frozen=True, slots=True)
class Effort:
    """How long one run searches: iterations (repeatable) or seconds; the other is None."""

    iterations: int | None = DEFAULT_ITERATIONS
    seconds: float | None = None


@dataclass(frozen=True)
class Scenario:
    """Facts with changes, to be planned once with each seed. Without changes it is a baseline."""

    name: str
    base: Snapshot
    changes: tuple[Change, ...]
    seeds: tuple[int, ...]
    effort: Effort
    _made: dict[int, Snapshot] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_seeded(self) -> bool:
        """Whether the facts differ from seed to seed."""
        return any(change.seeded for change in self.changes)

    def facts(self, seed: int) -> Snapshot:
        """The facts of one run."""
        key = seed if self.is_seeded else -1
        if key not in self._made:
            self._made[key] = changed(self.base, self.changes, seed)
        return self._made[key]

    @property
    def baseline(self) -> "Scenario":
        """The same without changes."""
        return Scenario(BASELINE, self.base, (), self.seeds, self.effort)

    def having(self, name: str, *more: Change) -> "Scenario":
        """With changes after its own."""
        return Scenario(name, self.base, (*self.changes, *more), self.seeds, self.effort)


BASELINE = "baseline"


@dataclass(frozen=True)
class Loaded:
    """A scenario with the file that it came from."""

    file: ScenarioFile
    scenario: Scenario

    def change_of(self, written: Mapping[str, object], steps: Place) -> Change:
        """The change that is written in a sweep or measure, if it can apply after the scenario's
        own. Raises DataErrors."""
        findings = Findings()
        change = self.file.change_of(written, findings, steps)
        for refusal in change.refusals(self.scenario.facts(self.scenario.seeds[0])):
            self.file.refuse(findings, steps, refusal)
        findings.raise_if_any()
        return change


ChangeOf = Callable[[Mapping[str, object], Place], Change]
"""What makes a change of what is written at some place, or refuses it."""


def changed(snapshot: Snapshot, changes: Sequence[Change], seed: int) -> Snapshot:
    """The facts with changes, one after the other."""
    for change in changes:
        snapshot = change.apply(snapshot, seed)
    return snapshot


def load_scenario(
    path: Path, effort: Effort | None = None, seeds: tuple[int, ...] | None = None
) -> Loaded:
    """A scenario by its file; ``effort`` and ``seeds`` instead of the file's.

    Raises DataErrors with every mistake at once, and whatever keeps its base from being loaded.
    """
    file = read_scenario(path)
    form = file.form
    first = date.fromisoformat(form.start) if form.start else None
    base = snapshot_at(Base(form.base, path.parent, form.at, first, form.days, form.policy))
    if effort is None:
        effort = Effort(form.iterations, form.seconds)
        if form.iterations is None and form.seconds is None:
            effort = Effort()
    scenario = Scenario(form.name, base, form.changes, seeds or form.seeds, effort)
    findings = Findings()
    _check(file, scenario, findings)
    findings.raise_if_any()
    return Loaded(file, scenario)


def _check(file: ScenarioFile, scenario: Scenario, findings: Findings) -> None:
    """Notes every change that cannot apply after those before it; it is passed over then."""
    snapshot, seed = scenario.base, scenario.seeds[0]
    for number, change in enumerate(scenario.changes):
        refused = list(change.refusals(snapshot))
        for refusal in refused:
            file.refuse(findings, ("changes", number), refusal)
        if not refused:
            snapshot = change.apply(snapshot, seed)
