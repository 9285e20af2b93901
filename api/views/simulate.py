"""The screen after a simulation."""

from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.effects import rule_in_words
from dispatch import texts
from dispatch.texts import Language
from scenarios.simulation.measures import Result
from scenarios.simulation.simulate import Setting
from scenarios.simulation.summary import FIGURES, Estimate, Figure, cost_by_item, estimates

_MOST_REASONS = 6
_MOST_BROKEN = 10
_WHOLE = 100
"""From here on figures are shown without decimals."""
_SMALL = 1
"""Below this they have two: 0.04 technicians ill a day are not none."""


def show_settings(console: Console, setting: Setting, replications: int, lang: Language) -> None:
    """What was simulated, and what was assumed."""
    days = texts.counted(setting.days, "day", "天", lang)
    people = texts.counted(len(setting.organisation.technicians), "technician", "名技术员", lang)
    first = texts.day(setting.first, lang)
    line = lang.pick(
        f" · {days} from {first} {setting.first.year} · {people} · seed {setting.seed}",
        f" · 自 {setting.first.year}年{first} 起 {days} · {people} · 种子 {setting.seed}",
    )
    console.print(Text.assemble((setting.organisation.name, "bold"), line))
    if setting.warm_up:
        console.print(
            lang.pick(
                f"The first {setting.warm_up} days are warm-up and do not count.",
                f"前 {setting.warm_up} 天为预热，不计入。",
            ),
            style="dim",
        )
    if replications > 1:
        console.print(
            lang.pick(
                f"{replications} replications, seeds {setting.seed} and up.",
                f"重复 {replications} 次，种子自 {setting.seed} 起。",
            ),
            style="dim",
        )
    rates = setting.rates
    tickets, remote = f"{rates.tickets_per_day:,.4g}", f"{100 * rates.remote:.0f} %"
    console.print(
        lang.pick(
            f"{tickets} tickets a day in the mean; of those that are no planned work, {remote}"
            " are solved remotely.",
            f"日均 {tickets} 张工单；除计划性工作外，{remote}远程解决。",
        ),
        style="dim",
    )
    for text in rates.assumed:
        console.print(Text(text.say(lang), "dim"))


def show_result(
    console: Console, results: Sequence[Result], zone: ZoneInfo, lang: Language
) -> None:
    if not results:
        console.print(
            lang.pick("No day that counts is over.", "没有计入的完整日子。"), style="yellow"
        )
        return
    _say_what_is_missing(console, results, lang)
    _say_what_was_broken(console, results, zone, lang)
    for block in (_figures(results, lang), _cost(results, lang), _reasons(results, lang)):
        if block is not None:
            console.print()
            console.print(block)


def _say_what_is_missing(console: Console, results: Sequence[Result], lang: Language) -> None:
    if not all(r.complete for r in results):
        days = len(results[-1].days)
        said = lang.pick(f"Stopped after {days} days.", f"在 {days} 天后停止。")
        console.print(said, style="yellow")
    no_patterns = results[0].no_patterns
    if no_patterns:
        console.print(
            lang.pick(
                f"No ticket is like {no_patterns} of the organisation's work orders: nobody"
                " could do"
                " them, or their parts are nowhere.",
                f"有 {no_patterns} 张派工单未作为样板：无人可做，或备件无处可得。",
            ),
            style="dim",
        )


def _say_what_was_broken(
    console: Console, results: Sequence[Result], zone: ZoneInfo, lang: Language
) -> None:
    broken = [b for result in results for day in result.days for b in day.plan_violations]
    if not broken:
        return
    said = lang.pick(f"Plans broke {len(broken)} rules.", f"计划违反了 {len(broken)} 条规则。")
    console.print(said, style="red")
    for one in broken[:_MOST_BROKEN]:
        at = texts.day_and_time(one.at, zone, lang)
        console.print(Text(f"  {at} {rule_in_words(one.violation, lang)}", "red"), soft_wrap=True)


def _figures(results: Sequence[Result], lang: Language) -> Table:
    found = estimates(results)
    samples = max(e.samples for e in found.values())
    of = lang.pick(
        f"{samples} replications" if len(results) > 1 else f"{samples} weeks",
        f"{samples} 次重复" if len(results) > 1 else f"{samples} 周",
    )
    made = table(
        lang.pick("figure", "指标"),
        lang.pick("mean", "均值"),
        lang.pick(f"95 % interval ({of})", f"95 % 区间（{of}）"),
        right=(1, 2),
    )
    for figure in FIGURES:
        estimate = found[figure.name]
        if estimate.value is not None:
            shown = _shown(figure, estimate.value)
            made.add_row(figure.text.say(lang), shown, _ends(figure, estimate))
    return made


def _shown(figure: Figure, value: float) -> str:
    if figure.percent:
        return f"{100 * value:.1f} %"
    if value >= _WHOLE or not value:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if value < _SMALL else f"{value:,.1f}"


def _ends(figure: Figure, estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{_shown(figure, estimate.low)} … {_shown(figure, estimate.high)}"


def _cost(results: Sequence[Result], lang: Language) -> Table:
    made = table(
        lang.pick("cost by item", "分项成本"), lang.pick("yuan a day", "元/天"), right=(1,)
    )
    for item, fen in cost_by_item(results).items():
        made.add_row(texts.price_item(item, lang), texts.yuan(fen))
    return made


def _reasons(results: Iterable[Result], lang: Language) -> Table | None:
    """Why visits had to wait: the rules that kept them out of some plan of a day."""
    days = [day for result in results for day in result.counted]
    sums: Counter[str] = Counter()
    for day in days:
        sums.update(day.left_out)
    if not sums:
        return None
    made = table(
        lang.pick("left out of a day's plan", "当日计划未排入"),
        lang.pick("visits a day", "每日任务"),
        right=(1,),
    )
    for code, count in sums.most_common(_MOST_REASONS):
        made.add_row(texts.rule(code, lang), f"{count / len(days):,.1f}")
    return made
