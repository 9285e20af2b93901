"""The world of a simulation: what is there, what happens in it, and what of it is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from dispatch.day import Day, quantities_of, told, units_of
from dispatch.domain.events import (
    EventKind,
    Expectation,
    Failure,
    FailureReason,
    PartUsed,
    Publication,
    Repair,
    SignOff,
)
from dispatch.domain.further_visits import follow_up_of
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Stop, StopKind, Unassigned
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, derive
from dispatch.domain.work import Commitment, Visit, WorkOrder
from dispatch.freezing import fitting
from dispatch.judged import JudgedPlan
from dispatch.travel import Travel, travel_of
from scenarios.simulation.happened import DayHistory, Done
from scenarios.simulation.recorder import DESK, Recorder, news
from scenarios.simulation.rota import Rota
from scenarios.simulation.tickets import Ticket
from scenarios.simulation.truths import Illness, Truths
from scenarios.simulation.under_way import as_known, gone_on, off_from, only_in_time

NEW = "new"
"""Why a visit that has just come in is not planned."""
_CUSTOMER = "customer"
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Case:
    """A ticket and what became of it. ``visits`` are all that were ever wanted for it (ids),
    ``went`` those that somebody began."""

    ticket: Ticket
    order: WorkOrder
    visits: list[str] = field(default_factory=list)
    went: list["Ongoing"] = field(default_factory=list)
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ongoing:
    """A visit that somebody has begun: when its repair ends, and when it is over; who is there, and
    what they brought."""

    visit: Visit
    start_at: datetime
    end_at: datetime
    over_at: datetime
    failure: FailureReason | None
    used: Mapping[str, tuple[PartQuantity, ...]]
    ended: bool = False


class World:
    """``day`` is the truth; ``known`` makes what a dispatcher sees of it. ``facts`` are those
    with which the day began, without work.

    Time goes on by ``begin_day``, once at each local midnight, and ``go_on``.
    """

    day: Day
    facts: Snapshot
    history: DayHistory

    _expected: Travel

    def __init__(self, rota: Rota, truths: Truths, recorder: Recorder) -> None:
        self._rota, self._truths, self._recorder = rota, truths, recorder
        self._today = date.min
        self._stock = rota.stock_at_first()
        self._asked: dict[str, Visit] = {}
        self._ongoing: dict[str, Ongoing] = {}
        self._departed: set[str] = set()
        self._waiting: list[str] = []
        self.cases: dict[str, Case] = {}
        self.ill: dict[str, date] = {}
        self._began = False

    # ------------------------------------------------------------------------------ time goes on

    def begin_day(self, day: date) -> None:
        """A new day begins; what somebody is on site with in the night is finished."""
        before, told_before = Plan(()), tuple[Commitment, ...]()
        if self._began:
            before, told_before = self._night(), self.day.snapshot.published
        self._today = day
        facts = self._rota.facts(day, self._stock, self.ill)
        self._expected = travel_of(facts)
        true_travel = self._truths.travel_on(self._expected, day)
        self.facts, self._began = facts, True
        days = self._days_planned()
        for visit in tuple(self._asked.values()):
            ticket = self.cases[visit.work_order_id].ticket
            self._asked[visit.id] = replace(visit, windows=ticket.windows(days, self._rota.zone))
        self.history = DayHistory(facts, true_travel)
        open_ids = self._asked.keys() - set(self._waiting)
        snapshot = self._with_work(facts, sorted(open_ids))
        told_still = tuple(
            c
            for c in told_before
            if c.visit_id in open_ids and set(c.technician_ids) <= snapshot.technician.keys()
        )
        snapshot = replace(snapshot, published=told_still)
        self.day = Day(snapshot, _complete(fitting(snapshot, before), open_ids), true_travel)

    def go_on(self, now: datetime) -> None:
        """All that happens until an instant, and what has come in since the last one."""
        self._happen(now)
        gone = gone_on(self.day, now)
        self.history.add(gone.past)
        self.day = gone.day
        for shift_id in gone.home:
            base = self._base_of(shift_id)
            self.history.add({shift_id: (Stop(StopKind.PICKUP, station_id=base),)})
        self._set_out()
        self._take_in()

    def known(self) -> Day:
        """The day as the dispatcher knows it."""
        ended = {v for v in self.day.begun if v not in self._ongoing or self._ongoing[v].ended}
        return as_known(self.day, self._asked, ended, self._expected)

    def adopt(self, plan: JudgedPlan, by: str) -> None:
        """People are told a plan that was made for what is known now."""
        now = self.day.now
        said = told(plan.snapshot, plan.plan, self._expected).published
        ahead = tuple(c for c in said if c.visit_id not in self.day.begun)
        self._publish(ahead, plan.snapshot.policy.change_tolerance_s, now)
        snapshot = replace(self.day.snapshot, published=ahead)
        day = replace(self.day, plan=plan.plan, snapshot=snapshot)
        self.day = replace(day, plan=only_in_time(day))
        self._recorder.tell(plan, now, by)

    def come_in(self, ticket: Ticket) -> None:
        """A ticket whose remote diagnosis is over: it is solved, or there is a visit to plan."""
        order, visit = ticket.order, ticket.visit
        case = Case(ticket, order)
        self.cases[order.id] = case
        note, at = self._recorder.note, ticket.known_at
        note(EventKind.REPORTED, order.id, order.reported_at, _CUSTOMER, None, Expectation())
        if order.responded_at is not None:
            note(EventKind.RESPONDED, order.id, order.responded_at)
        if ticket.solved_remotely:
            note(EventKind.SOLVED_REMOTELY, order.id, at)
            note(EventKind.CLOSED, order.id, at)
            case.closed_at = at
            return
        note(EventKind.ON_SITE_NEEDED, order.id, at)
        note(EventKind.IN_WARRANTY, order.id, at)
        self._want(case, visit)

    def fall_ill(self, illness: Illness) -> None:
        """A technician is out from now on through a day."""
        if illness.technician_id not in self.day.snapshot.technician:
            return
        self.ill[illness.technician_id] = illness.last
        technician = self.day.snapshot.technician[illness.technician_id]
        days_off = {s.id for s in technician.shifts if self._rota.day_of(s) <= illness.last}
        self.day = off_from(self.day, technician.id, days_off)

    @property
    def open_visits(self) -> int:
        """Visits that are wanted, and nobody has begun."""
        return len(self._asked.keys() - self._ongoing.keys())

    # --------------------------------------------------------------------------------- what happens

    def _happen(self, now: datetime) -> None:
        """Visits begin, repairs end, people leave."""
        times = derive(self.day.snapshot, self.day.plan, self.day.travel)
        begin = sorted(
            (times.start_of(v), v)
            for v in times.visits
            if v not in self.day.begun and times.start_of(v) < now
        )
        for start_at, visit_id in begin:
            self._begin(start_at, visit_id, times.visits[visit_id])
        self._end_until(now)

    def _begin(self, at: datetime, visit_id: str, crew: tuple[TimedVisit, ...]) -> None:
        asked = self._asked[visit_id]
        case = self.cases[asked.work_order_id]
        outcome = self._truths.outcome(asked, case.order.product)
        run_in_s = asked.run_in_s if outcome.failure is None else 0
        end_at = at + timedelta(seconds=outcome.duration_s)
        one = Ongoing(
            visit=asked,
            start_at=at,
            end_at=end_at,
            over_at=end_at + timedelta(seconds=run_in_s),
            failure=outcome.failure,
            used={m.technician_id: m.stop.stop.parts for m in crew},
        )
        self._ongoing[visit_id] = one
        case.went.append(one)
        people = tuple(sorted(m.technician_id for m in crew))
        self._depart(visit_id, at, crew)
        note = self._recorder.note
        note(EventKind.ARRIVED, case.order.id, at, people[0], visit_id)
        if case.order.arrived_at is None:
            case.order = replace(case.order, arrived_at=at)
        shown = self._truths.as_it_goes(asked, case.order.product)
        self.history.did(Done(shown, case.order, people, at))

    def _depart(self, visit_id: str, at: datetime, crew: tuple[TimedVisit, ...]) -> None:
        """Somebody sets out, as early as the drive takes before the start."""
        if visit_id in self._departed:
            return
        self._departed.add(visit_id)
        first = min(crew, key=lambda m: m.stop.arrival_at)
        left_at = first.stop.arrival_at - timedelta(seconds=first.stop.travel_s)
        order_id = self._asked[visit_id].work_order_id
        self._recorder.note(
            EventKind.DEPARTED, order_id, min(left_at, at), first.technician_id, visit_id
        )

    def _set_out(self) -> None:
        """Those who are on the way by now."""
        if self.day.heading - self._departed:
            times = derive(self.day.snapshot, self.day.plan, self.day.travel)
            for visit_id in sorted(self.day.heading - self._departed):
                self._depart(visit_id, self.day.now, times.visits[visit_id])

    def _end_until(self, now: datetime) -> None:
        for visit_id in sorted(self._ongoing, key=lambda v: (self._ongoing[v].end_at, v)):
            one = self._ongoing[visit_id]
            if not one.ended and one.end_at <= now:
                self._end(one)
                self._ongoing[visit_id] = replace(one, ended=True)
        for visit_id in sorted(self._ongoing, key=lambda v: (self._ongoing[v].over_at, v)):
            if self._ongoing[visit_id].over_at <= now:
                self._leave(self._ongoing.pop(visit_id))

    def _end(self, one: Ongoing) -> None:
        """A repair ends, or the visit fails."""
        order_id, visit_id = one.visit.work_order_id, one.visit.id
        case = self.cases[order_id]
        by = min(one.used)
        if one.failure is not None:
            parts = one.visit.parts if one.failure is FailureReason.WRONG_PART else ()
            failure = Failure(one.failure, parts)
            self._recorder.note(EventKind.VISIT_FAILED, order_id, one.end_at, by, visit_id, failure)
            self._put_back(one.used)
            self._want(case, follow_up_of(one.visit, case.visits, parts))
            return
        used = tuple(PartUsed(p.part_id, p.quantity) for ps in one.used.values() for p in ps)
        self._recorder.note(
            EventKind.REPAIRED, order_id, one.end_at, by, visit_id, Repair(parts_used=used)
        )
        if one.visit.run_in_s:
            self._recorder.note(EventKind.RUN_IN_STARTED, order_id, one.end_at, by, visit_id)
        case.order = replace(case.order, restored_at=one.end_at)
        delivered_at = self._rota.delivered_at(self._today, self._truths.rates.restock_days)
        for technician_id, parts in one.used.items():
            station_id = self.day.snapshot.technician[technician_id].station_id
            self._stock.order(station_id, parts, delivered_at)

    def _leave(self, one: Ongoing) -> None:
        """A visit is over."""
        visit_id, order_id = one.visit.id, one.visit.work_order_id
        del self._asked[visit_id]
        if one.failure is not None:
            return
        note, by, at = self._recorder.note, min(one.used), one.over_at
        if one.visit.run_in_s:
            note(EventKind.RUN_IN_ENDED, order_id, at, by, visit_id)
        note(EventKind.SIGNED_OFF, order_id, at, by, visit_id, SignOff(_CUSTOMER))
        note(EventKind.CLOSED, order_id, at)
        self.cases[order_id].closed_at = at

    def _put_back(self, used: Mapping[str, tuple[PartQuantity, ...]]) -> None:
        """Parts that were not built in are on the vans again."""
        people = tuple(
            replace(
                t,
                van_stock=quantities_of(units_of((*t.van_stock, *used[t.id]))),
            )
            if t.id in used
            else t
            for t in self.day.snapshot.technicians
        )
        self.day = replace(self.day, snapshot=replace(self.day.snapshot, technicians=people))

    # ------------------------------------------------------------------------------- what is wanted

    def _want(self, case: Case, visit: Visit) -> None:
        """A visit is to be planned from the next instant on."""
        days = self._days_planned()
        windows = case.ticket.windows(days, self._rota.zone)
        case.visits.append(visit.id)
        self._asked[visit.id] = replace(visit, windows=windows)
        self._waiting.append(visit.id)

    def _days_planned(self) -> list[date]:
        count = (self.facts.end_at - self.facts.start_at).days
        return [self._today + timedelta(days=n) for n in range(count)]

    def _take_in(self) -> None:
        """New visits, and what has changed about the work orders of the others."""
        new = [self._truth_of(v) for v in self._waiting]
        snapshot = self.day.snapshot
        plan = _complete(self.day.plan, self._waiting)
        self._waiting = []
        snapshot = self._with_visits(snapshot, (*snapshot.visits, *new))
        self.day = replace(self.day, snapshot=snapshot, plan=plan)

    def _with_work(self, facts: Snapshot, visit_ids: Iterable[str]) -> Snapshot:
        return self._with_visits(facts, tuple(map(self._truth_of, visit_ids)))

    def _with_visits(self, snapshot: Snapshot, visits: tuple[Visit, ...]) -> Snapshot:
        orders = {v.work_order_id: self.cases[v.work_order_id].order for v in visits}
        return replace(snapshot, visits=visits, work_orders=tuple(orders.values()))

    def _truth_of(self, visit_id: str) -> Visit:
        visit = self._asked[visit_id]
        product = self.cases[visit.work_order_id].order.product
        return self._truths.as_it_goes(visit, product)

    # ------------------------------------------------------------------------------------- others

    def _night(self) -> Plan:
        """What is begun is finished, tools come back, what was used is ordered; the plan goes
        on."""
        self._end_until(_FOR_EVER)
        self._recorder.flush()
        self._stock.next_day(self.day.snapshot)
        return self.day.plan

    def _base_of(self, shift_id: str) -> str:
        return next(
            t.station_id for t in self.facts.technicians for s in t.shifts if s.id == shift_id
        )

    def _publish(self, told_now: tuple[Commitment, ...], tolerance_s: int, now: datetime) -> None:
        anew, back = news(self.day.snapshot.published, told_now, tolerance_s)
        note = self._recorder.note
        for one in back:
            note(EventKind.UNPUBLISHED, self._order_of(one.visit_id), now, DESK, one.visit_id)
        for one in anew:
            said = Publication(one.technician_ids, one.start_at)
            order_id = self._order_of(one.visit_id)
            note(EventKind.PUBLISHED, order_id, now, DESK, one.visit_id, said)

    def _order_of(self, visit_id: str) -> str:
        return self._asked[visit_id].work_order_id


def _complete(plan: Plan, visit_ids: Iterable[str]) -> Plan:
    """The plan in which each visit that is not planned is said to be out."""
    known = {s.visit_id for r in plan.routes for s in r.stops if s.visit_id is not None}
    known |= {u.visit_id for u in plan.unassigned}
    out = (Unassigned(v, NEW) for v in visit_ids if v not in known)
    return replace(plan, unassigned=(*plan.unassigned, *out))
