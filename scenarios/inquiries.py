"""What a study asks: how each kind is carried out, and what is told of what it came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.commands.studies import StudyKind
from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Language
from scenarios.bottlenecks import bottlenecks
from scenarios.report import (
    Report,
    bottleneck_report,
    comparison_report,
    suggestion_report,
    sweep_report,
)
from scenarios.scenario import Effort, Scenario
from scenarios.scenario_file import Axis, Target
from scenarios.study import Carried, Compared, Laboratory
from scenarios.study_form import StudyForm, check_study, scenarios_of, written_for
from scenarios.study_told import Told, told, told_bottlenecks, told_suggestion, told_sweep
from scenarios.suggest import Options, options_of, suggestion
from scenarios.sweep import Grid, grid, swept


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and the report of it in a language."""

    told: Told
    report: Callable[[Language], Report]


class Inquiry(Protocol):
    """What is asked of some facts."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those of which it is known from the start that they are planned."""
        ...

    def so_far(self, carried: Sequence[Carried], /) -> Answer | None:
        """What the runs of ``scenarios`` say that there are; None: nothing yet."""
        ...

    def answer(self, laboratory: Laboratory) -> Answer | None:
        """Carries everything out; None if it was stopped before there was anything to say."""
        ...


def inquiry_of(form: StudyForm, facts: Snapshot) -> Inquiry:
    """Raises StudyMistakesError with what cannot apply."""
    check_study(form, facts)
    if form.kind is StudyKind.COMPARE:
        return _Comparison(scenarios_of(form, facts))
    changes = tuple(change for variant in form.scenarios for change in variant.changes)
    seeds = tuple(range(1, form.seeds + 1))
    scenario = Scenario(form.name, facts, changes, seeds, Effort(form.iterations))
    change_of = written_for(scenario)
    if form.kind is StudyKind.SWEEP:
        return _Sweep(scenario, form.sweep, grid(form.sweep, scenario, change_of))
    if form.suggest is not None:
        options = options_of(form.suggest.measures, change_of)
        return _Measures(scenario, options, form.suggest.target)
    return _Bottlenecks(scenario)


@dataclass(frozen=True)
class _Comparison:
    scenarios: tuple[Scenario, ...]

    def so_far(self, carried: Sequence[Carried], /) -> Answer | None:
        baseline, *others = carried
        pairs = [pair for pair in (Compared(baseline, one) for one in others) if pair.has_pairs]
        if not pairs:
            return None
        return Answer(tuple(map(told, pairs)), lambda lang: comparison_report(pairs, lang))

    def answer(self, laboratory: Laboratory) -> Answer | None:
        return self.so_far(laboratory.carry_out(self.scenarios))


@dataclass(frozen=True)
class _Sweep:
    scenario: Scenario
    axes: tuple[Axis, ...]
    points: Grid

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return tuple(scenario for _, scenario in self.points)

    def so_far(self, carried: Sequence[Carried], /) -> Answer | None:
        found, name = swept(self.axes, self.points, carried), self.scenario.name
        if not found.points:
            return None
        made = told_sweep(name, self.scenario.changes, found)
        return Answer(made, lambda lang: sweep_report(name, found, lang))

    def answer(self, laboratory: Laboratory) -> Answer | None:
        return self.so_far(laboratory.carry_out(self.scenarios))


@dataclass(frozen=True)
class _Bottlenecks:
    scenario: Scenario

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return (self.scenario,)

    def so_far(self, _carried: Sequence[Carried], /) -> Answer | None:
        return None

    def answer(self, laboratory: Laboratory) -> Answer | None:
        found, name = bottlenecks(self.scenario, laboratory), self.scenario.name
        if not found and laboratory.stop():
            return None
        made = told_bottlenecks(name, self.scenario.changes, found)
        return Answer(made, lambda lang: bottleneck_report(name, found, lang))


@dataclass(frozen=True)
class _Measures:
    scenario: Scenario
    options: Options
    target: Target

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return (self.scenario,)

    def so_far(self, _carried: Sequence[Carried], /) -> Answer | None:
        return None

    def answer(self, laboratory: Laboratory) -> Answer | None:
        found = suggestion(self.scenario, self.options, self.target, laboratory)
        if found is None:
            return None
        name = self.scenario.name
        made = told_suggestion(name, self.scenario.changes, found)
        return Answer(made, lambda lang: suggestion_report(name, found, lang))
