"""What a simulation counts, day by day."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.day import Day
from dispatch.domain.attainment import ClockState, clock_state
from dispatch.domain.clocks import clocks_of
from dispatch.domain.cost import regular_shift_s
from dispatch.domain.referee import Verdict
from dispatch.domain.route_times import seconds_between
from dispatch.domain.rules import Violation
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import ClockKind, Priority
from dispatch.judged import JudgedPlan
from scenarios.simulation.world import Case, World

_PARTS = ("parts", "part_pickup")
_DAY = timedelta(days=1)


@dataclass
class Tally:
    """How many there are, and a sum or how many of them are good."""

    count: int = 0
    sum: int = 0

    def add(self, value: int) -> None:
        self.count += 1
        self.sum += value


@dataclass
class WorkOfDay:
    """What a technician worked on a day. ``regular_s`` is the length of regular shifts."""

    regular_s: int = 0
    paid_s: int = 0
    travel_s: int = 0
    overtime_s: int = 0
    visits: int = 0


@dataclass(frozen=True, slots=True)
class BrokenByPlan:
    """A rule that the plan of an instant broke."""

    at: datetime
    violation: Violation


@dataclass
class DayFigures:
    """One day. ``clocks`` (counted, kept) are those due on it; ``waits_s`` are seconds from the
    report to each arrival, by priority; ``fixed`` (fixed on site, at the first visit) by the day of
    the last visit.

    ``left_out`` counts visits that some plan of the day left out, by the rule closest to letting
    them in; ``stock_outs`` those among them that lacked a part. ``cost_fen`` is what happened, by
    item of the policy; clocks belong to the day they were due, changes to the day people were
    told. ``broken`` are rules that did not hold as things went. ``plan_violations`` should be
    none.
    """

    day: date
    tickets: int = 0
    solved_remotely: int = 0
    visits: int = 0
    failed: int = 0
    open_visits: int = 0
    plans: int = 0
    ill: int = 0
    stock_outs: int = 0
    travel_m: int = 0
    clocks: dict[ClockKind, Tally] = field(default_factory=lambda: {k: Tally() for k in ClockKind})
    waits_s: dict[Priority, list[int]] = field(default_factory=lambda: {p: [] for p in Priority})
    fixed: Tally = field(default_factory=Tally)
    work: dict[str, WorkOfDay] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    cost_fen: Counter[str] = field(default_factory=Counter)
    plan_violations: list[BrokenByPlan] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """All days that were simulated, in their order; those before ``counts_from`` are warm-up.

    ``complete``: nobody stopped it. ``no_patterns`` are visits of the organisation that nobody
    could ever do, so no ticket is like them.
    """

    days: tuple[DayFigures, ...]
    counts_from: date
    complete: bool
    no_patterns: int

    @property
    def counted(self) -> tuple[DayFigures, ...]:
        return tuple(d for d in self.days if d.day >= self.counts_from)


class Measures:
    """Counts while the simulation runs, and the cases at its end."""

    def __init__(self, counts_from: date, zone: ZoneInfo, no_patterns: int) -> None:
        self._counts_from, self._zone, self._no_patterns = counts_from, zone, no_patterns
        self._days: dict[date, DayFigures] = {}
        self._over: list[date] = []
        self._out: dict[str, str] = {}
        self.plans = 0

    def planned(self, day: Day, plan: JudgedPlan) -> None:
        """A plan was adopted."""
        figures = self._figures(self._local(day.now))
        self.plans += 1
        figures.plans += 1
        figures.plan_violations += (BrokenByPlan(day.now, v) for v in plan.verdict.violations)
        figures.cost_fen["change"] += plan.verdict.cost.by_item().get("change", 0)
        self._out |= {u.visit_id: u.code for u in plan.plan.unassigned}

    def day_over(self, day: date, world: World) -> None:
        """A day is over; nobody is out any more."""
        figures = self._figures(day)
        self._over.append(day)
        verdict = world.history.verdict()
        figures.left_out.update(self._out.values())
        figures.stock_outs = sum(code in _PARTS for code in self._out.values())
        self._out = {}
        figures.open_visits = world.open_visits
        figures.ill = sum(last >= day for last in world.ill.values())
        figures.travel_m = verdict.kpis.travel_m
        figures.broken.update(v.code for v in verdict.violations)
        figures.cost_fen.update(
            {k: n for k, n in verdict.cost.by_item().items() if k not in ("change", "unassigned")}
        )
        self._add_work(figures, verdict, world.facts)

    def _add_work(self, figures: DayFigures, verdict: Verdict, facts: Snapshot) -> None:
        for technician in facts.technicians:
            today = tuple(s for s in technician.shifts if self._local(s.start_at) == figures.day)
            figures.work[technician.id] = WorkOfDay(
                regular_s=regular_shift_s(replace(technician, shifts=today))
            )
        for kpi in verdict.kpis.technicians:
            work = figures.work[kpi.technician_id]
            work.paid_s, work.travel_s = kpi.paid_s, kpi.travel_s
            work.overtime_s, work.visits = kpi.overtime_s, kpi.visits

    def result(self, world: World, *, complete: bool) -> Result:
        """What was counted on the days that are over, with what became of each ticket."""
        now = world.facts.start_at + _DAY * complete
        for case in world.cases.values():
            self._count(case, world.facts, now)
        days = tuple(self._days[day] for day in self._over)
        return Result(days, self._counts_from, complete, self._no_patterns)

    def _count(self, case: Case, facts: Snapshot, now: datetime) -> None:
        order = case.order
        reported = self._of(order.reported_at)
        reported.tickets += 1
        reported.solved_remotely += case.ticket.solved_remotely
        if order.arrived_at is not None:
            waited_s = seconds_between(order.reported_at, order.arrived_at)
            self._of(order.arrived_at).waits_s[order.priority].append(waited_s)
        for done in case.went:
            figures = self._of(done.start_at)
            figures.visits += 1
            figures.failed += done.failure is not None
        if case.closed_at is not None and not case.ticket.solved_remotely:
            self._of(case.closed_at).fixed.add(len(case.visits) == 1)
        for clock in clocks_of(facts, order):
            self._count_clock(case, clock, facts, now)

    def _count_clock(self, case: Case, clock: Clock, facts: Snapshot, now: datetime) -> None:
        until = now
        if case.ticket.solved_remotely:
            until = min(now, case.ticket.known_at)
        state = clock_state(clock.due_at, clock.stopped_at, until)
        if state not in (ClockState.KEPT, ClockState.BROKEN):
            return
        figures = self._of(clock.due_at)
        figures.clocks[clock.kind].add(state is ClockState.KEPT)
        late_s = seconds_between(clock.due_at, clock.stopped_at or until)
        if late_s > 0:
            fen = clock.breach_fen + clock.late_fen_per_h * late_s // 3600
            figures.cost_fen[f"clock_{clock.kind}"] += fen * facts.policy.clock_permille // 1000

    def _of(self, at: datetime) -> DayFigures:
        return self._figures(self._local(at))

    def _local(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _figures(self, day: date) -> DayFigures:
        return self._days.setdefault(day, DayFigures(day))
