"""Two plans side by side: key figures, and the visits that differ."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.summary import header, kpi_table
from dispatch import texts
from dispatch.judged import JudgedPlan
from dispatch.plan_difference import DifferenceKind, VisitDifference, differences
from dispatch.texts import Language
from dispatch.texts import Text as Words

_KINDS = {
    DifferenceKind.PLANNED: (Words("in", "排入"), "green"),
    DifferenceKind.DROPPED: (Words("out", "移出"), "red"),
    DifferenceKind.REASSIGNED: (Words("technician", "换人"), "yellow"),
    DifferenceKind.RETIMED: (Words("start", "改时"), ""),
    DifferenceKind.NEW: (Words("new", "新增"), "green"),
    DifferenceKind.GONE: (Words("over", "已结束"), ""),
}


def show_comparison(
    console: Console,
    first: JudgedPlan,
    second: JudgedPlan,
    names: tuple[str, str],
    lang: Language,
) -> None:
    for name, judged in zip(names, (first, second), strict=True):
        title, details = header(judged, lang)
        console.print(Text.assemble((f"{name}: ", "bold"), title))
        console.print(details)
    console.print()
    console.print(kpi_table(first, second, lang, names))
    console.print()
    found = differences(first, second)
    if found:
        console.print(_difference_table(first, second, found, lang))
    else:
        same = lang.pick("Both plans do the same visits.", "两个计划的任务安排相同。")
        console.print(Text(same, style="green"))


def _difference_table(
    first: JudgedPlan,
    second: JudgedPlan,
    found: Sequence[VisitDifference],
    lang: Language,
) -> Table:
    made = table(
        lang.pick(f"changed ({len(found)})", f"变化（{len(found)}）"),
        lang.pick("what", "内容"),
        lang.pick("who before", "原技术员"),
        lang.pick("who after", "新技术员"),
        lang.pick("start before", "原开始"),
        lang.pick("start after", "新开始"),
    )
    for one in found:
        name, style = _KINDS[one.kind]
        sides = ((first, one.before), (second, one.after))
        made.add_row(
            one.visit_id,
            Text(name.say(lang), style),
            *(", ".join(map(j.technician, a.technician_ids)) if a else "–" for j, a in sides),
            *(texts.day_and_time(a.start_at, first.zone, lang) if a else "–" for _, a in sides),
        )
    return made
