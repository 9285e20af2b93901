"""Lists of work that somebody has to see to: what runs out or is broken, what waits, what is due.

All of them are made of lives as they stand at one instant, the ``now_at`` of the service's
snapshot.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.domain.after_service import Duty, duties
from dispatch.domain.attainment import ClockRecord, at_risk, broken, clock_records
from dispatch.domain.escalation import escalations
from dispatch.domain.events import EmergencyPlan, Event, Publication
from dispatch.domain.life import Life, open_emergency
from dispatch.domain.recorded import work_order_of
from dispatch.domain.transitions import OVER, State
from dispatch.domain.work import GateKind
from dispatch.nearest import nearest_station
from dispatch.store import queries_reports, queries_work
from dispatch.store.mapping_life import Service, lives_of, service_of


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency plan that is open, or due to be opened if ``opened_at`` is None.

    ``station_id`` is the outlet nearest to the site.
    """

    work_order_id: str
    plan: EmergencyPlan
    since_at: datetime
    opened_at: datetime | None
    station_id: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A work order that waits at a gate, until ``expected_at`` if anybody knows."""

    work_order_id: str
    gate: GateKind
    since_at: datetime
    expected_at: datetime | None
    waits_for_customer: bool


@dataclass(frozen=True, slots=True)
class WorkLists:
    """What has to be seen to. Clocks are those of work orders that are not over; duties are those
    not done, the first due first. ``pending`` are facts from the field without effect, since what
    must have come before them is not known."""

    now_at: datetime
    emergencies: tuple[Emergency, ...]
    at_risk: tuple[ClockRecord, ...]
    broken: tuple[ClockRecord, ...]
    waiting: tuple[Waiting, ...]
    duties: tuple[Duty, ...]
    pending: tuple[Event, ...]


def lists_now(session: Session, now: datetime, within_s: int) -> WorkLists:
    """What has to be seen to at ``now``, of all that is on record. Raises SchemaError."""
    service = service_of(queries_work.service_rows(session, travel=True), now)
    wanted = queries_work.may_have_duties(now)
    lives = [life for page in queries_work.life_pages(session, wanted) for life in lives_of(page)]
    return work_lists(service, lives, queries_reports.technician_stations(session), within_s)


def work_lists(
    service: Service,
    lives: Sequence[Life],
    stations: Mapping[str, str],
    within_s: int,
) -> WorkLists:
    """All lists at once.

    ``stations`` are the bases of technicians, ``within_s`` is how soon a clock at risk runs out.
    Raises CalendarError and TravelError.
    """
    now_at = service.snapshot.now_at
    alive = [life for life in lives if life.order not in OVER]
    clocks = clock_records(service.snapshot, alive, stations_of(service, alive, stations))
    return WorkLists(
        now_at=now_at,
        emergencies=tuple(_emergencies(service, alive)),
        at_risk=at_risk(clocks, now_at, within_s),
        broken=broken(clocks),
        waiting=tuple(waiting_at_gates(alive)),
        duties=open_duties(service, lives),
        pending=tuple(event for life in lives for event in life.waiting),
    )


def stations_of(
    service: Service, lives: Iterable[Life], stations: Mapping[str, str]
) -> Mapping[str, str]:
    """Whose a work order is: the base of the technician who was told last, else a station of the
    site's city, else nobody's. ``stations`` are the bases of technicians."""
    in_city: dict[str, str] = {}
    for station in service.snapshot.stations:
        in_city.setdefault(station.city, station.id)
    owners = {}
    for life in lives:
        told = [e.details.technician_ids for e in life.events if isinstance(e.details, Publication)]
        people = [stations[t] for ids in told for t in ids[:1] if t in stations]
        city = service.snapshot.site[life.work_order.site_id].city
        owners[life.work_order.id] = people[-1] if people else in_city.get(city, "")
    return owners


def open_duties(service: Service, lives: Iterable[Life]) -> tuple[Duty, ...]:
    """Calls and steps of complaints that are not done, the first due first."""
    found = (
        duty
        for life in lives
        for duty in duties(life, service.calendar, service.terms)
        if duty.done_at is None
    )
    return tuple(sorted(found, key=lambda d: (d.due_at, d.work_order_id, d.kind)))


def waiting_at_gates(lives: Iterable[Life]) -> Iterator[Waiting]:
    """What waits at which gate; solved remotely, nothing waits any more."""
    for life in lives:
        if life.order is not State.SOLVED:
            for gate in work_order_of(life).gates:
                if gate.passed_at is None:
                    yield Waiting(
                        life.work_order.id,
                        gate.kind,
                        gate.opened_at,
                        gate.expected_at,
                        gate.waits_for_customer,
                    )


def _emergencies(service: Service, lives: Sequence[Life]) -> Iterator[Emergency]:
    """Open plans, then those that are due to be opened; each the oldest first."""
    snapshot = service.snapshot
    sites = {life.work_order.id: life.work_order.site_id for life in lives}
    opened = [event for life in lives if (event := open_emergency(life)) is not None]
    for event in sorted(opened, key=lambda e: (e.happened_at, e.work_order_id)):
        if isinstance(event.details, EmergencyPlan):
            station = nearest_station(snapshot, sites[event.work_order_id])
            at = event.happened_at
            yield Emergency(event.work_order_id, event.details, at, at, station)
    for due in escalations(snapshot, lives, service.terms):
        station = nearest_station(snapshot, sites[due.work_order_id])
        yield Emergency(due.work_order_id, due.plan, due.since_at, None, station)
