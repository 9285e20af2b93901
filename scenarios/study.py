"""Scenarios carried out: all their runs, and each compared with a baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from scenarios.compare import Comparison, compare
from scenarios.executing import Done, Workers, run_all
from scenarios.hands import Handover, handovers
from scenarios.outcome import Outcome
from scenarios.results import Keeping
from scenarios.run import Job, jobs_of
from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Laboratory:
    """Where runs are carried out and kept, and who hears of it."""

    results: Keeping
    workers: Workers
    report: Callable[[Done], None]
    stop: Callable[[], bool]

    def carry_out(self, scenarios: Sequence[Scenario]) -> tuple["Carried", ...]:
        """Each scenario with the outcomes that there are: all, unless it was stopped."""
        jobs = [jobs_of(scenario) for scenario in scenarios]
        run_all(_by_seed(jobs), self.results, self.workers, self.report, self.stop)
        known = self.results.known
        return tuple(
            Carried(scenario, {job.seed: known[job.key] for job in own if job.key in known})
            for scenario, own in zip(scenarios, jobs, strict=True)
        )


def _by_seed(jobs: Sequence[Sequence[Job]]) -> list[Job]:
    """The first seed of all scenarios, then the second: whoever stops early has pairs."""
    most = max(map(len, jobs), default=0)
    return [own[number] for number in range(most) for own in jobs if number < len(own)]


@dataclass(frozen=True)
class Carried:
    """A scenario with its outcomes by seed."""

    scenario: Scenario
    outcomes: dict[int, Outcome]

    @property
    def is_whole(self) -> bool:
        return len(self.outcomes) == len(self.scenario.seeds)

    def mean(self, code: str) -> float:
        """The mean of a figure over all runs, of which there has to be one at least."""
        values = [outcome.figures.get(code, 0.0) for outcome in self.outcomes.values()]
        return sum(values) / len(values)


@dataclass(frozen=True)
class Compared:
    """A scenario beside its baseline."""

    before: Carried
    after: Carried

    @property
    def has_pairs(self) -> bool:
        """Whether any seed is done in both; without one there is nothing to say."""
        return bool(self.before.outcomes.keys() & self.after.outcomes.keys())

    @cached_property
    def comparison(self) -> Comparison:
        seed = self._seed
        return compare(
            (self.before.scenario.name, self.after.scenario.name),
            (self.before.scenario.facts(seed), self.after.scenario.facts(seed)),
            self.before.outcomes,
            self.after.outcomes,
        )

    @cached_property
    def hands(self) -> tuple[Handover, ...]:
        seed = self._seed
        return handovers(
            (self.before.scenario.facts(seed), self.after.scenario.facts(seed)),
            tuple(self.before.outcomes.values()),
            tuple(self.after.outcomes.values()),
        )

    @property
    def _seed(self) -> int:
        return next(iter(self.after.outcomes))
