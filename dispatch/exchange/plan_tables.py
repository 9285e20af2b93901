"""A judged plan as plain tables: one source of rows for the Excel and CSV exports.

Times are local times of the organisation's time zone, money is yuan, distances kilometres.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dispatch import texts
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Stop, StopKind
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.judged import JudgedPlan
from dispatch.texts import Language, Text

Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class PlanTable:
    """``rows`` have one cell per heading. ``name`` is a file's stem or a sheet's title."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _table(
    lang: Language, name: Text, headings: Iterable[Text], rows: Iterable[tuple[Cell, ...]]
) -> PlanTable:
    return PlanTable(name.say(lang), tuple(h.say(lang) for h in headings), tuple(rows))


def parts_text(parts: Iterable[PartQuantity]) -> str:
    """``sim*2; camera*1``, the form in which visits name their parts."""
    return "; ".join(f"{p.part_id}*{p.quantity}" for p in parts)


# ------------------------------------------------------------------------------------ stops

_STOP_HEADINGS = (
    Text("technician id", "技术员编号"),
    Text("technician", "技术员"),
    Text("shift", "班次"),
    Text("date", "日期"),
    Text("no.", "序号"),
    Text("kind", "类别"),
    Text("visit", "任务编号"),
    Text("work order", "派工单号"),
    Text("customer", "客户"),
    Text("place", "地点"),
    Text("address", "地址"),
    Text("travel min", "路程（分）"),
    Text("travel km", "路程（公里）"),
    Text("arrival", "到达"),
    Text("start", "开始"),
    Text("end", "结束"),
    Text("leave", "离开"),
    Text("parts", "备件"),
    Text("tools", "工具"),
)


def stops_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """Every route: its departure, its stops and its way home, in order of time."""
    rows = [
        row for route in judged.verdict.timetable.routes for row in _route_rows(judged, route, lang)
    ]
    return _table(lang, Text("stops", "行程"), _STOP_HEADINGS, rows)


def _route_rows(
    judged: JudgedPlan, route: TimedRoute, lang: Language
) -> Iterable[tuple[Cell, ...]]:
    technician = judged.snapshot.technician[route.route.technician_id]
    shift = judged.snapshot.shift[route.route.shift_id]
    head = (technician.id, technician.name, shift.id, _local(judged, shift.start_at).date())
    depart, finish = _local(judged, route.depart_at), _local(judged, route.finish_at)
    yield (
        *head,
        0,
        lang.pick("departure", "出发"),
        *(None,) * 3,
        judged.place(route.start_place_id),
        *(None,) * 6,
        depart,
        None,
        None,
    )
    for number, timed in enumerate(route.stops, start=1):
        yield (*head, number, *_stop_cells(judged, timed, lang))
    if not route.route.ends_away:
        yield (
            *head,
            len(route.stops) + 1,
            lang.pick("return", "返回"),
            *(None,) * 3,
            judged.place(route.end_place_id),
            None,
            _minutes(route.home_travel_s),
            _km(route.home_travel_m),
            finish,
            *(None,) * 5,
        )


def _stop_cells(judged: JudgedPlan, timed: TimedStop, lang: Language) -> tuple[Cell, ...]:
    stop = timed.stop
    order_id, customer, place, address = _place_cells(judged, stop)
    return (
        texts.STOPS[stop.kind].say(lang),
        stop.visit_id,
        order_id,
        customer,
        place,
        address,
        _minutes(timed.travel_s),
        _km(timed.travel_m),
        _local(judged, timed.arrival_at),
        _local(judged, timed.start_at),
        _local(judged, timed.end_at),
        _local(judged, timed.leave_at),
        parts_text(stop.parts),
        "; ".join(stop.tools),
    )


def _place_cells(
    judged: JudgedPlan, stop: Stop
) -> tuple[str | None, str | None, str | None, str | None]:
    """Work order, customer, place and address of a stop."""
    snapshot = judged.snapshot
    if stop.kind is StopKind.VISIT and stop.visit_id is not None:
        visit = snapshot.visit[stop.visit_id]
        site = snapshot.site_of(visit)
        customer = snapshot.customer[site.customer_id]
        return visit.work_order_id, customer.name, judged.place(site.id), site.address
    if stop.kind is StopKind.PICKUP and stop.station_id is not None:
        return None, None, judged.place(stop.station_id), None
    return None, None, None, None


# ----------------------------------------------------------------------------------- visits

_VISIT_HEADINGS = (
    Text("visit", "任务编号"),
    Text("work order", "派工单号"),
    Text("priority", "优先级"),
    Text("product", "产品"),
    Text("customer", "客户"),
    Text("place", "地点"),
    Text("planned", "已排"),
    Text("technicians", "技术员"),
    Text("start", "开始"),
    Text("end", "结束"),
    Text("run-in min", "试运行（分）"),
    Text("parts", "备件"),
    Text("tightest clock", "最紧时限"),
    Text("margin min", "余量（分）"),
)


def visits_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """Every visit of the snapshot, planned or not."""
    rows: list[tuple[Cell, ...]] = []
    for visit in judged.snapshot.visits:
        order = judged.snapshot.order_of(visit)
        site = judged.snapshot.site[order.site_id]
        served = judged.served.get(visit.id, ())
        clock_name, margin_min = _tightest(judged, visit.id, lang)
        rows.append(
            (
                visit.id,
                order.id,
                texts.PRIORITIES[order.priority].say(lang),
                order.product,
                judged.snapshot.customer[site.customer_id].name,
                judged.place(site.id),
                lang.pick("yes", "是") if served else lang.pick("no", "否"),
                "; ".join(judged.technician(v.technician_id) for v in served),
                _local(judged, served[0].stop.start_at) if served else None,
                _local(judged, served[0].stop.end_at) if served else None,
                _minutes(visit.run_in_s),
                parts_text(visit.parts),
                clock_name,
                margin_min,
            )
        )
    return _table(lang, Text("visits", "任务"), _VISIT_HEADINGS, rows)


def _tightest(judged: JudgedPlan, visit_id: str, lang: Language) -> tuple[str | None, int | None]:
    margins = [
        (margin.margin_s, margin.clock.kind)
        for margin in judged.margins.get(visit_id, ())
        if margin.margin_s is not None
    ]
    if not margins:
        return None, None
    seconds, kind = min(margins)
    return texts.CLOCKS[kind].say(lang), _minutes(seconds)


_UNASSIGNED_HEADINGS = (
    Text("visit", "任务编号"),
    Text("work order", "派工单号"),
    Text("priority", "优先级"),
    Text("customer", "客户"),
    Text("place", "地点"),
    Text("rule", "规则"),
    Text("reason", "原因"),
    Text("closest technician", "最接近的技术员"),
    Text("short by", "差多少"),
    Text("all obstacles", "全部障碍"),
)


def unassigned_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """What stayed out, and why."""
    rows: list[tuple[Cell, ...]] = []
    for left in judged.plan.unassigned:
        order = judged.snapshot.order_of(judged.snapshot.visit[left.visit_id])
        site = judged.snapshot.site[order.site_id]
        closest = next((o for o in left.obstacles if o.code == left.code), None)
        rows.append(
            (
                left.visit_id,
                order.id,
                texts.PRIORITIES[order.priority].say(lang),
                judged.snapshot.customer[site.customer_id].name,
                judged.place(site.id),
                left.code,
                texts.rule(left.code, lang),
                judged.technician(closest.technician_id) if closest else None,
                texts.amount(left.code, closest.amount, lang) if closest else None,
                "; ".join(texts.obstacle(o.code, o.technicians, lang) for o in left.obstacles),
            )
        )
    return _table(lang, Text("unassigned", "未排任务"), _UNASSIGNED_HEADINGS, rows)


# ---------------------------------------------------------------------------- clocks and cost

_CLOCK_HEADINGS = (
    Text("visit", "任务编号"),
    Text("work order", "派工单号"),
    Text("priority", "优先级"),
    Text("clock", "时限"),
    Text("due", "到期"),
    Text("stops at", "停表"),
    Text("margin min", "余量（分）"),
    Text("state", "状态"),
)


def clocks_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """Every running clock and what the plan makes of it."""
    rows: list[tuple[Cell, ...]] = []
    for visit_id, margins in judged.margins.items():
        order = judged.snapshot.order_of(judged.snapshot.visit[visit_id])
        for margin in margins:
            seconds = margin.margin_s
            rows.append(
                (
                    visit_id,
                    order.id,
                    texts.PRIORITIES[order.priority].say(lang),
                    texts.CLOCKS[margin.clock.kind].say(lang),
                    _local(judged, margin.clock.due_at),
                    _local(judged, margin.stops_at) if margin.stops_at else None,
                    None if seconds is None else _minutes(seconds),
                    texts.clock_state(seconds, lang),
                )
            )
    return _table(lang, Text("SLA clocks", "服务时限"), _CLOCK_HEADINGS, rows)


_COST_HEADINGS = (
    Text("item", "项目"),
    Text("meaning", "含义"),
    Text("of", "对象"),
    Text("visit", "任务编号"),
    Text("yuan", "元"),
)


def cost_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """Every line of the price."""
    rows = [
        (
            line.item,
            texts.price_item(line.item, lang),
            line.subject,
            line.visit_id,
            Decimal(line.fen).scaleb(-2),
        )
        for line in judged.verdict.cost.lines
    ]
    return _table(lang, Text("cost", "成本"), _COST_HEADINGS, rows)


_VIOLATION_HEADINGS = (
    Text("rule", "规则"),
    Text("meaning", "含义"),
    Text("of", "对象"),
    Text("technician", "技术员"),
    Text("by", "幅度"),
)


def violations_table(judged: JudgedPlan, lang: Language) -> PlanTable:
    """Every rule the plan breaks; no rows for a plan that holds."""
    rows = [
        (
            v.code,
            texts.rule(v.code, lang),
            v.subject,
            judged.technician(v.technician_id),
            texts.amount(v.code, v.amount, lang),
        )
        for v in judged.verdict.violations
    ]
    return _table(lang, Text("violations", "违反规则"), _VIOLATION_HEADINGS, rows)


def _local(judged: JudgedPlan, at: datetime) -> datetime:
    """Local time without offset: spreadsheets know no time zones."""
    return at.astimezone(judged.zone).replace(tzinfo=None)


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded down, so that late by seconds is late."""
    return seconds // 60


def _km(metres: int) -> Decimal:
    return Decimal(metres).scaleb(-3).quantize(Decimal("0.1"))
