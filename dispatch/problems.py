"""From a snapshot to the solver's arrays. The only place that knows both."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from dispatch.candidates import candidate_arrays
from dispatch.domain.clocks import clocks_of
from dispatch.domain.people import ShiftKind
from dispatch.domain.policy import CHANGE_SOON_S
from dispatch.domain.route_times import seconds_between
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Commitment, Visit
from dispatch.flat import flags, i32, i64, pointers
from dispatch.numbering import Numbering, number
from dispatch.travel import Travel
from solver.problem import FOREVER_S, Int32, Problem

__all__ = [
    "PINNED_FEN",
    "Numbering",
    "arriving",
    "build_problem",
    "number",
    "running_clocks_of",
    "unassigned_fen",
]

_T = TypeVar("_T")

PINNED_FEN = 10**11
"""Added to the price of leaving out a pinned visit, so that the search never does."""

_MANY_VISITS = 1 << 20


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
        "change_technician_fen": prices.change_technician_fen,
        "change_time_fen": prices.change_time_fen,
        "change_tolerance_s": prices.change_tolerance_s,
        "part_move_fen": prices.part_move_fen,
        "lodging_fen": prices.lodging_fen,
        "worst_late_fen_per_h": prices.worst_late_fen_per_h,
        "depart_late": 0,
    }
    arrays |= _shift_arrays(numbering)
    arrays |= _technician_arrays(numbering)
    arrays |= _stock_arrays(numbering)
    arrays |= _arrays_of_visits(numbering, numbering)
    return Problem(**arrays)  # type: ignore[arg-type]


def arriving(numbering: Numbering, whole: Numbering, travel: Travel, problem: Problem) -> Problem:
    """The visits of ``numbering``, which come after those of a problem that was built, in the form
    that ``solver.problem.joined`` takes. ``whole`` numbers all of them."""
    arrays = _arrays_of_visits(numbering, whole)
    arrays |= {"travel_s": travel.seconds, "travel_m": travel.metres}
    return problem._replace(**arrays)  # type: ignore[arg-type]


def _arrays_of_visits(numbering: Numbering, whole: Numbering) -> dict[str, object]:
    """``whole`` numbers the visits that links and pins name."""
    arrays = _visit_arrays(numbering)
    arrays |= _pin_arrays(numbering, whole)
    arrays |= _link_arrays(whole)
    arrays |= _need_arrays(numbering)
    arrays |= candidate_arrays(numbering)
    return arrays


def _running_clocks(snapshot: Snapshot) -> dict[str, tuple[Clock, ...]]:
    """For each visit the clocks that it stops and no event has stopped yet.

    The referee has a function of its own for this, on purpose: they check each other.
    """
    return {visit.id: running_clocks_of(snapshot, visit) for visit in snapshot.visits}


def running_clocks_of(snapshot: Snapshot, visit: Visit) -> tuple[Clock, ...]:
    clocks = clocks_of(snapshot, snapshot.order_of(visit))
    return tuple(c for c in clocks if c.kind in visit.stops and c.stopped_at is None)


def _visit_arrays(numbering: Numbering) -> dict[str, object]:
    """What is paid once, and the clocks, stand at leaders."""
    snapshot, members, leaders = numbering.snapshot, numbering.members, numbering.leaders
    running = _running_clocks(snapshot)
    clocks = [running[v.id] if v else () for v in leaders]
    windows = [_windows_of(numbering, v) for v in members]
    told = [snapshot.commitment.get(v.id) if v else None for v in leaders]
    place = {place_id: i for i, place_id in enumerate((*numbering.station_number, *snapshot.site))}
    releases = [numbering.qualification.release_at(v) for v in members]
    all_clocks = [clock for of_visit in clocks for clock in of_visit]
    return {
        "visit_location": i32([place[snapshot.site_of(v).id] for v in members]),
        "visit_service_s": i64([v.duration_s for v in members]),
        "visit_run_in_s": i64([v.run_in_s for v in members]),
        "visit_release_s": i64(
            [FOREVER_S if r is None else numbering.seconds(r) for r in releases]
        ),
        "visit_unassigned_fen": i64(
            [unassigned_fen(snapshot, v, running[v.id]) if v else 0 for v in leaders]
        ),
        "visit_due_s": i64(
            [
                min((numbering.seconds(c.due_at) for c in running[v.id]), default=FOREVER_S)
                for v in members
            ]
        ),
        "visit_told": i32([_change_permille(snapshot, t) if t else 0 for t in told]),
        "visit_published_start_s": i64([numbering.seconds(t.start_at) if t else 0 for t in told]),
        "visit_leader": i32([numbering.visit_number[v.id] for v in members]),
        "window_ptr": pointers(len(w) for w in windows),
        "window_open_s": i64([o for w in windows for o, _ in w]),
        "window_close_s": i64([c for w in windows for _, c in w]),
        "clock_ptr": pointers(map(len, clocks)),
        "clock_due_s": i64([numbering.seconds(c.due_at) for c in all_clocks]),
        "clock_at_end": flags([c.kind is ClockKind.RESTORE for c in all_clocks]),
        "clock_breach_fen": i64([c.breach_fen for c in all_clocks]),
        "clock_late_fen_per_h": i64([c.late_fen_per_h for c in all_clocks]),
    }


def _pin_arrays(numbering: Numbering, whole: Numbering) -> dict[str, object]:
    return {
        "visit_pin_after": i32([_pin_after(whole, v) if v else -1 for v in numbering.leaders]),
        "visit_pin_rank": i32([_pin_rank(whole.snapshot, v.id) for v in numbering.members]),
    }


def _pin_after(numbering: Numbering, visit: Visit) -> int:
    pin = numbering.snapshot.pin.get(visit.id)
    if pin is None or pin.after_visit_id is None:
        return -1
    return numbering.visit_number[pin.after_visit_id]


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


def unassigned_fen(snapshot: Snapshot, visit: Visit, clocks: Sequence[Clock]) -> int:
    """What it costs to leave a visit out: its clocks then run to the end of the horizon."""
    base = snapshot.policy.unassigned_fen.of(snapshot.order_of(visit).priority)
    horizon_s = seconds_between(snapshot.start_at, snapshot.end_at)
    late_s = [seconds_between(clock.due_at, snapshot.end_at) for clock in clocks]
    urgent_s = min(horizon_s, max([0, *late_s]))
    fen = base + base * urgent_s // horizon_s
    for clock, over_s in zip(clocks, late_s, strict=True):
        if over_s > 0:
            contract_fen = clock.breach_fen + clock.late_fen_per_h * over_s // 3600
            fen += contract_fen * snapshot.policy.clock_permille // 1000
    if visit.id in snapshot.commitment:
        permille = _change_permille(snapshot, snapshot.commitment[visit.id])
        fen += snapshot.policy.change_technician_fen * permille // 1000
    return fen + (PINNED_FEN if visit.id in snapshot.pin else 0)


def _change_permille(snapshot: Snapshot, told: Commitment) -> int:
    """How dear it is to change what people were told: more, the sooner it is due."""
    left_s = seconds_between(snapshot.now_at, told.start_at)
    soon_s = CHANGE_SOON_S - min(CHANGE_SOON_S, max(0, left_s))
    return 1000 + 1000 * soon_s // CHANGE_SOON_S


def _link_arrays(numbering: Numbering) -> dict[str, object]:
    """Ties of crews and links, and what else links ask for. Few visits have any."""
    ties: dict[int, list[tuple[int, int]]] = defaultdict(list)
    firsts: dict[int, list[int]] = defaultdict(list)
    mates: dict[int, list[int]] = defaultdict(list)
    for visit in numbering.snapshot.visits:
        if visit.crew_size > 1:
            leader, *others = numbering.crew_of(visit.id)
            for other in others:
                ties[leader].append((other, 0))
                ties[other].append((leader, 0))
    for link in numbering.snapshot.links:
        first = numbering.visit_number[link.first_visit_id]
        then = numbering.visit_number[link.then_visit_id]
        service_s = numbering.members[first].duration_s
        if link.min_lag_s is not None:
            ties[then].append((first, service_s + link.min_lag_s))
            firsts[then].append(first)
        if link.max_lag_s is not None:
            ties[first].append((then, -service_s - link.max_lag_s))
        if link.same_technician:
            mates[first].append(then)
            mates[then].append(first)
    count = len(numbering.members)
    tie_ptr, all_ties = _listed(ties, count)
    first_ptr, all_firsts = _listed(firsts, count)
    mate_ptr, all_mates = _listed(mates, count)
    return {
        "tie_ptr": tie_ptr,
        "tie_visit": i32([visit for visit, _ in all_ties]),
        "tie_lag_s": i64([lag_s for _, lag_s in all_ties]),
        "first_ptr": first_ptr,
        "first_visit": i32(all_firsts),
        "mate_ptr": mate_ptr,
        "mate_visit": i32(all_mates),
    }


def _listed(lists: Mapping[int, list[_T]], count: int) -> tuple[Int32, list[_T]]:
    """Where the entries of each of ``count`` owners begin, and all entries."""
    counts = np.zeros(count + 1, np.int32)
    for owner, entries in lists.items():
        counts[owner + 1] = len(entries)
    return counts.cumsum(dtype=np.int32), [e for owner in sorted(lists) for e in lists[owner]]


def _need_arrays(numbering: Numbering) -> dict[str, object]:
    """Needs of parts, then of tools; a crew's are its leader's."""
    needs = [_needs_of(numbering, v) if v else [] for v in numbering.leaders]
    all_needs = [need for of_visit in needs for need in of_visit]
    return {
        "need_ptr": pointers(map(len, needs)),
        "need_quantity": i32([quantity for quantity, _ in all_needs]),
        "need_alternative_ptr": pointers(len(a) for _, a in all_needs),
        "need_alternative": i32([part for _, a in all_needs for part in a]),
    }


def _needs_of(numbering: Numbering, visit: Visit) -> list[tuple[int, list[int]]]:
    """How many of which parts, or those that may take their place."""
    parts = numbering.snapshot.part
    needs = [
        (need.quantity, [need.part_id, *parts[need.part_id].substitutes]) for need in visit.parts
    ]
    numbers = [(quantity, [numbering.part_number[p] for p in ids]) for quantity, ids in needs]
    tools = Counter(visit.tools)
    return numbers + [(tools[t], [numbering.tool_number[t]]) for t in sorted(tools)]


def _shift_arrays(numbering: Numbering) -> dict[str, object]:
    ask = numbering.qualification
    times = [ask.times[shift_id] for _, shift_id in numbering.shifts]
    technicians = [technician for technician, _ in numbering.shifts]
    bases = [numbering.station_number[t.station_id] for t in technicians]
    breaks = [b for of_shift in numbering.breaks for b in of_shift]
    return {
        "shift_technician": i32([numbering.technician_number[t.id] for t in technicians]),
        "shift_start_s": i64([numbering.seconds(t.start_at) for t in times]),
        "shift_end_s": i64([numbering.seconds(t.shift.end_at) for t in times]),
        "shift_limit_s": i64([numbering.seconds(t.limit_at) for t in times]),
        "shift_location": i32(bases),
        "shift_depot": i32(bases),
        "shift_max_travel_s": i64([_or(t.max_travel_s, FOREVER_S) for t in technicians]),
        "shift_max_visits": i32([_or(t.max_visits, _MANY_VISITS) for t in technicians]),
        "shift_may_stay": flags([shift_id in ask.may_end_away for _, shift_id in numbering.shifts]),
        "break_ptr": pointers([len(of_shift) for of_shift in numbering.breaks]),
        "break_earliest_s": i64([b.earliest_s for b in breaks]),
        "break_latest_s": i64([b.latest_s for b in breaks]),
        "break_duration_s": i64([b.duration_s for b in breaks]),
        "break_rigid": flags([b.is_absence for b in breaks]),
    }


def _technician_arrays(numbering: Numbering) -> dict[str, object]:
    snapshot = numbering.snapshot
    n_parts = len(snapshot.parts) + len(numbering.tools)
    van_stock = np.zeros((len(snapshot.technicians), n_parts), np.int32)
    for i, technician in enumerate(snapshot.technicians):
        for stock in technician.van_stock:
            van_stock[i, numbering.part_number[stock.part_id]] += stock.quantity
        for tool in technician.tools:
            if tool in numbering.tool_number:
                van_stock[i, numbering.tool_number[tool]] += 1
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
        "technician_ptr": pointers([len(t.shifts) for t in snapshot.technicians]),
        "technician_rest_s": i64([t.min_rest_s for t in snapshot.technicians]),
        "technician_max_overtime_s": i64(
            [_or(t.max_total_overtime_s, FOREVER_S) for t in snapshot.technicians]
        ),
        "technician_fair_s": i64([s * share // 1000 for s in regular_s]),
        "technician_max_nights": i32(
            [t.max_nights if t.may_stay_overnight else 0 for t in snapshot.technicians]
        ),
        "van_stock": van_stock,
        "part_is_tool": flags([i >= len(snapshot.parts) for i in range(n_parts)]),
    }


def _stock_arrays(numbering: Numbering) -> dict[str, object]:
    snapshot = numbering.snapshot
    n_parts = len(snapshot.parts) + len(numbering.tools)
    lots = [
        (
            numbering.station_number[lot.station_id] * n_parts + numbering.part_number[lot.part_id],
            numbering.seconds(lot.available_at),
            lot.quantity,
        )
        for lot in snapshot.lots
    ]
    lent = [
        (
            numbering.station_number[station.id] * n_parts + numbering.tool_number[stock.tool],
            0,
            stock.quantity,
        )
        for station in snapshot.stations
        for stock in station.tools
        if stock.tool in numbering.tool_number
    ]
    supplies = sorted(lots + lent)
    depot_parts = [depot_part for depot_part, _, _ in supplies]
    pointers = [bisect_left(depot_parts, i) for i in range(len(snapshot.stations) * n_parts + 1)]
    return {
        "depot_location": i32(list(range(len(snapshot.stations)))),
        "depot_pickup_s": i64([station.pickup_s for station in snapshot.stations]),
        "supply_ptr": i32(pointers),
        "supply_at_s": i64([at_s for _, at_s, _ in supplies]),
        "supply_quantity": i32([quantity for _, _, quantity in supplies]),
    }


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
