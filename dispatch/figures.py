"""What a manager looks at: which clocks were kept, by station and by day, what is at risk now, how
much work the plan gives to whom, and which parts are short."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from dispatch.domain.attainment import ClockRecord, ClockState, at_risk, broken, clock_records
from dispatch.domain.people import ShiftKind, Technician
from dispatch.domain.reporting import permille
from dispatch.domain.route_times import seconds_between
from dispatch.domain.transitions import OVER
from dispatch.domain.work import ClockKind
from dispatch.judged import JudgedPlan
from dispatch.store import queries_reports, queries_work
from dispatch.store.mapping_life import lives_of, service_of
from dispatch.work_lists import stations_of


@dataclass(frozen=True, slots=True)
class StationAttainment:
    """Clocks of one kind that were due in the period, by the station whose they are (empty:
    nobody's), and how many were kept."""

    station: str
    clock: ClockKind
    counted: int
    kept: int
    kept_permille: int | None


@dataclass(frozen=True, slots=True)
class DayAttainment:
    """The same by the local day on which they were due."""

    day: date
    clock: ClockKind
    counted: int
    kept: int
    kept_permille: int | None


@dataclass(frozen=True, slots=True)
class Attainment:
    """``first_day`` to ``last_day``, both included. ``at_risk`` are clocks that run out soon,
    ``late`` those that have run out and still run."""

    now_at: datetime
    first_day: date
    last_day: date
    stations: tuple[StationAttainment, ...]
    days: tuple[DayAttainment, ...]
    at_risk: tuple[ClockRecord, ...]
    late: tuple[ClockRecord, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What the plan gives to a technician in the period: paid time, its share of the regular
    shifts, overtime, travel, visits."""

    technician_id: str
    technician: str
    station: str
    shifts_s: int
    paid_s: int
    utilisation_permille: int | None
    overtime_s: int
    travel_s: int
    visits: int


@dataclass(frozen=True, slots=True)
class ShortPart:
    """A part of which all open visits ``need`` more than is ``there``; ``to_come`` are units that
    are expected within the horizon."""

    part_id: str
    part: str
    need: int
    there: int
    to_come: int


def attainment_of(
    session: Session,
    first_day: date,
    last_day: date,
    now: datetime,
    within_s: int,
    seen: ColumnElement[bool],
) -> Attainment:
    """The clocks of work orders that are ``seen``, by what is known at ``now``."""
    service = service_of(queries_work.service_rows(session), now)
    zone = service.zone
    start, end = (
        datetime.combine(day, time(0), zone).astimezone(UTC)
        for day in (first_day, last_day + timedelta(days=1))
    )
    wanted = queries_work.may_count_between(start, end) & seen
    lives = [life for page in queries_work.life_pages(session, wanted) for life in lives_of(page)]
    stations = stations_of(service, lives, queries_reports.technician_stations(session))
    records = clock_records(service.snapshot, lives, stations)
    due = [record for record in records if start <= record.due_at < end]
    alive = {life.work_order.id for life in lives if life.order not in OVER}
    open_ones = [record for record in records if record.work_order_id in alive]
    return Attainment(
        now_at=now,
        first_day=first_day,
        last_day=last_day,
        stations=tuple(
            StationAttainment(*row) for row in _summed(due, lambda record: record.station)
        ),
        days=tuple(
            DayAttainment(date.fromisoformat(day), clock, counted, kept, share)
            for day, clock, counted, kept, share in _summed(
                due, lambda record: str(record.due_at.astimezone(zone).date())
            )
        ),
        at_risk=at_risk(open_ones, now, within_s),
        late=tuple(record for record in broken(open_ones) if record.stopped_at is None),
    )


def loads(
    judged: JudgedPlan, start: datetime, end: datetime, technicians: Iterable[Technician]
) -> tuple[Load, ...]:
    """What a plan gives to technicians in shifts that begin between two instants."""
    return tuple(_load(judged, start, end, technician) for technician in technicians)


def short_parts(judged: JudgedPlan, among: Callable[[str], bool]) -> tuple[ShortPart, ...]:
    """Parts that open visits need more of than there are, on vans and in depots. Only parts that
    a visit ``among`` those that somebody may see needs; substitutes are not looked at."""
    snapshot = judged.snapshot
    need: Counter[str] = Counter()
    named: set[str] = set()
    for visit in snapshot.visits:
        for part in visit.parts:
            need[part.part_id] += part.quantity
        if among(visit.id):
            named |= {part.part_id for part in visit.parts}
    there: Counter[str] = Counter()
    to_come: Counter[str] = Counter()
    for technician in snapshot.technicians:
        for part in technician.van_stock:
            there[part.part_id] += part.quantity
    for lot in snapshot.lots:
        where = there if lot.available_at <= snapshot.now_at else to_come
        where[lot.part_id] += lot.quantity
    return tuple(
        ShortPart(i, snapshot.part[i].name, need[i], there[i], to_come[i])
        for i in sorted(named)
        if need[i] > there[i]
    )


def _load(judged: JudgedPlan, start: datetime, end: datetime, technician: Technician) -> Load:
    shifts = [s for s in technician.shifts if start <= s.start_at < end]
    regular_s = sum(
        seconds_between(s.start_at, s.end_at) for s in shifts if s.kind is ShiftKind.REGULAR
    )
    own = judged.verdict.timetable.routes_of.get(technician.id, ())
    routes = [r for r in own if start <= r.shift.start_at < end]
    paid_s = sum(r.paid_s for r in routes)
    return Load(
        technician_id=technician.id,
        technician=technician.name,
        station=technician.station_id,
        shifts_s=regular_s,
        paid_s=paid_s,
        utilisation_permille=permille(paid_s, regular_s),
        overtime_s=sum(r.overtime_s for r in routes),
        travel_s=sum(r.travel_s for r in routes),
        visits=sum(s.visit_id is not None for r in routes for s in r.stops),
    )


def _summed(
    records: Iterable[ClockRecord], value: Callable[[ClockRecord], str]
) -> Iterator[tuple[str, ClockKind, int, int, int | None]]:
    """How many clocks count and were kept, by a value and the kind of clock."""
    sums: dict[tuple[str, int], list[bool]] = {}
    kinds = list(ClockKind)
    for record in records:
        if record.state in (ClockState.KEPT, ClockState.BROKEN):
            key = value(record), kinds.index(record.kind)
            sums.setdefault(key, []).append(record.state is ClockState.KEPT)
    for (name, kind), kept in sorted(sums.items()):
        yield name, kinds[kind], len(kept), sum(kept), permille(sum(kept), len(kept))
