"""What a cell may hold: how each kind of value is read from text and written as text.

Cells of workbooks are turned into text before they come here, so that a CSV file and a workbook
are read alike. Reading raises UnfitError for a text that is no such value.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.texts import Language, Text

Value: TypeAlias = Any  # whatever the kind of the column reads


class UnfitError(ValueError):
    """The text is no such value; ``why`` says more than what the kind expects, if anything."""

    def __init__(self, why: Text | None = None) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written: local times of ``zone``, words in ``lang`` (None: in both)."""

    zone: ZoneInfo
    lang: Language | None = Language.EN

    def word(self, text: Text) -> str:
        if self.lang is None:
            return text.en if text.en == text.zh else f"{text.en} / {text.zh}"
        return text.say(self.lang)


def _only(value: Value) -> tuple[str, ...]:
    return (value,)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    ``read`` takes a text that is not blank; ``show`` a value, None only if it ``shows_none``.
    ``names`` lists the ids in a value, for checking references. ``number``: spreadsheets should
    treat it as one.
    """

    expected: Text
    read: Callable[[str, ZoneInfo], Value]
    show: Callable[[Value, Style], str]
    names: Callable[[Value], Iterable[str]] = _only
    number: bool = False
    shows_none: bool = False
    choices: tuple[Text, ...] = ()


NONE = Text("none", "无")


def sides(text: str) -> tuple[str, ...]:
    """The text, and the two halves of a bilingual ``english / 中文``."""
    return (text, *(half.strip() for half in text.split("/"))) if "/" in text else (text,)


def is_none(text: str) -> bool:
    return any(side.casefold() in (NONE.en, NONE.zh) for side in sides(text))


def _same(value: Value, _: Style) -> str:
    return str(value)


# Text and names


def _read_text(text: str, _: ZoneInfo) -> str:
    if any(ord(character) < 32 and character not in "\t\n" for character in text):
        raise UnfitError
    return text


TEXT = Kind(Text("text without control characters", "不含控制字符的文字"), _read_text, _same)

_LOST_DIGITS = re.compile(r"\d(\.\d+)?[eE]\+\d+")


def _name(text: str) -> str:
    if _LOST_DIGITS.fullmatch(text):
        raise UnfitError(
            Text(
                "the spreadsheet turned this id into a number and lost digits;"
                " format the column as text and enter it again",
                "表格软件把该编号变成了数字并丢失了位数；请把该列设为文本格式后重新填写",
            )
        )
    if not text or any(character in ";；\n\t" for character in text) or not text.isprintable():
        raise UnfitError
    return text


NAME = Kind(
    Text("a name or id without semicolons or line breaks", "不含分号和换行的名称或编号"),
    lambda text, _: _name(text),
    _same,
)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnfitError from error
    return text


TIME_ZONE = Kind(
    Text("a time zone such as Asia/Shanghai", "时区，例如 Asia/Shanghai"),
    lambda text, _: _time_zone(text),
    _same,
)

# Choices


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).casefold()


def one_of(words: dict[Any, Text], expected: Text | None = None) -> Kind:
    """A choice; each value may be written with its English or Chinese word, or both."""
    by_word = {_folded(word): value for value, text in words.items() for word in (text.en, text.zh)}
    listed = ", ".join(f"{text.en} ({text.zh})" for text in words.values())

    def read(text: str, _: ZoneInfo) -> Value:
        for side in sides(text):
            if (folded := _folded(side)) in by_word:
                return by_word[folded]
        raise UnfitError

    return Kind(
        expected or Text(f"one of: {listed}", f"以下之一：{listed}"),
        read,
        lambda value, style: style.word(words[value]),
        choices=tuple(words.values()),
    )


def enum_of(chinese: dict[Any, str]) -> Kind:
    """A choice among the members of a StrEnum, given with their Chinese words."""
    return one_of({member: Text(str(member.value), word) for member, word in chinese.items()})


_YES = {"yes": True, "y": True, "true": True, "1": True, "是": True, "√": True}
_NO = {"no": False, "n": False, "false": False, "0": False, "否": False, "×": False}
_FLAG_WORDS = {True: Text("yes", "是"), False: Text("no", "否")}


def _flag(text: str) -> bool:
    for side in sides(text):
        found = (_YES | _NO).get(side.casefold())
        if found is not None:
            return found
    raise UnfitError


FLAG = Kind(
    Text("yes or no", "是或否"),
    lambda text, _: _flag(text),
    lambda value, style: style.word(_FLAG_WORDS[value]),
    choices=tuple(_FLAG_WORDS.values()),
)

# Numbers


def to_decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UnfitError from error
    if not number.is_finite() or abs(number) > 10**12:
        raise UnfitError
    return number


def exact(number: Decimal, digits: int) -> int:
    """``number`` × 10^digits, forgiving the dust of binary floats in workbooks."""
    scaled = number.scaleb(digits)
    nearest = int(scaled.to_integral_value())
    if abs(scaled - nearest) > Decimal("1e-6"):
        raise UnfitError(
            Text(
                f"at most {digits} digits after the point are kept"
                if digits
                else "it must be a whole number",
                f"小数点后最多 {digits} 位" if digits else "必须是整数",
            )
        )
    return nearest


def plain(number: Decimal) -> str:
    """Without exponent and superfluous zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_of(expected: Text, digits: int = 0, least: int = 0) -> Kind:
    """A number that is kept as an integer of its last digit, not below ``least``."""

    def read(text: str, _: ZoneInfo) -> int:
        value = exact(to_decimal(text), digits)
        if value < least:
            raise UnfitError
        return value

    return Kind(expected, read, lambda value, _: plain(Decimal(value).scaleb(-digits)), number=True)


COUNT = number_of(Text("a whole number, 0 or more", "不小于 0 的整数"))
POSITIVE = number_of(Text("a whole number, 1 or more", "不小于 1 的整数"), least=1)
YUAN = number_of(
    Text("yuan, 0 or more, at most 2 digits after the point", "元，不小于 0，最多两位小数"), 2
)
KM = number_of(
    Text("kilometres, more than 0, at most 3 digits after the point", "公里，大于 0，最多三位小数"),
    3,
    1,
)


def _factor(text: str) -> int:
    percent = text.endswith(("%", "％"))
    value = exact(to_decimal(text.rstrip("%％ ")) / (100 if percent else 1), 3)
    if value < 0:
        raise UnfitError
    return value


FACTOR = Kind(
    Text("a factor such as 1.3 or 130%, 0 or more", "系数，例如 1.3 或 130%，不小于 0"),
    lambda text, _: _factor(text),
    lambda value, _: plain(Decimal(value).scaleb(-3)),
    number=True,
)


def degrees(limit: int, expected: Text) -> Kind:
    def read(text: str, _: ZoneInfo) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise UnfitError from error
        if not isfinite(value) or abs(value) > limit:
            raise UnfitError
        return value

    return Kind(expected, read, lambda value, _: repr(value), number=True)


LATITUDE = degrees(90, Text("degrees from -90 to 90", "-90 到 90 之间的度数"))
LONGITUDE = degrees(180, Text("degrees from -180 to 180", "-180 到 180 之间的度数"))
