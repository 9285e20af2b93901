"""What studies of scenarios are asked for, and how they are shown."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.fields import Body, Key
from dispatch.commands.studies import StudyFacts
from scenarios.scenario_file import DEFAULT_ITERATIONS, DEFAULT_SEEDS
from scenarios.study_form import StudyForm, Variant, changes_of
from scenarios.study_told import ToldScenario

_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2099, 9, 30)
_MOST_DAYS = 31
_MOST_SCENARIOS = 20
_MOST_CHANGES = 30
_MOST_SEEDS = 100
_MOST_ITERATIONS = 200_000


class ScenarioIn(Body):
    """A scenario: `changes` of the base, done one after the other. What each may hold stands in
    `GET /v1/scenario-schema`."""

    name: Key
    changes: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=_MOST_CHANGES)


class StudyIn(Body):
    """Scenarios of one base. `base` is `live`, the facts of now, or a version of the plan:
    `published`, `draft` or its number. `start`, `days` and `policy` are for `live`. Each scenario,
    and the base as it is, is planned once with each of `seeds` seeds, `iterations` long."""

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
    scenarios: tuple[ScenarioIn, ...] = Field(min_length=1, max_length=_MOST_SCENARIOS)

    def form(self) -> StudyForm:
        """Raises StudyMistakesError."""
        changes = changes_of([scenario.changes for scenario in self.scenarios])
        return StudyForm(
            name=self.name,
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
        )


@dataclass(frozen=True, slots=True)
class Study:
    """A study: how it stands, what was asked for, and what it has come to so far."""

    facts: StudyFacts
    scenarios: tuple[dict[str, Any], ...]
    found: tuple[ToldScenario, ...]
    has_report: bool
