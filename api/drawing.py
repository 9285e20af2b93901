"""A version of the plan as a board draws it: the part that is asked for, as far as it is seen."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple

from api.shapes.board import (
    Board,
    BoardClock,
    BoardPlace,
    BoardRoute,
    BoardShift,
    BoardStop,
    BoardTechnician,
    BoardVisit,
    ClockSafety,
    NextClock,
)
from api.shapes.plans import Sight
from dispatch import texts
from dispatch.commands.kept_versions import KeptVersion
from dispatch.domain.people import Absence, Coverage, Shift, ShiftKind, Technician
from dispatch.domain.plan import StopKind, Unassigned
from dispatch.domain.route_times import seconds_between
from dispatch.domain.timetable import TimedRoute, TimedStop
from dispatch.domain.transitions import STARTED
from dispatch.domain.work import Pin, Visit
from dispatch.judged import ClockMargin, JudgedPlan
from dispatch.store.queries_board import DoneVisit
from dispatch.texts import Language

TIGHT_S = 1800
"""A clock that the plan stops less than so long before it runs out is at risk."""
_DIGITS = 5
"""Of coordinates: about a metre."""


class Wanted(NamedTuple):
    """The part of a version that is asked for, by whom, and when. ``territories``: none are all."""

    from_at: datetime
    until_at: datetime
    territories: frozenset[str]
    sight: Sight
    now_at: datetime
    at_risk_s: int
    language: Language


def drawn(kept: KeptVersion, done: Sequence[DoneVisit], wanted: Wanted) -> Board:
    return _Drawing(kept, wanted).board(done)


class _Drawing:
    """One board."""

    def __init__(self, kept: KeptVersion, wanted: Wanted) -> None:
        self._kept = kept
        self._wanted = wanted
        self._judged: JudgedPlan = kept.version.judged
        self._snapshot = self._judged.snapshot
        self._pins: Mapping[str, Pin] = kept.now.pin

    def board(self, done: Sequence[DoneVisit]) -> Board:
        version, sight = self._kept.version, self._wanted.sight
        technicians = self._technicians()
        people = {technician.id for technician in technicians}
        routes = [r for r in self._judged.verdict.timetable.routes if self._is_wanted(r, people)]
        planned = dict.fromkeys(
            stop.visit_id for route in routes for stop in route.stops if stop.visit_id is not None
        )
        left = [u for u in self._judged.plan.unassigned if self._is_seen(u.visit_id)]
        drawn = [v for v in planned if sight.sees(visit_id=v)]
        codes = {u.visit_id: u for u in left}
        visits = {v: self._visit(v, codes.get(v)) for v in (*drawn, *codes)}
        over = tuple(d for d in done if self._is_seen_done(d, people))
        sites = dict.fromkeys((*(v.site_id for v in visits.values()), *(d.site_id for d in over)))
        return Board(
            version=version.number,
            state=version.state,
            base=version.base,
            zero_at=self._snapshot.start_at,
            from_at=self._wanted.from_at,
            until_at=self._wanted.until_at,
            now_at=self._wanted.now_at,
            made_by=self._judged.plan.made_by,
            policy=self._snapshot.policy.name,
            technicians=tuple(map(self._technician, technicians)),
            routes=tuple(map(self._route, routes)),
            visits=visits,
            sites={s: self._site(s) for s in sites if s in self._snapshot.site},
            stations=self._stations(technicians, routes),
            unassigned=tuple(sorted(codes, key=lambda v: _urgency(v, visits[v]))),
            done=over,
            violations=tuple(v for v in self._judged.verdict.violations if sight.sees_violation(v)),
            forced=tuple(f for f in version.forced if sight.is_whole or f.subject in visits),
            cost_fen=dict(self._judged.verdict.cost.by_item()) if sight.is_whole else None,
            next_clock=self._next_clock(visits),
        )

    # ------------------------------------------------------------------------------- what is drawn

    def _technicians(self) -> list[Technician]:
        territories = self._wanted.territories
        return [
            t
            for t in self._snapshot.technicians
            if self._wanted.sight.sees(t.id)
            and (not territories or any(c.territory in territories for c in t.territories))
        ]

    def _is_wanted(self, route: TimedRoute, people: Set[str]) -> bool:
        return (
            route.route.technician_id in people
            and route.depart_at < self._wanted.until_at
            and route.finish_at > self._wanted.from_at
        )

    def _is_seen(self, visit_id: str) -> bool:
        """Whether a visit is of a territory that is wanted."""
        if not self._wanted.sight.sees(visit_id=visit_id) or visit_id not in self._snapshot.visit:
            return False
        territory = self._snapshot.site_of(self._snapshot.visit[visit_id]).territory
        return not self._wanted.territories or territory in self._wanted.territories

    def _is_seen_done(self, done: DoneVisit, people: Set[str]) -> bool:
        return self._wanted.sight.sees(visit_id=done.visit_id) and not people.isdisjoint(
            done.technician_ids
        )

    # ------------------------------------------------------------------------------------- pieces

    def _technician(self, technician: Technician) -> BoardTechnician:
        seen = [
            c
            for c in technician.territories
            if not self._wanted.territories or c.territory in self._wanted.territories
        ]
        return BoardTechnician(
            id=technician.id,
            name=technician.name,
            station_id=technician.station_id,
            territories=tuple(c.territory for c in seen if c.coverage is Coverage.PRIMARY),
            backup=tuple(c.territory for c in seen if c.coverage is Coverage.BACKUP),
            skills={c.skill: c.level for c in technician.certificates},
            shifts=tuple(_shift(s) for s in technician.shifts if self._touches(s)),
            absences=tuple(a for a in technician.absences if self._touches(a)),
        )

    def _touches(self, span: Shift | Absence) -> bool:
        return span.start_at < self._wanted.until_at and span.end_at > self._wanted.from_at

    def _route(self, route: TimedRoute) -> BoardRoute:
        return BoardRoute(
            technician_id=route.route.technician_id,
            shift_id=route.route.shift_id,
            depart=self._seconds(route.depart_at),
            finish=self._seconds(route.finish_at),
            stops=tuple(self._stop(stop) for stop in route.stops),
            home_travel_s=route.home_travel_s,
            home_travel_m=route.home_travel_m,
            overtime_s=route.overtime_s,
            ends_away=route.route.ends_away,
        )

    def _stop(self, timed: TimedStop) -> BoardStop:
        stop, is_seen = timed.stop, self._wanted.sight.sees(visit_id=timed.visit_id)
        return BoardStop(
            start=self._seconds(timed.start_at),
            end=self._seconds(timed.end_at),
            kind=stop.kind,
            visit_id=timed.visit_id if is_seen else None,
            station_id=timed.place_id if stop.kind is StopKind.PICKUP else None,
            arrival=self._unless(timed.arrival_at, timed.start_at),
            leave=self._unless(timed.leave_at, timed.end_at),
            travel_s=timed.travel_s,
            travel_m=timed.travel_m,
            parts={p.part_id: p.quantity for p in stop.parts} if is_seen else {},
            tools=stop.tools if is_seen else (),
        )

    def _seconds(self, at: datetime) -> int:
        return seconds_between(self._snapshot.start_at, at)

    def _unless(self, at: datetime, usual: datetime) -> int | None:
        return self._seconds(at) if at != usual else None

    def _visit(self, visit_id: str, left: Unassigned | None) -> BoardVisit:
        visit = self._snapshot.visit[visit_id]
        order = self._snapshot.order_of(visit)
        margins = self._judged.margins.get(visit_id, ())
        found = {self._safety(margin) for margin in margins}
        state = self._kept.states.get(visit_id)
        return BoardVisit(
            work_order_id=order.id,
            site_id=order.site_id,
            product=order.product,
            priority=order.priority,
            state=state if state in STARTED else None,
            clock=next((s for s in reversed(ClockSafety) if s in found), ClockSafety.SAFE),
            clocks={
                m.clock.kind: BoardClock(self._seconds(m.clock.due_at), m.margin_s) for m in margins
            },
            run_in_s=visit.run_in_s,
            crew_size=visit.crew_size,
            skills=tuple(need.skill for need in visit.skills),
            duration_s=visit.duration_s if left else None,
            parts={p.part_id: p.quantity for p in visit.parts} if left else {},
            pinned=self._pinned(visit),
            by_hand=visit_id in self._kept.by_hand,
            code=left.code if left else None,
            reason=self._reason(left) if left else None,
        )

    def _safety(self, margin: ClockMargin) -> ClockSafety:
        left_s, risk_s = margin.margin_s, TIGHT_S
        if left_s is None:
            left_s = seconds_between(self._wanted.now_at, margin.clock.due_at)
            risk_s = self._wanted.at_risk_s
        if left_s < 0:
            return ClockSafety.BROKEN
        return ClockSafety.SAFE if left_s >= risk_s else ClockSafety.AT_RISK

    def _pinned(self, visit: Visit) -> tuple[str, ...]:
        pin = self._pins.get(visit.id, Pin(visit.id))
        what = {
            "technician": pin.technician_id,
            "start": pin.start_at,
            "after": pin.after_visit_id,
        }
        return tuple(name for name, value in what.items() if value is not None)

    def _reason(self, left: Unassigned) -> str:
        """The rule that comes closest to letting it in, and by how much it fails."""
        lang = self._wanted.language
        amounts = (o.amount for o in left.obstacles if o.code == left.code)
        amount = texts.amount(left.code, next(amounts, 0), lang)
        said = texts.rule(left.code, lang)
        return lang.pick(f"{said} ({amount})", f"{said}（{amount}）") if amount else said

    def _site(self, site_id: str) -> BoardPlace:
        site = self._snapshot.site[site_id]
        point = self._judged.wgs84(site_id)
        customer = self._snapshot.customer[site.customer_id].name
        latitude, longitude = round(point.latitude, _DIGITS), round(point.longitude, _DIGITS)
        return BoardPlace(site.name, latitude, longitude, customer, site.territory)

    def _stations(
        self, technicians: Sequence[Technician], routes: Sequence[TimedRoute]
    ) -> dict[str, BoardPlace]:
        """The bases of the technicians, and the depots where they pick parts up."""
        bases = (t.station_id for t in technicians)
        depots = (s.place_id for r in routes for s in r.stops if s.stop.kind is StopKind.PICKUP)
        found = {}
        for station_id in dict.fromkeys((*bases, *depots)):
            point = self._judged.wgs84(station_id)
            latitude, longitude = round(point.latitude, _DIGITS), round(point.longitude, _DIGITS)
            name = self._snapshot.station[station_id].name
            found[station_id] = BoardPlace(name, latitude, longitude)
        return found

    def _next_clock(self, visits: Mapping[str, BoardVisit]) -> NextClock | None:
        now = self._seconds(self._wanted.now_at)
        found = (
            NextClock(visit_id, kind, clock.due, clock.margin_s)
            for visit_id, visit in visits.items()
            for kind, clock in visit.clocks.items()
            if clock.due >= now
        )
        return min(found, key=lambda c: (c.due, c.visit_id), default=None)


def _shift(shift: Shift) -> BoardShift:
    standby = shift.kind is ShiftKind.STANDBY
    return BoardShift(
        shift.id, shift.start_at, shift.end_at, standby, shift.max_overtime_s, shift.breaks
    )


def _urgency(visit_id: str, visit: BoardVisit) -> tuple[bool, int, str]:
    """What runs out first comes first; what has no clock comes last."""
    due = [clock.due for clock in visit.clocks.values()]
    return not due, min(due, default=0), visit_id
