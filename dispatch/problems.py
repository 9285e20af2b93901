"""From a snapshot to the solver's arrays. The only place that knows both."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate

import numpy as np

from dispatch.domain.clocks import clocks_of
from dispatch.domain.people import ShiftKind, Technician
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Visit
from dispatch.qualification import Qualification
from dispatch.travel import Travel
from solver.problem import FOREVER_S, Problem

PINNED_FEN = 10**11
"""Added to the price of leaving out a pinned visit, so that the search never does."""

_MANY_VISITS = 1 << 20
_LONG_AGO_S = -FOREVER_S


@dataclass(frozen=True, slots=True)
class ShiftBreak:
    """A break or absence of a shift as the solver numbers them; ``index`` as plans do."""

    is_absence: bool
    index: int
    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True)
class Numbering:
    """The solver's numbers of a snapshot's visits, technicians, shifts, parts and depots.

    Visits, technicians, parts and stations (all of them depots) count in the snapshot's order,
    shifts by technician and start. ``breaks`` holds those of each shift.
    """

    snapshot: Snapshot
    qualification: Qualification
    shifts: tuple[tuple[Technician, str], ...]
    breaks: tuple[tuple[ShiftBreak, ...], ...]

    @cached_property
    def shift_number(self) -> dict[str, int]:
        return {shift_id: i for i, (_, shift_id) in enumerate(self.shifts)}

    @cached_property
    def visit_number(self) -> dict[str, int]:
        return {visit.id: i for i, visit in enumerate(self.snapshot.visits)}

    @cached_property
    def technician_number(self) -> dict[str, int]:
        return {technician.id: i for i, technician in enumerate(self.snapshot.technicians)}

    @cached_property
    def part_number(self) -> dict[str, int]:
        return {part.id: i for i, part in enumerate(self.snapshot.parts)}

    @cached_property
    def station_number(self) -> dict[str, int]:
        return {station.id: i for i, station in enumerate(self.snapshot.stations)}

    def seconds(self, instant: datetime) -> int:
        return int((instant - self.snapshot.start_at).total_seconds())


def number(snapshot: Snapshot, travel: Travel) -> Numbering:
    qualification = Qualification(snapshot, travel)
    shifts = tuple((t, shift.id) for t in snapshot.technicians for shift in t.shifts)
    unbroken = Numbering(snapshot, qualification, shifts, ())
    breaks = tuple(_breaks_of(unbroken, technician, shift_id) for technician, shift_id in shifts)
    return Numbering(snapshot, qualification, shifts, breaks)


def _breaks_of(
    numbering: Numbering, technician: Technician, shift_id: str
) -> tuple[ShiftBreak, ...]:
    """The breaks that are still to come, and the absences that cut the shift in two."""
    times = numbering.qualification.times[shift_id]
    found = [
        ShiftBreak(
            False,
            i,
            numbering.seconds(b.earliest_at),
            numbering.seconds(b.latest_at),
            b.duration_s,
        )
        for i, b in enumerate(times.shift.breaks)
        if b.latest_at >= times.start_at
    ]
    for i, absence in enumerate(technician.absences):
        if times.start_at < absence.start_at and absence.start_at < times.limit_at:
            start_s = numbering.seconds(absence.start_at)
            end_s = numbering.seconds(absence.end_at)
            found.append(ShiftBreak(True, i, start_s, start_s, end_s - start_s))
    return tuple(sorted(found, key=lambda b: (b.earliest_s, b.latest_s)))


def build_problem(numbering: Numbering, travel: Travel) -> Problem:
    """The snapshot as arrays. ``travel`` is that of the snapshot."""
    snapshot = numbering.snapshot
    prices = snapshot.policy
    arrays: dict[str, object] = {
        "travel_s": np.ascontiguousarray(travel.seconds),
        "travel_m": np.ascontiguousarray(travel.metres),
        "travel_fen_per_h": prices.travel_fen_per_h,
        "travel_fen_per_km": prices.travel_fen_per_km,
        "paid_fen_per_h": prices.paid_fen_per_h,
        "overtime_fen_per_h": prices.overtime_fen_per_h,
        "unfair_fen_per_h": prices.unfair_fen_per_h,
        "clock_permille": prices.clock_permille,
        "change_time_fen": prices.change_time_fen,
        "change_tolerance_s": prices.change_tolerance_s,
        "part_move_fen": prices.part_move_fen,
    }
    arrays |= _visit_arrays(numbering)
    arrays |= _need_arrays(numbering)
    arrays |= _shift_arrays(numbering)
    arrays |= _technician_arrays(numbering)
    arrays |= _stock_arrays(numbering)
    arrays |= _candidate_arrays(numbering)
    return Problem(**arrays)  # type: ignore[arg-type]


def running_clocks(snapshot: Snapshot) -> dict[str, tuple[Clock, ...]]:
    """For each visit the clocks that it stops and no event has stopped yet.

    The referee has a function of its own for this, on purpose: they check each other.
    """
    by_order = {order.id: clocks_of(snapshot, order) for order in snapshot.work_orders}
    return {
        visit.id: tuple(
            clock
            for clock in by_order[visit.work_order_id]
            if clock.kind in visit.stops and clock.stopped_at is None
        )
        for visit in snapshot.visits
    }


def _visit_arrays(numbering: Numbering) -> dict[str, object]:
    snapshot = numbering.snapshot
    clocks = running_clocks(snapshot)
    due_s = [
        min((numbering.seconds(c.due_at) for c in clocks[v.id]), default=FOREVER_S)
        for v in snapshot.visits
    ]
    windows = [_windows_of(numbering, v) for v in snapshot.visits]
    all_clocks = [c for v in snapshot.visits for c in clocks[v.id]]
    pins = [snapshot.pin.get(v.id) for v in snapshot.visits]
    told = [_told(numbering, v) for v in snapshot.visits]
    place = {place_id: i for i, place_id in enumerate((*numbering.station_number, *snapshot.site))}
    releases = [numbering.qualification.release_at(v) for v in snapshot.visits]
    return {
        "visit_location": _i32([place[snapshot.site_of(v).id] for v in snapshot.visits]),
        "visit_service_s": _i64([v.duration_s for v in snapshot.visits]),
        "visit_run_in_s": _i64([v.run_in_s for v in snapshot.visits]),
        "visit_release_s": _i64(
            [FOREVER_S if r is None else numbering.seconds(r) for r in releases]
        ),
        "visit_unassigned_fen": _i64(
            [_unassigned_fen(numbering, v, clocks[v.id]) for v in snapshot.visits]
        ),
        "visit_due_s": _i64(due_s),
        "visit_pin_after": _i32(
            [
                numbering.visit_number[p.after_visit_id] if p and p.after_visit_id else -1
                for p in pins
            ]
        ),
        "visit_published_technician": _i32([technician for technician, _ in told]),
        "visit_published_start_s": _i64([start_s for _, start_s in told]),
        "visit_pin_rank": _i32([_pin_rank(snapshot, v.id) for v in snapshot.visits]),
        "window_ptr": _pointers([len(w) for w in windows]),
        "window_open_s": _i64([o for w in windows for o, _ in w]),
        "window_close_s": _i64([c for w in windows for _, c in w]),
        "clock_ptr": _pointers([len(clocks[v.id]) for v in snapshot.visits]),
        "clock_due_s": _i64([numbering.seconds(c.due_at) for c in all_clocks]),
        "clock_at_end": np.array([c.kind is ClockKind.RESTORE for c in all_clocks], np.uint8),
        "clock_breach_fen": _i64([c.breach_fen for c in all_clocks]),
        "clock_late_fen_per_h": _i64([c.late_fen_per_h for c in all_clocks]),
    }


def _pin_rank(snapshot: Snapshot, visit_id: str) -> int:
    """0 without a pin, 1 with one, one more than the visit before where the pin names one."""
    rank = 0
    seen: set[str] = set()
    at: str | None = visit_id
    while at is not None and at not in seen:
        seen.add(at)
        pin = snapshot.pin.get(at)
        rank += 1 if pin is not None or rank else 0
        at = pin.after_visit_id if pin is not None else None
    return rank


def _windows_of(numbering: Numbering, visit: Visit) -> list[tuple[int, int]]:
    pin = numbering.snapshot.pin.get(visit.id)
    if pin is not None and pin.start_at is not None:
        start_s = numbering.seconds(pin.start_at)
        return [(start_s, start_s)]
    return [(numbering.seconds(w.open_at), numbering.seconds(w.close_at)) for w in visit.windows]


def _unassigned_fen(numbering: Numbering, visit: Visit, clocks: Sequence[Clock]) -> int:
    """What it costs to leave a visit out: its clocks then run to the end of the horizon."""
    snapshot = numbering.snapshot
    base = snapshot.policy.unassigned_fen.of(snapshot.order_of(visit).priority)
    horizon_s = numbering.seconds(snapshot.end_at)
    late_s = [horizon_s - numbering.seconds(clock.due_at) for clock in clocks]
    urgent_s = min(horizon_s, max([0, *late_s]))
    fen = base + base * urgent_s // horizon_s
    for clock, over_s in zip(clocks, late_s, strict=True):
        if over_s > 0:
            contract_fen = clock.breach_fen + clock.late_fen_per_h * over_s // 3600
            fen += contract_fen * snapshot.policy.clock_permille // 1000
    if visit.id in snapshot.commitment:
        fen += snapshot.policy.change_technician_fen
    return fen + (PINNED_FEN if visit.id in snapshot.pin else 0)


def _told(numbering: Numbering, visit: Visit) -> tuple[int, int]:
    """The one technician that was published for a visit (-1: none or several), and the start."""
    told = numbering.snapshot.commitment.get(visit.id)
    if told is None or len(told.technician_ids) != 1:
        return -1, 0
    return numbering.technician_number[told.technician_ids[0]], numbering.seconds(told.start_at)


def _need_arrays(numbering: Numbering) -> dict[str, object]:
    parts = numbering.snapshot.part
    needs = [need for visit in numbering.snapshot.visits for need in visit.parts]
    alternatives = [
        [numbering.part_number[p] for p in (need.part_id, *parts[need.part_id].substitutes)]
        for need in needs
    ]
    return {
        "need_ptr": _pointers([len(v.parts) for v in numbering.snapshot.visits]),
        "need_quantity": _i32([need.quantity for need in needs]),
        "need_alternative_ptr": _pointers([len(a) for a in alternatives]),
        "need_alternative": _i32([part for a in alternatives for part in a]),
    }


def _shift_arrays(numbering: Numbering) -> dict[str, object]:
    times = [numbering.qualification.times[shift_id] for _, shift_id in numbering.shifts]
    technicians = [technician for technician, _ in numbering.shifts]
    bases = [numbering.station_number[t.station_id] for t in technicians]
    breaks = [b for of_shift in numbering.breaks for b in of_shift]
    return {
        "shift_technician": _i32([numbering.technician_number[t.id] for t in technicians]),
        "shift_start_s": _i64([numbering.seconds(t.start_at) for t in times]),
        "shift_end_s": _i64([numbering.seconds(t.shift.end_at) for t in times]),
        "shift_limit_s": _i64([numbering.seconds(t.limit_at) for t in times]),
        "shift_location": _i32(bases),
        "shift_depot": _i32(bases),
        "shift_max_travel_s": _i64([_or(t.max_travel_s, FOREVER_S) for t in technicians]),
        "shift_max_visits": _i32([_or(t.max_visits, _MANY_VISITS) for t in technicians]),
        "break_ptr": _pointers([len(of_shift) for of_shift in numbering.breaks]),
        "break_earliest_s": _i64([b.earliest_s for b in breaks]),
        "break_latest_s": _i64([b.latest_s for b in breaks]),
        "break_duration_s": _i64([b.duration_s for b in breaks]),
        "break_rigid": np.array([b.is_absence for b in breaks], np.uint8),
    }


def _technician_arrays(numbering: Numbering) -> dict[str, object]:
    snapshot = numbering.snapshot
    van_stock = np.zeros((len(snapshot.technicians), len(snapshot.parts)), np.int32)
    for i, technician in enumerate(snapshot.technicians):
        for stock in technician.van_stock:
            van_stock[i, numbering.part_number[stock.part_id]] += stock.quantity
    regular_s = [
        sum(
            int((s.end_at - s.start_at).total_seconds())
            for s in t.shifts
            if s.kind is ShiftKind.REGULAR
        )
        for t in snapshot.technicians
    ]
    share = snapshot.policy.fair_share_permille
    return {
        "technician_ptr": _pointers([len(t.shifts) for t in snapshot.technicians]),
        "technician_rest_s": _i64([t.min_rest_s for t in snapshot.technicians]),
        "technician_max_overtime_s": _i64(
            [_or(t.max_total_overtime_s, FOREVER_S) for t in snapshot.technicians]
        ),
        "technician_fair_s": _i64([s * share // 1000 for s in regular_s]),
        "van_stock": van_stock,
    }


def _stock_arrays(numbering: Numbering) -> dict[str, object]:
    snapshot = numbering.snapshot
    n_parts = len(snapshot.parts)
    supplies = sorted(
        (
            numbering.station_number[lot.station_id] * n_parts + numbering.part_number[lot.part_id],
            numbering.seconds(lot.available_at),
            lot.quantity,
        )
        for lot in snapshot.lots
    )
    depot_parts = [depot_part for depot_part, _, _ in supplies]
    pointers = [bisect_left(depot_parts, i) for i in range(len(snapshot.stations) * n_parts + 1)]
    return {
        "depot_location": _i32(list(range(len(snapshot.stations)))),
        "depot_pickup_s": _i64([station.pickup_s for station in snapshot.stations]),
        "supply_ptr": _i32(pointers),
        "supply_at_s": _i64([at_s for _, at_s, _ in supplies]),
        "supply_quantity": _i32([quantity for _, _, quantity in supplies]),
    }


def _candidate_arrays(numbering: Numbering) -> dict[str, object]:
    """The shifts that could serve each visit, were they empty."""
    counts: list[int] = []
    shifts: list[int] = []
    prices: list[int] = []
    latest: list[int] = []
    qualification = numbering.qualification
    for visit in numbering.snapshot.visits:
        before = len(shifts)
        site = numbering.snapshot.site_of(visit)
        stopped = qualification.of_visit(visit) is not None
        for technician in () if stopped else qualification.covering.get(site.territory, ()):
            if qualification.of_technician(visit, technician) is not None:
                continue
            fen = _candidate_fen(numbering, visit, technician)
            until = qualification.latest_start_at(visit, technician)
            for shift in technician.shifts:
                if qualification.of_shift(visit, technician, shift) is None:
                    shifts.append(numbering.shift_number[shift.id])
                    prices.append(fen)
                    latest.append(FOREVER_S if until is None else numbering.seconds(until))
        counts.append(len(shifts) - before)
    return {
        "candidate_ptr": _pointers(counts),
        "candidate_shift": _i32(shifts),
        "candidate_fen": _i64(prices),
        "candidate_latest_s": _i64(latest),
    }


def _candidate_fen(numbering: Numbering, visit: Visit, technician: Technician) -> int:
    """What it costs that this technician serves a visit, wherever it stands."""
    snapshot, prices = numbering.snapshot, numbering.snapshot.policy
    fen = numbering.qualification.over_qualified(visit, technician) * prices.over_qualification_fen
    if (technician.id, snapshot.site_of(visit).territory) in numbering.qualification.backups:
        fen += prices.backup_territory_fen
    if visit.wished_technician_id not in (None, technician.id):
        fen += prices.wish_fen
    told = snapshot.commitment.get(visit.id)
    if told is not None and set(told.technician_ids) != {technician.id}:
        fen += prices.change_technician_fen
    return fen


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _pointers(counts: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([0, *accumulate(counts)], np.int32)


def _i32(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(values, np.int32)


def _i64(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)
