"""A technician's day put together: the published plan, and what the record knows of its visits."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from api.kept_versions import KeptVersion
from api.shapes.day import DayEquipment, DayOut, DayPlace, DayStop, DayVisit
from api.shapes.plans import Sight
from dispatch.domain.people import Absence, Shift, Technician
from dispatch.domain.plan import StopKind
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.exchange.work_order_form import FormDetails
from dispatch.form_details import form_details
from dispatch.store import queries_board
from dispatch.store.queries_board import DoneVisit
from dispatch.work_order_facts import WorkOrderFacts, work_order_facts


def day_of(
    session: Session,
    kept: KeptVersion,
    technician: Technician,
    day: date | None,
    sight: Sight,
    at: datetime,
) -> DayOut:
    """The day of a technician; None: today."""
    return _Day(session, kept, technician, day, sight, at).out()


class _Day:
    def __init__(
        self,
        session: Session,
        kept: KeptVersion,
        technician: Technician,
        day: date | None,
        sight: Sight,
        at: datetime,
    ) -> None:
        self._session, self._technician, self._sight, self._at = session, technician, sight, at
        self._version = kept.version
        self._judged = kept.version.judged
        zone = self._judged.zone
        self._day = day or at.astimezone(zone).date()
        self._start_at = datetime.combine(self._day, time(0), zone).astimezone(UTC)
        self._end_at = datetime.combine(self._day + timedelta(days=1), time(0), zone).astimezone(
            UTC
        )
        self._facts: dict[str, WorkOrderFacts] = {}
        self._details: Mapping[str, FormDetails] = {}

    def out(self) -> DayOut:
        own = self._judged.verdict.timetable.routes_of.get(self._technician.id, ())
        routes = [r for r in own if self._is_of_day(r.shift)]
        done = [
            d
            for d in queries_board.done_between(self._session, self._start_at, self._end_at)
            if self._technician.id in d.technician_ids
        ]
        planned = [s.visit_id for r in routes for s in r.stops if s.visit_id is not None]
        wanted = [
            v for v in (*(d.visit_id for d in done), *planned) if self._sight.sees(visit_id=v)
        ]
        self._details = form_details(self._session, wanted, self._at)
        return DayOut(
            technician_id=self._technician.id,
            name=self._technician.name,
            day=self._day,
            time_zone=self._judged.snapshot.time_zone,
            now_at=self._at,
            version=self._version.number,
            base=self._place(self._technician.station_id),
            depart_at=routes[0].depart_at if routes else None,
            finish_at=routes[-1].finish_at if routes else None,
            shifts=tuple(s for s in self._technician.shifts if self._is_of_day(s)),
            absences=tuple(a for a in self._technician.absences if self._is_of_day(a)),
            stops=(*map(self._done, done), *(s for r in routes for s in self._stops(r))),
        )

    def _is_of_day(self, span: Shift | Absence) -> bool:
        return span.start_at < self._end_at and span.end_at > self._start_at

    def _stops(self, route: TimedRoute) -> Iterator[DayStop]:
        for timed in route.stops:
            yield self._stop(timed)

    def _stop(self, timed: TimedStop) -> DayStop:
        stop, is_seen = timed.stop, self._sight.sees(visit_id=timed.visit_id)
        is_place = stop.kind in (StopKind.VISIT, StopKind.PICKUP) and is_seen
        return DayStop(
            kind=stop.kind,
            start_at=timed.start_at,
            end_at=timed.end_at,
            arrival_at=timed.arrival_at,
            leave_at=timed.leave_at,
            travel_s=timed.travel_s,
            travel_m=timed.travel_m,
            place=self._place(timed.place_id) if is_place else None,
            parts=stop.parts if is_seen else (),
            tools=stop.tools if is_seen else (),
            visit=self._visit(timed.visit_id) if timed.visit_id is not None and is_seen else None,
        )

    def _done(self, done: DoneVisit) -> DayStop:
        is_seen = self._sight.sees(visit_id=done.visit_id)
        return DayStop(
            kind=StopKind.VISIT,
            start_at=done.start_at,
            end_at=done.repaired_at or done.end_at,
            arrival_at=None,
            leave_at=done.end_at,
            travel_s=0,
            travel_m=0,
            place=self._place(done.site_id) if is_seen else None,
            parts=(),
            tools=(),
            visit=self._visit(done.visit_id) if is_seen else None,
        )

    def _place(self, place_id: str) -> DayPlace:
        snapshot, point = self._judged.snapshot, self._judged.wgs84(place_id)
        station = snapshot.station.get(place_id)
        if station is not None:
            return DayPlace(place_id, station.name, "", point.latitude, point.longitude)
        site = snapshot.site[place_id]
        return DayPlace(place_id, site.name, site.address, point.latitude, point.longitude)

    def _visit(self, visit_id: str) -> DayVisit:
        details = self._details[visit_id]
        order_id = queries_board.order_of_visit(self._session, visit_id)
        facts = self._facts.get(order_id)
        if facts is None:
            facts = self._facts[order_id] = work_order_facts(self._session, order_id, self._at)
        own = next(v for v in facts.visits if v.visit.id == visit_id)
        ticket, equipment, quote = facts.ticket, details.equipment, details.quote
        crew = self._judged.served.get(visit_id, ())
        return DayVisit(
            id=visit_id,
            work_order_id=order_id,
            state=own.state,
            priority=facts.work_order.priority,
            product=facts.work_order.product,
            text=facts.work_order.description or (ticket.text if ticket else ""),
            contact=ticket.contact if ticket else "",
            customer=facts.customer,
            duration_s=own.visit.duration_s,
            run_in_s=own.visit.run_in_s,
            repaired_at=own.times.repaired_at,
            equipment=DayEquipment(equipment.id, equipment.product, equipment.serial)
            if equipment
            else None,
            warranty=facts.warranty,
            quote_fen=quote.amount_fen if quote else None,
            quote_accepted=quote.accepted if quote else None,
            parts=own.visit.parts,
            tools=own.visit.tools,
            skills=tuple(need.skill for need in own.visit.skills),
            others=tuple(
                self._judged.technician(m.technician_id)
                for m in crew
                if m.technician_id != self._technician.id and self._sight.sees(m.technician_id)
            ),
            clocks=facts.clocks,
            notes=tuple(event.note for event in facts.events if event.note),
            possible=own.legal,
        )
