"""A technician's day as it is carried out: where to go, what to take, what may be recorded next."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.versions import Version
from dispatch.datum import to_gcj02, to_wgs84
from dispatch.domain.attainment import clock_records
from dispatch.domain.events import EventKind
from dispatch.domain.life import Life, visit_state
from dispatch.domain.lifecycle import Step, field_steps
from dispatch.domain.parts import PartQuantity
from dispatch.domain.places import Equipment, Point, Site, Station
from dispatch.domain.plan import StopKind
from dispatch.domain.recorded import VisitTimes, visit_times
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.domain.transitions import State
from dispatch.domain.work import Priority, Ticket, Window
from dispatch.exchange.work_order_form import FormDetails, IssuedPart, SentQuote
from dispatch.form_details import form_details
from dispatch.store import queries_days, queries_work
from dispatch.store.mapping_life import Service, lives_of, service_of
from dispatch.store.queries_days import Told
from dispatch.work_order_facts import ClockFacts

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayPlace:
    """A station or site. `gcj02` is the same point as Chinese maps publish it."""

    id: str
    name: str
    city: str
    address: str
    wgs84: Point
    gcj02: Point


@dataclass(frozen=True, slots=True)
class DayPart:
    """Units of a part to take, or to use. `serial_tracked`: each unit has a serial number."""

    part_id: str
    name: str
    quantity: int
    serial_tracked: bool


@dataclass(frozen=True, slots=True)
class DayNote:
    """What somebody noted when something was recorded of the work order."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class DayMate:
    """Another member of the crew; `arrived_at` of null: nobody said so yet."""

    technician_id: str
    name: str
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayVisit:
    """What is to be done at a stop, and how far it is.

    `steps` say what may happen on site from each state on; those that start in `state` are
    possible now. `crew` are the others who come; `arrived_at` is when the technician did, and the
    first of them counts. `in_warranty` of null: nobody has looked. `issued` are the parts that
    were handed out for it. `run_in_at` is when its run-in began.
    """

    visit_id: str
    work_order_id: str
    state: State
    steps: tuple[Step, ...]
    times: VisitTimes
    told_at: datetime | None
    run_in_at: datetime | None
    duration_s: int
    run_in_s: int
    windows: tuple[Window, ...]
    tools: tuple[str, ...]
    crew: tuple[DayMate, ...]
    arrived_at: datetime | None
    product: str
    priority: Priority
    description: str
    customer: str
    ticket: Ticket | None
    equipment: Equipment | None
    in_warranty: bool | None
    quote: SentQuote | None
    issued: tuple[IssuedPart, ...]
    clocks: tuple[ClockFacts, ...]
    notes: tuple[DayNote, ...]


@dataclass(frozen=True, slots=True)
class DayStop:
    """A stop with its times; those of a visit that is over are as it was done. Breaks and absences
    have no place."""

    kind: StopKind
    arrival_at: datetime
    start_at: datetime
    end_at: datetime
    leave_at: datetime
    travel_s: int
    travel_m: int
    place: DayPlace | None
    parts: tuple[DayPart, ...]
    tools: tuple[str, ...]
    visit: DayVisit | None


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A day that comes after."""

    day: date
    visits: int
    depart_at: datetime
    finish_at: datetime
    cities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TechnicianDay:
    """A day by the published plan, as it goes. `depart_at`, `finish_at`, `start` and `end` of null:
    nothing is planned."""

    technician_id: str
    day: date
    now_at: datetime
    version: int | None
    depart_at: datetime | None
    finish_at: datetime | None
    start: DayPlace | None
    end: DayPlace | None
    ends_away: bool
    stops: tuple[DayStop, ...]
    ahead: tuple[DayAhead, ...]


def technician_day(
    session: Session,
    technician_id: str,
    now: datetime,
    published: Version | None,
    day: date | None = None,
) -> TechnicianDay:
    """The day, by default the one that is going on, by what is published. Raises SchemaError."""
    routes: tuple[TimedRoute, ...] = ()
    if published is not None:
        routes = published.judged.verdict.timetable.routes_of.get(technician_id, ())
    service = service_of(queries_work.service_rows(session), now)
    zone = service.zone
    wanted = day or _day_now(routes, now, zone)
    own = [route for route in routes if _day_of(route, zone) == wanted]
    planned = {s.visit_id for route in routes for s in route.stops}
    told = [
        one
        for one in _told_on(session, technician_id, wanted, now, zone)
        if one.visit_id not in planned
    ]
    ids = {s.visit_id for r in own for s in r.stops if s.visit_id} | {t.visit_id for t in told}
    known = _Known(session, technician_id, ids, service, now)
    stops = [known.planned(stop) for route in own for stop in route.stops]
    stops += [known.told(one) for one in told]
    return TechnicianDay(
        technician_id=technician_id,
        day=wanted,
        now_at=now,
        version=published.number if published is not None else None,
        depart_at=own[0].depart_at if own else None,
        finish_at=own[-1].finish_at if own else None,
        start=known.place(own[0].start_place_id) if own else None,
        end=known.place(own[-1].end_place_id) if own else None,
        ends_away=bool(own) and own[-1].route.ends_away,
        stops=tuple(sorted(stops, key=lambda stop: stop.start_at)),
        ahead=tuple(_ahead(routes, wanted, service)),
    )


def _day_of(route: TimedRoute, zone: ZoneInfo) -> date:
    return route.shift.start_at.astimezone(zone).date()


def _day_now(routes: Iterable[TimedRoute], now: datetime, zone: ZoneInfo) -> date:
    """The day of the route that is under way, also after midnight; else today."""
    going_on = (_day_of(r, zone) for r in routes if r.depart_at <= now <= r.finish_at)
    return next(going_on, now.astimezone(zone).date())


def _told_on(
    session: Session, technician_id: str, day: date, now: datetime, zone: ZoneInfo
) -> Iterator[Told]:
    """Visits that were done on a day, or are to be by what people were told; and today those that
    somebody is still busy with."""
    start, end = (datetime.combine(d, time(0), zone) for d in (day, day + _DAY))
    for one in queries_days.told_to(session, technician_id, start, end):
        begins_at = one.started_at or one.start_at
        goes_on = one.started_at is not None and one.ended_at is None and start <= now < end
        if goes_on or start <= begins_at < end or (one.ended_at and start <= one.ended_at < end):
            yield one


def _ahead(routes: Iterable[TimedRoute], day: date, service: Service) -> Iterator[DayAhead]:
    by_day: dict[date, list[TimedRoute]] = defaultdict(list)
    for route in routes:
        by_day[_day_of(route, service.zone)].append(route)
    for other, own in sorted(by_day.items()):
        if other > day:
            places = [s.place_id for r in own for s in r.stops if s.visit_id is not None]
            cities = (service.snapshot.site[place_id].city for place_id in places)
            yield DayAhead(
                day=other,
                visits=len(places),
                depart_at=own[0].depart_at,
                finish_at=own[-1].finish_at,
                cities=tuple(dict.fromkeys(cities)),
            )


class _Known:
    """What is on record of some visits, and of what they need."""

    def __init__(
        self,
        session: Session,
        technician_id: str,
        visit_ids: Collection[str],
        service: Service,
        now: datetime,
    ) -> None:
        self._technician_id = technician_id
        self._service = service
        self._details = form_details(session, visit_ids, now)
        orders = queries_work.orders_of(session, visit_ids)
        lives = lives_of(queries_work.life_rows(session, set(orders.values())))
        by_order = {life.work_order.id: life for life in lives}
        self._lives = {visit_id: by_order[order] for visit_id, order in orders.items()}
        self._crews = queries_days.crews_of(session, visit_ids)
        self._parts = queries_days.parts(session)
        self._clocks: dict[str, list[ClockFacts]] = defaultdict(list)
        for clock in clock_records(service.snapshot, lives):
            facts = ClockFacts(clock.kind, clock.due_at, clock.stopped_at, clock.state)
            self._clocks[clock.work_order_id].append(facts)

    def planned(self, timed: TimedStop) -> DayStop:
        is_rest = timed.stop.kind in (StopKind.BREAK, StopKind.ABSENCE)
        return DayStop(
            kind=timed.stop.kind,
            arrival_at=timed.arrival_at,
            start_at=timed.start_at,
            end_at=timed.end_at,
            leave_at=timed.leave_at,
            travel_s=timed.travel_s,
            travel_m=timed.travel_m,
            place=None if is_rest else self.place(timed.place_id),
            parts=self._named(timed.stop.parts),
            tools=timed.stop.tools,
            visit=self._visit(timed.visit_id) if timed.visit_id else None,
        )

    def told(self, one: Told) -> DayStop:
        """A visit that is in no plan any more, or in none yet."""
        life = self._lives[one.visit_id]
        visit = life.visit[one.visit_id]
        times = visit_times(life, one.visit_id)
        start_at = times.started_at or one.start_at
        end_at = times.repaired_at or start_at + timedelta(seconds=visit.duration_s)
        return DayStop(
            kind=StopKind.VISIT,
            arrival_at=start_at,
            start_at=start_at,
            end_at=end_at,
            leave_at=times.ended_at or end_at + timedelta(seconds=visit.run_in_s),
            travel_s=0,
            travel_m=0,
            place=self.place(life.work_order.site_id),
            parts=self._named(visit.parts),
            tools=(),
            visit=self._visit(one.visit_id),
        )

    def place(self, place_id: str) -> DayPlace:
        snapshot = self._service.snapshot
        place: Station | Site = snapshot.station.get(place_id) or snapshot.site[place_id]
        return DayPlace(
            id=place.id,
            name=place.name,
            city=place.city,
            address=place.address if isinstance(place, Site) else "",
            wgs84=to_wgs84(place.point),
            gcj02=to_gcj02(place.point),
        )

    def _named(self, parts: Iterable[PartQuantity]) -> tuple[DayPart, ...]:
        known = ((self._parts[part.part_id], part.quantity) for part in parts)
        return tuple(DayPart(row.id, row.name, n, row.serial_tracked) for row, n in known)

    def _visit(self, visit_id: str) -> DayVisit:
        life = self._lives[visit_id]
        visit, order = life.visit[visit_id], life.work_order
        details = self._details.get(visit_id, FormDetails())
        site = self._service.snapshot.site[order.site_id]
        crew = self._crews.get(visit_id, {})
        arrived = _arrivals(life, visit_id)
        return DayVisit(
            visit_id=visit_id,
            work_order_id=order.id,
            state=visit_state(life, visit_id),
            steps=field_steps(life, visit_id),
            times=visit_times(life, visit_id),
            told_at=next(iter(crew.values()), (None, ""))[0],
            run_in_at=_run_in_at(life, visit_id),
            duration_s=visit.duration_s,
            run_in_s=visit.run_in_s,
            windows=visit.windows,
            tools=visit.tools,
            crew=tuple(
                DayMate(who, name, arrived.get(who))
                for who, (_, name) in crew.items()
                if who != self._technician_id
            ),
            arrived_at=arrived.get(self._technician_id),
            product=order.product,
            priority=order.priority,
            description=order.description,
            customer=self._service.snapshot.customer[site.customer_id].name,
            ticket=details.ticket,
            equipment=details.equipment,
            in_warranty=details.in_warranty,
            quote=details.quote,
            issued=details.issued,
            clocks=tuple(self._clocks[order.id]),
            notes=tuple(DayNote(e.happened_at, e.by, e.note) for e in life.events if e.note),
        )


def _arrivals(life: Life, visit_id: str) -> Mapping[str, datetime]:
    """When each member of a crew arrived who said so."""
    return {
        e.by: e.happened_at
        for e in reversed(life.events)
        if e.visit_id == visit_id and e.kind is EventKind.ARRIVED
    }


def _run_in_at(life: Life, visit_id: str) -> datetime | None:
    """When the last run-in of a visit began, if it still counts."""
    if visit_state(life, visit_id) not in (State.RUN_IN, State.RAN_IN):
        return None
    began = (
        e.happened_at
        for e in life.events
        if e.visit_id == visit_id and e.kind is EventKind.RUN_IN_STARTED
    )
    return max(began, default=None)
