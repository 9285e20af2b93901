"""Why visits are left out of a plan, and what would let them in."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.paint import seen
from api.views.summary import header
from dispatch import texts
from dispatch.judged import JudgedPlan
from dispatch.reasons import Reasons, in_words
from dispatch.texts import Language


def show_reasons(console: Console, judged: JudgedPlan, found: Reasons, lang: Language) -> None:
    for line in header(judged, lang):
        console.print(line)
    console.print()
    if not judged.plan.unassigned:
        console.print(Text(lang.pick("Every visit is planned.", "全部任务已排入。"), "green"))
        return
    console.print(blockers(found, lang))
    console.print()
    console.print(ways_in(judged, found, lang))
    if found.fitting:
        console.print()
        names = ", ".join(found.fitting)
        console.print(
            Text(
                lang.pick(
                    f"Left out although somebody could take it: {names}",
                    f"有人可以承担却未排入：{names}",
                ),
                "red",
            )
        )


def blockers(found: Reasons, lang: Language) -> Table:
    """The rules that keep visits out, the dearest first."""
    made = table(
        lang.pick("what keeps visits out", "未排原因"),
        lang.pick("code", "代码"),
        lang.pick("visits", "任务"),
        lang.pick("yuan", "元"),
        right=(2, 3),
    )
    for one in found.blockers:
        made.add_row(texts.rule(one.code, lang), one.code, f"{one.visits:,}", texts.yuan(one.fen))
    made.add_section()
    visits, fen = sum(b.visits for b in found.blockers), sum(b.fen for b in found.blockers)
    made.add_row(lang.pick("total", "合计"), "", f"{visits:,}", texts.yuan(fen), style="bold")
    return made


def ways_in(judged: JudgedPlan, found: Reasons, lang: Language) -> Table:
    """For each visit that is left out: why, and the smallest change that would let it in."""
    left = len(judged.plan.unassigned)
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("where", "地点"),
        lang.pick("priority", "优先级"),
        lang.pick("why", "原因"),
        lang.pick("what would let it in", "怎样才能排入"),
        title=lang.pick(f"Left out: {left}", f"未排任务：{left}"),
    )
    for reason in found.reasons:
        order = judged.snapshot.order_of(judged.snapshot.visit[reason.visit_id])
        made.add_row(
            reason.visit_id,
            judged.place_of_visit(reason.visit_id),
            seen(order.priority, lang),
            texts.rule(reason.code, lang),
            in_words(reason.way_in, judged.snapshot, lang),
        )
    if left > len(found.reasons):
        more = left - len(found.reasons)
        made.add_row("…", lang.pick(f"and {more} more", f"另有 {more} 个"))
    return made
