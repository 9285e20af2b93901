"""Scenario files: YAML or JSON, what may stand in them, and every mistake with its place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, NaiveDatetime, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from dispatch.domain.work import ClockKind
from dispatch.exchange.errors import DataError, DataErrors, Findings
from dispatch.texts import Text
from scenarios.changes import AnyChange, Change, Refusal, Strict

DEFAULT_SEEDS = 10
DEFAULT_ITERATIONS = 5000
MOST_SEEDS = 1000
Place = tuple[str | int, ...]
CHANGE: TypeAdapter[Change] = TypeAdapter(AnyChange)


def _counted_seeds(value: object) -> object:
    """``5`` means the seeds 1 to 5."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return tuple(range(1, min(value, MOST_SEEDS + 1) + 1))
    return value


class Axis(Strict):
    """A quantity that varies: the field ``vary`` of a change takes each of ``values``.

    ``yuan`` is what one unit of it costs over the horizon, for the knee of a curve.
    """

    change: dict[str, Any]
    vary: str
    values: Annotated[tuple[float, ...], Field(min_length=2)]
    yuan: Annotated[float, Field(ge=0)] = 0.0

    def at(self, value: float) -> dict[str, Any]:
        """The change, as it is written, with a value."""
        return self.change | {self.vary: int(value) if value == int(value) else value}


class Target(Strict):
    """So many per cent of the clocks kept; with ``hours``, stopped so long after the report
    whatever the contract says."""

    clock: ClockKind = ClockKind.ARRIVE
    percent: Annotated[float, Field(gt=0, le=100)]
    hours: Annotated[float, Field(gt=0)] | None = None


class Measure(Strict):
    """What could be done to reach a target: a change that costs ``yuan``; or, with ``vary``, one
    of several sizes at ``yuan`` for each unit."""

    change: dict[str, Any]
    vary: str | None = None
    values: tuple[float, ...] = ()
    yuan: Annotated[float, Field(ge=0)]

    def levels(self) -> tuple[tuple[dict[str, Any], float], ...]:
        """The changes from small to large, as they are written, each with its price in yuan."""
        if self.vary is None:
            return ((self.change, self.yuan),)
        axis = Axis(change=self.change, vary=self.vary, values=(0, *sorted(self.values)))
        return tuple((axis.at(value), value * self.yuan) for value in sorted(self.values))


class Suggest(Strict):
    """Which target to reach, and by which measures."""

    target: Target
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]


class ScenarioForm(Strict):
    """A scenario file.

    ``base`` is a sample, a folder, a workbook, a snapshot or plan file, ``live`` (the database's
    facts; ``at`` a local time), or a version of the plan there. ``start`` and ``days`` are the
    horizon, where the base leaves it open. ``seeds`` is how many runs there are, or a list.
    """

    name: str
    base: str
    at: NaiveDatetime | None = None
    start: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    policy: str | None = None
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...],
        BeforeValidator(_counted_seeds, json_schema_input_type=int | list[int]),
        Field(min_length=1, max_length=MOST_SEEDS),
    ] = tuple(range(1, DEFAULT_SEEDS + 1))
    iterations: Annotated[int, Field(ge=1)] | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    changes: tuple[AnyChange, ...] = ()
    sweep: Annotated[tuple[Axis, ...], Field(max_length=2)] = ()
    suggest: Suggest | None = None


@dataclass(frozen=True)
class ScenarioFile:
    """A file that was read, and where in it everything stands."""

    path: Path
    form: ScenarioForm
    lines: Mapping[Place, int]

    def refuse(self, findings: Findings, steps: Place, refusal: Refusal) -> None:
        """Notes that a change cannot apply."""
        where = (*steps, refusal.field)
        findings.add(
            self.path.name,
            refusal.message,
            row=_line(self.lines, where),
            column=place_text(where),
            value=refusal.value,
        )

    def change_of(self, written: Mapping[str, Any], findings: Findings, steps: Place) -> Change:
        """The change that is written in a sweep or measure. Raises DataErrors."""
        try:
            return CHANGE.validate_python(written)
        except ValidationError as error:
            for one in error.errors():
                findings.errors.append(_data_error(self.path.name, self.lines, one, steps))
            findings.raise_if_any()
            raise


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | ScenarioForm.model_json_schema()


def read_scenario(path: Path) -> ScenarioFile:
    """A file in YAML or JSON. Raises DataErrors with all that is wrong with it."""
    content, lines = _parsed(path)
    try:
        form = ScenarioForm.model_validate(content)
    except ValidationError as error:
        wrong = (_data_error(path.name, lines, one, ()) for one in error.errors())
        raise DataErrors(tuple(wrong)) from error
    if form.iterations is not None and form.seconds is not None:
        both = Text("give iterations or seconds, not both", "iterations 与 seconds 只能给一个")
        row = _line(lines, ("seconds",))
        raise DataErrors((DataError(path.name, row, "seconds", None, both.en, both.zh),))
    return ScenarioFile(path, form, lines)


# ------------------------------------------------------------------------------------- parsing


def _parsed(path: Path) -> tuple[object, Mapping[Place, int]]:
    """What stands in a file, and the line of each place. Scalars in YAML stay texts: the form says
    what they mean, so that 17:00 is a time and ``no`` a name."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(
            path, None, Text("there is no such file, or it cannot be read", "文件不存在或无法读取")
        ) from error
    if path.suffix.lower() == ".json":
        try:
            return json.loads(text), {}
        except json.JSONDecodeError as error:
            message = Text(f"this is no valid JSON: {error.msg}", f"不是有效的 JSON：{error.msg}")
            raise _unreadable(path, error.lineno, message) from error
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        message = Text(f"this is no valid YAML: {problem}", f"不是有效的 YAML：{problem}")
        raise _unreadable(path, mark.line + 1 if mark else None, message) from error
    if root is None:
        raise _unreadable(path, None, Text("the file is empty", "文件是空的"))
    lines: dict[Place, int] = {}
    findings = Findings()
    content = _plain(root, (), lines, findings, path.name)
    findings.raise_if_any()
    return content, lines


def _plain(
    node: yaml.Node, steps: Place, lines: dict[Place, int], findings: Findings, file: str
) -> object:
    lines[steps] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*steps, number), lines, findings, file)
            for number, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        made: dict[str, object] = {}
        for key, value in node.value:
            if key.value in made:
                twice = Text("it stands here twice", "重复出现")
                line = key.start_mark.line + 1
                findings.add(file, twice, row=line, column=place_text((*steps, key.value)))
            made[key.value] = _plain(value, (*steps, key.value), lines, findings, file)
        return made
    return node.value


def _unreadable(path: Path, row: int | None, message: Text) -> DataErrors:
    return DataErrors((DataError(path.name, row, None, None, message.en, message.zh),))


# -------------------------------------------------------------------------------------- places


def _line(lines: Mapping[Place, int], steps: Place) -> int | None:
    """The line of a place, or of what it is missing in."""
    for length in range(len(steps), -1, -1):
        if steps[:length] in lines:
            return lines[steps[:length]]
    return None


def place_text(steps: Place) -> str:
    """``changes 2, like``: changes are counted from 1."""
    said = ""
    for step in steps:
        said += f" {step + 1}" if isinstance(step, int) else f", {step}" if said else step
    return said


def _steps(location: Place) -> Place:
    """The place of a mistake without what pydantic calls the kind of a change."""
    return tuple(
        step
        for before, step in zip((None, *location), location, strict=False)
        if not (step in _KINDS and (isinstance(before, int) or before == "change"))
    )


_KINDS = frozenset(CHANGE.json_schema()["discriminator"]["mapping"])
_SHOWN = 80
_DAY = Text("expected a day such as 2026-09-29", "应为日期，例如 2026-09-29")
_LOCAL = Text(
    "expected a local time without an offset, such as 2026-09-29T08:00",
    "应为不带时差的当地时间，例如 2026-09-29T08:00",
)
_MESSAGES = {
    "missing": Text("it is missing", "缺少该项"),
    "extra_forbidden": Text("there is no such field", "没有这个字段"),
    "union_tag_not_found": Text(
        "say which change this is, such as change: hire", "请说明是哪种变更，例如 change: hire"
    ),
    "int_parsing": Text("expected a whole number", "应为整数"),
    "int_type": Text("expected a whole number", "应为整数"),
    "int_from_float": Text("expected a whole number", "应为整数"),
    "float_parsing": Text("expected a number", "应为数字"),
    "float_type": Text("expected a number", "应为数字"),
    "string_type": Text("expected a text", "应为文字"),
    "bool_parsing": Text("expected true or false", "应为 true 或 false"),
    "tuple_type": Text("expected a list", "应为列表"),
    "model_type": Text("expected fields", "应为若干字段"),
    "dict_type": Text("expected fields", "应为若干字段"),
    "datetime_parsing": _LOCAL,
    "datetime_from_date_parsing": _LOCAL,
    "timezone_naive": _LOCAL,
    "time_parsing": Text("expected a time such as 08:30", "应为时刻，例如 08:30"),
    "date_from_datetime_parsing": Text(
        "expected a day such as 2026-09-29", "应为日期，例如 2026-09-29"
    ),
    "date_parsing": Text("expected a day such as 2026-09-29", "应为日期，例如 2026-09-29"),
    "string_pattern_mismatch": Text(
        "expected a day such as 2026-09-29", "应为日期，例如 2026-09-29"
    ),
    "too_short": Text("there are too few of them", "数量太少"),
    "too_long": Text("there are too many of them", "数量太多"),
}


def _data_error(
    file: str, lines: Mapping[Place, int], error: ErrorDetails, before: Place
) -> DataError:
    steps, text = mistake_of(error, before)
    value = None if error["type"] in ("missing", "value_error") else str(error["input"])[:_SHOWN]
    row = _line(lines, steps)
    return DataError(file, row, place_text(steps), value, text.en, text.zh)


def mistake_of(error: ErrorDetails, before: Place) -> tuple[Place, Text]:
    """Where something is wrong, in what stands at ``before``, and what would be right."""
    kind, context = error["type"], error.get("ctx", {})
    steps = _steps((*before, *error["loc"]))
    text = _MESSAGES.get(kind)
    if kind == "union_tag_invalid":
        known = ", ".join(sorted(_KINDS))
        text = Text(f"there is no such change; there are: {known}", f"没有这种变更；可用：{known}")
        steps = (*steps, "change")
    elif kind in ("enum", "literal_error"):
        known = str(context.get("expected", "")).replace(" or ", ", ")
        text = Text(f"expected one of {known}", f"应为以下之一：{known}")
    elif kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        sign, limit = _SIGNS[kind], next(iter(context.values()))
        text = Text(f"expected {sign} {limit}", f"应为 {sign} {limit}")
    elif kind == "value_error":
        english, _, chinese = str(context["error"]).partition("\n")
        text = Text(english, chinese)
    return steps, text or Text(error["msg"], f"内容不正确：{error['msg']}")


_SIGNS = {
    "greater_than": ">",
    "greater_than_equal": "≥",
    "less_than": "<",
    "less_than_equal": "≤",
}
