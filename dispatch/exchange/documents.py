"""Snapshots and plans as JSON documents, and the schemas of these."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, core_schema

from dispatch.domain.plan import Plan
from dispatch.domain.plan_check import PlanError, check_plan
from dispatch.domain.referee import Verdict
from dispatch.domain.snapshot import Snapshot
from dispatch.exchange.errors import DataError, DataErrors, Findings
from dispatch.exchange.forms import DecisionsForm, PlanForm, SnapshotForm, verdict_form
from dispatch.exchange.kinds import Value
from dispatch.exchange.references import contradictions
from dispatch.texts import Text

FORMAT_VERSION: Final = 1
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHOWN = 80  # characters of a wrong value that an error shows
_SIGNED = ("min_lag_s", "max_lag_s")  # the only integers that may be negative
_OPEN = (SnapshotForm, DecisionsForm)  # read from files that hold more
_Form = TypeVar("_Form")


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan with the facts it was made for, and what the manual dispatcher would have done."""

    snapshot: Snapshot
    plan: Plan
    manual: Plan | None = None


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Writes a snapshot file; equal snapshots make equal bytes."""
    write_form(SnapshotForm, SnapshotForm(FORMAT_VERSION, snapshot), path)


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot of a snapshot file or a plan file. Raises DataErrors."""
    return _checked(path, read_form(path, SnapshotForm).snapshot)


def write_plan(
    document: PlanDocument, path: Path, verdict: Verdict, manual_verdict: Verdict | None = None
) -> None:
    """Writes a plan file, with the verdicts on the plan and on the manual plan for its readers."""
    form = PlanForm(
        FORMAT_VERSION,
        document.snapshot,
        document.plan,
        document.manual,
        verdict_form(verdict),
        verdict_form(manual_verdict) if manual_verdict is not None else None,
    )
    write_form(PlanForm, form, path)


def read_plan(path: Path) -> PlanDocument:
    """The plan file without its verdicts, which follow from the plans. Raises DataErrors."""
    read = read_form(path, DecisionsForm)
    snapshot = _checked(path, read.snapshot)
    for pointer, plan in (("/plan", read.plan), ("/manual", read.manual)):
        if plan is not None:
            try:
                check_plan(snapshot, plan)
            except PlanError as error:
                place = DataError(
                    path.name, None, pointer, None, error.message_en, error.message_zh
                )
                raise DataErrors((place,)) from error
    return PlanDocument(snapshot, read.plan, read.manual)


def json_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas (draft 2020-12) of snapshot files and of plan files."""
    return {"snapshot": _json_schema(SnapshotForm), "plan": _json_schema(PlanForm)}


def _json_schema(form: type[Any]) -> dict[str, Any]:
    schema = GenerateJsonSchema().generate(_strict_schema(form))
    for described in (schema, *schema["$defs"].values()):
        if "properties" in described:
            described["additionalProperties"] = False
    return {"$schema": _DIALECT} | schema


def write_form(form: type[_Form], value: _Form, path: Path) -> None:
    """Writes a dataclass as a JSON file; equal values make equal bytes."""
    path.write_bytes(TypeAdapter(form).dump_json(value, indent=1) + b"\n")


def read_form(path: Path, form: type[_Form]) -> _Form:
    """What ``write_form`` wrote. Raises DataErrors."""
    try:
        content = path.read_bytes()
    except OSError as error:
        place = DataError(
            str(path),
            None,
            None,
            None,
            "there is no such file, or it cannot be read",
            "文件不存在或无法读取",
        )
        raise DataErrors((place,)) from error
    try:
        read: _Form = SchemaValidator(_strict_schema(form)).validate_json(content, strict=True)
    except ValidationError as error:
        raise DataErrors(tuple(_data_error(path, e) for e in error.errors())) from error
    return read


def _checked(path: Path, snapshot: Snapshot) -> Snapshot:
    findings = Findings()
    for found in contradictions(snapshot):
        pointer = f"/snapshot{found.pointer}"
        findings.add(path.name, found.message, column=pointer, value=found.value)
    findings.raise_if_any()
    return snapshot


# The schemas that pydantic makes of the dataclasses, made stricter where JSON needs it


def _strict_schema(form: type[Any]) -> CoreSchema:
    strict: CoreSchema = _stricter(TypeAdapter(form).core_schema, signed=False)
    return strict


def _stricter(schema: Value, signed: bool) -> Value:
    """Aware times (as UTC), no negative numbers but lags, no NaN, no unknown fields."""
    if isinstance(schema, list | tuple):
        return [_stricter(item, signed) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    signed = signed or (kind == "dataclass-field" and schema["name"] in _SIGNED)
    made = {key: _stricter(value, signed) for key, value in schema.items()}
    if kind == "datetime":
        aware = {**made, "tz_constraint": "aware"}
        return core_schema.no_info_after_validator_function(_utc, aware)
    if kind == "int" and not signed:
        made["ge"] = 0
    elif kind == "float":
        made["allow_inf_nan"] = False
    elif kind == "dataclass":
        made["schema"]["extra_behavior"] = "ignore" if schema["cls"] in _OPEN else "forbid"
    return made


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


# What pydantic says, for people

_AWARE = Text(
    "expected a time with its offset, such as 2026-09-29T08:00:00+08:00",
    "应为带时差的时间，例如 2026-09-29T08:00:00+08:00",
)
_DAY = Text("expected a day such as 2026-09-29", "应为日期，例如 2026-09-29")
_TIME = Text("expected a time such as 08:30:00", "应为时刻，例如 08:30:00")
_OBJECT = Text("expected an object", "应为对象")
_MESSAGES = {
    "missing": Text("it is missing", "缺少该项"),
    "unexpected_keyword_argument": Text("there is no such field", "没有这个字段"),
    "timezone_aware": _AWARE,
    "datetime_type": _AWARE,
    "datetime_parsing": _AWARE,
    "datetime_from_date_parsing": _AWARE,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "time_type": _TIME,
    "time_parsing": _TIME,
    "int_type": Text("expected a whole number", "应为整数"),
    "int_from_float": Text("expected a whole number", "应为整数"),
    "greater_than_equal": Text("expected 0 or more", "应不小于 0"),
    "float_type": Text("expected a number", "应为数字"),
    "finite_number": Text("expected a finite number", "应为有限的数字"),
    "string_type": Text("expected a text", "应为文字"),
    "bool_type": Text("expected true or false", "应为 true 或 false"),
    "tuple_type": Text("expected a list", "应为列表"),
    "dataclass_type": _OBJECT,
    "dataclass_exact_type": _OBJECT,
}


def _data_error(path: Path, error: ErrorDetails) -> DataError:
    text = _MESSAGES.get(error["type"])
    row = None
    if error["type"] == "json_invalid":
        line = re.search(r"at line (\d+)", error["msg"])
        row = int(line[1]) if line else None
        reason = str(error.get("ctx", {}).get("error", ""))
        text = Text(f"this is no valid JSON: {reason}", f"不是有效的 JSON：{reason}")
    elif error["type"] in ("enum", "literal_error"):
        expected = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
        text = Text(f"expected one of {expected}", f"应为以下之一：{expected}")
    text = text or Text(error["msg"], f"内容不正确：{error['msg']}")
    shown = None if error["type"] in ("missing", "json_invalid") else _shown(error["input"])
    return DataError(path.name, row, _pointer(error["loc"]), shown, text.en, text.zh)


def _pointer(steps: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _shown(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
