"""``dispatch stock show`` and ``trace``: what is where, and where it came from and went."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from sqlalchemy.orm import Session

from api.exits import EXIT_NO, EXIT_OK
from api.opened import in_use, zone_of
from api.screen import print_json, screen, table
from dispatch.commands.ledger import Line
from dispatch.commands.stock_picks import place_named
from dispatch.store import queries_trace
from dispatch.store.queries_trace import Level, Trace, TracedMovement
from dispatch.store.rows_parts import LotRow
from dispatch.store.rows_work import VisitRow
from dispatch.texts import Language, Text

_PAGE = 500
_KINDS = {
    "receive": Text("received", "到货"),
    "transfer": Text("transferred", "调拨"),
    "reserve": Text("reserved", "预留"),
    "release": Text("released", "释放"),
    "issue": Text("issued", "领用"),
    "consume": Text("used", "使用"),
    "return": Text("returned", "退回"),
    "adjust": Text("adjusted", "盘点调整"),
    "quarantine": Text("quarantined", "隔离"),
}
_OUT_OF_QUARANTINE = Text("out of quarantine", "解除隔离")
_STATES = {
    "held": Text("held", "临时预留"),
    "committed": Text("committed", "已确认"),
    "released": Text("released", "已释放"),
    "consumed": Text("used", "已使用"),
    "in_stock": Text("in stock", "在库"),
    "installed": Text("installed", "已安装"),
    "quarantined": Text("quarantined", "隔离"),
    "lost": Text("lost", "遗失"),
}


def show_stock(part: str | None, place: str | None, as_json: bool, lang: Language) -> int:
    """Every balance with anything in it."""
    with in_use() as database, database.reading() as session:
        levels = list(_levels(session, part, place))
        zone = zone_of(session)
    if as_json:
        print_json({"balances": levels})
        return EXIT_OK
    shown = table(
        *(lang.pick("part", "备件"), lang.pick("place", "地点"), lang.pick("lot", "批次")),
        *(lang.pick("arrived", "到货"), lang.pick("on hand", "在库")),
        *(lang.pick("reserved", "已预留"), lang.pick("free", "可用")),
        *(lang.pick("to come", "待到货"), lang.pick("promised", "已承诺")),
        lang.pick("quarantine", "隔离"),
        right=tuple(range(4, 10)),
    )
    for level in levels:
        since = level.available_at if level.expected else level.arrived_at
        figures = (level.on_hand, level.reserved, level.free)
        rest = (level.expected, level.promised, level.quarantined)
        shown.add_row(
            *(level.part_id, level.place, level.lot_id, _day(since, zone)),
            *(str(figure) for figure in (*figures, *rest)),
        )
    screen().print(shown if levels else lang.pick("There is nothing.", "没有库存。"))
    return EXIT_OK


def said_of(row: Line | TracedMovement) -> Text:
    """What a movement did."""
    leaves = row.kind == "quarantine" and row.source is None
    return _OUT_OF_QUARANTINE if leaves else _KINDS[row.kind]


def show_reservations(visit: str, as_json: bool, lang: Language) -> int:
    """Everything that a visit has or had reserved."""
    with in_use() as database, database.reading() as session:
        found = queries_trace.reservations_of(session, visit)
        zone = zone_of(session)
    if as_json:
        print_json({"reservations": found})
        return EXIT_OK
    shown = table(
        *(lang.pick("reservation", "预留"), lang.pick("part", "备件"), lang.pick("lot", "批次")),
        *(lang.pick("place", "地点"), lang.pick("units", "数量"), lang.pick("state", "状态")),
        lang.pick("until", "截止"),
        right=(4,),
    )
    for row in found:
        until = "" if row.expires_at is None else _minute(row.expires_at, zone)
        state = _STATES[row.state].say(lang)
        where = (row.id, row.part_id, row.lot_id, row.place)
        shown.add_row(*where, str(row.quantity), state, until)
    nothing = lang.pick(f"Nothing is reserved for {visit}.", f"任务 {visit} 没有预留。")
    screen().print(shown if found else nothing)
    return EXIT_OK


def show_trace(number: str, as_json: bool, lang: Language) -> int:
    """What is on record around a lot, a visit or a serial number; exit code 1 if nothing is."""
    with in_use() as database, database.reading() as session:
        trace = _trace(session, number)
        zone = zone_of(session)
    if as_json:
        print_json(trace)
    else:
        _show_trace(trace, zone, lang)
    return EXIT_OK if trace.units or trace.returns or trace.movements else EXIT_NO


def _levels(session: Session, part: str | None, place: str | None) -> Iterator[Level]:
    """All pages of the list."""
    where = place_named(session, place) if place is not None else None
    after = None
    while True:
        page = queries_trace.levels(session, part_id=part, place=where, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = (page[-1].part_id, page[-1].balance_id)


def _trace(session: Session, number: str) -> Trace:
    if session.get(LotRow, number) is not None:
        return queries_trace.trace_lot(session, number)
    if session.get(VisitRow, number) is not None:
        return queries_trace.trace_visit(session, number)
    return queries_trace.trace_serial(session, number)


def _show_trace(trace: Trace, zone: ZoneInfo, lang: Language) -> None:
    console = screen()
    if trace.movements:
        console.print(_movements(trace.movements, zone, lang))
    for unit in trace.units:
        state = _STATES[unit.state].say(lang)
        console.print(
            lang.pick(
                f"Unit {unit.serial} of {unit.part_id}: lot {unit.lot_id or '-'}, {state},"
                f" at {unit.place or '-'}, visit {unit.visit_id or '-'},"
                f" work order {unit.work_order_id or '-'}",
                f"{unit.part_id} 序列号 {unit.serial}：批次 {unit.lot_id or '-'}，{state}，"
                f"地点 {unit.place or '-'}，任务 {unit.visit_id or '-'}，"
                f"派工单 {unit.work_order_id or '-'}",
            ),
            soft_wrap=True,
        )
    for back in trace.returns:
        instead, lies = back.replaced_by or "-", back.station_id or "-"
        console.print(
            lang.pick(
                f"Visit {back.visit_id} brought back {back.serial or '-'} of {back.part_id},"
                f" in its place: {instead}, it lies at: {lies}",
                f"任务 {back.visit_id} 带回 {back.part_id} 序列号 {back.serial or '-'}，"
                f"替换件：{instead}，存放于：{lies}",
            ),
            soft_wrap=True,
        )
    if not (trace.units or trace.returns or trace.movements):
        console.print(lang.pick("Nothing is on record.", "没有记录。"))


def _movements(movements: Sequence[TracedMovement], zone: ZoneInfo, lang: Language) -> Table:
    shown = table(
        *(lang.pick("when", "时间"), lang.pick("what", "变动"), lang.pick("part", "备件")),
        *(lang.pick("lot", "批次"), lang.pick("units", "数量"), lang.pick("from", "从")),
        *(lang.pick("to", "到"), lang.pick("visit", "任务"), lang.pick("by", "操作人")),
        lang.pick("serials", "序列号"),
        right=(4,),
    )
    for row in movements:
        shown.add_row(
            *(_minute(row.happened_at, zone), said_of(row).say(lang), row.part_id),
            *(row.lot_id, str(row.quantity), row.source or "", row.target or ""),
            *(row.visit_id or "", row.by, " ".join(row.serials)),
        )
    return shown


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
