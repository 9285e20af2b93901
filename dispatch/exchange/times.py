"""Kinds of cells that hold durations, days, instants or times of day."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from dispatch.exchange.kinds import NONE, Kind, Style, UnfitError, exact, is_none, plain, to_decimal
from dispatch.texts import Text

_Made = TypeVar("_Made")

# Durations, kept in seconds

MINUTE, HOUR, DAY = 60, 3600, 86400
_UNIT_S = {
    **dict.fromkeys(("s", "sec", "秒"), 1),
    **dict.fromkeys(("min", "m", "分", "分钟"), MINUTE),
    **dict.fromkeys(("h", "小时", "时"), HOUR),
    **dict.fromkeys(("d", "天", "日"), DAY),
}
_CLOCKED = re.compile(r"(\d+):(\d\d)(?::(\d\d))?")
_MEASURED = re.compile(r"(.*?)\s*([a-z]+|[分秒小时钟天日]+)?")


def _seconds(text: str, unit_s: int) -> int:
    text = text.replace("：", ":").casefold()
    if clocked := _CLOCKED.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clocked.groups())
        return hours * HOUR + minutes * MINUTE + seconds
    measured = _MEASURED.fullmatch(text)
    if measured is None or (measured[2] and measured[2] not in _UNIT_S):
        raise UnfitError
    return exact(to_decimal(measured[1]) * (_UNIT_S[measured[2]] if measured[2] else unit_s), 0)


def _shown_duration(seconds: int, unit_s: int) -> str:
    if seconds * 1000 % unit_s:
        return f"{seconds} s"
    return plain(Decimal(seconds) / unit_s)


def duration(unit_s: int = MINUTE, least: int = 0, nothing: bool = False) -> Kind:
    """Minutes or hours; another unit may be written behind the number."""
    unit = Text("minutes", "分钟") if unit_s == MINUTE else Text("hours", "小时")
    examples = "90, 1:30, 90 min, 5400 s" if unit_s == MINUTE else "1.5, 1:30, 90 min, 2 d"
    bound = (
        Text("", "")
        if least < 0
        else Text(", 0 or more", "，不小于 0")
        if least == 0
        else Text(", more than 0", "，大于 0")
    )
    none = Text(", or none", "，或填“无”") if nothing else Text("", "")

    def read(text: str, _: ZoneInfo) -> int | None:
        if nothing and is_none(text):
            return None
        seconds = _seconds(text, unit_s)
        if seconds < least:
            raise UnfitError
        return seconds

    def show(value: int | None, style: Style) -> str:
        return style.word(NONE) if value is None else _shown_duration(value, unit_s)

    return Kind(
        Text(
            f"{unit.en}{bound.en} (for example {examples}){none.en}",
            f"{unit.zh}{bound.zh}（例如 {examples}）{none.zh}",
        ),
        read,
        show,
        number=True,
        shows_none=nothing,
    )


# Days and times

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MOMENT = re.compile(
    _DATE.pattern
    + r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def _date(text: str) -> date:
    # A workbook's day may come with its midnight.
    matched = _DATE.fullmatch(text.removesuffix(" 00:00:00").removesuffix(" 0:00"))
    if matched is None:
        raise UnfitError
    return _checked(lambda: date(int(matched[1]), int(matched[2]), int(matched[3])))


def _checked(make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except (ValueError, OverflowError) as error:
        raise UnfitError(Text("there is no such day or time", "没有这样的日期或时刻")) from error


DATE = Kind(
    Text("a day such as 2026-09-29", "日期，例如 2026-09-29"),
    lambda text, _: _date(text),
    lambda value, _: value.isoformat(),
)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    matched = _MOMENT.fullmatch(text.replace("：", ":"))
    if matched is None:
        raise UnfitError
    year, month, day, hour, minute, second = (int(part or 0) for part in matched.groups()[:6])
    micros = int((matched[7] or "").ljust(6, "0"))
    if matched[8] is not None:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{matched[8]}").tzinfo
        return _utc(lambda: datetime(year, month, day, hour, minute, second, micros, offset))
    at = _utc(lambda: datetime(year, month, day, hour, minute, second, micros, zone))
    back = at.astimezone(zone)
    if (back.hour, back.minute) != (hour, minute):
        raise UnfitError(
            Text(
                f"the clocks in {zone.key} go forward over this time, so it does not exist",
                f"{zone.key} 的夏令时跳过了这一时刻，它不存在",
            )
        )
    return at


def _utc(make: Callable[[], datetime]) -> datetime:
    return _checked(lambda: make().astimezone(UTC))


def _shown_moment(value: datetime, style: Style) -> str:
    local = value.astimezone(style.zone)
    text = local.replace(tzinfo=None).isoformat(" ")
    if local.fold:  # the second of two equal local times, when clocks go back
        return text + local.strftime("%z")
    return text.removesuffix(":00")


MOMENT = Kind(
    Text(
        "local day and time such as 2026-09-29 08:00 (a day alone means its 00:00), or with an"
        " offset such as 2026-09-29T08:00+08:00",
        "当地日期和时刻，例如 2026-09-29 08:00（只写日期表示当天 00:00），"
        "或带时差，例如 2026-09-29T08:00+08:00",
    ),
    _moment,
    _shown_moment,
)


def read_time(text: str) -> time:
    matched = _TIME.fullmatch(text.strip().replace("：", ":"))
    if matched is None:
        raise UnfitError
    hour, minute, second = (int(part or 0) for part in matched.groups())
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    return _checked(lambda: time(hour, minute, second))


def show_time(value: time) -> str:
    return value.isoformat().removesuffix(":00")


TIME = Kind(
    Text("a time such as 08:30", "时刻，例如 08:30"),
    lambda text, _: read_time(text),
    lambda value, _: show_time(value),
)
