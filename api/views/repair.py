"""What can be done when the day goes wrong, one way in each row."""

from rich.console import Console
from rich.text import Text

from api.screen import table
from dispatch import texts
from dispatch.repairing import Alternative, Repair
from dispatch.texts import Language
from dispatch.texts import Text as Words

_KINDS = {
    "do_nothing": Words("do nothing", "维持原样"),
    "reinsert": Words("re-insert what is affected", "仅重排受影响的任务"),
    "swap": Words("swap with another visit", "与其他任务对调"),
    "backup": Words("call the backup", "调用后备技术员"),
    "search": Words("re-plan, minding what was told", "重排（尽量不改已通知的安排）"),
    "free": Words("free re-plan", "自由重排"),
}
_NAMED = 6


def show_repair(console: Console, found: Repair, lang: Language) -> None:
    """The ways to go on, best first, and what each leaves out or breaks."""
    if not found.is_needed:
        said = lang.pick("This changes nothing: the plan stays as it is.", "无影响：计划保持不变。")
        console.print(Text(said, "green"))
        return
    made = table(
        "",
        lang.pick("what", "办法"),
        lang.pick("yuan", "成本（元）"),
        lang.pick("late", "超时"),
        lang.pick("changed", "变更"),
        lang.pick("to tell", "须通知"),
        lang.pick("out", "未排"),
        lang.pick("broken", "违规"),
        right=(0, 2, 3, 4, 5, 6, 7),
        title=lang.pick(
            "What can be done (yuan against doing nothing; to tell: technicians + customers)",
            "应对办法（成本与维持原样相比；须通知：技术员 + 客户）",
        ),
    )
    for number, way in enumerate(found.alternatives, 1):
        made.add_row(
            str(number),
            kind_of(way, lang),
            _more_or_less(way.added_fen),
            _late(way, lang),
            str(len(way.changed) or "–"),
            f"{len(way.technicians)} + {len(way.customers)}",
            str(len(way.left_out) or "–"),
            str(len(way.broken) or "–"),
            style="bold" if number == 1 else "",
        )
    console.print(made)
    for number, way in enumerate(found.alternatives, 1):
        for line in _losses(way, lang):
            console.print(Text(f"{number}: {line}", "red"), soft_wrap=True)


def kind_of(way: Alternative, lang: Language) -> str:
    return _KINDS[way.kind].say(lang)


def _more_or_less(fen: int) -> str:
    return f"{'+' if fen > 0 else ''}{texts.yuan(fen)}"


def _late(way: Alternative, lang: Language) -> str:
    if not way.late_clocks:
        return "–"
    return f"{way.late_clocks} ({texts.compact(way.late_s, lang)})"


def _losses(way: Alternative, lang: Language) -> list[str]:
    lines = []
    if way.left_out:
        names = ", ".join(way.left_out[:_NAMED]) + (" …" if len(way.left_out) > _NAMED else "")
        lines.append(lang.pick(f"left out: {names}", f"未排：{names}"))
    for broken in way.broken[:_NAMED]:
        by = texts.amount(broken.code, broken.amount, lang)
        lines.append(f"{texts.rule(broken.code, lang)} ({broken.code}) {broken.subject} {by}")
    return lines
