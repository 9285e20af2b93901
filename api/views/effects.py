"""What a change of the plan does, before and after anybody decides on it."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from api.screen import table
from dispatch import texts
from dispatch.commands.told import Notice, Recipient
from dispatch.domain.events import Publication
from dispatch.domain.rules import Violation
from dispatch.effects import Effect
from dispatch.judged import JudgedPlan
from dispatch.plan_difference import VisitDifference, appointment, in_words, said
from dispatch.texts import Language

_NOTICES_SHOWN = 40


def show_differences(
    console: Console, found: Iterable[VisitDifference], zone: ZoneInfo, lang: Language
) -> None:
    """One sentence for each visit."""
    for difference in found:
        console.print(in_words(difference, zone, lang), soft_wrap=True)


def show_effect(console: Console, effect: Effect, lang: Language) -> None:
    """Rules broken and mended, clocks that become late, and the cost."""
    _show_rules(console, lang.pick("breaks", "违反"), "red", effect.broken, lang)
    _show_rules(console, lang.pick("mends", "恢复"), "green", effect.mended, lang)
    for late in effect.late:
        clock = texts.CLOCKS[late.clock].say(lang)
        by = texts.duration(late.late_s, lang)
        said = lang.pick(
            f"{late.visit_id}: {clock} becomes {by} late", f"{late.visit_id}：{clock}将超时 {by}"
        )
        console.print(Text(said, "yellow"))
    cost = texts.yuan(abs(effect.cost_fen))
    if effect.cost_fen > 0:
        said = lang.pick(f"costs {cost} yuan more", f"成本增加 {cost} 元")
    elif effect.cost_fen < 0:
        said = lang.pick(f"saves {cost} yuan", f"成本减少 {cost} 元")
    else:
        said = lang.pick("costs the same", "成本不变")
    console.print(said)


def _show_rules(
    console: Console, verb: str, style: str, found: Iterable[Violation], lang: Language
) -> None:
    for violation in found:
        console.print(Text(f"{verb} {rule_in_words(violation, lang)}", style), soft_wrap=True)


def rule_in_words(violation: Violation, lang: Language) -> str:
    """The rule, what breaks it, and by how much."""
    by = texts.amount(violation.code, violation.amount, lang)
    words = [texts.rule(violation.code, lang), f"({violation.code})", violation.subject]
    if violation.technician_id not in (None, violation.subject):
        words.append(violation.technician_id or "")
    return " ".join((*words, by)).rstrip()


def show_notices(
    console: Console, notices: Sequence[Notice], judged: JudgedPlan, lang: Language
) -> None:
    """Who has to be told what."""
    if not notices:
        console.print(lang.pick("Nobody has to be told anything new.", "无需通知任何人。"))
        return
    made = table(
        lang.pick("tell", "通知"),
        lang.pick("visit", "任务"),
        lang.pick("so far", "原安排"),
        lang.pick("now", "新安排"),
        title=lang.pick(f"To be told: {len(notices)}", f"待通知：{len(notices)}"),
    )
    for notice in notices[:_NOTICES_SHOWN]:
        times = (_told(told, judged, lang) for told in (notice.old, notice.new))
        made.add_row(_recipient(notice, judged), notice.visit_id, *times)
    console.print(made)
    more = len(notices) - _NOTICES_SHOWN
    if more > 0:
        console.print(lang.pick(f"and {more} more: --json", f"另有 {more} 条：--json"))


def _recipient(notice: Notice, judged: JudgedPlan) -> str:
    if notice.to is Recipient.CUSTOMER:
        return judged.snapshot.customer[notice.recipient_id].name
    return judged.technician(notice.recipient_id)


def _told(told: Publication | None, judged: JudgedPlan, lang: Language) -> str:
    if told is None:
        return "–"
    who = appointment(judged, told.technician_ids, told.start_at)
    return said(who, judged.zone, lang)
