"""The tickets of a simulated day, each with what it will need: like those that the organisation
has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.domain.errors import DispatchError
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import (
    ClockKind,
    Gate,
    GateKind,
    Priority,
    Visit,
    Window,
    WorkOrder,
)
from dispatch.numbering import number
from dispatch.problems import build_problem
from dispatch.travel import Travel
from scenarios.simulation.draws import Draws
from scenarios.simulation.rates import HOURS, Bursts, Rates, spread
from scenarios.simulation.spells import Spell, demand_factor

_MINUTE_S, _HOUR_S = 60, 3600
_ALL_CLOCKS = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.RESTORE)
_WEEKDAYS = 7


class DemandError(DispatchError):
    """Tickets that nobody can make up."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a ticket may be like: a work order that the organisation has, with its first visit.

    ``hours`` are the local times of day in which the customer can be had; none: any time.
    """

    order: WorkOrder
    visit: Visit
    hours: tuple[tuple[time, time], ...]


Patterns = Mapping[tuple[str, str], Sequence[Pattern]]
"""By city and product; none where nobody could do what there is."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What came in. ``known_at`` is when the remote diagnosis was over: then it is solved, or
    somebody has to go there. ``order`` is as it is known from then on."""

    order: WorkOrder
    visit: Visit
    hours: tuple[tuple[time, time], ...]
    city: str
    known_at: datetime
    solved_remotely: bool

    def windows(self, days: Sequence[date], zone: ZoneInfo) -> tuple[Window, ...]:
        """When the customer can be had on some days."""
        return tuple(
            Window(_instant(day, first, zone), _instant(day, last, zone))
            for day in days
            for first, last in self.hours
        )


def patterns_of(snapshot: Snapshot, travel: Travel) -> tuple[Patterns, int]:
    """The patterns, and how many visits are none because nobody could ever do them: no technician
    qualifies, or the part is nowhere."""
    zone = ZoneInfo(snapshot.time_zone)
    numbering = number(snapshot, travel)
    problem = build_problem(numbering, travel)
    able = {
        numbering.members[i].id for i in np.flatnonzero(np.diff(problem.candidate_ptr)).tolist()
    }
    stocked = {lot.part_id for lot in snapshot.lots}
    stocked |= {p.part_id for t in snapshot.technicians for p in t.van_stock}
    found: dict[tuple[str, str], list[Pattern]] = {}
    seen: set[str] = set()
    left_out = 0
    for visit in snapshot.visits:
        order = snapshot.order_of(visit)
        if order.id in seen:
            continue
        seen.add(order.id)
        patterns = found.setdefault((snapshot.site[order.site_id].city, order.product), [])
        if visit.id not in able or not _has_parts(snapshot, visit, stocked):
            left_out += 1
            continue
        patterns.append(Pattern(order, visit, _hours(visit, zone)))
    return {key: tuple(found[key]) for key in sorted(found)}, left_out


def _has_parts(snapshot: Snapshot, visit: Visit, stocked: set[str]) -> bool:
    return all(
        stocked & {need.part_id, *snapshot.part[need.part_id].substitutes} for need in visit.parts
    )


def _hours(visit: Visit, zone: ZoneInfo) -> tuple[tuple[time, time], ...]:
    """Windows as times of day, whatever their days."""
    found = {
        (w.open_at.astimezone(zone).time(), w.close_at.astimezone(zone).time())
        for w in visit.windows
    }
    hours: list[tuple[time, time]] = []
    for first, last in sorted(found):
        if hours and first <= hours[-1][1]:
            hours[-1] = hours[-1][0], max(last, hours[-1][1])
        elif first < last:
            hours.append((first, last))
    return tuple(hours)


class Demand:
    """Tickets by day. Each one's facts follow from its id alone."""

    def __init__(
        self,
        rates: Rates,
        patterns: Patterns,
        spells: Sequence[Spell],
        draws: Draws,
        zone: ZoneInfo,
    ) -> None:
        """Raises DemandError for a flow without a pattern."""
        self._rates, self._patterns, self._spells = rates, patterns, spells
        self._draws, self._zone = draws, zone
        self._weekdays, self._hours = spread(rates.weekdays), spread(rates.hours)
        self._cells = {key: cell for cell, key in enumerate(patterns)}
        for city, product in {(f.city, f.product) for f in rates.flows} - patterns.keys():
            raise DemandError(
                f"The rates have tickets from {city!r} about {product!r}, but the organisation"
                " has no"
                " work order like that. Take the flow out, or add one.",
                f"发生率含 {city!r} 的 {product!r} 工单，但组织中没有同类派工单。"
                "请去掉该项，或补充一张派工单。",
            )
        flows = [f for f in rates.flows if patterns[f.city, f.product]]
        total = sum(flow.weight for flow in flows)
        self._per_day = {
            (f.city, f.product): rates.tickets_per_day * f.weight / total for f in flows
        }

    def on(self, day: date) -> list[Ticket]:
        """The tickets reported on a local day, in order of time."""
        found = [ticket for key in self._cells for ticket in self._of_cell(key, day)]
        return sorted(found, key=lambda t: (t.order.reported_at, t.order.id))

    def _of_cell(self, key: tuple[str, str], day: date) -> Iterator[Ticket]:
        city, product = key
        weekday = self._weekdays[day.weekday()] * demand_factor(self._spells, city, day)
        per_hour = self._per_day.get(key, 0.0) * weekday / HOURS
        burst = self._burst(city, day)
        for hour in range(HOURS):
            expected = per_hour * self._hours[hour]
            if hour in burst:
                expected *= self._rates.bursts.factor
            count = self._draws.count(expected, "tickets", city, product, day, hour)
            for n in range(count):
                yield self._ticket(
                    key, day, hour, f"{day:%y%m%d}-{hour:02}-{self._cells[key]:02}-{n + 1}"
                )

    def _burst(self, city: str, day: date) -> range:
        bursts: Bursts = self._rates.bursts
        if not self._draws.happens(bursts.per_week / _WEEKDAYS, "burst", city, day):
            return range(0)
        first = self._draws.choice(HOURS, "burst hour", city, day)
        return range(first, first + bursts.hours)

    def _ticket(self, key: tuple[str, str], day: date, hour: int, name: str) -> Ticket:
        draws, desk = self._draws, self._rates.desk
        order_id = f"W{name}"
        patterns = self._patterns[key]
        pattern = patterns[draws.choice(len(patterns), "pattern", order_id)]
        second = int(_HOUR_S * draws.share("second", order_id))
        reported_at = _instant(day, time(hour), self._zone) + timedelta(seconds=second)
        waits = [
            max(1, round(_MINUTE_S * minutes * draws.around_one(desk.sigma, stream, order_id)))
            for minutes, stream in (
                (desk.respond_min, "respond"),
                (desk.diagnose_min, "diagnose"),
            )
        ]
        responded_at = reported_at + timedelta(seconds=waits[0])
        known_at = responded_at + timedelta(seconds=waits[1])
        is_planned_work = pattern.order.priority is Priority.LOW
        remote = 0.0 if is_planned_work else self._rates.remote
        solved = draws.happens(remote, "remote", order_id)
        order = replace(
            pattern.order,
            id=order_id,
            reported_at=reported_at,
            gates=(Gate(GateKind.REMOTE_DIAGNOSIS, reported_at, known_at),),
            responded_at=responded_at,
            arrived_at=None,
            restored_at=known_at if solved else None,
        )
        visit = replace(
            pattern.visit,
            id=f"V{name}",
            work_order_id=order_id,
            windows=(),
            release_at=None,
            stops=_ALL_CLOCKS,
        )
        return Ticket(order, visit, pattern.hours, key[0], known_at, solved)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
