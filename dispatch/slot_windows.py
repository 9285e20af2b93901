"""The windows that a slot of a visit may have: by the raster, the clocks and the hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from dispatch.domain.calendars import Calendar, open_times
from dispatch.domain.clocks import sla_rule_of
from dispatch.domain.route_times import release_of
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Visit, Window
from dispatch.problems import running_clocks_of

_DAY = timedelta(days=1)
_ON_SITE = (ClockKind.ARRIVE, ClockKind.RESTORE)
"""The clocks that a slot has to keep. Whoever offers it has responded."""


@dataclass(frozen=True, slots=True)
class PossibleWindow:
    """``late``: who comes at its end is too late for a clock."""

    window: Window
    late: bool


def possible_windows(
    snapshot: Snapshot, visit: Visit, days: int, raster_s: int, *, late: bool
) -> Iterator[PossibleWindow]:
    """The windows of the raster in the next ``days`` local days, from midnight on.

    They are cut to what is possible (now, release, the visit's own windows, business hours if its
    clocks run in them) and, unless ``late`` ones are wanted, to what its clocks allow. What is left
    of one has to be half as long as the raster.
    """
    release_at = release_of(snapshot, visit)
    earliest_at = max(snapshot.now_at, snapshot.start_at, release_at or snapshot.now_at)
    due_at = latest_start(snapshot, visit)
    raster = timedelta(seconds=raster_s)
    calendar = _hours(snapshot, visit)
    for midnight in _midnights(snapshot, days):
        for step in range(_DAY // raster):
            window = Window(midnight + step * raster, midnight + (step + 1) * raster)
            for cut in _cut(visit, calendar, window):
                open_at = max(cut.open_at, earliest_at)
                close_at = cut.close_at if late or due_at is None else min(cut.close_at, due_at)
                if close_at - open_at >= raster / 2:
                    is_late = due_at is not None and close_at > due_at
                    yield PossibleWindow(Window(open_at, close_at), is_late)


def latest_start(snapshot: Snapshot, visit: Visit) -> datetime | None:
    """The latest start of a visit by which no clock to arrive or to restore runs out that it is to
    stop; None if it has none of them."""
    due = (
        clock.due_at - timedelta(seconds=visit.duration_s * (clock.kind is ClockKind.RESTORE))
        for clock in running_clocks_of(snapshot, visit)
        if clock.kind in _ON_SITE
    )
    return min(due, default=None)


def _midnights(snapshot: Snapshot, days: int) -> Iterator[datetime]:
    """When each of the local days begins that are still to come and in the horizon."""
    zone = ZoneInfo(snapshot.time_zone)
    first = max(snapshot.now_at, snapshot.start_at).astimezone(zone).date()
    starts = (_midnight(first + i * _DAY, zone) for i in range(days))
    return takewhile(lambda at: at < snapshot.end_at, starts)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _hours(snapshot: Snapshot, visit: Visit) -> Calendar | None:
    """The calendar by which the visit's clock to arrive, or else to restore, counts hours; None if
    it runs around the clock."""
    rule = sla_rule_of(snapshot, snapshot.order_of(visit))
    terms = {t.kind: t for t in rule.clocks} if rule is not None else {}
    named = next((terms[kind].calendar_id for kind in _ON_SITE if kind in terms), None)
    return next((c for c in snapshot.calendars if c.id == named and c.hours), None)


def _cut(visit: Visit, calendar: Calendar | None, window: Window) -> Iterator[Window]:
    """What is left of a window by the visit's own windows and by business hours."""
    for own in visit.windows or (window,):
        for opens_at, closes_at in _open_in(calendar, window):
            yield Window(
                max(window.open_at, own.open_at, opens_at),
                min(window.close_at, own.close_at, closes_at),
            )


def _open_in(calendar: Calendar | None, window: Window) -> Iterator[tuple[datetime, datetime]]:
    if calendar is None:
        yield window.open_at, window.close_at
        return
    until_opened = takewhile(
        lambda times: times[0] < window.close_at, open_times(calendar, window.open_at)
    )
    yield from (times for times in until_opened if times[1] > window.open_at)
