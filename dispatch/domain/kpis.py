"""A plan in figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.domain.cost import Cost, RunningClocks, regular_shift_s, stopped_by_plan
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.domain.work import ClockKind


@dataclass(frozen=True, slots=True)
class ClockKpi:
    """How many clocks of a kind count, and how many of them are stopped in time.

    A running clock counts if its visit is planned, or if it runs out before the horizon ends;
    in the second case it is late.
    """

    counted: int
    on_time: int

    @property
    def on_time_permille(self) -> int:
        """1000 if none counts."""
        return 1000 * self.on_time // self.counted if self.counted else 1000


@dataclass(frozen=True, slots=True)
class TechnicianKpi:
    technician_id: str
    visits: int
    paid_s: int
    travel_s: int
    overtime_s: int


@dataclass(frozen=True, slots=True)
class Kpis:
    """``on_time`` are planned visits that stop all their clocks in time.

    ``clocks`` has every kind; ``technicians`` are all of them, also those without a route. A visit
    of a crew counts once for the plan, and once for each member. ``utilisation_permille`` is paid
    time over the regular shifts' length.
    """

    planned: int
    unassigned: int
    on_time: int
    clocks: Mapping[ClockKind, ClockKpi]
    travel_s: int
    travel_m: int
    paid_s: int
    overtime_s: int
    nights: int
    utilisation_permille: int
    total_fen: int
    technicians: tuple[TechnicianKpi, ...]


def kpis_of(snapshot: Snapshot, timetable: Timetable, cost: Cost, clocks: RunningClocks) -> Kpis:
    """``clocks`` are the running ones of the snapshot."""
    routes = timetable.routes
    paid_s = sum(r.paid_s for r in routes)
    regular_s = sum(regular_shift_s(t) for t in snapshot.technicians)
    planned = len(timetable.visits)
    return Kpis(
        planned=planned,
        unassigned=len(snapshot.visits) - planned,
        on_time=sum(
            all(_is_on_time(timetable, visit_id, clock) for clock in clocks[visit_id])
            for visit_id in timetable.visits
        ),
        clocks={kind: _clock_kpi(snapshot, timetable, clocks, kind) for kind in ClockKind},
        travel_s=sum(r.travel_s for r in routes),
        travel_m=sum(r.travel_m for r in routes),
        paid_s=paid_s,
        overtime_s=sum(r.overtime_s for r in routes),
        nights=sum(r.route.ends_away for r in routes),
        utilisation_permille=1000 * paid_s // regular_s if regular_s else 0,
        total_fen=cost.total_fen,
        technicians=tuple(_technician_kpi(timetable, t.id) for t in snapshot.technicians),
    )


def _is_on_time(timetable: Timetable, visit_id: str, clock: Clock) -> bool:
    """Whether the plan stops the clock in time; an unassigned visit does not."""
    planned = visit_id in timetable.visits
    return planned and stopped_by_plan(timetable, visit_id, clock) <= clock.due_at


def _clock_kpi(
    snapshot: Snapshot,
    timetable: Timetable,
    clocks: RunningClocks,
    kind: ClockKind,
) -> ClockKpi:
    counting = [
        (visit_id, clock)
        for visit_id, running in clocks.items()
        for clock in running
        if clock.kind is kind and (visit_id in timetable.visits or clock.due_at < snapshot.end_at)
    ]
    on_time = sum(_is_on_time(timetable, visit_id, clock) for visit_id, clock in counting)
    return ClockKpi(len(counting), on_time)


def _technician_kpi(timetable: Timetable, technician_id: str) -> TechnicianKpi:
    routes = timetable.routes_of.get(technician_id, ())
    return TechnicianKpi(
        technician_id,
        visits=sum(s.visit_id is not None for r in routes for s in r.stops),
        paid_s=sum(r.paid_s for r in routes),
        travel_s=sum(r.travel_s for r in routes),
        overtime_s=sum(r.overtime_s for r in routes),
    )
