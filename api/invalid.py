"""What is wrong with the fields of a request, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.texts import Language, Text

_IN = {"query": "parameter", "path": "parameter", "header": "header", "cookie": "header"}

# By pydantic's type of error; what is in braces is the error's context.
_TEXTS: Mapping[str, Text] = {
    "missing": Text("is missing", "缺少"),
    "extra_forbidden": Text("is not known here", "未知字段"),
    "json_invalid": Text("is no JSON", "不是 JSON"),
    "string_type": Text("has to be text", "应为文本"),
    "string_too_short": Text(
        "has to have at least {min_length} characters", "至少 {min_length} 个字符"
    ),
    "string_too_long": Text("may have at most {max_length} characters", "最多 {max_length} 个字符"),
    "string_pattern_mismatch": Text("does not match {pattern}", "不符合 {pattern}"),
    "string_unicode": Text("is no valid Unicode text", "不是有效的 Unicode 文本"),
    "int_type": Text("has to be a whole number", "应为整数"),
    "int_parsing": Text("has to be a whole number", "应为整数"),
    "int_from_float": Text("has to be a whole number", "应为整数"),
    "int_parsing_size": Text("is too large a number", "数值过大"),
    "bool_type": Text("has to be true or false", "应为 true 或 false"),
    "bool_parsing": Text("has to be true or false", "应为 true 或 false"),
    "greater_than_equal": Text("has to be at least {ge}", "不得小于 {ge}"),
    "greater_than": Text("has to be more than {gt}", "必须大于 {gt}"),
    "less_than_equal": Text("may be at most {le}", "不得大于 {le}"),
    "less_than": Text("has to be less than {lt}", "必须小于 {lt}"),
    "enum": Text("has to be one of {expected}", "应为下列之一：{expected}"),
    "literal_error": Text("has to be one of {expected}", "应为下列之一：{expected}"),
    "too_long": Text("may have at most {max_length} entries", "最多 {max_length} 项"),
    "too_short": Text("has to have at least {min_length} entries", "至少 {min_length} 项"),
    "list_type": Text("has to be a list", "应为列表"),
    "model_attributes_type": Text("has to be an object", "应为对象"),
    "model_type": Text("has to be an object", "应为对象"),
    "dict_type": Text("has to be an object", "应为对象"),
    "timezone_aware": Text(
        "needs an offset, such as 2026-09-29T08:30:00+08:00",
        "须带时区偏移，例如 2026-09-29T08:30:00+08:00",
    ),
}
_INSTANT = Text(
    "has to be an instant between 2000 and 2100, such as 2026-09-29T08:30:00+08:00",
    "应为 2000 至 2100 年之间的时刻，例如 2026-09-29T08:30:00+08:00",
)
_DATE = Text("has to be a date such as 2026-09-29", "应为日期，例如 2026-09-29")
_TIME = Text("has to be a time of day such as 08:30:00", "应为当日时间，例如 08:30:00")
_OTHER = Text("is not possible", "无效")


@dataclass(frozen=True, slots=True)
class Invalid:
    """A field that is wrong: ``kind`` is ``pointer`` (into the body, RFC 6901), ``parameter`` or
    ``header``, and ``where`` says which."""

    kind: str
    where: str
    text: Text
    code: str

    def say(self, language: Language) -> dict[str, str]:
        return {self.kind: self.where, "code": self.code, "detail": self.text.say(language)}


def invalid_of(found: Mapping[str, Any]) -> Invalid:
    """What the framework found. What was sent is not repeated: it may be large, or a secret."""
    place, *path = found["loc"]
    code = str(found["type"])
    if place in _IN:
        return Invalid(_IN[place], ".".join(map(str, path)), _text(code, found), code)
    return Invalid("pointer", pointer_of(path), _text(code, found), code)


def pointer_of(steps: Iterable[str | int]) -> str:
    """The pointer into a body (RFC 6901) that steps lead along."""
    return "".join(f"/{_escaped(step)}" for step in steps)


def _escaped(step: str | int) -> str:
    clean = str(step).encode("utf-8", "replace").decode()
    return clean.replace("~", "~0").replace("/", "~1")


def _text(code: str, found: Mapping[str, Any]) -> Text:
    if code.startswith("datetime"):
        return _INSTANT
    if code.startswith("date_"):
        return _DATE
    if code.startswith("time_"):
        return _TIME
    known = _TEXTS.get(code)
    context = found.get("ctx", {})
    if known is None:
        error = context.get("error")
        return error.text if isinstance(error, InstantError | LocalTimeError) else _OTHER
    return Text(known.en.format_map(context), known.zh.format_map(context))


class InstantError(ValueError):
    """An instant that no plan can have."""

    text = _INSTANT


class LocalTimeError(ValueError):
    """A time of day with an offset, or between two seconds."""

    text = _TIME
