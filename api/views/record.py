"""How things stand, on the screen: lists of what has to be seen to, and work orders."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.paint import margin, seen
from dispatch import texts
from dispatch.domain.after_service import Duty, DutyKind
from dispatch.domain.attainment import ClockRecord, ClockState
from dispatch.domain.events import Event, Quote
from dispatch.domain.life_texts import EMERGENCIES, EVENTS, MEASURES, STATES
from dispatch.domain.transitions import State
from dispatch.domain.work import GateKind
from dispatch.texts import Language
from dispatch.texts import Text as Words
from dispatch.work_lists import Emergency, Waiting, WorkLists
from dispatch.work_order_facts import WorkOrderFacts

_SHOWN = 20  # rows of a list on a screen; --json has them all
_GATES: Mapping[GateKind, Words] = {
    GateKind.REMOTE_DIAGNOSIS: Words("remote diagnosis", "远程诊断"),
    GateKind.QUOTE: Words("quote", "报价"),
    GateKind.PARTS: Words("parts", "备件"),
    GateKind.PAUSE: Words("pause", "暂停"),
}
_DUTIES: Mapping[DutyKind, Words] = {
    DutyKind.SATISFACTION_CALL: Words("satisfaction call", "满意度回访"),
    DutyKind.HAND_OVER: Words("complaint: hand over", "投诉转交"),
    DutyKind.ANSWER: Words("complaint: answer", "投诉答复"),
    DutyKind.CLOSE: Words("complaint: close", "投诉办结"),
}
_CLOCK_STATES: Mapping[ClockState, Words] = {
    ClockState.RUNNING: Words("running", "计时中"),
    ClockState.KEPT: Words("kept", "按时"),
    ClockState.BROKEN: Words("broken", "超时"),
    ClockState.VOID: Words("void", "不计"),
}


class _Screen:
    """Prints lists, each only if there is something in it."""

    def __init__(self, console: Console, zone: ZoneInfo, lang: Language) -> None:
        self._console = console
        self._zone = zone
        self.lang = lang

    def when(self, at: datetime | None) -> str:
        return texts.day_and_time(at, self._zone, self.lang) if at else "–"

    def line(self, said: str | Text = "") -> None:
        self._console.print(said, soft_wrap=True)

    def table(self, made: Table) -> None:
        self._console.print(made)
        self.line()

    def rows(self, made: Table, rows: Iterable[Sequence[str | Text]]) -> None:
        listed = list(rows)
        for row in listed[:_SHOWN]:
            made.add_row(*row)
        if listed:
            made.title = f"{made.title}: {len(listed)}" if made.title else None
            self.table(made)
            if len(listed) > _SHOWN:
                more = len(listed) - _SHOWN
                self.line(self.lang.pick(f"and {more} more: --json", f"另有 {more} 项：--json"))
                self.line()


def show_lists(
    console: Console,
    lists: WorkLists,
    states: Mapping[str, int],
    refused: Sequence[Mapping[str, Any]],
    zone: ZoneInfo,
    lang: Language,
) -> None:
    """What has to be seen to, the most urgent first; then the work orders in each state."""
    shown = _Screen(console, zone, lang)
    shown.line(shown.when(lists.now_at))
    shown.line()
    _show_emergencies(shown, lists.emergencies)
    _show_clocks(shown, lang.pick("Clocks at risk", "临近的时限"), lists.at_risk, lists.now_at)
    _show_clocks(shown, lang.pick("Broken clocks", "已超的时限"), lists.broken, lists.now_at)
    _show_waiting(shown, lists.waiting)
    _show_duties(shown, lists.duties, lists.now_at)
    _show_pending(shown, lists.pending)
    _show_refused(shown, refused)
    counted = [f"{STATES[s].say(lang)} {states[s]}" for s in State if states.get(s)]
    shown.line(lang.pick("Work orders: ", "派工单：") + (" · ".join(counted) or "0"))


def _show_emergencies(shown: _Screen, emergencies: Iterable[Emergency]) -> None:
    lang = shown.lang
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("why", "原因"),
        lang.pick("since", "起始"),
        lang.pick("plan", "预案"),
        lang.pick("nearest station", "最近服务站"),
        title=lang.pick("Emergencies", "应急"),
    )
    shown.rows(made, (_emergency(shown, found) for found in emergencies))


def _emergency(shown: _Screen, found: Emergency) -> tuple[str | Text, ...]:
    lang = shown.lang
    measures = ", ".join(MEASURES[measure].say(lang) for measure in found.plan.measures)
    due = lang.pick("to be opened: dispatch escalate", "待启动：dispatch escalate")
    return (
        Text(found.work_order_id, "bold red"),
        EMERGENCIES[found.plan.reason].say(lang),
        shown.when(found.since_at),
        (measures or "–") if found.opened_at else due,
        found.station_id or "–",
    )


def _show_clocks(
    shown: _Screen, title: str, clocks: Iterable[ClockRecord], now_at: datetime
) -> None:
    lang = shown.lang
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("clock", "时限"),
        lang.pick("due", "到期"),
        lang.pick("margin", "余量"),
        lang.pick("station", "服务站"),
        title=title,
        right=(3,),
    )
    shown.rows(
        made,
        (
            (
                clock.work_order_id,
                texts.CLOCKS[clock.kind].say(lang),
                shown.when(clock.due_at),
                margin(_left_s(clock.due_at, clock.stopped_at or now_at), lang),
                clock.station or "–",
            )
            for clock in clocks
        ),
    )


def _left_s(due_at: datetime, at: datetime) -> int:
    return round((due_at - at).total_seconds())


def _show_waiting(shown: _Screen, waiting: Iterable[Waiting]) -> None:
    lang = shown.lang
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("gate", "前置条件"),
        lang.pick("since", "起始"),
        lang.pick("expected", "预计"),
        lang.pick("waits for", "等待"),
        title=lang.pick("Waiting at a gate", "等待前置条件"),
    )
    who = {True: lang.pick("the customer", "客户"), False: lang.pick("us", "我方")}
    shown.rows(
        made,
        (
            (
                found.work_order_id,
                _GATES[found.gate].say(lang),
                shown.when(found.since_at),
                shown.when(found.expected_at),
                who[found.waits_for_customer],
            )
            for found in waiting
        ),
    )


def _show_duties(shown: _Screen, duties: Iterable[Duty], now_at: datetime) -> None:
    lang = shown.lang
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("duty", "事项"),
        lang.pick("from", "起始"),
        lang.pick("due", "到期"),
        lang.pick("margin", "余量"),
        title=lang.pick("Duties", "回访与投诉"),
        right=(4,),
    )
    shown.rows(
        made,
        (
            (
                duty.work_order_id,
                " ".join(filter(None, (_DUTIES[duty.kind].say(lang), duty.complaint_id))),
                shown.when(duty.from_at),
                shown.when(duty.due_at),
                margin(_left_s(duty.due_at, duty.done_at or now_at), lang),
            )
            for duty in duties
        ),
    )


def _show_pending(shown: _Screen, pending: Iterable[Event]) -> None:
    lang = shown.lang
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("visit", "任务"),
        lang.pick("what", "事件"),
        lang.pick("when", "时间"),
        lang.pick("by", "记录人"),
        title=lang.pick("Without effect until what came before is known", "待前序记录到达后生效"),
    )
    shown.rows(
        made,
        (
            (
                event.work_order_id,
                event.visit_id or "",
                EVENTS[event.kind].say(lang),
                shown.when(event.happened_at),
                event.by,
            )
            for event in pending
        ),
    )


def _show_refused(shown: _Screen, refused: Sequence[Mapping[str, Any]]) -> None:
    lang = shown.lang
    made = table(
        lang.pick("event", "事件"),
        lang.pick("work order", "派工单"),
        lang.pick("why it was not taken in", "未能入档的原因"),
        title=lang.pick(
            "For a person to see to (dispatch settle)", "需人工处理（dispatch settle）"
        ),
    )
    shown.rows(
        made,
        (
            (kept["id"], kept["event"]["work_order_id"], lang.pick(kept["en"], kept["zh"]))
            for kept in refused
        ),
    )


def show_facts(console: Console, facts: WorkOrderFacts, zone: ZoneInfo, lang: Language) -> None:
    """One work order: what it is, how it stands, what happened, what may happen next."""
    shown = _Screen(console, zone, lang)
    order = facts.work_order
    head = Text(f"{order.id} · {STATES[facts.state].say(lang)} · ")
    shown.line(head + seen(order.priority, lang))
    shown.line(f"{facts.customer} · {facts.site} · {order.product}")
    if order.description:
        shown.line(order.description)
    if facts.emergency is not None:
        why = EMERGENCIES[facts.emergency.reason].say(lang)
        opened = lang.pick("Emergency plan open: ", "应急预案已启动：")
        shown.line(Text(opened + why, "bold red"))
    shown.line()
    _show_clock_facts(shown, facts)
    _show_visits(shown, facts)
    _show_events(shown, facts)
    shown.line(_next_line(facts, lang))


def _show_clock_facts(shown: _Screen, facts: WorkOrderFacts) -> None:
    lang = shown.lang
    made = table(
        lang.pick("clock", "时限"),
        lang.pick("due", "到期"),
        lang.pick("stopped", "停表"),
        lang.pick("state", "状态"),
    )
    shown.rows(
        made,
        (
            (
                texts.CLOCKS[clock.kind].say(lang),
                shown.when(clock.due_at),
                shown.when(clock.stopped_at),
                _CLOCK_STATES[clock.state].say(lang),
            )
            for clock in facts.clocks
        ),
    )


def _show_visits(shown: _Screen, facts: WorkOrderFacts) -> None:
    lang = shown.lang
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("state", "状态"),
        lang.pick("told", "已通知"),
        lang.pick("began", "开始"),
        lang.pick("repaired", "修复"),
        lang.pick("possible next", "下一步可记录"),
    )
    shown.rows(
        made,
        (
            (
                found.visit.id,
                STATES[found.state].say(lang),
                " ".join(
                    (*found.told.technician_ids, shown.when(found.told.start_at))
                    if found.told
                    else ("–",)
                ),
                shown.when(found.times.started_at),
                shown.when(found.times.repaired_at),
                ", ".join(found.legal),
            )
            for found in facts.visits
        ),
    )


def _show_events(shown: _Screen, facts: WorkOrderFacts) -> None:
    lang = shown.lang
    made = table(
        lang.pick("when", "时间"),
        lang.pick("what", "事件"),
        lang.pick("visit", "任务"),
        lang.pick("by", "记录人"),
        lang.pick("note", "备注"),
    )
    for event in facts.events:
        made.add_row(*_event_cells(shown, event))
    for event in facts.waiting:
        made.add_row(*_event_cells(shown, event, shown.lang.pick(" (waits)", "（待生效）")))
    for fact in facts.withdrawn:
        *cells, _ = _event_cells(shown, fact.event, shown.lang.pick(" (withdrawn)", "（已撤回）"))
        made.add_row(*cells, f"{fact.by} {shown.when(fact.at)}: {fact.reason}", style="dim")
    shown.table(made)


def _event_cells(shown: _Screen, event: Event, how: str = "") -> Iterator[str]:
    """``how`` it counts, if not as usual."""
    yield shown.when(event.happened_at)
    yield EVENTS[event.kind].say(shown.lang) + how
    yield event.visit_id or ""
    yield event.by
    yield _said_with(event, shown.lang)


def _said_with(event: Event, lang: Language) -> str:
    """The note, and what a quote asks for."""
    asked = ""
    if isinstance(event.details, Quote):
        yuan = texts.yuan(event.details.amount_fen)
        asked = lang.pick(f"{yuan} yuan", f"{yuan} 元")
    return " ".join(filter(None, (asked, event.note)))


def _next_line(facts: WorkOrderFacts, lang: Language) -> str:
    possible = ", ".join(facts.legal) or "–"
    return lang.pick(f"Possible next: {possible}", f"下一步可记录：{possible}")


def show_page(
    console: Console,
    rows: Sequence[Mapping[str, Any]],
    limit: int,
    zone: ZoneInfo,
    lang: Language,
) -> None:
    """Work orders of one state."""
    shown = _Screen(console, zone, lang)
    made = table(
        lang.pick("work order", "派工单"),
        lang.pick("site", "站点"),
        lang.pick("product", "产品"),
        lang.pick("priority", "优先级"),
        lang.pick("reported", "报修"),
        lang.pick("emergency", "应急"),
    )
    for row in rows:
        made.add_row(
            row["id"],
            row["site_id"],
            row["product"],
            seen(row["priority"], lang),
            shown.when(row["reported_at"]),
            shown.when(row["emergency_at"]),
        )
    shown.table(made)
    if len(rows) == limit:
        last = rows[-1]["id"]
        shown.line(lang.pick(f"There may be more: --after {last}", f"可能还有：--after {last}"))
