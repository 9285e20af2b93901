"""Each technician's days as readable timelines."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.views.paint import margin
from dispatch import texts
from dispatch.domain.people import ShiftKind
from dispatch.domain.plan import StopKind
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.exchange.plan_tables import parts_text
from dispatch.judged import JudgedPlan
from dispatch.texts import Language

Cells = tuple[str | Text, ...]


def show_timelines(console: Console, judged: JudgedPlan, lang: Language) -> None:
    """All routes, technician by technician, and who has none."""
    routes = judged.verdict.timetable.routes
    for technician_id, own in groupby(routes, key=lambda r: r.route.technician_id):
        console.print(_title(judged, technician_id))
        for route in own:
            console.print(_route_line(judged, route, lang))
            console.print(_route_table(judged, route, lang))
        console.print()
    idle = judged.snapshot.technician.keys() - {r.route.technician_id for r in routes}
    if idle:
        names = ", ".join(judged.technician(technician_id) for technician_id in sorted(idle))
        console.print(Text(f"{lang.pick('Without a visit', '没有任务')}: {names}", style="dim"))


def _title(judged: JudgedPlan, technician_id: str) -> Text:
    station = judged.place(judged.snapshot.technician[technician_id].station_id)
    return Text.assemble((judged.technician(technician_id), "bold"), (f" · {station}", "dim"))


def _route_line(judged: JudgedPlan, route: TimedRoute, lang: Language) -> Text:
    shift = judged.snapshot.shift[route.route.shift_id]
    of = shift.start_at.astimezone(judged.zone).date()
    visits = sum(1 for stop in route.stops if stop.stop.kind is StopKind.VISIT)
    times = "–".join(
        texts.time_of_day(at, judged.zone, of) for at in (shift.start_at, shift.end_at)
    )
    travel = f"{texts.duration(route.travel_s, lang)}, {texts.kilometres(route.travel_m)} km"
    facts = [
        f"{texts.day(of, lang)} {times}",
        *([lang.pick("standby", "值班")] if shift.kind is ShiftKind.STANDBY else []),
        texts.counted(visits, "visit", "个任务", lang),
        lang.pick(f"travel {travel}", f"路程 {travel}"),
    ]
    line = Text(f" {' · '.join(facts)}")
    if route.overtime_s:
        overtime = texts.duration(route.overtime_s, lang)
        line.append(f" · {lang.pick('overtime', '加班')} {overtime}", style="yellow")
    return line


def _route_table(judged: JudgedPlan, route: TimedRoute, lang: Language) -> Table:
    """Columns: arrival, work, travel to it, which stop, where, parts, tightest clock."""
    made = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in (7, 11, 10):
        made.add_column(min_width=width, no_wrap=True)
    made.add_column(min_width=6)
    made.add_column(ratio=2, overflow="fold")
    made.add_column(ratio=1, overflow="fold")
    made.add_column(min_width=12, no_wrap=True)
    of = judged.snapshot.shift[route.route.shift_id].start_at.astimezone(judged.zone).date()
    for cells in _rows(judged, route, of, lang):
        made.add_row(*cells)
    return made


def _rows(judged: JudgedPlan, route: TimedRoute, of: date, lang: Language) -> Iterator[Cells]:
    start = judged.place(route.start_place_id)
    depart = texts.time_of_day(route.depart_at, judged.zone, of)
    yield ("  ", depart, "", Text(lang.pick("depart", "出发"), "dim"), Text(start, "dim"), "", "")
    for timed in route.stops:
        yield from _stop_rows(judged, timed, of, lang)
    finish = texts.time_of_day(route.finish_at, judged.zone, of)
    end = Text(judged.place(route.end_place_id), "dim")
    if route.route.ends_away:
        yield ("", finish, "", Text(lang.pick("stays", "过夜"), "yellow"), end, "", "")
    else:
        travel = _travel(route.home_travel_s, route.home_travel_m, lang)
        yield (f"  {finish}", "", travel, Text(lang.pick("back", "返回"), "dim"), end, "", "")


def _stop_rows(judged: JudgedPlan, timed: TimedStop, of: date, lang: Language) -> Iterator[Cells]:
    work = "–".join(texts.time_of_day(at, judged.zone, of) for at in (timed.start_at, timed.end_at))
    stop = timed.stop
    if stop.kind in (StopKind.BREAK, StopKind.ABSENCE):
        yield ("", Text(work, "dim"), "", Text(texts.STOPS[stop.kind].say(lang), "dim"), "", "", "")
        return
    arrival = "  " + texts.time_of_day(timed.arrival_at, judged.zone, of)
    travel = _travel(timed.travel_s, timed.travel_m, lang)
    taken = "; ".join(filter(None, (parts_text(stop.parts), "; ".join(stop.tools))))
    if stop.visit_id is None:
        name = texts.STOPS[stop.kind].say(lang)
        yield (arrival, work, travel, name, judged.place(timed.place_id), taken, "")
        return
    needed = judged.snapshot.visit[stop.visit_id]
    order = judged.snapshot.order_of(needed)
    details = f" · {order.product} · {order.id}"
    if needed.run_in_s:
        until = texts.time_of_day(timed.leave_at, judged.zone, of)
        details += lang.pick(f" · run-in to {until}", f" · 试运行至 {until}")
    what = Text.assemble(judged.place(timed.place_id), (details, "dim"))
    visit = Text(stop.visit_id, "bold")
    yield (arrival, work, travel, visit, what, taken, tightest_clock(judged, stop.visit_id, lang))


def _travel(travel_s: int, travel_m: int, lang: Language) -> str:
    if travel_s == 0:
        return ""
    return f"{texts.compact(travel_s, lang)} {round(travel_m / 1000)}km"


def tightest_clock(judged: JudgedPlan, visit_id: str, lang: Language) -> Text:
    """The visit's clock with the least time left, and that time; empty if no clock runs."""
    margins = [
        (found.margin_s, found.clock.kind)
        for found in judged.margins.get(visit_id, ())
        if found.margin_s is not None
    ]
    if not margins:
        return Text()
    margin_s, kind = min(margins)
    return Text.assemble(f"{texts.CLOCKS[kind].say(lang)} ", margin(margin_s, lang))
