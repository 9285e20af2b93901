"""What stands on the cover page of a technician's day: when to leave, where to go, what to take."""

from datetime import date

from dispatch import texts
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.exchange.pdf_layout import Cell, Form, Look, Row, Section
from dispatch.exchange.work_order_form import line, local, table_row
from dispatch.judged import JudgedPlan
from dispatch.texts import Language, Text

_SHARES = (0.05, 0.13, 0.13, 0.13, 0.33, 0.23)
_HEADINGS = (
    Text("", "序"),
    Text("time", "时间"),
    Text("kind", "类别"),
    Text("visit", "任务"),
    Text("place", "地点"),
    Text("parts, tools", "备件、工具"),
)


def day_sheet(judged: JudgedPlan, route: TimedRoute, lang: Language) -> Form:
    """The cover page of one route."""
    technician = judged.technician(route.route.technician_id)
    day = day_of(judged, route)
    heading = table_row([h.both for h in _HEADINGS], _SHARES, Look.LABEL)
    stops = [
        table_row(_stop(judged, number, stop, day), _SHARES, Look.VALUE)
        for number, stop in enumerate(route.stops, start=1)
    ]
    return Form(
        head=f"当日行程 Day sheet · {technician} · {day}",
        sections=(
            Section((), _summary(judged, route, lang)),
            Section((heading,), tuple(stops)),
        ),
    )


def day_of(judged: JudgedPlan, route: TimedRoute) -> date:
    """The local day on which the shift of a route starts."""
    return route.shift.start_at.astimezone(judged.zone).date()


def _summary(judged: JudgedPlan, route: TimedRoute, lang: Language) -> tuple[Row, ...]:
    visits = sum(stop.visit_id is not None for stop in route.stops)
    travel = f"{texts.kilometres(route.travel_m)} km · {texts.duration(route.travel_s, lang)}"
    away = "在外过夜 away overnight: " if route.route.ends_away else ""
    shift_end = texts.time_of_day(route.shift.end_at, judged.zone, day_of(judged, route))
    return (
        Row((Cell("当 日 行 程  Day sheet", 1.0, Look.TITLE),), 10.0),
        line((Text("Organisation", "组织"), judged.snapshot.organisation)),
        line(
            (Text("Technician", "技术员"), judged.technician(route.route.technician_id)),
            (Text("Shift", "班次"), f"{local(judged, route.shift.start_at)}–{shift_end}"),
        ),
        line(
            (
                Text("Departure", "出发"),
                f"{local(judged, route.depart_at)} {judged.place(route.start_place_id)}",
            ),
            (
                Text("Return", "返回"),
                f"{away}{local(judged, route.finish_at)} {judged.place(route.end_place_id)}",
            ),
        ),
        line((Text("Visits", "任务数"), str(visits)), (Text("Travel", "路程"), travel)),
    )


def _stop(
    judged: JudgedPlan, number: int, timed: TimedStop, day: date
) -> tuple[str, str, str, str, str, str]:
    start = texts.time_of_day(timed.arrival_at, judged.zone, day)
    leave = texts.time_of_day(timed.leave_at, judged.zone, day)
    taken = [
        f"{judged.snapshot.part[p.part_id].name} {p.part_id} ×{p.quantity}"
        for p in timed.stop.parts
    ]
    return (
        str(number),
        f"{start}–{leave}",
        texts.STOPS[timed.stop.kind].both,
        _visit(judged, timed),
        _place(judged, timed),
        "\n".join((*taken, *timed.stop.tools)),
    )


def _visit(judged: JudgedPlan, timed: TimedStop) -> str:
    if timed.visit_id is None:
        return ""
    return f"{timed.visit_id}\n{judged.snapshot.visit[timed.visit_id].work_order_id}"


def _place(judged: JudgedPlan, timed: TimedStop) -> str:
    """City and name; of a visit also the customer and the address."""
    place = judged.place(timed.place_id)
    if timed.visit_id is None:
        return place
    site = judged.snapshot.site[timed.place_id]
    customer = judged.snapshot.customer[site.customer_id].name
    return "\n".join(filter(None, (customer, place, site.address)))
