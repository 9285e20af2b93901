"""The sections of a simulation's report about technicians: how busy they were, who was away, which
rules did not hold."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from dispatch import texts
from scenarios.period_charts import HeatMap, Line
from scenarios.report import Section
from scenarios.simulation.lived import Lived
from scenarios.simulation.measures import DayFigures, WorkOfDay
from scenarios.simulation.report_tables import (
    MOST_COLUMNS,
    PERCENT,
    cells_of,
    column_word,
    decimal_of,
    labels_of,
    row_of,
    trend_of,
)
from scenarios.simulation.words import broken_by_plans, plans_are_legal

_MOST_CELLS = 35
"""Columns of heat maps, where each has its figure."""
_MOST_ROWS = 30
"""So many technicians have a row of their own in the heat map; more are put together."""
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    ids: frozenset[str]


def _groups(lived: Lived) -> list[_Group]:
    """The technicians one by one, or those of each station."""
    organisation = lived.setting.organisation
    people = organisation.technicians
    if len(people) <= _MOST_ROWS:
        return [_Group(person.name, frozenset({person.id})) for person in people]
    found = (
        _Group(s.name, frozenset(p.id for p in people if p.station_id == s.id))
        for s in organisation.stations
    )
    return [group for group in found if group.ids]


def use_of_hours(lived: Lived) -> Section:
    lang, groups = lived.lang, _groups(lived)
    periods = lived.periods(_MOST_CELLS)
    rows = tuple(
        (group.name, tuple(lived.use_permille(group.ids, days) for days in periods))
        for group in groups
    )
    return Section(
        lang.pick(
            "Use of working hours: paid time, % of regular shifts",
            "工时利用率：计薪时间占正常班次的 %",
        ),
        (
            lang.pick("technician or station", "技术员或服务站"),
            *(f"{days[0]:%Y-%m-%d}" for days in periods),
        ),
        lines=(
            lang.pick(
                f"Columns: {column_word(periods, lang)}. Red is more than 100 %.",
                f"列：{column_word(periods, lang)}。红色为超过 100 %。",
            ),
        ),
        chart=HeatMap(labels_of(periods), rows, lived.marks(periods)),
        cells=tuple(
            (name, *(None if v is None else decimal_of(v / 10) for v in values))
            for name, values in rows
        ),
    )


def by_technician(lived: Lived) -> Section:
    lang = lived.lang
    rows = tuple(
        (person.name, person.station_id, *_work_of(works))
        for person in lived.setting.organisation.technicians
        if (works := [day.work[person.id] for day in lived.counted if person.id in day.work])
    )
    return Section(
        lang.pick("Technicians, on the days that count", "各技术员（计入的日子）"),
        (
            lang.pick("technician", "技术员"),
            lang.pick("station", "服务站"),
            lang.pick("visits a day", "每日任务"),
            lang.pick("use of working hours, %", "工时利用率，%"),
            lang.pick("paid, h a day", "计薪，小时/天"),
            lang.pick("travel, h a day", "行程，小时/天"),
            lang.pick("overtime, h a day", "加班，小时/天"),
        ),
        tuple(row_of(row) for row in rows),
        words=(0, 1),
        cells=tuple(cells_of(row) for row in rows),
    )


def _work_of(works: Sequence[WorkOfDay]) -> tuple[float | str, ...]:
    """Visits, use and hours of a day, in the mean of all days."""
    regular_s = sum(w.regular_s for w in works)
    paid_s = sum(w.paid_s for w in works)
    hours = (paid_s, sum(w.travel_s for w in works), sum(w.overtime_s for w in works))
    return (
        sum(w.visits for w in works) / len(works),
        PERCENT * paid_s / regular_s if regular_s else "–",
        *(seconds / _HOUR_S / len(works) for seconds in hours),
    )


def disturbances(lived: Lived) -> Section:
    """Who was away, and days that were not like others."""
    lang = lived.lang
    trend = trend_of(lived, lang.pick("technicians", "技术员人数"), ("ill",))
    absent = tuple(sum(map(lived.absent, days)) / len(days) for days in lived.periods(MOST_COLUMNS))
    known = (Line(lang.pick("known absences", "计划缺勤"), absent),) if any(absent) else ()
    rows = tuple(
        (
            s.name,
            s.first,
            s.last,
            ", ".join(s.cities) or lang.pick("all", "全部"),
            s.demand,
            s.travel,
            lang.pick("nobody drives out", "停止出车") if s.stopped else "",
        )
        for s in lived.setting.spells
    )
    return Section(
        lang.pick("Disturbances: who was away, and spells", "变故：缺勤与特殊时段"),
        (
            lang.pick("spell", "特殊时段"),
            lang.pick("from", "自"),
            lang.pick("through", "至"),
            lang.pick("cities", "城市"),
            lang.pick("tickets ×", "工单 ×"),
            lang.pick("drives ×", "行程 ×"),
            lang.pick("remark", "备注"),
        ),
        tuple(tuple(f"{v:g}" if isinstance(v, float) else str(v) for v in row) for row in rows),
        chart=replace(trend, lines=(*trend.lines, *known)),
        words=(0, 1, 2, 3, 6),
        cells=tuple(cells_of(row) for row in rows),
    )


def broken_rules(lived: Lived) -> Section:
    """What plans broke, with the hour of the plan, and what did not hold as things went."""
    lang = lived.lang
    zone = ZoneInfo(lived.setting.organisation.time_zone)
    by_plans = [
        (f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", seed, one.violation)
        for seed, day in _seeded(lived)
        for one in day.plan_violations
    ]
    as_it_went = [
        (day.day, seed, texts.rule(code, lang), count)
        for seed, day in _seeded(lived)
        for code, count in sorted(day.broken.items())
    ]
    sums: Counter[str] = Counter()
    for _, _, rule, count in as_it_went:
        sums[rule] += count
    said = ", ".join(f"{rule} ×{count}" for rule, count in sums.most_common())
    nothing = lang.pick("No rule was broken as things went.", "实际执行中没有违反规则。")
    plan = lang.pick("plan", "计划")
    rows: list[tuple[str | date | int, ...]] = [
        (at, seed, f"{plan}: {texts.rule(one.code, lang)} ({one.subject})", 1)
        for at, seed, one in by_plans
    ]
    rows += as_it_went
    return Section(
        lang.pick("Rules that did not hold", "未能遵守的规则"),
        (
            lang.pick("day", "日期"),
            lang.pick("seed", "种子"),
            lang.pick("rule", "规则"),
            lang.pick("times", "次数"),
        ),
        tuple(tuple(map(str, row)) for row in rows),
        (broken_by_plans(lived.results, lang) or plans_are_legal(lang), said or nothing),
        words=(0, 2),
        cells=tuple(rows),
    )


def _seeded(lived: Lived) -> Iterator[tuple[int, DayFigures]]:
    """All days, each with its seed."""
    for number, result in enumerate(lived.results):
        for day in result.days:
            yield lived.setting.seed + number, day
