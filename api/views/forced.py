"""Rules that people broke on purpose, and why: shown wherever the plan is."""

from collections.abc import Sequence

from rich.console import Console

from api.screen import table
from dispatch import texts
from dispatch.commands.versions import Forced
from dispatch.judged import JudgedPlan
from dispatch.texts import Language


def show_forced(
    console: Console, judged: JudgedPlan, forced: Sequence[Forced], lang: Language
) -> None:
    """Nothing if nothing was forced."""
    if not forced:
        return
    made = table(
        lang.pick("broken rule", "违反的规则"),
        lang.pick("where", "对象"),
        lang.pick("by", "幅度"),
        lang.pick("reason", "原因"),
        lang.pick("who", "经办人"),
        lang.pick("when", "时间"),
        title=lang.pick(f"Forced: {len(forced)}", f"强制执行：{len(forced)}"),
    )
    for one in forced:
        made.add_row(
            texts.rule(one.code, lang),
            one.subject,
            texts.amount(one.code, one.amount, lang),
            one.reason,
            one.forced_by,
            texts.day_and_time(one.forced_at, judged.zone, lang),
        )
    console.print()
    console.print(made)
