"""What a simulation came to, as a report for people: sentences, tables and charts."""

from collections.abc import Iterator, Sequence
from math import ceil

from dispatch import texts
from dispatch.domain.work import Priority
from dispatch.texts import Language
from scenarios.charts import Bar, BarChart, Waterfall
from scenarios.report import Report, Section
from scenarios.simulation.lived import BY_NAME, Lived, Period, scaled
from scenarios.simulation.measures import Result
from scenarios.simulation.report_people import (
    broken_rules,
    by_technician,
    disturbances,
    use_of_hours,
)
from scenarios.simulation.report_tables import (
    PERCENT,
    cells_of,
    decimal_of,
    row_of,
    trend_of,
    yuan_of,
)
from scenarios.simulation.simulate import Setting
from scenarios.simulation.summary import FIGURES, cost_by_item, estimates, left_out_a_day
from scenarios.simulation.words import (
    circumstances,
    dispatching,
    ends,
    heading,
    interval_heading,
    nothing_counts,
    shown,
    stopped,
    without_pattern,
)

_MOST_STEPS = 10
_HALF, _MOST = 0.5, 0.9
_QUANTILES = (_HALF, 0.75, _MOST, 0.95)
_FEN, _WEEK = 100, 7
_OF_A_DAY = (
    "tickets",
    "visits",
    "open_visits",
    "on_time_respond",
    "on_time_arrive",
    "on_time_restore",
    "utilisation",
    "overtime_h",
    "travel_km",
    "ill",
    "stock_outs",
    "cost_yuan",
)
"""The figures of the table day by day."""


def simulation_report(setting: Setting, results: Sequence[Result], lang: Language) -> Report:
    """The report of one simulation with one seed or several; ``results`` have days that count, or
    there are none."""
    weeks = f"{setting.days / _WEEK:g}"
    name = setting.organisation.name
    title = lang.pick(f"{name}: {weeks} weeks, simulated", f"{name}：{weeks} 周模拟")
    lines = [
        heading(setting, lang),
        dispatching(setting, lang),
        *circumstances(setting, len(results), lang),
    ]
    if not results:
        return Report(title, (*lines, nothing_counts(lang)), (), _summary(lang))
    lines += filter(None, (stopped(results, lang), without_pattern(results, lang)))
    lived = Lived(setting, tuple(results), lang)
    return Report(title, tuple(lines), tuple(_sections(lived)), _summary(lang))


def _summary(lang: Language) -> str:
    return lang.pick("summary", "概要")


def _sections(lived: Lived) -> Iterator[Section]:
    yield _key_figures(lived)
    yield _on_time(lived)
    yield _waits(lived)
    yield use_of_hours(lived)
    yield _work_left(lived)
    yield _cost(lived)
    yield _left_out(lived)
    yield disturbances(lived)
    yield broken_rules(lived)
    yield by_technician(lived)
    yield _day_by_day(lived)


def _key_figures(lived: Lived) -> Section:
    lang, found = lived.lang, estimates(lived.results)
    rows, cells = [], []
    for figure in FIGURES:
        one = found[figure.name]
        if one.value is None:
            continue
        said = figure.text.say(lang)
        rows.append((said, shown(figure, one.value), ends(figure, one)))
        unit = ", %" if figure.percent else ""
        scale = PERCENT if figure.percent else 1
        figures = (one.value, one.low, one.high)
        cells.append(
            (said + unit, *(None if x is None else decimal_of(scale * x) for x in figures))
        )
    figure_heading, mean = lang.pick("figure", "指标"), lang.pick("mean", "均值")
    interval = interval_heading(found.values(), len(lived.results), lang)
    low, high = lang.pick("from", "下限"), lang.pick("to", "上限")
    return Section(
        lang.pick("Key figures", "关键指标"),
        (figure_heading, mean, interval),
        tuple(rows),
        cells=tuple(cells),
        cell_headings=(figure_heading, mean, f"{interval}: {low}", high),
    )


def _on_time(lived: Lived) -> Section:
    lang = lived.lang
    names = ("on_time_respond", "on_time_arrive", "on_time_restore")
    return Section(
        lang.pick("Clocks kept, by the day they were due", "各到期日的按时率"),
        chart=trend_of(lived, lang.pick("kept, %", "按时，%"), names, most=PERCENT),
    )


def _waits(lived: Lived) -> Section:
    """How long people waited, by priority."""
    lang = lived.lang
    bars: list[Bar] = []
    rows: list[tuple[float | str, ...]] = []
    for priority in Priority:
        waits = lived.waits_h(priority)
        if not waits:
            continue
        name = texts.PRIORITIES[priority].say(lang)
        for share, said in (
            (_HALF, lang.pick("half within", "半数不超过")),
            (_MOST, lang.pick("90 % within", "90 % 不超过")),
        ):
            hours = _quantile(waits, share)
            label = lang.pick(f"{name}: {said}", f"{name}：{said}")
            bars.append(Bar(label, hours, lang.pick(f"{hours:.1f} h", f"{hours:.1f} 小时")))
        figures = (sum(waits) / len(waits), *(_quantile(waits, q) for q in _QUANTILES), waits[-1])
        rows.append((name, len(waits), *figures))
    return Section(
        lang.pick("Hours until somebody was on site", "到场等待（小时）"),
        (
            lang.pick("priority", "优先级"),
            lang.pick("arrivals", "到场次数"),
            lang.pick("mean", "均值"),
            *(lang.pick(f"{q:.0%} within", f"{q:.0%} 不超过") for q in _QUANTILES),
            lang.pick("longest", "最长"),
        ),
        tuple(row_of(row) for row in rows),
        chart=BarChart(tuple(bars)) if bars else None,
        cells=tuple(cells_of(row) for row in rows),
    )


def _quantile(rising: Sequence[float], share: float) -> float:
    """The least value that so many do not exceed."""
    return rising[ceil(share * len(rising)) - 1]


def _work_left(lived: Lived) -> Section:
    lang = lived.lang
    each = (
        lang.pick("Bands: from the lowest seed to the highest.", "色带：各种子的最低至最高值。"),
    )
    return Section(
        lang.pick("Work that comes, is done and is left at night", "每日新增、完成和当晚未做"),
        lines=each if len(lived.results) > 1 else (),
        chart=trend_of(lived, lang.pick("a day", "每日"), ("tickets", "visits", "open_visits")),
    )


def _cost(lived: Lived) -> Section:
    lang = lived.lang
    items = [(texts.price_item(i, lang), fen) for i, fen in cost_by_item(lived.results).items()]
    total_fen = sum(fen for _, fen in items)
    steps, rest = items[:_MOST_STEPS], items[_MOST_STEPS:]
    if rest:
        steps.append((lang.pick("all other items", "其他各项"), sum(fen for _, fen in rest)))
    whole = Bar(lang.pick("all together", "合计"), total_fen, yuan_of(total_fen))
    return Section(
        lang.pick("Cost by item, yuan a day", "分项成本（元/天）"),
        (lang.pick("item", "项目"), lang.pick("yuan a day", "元/天")),
        chart=Waterfall(None, tuple(Bar(i, fen, yuan_of(fen)) for i, fen in steps), whole),
        cells=tuple((item, decimal_of(fen / _FEN)) for item, fen in items),
    )


def _left_out(lived: Lived) -> Section:
    lang = lived.lang
    counts = [(texts.rule(c, lang), n) for c, n in left_out_a_day(lived.results).items()]
    return Section(
        lang.pick("Why visits were left out of a day's plan", "任务未排入当日计划的原因"),
        (lang.pick("reason", "原因"), lang.pick("visits a day", "每日任务")),
        tuple((said, f"{n:,.1f}") for said, n in counts),
        () if counts else (lang.pick("No plan left a visit out.", "没有计划漏排任务。"),),
        cells=tuple((said, decimal_of(n)) for said, n in counts),
    )


def _day_by_day(lived: Lived) -> Section:
    """Every day, over all seeds; also those that do not count, which is said."""
    lang = lived.lang
    figures = [BY_NAME[name] for name in _OF_A_DAY]
    periods: list[Period] = [(day,) for day in lived.days]
    marks = lived.marks(periods)
    rows = tuple(
        (
            day,
            ", ".join(m.name for m in marks if m.first <= number <= m.last),
            *(scaled(figure, found) for figure in figures),
        )
        for number, (day, found) in enumerate(lived.days.items())
    )
    return Section(
        lang.pick("Day by day", "逐日"),
        (
            lang.pick("day", "日期"),
            lang.pick("remark", "备注"),
            *(f.text.say(lang) + (", %" if f.percent else "") for f in figures),
        ),
        tuple(row_of(row) for row in rows),
        words=(0, 1),
        cells=tuple(cells_of(row) for row in rows),
    )
