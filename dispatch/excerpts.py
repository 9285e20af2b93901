"""The part of a plan that a change for a few technicians can touch, with the stock left to it.

An excerpt holds all routes of its technicians, and of everybody whom crews, links and pins tie to
these. So its times do not depend on the rest of the plan, nor the rest on them. What all routes
share is stock: an excerpt has what the rest of the plan leaves at each station of the parts that
its visits may use.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from dispatch.domain.parts import Lot
from dispatch.domain.places import Station, ToolStock
from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.route_times import TimedRoute, TimedStop
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.travel import Travel

_Takes = dict[tuple[str, str], list[tuple[datetime, int]]]
"""By station and part, when how many units are picked up."""


@dataclass(frozen=True)
class Excerpt:
    """``snapshot`` knows the technicians, their visits, those asked for, and the stock that the
    rest of the plan leaves; ``plan`` has the technicians' routes, ``others`` the rest. ``travel``
    is that of the snapshot."""

    snapshot: Snapshot
    travel: Travel
    plan: Plan
    others: tuple[TimedRoute, ...]


class Excerpts:
    """Cuts excerpts out of one plan."""

    def __init__(self, snapshot: Snapshot, travel: Travel, plan: Plan, times: Timetable) -> None:
        self._snapshot = snapshot
        self._travel = travel
        self._times = times
        self._routes: dict[str, list[Route]] = {}
        self._visits: dict[str, set[str]] = {}
        self._servers: dict[str, set[str]] = {}
        for route in plan.routes:
            self._routes.setdefault(route.technician_id, []).append(route)
            for stop in route.stops:
                if stop.visit_id is not None:
                    self._visits.setdefault(route.technician_id, set()).add(stop.visit_id)
                    self._servers.setdefault(stop.visit_id, set()).add(route.technician_id)
        self._pickups = [
            (timed.route.technician_id, stop)
            for timed in times.routes
            for stop in timed.stops
            if stop.stop.kind is StopKind.PICKUP
        ]
        self._ties = ties_of(snapshot)
        self._place = {place_id: i for i, place_id in enumerate(travel.place_ids)}

    def of(self, visit_id: str, technician_ids: Iterable[str]) -> Excerpt:
        """What a visit given to one of the technicians can touch."""
        return self.of_all((visit_id,), technician_ids)

    def of_all(self, given: Iterable[str], technician_ids: Iterable[str]) -> Excerpt:
        """What some visits given to some of the technicians can touch."""
        people, visit_ids = self._tied(given, technician_ids)
        whole = self._snapshot
        visits = tuple(v for v in whole.visits if v.id in visit_ids)
        orders = {v.work_order_id for v in visits}
        sites = {whole.site_of(v).id for v in visits}
        # Whom a customer would like is looked up, whether he could come or not.
        wished = {v.wished_technician_id for v in visits}
        wanted = {need.part_id for visit in visits for need in visit.parts}
        wanted |= {part for need in wanted for part in whole.part[need].substitutes}
        others = tuple(r for r in self._times.routes if r.route.technician_id not in people)
        takes, loans = _picked_up(s for person, s in self._pickups if person not in people)
        _, kept = _picked_up(s for person, s in self._pickups if person in people)
        snapshot = replace(
            whole,
            stations=tuple(_lending(s, loans, kept) for s in whole.stations),
            sites=tuple(s for s in whole.sites if s.id in sites),
            lots=tuple(_left((lot for lot in whole.lots if lot.part_id in wanted), takes)),
            technicians=tuple(
                t if t.id in people else replace(t, shifts=())
                for t in whole.technicians
                if t.id in people or t.id in wished
            ),
            work_orders=tuple(o for o in whole.work_orders if o.id in orders),
            visits=visits,
            links=tuple(x for x in whole.links if x.first_visit_id in visit_ids),
            pins=tuple(p for p in whole.pins if p.visit_id in visit_ids),
            published=tuple(c for c in whole.published if c.visit_id in visit_ids),
        )
        plan = Plan(tuple(r for person in sorted(people) for r in self._routes.get(person, ())))
        return Excerpt(snapshot, self._travel_of(snapshot), plan, others)

    def _tied(
        self, visit_ids: Iterable[str], technician_ids: Iterable[str]
    ) -> tuple[set[str], set[str]]:
        """All technicians and visits that a chain of routes, crews, links and pins connects."""
        people, visits = set(technician_ids), set(visit_ids)
        while True:
            before = len(people), len(visits)
            visits |= {v for person in people for v in self._visits.get(person, ())}
            visits |= {v for tied in visits for v in self._ties.get(tied, ())}
            people |= {person for v in visits for person in self._servers.get(v, ())}
            if (len(people), len(visits)) == before:
                return people, visits

    def _travel_of(self, snapshot: Snapshot) -> Travel:
        ids = (*(s.id for s in snapshot.stations), *(s.id for s in snapshot.sites))
        rows = np.array([self._place[place_id] for place_id in ids], np.intp)
        cells = np.ix_(rows, rows)
        return Travel(ids, self._travel.seconds[cells], self._travel.metres[cells])


def ties_of(snapshot: Snapshot) -> dict[str, set[str]]:
    """The visits that each visit is linked to, pinned right behind, or right before."""
    ties: dict[str, set[str]] = {}
    pairs = [(link.first_visit_id, link.then_visit_id) for link in snapshot.links]
    pairs += [(p.after_visit_id, p.visit_id) for p in snapshot.pins if p.after_visit_id is not None]
    for first, then in pairs:
        ties.setdefault(first, set()).add(then)
        ties.setdefault(then, set()).add(first)
    return ties


def _picked_up(pickups: Iterable[TimedStop]) -> tuple[_Takes, Counter[tuple[str, str]]]:
    """The parts that are taken and the tools that are borrowed, by station."""
    takes: _Takes = {}
    loans: Counter[tuple[str, str]] = Counter()
    for stop in pickups:
        for part in stop.stop.parts:
            taken = takes.setdefault((stop.place_id, part.part_id), [])
            taken.append((stop.start_at, part.quantity))
        loans.update((stop.place_id, tool) for tool in stop.stop.tools)
    return takes, loans


def _left(lots: Iterable[Lot], takes: _Takes) -> Iterator[Lot]:
    """The lots less the takes. Each take uses up the latest arrival that it can, so that what came
    before stays for whoever needs it early."""
    arrived: dict[tuple[str, str], list[Lot]] = {}
    for lot in lots:
        key = lot.station_id, lot.part_id
        if key in takes:
            arrived.setdefault(key, []).append(lot)
        else:
            yield lot
    for key, of_part in arrived.items():
        left = {lot.id: lot.quantity for lot in of_part}
        latest_first = sorted(of_part, key=lambda lot: lot.available_at, reverse=True)
        for at, quantity in sorted(takes[key]):
            for lot in latest_first:
                if lot.available_at <= at:
                    used = min(left[lot.id], quantity)
                    left[lot.id] -= used
                    quantity -= used
        yield from (replace(lot, quantity=left[lot.id]) for lot in of_part if left[lot.id])


def _lending(
    station: Station, loans: Counter[tuple[str, str]], kept: Counter[tuple[str, str]]
) -> Station:
    """The station with the tools that other routes never have on loan, and with those that the
    excerpt's own routes borrow: at that time others do not have them."""
    if not any((station.id, stock.tool) in loans for stock in station.tools):
        return station
    tools = []
    for stock in station.tools:
        key = station.id, stock.tool
        left = max(stock.quantity - loans[key], kept[key])
        tools.append(ToolStock(stock.tool, min(stock.quantity, left)))
    return replace(station, tools=tuple(tools))
