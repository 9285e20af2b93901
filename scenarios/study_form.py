"""Studies that are asked for over HTTP, as they are kept, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from dispatch.commands.studies import StudyKind
from dispatch.domain.errors import DispatchError
from dispatch.domain.snapshot import Snapshot
from dispatch.texts import Text
from scenarios.bases import Base
from scenarios.changes import AnyChange, Change, Strict
from scenarios.scenario import BASELINE, ChangeOf, Effort, Scenario
from scenarios.scenario_file import CHANGE, Axis, Place, Suggest, mistake_of, place_text

_DELETE = "\x7f"


class Variant(Strict):
    """A scenario of a study."""

    name: str
    changes: Annotated[tuple[AnyChange, ...], Field(min_length=1)]


class StudyForm(Strict):
    """A study as it is kept. ``base`` is ``live`` or a version of the plan; ``start``, ``days`` and
    ``policy`` are for ``live`` only. Of other kinds than comparisons there is one scenario at most,
    whose changes come first."""

    name: str
    kind: StudyKind = StudyKind.COMPARE
    base: str
    start: date | None = None
    days: int | None = None
    policy: str | None = None
    seeds: int
    iterations: int
    scenarios: tuple[Variant, ...] = ()
    sweep: tuple[Axis, ...] = ()
    suggest: Suggest | None = None

    @property
    def facts_asked(self) -> Base:
        return Base(self.base, Path(), None, self.start, self.days, self.policy)


STUDY: TypeAdapter[StudyForm] = TypeAdapter(StudyForm)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with a study, and where: the steps that lead there."""

    place: Place
    text: Text


class StudyMistakesError(DispatchError):
    """All that is wrong with the scenarios of a study."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(
            "\n".join(f"{place_text(m.place)}: {m.text.en}" for m in mistakes),
            "\n".join(f"{place_text(m.place)}：{m.text.zh}" for m in mistakes),
        )
        self.mistakes = tuple(mistakes)


def changes_of(written: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[tuple[Change, ...], ...]:
    """The changes of each scenario, as they are written. Raises StudyMistakesError."""
    mistakes: list[Mistake] = []
    made = tuple(
        tuple(_changes_of(changes, number, mistakes)) for number, changes in enumerate(written)
    )
    if mistakes:
        raise StudyMistakesError(mistakes)
    return made


def _changes_of(
    written: Sequence[Mapping[str, Any]], number: int, mistakes: list[Mistake]
) -> Iterator[Change]:
    for place, change in enumerate(written):
        yield from _read(change, ("scenarios", number, "changes", place), mistakes)


def _read(written: Mapping[str, Any], steps: Place, mistakes: list[Mistake]) -> Iterator[Change]:
    """The change, if it can be read."""
    if _has_control(written):
        mistakes.append(Mistake(steps, Text("has control characters", "含有控制字符")))
        return
    try:
        yield CHANGE.validate_python(written)
    except ValidationError as error:
        mistakes += (Mistake(*mistake_of(one, steps)) for one in error.errors())


def _has_control(value: object) -> bool:
    """Whether any text in it has what no database and no page takes."""
    if isinstance(value, str):
        return any(sign < " " or sign == _DELETE for sign in value)
    if isinstance(value, Mapping):
        return any(_has_control(part) for item in value.items() for part in item)
    return isinstance(value, list | tuple) and any(map(_has_control, value))


def scenarios_of(form: StudyForm, base: Snapshot) -> tuple[Scenario, ...]:
    """The baseline, and behind it the scenarios."""
    seeds, effort = tuple(range(1, form.seeds + 1)), Effort(form.iterations)
    changed = (Scenario(v.name, base, v.changes, seeds, effort) for v in form.scenarios)
    return (Scenario(BASELINE, base, (), seeds, effort), *changed)


def written_for(scenario: Scenario) -> ChangeOf:
    """Makes the changes of sweeps and measures, which come after the scenario's own; they raise
    StudyMistakesError."""

    def change_of(written: Mapping[str, Any], steps: Place) -> Change:
        mistakes: list[Mistake] = []
        for change in _read(written, steps, mistakes):
            refused = change.refusals(scenario.facts(scenario.seeds[0]))
            mistakes += [Mistake((*steps, one.field), one.message) for one in refused]
            if not mistakes:
                return change
        raise StudyMistakesError(mistakes)

    return change_of


def check_study(form: StudyForm, base: Snapshot) -> None:
    """Raises StudyMistakesError with every change that cannot apply after those before it."""
    mistakes = []
    for number, scenario in enumerate(form.scenarios):
        snapshot = base
        for place, change in enumerate(scenario.changes):
            refused = list(change.refusals(snapshot))
            steps = ("scenarios", number, "changes", place)
            mistakes += [Mistake((*steps, one.field), one.message) for one in refused]
            if not refused:
                snapshot = change.apply(snapshot, 1)
    if mistakes:
        raise StudyMistakesError(mistakes)
