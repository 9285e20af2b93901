"""Runs a simulation: instant by instant, in the order of time."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import count

from dispatch.domain.organisation import Organisation
from dispatch.domain.people import ShiftKind
from dispatch.domain.work import Priority
from dispatch.horizon import snapshot_of
from dispatch.travel import travel_of
from scenarios.simulation.documents import begin_line, end_line
from scenarios.simulation.draws import Draws
from scenarios.simulation.measures import Measures, Result
from scenarios.simulation.planner import Effort, assigned, searched
from scenarios.simulation.rates import Rates, check
from scenarios.simulation.recorder import Recorder, Sink
from scenarios.simulation.rota import Rota
from scenarios.simulation.routine import Routine
from scenarios.simulation.spells import Spell, check_spells
from scenarios.simulation.tickets import Demand, Ticket, patterns_of
from scenarios.simulation.truths import Illness, Truths
from scenarios.simulation.world import World

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Setting:
    """What is simulated: ``days`` days from ``first`` on, of which the first ``warm_up`` do not
    count.

    ``policy`` names the prices (None: the organisation's own). A plan looks ``working_days`` days
    with work ahead, today among them.
    """

    organisation: Organisation
    rates: Rates
    routine: Routine
    first: date
    days: int
    seed: int = 1
    warm_up: int = 0
    working_days: int = 2
    policy: str | None = None
    spells: tuple[Spell, ...] = ()
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Step:
    """Where a simulation stands: which day, how many of all are over, and how things are."""

    day: date
    days_done: int
    days: int
    tickets: int
    open_visits: int
    plans: int


class _Kind(IntEnum):
    """What comes first of what happens at the same instant."""

    NEW_DAY = 0
    TICKET = 1
    ILLNESS = 2
    REPLAN = 3


@dataclass(frozen=True, order=True, slots=True)
class _Instant:
    at: datetime
    kind: _Kind
    number: int
    ticket: Ticket | None = field(default=None, compare=False)
    illness: Illness | None = field(default=None, compare=False)


def simulate(
    setting: Setting,
    sink: Sink,
    report: Callable[[Step], None],
    stop: Callable[[], bool],
) -> Result:
    """Lives through the days; ``sink`` takes the lines of the event log.

    ``stop`` is asked at each instant: what has been simulated by then is the result.

    Raises:
        RatesError, DemandError, SpellError, HorizonError: nothing can be simulated with that.
    """
    return _Simulation(setting, sink).run(report, stop)


class _Simulation:
    def __init__(self, setting: Setting, sink: Sink) -> None:
        organisation = setting.organisation
        check(setting.rates, organisation.id)
        cities = {station.city for station in organisation.stations}
        check_spells(setting.spells, cities | {site.city for site in organisation.sites})
        self._setting, self._sink = setting, sink
        rota = Rota(organisation, setting.working_days, setting.spells, setting.policy)
        snapshot = snapshot_of(organisation, policy=setting.policy)
        travel = travel_of(snapshot)
        draws = Draws(setting.seed)
        patterns, left_out = patterns_of(snapshot, travel)
        self._truths = Truths(draws, setting.rates)
        self._demand = Demand(setting.rates, patterns, setting.spells, draws, rota.zone)
        self._recorder = Recorder(sink)
        self._world = World(rota, self._truths, self._recorder)
        self._rota = rota
        self._instants: list[_Instant] = []
        self._numbers = count()
        self._measures = Measures(setting.first + setting.warm_up * _DAY, rota.zone, left_out)

    def run(self, report: Callable[[Step], None], stop: Callable[[], bool]) -> Result:
        setting, world = self._setting, self._world
        self._sink(begin_line(setting.organisation.name, setting.seed, setting.first, setting.days))
        last = setting.first + setting.days * _DAY
        self._push(self._midnight(setting.first), _Kind.NEW_DAY)
        day = setting.first - _DAY
        while self._instants and not stop():
            now = self._instants[0].at
            due = list(self._due(now))
            if due[0].kind is _Kind.NEW_DAY:
                if day >= setting.first:
                    world.go_on(now)
                    self._measures.day_over(day, world)
                day += _DAY
                if day == last:
                    break
                world.begin_day(day)
                self._fill(day)
                report(self._step(day))
            self._meet(now, due)
        self._recorder.flush()
        result = self._measures.result(world, complete=day == last)
        self._sink(end_line(day))
        return result

    def _step(self, day: date) -> Step:
        setting = self._setting
        return Step(
            day,
            (day - setting.first).days,
            setting.days,
            len(self._world.cases),
            len(self._world.day.snapshot.visits),
            self._measures.plans,
        )

    def _due(self, now: datetime) -> Iterator[_Instant]:
        while self._instants and self._instants[0].at == now:
            yield heapq.heappop(self._instants)

    def _meet(self, now: datetime, due: Iterable[_Instant]) -> None:
        """Tickets and illnesses of an instant, and what the dispatcher then does."""
        routine, world = self._setting.routine, self._world
        searches = assigns = False
        ill: list[Illness] = []
        for one in due:
            searches |= one.kind is _Kind.REPLAN
            if one.ticket is not None:
                world.come_in(one.ticket)
                is_work = not one.ticket.solved_remotely
                assigns |= routine.at_once and is_work
                is_urgent = one.ticket.order.priority is Priority.EMERGENCY
                searches |= routine.on_events and is_work and is_urgent
            if one.illness is not None:
                ill.append(one.illness)
                assigns |= routine.at_once
                searches |= routine.on_events
        if not (searches or assigns or ill):
            return
        world.go_on(now)
        for illness in ill:
            world.fall_ill(illness)
        if searches or assigns:
            self._plan(searches=searches)

    def _plan(self, *, searches: bool) -> None:
        world, effort = self._world, self._setting.effort
        known = world.known()
        plan = searched(known, effort) if searches else assigned(known, effort)
        self._measures.planned(known, plan)
        world.adopt(plan, "search" if searches else "assigned")

    def _fill(self, day: date) -> None:
        """All that is going to happen on a day by itself, and when plans are made."""
        for ticket in self._demand.on(day):
            self._push(ticket.known_at, _Kind.TICKET, ticket=ticket)
        spans: list[tuple[datetime, datetime]] = []
        for technician in self._world.day.snapshot.technicians:
            for shift in technician.shifts:
                if self._rota.day_of(shift) != day:
                    continue
                until = shift.end_at + timedelta(seconds=shift.max_overtime_s)
                spans.append((shift.start_at, until))
                if shift.kind is ShiftKind.REGULAR:
                    illness = self._truths.illness(technician.id, shift, day)
                    if illness is not None:
                        self._push(illness.known_at, _Kind.ILLNESS, illness=illness)
        self._push(self._midnight(day + _DAY), _Kind.NEW_DAY)
        for at in self._replans(day, spans):
            self._push(at, _Kind.REPLAN)

    def _replans(self, day: date, spans: Sequence[tuple[datetime, datetime]]) -> Iterator[datetime]:
        """The instants of a day at which the plan is searched anew: not while nobody works until
        the next."""
        every_s = self._setting.routine.every_s
        at = self._midnight(day)
        step = timedelta(seconds=every_s)
        while every_s and at < self._midnight(day + _DAY):
            if any(start_at < at + step and at < end_at for start_at, end_at in spans):
                yield at
            at += step

    def _push(
        self,
        at: datetime,
        kind: _Kind,
        ticket: Ticket | None = None,
        illness: Illness | None = None,
    ) -> None:
        heapq.heappush(self._instants, _Instant(at, kind, next(self._numbers), ticket, illness))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self._rota.zone).astimezone(UTC)
