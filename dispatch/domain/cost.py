"""What a plan costs, line by line ("Prices" in docs/rules.md)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from dispatch.domain.clocks import clocks_of
from dispatch.domain.people import Coverage, ShiftKind, Technician
from dispatch.domain.plan import StopKind
from dispatch.domain.policy import CHANGE_SOON_S
from dispatch.domain.route_times import TimedRoute, seconds_between
from dispatch.domain.rules.people import level_of
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import TimedVisit, Timetable
from dispatch.domain.work import ClockKind, Commitment, Visit

RunningClocks: TypeAlias = Mapping[str, tuple[Clock, ...]]
"""The running clocks that each visit is to stop."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """``subject`` is the id of a visit, of a shift (for what a route pays) or of a technician."""

    item: str
    subject: str
    fen: int
    visit_id: str | None = None


@dataclass(frozen=True)
class Cost:
    """All that a plan pays; no line is zero."""

    lines: tuple[CostLine, ...]

    @property
    def total_fen(self) -> int:
        return sum(line.fen for line in self.lines)

    def by_item(self) -> Mapping[str, int]:
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.item] = sums.get(line.item, 0) + line.fen
        return sums

    def by_visit(self) -> Mapping[str, int]:
        """What belongs to visits; routes' and technicians' own lines are in none of them."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.visit_id is not None:
                sums[line.visit_id] = sums.get(line.visit_id, 0) + line.fen
        return sums


def running_clocks(snapshot: Snapshot) -> RunningClocks:
    """For each visit the clocks that it is to stop and that no recorded event stopped."""
    clocks = {order.id: clocks_of(snapshot, order) for order in snapshot.work_orders}
    return {
        visit.id: tuple(
            clock
            for clock in clocks[visit.work_order_id]
            if clock.kind in visit.stops and clock.stopped_at is None
        )
        for visit in snapshot.visits
    }


def stopped_by_plan(timetable: Timetable, visit_id: str, clock: Clock) -> datetime:
    """When a planned visit stops a clock."""
    if clock.kind is ClockKind.RESTORE:
        return timetable.end_of(visit_id)
    return timetable.start_of(visit_id)


def price(snapshot: Snapshot, timetable: Timetable) -> Cost:
    return price_by(snapshot, timetable, running_clocks(snapshot))


def price_by(snapshot: Snapshot, timetable: Timetable, clocks: RunningClocks) -> Cost:
    """The price, by the running clocks of the snapshot, which take a while to work out."""
    lines: list[CostLine] = []
    for visit in snapshot.visits:
        crew = timetable.visits.get(visit.id)
        lines += _clock_lines(snapshot, timetable, visit, clocks[visit.id])
        if crew is None:
            lines += _unassigned(snapshot, visit, clocks[visit.id])
        else:
            lines += _visit_lines(snapshot, visit, crew)
            lines += _change(snapshot, timetable, visit, crew)
    lines.append(_worst_late(snapshot, timetable, clocks))
    for timed in timetable.routes:
        lines += _travel(snapshot, timed)
        lines += _route_lines(snapshot, timed)
    for technician_id, routes in timetable.routes_of.items():
        lines.append(_unfair(snapshot, snapshot.technician[technician_id], routes))
    return Cost(tuple(line for line in lines if line.fen))


def _of_visit(item: str, visit_id: str, fen: int) -> CostLine:
    return CostLine(item, visit_id, fen, visit_id)


def _unassigned(snapshot: Snapshot, visit: Visit, clocks: Sequence[Clock]) -> Iterator[CostLine]:
    base = snapshot.policy.unassigned_fen.of(snapshot.order_of(visit).priority)
    horizon_s = seconds_between(snapshot.start_at, snapshot.end_at)
    urgent_s = 0
    if clocks:
        left_s = seconds_between(min(c.due_at for c in clocks), snapshot.end_at)
        urgent_s = min(horizon_s, max(0, left_s))
    yield _of_visit("unassigned", visit.id, base + base * urgent_s // horizon_s)
    if visit.id in snapshot.commitment:
        told = snapshot.commitment[visit.id]
        fen = _at_short_notice(snapshot, told, snapshot.policy.change_technician_fen)
        yield _of_visit("change", visit.id, fen)


def _clock_lines(
    snapshot: Snapshot, timetable: Timetable, visit: Visit, clocks: Sequence[Clock]
) -> Iterator[CostLine]:
    """The clocks of a visit that stays out run to the end of the horizon, at least: so lateness
    is never a reason to leave it out."""
    planned = visit.id in timetable.visits
    for clock in clocks:
        stops_at = stopped_by_plan(timetable, visit.id, clock) if planned else snapshot.end_at
        late_s = seconds_between(clock.due_at, stops_at)
        if late_s > 0:
            contract_fen = clock.breach_fen + clock.late_fen_per_h * late_s // 3600
            fen = contract_fen * snapshot.policy.clock_permille // 1000
            yield _of_visit(f"clock_{clock.kind}", visit.id, fen)


def _worst_late(
    snapshot: Snapshot, timetable: Timetable, clocks: Mapping[str, Sequence[Clock]]
) -> CostLine:
    """The latest of all clocks that planned visits stop, paid once; of two the first visit's."""
    worst_s, latest_id = 0, ""
    for visit in snapshot.visits:
        for clock in clocks[visit.id] if visit.id in timetable.visits else ():
            late_s = seconds_between(clock.due_at, stopped_by_plan(timetable, visit.id, clock))
            if late_s > worst_s:
                worst_s, latest_id = late_s, visit.id
    fen = worst_s * snapshot.policy.worst_late_fen_per_h // 3600
    return _of_visit("worst_late", latest_id, fen)


def _visit_lines(
    snapshot: Snapshot, visit: Visit, crew: Sequence[TimedVisit]
) -> Iterator[CostLine]:
    policy = snapshot.policy
    territory = snapshot.site_of(visit).territory
    for member in crew:
        technician = snapshot.technician[member.technician_id]
        if _is_backup(technician, territory):
            yield _of_visit("backup_territory", visit.id, policy.backup_territory_fen)
        above = sum(
            max(0, (level_of(technician, need.skill) or need.level) - need.level)
            for need in visit.skills
        )
        yield _of_visit("over_qualification", visit.id, above * policy.over_qualification_fen)
    wished = visit.wished_technician_id
    if wished is not None and all(m.technician_id != wished for m in crew):
        yield _of_visit("wish", visit.id, policy.wish_fen)


def _is_backup(technician: Technician, territory: str) -> bool:
    covers = {t.coverage for t in technician.territories if t.territory == territory}
    return covers == {Coverage.BACKUP}


def _change(
    snapshot: Snapshot, timetable: Timetable, visit: Visit, crew: Sequence[TimedVisit]
) -> Iterator[CostLine]:
    told = snapshot.commitment.get(visit.id)
    if told is None:
        return
    policy = snapshot.policy
    moved_s = abs(seconds_between(told.start_at, timetable.start_of(visit.id)))
    if {m.technician_id for m in crew} != set(told.technician_ids):
        fen = _at_short_notice(snapshot, told, policy.change_technician_fen)
        yield _of_visit("change", visit.id, fen)
    elif moved_s > policy.change_tolerance_s:
        fen = _at_short_notice(snapshot, told, policy.change_time_fen)
        yield _of_visit("change", visit.id, fen)


def _at_short_notice(snapshot: Snapshot, told: Commitment, fen: int) -> int:
    """The price of changing what people were told, which rises when it is due soon."""
    notice_s = seconds_between(snapshot.now_at, told.start_at)
    short_s = min(CHANGE_SOON_S, max(0, CHANGE_SOON_S - notice_s))
    return fen * (1000 + 1000 * short_s // CHANGE_SOON_S) // 1000


def _travel(snapshot: Snapshot, timed: TimedRoute) -> Iterator[CostLine]:
    """Legs belong to the next visit; those after the last visit to the route."""
    legs: list[tuple[int, int]] = []
    for stop in timed.stops:
        legs.append((stop.travel_s, stop.travel_m))
        if stop.visit_id is not None:
            yield from _leg_lines(snapshot, legs, stop.visit_id, stop.visit_id)
            legs = []
    legs.append((timed.home_travel_s, timed.home_travel_m))
    yield from _leg_lines(snapshot, legs, timed.shift.id, None)


def _leg_lines(
    snapshot: Snapshot, legs: Sequence[tuple[int, int]], subject: str, visit_id: str | None
) -> Iterator[CostLine]:
    policy = snapshot.policy
    for seconds, metres in legs:
        time_fen = seconds * policy.travel_fen_per_h // 3600
        yield CostLine("travel_time", subject, time_fen, visit_id)
        distance_fen = metres * policy.travel_fen_per_km // 1000
        yield CostLine("travel_distance", subject, distance_fen, visit_id)


def _route_lines(snapshot: Snapshot, timed: TimedRoute) -> Iterator[CostLine]:
    policy, shift_id = snapshot.policy, timed.shift.id
    yield CostLine("paid_time", shift_id, timed.paid_s * policy.paid_fen_per_h // 3600)
    yield CostLine("overtime_pay", shift_id, timed.overtime_s * policy.overtime_fen_per_h // 3600)
    if timed.route.ends_away:
        yield CostLine("lodging", shift_id, policy.lodging_fen)
    own_station_id = snapshot.technician[timed.route.technician_id].station_id
    moved = sum(
        part.quantity
        for stop in timed.stops
        if stop.stop.kind is StopKind.PICKUP and stop.place_id != own_station_id
        for part in stop.stop.parts
    )
    yield CostLine("part_move", shift_id, moved * policy.part_move_fen)


def _unfair(snapshot: Snapshot, technician: Technician, routes: Sequence[TimedRoute]) -> CostLine:
    policy = snapshot.policy
    fair_s = regular_shift_s(technician) * policy.fair_share_permille // 1000
    unfair_s = max(0, sum(r.paid_s for r in routes) - fair_s)
    return CostLine("unfair", technician.id, unfair_s * policy.unfair_fen_per_h // 3600)


def regular_shift_s(technician: Technician) -> int:
    """The length of the technician's regular shifts over the horizon."""
    regular = [s for s in technician.shifts if s.kind is ShiftKind.REGULAR]
    return sum(seconds_between(s.start_at, s.end_at) for s in regular)
