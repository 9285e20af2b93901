"""What technicians worked, by what is on record, and what the published plan still holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.versions import load_version
from dispatch.domain.events import EventKind
from dispatch.domain.figures import Load
from dispatch.domain.life import Life
from dispatch.domain.people import Absence, Shift, ShiftKind, Technician
from dispatch.domain.route_times import seconds_between
from dispatch.domain.snapshot import Snapshot
from dispatch.done_work import overtime, works_of
from dispatch.store import queries_plans

_DAY = timedelta(days=1)
_Times: TypeAlias = tuple[datetime, datetime, datetime]


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


@dataclass(frozen=True)
class PlannedWork:
    """What the published plan still holds: paid time and overtime by technician and day."""

    paid_s: Mapping[tuple[str, date], int]
    overtime_s: Mapping[tuple[str, date], int]
    last: date | None


NOTHING_PLANNED = PlannedWork({}, {}, None)


def planned_work(session: Session, zone: ZoneInfo) -> PlannedWork:
    row = queries_plans.published_version(session)
    if row is None:
        return NOTHING_PLANNED
    paid: Counter[tuple[str, date]] = Counter()
    over: Counter[tuple[str, date]] = Counter()
    for route in load_version(session, row.version).judged.verdict.timetable.routes:
        key = route.route.technician_id, local_day(route.shift.start_at, zone)
        paid[key] += route.paid_s
        over[key] += route.overtime_s
    return PlannedWork(paid, over, local_day(row.end_at, zone) - _DAY)


def loads_of(
    snapshot: Snapshot,
    lives: Iterable[Life],
    technicians: Set[str] | None,
    planned: PlannedWork,
    days: Sequence[date],
) -> Iterator[Load]:
    """The load of ``technicians`` (None: all): what was recorded, and from the snapshot's today on
    what is planned beside it. ``lives`` are all on record: a technician's work counts wherever it
    was."""
    zone = ZoneInfo(snapshot.time_zone)
    today = local_day(snapshot.now_at, zone)
    works = _works(lives)
    for technician in snapshot.technicians:
        if technicians is not None and technician.id not in technicians:
            continue
        worked, over = _recorded(technician, works.get(technician.id, []), zone)
        regular = _regular_s(technician, zone)
        for day in days:
            if day >= today:
                key = technician.id, day
                worked[day] += planned.paid_s.get(key, 0)
                over[day] = max(over[day], planned.overtime_s.get(key, 0))
        yield Load(
            technician_id=technician.id,
            technician=technician.name,
            station_id=technician.station_id,
            regular_s=tuple(regular[day] for day in days),
            worked_s=tuple(worked[day] for day in days),
            overtime_s=tuple(over[day] for day in days),
        )


def _works(lives: Iterable[Life]) -> Mapping[str, list[_Times]]:
    """By technician: departure or arrival, arrival, and end of each visit on record."""
    found: dict[str, list[_Times]] = defaultdict(list)
    for work in works_of(lives):
        arrived_at = min(e.happened_at for e in work.events if e.kind is EventKind.ARRIVED)
        left_at = min(e.happened_at for e in work.events)
        end_at = max(e.happened_at for e in work.events)
        for technician_id in work.technician_ids:
            found[technician_id].append((left_at, arrived_at, end_at))
    return found


def _recorded(
    technician: Technician, works: Sequence[_Times], zone: ZoneInfo
) -> tuple[Counter[date], Counter[date]]:
    worked: Counter[date] = Counter()
    for begin_at, end_at in _merged((left_at, end_at) for left_at, _, end_at in works):
        worked[local_day(begin_at, zone)] += seconds_between(begin_at, end_at)
    over: Counter[date] = Counter()
    on_site = [(arrived_at, end_at) for _, arrived_at, end_at in works]
    for shift, seconds in overtime(technician.shifts, on_site):
        over[local_day(shift.start_at, zone)] += seconds
    return worked, over


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> Sequence[tuple[datetime, datetime]]:
    """The same time, none of it twice."""
    merged: list[tuple[datetime, datetime]] = []
    for begin_at, end_at in sorted(spans):
        if merged and begin_at <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end_at)
        else:
            merged.append((begin_at, end_at))
    return merged


def _regular_s(technician: Technician, zone: ZoneInfo) -> Counter[date]:
    """The time of regular shifts by day, less absences."""
    found: Counter[date] = Counter()
    for shift in technician.shifts:
        if shift.kind is ShiftKind.REGULAR:
            away_s = sum(_overlap_s(shift, absence) for absence in technician.absences)
            found[local_day(shift.start_at, zone)] += (
                seconds_between(shift.start_at, shift.end_at) - away_s
            )
    return found


def _overlap_s(shift: Shift, absence: Absence) -> int:
    begin_at, end_at = max(shift.start_at, absence.start_at), min(shift.end_at, absence.end_at)
    return max(0, seconds_between(begin_at, end_at))
