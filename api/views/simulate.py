"""The screen after a simulation."""

from collections.abc import Sequence
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
from scenarios.simulation.summary import FIGURES, cost_by_item, estimates, left_out_a_day
from scenarios.simulation.words import (
    broken_by_plans,
    circumstances,
    ends,
    heading,
    interval_heading,
    nothing_counts,
    shown,
    stopped,
    without_pattern,
)

_MOST_REASONS = 6
_MOST_BROKEN = 10


def show_settings(console: Console, setting: Setting, replications: int, lang: Language) -> None:
    """What was simulated, and what was assumed."""
    said = f" · {heading(setting, lang)}"
    console.print(Text.assemble((setting.organisation.name, "bold"), said))
    for line in circumstances(setting, replications, lang):
        console.print(Text(line, "dim"))


def show_result(
    console: Console, results: Sequence[Result], zone: ZoneInfo, lang: Language
) -> None:
    if not results:
        console.print(nothing_counts(lang), style="yellow")
        return
    _say_what_is_missing(console, results, lang)
    _say_what_was_broken(console, results, zone, lang)
    for block in (_figures(results, lang), _cost(results, lang), _reasons(results, lang)):
        if block is not None:
            console.print()
            console.print(block)


def _say_what_is_missing(console: Console, results: Sequence[Result], lang: Language) -> None:
    said = (
        (stopped(results, lang), "yellow"),
        (without_pattern(results, lang), "dim"),
    )
    for line, style in said:
        if line is not None:
            console.print(line, style=style)


def _say_what_was_broken(
    console: Console, results: Sequence[Result], zone: ZoneInfo, lang: Language
) -> None:
    said = broken_by_plans(results, lang)
    if said is None:
        return
    console.print(said, style="red")
    broken = [b for result in results for day in result.days for b in day.plan_violations]
    for one in broken[:_MOST_BROKEN]:
        at = texts.day_and_time(one.at, zone, lang)
        console.print(Text(f"  {at} {rule_in_words(one.violation, lang)}", "red"), soft_wrap=True)


def _figures(results: Sequence[Result], lang: Language) -> Table:
    found = estimates(results)
    made = table(
        lang.pick("figure", "指标"),
        lang.pick("mean", "均值"),
        interval_heading(found.values(), len(results), lang),
        right=(1, 2),
    )
    for figure in FIGURES:
        estimate = found[figure.name]
        if estimate.value is not None:
            name, value = figure.text.say(lang), shown(figure, estimate.value)
            made.add_row(name, value, ends(figure, estimate))
    return made


def _cost(results: Sequence[Result], lang: Language) -> Table:
    made = table(
        lang.pick("cost by item", "分项成本"), lang.pick("yuan a day", "元/天"), right=(1,)
    )
    for item, fen in cost_by_item(results).items():
        made.add_row(texts.price_item(item, lang), texts.yuan(fen))
    return made


def _reasons(results: Sequence[Result], lang: Language) -> Table | None:
    """Why visits had to wait."""
    counts = left_out_a_day(results)
    if not counts:
        return None
    made = table(
        lang.pick("left out of a day's plan", "当日计划未排入"),
        lang.pick("visits a day", "每日任务"),
        right=(1,),
    )
    for code, count in list(counts.items())[:_MOST_REASONS]:
        made.add_row(texts.rule(code, lang), f"{count:,.1f}")
    return made
