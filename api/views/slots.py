"""Slots as tables."""

from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from api.screen import table
from dispatch import texts
from dispatch.commands.slots import Held, Promised
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Window
from dispatch.forecast import PERMILLE
from dispatch.slot_risk import Risk
from dispatch.slots import Slot
from dispatch.texts import Language
from dispatch.texts import Text as Said

_RISKS = {
    Risk.LOW: (Said("low", "低"), "green"),
    Risk.MEDIUM: (Said("medium", "中"), "yellow"),
    Risk.HIGH: (Said("high", "高"), "red"),
}


def show_slots(
    console: Console,
    snapshot: Snapshot,
    found: Sequence[Slot],
    lang: Language,
    *,
    has_forecast: bool,
    late_too: bool,
) -> None:
    """Best first, with the number by which they are held."""
    if not found:
        console.print(_none(lang, late_too=late_too))
        return
    zone = ZoneInfo(snapshot.time_zone)
    made = table(
        lang.pick("no.", "序号"),
        lang.pick("window", "时段"),
        lang.pick("who", "技术员"),
        lang.pick("start", "预计到场"),
        lang.pick("adds, yuan", "新增成本（元）"),
        lang.pick("may start later by", "可推迟"),
        lang.pick("risk", "失约风险"),
        lang.pick("pushes out, visits", "挤占后续任务"),
        lang.pick("moves", "影响其他任务"),
        right=(0, 4, 7, 8),
        whole=(1, 3),
    )
    for number, slot in enumerate(found, 1):
        option = slot.option
        names = (snapshot.technician[seat.technician_id].name for seat in option.seats)
        pushed = "–" if slot.pushed_out is None else f"{slot.pushed_out / PERMILLE:.1f}"
        late = lang.pick(" late", " 超时") if slot.late else ""
        made.add_row(
            str(number),
            Text.assemble(_window(slot.window, zone, lang), (late, "red")),
            ", ".join(names),
            texts.time_of_day(option.start_at, zone),
            texts.yuan(option.added_fen),
            texts.duration(slot.slack_s, lang),
            _risk(slot, lang),
            pushed,
            str(len(option.shifted) or "–"),
        )
    console.print(made)
    if not has_forecast:
        hint = lang.pick(
            "No work to come is counted: the record is shorter than two weeks."
            " --expect says how many visits a territory and day usually bring.",
            "未计入后续任务：历史记录不足两周。可用 --expect 给出每个责任区每天通常新增的任务数。",
        )
        console.print(hint, style="dim")


def _risk(slot: Slot, lang: Language) -> Text:
    said, style = _RISKS[slot.risk]
    share = lang.pick(
        f" ({slot.breaks_on / 10:g} % of days)", f"（{slot.breaks_on / 10:g}% 的日子）"
    )
    return Text.assemble((said.say(lang), style), share)


def _none(lang: Language, *, late_too: bool) -> str:
    if late_too:
        return lang.pick(
            "No slot before a clock runs out; --late shows those after it.",
            "在服务时限到期之前没有可约时段；--late 可显示到期之后的时段。",
        )
    return lang.pick(
        "No slot: nobody can come in these days. dispatch explain VISIT says why.",
        "没有可约时段：这些天内无人可到场。可用 dispatch explain 任务 查看原因。",
    )


def show_hold(console: Console, snapshot: Snapshot, held: Held, lang: Language) -> None:
    zone = ZoneInfo(snapshot.time_zone)
    window = _window(held.window, zone, lang)
    until = texts.time_of_day(held.expires_at, zone)
    who = snapshot.technician[held.technician_id].name
    said = lang.pick(
        f"{window} is held for {held.visit_id} until {until}, by {who}."
        f" Next: dispatch slots {held.visit_id} --confirm (or --release)",
        f"已为 {held.visit_id} 保留 {window}（{who}），至 {until}。"
        f"接下来：dispatch slots {held.visit_id} --confirm（或 --release）",
    )
    console.print(said, soft_wrap=True)


def show_promise(console: Console, made: Promised, zone: tzinfo, lang: Language) -> None:
    window = _window(made.window, zone, lang)
    said = lang.pick(
        f"{made.visit_id} is promised for {window}. Next: dispatch plan",
        f"{made.visit_id} 已约定 {window}。接下来：dispatch plan",
    )
    console.print(said, soft_wrap=True)


def show_held(console: Console, found: Sequence[Held], zone: tzinfo, lang: Language) -> None:
    if not found:
        console.print(lang.pick("Nothing is held.", "没有保留的时段。"))
        return
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("window", "时段"),
        lang.pick("technician", "技术员"),
        lang.pick("until", "保留至"),
        lang.pick("held by", "保留人"),
        whole=(1,),
    )
    for held in found:
        made.add_row(
            held.visit_id,
            _window(held.window, zone, lang),
            held.technician_id,
            texts.day_and_time(held.expires_at, zone, lang),
            held.held_by,
        )
    console.print(made)


def _window(window: Window, zone: tzinfo, lang: Language) -> str:
    of = window.open_at.astimezone(zone).date()
    closes = texts.time_of_day(window.close_at, zone, of)
    return f"{texts.day_and_time(window.open_at, zone, lang)}–{closes}"
