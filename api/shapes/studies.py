"""What studies of scenarios are asked for, and how they are shown."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.errors import UnfitError
from api.fields import Body, Key
from dispatch.commands.studies import StudyFacts, StudyKind
from dispatch.domain.work import ClockKind
from scenarios.scenario_file import (
    DEFAULT_ITERATIONS,
    DEFAULT_SEEDS,
    Axis,
    Measure,
    Suggest,
    Target,
)
from scenarios.study_form import StudyForm, Variant, changes_of
from scenarios.study_told import Told, ToldBottlenecks, ToldScenario, ToldSuggestion, ToldSweep

_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 9, 30)
_MOST_DAYS = 31
_MOST_SCENARIOS = 20
_MOST_CHANGES = 30
_MOST_SEEDS = 100
_MOST_ITERATIONS = 200_000
_MOST_AXES = 2
_MOST_VALUES = 20
_MOST_MEASURES = 10
_MOST_HOURS = 8784
_MOST_VALUE = 1_000_000
_MOST_YUAN = 1_000_000_000
_Value = Annotated[float, Field(ge=-_MOST_VALUE, le=_MOST_VALUE)]
_Yuan = Annotated[float, Field(ge=0, le=_MOST_YUAN)]


class ScenarioIn(Body):
    """A scenario: `changes` of the base, done one after the other. What each may hold stands in
    `GET /v1/scenario-schema`."""

    name: Key
    changes: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=_MOST_CHANGES)


class AxisIn(Body):
    """A quantity that varies: the field `vary` of a change takes each of `values`. `yuan` is what
    one unit of it costs over the horizon."""

    change: dict[str, Any]
    vary: Key
    values: tuple[_Value, ...] = Field(min_length=2, max_length=_MOST_VALUES)
    yuan: _Yuan = 0.0


class TargetIn(Body):
    """So many per cent of the clocks kept; with `hours`, stopped so long after the report whatever
    the contract says."""

    clock: ClockKind = ClockKind.ARRIVE
    percent: float = Field(gt=0, le=100)
    hours: Annotated[float, Field(gt=0, le=_MOST_HOURS)] | None = None


class MeasureIn(Body):
    """What could be done: a change that costs `yuan`; or, with `vary`, one of several sizes at
    `yuan` for each unit."""

    change: dict[str, Any]
    vary: Key | None = None
    values: tuple[_Value, ...] = Field((), max_length=_MOST_VALUES)
    yuan: _Yuan


class SuggestIn(Body):
    """Which target to reach, and by which measures."""

    target: TargetIn
    measures: tuple[MeasureIn, ...] = Field(min_length=1, max_length=_MOST_MEASURES)


class StudyIn(Body):
    """Scenarios of one base. `base` is `live`, the facts of now, or a version of the plan:
    `published`, `draft` or its number. `start`, `days` and `policy` are for `live`. Each scenario,
    and the base as it is, is planned once with each of `seeds` seeds, `iterations` long.

    `kind`: `compare` wants scenarios; `sweep` one or two quantities; `suggest` a target and
    measures; `bottlenecks` nothing else. The last three take one scenario or none, whose changes
    come first."""

    model_config = Body.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "name": "8 h in the province",
                    "seeds": 10,
                    "scenarios": [
                        {
                            "name": "8 h",
                            "changes": [{"change": "sla", "clock": "arrive", "hours": 8}],
                        }
                    ],
                }
            ]
        }
    }

    name: Key
    kind: StudyKind = StudyKind.COMPARE
    base: Annotated[str, Field(pattern=r"^(live|published|draft|[1-9][0-9]{0,8})$")] = "live"
    start: date | None = Field(
        None, ge=_FIRST_DAY, le=_LAST_DAY, description="The first local day; today."
    )
    days: Annotated[int, Field(ge=1, le=_MOST_DAYS, strict=True)] | None = Field(
        None, description="How many; the organisation's own number."
    )
    policy: Key | None = None
    seeds: int = Field(DEFAULT_SEEDS, ge=1, le=_MOST_SEEDS, strict=True)
    iterations: int = Field(DEFAULT_ITERATIONS, ge=1, le=_MOST_ITERATIONS, strict=True)
    scenarios: tuple[ScenarioIn, ...] = Field((), max_length=_MOST_SCENARIOS)
    sweep: tuple[AxisIn, ...] = Field((), max_length=_MOST_AXES)
    suggest: SuggestIn | None = None

    def form(self) -> StudyForm:
        """Raises StudyMistakesError, UnfitError."""
        self._check_kind()
        changes = changes_of([scenario.changes for scenario in self.scenarios])
        return StudyForm(
            name=self.name,
            kind=self.kind,
            base=self.base,
            start=self.start,
            days=self.days,
            policy=self.policy,
            seeds=self.seeds,
            iterations=self.iterations,
            scenarios=tuple(
                Variant.model_validate({"name": scenario.name, "changes": made})
                for scenario, made in zip(self.scenarios, changes, strict=True)
            ),
            sweep=tuple(Axis.model_validate(axis.model_dump()) for axis in self.sweep),
            suggest=_suggest_of(self.suggest) if self.suggest is not None else None,
        )

    def _check_kind(self) -> None:
        """Whether there is what the kind of the study is about, and nothing else."""
        kind = self.kind
        there = {
            "scenarios": len(self.scenarios) > (kind is not StudyKind.COMPARE),
            "sweep": bool(self.sweep),
            "suggest": self.suggest is not None,
        }
        wanted = {StudyKind.COMPARE: "scenarios", StudyKind.BOTTLENECKS: None}.get(kind, kind.value)
        for field, is_there in there.items():
            if field == wanted and not is_there:
                raise UnfitError(
                    f"/{field}", f"A study of kind {kind} needs it.", f"{kind} 类研究需要此项。"
                )
            if field != wanted and is_there:
                raise UnfitError(
                    f"/{field}",
                    f"A study of kind {kind} has no use for it, or for one only.",
                    f"{kind} 类研究不使用此项，或最多一个。",
                )


def _suggest_of(asked: SuggestIn) -> Suggest:
    return Suggest(
        target=Target.model_validate(asked.target.model_dump()),
        measures=tuple(Measure.model_validate(one.model_dump()) for one in asked.measures),
    )


@dataclass(frozen=True, slots=True)
class Study:
    """A study: how it stands, what was asked for, and what it has come to so far: of a comparison
    in `found`, of other kinds in `swept`, `bottlenecks` or `suggested`."""

    facts: StudyFacts
    start: date | None
    days: int | None
    policy: str | None
    scenarios: tuple[dict[str, Any], ...]
    sweep: tuple[dict[str, Any], ...]
    suggest: dict[str, Any] | None
    found: tuple[ToldScenario, ...]
    swept: ToldSweep | None
    bottlenecks: ToldBottlenecks | None
    suggested: ToldSuggestion | None
    has_report: bool


def study_out(facts: StudyFacts, form: StudyForm, found: Told, *, has_report: bool) -> Study:
    """``found`` is empty as long as there is nothing."""
    return Study(
        facts=facts,
        start=form.start,
        days=form.days,
        policy=form.policy,
        scenarios=tuple(one.model_dump(mode="json") for one in form.scenarios),
        sweep=tuple(one.model_dump(mode="json") for one in form.sweep),
        suggest=form.suggest.model_dump(mode="json") if form.suggest is not None else None,
        found=found if isinstance(found, tuple) else (),
        swept=found if isinstance(found, ToldSweep) else None,
        bottlenecks=found if isinstance(found, ToldBottlenecks) else None,
        suggested=found if isinstance(found, ToldSuggestion) else None,
        has_report=has_report,
    )
