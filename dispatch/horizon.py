"""From an organisation's facts to the snapshot of one planning horizon."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dispatch.domain.calendars import Calendar, is_working_day
from dispatch.domain.errors import DispatchError
from dispatch.domain.organisation import Organisation
from dispatch.domain.people import Absence, Break, BreakPattern, Shift, ShiftPattern, Technician
from dispatch.domain.policy import POLICIES, Policy
from dispatch.domain.snapshot import Snapshot

_DAY = timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REPEATING = (*_WEEKDAYS, "daily", "workdays", "holidays")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class HorizonError(DispatchError):
    """A horizon that cannot be made of what the organisation says."""


def snapshot_of(
    organisation: Organisation,
    from_day: date | None = None,
    days: int | None = None,
    policy: str | None = None,
) -> Snapshot:
    """The snapshot of ``days`` local days from ``from_day`` on.

    The defaults are the organisation's own: the local day of ``planning_at``, ``horizon_days``
    and ``default_policy``. ``now_at`` is ``planning_at`` if that is in the first day, else the
    beginning of that day. Raises HorizonError.
    """
    zone = ZoneInfo(organisation.time_zone)
    planning_day = organisation.planning_at.astimezone(zone).date()
    first = planning_day if from_day is None else from_day
    count = organisation.horizon_days if days is None else days
    if count < 1:
        raise HorizonError(
            f"A horizon of {count} days cannot be planned; give at least 1.",
            f"无法计划 {count} 天的周期；至少应为 1 天。",
        )
    days_planned = [first + i * _DAY for i in range(count)]
    start_at = _utc(days_planned[0], time(0), zone)
    end_at = _utc(days_planned[-1] + _DAY, time(0), zone)
    return Snapshot(
        organisation=organisation.name,
        home_province=organisation.home_province,
        time_zone=organisation.time_zone,
        start_at=start_at,
        end_at=end_at,
        now_at=organisation.planning_at.astimezone(UTC) if first == planning_day else start_at,
        policy=_policy_of(organisation, policy),
        stations=organisation.stations,
        customers=organisation.customers,
        sites=organisation.sites,
        parts=organisation.parts,
        lots=organisation.lots,
        technicians=_with_shifts(organisation, days_planned, start_at, end_at),
        work_orders=organisation.work_orders,
        visits=organisation.visits,
        links=organisation.links,
        pins=organisation.pins,
        published=organisation.published,
        calendars=organisation.calendars,
        sla_rules=organisation.sla_rules,
        travel=organisation.travel,
    )


def unknown_shift_day(days: str) -> str | None:
    """The first word in the ``days`` of a shift pattern that means nothing."""
    for word in _words(days):
        if word not in _REPEATING and not _is_date(word):
            return word
    return None


def _words(days: str) -> list[str]:
    return [word.strip().lower() for word in days.split(",")]


def _is_date(word: str) -> bool:
    if not _DATE.fullmatch(word):
        return False
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _policy_of(organisation: Organisation, name: str | None) -> Policy:
    known = POLICIES | {p.name: p for p in organisation.policies}
    wanted = organisation.default_policy if name is None else name
    if wanted not in known:
        names = ", ".join(known)
        raise HorizonError(
            f"There is no policy {wanted!r}; known are: {names}.",
            f"没有名为 {wanted!r} 的策略；可用的策略：{names}。",
        )
    return known[wanted]


def _with_shifts(
    organisation: Organisation, days: list[date], start_at: datetime, end_at: datetime
) -> tuple[Technician, ...]:
    """The technicians with their shifts of ``days`` and the absences that touch the horizon."""
    calendar = _shift_calendar(organisation)
    zone = ZoneInfo(organisation.time_zone)
    patterns = _patterns_by_technician(organisation)
    technicians = []
    for technician in organisation.technicians:
        own = patterns.get(technician.id, [])
        shifts = tuple(s for day in days for s in _shifts_on(day, own, calendar, zone))
        _refuse_overlaps(technician, shifts, zone)
        absences = _absences_of(technician, shifts, start_at, end_at)
        technicians.append(replace(technician, shifts=shifts, absences=absences))
    return tuple(technicians)


def _patterns_by_technician(organisation: Organisation) -> dict[str, list[ShiftPattern]]:
    patterns: dict[str, list[ShiftPattern]] = {}
    for pattern in organisation.shift_patterns:
        unknown = unknown_shift_day(pattern.days)
        if unknown is not None:
            raise HorizonError(
                f"A shift of technician {pattern.technician_id} has the day {unknown!r}. Write"
                " weekdays (Mon..Sun), daily, workdays, holidays or dates (2026-10-01),"
                " separated by commas.",
                f"技术员 {pattern.technician_id} 的班次日期 {unknown!r} 无效。"
                "请填写星期（Mon..Sun）、daily、workdays、holidays 或日期（2026-10-01），"
                "用逗号分隔。",
            )
        patterns.setdefault(pattern.technician_id, []).append(pattern)
    return patterns


def _shift_calendar(organisation: Organisation) -> Calendar:
    for calendar in organisation.calendars:
        if calendar.id == organisation.shift_calendar_id:
            return calendar
    names = ", ".join(c.id for c in organisation.calendars) or "-"
    raise HorizonError(
        f"The shift calendar {organisation.shift_calendar_id!r} is not one of the calendars:"
        f" {names}.",
        f"班次日历 {organisation.shift_calendar_id!r} 不在日历表中：{names}。",
    )


def _shifts_on(
    day: date, patterns: list[ShiftPattern], calendar: Calendar, zone: ZoneInfo
) -> list[Shift]:
    """One technician's shifts that start on ``day``, sorted by start."""
    dated = [p for p in patterns if day.isoformat() in _words(p.days)]
    chosen = dated or [p for p in patterns if _repeats_on(p, day, calendar)]
    shifts = []
    for number, pattern in enumerate(sorted(chosen, key=lambda p: p.start), start=1):
        suffix = "" if number == 1 else f"-{number}"
        shift_id = f"{pattern.technician_id}@{day.isoformat()}{suffix}"
        shifts.append(_shift_of(shift_id, pattern, day, zone))
    return shifts


def _repeats_on(pattern: ShiftPattern, day: date, calendar: Calendar) -> bool:
    words = _words(pattern.days)
    return (
        "daily" in words
        or _WEEKDAYS[day.weekday()] in words
        or ("workdays" in words and is_working_day(calendar, day))
        # Weekends are no holidays: the calendar's days list public holidays only.
        or ("holidays" in words and calendar.working_by_day.get(day) is False)
    )


def _shift_of(shift_id: str, pattern: ShiftPattern, day: date, zone: ZoneInfo) -> Shift:
    overnight = pattern.end <= pattern.start
    return Shift(
        id=shift_id,
        start_at=_utc(day, pattern.start, zone),
        end_at=_utc(day + _DAY if overnight else day, pattern.end, zone),
        kind=pattern.kind,
        max_overtime_s=pattern.max_overtime_s,
        breaks=tuple(_break_of(b, pattern, overnight, day, zone) for b in pattern.breaks),
    )


def _break_of(
    rest: BreakPattern, pattern: ShiftPattern, overnight: bool, day: date, zone: ZoneInfo
) -> Break:
    """The break; its times before the start of an overnight shift are those of the next day."""

    def instant(clock: time) -> datetime:
        return _utc(day + _DAY if overnight and clock < pattern.start else day, clock, zone)

    return Break(instant(rest.earliest), instant(rest.latest), rest.duration_s)


def _refuse_overlaps(technician: Technician, shifts: tuple[Shift, ...], zone: ZoneInfo) -> None:
    for first, second in pairwise(shifts):
        if second.start_at < first.end_at:
            both = f"{_in_words(first, zone)}, {_in_words(second, zone)}"
            raise HorizonError(
                f"Two shifts of technician {technician.id} overlap: {both}."
                " Change the hours or the days of one of them.",
                f"技术员 {technician.id} 的两个班次重叠：{both}。请修改其中一个的时间或日期。",
            )


def _in_words(shift: Shift, zone: ZoneInfo) -> str:
    start, end = shift.start_at.astimezone(zone), shift.end_at.astimezone(zone)
    return f"{shift.id} ({start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M})"


def _absences_of(
    technician: Technician, shifts: tuple[Shift, ...], start_at: datetime, end_at: datetime
) -> tuple[Absence, ...]:
    """The absences that touch the horizon, or what the last shift may work beyond its end."""
    worked = [s.end_at + timedelta(seconds=s.max_overtime_s) for s in shifts]
    until = max([end_at, *worked])
    touching = [a for a in technician.absences if a.end_at > start_at and a.start_at < until]
    return tuple(sorted(touching, key=lambda a: a.start_at))


def _utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
