"""Why one visit is where it is, or why it stayed out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import table
from api.views.paint import margin, seen
from dispatch import texts
from dispatch.domain.plan import StopKind
from dispatch.domain.timetable import TimedVisit
from dispatch.domain.work import Pin, Visit
from dispatch.exchange.plan_tables import parts_text
from dispatch.explain import Explanation
from dispatch.judged import JudgedPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.qualification import PRICE
from dispatch.reasons import in_words
from dispatch.relaxing import WayIn
from dispatch.texts import Language

_TECHNICIANS_SHOWN = 20


@dataclass(frozen=True)
class Facts:
    """What there is to say: for a planned visit what it adds by item, else what would let it in."""

    explanation: Explanation
    added_fen: Mapping[str, int]
    way_in: WayIn | None


def show_explanation(console: Console, judged: JudgedPlan, facts: Facts, lang: Language) -> None:
    explanation = facts.explanation
    visit = judged.snapshot.visit[explanation.visit_id]
    for line in what(judged, visit, lang):
        console.print(line)
    console.print()
    served = judged.served.get(visit.id, ())
    if not served:
        _show_left_out(console, judged, facts, lang)
        return
    for timed in served:
        console.print(_facts(judged, timed, lang))
    clocks = judged.margins.get(visit.id, ())
    if clocks:
        console.print()
        console.print(_clocks(judged, visit, lang))
    console.print()
    console.print(_cost(facts.added_fen, lang))
    if explanation.runner_up_id is not None and explanation.difference_fen is not None:
        console.print()
        console.print(
            _runner_up(judged, explanation.runner_up_id, explanation.difference_fen, lang)
        )
    if explanation.obstacles:
        console.print()
        console.print(_obstacles(judged, explanation, lang))


def what(judged: JudgedPlan, visit: Visit, lang: Language) -> Iterator[Text]:
    """Which visit this is, and what it needs."""
    order = judged.snapshot.order_of(visit)
    site = judged.snapshot.site[order.site_id]
    customer = judged.snapshot.customer[site.customer_id].name
    yield Text.assemble(
        (visit.id, "bold"), f" · {order.id} · {order.product} · ", seen(order.priority, lang)
    )
    yield Text(" · ".join(filter(None, (customer, judged.place(site.id), site.address))))
    if order.description:
        yield Text(order.description, "dim")
    needs = [lang.pick("repair ", "维修 ") + texts.duration(visit.duration_s, lang)]
    if visit.run_in_s:
        needs.append(lang.pick("run-in ", "试运行 ") + texts.duration(visit.run_in_s, lang))
    if visit.crew_size > 1:
        needs.append(lang.pick(f"crew of {visit.crew_size}", f"{visit.crew_size} 人"))
    if visit.skills:
        skills = ", ".join(f"{need.skill}:{need.level}" for need in visit.skills)
        needs.append(lang.pick("skills ", "技能 ") + skills)
    if visit.parts:
        needs.append(lang.pick("parts ", "备件 ") + parts_text(visit.parts))
    if visit.tools:
        needs.append(lang.pick("tools ", "工具 ") + ", ".join(visit.tools))
    yield Text(f"{lang.pick('Needs', '需要')}: {' · '.join(needs)}")
    for window in visit.windows:
        times = (
            texts.day_and_time(at, judged.zone, lang) for at in (window.open_at, window.close_at)
        )
        yield Text(f"{lang.pick('Promised start', '约定开始')}: {' – '.join(times)}")
    pin = judged.snapshot.pin.get(visit.id)
    if pin is not None:
        yield Text(f"{lang.pick('Pinned', '锁定')}: {_pin(judged, pin, lang)}", "yellow")


def _pin(judged: JudgedPlan, pin: Pin, lang: Language) -> str:
    held = []
    if pin.technician_id is not None:
        held.append(judged.technician(pin.technician_id))
    if pin.start_at is not None:
        held.append(texts.day_and_time(pin.start_at, judged.zone, lang))
    if pin.after_visit_id is not None:
        held.append(
            lang.pick(f"right after {pin.after_visit_id}", f"紧接 {pin.after_visit_id} 之后")
        )
    return ", ".join(held)


def _facts(judged: JudgedPlan, timed: TimedVisit, lang: Language) -> Table:
    """Who, when, by which way, and with parts from where."""
    stop, zone = timed.stop, judged.zone
    of = stop.start_at.astimezone(zone).date()
    made = Table.grid(padding=(0, 2))
    made.add_row(Text(lang.pick("who", "谁"), "dim"), judged.technician(timed.technician_id))
    times = f"{texts.time_of_day(stop.start_at, zone)}–{texts.time_of_day(stop.end_at, zone, of)}"
    made.add_row(Text(lang.pick("when", "何时"), "dim"), f"{texts.day(of, lang)} {times}")
    if stop.leave_at > stop.end_at:
        leave = texts.time_of_day(stop.leave_at, zone, of)
        made.add_row(Text(lang.pick("run-in until", "试运行至"), "dim"), leave)
    arrival = texts.time_of_day(stop.arrival_at, zone, of)
    way = lang.pick(
        f"from {_place_before(judged, timed)}, {texts.duration(stop.travel_s, lang)}, "
        f"{texts.kilometres(stop.travel_m)} km, arrival {arrival}",
        f"从 {_place_before(judged, timed)} 出发，{texts.duration(stop.travel_s, lang)}，"
        f"{texts.kilometres(stop.travel_m)} 公里，{arrival} 到达",
    )
    made.add_row(Text(lang.pick("way", "路程"), "dim"), way)
    for number, part in enumerate(stop.stop.parts):
        title = lang.pick("parts", "备件") if number == 0 else ""
        source = _part_source(judged, timed, part.part_id, lang)
        made.add_row(Text(title, "dim"), f"{part.part_id}*{part.quantity} {source}")
    return made


def _place_before(judged: JudgedPlan, timed: TimedVisit) -> str:
    place_id = timed.route.start_place_id
    for stop in timed.route.stops:
        if stop is timed.stop:
            break
        if stop.stop.kind in (StopKind.VISIT, StopKind.PICKUP):
            place_id = stop.place_id
    return judged.place(place_id)


def _part_source(judged: JudgedPlan, timed: TimedVisit, part_id: str, lang: Language) -> str:
    """The last pickup of the part before the visit on the same route, or the van."""
    source = lang.pick("from the van", "随车")
    for stop in timed.route.stops:
        if stop is timed.stop:
            break
        picked = stop.stop.kind is StopKind.PICKUP
        if picked and any(p.part_id == part_id for p in stop.stop.parts):
            at = texts.time_of_day(stop.start_at, judged.zone)
            place = judged.place(stop.place_id)
            source = lang.pick(f"picked up at {place}, {at}", f"{at} 在 {place} 领取")
    return source


def _clocks(judged: JudgedPlan, visit: Visit, lang: Language) -> Table:
    made = table(
        lang.pick("clock", "时限"),
        lang.pick("due", "到期"),
        lang.pick("met at", "停表"),
        lang.pick("margin", "余量"),
        right=(3,),
    )
    for found in judged.margins[visit.id]:
        met_at = texts.day_and_time(found.stops_at, judged.zone, lang) if found.stops_at else "–"
        left = margin(found.margin_s, lang) if found.margin_s is not None else ""
        made.add_row(
            texts.CLOCKS[found.clock.kind].say(lang),
            texts.day_and_time(found.clock.due_at, judged.zone, lang),
            met_at,
            left,
        )
    return made


def _cost(added_fen: Mapping[str, int], lang: Language) -> Table:
    """What the visit adds to the plan, its share of the route's time and way among it."""
    made = table(lang.pick("cost of this visit", "本任务成本"), lang.pick("yuan", "元"), right=(1,))
    for item, fen in added_fen.items():
        made.add_row(texts.price_item(item, lang), texts.yuan(fen))
    made.add_section()
    total = texts.yuan(sum(added_fen.values()))
    made.add_row(lang.pick("total", "合计"), total, style="bold")
    return made


def _runner_up(judged: JudgedPlan, technician_id: str, difference_fen: int, lang: Language) -> str:
    """The next best technician."""
    name, yuan = judged.technician(technician_id), texts.yuan(abs(difference_fen))
    if difference_fen < 0:
        return lang.pick(f"Runner-up: {name}, {yuan} yuan less", f"次选：{name}，少花 {yuan} 元")
    return lang.pick(f"Runner-up: {name}, {yuan} yuan more", f"次选：{name}，多花 {yuan} 元")


def _show_left_out(console: Console, judged: JudgedPlan, facts: Facts, lang: Language) -> None:
    visit_id = facts.explanation.visit_id
    left = next((u for u in judged.plan.unassigned if u.visit_id == visit_id), None)
    reason = texts.rule(left.code, lang) if left else lang.pick("not in the plan", "不在计划中")
    console.print(Text(f"{lang.pick('Left out', '未排')}: {reason}", "bold red"))
    if facts.way_in is not None:
        console.print(in_words(facts.way_in, judged.snapshot, lang), soft_wrap=True)
    console.print()
    console.print(_obstacles(judged, facts.explanation, lang))


def _obstacles(judged: JudgedPlan, explanation: Explanation, lang: Language) -> Table:
    """Everybody, closest first: the rule that comes closest to letting the visit in, or the cost
    of the cheapest place that no rule forbids."""
    who = lang.pick("Who could take it", "谁可以承担")
    why_nobody = lang.pick("Why nobody takes it", "为何无人承担")
    searched = {left.visit_id for left in judged.plan.unassigned if left.obstacles}
    may_fit = explanation.planned or explanation.visit_id not in searched
    made = table(
        lang.pick("technician", "技术员"),
        lang.pick("in the way", "障碍"),
        lang.pick("code", "代码"),
        lang.pick("amount", "数额"),
        lang.pick("shift", "班次"),
        title=who if may_fit else why_nobody,
    )
    takers = {v.technician_id for v in judged.served.get(explanation.visit_id, ())}
    for found in explanation.obstacles[:_TECHNICIANS_SHOWN]:
        made.add_row(
            judged.technician(found.technician_id),
            _in_the_way(found, may_fit, found.technician_id in takers, lang),
            found.code,
            texts.amount(found.code, found.amount, lang),
            found.shift_id or "",
        )
    more = len(explanation.obstacles) - _TECHNICIANS_SHOWN
    if more > 0:
        made.add_row(
            "…",
            lang.pick(f"and {more} more (--json has all)", f"另有 {more} 人（--json 列出全部）"),
        )
    return made


def _in_the_way(
    found: TechnicianObstacle, planned: bool, takes_it: bool, lang: Language
) -> str | Text:
    if takes_it:
        return Text(lang.pick("takes it in this plan", "在本计划中承担"), "green")
    if planned and found.code == PRICE:
        return lang.pick("no rule: it would cost", "无障碍：需花费")
    return texts.rule(found.code, lang)
