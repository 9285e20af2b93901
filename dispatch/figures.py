"""The manager's figures, filled from the record and the published plan."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from dispatch.domain.access import Grant
from dispatch.domain.attainment import ClockRecord, ClockState, at_risk, broken, clock_records
from dispatch.domain.events import EventKind, Publication
from dispatch.domain.figures import (
    Age,
    ClockShare,
    DayShare,
    Done,
    Figures,
    RunningOut,
    Span,
    SpanShares,
    StationFigures,
    chosen_span,
    current_spans,
)
from dispatch.domain.life import Life, complaint_of, visit_state
from dispatch.domain.recorded import work_order_of
from dispatch.domain.route_times import seconds_between
from dispatch.domain.transitions import FINISHED, OVER, State, Track
from dispatch.domain.work import ClockKind
from dispatch.done_work import is_first_time, repairs
from dispatch.kept_lives import KeptLives
from dispatch.loads import NOTHING_PLANNED, PlannedWork, loads_of, local_day, planned_work
from dispatch.parts_short import parts_short
from dispatch.store import (
    queries_access,
    queries_lists,
    queries_plans,
    queries_reports,
    queries_work,
)
from dispatch.store.mapping_life import Service, service_of
from dispatch.store.rows_people import TechnicianRow
from dispatch.store.rows_places import StationRow
from dispatch.store.rows_work import WorkOrderRow
from dispatch.work_lists import stations_of

RISK_S = 4 * 3600
"""Clocks that run out so soon are at risk."""
_DAY = timedelta(days=1)
_DUE_AFTERWARDS = timedelta(days=14)
"""Longer than any clock still runs once its work order is over."""
_AGES_H = (0, 24, 72, 168)
_COUNTED = (ClockState.KEPT, ClockState.BROKEN)
_NOBODY = ""
_Due: TypeAlias = tuple[date, ClockRecord]
"""A clock that counts, and on which day."""


@dataclass(frozen=True)
class _Seen:
    """What somebody sees: work orders, technicians and stations; None: all."""

    orders: Set[str] | None
    technicians: Set[str] | None
    stations: Set[str] | None


def figures_of(
    session: Session, at: datetime, grant: Grant, first: date, last: date, kept: KeptLives
) -> Figures:
    """The figures of the days from ``first`` to ``last`` and of now, as far as ``grant`` sees them.

    Raises SchemaError, and HorizonError if shifts of these days overlap.
    """
    rows = queries_reports.report_rows(session)
    zone = ZoneInfo(queries_plans.time_zone(session) or "UTC")
    today = local_day(at, zone)
    chosen = chosen_span(first, last)
    planned = planned_work(session, zone) if last >= today else NOTHING_PLANNED
    load_last = max(last, planned.last or last)
    service = service_of(rows, at, first, (load_last - first).days + 1)
    spans = (*current_spans(today), chosen)
    lives = kept.read(session, _wanted(spans, today, zone))
    seen = _seen(session, grant)
    return _Reckoning(service, lives, seen, spans, planned).figures(session, load_last)


def _wanted(spans: Sequence[Span], today: date, zone: ZoneInfo) -> ColumnElement[bool]:
    chosen = spans[-1]
    current = min(span.before_first for span in spans[:-1])
    return or_(
        *(
            queries_work.may_count_between(
                _midnight(begin, zone), _midnight(end + _DAY, zone), _DUE_AFTERWARDS
            )
            for begin, end in ((chosen.before_first, chosen.last), (current, today))
        )
    )


def _seen(session: Session, grant: Grant) -> _Seen:
    if not grant.is_limited:
        return _Seen(None, None, None)
    ids = queries_lists.ids_seen
    return _Seen(
        ids(session, WorkOrderRow, queries_access.work_orders_seen(grant)),
        ids(session, TechnicianRow, queries_access.technicians_seen(grant)),
        ids(session, StationRow, queries_access.stations_seen(grant)),
    )


class _Fact(NamedTuple):
    """What counts once, as a field of ``Done``."""

    station_id: str
    day: date
    counts_as: str


class _Reckoning:
    """All questions, each in one method."""

    def __init__(
        self,
        service: Service,
        lives: Sequence[Life],
        seen: _Seen,
        spans: Sequence[Span],
        planned: PlannedWork,
    ) -> None:
        self._service = service
        self._now_at = service.snapshot.now_at
        self._zone = service.zone
        self._today = local_day(self._now_at, self._zone)
        self._all = lives
        self._lives = [life for life in lives if _is_in(life.work_order.id, seen.orders)]
        self._seen = seen
        self._spans = spans
        self._chosen = spans[-1]
        self._planned = planned
        bases = {t.id: t.station_id for t in service.snapshot.technicians}
        self._station = stations_of(service, self._lives, bases)
        self._records = clock_records(service.snapshot, self._lives, self._station)
        self._due = [
            (local_day(record.due_at, self._zone), record)
            for record in self._records
            if record.state in _COUNTED
        ]
        self._facts = [fact for life in self._lives for fact in self._facts_of(life)]
        self._waiting = [life for life in self._lives if life.order not in (State.SOLVED, *OVER)]

    def figures(self, session: Session, load_last: date) -> Figures:
        first = self._chosen.first
        days = tuple(first + n * _DAY for n in range((load_last - first).days + 1))
        return Figures(
            now_at=self._now_at,
            today=self._today,
            spans=tuple(SpanShares(span, self._shares(span, self._due)) for span in self._spans),
            by_day=tuple(self._by_day()),
            stations=tuple(self._stations()),
            done=_sum(self._done(self._chosen.holds).values()),
            done_before=_sum(self._done(self._chosen.held_before).values()),
            running_out=tuple(self._running_out()),
            ages=tuple(self._ages()),
            load_days=days,
            loads=tuple(
                loads_of(
                    self._service.snapshot, self._all, self._seen.technicians, self._planned, days
                )
            ),
            parts_short=parts_short(
                session, self._service.snapshot.part, self._station_of_visit(), self._seen.stations
            ),
        )

    def _shares(self, span: Span, due: Iterable[_Due]) -> tuple[ClockShare, ...]:
        counts: Counter[tuple[ClockKind, str]] = Counter()
        for day, record in due:
            for when, holds in (("", span.holds), ("before_", span.held_before)):
                if holds(day):
                    counts[record.kind, f"{when}counted"] += 1
                    counts[record.kind, f"{when}kept"] += record.state is ClockState.KEPT
        return tuple(
            ClockShare(
                kind,
                counts[kind, "counted"],
                counts[kind, "kept"],
                counts[kind, "before_counted"],
                counts[kind, "before_kept"],
            )
            for kind in ClockKind
        )

    def _by_day(self) -> Iterator[DayShare]:
        counts: dict[tuple[date, ClockKind], list[bool]] = defaultdict(list)
        for day, record in self._due:
            if self._chosen.holds(day):
                counts[day, record.kind].append(record.state is ClockState.KEPT)
        for day in sorted({day for day, _ in counts}):
            for kind in ClockKind:
                kept = counts.get((day, kind), [])
                if kept:
                    yield DayShare(day, kind, len(kept), sum(kept))

    def _stations(self) -> Iterator[StationFigures]:
        """All that are seen, and those that somebody's work orders belong to."""
        names = {station.id: station.name for station in self._service.snapshot.stations}
        done = self._done(self._chosen.holds)
        waiting = Counter(self._station[life.work_order.id] for life in self._waiting)
        unassigned = Counter(
            self._station[life.work_order.id] for life in self._waiting if _is_unassigned(life)
        )
        due: dict[str, list[_Due]] = defaultdict(list)
        for day, record in self._due:
            due[record.station].append((day, record))
        own = {*due, *waiting}
        wanted = [*(s for s in names if _is_in(s, self._seen.stations) or s in own)]
        if _NOBODY in own:
            wanted.append(_NOBODY)
        for station_id in wanted:
            yield StationFigures(
                station_id=station_id,
                station=names.get(station_id, ""),
                clocks=self._shares(self._chosen, due[station_id]),
                done=done.get(station_id, Done()),
                waiting=waiting[station_id],
                unassigned=unassigned[station_id],
            )

    def _done(self, holds: Callable[[date], bool]) -> Mapping[str, Done]:
        """What was repaired and complained about on some days, by station."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for fact in self._facts:
            if holds(fact.day):
                counts[fact.station_id][fact.counts_as] += 1
        return {station_id: Done(**count) for station_id, count in counts.items()}

    def _facts_of(self, life: Life) -> Iterator[_Fact]:
        """What of one work order counts, and on which day."""
        station_id = self._station[life.work_order.id]
        restored_at = work_order_of(life).restored_at
        if restored_at is not None and repairs(life):
            day = local_day(restored_at, self._zone)
            yield _Fact(station_id, day, "repaired")
            if is_first_time(life):
                yield _Fact(station_id, day, "first_time")
        for event in life.events:
            if event.kind is EventKind.COMPLAINT_RECEIVED:
                day = local_day(event.happened_at, self._zone)
                yield _Fact(station_id, day, "complaints")
                if life.on(Track.COMPLAINT, complaint_of(event) or "") is not State.SETTLED:
                    yield _Fact(station_id, day, "complaints_open")

    def _running_out(self) -> Iterator[RunningOut]:
        own = {life.work_order.id: life for life in self._waiting}
        running = [record for record in self._records if record.work_order_id in own]
        late = [record for record in broken(running) if record.stopped_at is None]
        for record in (*late, *at_risk(running, self._now_at, RISK_S)):
            yield self._one_running_out(own[record.work_order_id], record)

    def _one_running_out(self, life: Life, record: ClockRecord) -> RunningOut:
        snapshot = self._service.snapshot
        site = snapshot.site[life.work_order.site_id]
        names = {customer.id: customer.name for customer in snapshot.customers}
        visit_id = next(
            (
                v.id
                for v in life.visits
                if record.kind in v.stops and visit_state(life, v.id) not in FINISHED
            ),
            None,
        )
        return RunningOut(
            work_order_id=record.work_order_id,
            visit_id=visit_id,
            clock=record.kind,
            state=record.state,
            due_at=record.due_at,
            starts_at=_starts_at(life, visit_id),
            site=site.name,
            customer=names[site.customer_id],
            priority=life.work_order.priority,
            station_id=record.station,
        )

    def _ages(self) -> Iterator[Age]:
        known = [
            (seconds_between(work_order_of(life).reported_at, self._now_at) // 3600, life)
            for life in self._waiting
        ]
        for from_h, until_h in pairwise((*_AGES_H, None)):
            own = [
                life
                for age_h, life in known
                if age_h >= (from_h or 0) and (until_h is None or age_h < until_h)
            ]
            yield Age(from_h or 0, until_h, len(own), sum(map(_is_unassigned, own)))

    def _station_of_visit(self) -> Mapping[str, str]:
        return {
            visit.id: self._station[life.work_order.id]
            for life in self._waiting
            for visit in life.visits
        }


def _sum(parts: Iterable[Done]) -> Done:
    found = list(parts)
    return Done(*(sum(getattr(part, field.name) for part in found) for field in fields(Done)))


def _is_unassigned(life: Life) -> bool:
    return any(visit_state(life, visit.id) is State.OPEN for visit in life.visits)


def _starts_at(life: Life, visit_id: str | None) -> datetime | None:
    """When people were told that a visit begins, if they were and it has not begun."""
    if visit_id is None or visit_state(life, visit_id) is not State.PUBLISHED:
        return None
    told = [e for e in life.events if e.visit_id == visit_id]
    starts = [e.details.start_at for e in told if isinstance(e.details, Publication)]
    return starts[-1] if starts else None


def _is_in(key: str, seen: Set[str] | None) -> bool:
    return seen is None or key in seen


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
