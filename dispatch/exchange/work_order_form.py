"""What stands on a work order form (派工单): one form for each visit.

Headings are in Chinese and English. What the record knows is printed, the rest is left to fill in
by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch import texts
from dispatch.domain.clocks import clocks_of
from dispatch.domain.places import Equipment
from dispatch.domain.sla import Clock
from dispatch.domain.timetable import TimedVisit
from dispatch.domain.work import Gate, GateKind, Ticket, Visit, Window
from dispatch.exchange.pdf_layout import Cell, Form, Look, Row, Section
from dispatch.judged import JudgedPlan
from dispatch.texts import Language, Text

_BLANK_PART_ROWS = 2
"""For parts that nobody planned."""
_HAND_MM = 7.0
"""Room to write one line by hand."""
_BOX, _TICKED = "□", "■"


@dataclass(frozen=True, slots=True)
class IssuedPart:
    """Units of one lot that were issued to a visit; ``serials`` are those that are known."""

    part_id: str
    quantity: int
    lot_id: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentQuote:
    """What the customer was asked to accept, 0 fen if nobody knows, and the answer, if any."""

    amount_fen: int
    accepted: bool | None = None


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Who signed for the customer, when, and the PNG of it, if there is one."""

    by: str
    at: datetime
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class FormDetails:
    """What the record knows of a visit beyond the snapshot; what is empty is filled in by hand.

    ``in_warranty`` None: nobody has looked yet.
    """

    ticket: Ticket | None = None
    equipment: Equipment | None = None
    in_warranty: bool | None = None
    issued: tuple[IssuedPart, ...] = ()
    quote: SentQuote | None = None
    signed: SignedOff | None = None


def work_order_form(
    judged: JudgedPlan, visit_id: str, lang: Language, details: FormDetails
) -> Form:
    """The form of one visit of the snapshot, planned or not."""
    visit = judged.snapshot.visit[visit_id]
    return Form(
        head=f"派工单 Work order {visit.work_order_id} · 任务 Visit {visit_id}",
        sections=(
            _order(judged, visit, details),
            _customer(judged, visit, details),
            _planned(judged, visit, lang),
            _clocks(judged, visit, lang),
            _parts(judged, visit, details),
            _on_site(visit, lang),
            _terms(judged, visit, details),
            _signatures(judged, visit, details.signed),
        ),
    )


# ------------------------------------------------------------------------------------- pieces


def local(judged: JudgedPlan, at: datetime) -> str:
    """``2026-09-29 08:40`` in the organisation's time."""
    return f"{at.astimezone(judged.zone):%Y-%m-%d %H:%M}"


def band(text: Text) -> Row:
    """The heading of a section."""
    return Row((Cell(text.both, 1.0, Look.BAND),))


def line(*pairs: tuple[Text, str], min_mm: float = 0.0) -> Row:
    """Labels, each with its value beside it."""
    label_share = 0.165
    value_share = 1 / len(pairs) - label_share
    return Row(
        tuple(
            cell
            for label, value in pairs
            for cell in (Cell(label.both, label_share, Look.LABEL), Cell(value, value_share))
        ),
        min_mm,
    )


def table_row(
    texts_: Sequence[str], shares: Sequence[float], look: Look, min_mm: float = 0.0
) -> Row:
    cells = (Cell(t, share, look) for t, share in zip(texts_, shares, strict=True))
    return Row(tuple(cells), min_mm)


def boxed(choices: Sequence[tuple[Text, bool]]) -> str:
    """Boxes to tick, ticked where it is known."""
    return "    ".join(f"{_TICKED if on else _BOX} {text.both}" for text, on in choices)


# ----------------------------------------------------------------------------------- sections


def _order(judged: JudgedPlan, visit: Visit, details: FormDetails) -> Section:
    order, ticket = judged.snapshot.order_of(visit), details.ticket
    description = order.description or (ticket.text if ticket else "")
    title = Row((Cell("派 工 单  Work order", 1.0, Look.TITLE),), 10.0)
    return Section(
        (),
        (
            title,
            line((Text("Organisation", "组织"), judged.snapshot.organisation)),
            line((Text("Work order", "派工单号"), order.id), (Text("Visit", "任务编号"), visit.id)),
            line(
                (Text("Ticket", "报修单号"), ticket.number if ticket else ""),
                (Text("Reported", "报修时间"), local(judged, order.reported_at)),
            ),
            line(
                (Text("Product", "产品"), order.product),
                (Text("Priority", "优先级"), texts.PRIORITIES[order.priority].both),
            ),
            line((Text("Equipment", "设备"), _equipment(details.equipment))),
            line((Text("Description", "故障描述"), description)),
        ),
    )


def _equipment(equipment: Equipment | None) -> str:
    if equipment is None:
        return ""
    serial = f"序列号 serial {equipment.serial}" if equipment.serial else ""
    return "  ".join(filter(None, (equipment.id, equipment.product, serial)))


def _customer(judged: JudgedPlan, visit: Visit, details: FormDetails) -> Section:
    site = judged.snapshot.site_of(visit)
    customer = judged.snapshot.customer[site.customer_id]
    return Section(
        (band(Text("Customer and site", "客户与地点")),),
        (
            line(
                (Text("Customer", "客户"), customer.name),
                (Text("Contact", "联系人"), details.ticket.contact if details.ticket else ""),
            ),
            line(
                (Text("Site", "站点"), site.name),
                (Text("City", "省市"), f"{site.province} {site.city}"),
            ),
            line((Text("Address", "地址"), site.address)),
        ),
    )


def _planned(judged: JudgedPlan, visit: Visit, lang: Language) -> Section:
    served = judged.served.get(visit.id, ())
    names = "、".join(judged.technician(s.technician_id) for s in served)
    run_in = texts.duration(visit.run_in_s, lang) if visit.run_in_s else "–"
    return Section(
        (band(Text("Plan", "计划安排")),),
        (
            line((Text("Technician", "技术员"), names or "未排 not planned")),
            line(
                (Text("Arrival", "计划到达"), _arrival(judged, served)),
                (Text("Departure", "计划离开"), _departure(judged, served)),
            ),
            line(
                (Text("Repair", "计划维修"), _repair(judged, visit, served, lang)),
                (Text("Run-in", "试运行"), run_in),
            ),
            line((Text("Promised", "承诺时间"), _windows(judged, visit.windows))),
            line((Text("Tools", "工具"), "；".join(visit.tools) or "–")),
        ),
    )


def _arrival(judged: JudgedPlan, served: Sequence[TimedVisit]) -> str:
    return local(judged, min(s.stop.arrival_at for s in served)) if served else ""


def _departure(judged: JudgedPlan, served: Sequence[TimedVisit]) -> str:
    return local(judged, max(s.stop.leave_at for s in served)) if served else ""


def _repair(judged: JudgedPlan, visit: Visit, served: Sequence[TimedVisit], lang: Language) -> str:
    duration = texts.duration(visit.duration_s, lang)
    if not served:
        return duration
    timetable = judged.verdict.timetable
    start, end = timetable.start_of(visit.id), timetable.end_of(visit.id)
    return f"{_span(judged, start, end)} ({duration})"


def _span(judged: JudgedPlan, start: datetime, end: datetime) -> str:
    """``2026-09-29 08:40–09:40``, with the day of the end where it is another."""
    until, from_day = end.astimezone(judged.zone), start.astimezone(judged.zone).date()
    same = until.date() == from_day
    return f"{local(judged, start)}–{f'{until:%H:%M}' if same else local(judged, end)}"


def _windows(judged: JudgedPlan, windows: Sequence[Window]) -> str:
    return "；".join(_span(judged, w.open_at, w.close_at) for w in windows) or "–"


_CLOCK_SHARES = (0.2, 0.22, 0.22, 0.14, 0.22)
_CLOCK_HEADINGS = (
    Text("SLA clock", "服务时限"),
    Text("due", "到期"),
    Text("planned", "计划"),
    Text("margin", "余量"),
    Text("actual", "实际"),
)


def _clocks(judged: JudgedPlan, visit: Visit, lang: Language) -> Section:
    clocks = clocks_of(judged.snapshot, judged.snapshot.order_of(visit))
    rows = [table_row(_clock(judged, visit, c, lang), _CLOCK_SHARES, Look.VALUE) for c in clocks]
    none = Row((Cell("没有适用的服务承诺 No SLA applies", 1.0),))
    heading = table_row([h.both for h in _CLOCK_HEADINGS], _CLOCK_SHARES, Look.LABEL)
    return Section((heading,), tuple(rows) or (none,))


def _clock(judged: JudgedPlan, visit: Visit, clock: Clock, lang: Language) -> Sequence[str]:
    margin = next((m for m in judged.margins[visit.id] if m.clock == clock), None)
    stops_at = margin.stops_at if margin else None
    left_s = margin.margin_s if margin else None
    return (
        texts.CLOCKS[clock.kind].both,
        local(judged, clock.due_at),
        local(judged, stops_at) if stops_at else "–",
        "–" if left_s is None else texts.margin(left_s, lang),
        local(judged, clock.stopped_at) if clock.stopped_at else "",
    )


_PART_SHARES = (0.26, 0.13, 0.09, 0.09, 0.13, 0.14, 0.16)
_PART_HEADINGS = (
    Text("part", "备件"),
    Text("id", "编号"),
    Text("plan", "计划"),
    Text("used", "实用"),
    Text("lot", "批次"),
    Text("serial", "序列号"),
    Text("old serial", "旧件序列号"),
)


def _parts(judged: JudgedPlan, visit: Visit, details: FormDetails) -> Section:
    issued = (_part(judged, p) for p in (*details.issued, *_not_issued(judged, visit, details)))
    blank = table_row(("",) * len(_PART_SHARES), _PART_SHARES, Look.VALUE, _HAND_MM)
    return Section(
        (table_row([h.both for h in _PART_HEADINGS], _PART_SHARES, Look.LABEL),),
        (*issued, *(blank,) * _BLANK_PART_ROWS),
    )


def _part(judged: JudgedPlan, part: IssuedPart) -> Row:
    """One lot of a part, with room for the serial numbers of a few units."""
    name = judged.snapshot.part[part.part_id].name
    serials = "\n".join(part.serials)
    cells = (name, part.part_id, str(part.quantity), "", part.lot_id, serials, "")
    return table_row(cells, _PART_SHARES, Look.VALUE, _HAND_MM * min(part.quantity, 3))


def _not_issued(judged: JudgedPlan, visit: Visit, details: FormDetails) -> Iterator[IssuedPart]:
    """What the visit is to use and has not been given yet."""
    planned: dict[str, int] = {}
    served = judged.served.get(visit.id)
    needed = [p for s in served for p in s.stop.stop.parts] if served else visit.parts
    for part in needed:
        planned[part.part_id] = planned.get(part.part_id, 0) + part.quantity
    for issued in details.issued:
        planned[issued.part_id] = planned.get(issued.part_id, 0) - issued.quantity
    for part_id, quantity in planned.items():
        if quantity > 0:
            yield IssuedPart(part_id, quantity)


_DAY = "______年____月____日"
_TIME = f"{_DAY} ____:____"


def _on_site(visit: Visit, lang: Language) -> Section:
    run_in = "从 from ____:____  至 to ____:____"
    if visit.run_in_s:
        run_in += f"（{texts.duration(visit.run_in_s, lang)}）"
    return Section(
        (band(Text("On site (tick when done)", "现场记录（完成后打勾）")),),
        (
            _check(Text("Arrived", "到达时间"), _TIME),
            _check(Text("Finding", "故障原因"), "", 11.0),
            _check(Text("Repair", "处理措施"), "", 11.0),
            _check(Text("Run-in", "试运行"), run_in),
            _check(Text("Parts returned", "旧件返还"), ""),
            _check(Text("Left", "离开时间"), _TIME),
        ),
        whole=True,
    )


def _check(label: Text, text: str, min_mm: float = _HAND_MM) -> Row:
    return Row((Cell(f"{_BOX} {label.both}", 0.25, Look.VALUE), Cell(text, 0.75)), min_mm)


def _terms(judged: JudgedPlan, visit: Visit, details: FormDetails) -> Section:
    """Warranty, or what the customer says to the quote."""
    quote = details.quote or _asked(judged.snapshot.order_of(visit).gates)
    warranty = (
        (Text("in warranty", "保修期内"), details.in_warranty is True),
        (Text("out of warranty", "已过保修期"), details.in_warranty is False),
    )
    answers = (
        (Text("accepted", "接受"), quote is not None and quote.accepted is True),
        (Text("refused", "拒绝"), quote is not None and quote.accepted is False),
        (Text("waiting", "待答复"), quote is not None and quote.accepted is None),
    )
    yuan = texts.yuan(quote.amount_fen) if quote and quote.amount_fen else "________"
    amount = f"金额 amount {yuan} 元 yuan"
    return Section(
        (),
        (
            line((Text("Warranty", "保修"), boxed(warranty))),
            line((Text("Quote", "报价"), f"{boxed(answers)}    {amount}")),
        ),
        whole=True,
    )


def _asked(gates: Sequence[Gate]) -> SentQuote | None:
    """The quote that the customer was asked to accept, if nothing came after it."""
    quotes = [gate for gate in gates if gate.kind is GateKind.QUOTE]
    last = max(quotes, key=lambda gate: gate.opened_at, default=None)
    if last is None or not last.waits_for_customer:
        return None
    return SentQuote(0, True if last.passed_at else None)


def _signatures(judged: JudgedPlan, visit: Visit, signed: SignedOff | None) -> Section:
    """One box for the customer and one for each technician."""
    served = judged.served.get(visit.id, ())
    names = [judged.technician(s.technician_id) for s in served] or [""]
    technicians = [(f"技术员签字 Technician {n}", None, None) for n in names]
    boxes = [_of_customer(judged, signed), *technicians]
    rows = []
    for beside in (boxes[i : i + 3] for i in range(0, len(boxes), 3)):
        share = 1 / len(beside)
        signers = (Cell(text, share, picture=picture) for text, _, picture in beside)
        rows.append(Row(tuple(signers), 15.0))
        rows.append(Row(tuple(Cell(f"日期 Date {on or _DAY}", share) for _, on, _ in beside)))
    return Section((band(Text("Signatures", "签字确认")),), tuple(rows), whole=True)


def _of_customer(
    judged: JudgedPlan, signed: SignedOff | None
) -> tuple[str, str | None, bytes | None]:
    """What stands in the customer's box: text, date, picture."""
    label = Text("Customer", "客户签字").both
    if signed is None:
        return label, None, None
    return f"{label}\n{signed.by}", local(judged, signed.at), signed.picture
