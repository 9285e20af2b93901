"""Weeks that have gone by, made up: so that reports and screens of a sample have something to show.

The past looks like the present: every ticket is drawn from the work orders that the organisation
describes, and goes to whoever of its territory can be there first. What comes of that is brought
in through the commands that bring in real facts. Parts that were used are in the facts alone: the
stock that files describe is what was left of them. The same arguments make the same history.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.recording import record_all
from dispatch.commands.tickets import NewTicket, VisitNeeds, take_ticket
from dispatch.domain.calendars import Calendar, is_working_day, working_days_later
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import (
    Complaint,
    Details,
    Event,
    EventKind,
    Failure,
    FailureReason,
    PartUsed,
    Publication,
    Repair,
    Satisfaction,
    SignOff,
)
from dispatch.domain.organisation import Organisation
from dispatch.domain.people import Coverage, Shift, ShiftKind, Technician
from dispatch.domain.work import Ticket, Visit, WorkOrder
from dispatch.horizon import snapshot_of
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.travel import Travel, travel_of

MOST_WEEKS = 52
_BY = "history"
_DAY = timedelta(days=1)
_OPENS_H, _CLOSES_H, _BUSIEST_H = 6.5, 19.0, 9.5
"""When people report, by local hours."""
_SHARE = 1.0
"""Of the work that the organisation describes for a day, so much came in on a working day."""
_SHARE_OF_REST = 0.15
_SOLVED_REMOTELY, _CANCELLED, _FAILED, _CALLED, _COMPLAINED, _SETTLED = (
    0.1,
    0.02,
    0.07,
    0.8,
    0.02,
    0.8,
)
_RESPOND_MIN, _RESPOND_SPREAD = 14.0, 0.9
_DIAGNOSE_MIN, _DIAGNOSE_SPREAD = 25.0, 0.6
_REPAIR_SPREAD = 0.3
_SCORES = (5, 4, 3, 2, 1)
_SCORE_WEIGHTS = (50, 33, 11, 4, 2)
_FAILURES = (FailureReason.CUSTOMER_ABSENT, FailureReason.MISSING_PART, FailureReason.NO_ACCESS)
_PAPERS = timedelta(minutes=6)
_CLOSING = timedelta(minutes=25)
_LEAST_ABSENCE = timedelta(minutes=15)
"""How long somebody is on site at least."""


class HistoryError(DispatchError):
    """A past that cannot be made up."""


@dataclass(frozen=True, slots=True)
class _Fact:
    kind: EventKind
    at: datetime
    details: Details | None = None
    visit_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A ticket and all that came of it."""

    number: str
    order: WorkOrder
    needs: VisitNeeds
    reported_at: datetime
    facts: tuple[_Fact, ...]


@dataclass(slots=True)
class _Worker:
    """A technician of the past: where and from when on there is time for more."""

    technician: Technician
    shifts: Sequence[Shift]
    free_at: datetime
    place: str

    def trip(
        self, ready_at: datetime, work: timedelta, site_id: str, travel: Travel
    ) -> tuple[datetime, datetime] | None:
        """When they could depart and arrive; None if never. The last work of a shift may go on
        into the overtime that is allowed."""
        for shift in self.shifts:
            depart_at = max(ready_at, self.free_at, shift.start_at)
            place = self.place if self.free_at > shift.start_at else self.technician.station_id
            arrive_at = depart_at + timedelta(seconds=travel.leg(place, site_id)[0])
            until = shift.end_at + timedelta(seconds=shift.max_overtime_s)
            if depart_at < shift.end_at and arrive_at + work <= until:
                return depart_at, arrive_at
        return None


def add_history(
    database: Database,
    organisation: Organisation,
    weeks: int,
    seed: int,
    report: Callable[[date, int], None] = lambda _day, _tickets: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Brings the weeks before the organisation's ``planning_at`` into the database that has it.

    ``report`` is told each day and how many tickets there are by then. A day is one transaction:
    when it is to ``stop``, what there is stays, and who asks again goes on. Returns how many
    tickets there are. Raises HistoryError, and whatever the commands raise.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise HistoryError(
            f"A history of {weeks} weeks cannot be made up; 1 to {MOST_WEEKS} are possible.",
            f"无法生成 {weeks} 周的历史；可为 1 至 {MOST_WEEKS} 周。",
        )
    if not organisation.work_orders:
        raise HistoryError(
            f"{organisation.name} describes no work orders that a history could look like.",
            f"{organisation.name} 没有可供生成历史的派工单。",
        )
    cases = _Past(organisation, weeks, Random(seed)).cases()
    days = _by_day(cases, ZoneInfo(organisation.time_zone))
    brought = 0
    for day, (tickets, events) in sorted(days.items()):
        if stop():
            break
        in_writing(database, partial(_bring_in, tickets=tickets, events=events))
        brought += len(tickets)
        report(day, brought)
    return brought


def _bring_in(session: Session, tickets: Sequence[_Case], events: Sequence[Event]) -> None:
    for case in tickets:
        ticket = Ticket(case.number, case.reported_at, "phone", case.order.description, "")
        new = NewTicket(
            ticket,
            site_id=case.order.site_id,
            product=case.order.product,
            priority=case.order.priority,
            visits=(case.needs,),
        )
        take_ticket(session, new, _BY, case.reported_at)
    if events:
        record_all(session, events, _BY, max(event.happened_at for event in events))


def _by_day(
    cases: Iterable[_Case], zone: ZoneInfo
) -> Mapping[date, tuple[list[_Case], list[Event]]]:
    """What came in and what happened on each local day."""
    days: dict[date, tuple[list[_Case], list[Event]]] = defaultdict(lambda: ([], []))
    for case in cases:
        days[_local(case.reported_at, zone)][0].append(case)
        for number, fact in enumerate(case.facts):
            event = Event(
                id=f"{case.number}/{number}",
                kind=fact.kind,
                work_order_id=case.number,
                happened_at=fact.at,
                recorded_at=fact.at,
                by=_BY,
                visit_id=fact.visit_id,
                details=fact.details,
            )
            days[_local(fact.at, zone)][1].append(event)
    return days


def _local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


class _Past:
    """The tickets of so many weeks, drawn one after the other as they came in."""

    def __init__(self, organisation: Organisation, weeks: int, rng: Random) -> None:
        self._rng = rng
        self._zone = ZoneInfo(organisation.time_zone)
        self._until = organisation.planning_at
        last = _local(self._until, self._zone)
        self._days = [last - weeks * 7 * _DAY + n * _DAY for n in range(weeks * 7 + 1)]
        snapshot = snapshot_of(organisation, self._days[0], len(self._days))
        self._travel = travel_of(snapshot)
        self._calendar = _shift_calendar(organisation)
        self._orders = organisation.work_orders
        self._visits: dict[str, Visit] = {}
        for visit in organisation.visits:
            self._visits.setdefault(visit.work_order_id, visit)
        self._per_day = len(self._orders) / organisation.horizon_days * _SHARE
        self._territory = {site.id: site.territory for site in organisation.sites}
        workers = [_worker(technician) for technician in snapshot.technicians]
        self._workers = [worker for worker in workers if worker.shifts]
        self._of_territory: dict[str, list[_Worker]] = defaultdict(list)
        for worker in self._workers:
            for cover in worker.technician.territories:
                if cover.coverage is Coverage.PRIMARY:
                    self._of_territory[cover.territory].append(worker)

    def cases(self) -> list[_Case]:
        """All that were over by the end; the organisation's own work is what was not."""
        made = []
        for day in self._days:
            for number, reported_at in enumerate(self._reports(day), start=1):
                case = self._case(f"H{day:%y%m%d}-{number:03}", reported_at)
                if case is not None:
                    made.append(case)
        return made

    def _reports(self, day: date) -> list[datetime]:
        share = 1.0 if is_working_day(self._calendar, day) else _SHARE_OF_REST
        wave = 1 + 0.15 * math.sin(day.toordinal() / 9)
        count = round(self._rng.gauss(self._per_day * share * wave, math.sqrt(self._per_day) / 2))
        midnight = datetime.combine(day, time(0), self._zone)
        hours = sorted(
            self._rng.triangular(_OPENS_H, _CLOSES_H, _BUSIEST_H) for _ in range(max(0, count))
        )
        return [(midnight + _minutes(60 * hour)).astimezone(UTC) for hour in hours]

    def _case(self, number: str, reported_at: datetime) -> _Case | None:
        """None if it was not over by the end, or nobody works where it is."""
        order = self._rng.choice(self._orders)
        like = self._visits.get(order.id)
        needs = VisitNeeds(
            duration_s=like.duration_s if like else VisitNeeds().duration_s,
            skills=like.skills if like else (),
            parts=like.parts if like else (),
        )
        facts = self._facts(number, order, needs, reported_at)
        if facts is None or facts[-1].at >= self._until:
            return None
        after = (f for f in self._afterwards(number, facts) if f.at < self._until)
        return _Case(number, order, needs, reported_at, (*facts, *after))

    def _facts(
        self, number: str, order: WorkOrder, needs: VisitNeeds, reported_at: datetime
    ) -> list[_Fact] | None:
        answered_at = reported_at + self._drawn(_RESPOND_MIN, _RESPOND_SPREAD)
        desk_at = answered_at + self._drawn(_DIAGNOSE_MIN, _DIAGNOSE_SPREAD)
        facts = [_Fact(EventKind.RESPONDED, answered_at)]
        luck = self._rng.random()
        if luck < _CANCELLED:
            return [*facts, _Fact(EventKind.CANCELLED, desk_at)]
        if luck < _CANCELLED + _SOLVED_REMOTELY:
            solved = _Fact(EventKind.SOLVED_REMOTELY, desk_at)
            return [*facts, solved, _Fact(EventKind.CLOSED, desk_at + _CLOSING)]
        facts += [
            _Fact(kind, desk_at) for kind in (EventKind.ON_SITE_NEEDED, EventKind.IN_WARRANTY)
        ]
        first = f"{number}-1"
        fails = self._rng.random() < _FAILED
        been = self._visit(first, order.site_id, needs, desk_at, fails=fails)
        if been is not None and fails:
            # The follow-up is known from the next day on.
            again_at = _midnight_after(been[-1].at, self._zone)
            further = self._visit(f"{first}-F1", order.site_id, needs, again_at, fails=False)
            been = None if further is None else [*been, *further]
        if been is None:
            return None
        return [*facts, *been, _Fact(EventKind.CLOSED, been[-1].at + _CLOSING)]

    def _visit(
        self, visit_id: str, site_id: str, needs: VisitNeeds, ready_at: datetime, *, fails: bool
    ) -> list[_Fact] | None:
        """One trip of whoever can be there first; None if nobody can before the end."""
        minutes = needs.duration_s / 60
        work = max(_LEAST_ABSENCE, self._drawn(minutes, _REPAIR_SPREAD))
        own = self._of_territory.get(self._territory[site_id]) or self._workers
        trips = [
            (trip[1], trip[0], worker.technician.id, worker)
            for worker in own
            if (trip := worker.trip(ready_at, work, site_id, self._travel)) is not None
        ]
        if not trips:
            return None
        arrive_at, depart_at, technician_id, worker = min(trips, key=lambda trip: trip[:3])
        done_at = arrive_at + work
        left_at = done_at if fails else done_at + _PAPERS
        worker.free_at, worker.place = left_at, site_id
        facts = [
            _Fact(EventKind.PUBLISHED, ready_at, Publication((technician_id,), arrive_at)),
            _Fact(EventKind.DEPARTED, depart_at),
            _Fact(EventKind.ARRIVED, arrive_at),
        ]
        if fails:
            failure = Failure(self._rng.choice(_FAILURES))
            facts.append(_Fact(EventKind.VISIT_FAILED, done_at, failure))
        else:
            used = Repair(tuple(PartUsed(units.part_id, units.quantity) for units in needs.parts))
            facts += [
                _Fact(EventKind.REPAIRED, done_at, used),
                _Fact(EventKind.SIGNED_OFF, left_at, SignOff("customer")),
            ]
        return [replace(fact, visit_id=visit_id) for fact in facts]

    def _afterwards(self, number: str, facts: Sequence[_Fact]) -> Iterator[_Fact]:
        """A call, and now and then a complaint, after what was repaired on site."""
        if not any(fact.kind is EventKind.SIGNED_OFF for fact in facts):
            return
        closed_at = facts[-1].at
        if self._rng.random() < _CALLED:
            day = working_days_later(self._calendar, _local(closed_at, self._zone), 1)
            hour = self._rng.uniform(9, 17)
            at = datetime.combine(day, time(0), self._zone) + _minutes(60 * hour)
            score = self._rng.choices(_SCORES, _SCORE_WEIGHTS)[0]
            yield _Fact(EventKind.SATISFACTION_CALLED, at.astimezone(UTC), Satisfaction(score))
        if self._rng.random() < _COMPLAINED:
            about = Complaint(f"{number}/C")
            yield _Fact(EventKind.COMPLAINT_RECEIVED, closed_at + _DAY, about)
            yield _Fact(EventKind.COMPLAINT_ANSWERED, closed_at + 2 * _DAY, about)
            if self._rng.random() < _SETTLED:
                yield _Fact(EventKind.COMPLAINT_CLOSED, closed_at + 4 * _DAY, about)

    def _drawn(self, median_min: float, spread: float) -> timedelta:
        """A time with a long tail, to the second."""
        return _minutes(median_min * math.exp(self._rng.gauss(0, spread)))


def _minutes(number: float) -> timedelta:
    return timedelta(seconds=round(60 * number))


def _worker(technician: Technician) -> _Worker:
    shifts = [shift for shift in technician.shifts if shift.kind is ShiftKind.REGULAR]
    begin = min((shift.start_at for shift in shifts), default=datetime.min.replace(tzinfo=UTC))
    return _Worker(technician, shifts, begin, technician.station_id)


def _shift_calendar(organisation: Organisation) -> Calendar:
    wanted = organisation.shift_calendar_id
    return next(calendar for calendar in organisation.calendars if calendar.id == wanted)


def _midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(_local(at, zone) + _DAY, time(0), zone).astimezone(UTC)
