"""Scenarios on the screen: what changed, what is more than noise, and who does what now."""

from collections.abc import Sequence
from math import isinf

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.paint import gap
from dispatch.texts import Language, counted
from scenarios.compare import Difference
from scenarios.scenario import Scenario
from scenarios.study import Compared

_HANDS_SHOWN = 15
_PARTS_SHOWN = 12


def show_compared(console: Console, pair: Compared, lang: Language) -> None:
    """One comparison: changes, key figures, the clear parts, and the visits that changed hands."""
    found = pair.comparison
    console.print()
    console.print(Text(f"{found.after}", "bold"))
    for change in pair.after.scenario.changes:
        console.print(Text(f"  {change.text().say(lang)}", "dim"))
    console.print(Text(effort_line(pair.after.scenario, found.runs, lang), "dim"))
    if found.prices_differ:
        console.print(
            Text(
                lang.pick(
                    "Prices or terms differ: each side's cost is by its own.",
                    "价格或条款不同：两侧成本各按自己的计算。",
                ),
                "yellow",
            )
        )
    console.print()
    console.print(difference_table(found.key, found.names(lang), lang))
    clear = [d for d in found.parts if d.is_clear]
    if clear:
        console.print()
        console.print(difference_table(clear[:_PARTS_SHOWN], found.names(lang), lang))
    console.print()
    for difference in (d for d in found.key if d.is_clear):
        console.print(Text(f"• {difference.sentence(lang)}"))
    console.print(Text(found.sentence(lang), "bold"))
    show_hands(console, pair, lang)


def effort_line(scenario: Scenario, runs: int, lang: Language) -> str:
    """How often and how long was planned."""
    effort = scenario.effort
    each = (
        counted(effort.iterations, "iteration", "次迭代", lang)
        if effort.iterations is not None
        else lang.pick(f"{effort.seconds:g} s", f"{effort.seconds:g} 秒")
    )
    seeds = counted(runs, "seed", "个种子", lang)
    return lang.pick(f"  {seeds}, {each} each", f"  {seeds}，每次 {each}")


def difference_table(
    differences: Sequence[Difference], names: tuple[str, str], lang: Language
) -> Table:
    """Means, the mean difference and its interval; green and red are clear."""
    made = table(
        lang.pick("key figure", "指标"),
        *names,
        lang.pick("difference", "差异"),
        lang.pick("between", "区间"),
        lang.pick("noise?", "是否波动"),
        right=(1, 2, 3, 4),
    )
    for one in differences:
        figure = one.figure
        made.add_row(
            figure.label.say(lang),
            figure.with_unit(one.before, lang),
            figure.with_unit(one.after, lang),
            gap(figure.with_unit(one.interval.mean, lang, signed=True), one.verdict),
            between(one),
            one.word(lang),
        )
    return made


def between(one: Difference) -> str:
    if one.same:
        return ""
    if isinf(one.interval.high):
        return "?"
    low, high = (one.figure.shown(x, signed=True) for x in (one.interval.low, one.interval.high))
    return f"{low} … {high}"


def show_hands(console: Console, pair: Compared, lang: Language) -> None:
    console.print()
    if not pair.hands:
        nobody = lang.pick(
            "No visit is in other hands in every run.", "没有任务在所有运行中都换人。"
        )
        console.print(Text(nobody, "dim"))
        return
    n = len(pair.hands)
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("before", "原承担"),
        lang.pick("now", "现承担"),
        lang.pick("why", "原因"),
        title=lang.pick(f"In other hands in every run: {n}", f"所有运行中都换人：{n}"),
    )
    out = lang.pick("left out", "未排")
    for hand in pair.hands[:_HANDS_SHOWN]:
        sides = (", ".join(side) or out for side in (hand.before, hand.after))
        made.add_row(hand.visit_id, *sides, hand.why.say(lang))
    console.print(made)
    if n > _HANDS_SHOWN:
        console.print("…")


def comparison_form(pair: Compared, lang: Language) -> dict[str, object]:
    """For programs. Bounds that cannot be said are null."""
    found = pair.comparison
    return {
        "before": found.before,
        "after": found.after,
        "seeds": found.runs,
        "changes": [
            change.model_dump(mode="json", exclude_defaults=False)
            for change in pair.after.scenario.changes
        ],
        "is_noise": found.is_noise,
        "prices_differ": found.prices_differ,
        "sentence": found.sentence(lang),
        "figures": [
            {
                "code": d.figure.code,
                "label": d.figure.label.say(lang),
                "before": d.before,
                "after": d.after,
                "difference": d.interval.mean,
                "low": None if isinf(d.interval.low) else d.interval.low,
                "high": None if isinf(d.interval.high) else d.interval.high,
                "is_clear": d.is_clear,
                "sentence": d.sentence(lang),
            }
            for d in found.differences
        ],
        "hands": [
            {
                "visit": hand.visit_id,
                "before": hand.before,
                "after": hand.after,
                "why": hand.why.say(lang),
            }
            for hand in pair.hands
        ],
    }
