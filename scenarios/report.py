"""What scenarios came to, as sections for people: sentences, tables and charts.

Screens, pages and workbooks are made of these.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, isinf

from dispatch import texts
from dispatch.exchange.plan_tables import Cell
from dispatch.texts import Language
from scenarios.bottlenecks import Bottleneck
from scenarios.charts import Bar, BarChart, Chart, Dot, LineChart, Waterfall
from scenarios.compare import Difference
from scenarios.outcome import COST, LOAD
from scenarios.period_charts import HeatMap
from scenarios.statistics import Interval
from scenarios.study import Compared
from scenarios.suggest import Suggestion, Tried
from scenarios.sweep import Point, Step, Sweep

_FEN = 100
_STEPS_SHOWN = 8


@dataclass(frozen=True)
class Section:
    """One question: what is said of it, its chart and its table.

    The columns ``words`` of the table are words, the others figures. ``cells`` are the same
    rows for a spreadsheet, where that can sum them, or has columns of its own (``cell_headings``).
    """

    title: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()
    chart: Chart | None = None
    words: tuple[int, ...] = (0,)
    cells: tuple[tuple[Cell, ...], ...] = ()
    cell_headings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """``summary`` is what the sheet with all sentences is called."""

    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    summary: str


# ---------------------------------------------------------------------------------- comparisons


def comparison_report(pairs: Sequence[Compared], lang: Language) -> Report:
    """All comparisons, one after the other."""
    title = ", ".join(pair.comparison.after for pair in pairs)
    lines = [f"{p.comparison.after}: {p.comparison.sentence(lang)}" for p in pairs]
    sections = [section for pair in pairs for section in _of_pair(pair, lang)]
    return Report(title, tuple(lines), tuple(sections), lang.pick("summary", "概要"))


def _of_pair(pair: Compared, lang: Language) -> Iterable[Section]:
    found = pair.comparison
    headings = (
        lang.pick("key figure", "指标"),
        *found.names(lang),
        lang.pick("difference", "差异"),
        lang.pick("from", "下限"),
        lang.pick("to", "上限"),
        lang.pick("noise?", "是否波动"),
    )
    said = [change.text().say(lang) for change in pair.after.scenario.changes]
    said += [d.sentence(lang) for d in found.key if d.is_clear]
    for title, differences, lines in (
        (lang.pick("key figures", "关键指标"), found.key, said),
        (lang.pick("parts", "分项"), found.parts, ()),
    ):
        yield Section(
            f"{found.after}: {title}",
            headings,
            tuple(_row(d, lang) for d in differences),
            tuple(lines),
            words=(0, len(headings) - 1),
            cells=tuple(_cells(d, lang) for d in differences),
        )
    yield _waterfall(pair, lang)
    yield _loads(pair, lang)
    yield _hands(pair, lang)


def _row(one: Difference, lang: Language) -> tuple[str, ...]:
    figure, interval = one.figure, one.interval
    return (
        figure.label.say(lang),
        figure.with_unit(one.before, lang),
        figure.with_unit(one.after, lang),
        figure.with_unit(interval.mean, lang, signed=True),
        *(
            "" if isinf(x) or one.same else figure.shown(x, signed=True)
            for x in (interval.low, interval.high)
        ),
        one.word(lang),
    )


def _cells(one: Difference, lang: Language) -> tuple[Cell, ...]:
    interval = one.interval
    figures = (one.before, one.after, interval.mean, interval.low, interval.high)
    return (
        one.figure.label.say(lang),
        *(_decimal(x / one.figure.scale) if isfinite(x) else None for x in figures),
        one.word(lang),
    )


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")


def _waterfall(pair: Compared, lang: Language) -> Section:
    """From the cost before to the cost after, by what is paid for, the largest step first; all
    small ones are one."""
    total = pair.comparison.of("total_fen")
    steps = sorted(
        (d for d in pair.comparison.parts if d.figure.code.startswith(COST) and d.interval.mean),
        key=lambda d: -abs(d.interval.mean),
    )
    bars = tuple(
        Bar(
            texts.price_item(d.figure.code.removeprefix(COST), lang),
            d.interval.mean,
            d.figure.shown(d.interval.mean, signed=True),
            1 if d.interval.mean < 0 else -1,
        )
        for d in steps[:_STEPS_SHOWN]
    )
    rest_fen = sum(d.interval.mean for d in steps[_STEPS_SHOWN:])
    if rest_fen:
        rest = lang.pick("all other items", "其他各项")
        shown = total.figure.shown(rest_fen, signed=True)
        bars += (Bar(rest, rest_fen, shown, 1 if rest_fen < 0 else -1),)
    first, last = (
        Bar(name, value, total.figure.shown(value))
        for name, value in zip(
            pair.comparison.names(lang), (total.before, total.after), strict=True
        )
    )
    title = lang.pick("cost, step by step, yuan", "成本逐项变化（元）")
    cut = lang.pick("The axis does not begin at 0.", "坐标轴不从 0 开始。")
    chart = Waterfall(first, bars, last)
    return Section(f"{pair.comparison.after}: {title}", lines=(cut,), chart=chart)


def _loads(pair: Compared, lang: Language) -> Section:
    """How busy everybody is, before and after."""
    sides = (pair.before, pair.after)
    codes = {
        code: None
        for side in sides
        for outcome in side.outcomes.values()
        for code in outcome.figures
        if code.startswith(LOAD)
    }
    rows = []
    for code in sorted(codes):
        loads = [
            [o.figures[code] for o in side.outcomes.values() if code in o.figures] for side in sides
        ]
        means = tuple(sum(values) / len(values) if values else None for values in loads)
        rows.append((code.removeprefix(LOAD), means))
    names = pair.comparison.names(lang)
    title = lang.pick("use of working hours by technician", "各技术员工时利用率")
    return Section(f"{pair.comparison.after}: {title}", chart=HeatMap(names, tuple(rows)))


def _hands(pair: Compared, lang: Language) -> Section:
    out = lang.pick("left out", "未排")
    nobody = lang.pick("No visit is in other hands in every run.", "没有任务在所有运行中都换人。")
    return Section(
        f"{pair.comparison.after}: {lang.pick('in other hands', '换人的任务')}",
        (
            lang.pick("visit", "任务"),
            lang.pick("before", "原承担"),
            lang.pick("now", "现承担"),
            lang.pick("why", "原因"),
        ),
        tuple(
            (h.visit_id, ", ".join(h.before) or out, ", ".join(h.after) or out, h.why.say(lang))
            for h in pair.hands
        ),
        () if pair.hands else (nobody,),
        words=(0, 1, 2, 3),
    )


# --------------------------------------------------------------------------------------- sweeps


def sweep_report(title: str, found: Sweep, lang: Language) -> Report:
    knee = ", ".join(
        f"{axis.vary} = {value:g}"
        for axis, value in zip(found.axes, found.knee.values, strict=True)
    )
    lines = (lang.pick(f"The knee: {knee}.", f"拐点：{knee}。"),)
    sections = [_points(found, lang)]
    sections += [_steps(found, number, lang) for number in range(len(found.axes))]
    return Report(title, lines, tuple(sections), lang.pick("summary", "概要"))


def _points(found: Sweep, lang: Language) -> Section:
    headings = (
        *(axis.vary for axis in found.axes),
        lang.pick("plan cost, yuan", "计划成本（元）"),
        lang.pick("with its price", "含措施花费"),
        lang.pick("on time: arrive", "到场按时率"),
        lang.pick("left out", "未排"),
        lang.pick("overtime, h", "加班（小时）"),
    )
    chart = None
    if found.is_curve:
        chart = LineChart(
            found.axes[0].vary,
            headings[2],
            tuple(
                Dot(p.values[0], p.whole_fen / _FEN, _yuan(p.whole_fen), p is found.knee)
                for p in found.points
            ),
        )
    rows = tuple(_point_row(p) for p in found.points)
    title = lang.pick("cost by value", "各取值的成本")
    return Section(title, headings, rows, chart=chart, words=())


def _point_row(point: Point) -> tuple[str, ...]:
    on_site = point.on_site_percent
    return (
        *(f"{value:g}" for value in point.values),
        _yuan(point.cost_fen),
        _yuan(point.whole_fen),
        "–" if on_site is None else f"{on_site:.1f} %",
        f"{point.carried.mean('unassigned'):.1f}",
        texts.hours(round(point.carried.mean("overtime_s"))),
    )


def _steps(found: Sweep, number: int, lang: Language) -> Section:
    """The marginal values along an axis; of a curve also as a chart."""
    axis = found.axes[number]
    steps = [step for step in found.steps if step.number == number]
    title = lang.pick("what one more saves", "每增加一个单位节省")
    bars = tuple(_saving(f"{axis.vary} → {s.value:g}", s.saved_fen) for s in steps)
    return Section(
        title if found.is_curve else f"{title}: {axis.vary}",
        (
            *(one.vary for one in found.axes),
            lang.pick("saved per unit, yuan", "每单位节省（元）"),
            lang.pick("between", "区间"),
        ),
        tuple((*_way(s), _yuan(s.saved_fen.mean), _between(s.saved_fen)) for s in steps),
        (lang.pick(f"A unit costs {axis.yuan:,g} yuan.", f"每单位花费 {axis.yuan:,g} 元。"),)
        if axis.yuan
        else (),
        BarChart(bars) if found.is_curve else None,
    )


def _way(step: Step) -> Iterable[str]:
    """The values of both axes, with an arrow before the one that grows."""
    for number, value in enumerate(step.values):
        yield f"{'→ ' if number == step.number else ''}{value:g}"


# ---------------------------------------------------------------------------------- bottlenecks


def bottleneck_report(title: str, found: Sequence[Bottleneck], lang: Language) -> Report:
    clear = [b for b in found if b.saved_fen.low > 0]
    if not found:
        line = lang.pick(
            "No visit is late or left out: nothing holds the plan back.",
            "没有任务超时或未排：不存在瓶颈。",
        )
    elif clear and clear[0] is found[0]:
        first = clear[0].relief.text.say(lang)
        line = lang.pick(f"What holds the plan back most: {first}.", f"最大的瓶颈：{first}。")
    elif clear:
        first, sure = (b.relief.text.say(lang) for b in (found[0], clear[0]))
        line = lang.pick(
            f"What holds the plan back most on average: {first}; more than noise is: {sure}.",
            f"平均来看最大的瓶颈：{first}；超出随机波动的是：{sure}。",
        )
    else:
        line = lang.pick(
            "No bottleneck can be told from noise; more seeds may show one.",
            "没有能与随机波动区分的瓶颈；增加种子数也许可以。",
        )
    section = Section(
        lang.pick("bottlenecks", "瓶颈"),
        (
            lang.pick("bottleneck", "瓶颈"),
            lang.pick("relieving it saves, yuan", "放开后节省（元）"),
            lang.pick("between", "区间"),
        ),
        tuple(
            (b.relief.text.say(lang), _yuan(b.saved_fen.mean), _between(b.saved_fen)) for b in found
        ),
        chart=BarChart(tuple(_saving(b.relief.text.say(lang), b.saved_fen) for b in found)),
    )
    return Report(title, (line,), (section,), lang.pick("summary", "概要"))


# ---------------------------------------------------------------------------------- suggestions


def suggestion_report(title: str, found: Suggestion, lang: Language) -> Report:
    best, target = found.best, found.target
    clock = texts.CLOCKS[target.clock].say(lang)
    hours = f"{target.hours:g}" if target.hours else ""
    within = lang.pick(f" within {hours} h", f"，{hours} 小时内") if hours else ""
    aim = lang.pick(
        f"Target: {target.percent:g} % on time ({clock}{within}); without measures"
        f" {found.nothing.percent:.1f} %.",
        f"目标：按时率 {target.percent:g} %（{clock}{within}）；"
        f"不采取措施为 {found.nothing.percent:.1f} %。",
    )
    measures = found.text(best.levels).say(lang)
    if found.is_reached:
        answer = lang.pick(
            f"{best.percent:.1f} % for {best.yuan:,.0f} yuan: {measures}.",
            f"花费 {best.yuan:,.0f} 元达到 {best.percent:.1f} %：{measures}。",
        )
    elif not found.is_whole:
        answer = lang.pick(
            f"Interrupted before the target was reached; so far {best.percent:.1f} % for"
            f" {best.yuan:,.0f} yuan: {measures}.",
            f"搜索被中断，尚未达到目标；目前为 {best.percent:.1f} %，"
            f"花费 {best.yuan:,.0f} 元：{measures}。",
        )
    else:
        answer = lang.pick(
            f"Not reached by these measures. The most: {best.percent:.1f} % for"
            f" {best.yuan:,.0f} yuan: {measures}.",
            f"这些措施无法达到目标。最多为 {best.percent:.1f} %，"
            f"花费 {best.yuan:,.0f} 元：{measures}。",
        )
    headings = (
        lang.pick("measures", "措施"),
        lang.pick("price, yuan", "花费（元）"),
        lang.pick("reaches", "达到"),
        lang.pick("plan cost, yuan", "计划成本（元）"),
    )
    dots = tuple(
        Dot(t.yuan, t.percent, found.text(t.levels).say(lang), t is best) for t in found.frontier
    )
    section = Section(
        lang.pick("what each price buys", "花费与达成率前沿"),
        headings,
        tuple(_tried_row(found, t, lang) for t in found.frontier),
        chart=LineChart(headings[1], "%", dots, is_stepped=True),
    )
    n = len(found.tried)
    tried = lang.pick(f"{n} sets of measures were planned.", f"共计划了 {n} 种措施组合。")
    return Report(title, (aim, answer, tried), (section,), lang.pick("summary", "概要"))


def _tried_row(found: Suggestion, one: Tried, lang: Language) -> tuple[str, ...]:
    return (
        found.text(one.levels).say(lang),
        f"{one.yuan:,.0f}",
        f"{one.percent:.1f} %",
        _yuan(one.cost_fen),
    )


def _yuan(fen: float) -> str:
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) / _FEN:,.0f}"


def _between(interval: Interval) -> str:
    if not isfinite(interval.high):
        return "?"
    return f"{_yuan(interval.low)} … {_yuan(interval.high)}"


def _saving(label: str, saved_fen: Interval) -> Bar:
    return Bar(label, saved_fen.mean, _yuan(saved_fen.mean), _sign(saved_fen))


def _sign(interval: Interval) -> int:
    return (interval.low > 0) - (interval.high < 0)
