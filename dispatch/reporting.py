"""The monthly report, filled from the record."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.domain.after_service import DutyKind, duties
from dispatch.domain.attainment import ClockRecord, ClockState, attainment, clock_records
from dispatch.domain.events import (
    EventKind,
    Repair,
    Satisfaction,
)
from dispatch.domain.life import Life
from dispatch.domain.recorded import visit_times, work_order_of
from dispatch.domain.reporting import (
    FirstTimeFixRow,
    MonthlyReport,
    PartsUsedRow,
    SatisfactionRow,
    TechnicianRow,
)
from dispatch.domain.work import ClockKind
from dispatch.done_work import Work, is_first_time, overtime, repairs, works_of
from dispatch.store import queries_reports, queries_work
from dispatch.store.mapping_life import Service, lives_of, service_of
from dispatch.work_lists import stations_of

_SATISFIED = 4
"""The least score of a customer who is content."""


def monthly_report(
    session: Session, first_month: date, last_month: date, now: datetime
) -> MonthlyReport:
    """The report of the months from ``first_month`` to ``last_month``, by what is known at ``now``.

    Months are local ones, given by any of their days. Raises SchemaError, and HorizonError if
    shifts of the months overlap.
    """
    first, end = first_month.replace(day=1), _next_month(last_month)
    rows = queries_reports.report_rows(session)
    service = service_of(rows, now, first, (end - first).days)
    start_at, end_at = (
        datetime.combine(day, time(0), service.zone).astimezone(UTC) for day in (first, end)
    )
    wanted = queries_work.may_count_between(start_at, end_at)
    lives = [life for page in queries_work.life_pages(session, wanted) for life in lives_of(page)]
    return report_of(service, lives, first, last_month.replace(day=1))


def report_of(
    service: Service, lives: Sequence[Life], first_month: date, last_month: date
) -> MonthlyReport:
    """The report of lives; both months are given by their first days.

    The snapshot of ``service`` has the technicians with their shifts of these months.
    """
    report = _Report(service, lives, first_month, last_month)
    return MonthlyReport(
        organisation=service.snapshot.organisation,
        first_month=first_month,
        last_month=last_month,
        attainment=attainment(report.clocks),
        first_time_fix=tuple(report.first_time_fix()),
        satisfaction=tuple(report.satisfaction()),
        parts_used=tuple(report.parts_used()),
        technicians=tuple(report.technicians()),
    )


@dataclass
class _Done:
    """What one technician did in a month."""

    visits: int = 0
    repairs: int = 0
    first_time: int = 0
    clocks: int = 0
    kept: int = 0
    travel_s: int = 0
    overtime_s: int = 0


class _Report:
    """The counts of all questions, each in one method."""

    def __init__(
        self, service: Service, lives: Sequence[Life], first_month: date, last_month: date
    ) -> None:
        self._service = service
        self._lives = lives
        self._months = first_month, last_month
        people = {t.id: t.station_id for t in service.snapshot.technicians}
        self._station = stations_of(service, lives, people)
        # Of all months: what a technician does counts when it is done, not when it was due.
        self._records = clock_records(service.snapshot, lives, self._station)
        self.clocks = [record for record in self._records if self._counts(record.month)]

    def _counts(self, month: date) -> bool:
        return self._months[0] <= month <= self._months[1]

    def _month(self, at: datetime) -> date:
        return _local(at, self._service.zone).replace(day=1)

    def first_time_fix(self) -> Iterator[FirstTimeFixRow]:
        """Work orders by the month in which their equipment ran again."""
        counts: dict[tuple[date, str, str], list[bool]] = defaultdict(list)
        for life in self._lives:
            restored_at = work_order_of(life).restored_at
            tried = repairs(life)
            if restored_at is not None and tried and self._counts(self._month(restored_at)):
                station = self._station[life.work_order.id]
                key = self._month(restored_at), station, life.work_order.product
                counts[key].append(is_first_time(life))
        for (month, station, product), first in sorted(counts.items()):
            yield FirstTimeFixRow(month, station, product, len(first), sum(first))

    def satisfaction(self) -> Iterator[SatisfactionRow]:
        """Calls by the month in which they were due, complaints by that in which they came in."""
        scores: dict[tuple[date, str], list[int | None]] = defaultdict(list)
        complaints: dict[tuple[date, str], int] = defaultdict(int)
        for life in self._lives:
            station = self._station[life.work_order.id]
            for duty in duties(life, self._service.calendar, self._service.terms):
                if duty.kind is DutyKind.SATISFACTION_CALL:
                    # Due until the end of a day, which is the first instant of the next one.
                    due_on = self._month(duty.due_at - timedelta(microseconds=1))
                    scores[due_on, station].append(_score(life))
            for event in life.events:
                if event.kind is EventKind.COMPLAINT_RECEIVED:
                    complaints[self._month(event.happened_at), station] += 1
        for month, station in sorted({*scores, *complaints}):
            if self._counts(month):
                given = [s for s in scores[month, station] if s is not None]
                yield SatisfactionRow(
                    month=month,
                    station=station,
                    due=len(scores[month, station]),
                    answered=len(given),
                    satisfied=sum(score >= _SATISFIED for score in given),
                    score_sum=sum(given),
                    complaints=complaints[month, station],
                )

    def parts_used(self) -> Iterator[PartsUsedRow]:
        """Units by the month of the repair."""
        used: dict[tuple[date, str, str], int] = defaultdict(int)
        returned: dict[tuple[date, str, str], int] = defaultdict(int)
        for life in self._lives:
            station = self._station[life.work_order.id]
            for event in life.events:
                month = self._month(event.happened_at)
                if isinstance(event.details, Repair) and self._counts(month):
                    for units in event.details.parts_used:
                        used[month, station, units.part_id] += units.quantity
                    for unit in event.details.returned:
                        returned[month, station, unit.part_id] += 1
        known = self._service.snapshot.part
        for month, station, part_id in sorted({*used, *returned}):
            key = month, station, part_id
            name = known[part_id].name if part_id in known else ""
            yield PartsUsedRow(month, station, part_id, name, used[key], returned[key])

    def technicians(self) -> Iterator[TechnicianRow]:
        """Visits by the month in which somebody arrived; every member of a crew did them all."""
        done: dict[tuple[date, str], _Done] = defaultdict(_Done)
        clocks: dict[tuple[str, ClockKind], ClockRecord] = {
            (record.work_order_id, record.kind): record for record in self._records
        }
        busy_until: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for work in works_of(self._lives):
            started_at = visit_times(work.life, work.visit.id).started_at
            if started_at is None:
                continue
            for technician_id in work.technician_ids:
                busy_until[technician_id].append(
                    (started_at, max(e.happened_at for e in work.events))
                )
                month = self._month(started_at)
                if self._counts(month):
                    _add(done[month, technician_id], work, clocks)
        known = self._service.snapshot.technician
        for technician_id, works in busy_until.items():
            shifts = known[technician_id].shifts if technician_id in known else ()
            for shift, overtime_s in overtime(shifts, works):
                done[self._month(shift.start_at), technician_id].overtime_s += overtime_s
        for (month, technician_id), sums in sorted(done.items()):
            person = known.get(technician_id)
            yield TechnicianRow(
                month=month,
                technician_id=technician_id,
                technician=person.name if person else "",
                station=person.station_id if person else "",
                visits=sums.visits,
                repairs=sums.repairs,
                first_time=sums.first_time,
                clocks=sums.clocks,
                kept=sums.kept,
                travel_s=sums.travel_s,
                overtime_s=sums.overtime_s,
            )


def _add(sums: _Done, work: Work, clocks: Mapping[tuple[str, ClockKind], ClockRecord]) -> None:
    """Adds what one visit counts for one of those who did it."""
    sums.visits += 1
    if work.visit in repairs(work.life):
        sums.repairs += 1
        sums.first_time += is_first_time(work.life)
    for kind in work.visit.stops:
        record = clocks.get((work.life.work_order.id, kind))
        if record is not None and record.stopped_at in {e.happened_at for e in work.events}:
            sums.clocks += 1
            sums.kept += record.state is ClockState.KEPT
    departed = [e.happened_at for e in work.events if e.kind is EventKind.DEPARTED]
    arrived = [e.happened_at for e in work.events if e.kind is EventKind.ARRIVED]
    if departed and arrived:
        sums.travel_s += max(0, round((min(arrived) - min(departed)).total_seconds()))


def _score(life: Life) -> int | None:
    """The first score that the customer gave."""
    given = [e.details.score for e in life.events if isinstance(e.details, Satisfaction)]
    return next((score for score in given if score is not None), None)


def _local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
