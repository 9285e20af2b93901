"""Kinds of cells that hold several values, such as ``gps:2;video`` or ``Mon-Fri``."""

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from zoneinfo import ZoneInfo

from dispatch.domain.calendars import HourRange
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import BreakPattern
from dispatch.domain.work import SkillNeed
from dispatch.exchange.kinds import NAME, NONE, Kind, Style, UnfitError, Value, is_none
from dispatch.exchange.times import DATE, duration, read_time, show_time
from dispatch.texts import Text

_SEMICOLON = re.compile(r"[;；]")
_COMMA = re.compile(r"[,，;；、]")
_TWICE = Text("an entry is there twice", "有重复的条目")


def _items(text: str, separator: re.Pattern[str] = _SEMICOLON) -> list[str]:
    return [item.strip() for item in separator.split(text) if item.strip()]


def _unique(
    values: list[Value], key: Callable[[Value], Value] = lambda value: value
) -> tuple[Value, ...]:
    if len({key(value) for value in values}) < len(values):
        raise UnfitError(_TWICE)
    return tuple(values)


def list_of(kind: Kind, expected: Text, none: bool = False) -> Kind:
    """Different values of ``kind``, separated by semicolons, in the order given."""

    def read(text: str, zone: ZoneInfo) -> tuple[Value, ...]:
        if none and is_none(text):
            return ()
        return _unique([kind.read(item, zone) for item in _items(text)])

    def show(values: tuple[Value, ...], style: Style) -> str:
        if none and not values:
            return style.word(NONE)
        return ";".join(kind.show(value, style) for value in values)

    return Kind(expected, read, show, names=lambda values: values)


NAMES = list_of(
    NAME, Text("names or ids, separated by semicolons", "名称或编号，以分号分隔，不可重复")
)


def _counted(
    mark: str, expected: Text, make: Callable[[str, int], Value], parts_of: Callable[[Value], Value]
) -> Kind:
    """Names, each with a whole number behind a mark; without one it is 1."""
    pattern = re.compile(rf"(.+?)\s*[{mark}]\s*(\d{{1,9}})")

    def read_item(item: str, zone: ZoneInfo) -> Value:
        matched = pattern.fullmatch(item)
        name, count = (matched[1], int(matched[2])) if matched else (item, 1)
        if count < 1:
            raise UnfitError
        return make(NAME.read(name, zone), count)

    def show_item(value: Value) -> str:
        name, count = parts_of(value)
        # A name that itself ends like one with a number needs its number behind it.
        bare = count == 1 and not pattern.fullmatch(name)
        return name if bare else f"{name}{mark[0]}{count}"

    def names(values: tuple[Value, ...]) -> Iterable[str]:
        return (parts_of(value)[0] for value in values)

    return Kind(
        expected,
        lambda text, zone: _unique(
            [read_item(item, zone) for item in _items(text)], lambda value: parts_of(value)[0]
        ),
        lambda values, _: ";".join(show_item(value) for value in values),
        names=names,
    )


SKILLS = _counted(
    ":：",
    Text(
        "skills with their level (1 if not given), such as gps:2;video",
        "技能及等级（不写为 1），例如 gps:2;video",
    ),
    SkillNeed,
    lambda need: (need.skill, need.level),
)
PARTS = _counted(
    "*×",
    Text(
        "parts with their quantity (1 if not given), such as sim*2;camera",
        "备件及数量（不写为 1），例如 sim*2;camera",
    ),
    PartQuantity,
    lambda needed: (needed.part_id, needed.quantity),
)

# Hours and breaks


def _range(text: str) -> tuple[time, time]:
    ends = re.split(r"\s*[-–~至]\s*", text)
    if len(ends) != 2:
        raise UnfitError
    return read_time(ends[0]), read_time(ends[1])


def _read_hours(text: str) -> tuple[HourRange, ...]:
    hours = sorted((HourRange(*_range(item)) for item in _items(text)), key=lambda r: r.start)
    midnight = time(0)
    for found, following in zip(hours, [*hours[1:], None], strict=True):
        if found.end <= found.start and found.end != midnight:
            raise UnfitError(Text("hours must end after they start", "结束时刻必须晚于开始时刻"))
        if following and (found.end > following.start or found.end == midnight):
            raise UnfitError(Text("the hours overlap", "时段有重叠"))
    return tuple(hours)


HOURS = Kind(
    Text(
        "business hours such as 09:00-12:00;13:00-19:30 (blank: around the clock)",
        "营业时间，例如 09:00-12:00;13:00-19:30（留空表示全天候）",
    ),
    lambda text, _: _read_hours(text),
    lambda hours, _: ";".join(f"{show_time(h.start)}-{show_time(h.end)}" for h in hours),
)

_REST = duration(least=1)


def _read_break(item: str, zone: ZoneInfo) -> BreakPattern:
    window, slash, length = item.partition("/")
    if not slash:
        raise UnfitError
    earliest, latest = _range(window.strip())
    return BreakPattern(earliest, latest, _REST.read(length.strip(), zone))


def _show_break(rest: BreakPattern, style: Style) -> str:
    window = f"{show_time(rest.earliest)}-{show_time(rest.latest)}"
    return f"{window}/{_REST.show(rest.duration_s, style)}"


BREAKS = Kind(
    Text(
        "breaks as earliest start-latest start/minutes, such as 11:30-12:30/45",
        "休息：最早开始-最晚开始/分钟，例如 11:30-12:30/45",
    ),
    lambda text, zone: tuple(_read_break(item, zone) for item in _items(text)),
    lambda breaks, style: ";".join(_show_break(rest, style) for rest in breaks),
)

# Days

_FULL_WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_WEEKDAYS = tuple(name[:3] for name in _FULL_WEEKDAYS)
_WEEKDAY = {
    name.casefold(): number
    for number, (full, chinese) in enumerate(zip(_FULL_WEEKDAYS, "一二三四五六日", strict=True))
    for name in (full, full[:3], f"周{chinese}", f"星期{chinese}")
} | {"周天": 6, "星期天": 6}
_WEEKDAY_RANGE = re.compile(r"(\w+)\s*[-–~至到]\s*(\w+)")


def _weekdays(item: str) -> list[int] | None:
    """The weekdays of ``Mon``, ``周一`` or ``Mon-Fri``; None for anything else."""
    folded = item.casefold()
    if folded in _WEEKDAY:
        return [_WEEKDAY[folded]]
    ends = _WEEKDAY_RANGE.fullmatch(folded)
    if ends is None or ends[1] not in _WEEKDAY or ends[2] not in _WEEKDAY:
        return None
    first, last = _WEEKDAY[ends[1]], _WEEKDAY[ends[2]]
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


def _read_weekdays(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for item in [] if is_none(text) else _items(text, _COMMA):
        days = _weekdays(item)
        if days is None:
            raise UnfitError
        found.update(days)
    return tuple(sorted(found))


WEEKDAYS = Kind(
    Text(
        "weekdays such as Mon-Fri or Mon,Wed,Sat, or none",
        "星期，例如 周一至周五、周一,周三，或填“无”",
    ),
    lambda text, _: _read_weekdays(text),
    lambda days, style: ",".join(_WEEKDAYS[day] for day in days) or style.word(NONE),
)

_DAY_WORDS = {
    "daily": "daily",
    "每天": "daily",
    "workdays": "workdays",
    "工作日": "workdays",
    "holidays": "holidays",
    "节假日": "holidays",
}


def _read_days(text: str, zone: ZoneInfo) -> str:
    found: list[str] = []
    for item in _items(text, _COMMA):
        days = _weekdays(item)
        if item.casefold() in _DAY_WORDS:
            found.append(_DAY_WORDS[item.casefold()])
        elif days is not None:
            found += [_WEEKDAYS[day] for day in days]
        else:
            day: date = DATE.read(item, zone)
            found.append(day.isoformat())
    return ",".join(_unique(found))


DAYS = Kind(
    Text(
        "days such as Mon-Fri, daily, workdays, holidays or 2026-10-01, separated by commas",
        "日子：周一至周五、每天、工作日、节假日或 2026-10-01，以逗号分隔",
    ),
    _read_days,
    lambda days, _: days,
)


def _read_years(text: str) -> tuple[int, ...]:
    years = [int(item) for item in _items(text, _COMMA) if re.fullmatch(r"\d{4}", item)]
    if len(years) < len(_items(text, _COMMA)):
        raise UnfitError
    return tuple(sorted(set(years)))


YEARS = Kind(
    Text("years such as 2027,2028", "年份，例如 2027,2028"),
    lambda text, _: _read_years(text),
    lambda years, _: ",".join(str(year) for year in years),
)
