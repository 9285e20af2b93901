"""Each technician's stops as an iCalendar file (RFC 5545), to be opened by any calendar program.

The format is small: content lines of name and value, escaped, folded at 75 octets, ended by CRLF.
Times are written in UTC, which needs no time zone definition in the file.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dispatch import texts
from dispatch.domain.plan import StopKind
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.exchange.plan_tables import parts_text
from dispatch.judged import JudgedPlan
from dispatch.texts import Language

_LINE_OCTETS = 75


def write_icalendars(judged: JudgedPlan, folder: Path, lang: Language) -> tuple[Path, ...]:
    """Writes ``<technician>.ics`` for every technician with a route into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    routes: dict[str, list[TimedRoute]] = {}
    for route in judged.verdict.timetable.routes:
        routes.setdefault(route.route.technician_id, []).append(route)
    paths = []
    for technician_id, own in routes.items():
        path = folder / f"{_file_stem(technician_id)}.ics"
        path.write_bytes(calendar_of(judged, technician_id, own, lang))
        paths.append(path)
    return tuple(paths)


def _file_stem(technician_id: str) -> str:
    """Ids may hold what file names may not."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", technician_id)


def calendar_of(
    judged: JudgedPlan, technician_id: str, routes: Iterable[TimedRoute], lang: Language
) -> bytes:
    """The calendar of a technician who drives these routes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//field-dispatch//plan//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(judged.technician(technician_id))}",
    ]
    for route in routes:
        for number, timed in enumerate(route.stops, start=1):
            lines += _event(judged, route, number, timed, lang)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(
    judged: JudgedPlan, route: TimedRoute, number: int, timed: TimedStop, lang: Language
) -> Iterator[str]:
    stop = timed.stop
    what = stop.visit_id or f"{route.route.shift_id}-{number}"
    uid = f"{what}/{route.route.technician_id}@{judged.snapshot.organisation}"
    end_at = timed.leave_at if stop.kind is StopKind.VISIT else timed.end_at
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(uid)}"
    # The instant that the plan's facts describe: the same plan always gives the same bytes.
    yield f"DTSTAMP:{_utc(judged.snapshot.now_at)}"
    yield f"DTSTART:{_utc(timed.start_at)}"
    if end_at > timed.start_at:  # the format allows no event that ends as it starts
        yield f"DTEND:{_utc(end_at)}"
    yield f"SUMMARY:{_escaped(_summary(judged, timed, lang))}"
    if stop.kind in (StopKind.VISIT, StopKind.PICKUP):
        yield f"LOCATION:{_escaped(_location(judged, timed))}"
        point = judged.wgs84(timed.place_id)
        yield f"GEO:{point.latitude:.6f};{point.longitude:.6f}"
    yield f"DESCRIPTION:{_escaped(_description(judged, timed, lang))}"
    yield f"CATEGORIES:{_escaped(texts.STOPS[stop.kind].say(lang))}"
    yield "END:VEVENT"


def _summary(judged: JudgedPlan, timed: TimedStop, lang: Language) -> str:
    stop = timed.stop
    if stop.visit_id is None:
        return texts.STOPS[stop.kind].say(lang)
    site = judged.snapshot.site_of(judged.snapshot.visit[stop.visit_id])
    return f"{stop.visit_id} {judged.snapshot.customer[site.customer_id].name}"


def _location(judged: JudgedPlan, timed: TimedStop) -> str:
    site = judged.snapshot.site.get(timed.place_id)
    address = site.address if site else ""
    return ", ".join(filter(None, (judged.place(timed.place_id), address)))


def _description(judged: JudgedPlan, timed: TimedStop, lang: Language) -> str:
    stop = timed.stop
    lines = []
    if stop.visit_id is not None:
        visit = judged.snapshot.visit[stop.visit_id]
        order = judged.snapshot.order_of(visit)
        lines.append(f"{lang.pick('Work order', '派工单')}: {order.id} {order.product}")
        lines.append(order.description)
        lines.append(f"{lang.pick('Repair', '维修')}: {texts.duration(visit.duration_s, lang)}")
        if visit.run_in_s:
            run_in = texts.duration(visit.run_in_s, lang)
            lines.append(f"{lang.pick('Run-in', '试运行')}: {run_in}")
    if timed.travel_s:
        travel = f"{texts.duration(timed.travel_s, lang)}, {texts.kilometres(timed.travel_m)} km"
        lines.append(f"{lang.pick('Travel', '路程')}: {travel}")
    if stop.parts:
        lines.append(f"{lang.pick('Parts', '备件')}: {parts_text(stop.parts)}")
    if stop.tools:
        lines.append(f"{lang.pick('Tools', '工具')}: {'; '.join(stop.tools)}")
    return "\n".join(filter(None, lines))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for character in "\\;,":
        text = text.replace(character, f"\\{character}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in UTF-8 with CRLF, broken so that no part is longer than 75 octets and no
    character is cut; each further part begins with a space."""
    parts, part = [], b""
    for character in line:
        encoded = character.encode()
        if len(part) + len(encoded) > _LINE_OCTETS:
            parts.append(part)
            part = b" "
        part += encoded
    return b"\r\n".join([*parts, part]) + b"\r\n"
