"""The best plan of a tiny snapshot by trying everything, judged by the referee alone.

Knows nothing of the solver. Every set of visits, in every order, is tried in every shift: with each
break (or absence) not taken or taken on any leg; with each part and tool from the van, or from one
pick-up at any station before any visit and another one at the technician's base at the start; and,
where the technician may stay overnight, ending at home or away.

What one technician does over the horizon is a chain of routes. A chain is *free* if no visit in it
could have to wait for another technician (it is for one, and has no link with a lag). What a free
chain breaks alone it breaks in company, and its cost is its own. Of other chains only what does
not depend on time is known before the whole plan is judged. So plans are put together from chains
by lower bounds, and those that can still be the best are judged whole.

A break that nobody owes is no way to start later: a route that begins with one is only tried if it
would be illegal without it.

Not tried: a need split among several parts or sources (give visits needs of one unit), a tool of
which a visit needs two pieces, the parts and tools of a crew from several of its members (give such
visits one need).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from dispatch.domain.cost import CostLine, price
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Technician
from dispatch.domain.plan import Plan, Route, StopKind
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable, derive
from tests.solver.stop_lists import stop_lists

_PIN_FEN = 10**12
"""Counts for more than any cost: pins come first."""

_NOT_CURED_BY_WAITING = {
    "skill", "skill_level", "territory", "excluded", "standby", "travel_limit", "max_visits", "away"
}  # fmt: skip
_SAME_WHENEVER = {
    "travel_time", "travel_distance", "lodging", "part_move", "backup_territory",
    "over_qualification",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Best:
    """``fen`` is the referee's cost; ``pins_out`` counts first, before any cost."""

    pins_out: int
    fen: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Chain:
    """The routes of one technician, and the least that they cost in any company."""

    routes: tuple[Route, ...]
    visits: frozenset[str]
    fen: int


_Left = tuple[int, ...]
"""For each visit of the snapshot how many technicians it still lacks."""


def best_plan(snapshot: Snapshot, legs: Legs) -> Best:
    return _Oracle(snapshot, legs).best()


class _Oracle:
    def __init__(self, snapshot: Snapshot, legs: Legs) -> None:
        self.snapshot = snapshot
        self.legs = legs
        lagged = [k for k in snapshot.links if k.min_lag_s is not None or k.max_lag_s is not None]
        self.tied = {v.id for v in snapshot.visits if v.crew_size > 1}
        self.tied |= {v for k in lagged for v in (k.first_visit_id, k.then_visit_id)}
        self.whole: _Left = tuple(v.crew_size for v in snapshot.visits)
        self.best_fen = 0
        self.best_routes: tuple[Route, ...] = ()
        self.bounds: dict[tuple[int, _Left], int] = {}

    @cached_property
    def out_fen(self) -> tuple[int, ...]:
        """What it costs to leave each visit out."""
        by_visit = price(self.snapshot, derive(self.snapshot, Plan(()), self.legs)).by_visit()
        return tuple(
            by_visit.get(v.id, 0) + (_PIN_FEN if v.id in self.snapshot.pin else 0)
            for v in self.snapshot.visits
        )

    @cached_property
    def chains(self) -> list[dict[frozenset[str], list[_Chain]]]:
        """For each technician the chains by the visits in them, cheapest first."""
        found = []
        for technician in self.snapshot.technicians:
            by_visits: dict[frozenset[str], list[_Chain]] = {
                frozenset(): [_Chain((), frozenset(), 0)]
            }
            for chain in self._chains_of(technician):
                by_visits.setdefault(chain.visits, []).append(chain)
            found.append({v: self._worth_trying(chains) for v, chains in by_visits.items()})
        return found

    def best(self) -> Best:
        self.best_fen = sum(self.out_fen)
        self._combine(0, self.whole, 0, ())
        pins_out, fen = divmod(self.best_fen, _PIN_FEN)
        return Best(pins_out, fen, Plan(self.best_routes))

    # ------------------------------------------------------------------------- putting together

    def _combine(self, number: int, left: _Left, fen: int, routes: tuple[Route, ...]) -> None:
        """Try all that the technicians from ``number`` on can add to routes that cost ``fen``."""
        if number == len(self.chains):
            if self._bound(number, left) + fen < self.best_fen:
                self._judge_whole(left, routes)
            return
        choices = []
        for visits, chains in self.chains[number].items():
            rest = self._without(left, visits)
            if rest is not None:
                choices.append((self._bound(number + 1, rest), rest, chains))
        for rest_fen, rest, chains in sorted(choices, key=lambda c: c[0] + c[2][0].fen):
            for chain in chains:
                if fen + chain.fen + rest_fen >= self.best_fen:
                    break
                self._combine(number + 1, rest, fen + chain.fen, (*routes, *chain.routes))

    def _bound(self, number: int, left: _Left) -> int:
        """The least that the technicians from ``number`` on and the visits left out cost."""
        key = number, left
        if key not in self.bounds:
            if number == len(self.chains):
                self.bounds[key] = self._left_out_fen(left)
            else:
                rests = (
                    (self._without(left, visits), chains[0].fen)
                    for visits, chains in self.chains[number].items()
                )
                self.bounds[key] = min(
                    fen + self._bound(number + 1, rest) for rest, fen in rests if rest is not None
                )
        return self.bounds[key]

    def _without(self, left: _Left, visits: frozenset[str]) -> _Left | None:
        """What is still to do when a technician does some visits; None if that is too much."""
        rest = tuple(n - (v.id in visits) for n, v in zip(left, self.snapshot.visits, strict=True))
        return None if min(rest, default=0) < 0 else rest

    def _left_out_fen(self, left: _Left) -> int:
        if any(0 < n < size for n, size in zip(left, self.whole, strict=True)):
            return _PIN_FEN * len(left) * 2  # half a crew
        return sum(fen for fen, n in zip(self.out_fen, left, strict=True) if n)

    def _judge_whole(self, left: _Left, routes: tuple[Route, ...]) -> None:
        timetable = derive(self.snapshot, Plan(routes), self.legs)
        if self._broken(timetable):
            return
        fen = price(self.snapshot, timetable).total_fen
        fen += sum(
            _PIN_FEN
            for n, v in zip(left, self.snapshot.visits, strict=True)
            if n and v.id in self.snapshot.pin
        )
        if fen < self.best_fen and not self._has_idle_break(routes):
            self.best_fen, self.best_routes = fen, routes

    def _has_idle_break(self, routes: tuple[Route, ...]) -> bool:
        """Whether a legal plan has a route that begins with a break and needs none there."""
        for i, route in enumerate(routes):
            if route.stops[0].kind is StopKind.BREAK:
                without = replace(route, stops=route.stops[1:])
                plan = Plan((*routes[:i], without, *routes[i + 1 :]))
                if not self._broken(derive(self.snapshot, plan, self.legs)):
                    return True
        return False

    def _broken(self, timetable: Timetable) -> set[str]:
        """The rules that are broken, other than that a pinned visit stays out."""
        return {
            v.code
            for v in violations(self.snapshot, timetable)
            if not (v.code == "pinned" and v.visit_id not in timetable.visits)
        }

    # ----------------------------------------------------------------------------------- chains

    def _worth_trying(self, chains: list[_Chain]) -> list[_Chain]:
        """Of free chains that take nothing from depots the cheapest is enough, unless the price
        of the worst lateness hangs on when they work."""
        chains.sort(key=lambda c: c.fen)
        if self.snapshot.policy.worst_late_fen_per_h or chains[0].visits & self.tied:
            return chains
        taking = [c for c in chains if any(s.station_id for r in c.routes for s in r.stops)]
        frugal = [c for c in chains if not any(s.station_id for r in c.routes for s in r.stops)]
        return sorted([*taking, *frugal[:1]], key=lambda c: c.fen)

    def _chains_of(self, technician: Technician) -> Iterator[_Chain]:
        for routes in self._route_lists(technician, 0, frozenset(), ()):
            if routes:
                yield from self._judge_chain(routes)

    def _route_lists(
        self, technician: Technician, number: int, used: frozenset[str], routes: tuple[Route, ...]
    ) -> Iterator[tuple[Route, ...]]:
        """At most one route of each shift from ``number`` on, no visit twice."""
        slept_away = bool(routes) and routes[-1].ends_away
        if number == len(technician.shifts):
            if not slept_away:
                yield routes
            return
        if not slept_away:
            yield from self._route_lists(technician, number + 1, used, routes)
        for ids, route in self._routes_of(technician, number, slept_away):
            if not ids & used:
                yield from self._route_lists(technician, number + 1, used | ids, (*routes, route))

    def _routes_of(
        self, technician: Technician, number: int, slept_away: bool
    ) -> Iterator[tuple[frozenset[str], Route]]:
        """The routes of a shift; those from home only if nothing forbids them anywhere."""
        key = technician.id, number, slept_away
        if key not in self._known_routes:
            self._known_routes[key] = [
                (ids, route)
                for ids, route in self._all_routes(technician, number)
                if slept_away or self._may_be_legal(route)
            ]
        return iter(self._known_routes[key])

    @cached_property
    def _known_routes(self) -> dict[tuple[str, int, bool], list[tuple[frozenset[str], Route]]]:
        return {}

    def _all_routes(
        self, technician: Technician, number: int
    ) -> Iterator[tuple[frozenset[str], Route]]:
        shift = technician.shifts[number]
        may_stay = technician.may_stay_overnight and number + 1 < len(technician.shifts)
        for count in range(1, len(self.snapshot.visits) + 1):
            for visits in combinations(self.snapshot.visits, count):
                ids = frozenset(v.id for v in visits)
                for stops in stop_lists(self.snapshot, technician, shift, visits):
                    yield ids, Route(technician.id, shift.id, stops)
                    if may_stay:
                        yield ids, Route(technician.id, shift.id, stops, ends_away=True)

    def _may_be_legal(self, route: Route) -> bool:
        """Whether a route from home could be part of a legal plan, as far as it alone tells."""
        broken = self._broken(derive(self.snapshot, Plan((route,)), self.legs))
        if route.ends_away:
            broken.discard("away")  # it is alone: there is no next route yet
        if self._is_tied(route):
            return not broken & _NOT_CURED_BY_WAITING
        return not broken and not self._begins_with_idle_break(route)

    def _begins_with_idle_break(self, route: Route) -> bool:
        if route.stops[0].kind is not StopKind.BREAK:
            return False
        without = replace(route, stops=route.stops[1:])
        broken = self._broken(derive(self.snapshot, Plan((without,)), self.legs))
        return not broken - ({"away"} if route.ends_away else set())

    def _is_tied(self, *routes: Route) -> bool:
        return any(s.visit_id in self.tied for r in routes for s in r.stops)

    def _judge_chain(self, routes: tuple[Route, ...]) -> Iterator[_Chain]:
        timetable = derive(self.snapshot, Plan(routes), self.legs)
        broken = self._broken(timetable)
        tied = self._is_tied(*routes)
        if broken & _NOT_CURED_BY_WAITING if tied else broken:
            return
        lines = price(self.snapshot, timetable).lines
        ids = frozenset(timetable.visits)
        if tied:
            fen = sum(line.fen for line in lines if line.item in _SAME_WHENEVER)
            fen += self._least_pay_fen(timetable)
        else:
            fen = sum(line.fen for line in lines if _is_own(line, ids))
        yield _Chain(routes, ids, fen)

    def _least_pay_fen(self, timetable: Timetable) -> int:
        """The pay for travel, pick-ups and repairs, however long the technician waits."""
        busy_s = 0
        for timed in timetable.routes:
            work = (s for s in timed.stops if s.stop.kind in (StopKind.VISIT, StopKind.PICKUP))
            busy_s += timed.travel_s + sum(
                round((s.end_at - s.start_at).total_seconds()) for s in work
            )
        # Each route is rounded down by itself.
        least = busy_s * self.snapshot.policy.paid_fen_per_h // 3600 - len(timetable.routes)
        return max(0, least)


def _is_own(line: CostLine, visits: frozenset[str]) -> bool:
    """Whether a chain's own doings cost this, and cost it in any company."""
    if line.item == "worst_late":
        return False
    return line.visit_id is None or line.visit_id in visits


def with_single_units(snapshot: Snapshot) -> Snapshot:
    """The same, but every need is one unit: the oracle splits none."""
    visits = tuple(
        replace(v, parts=tuple(PartQuantity(need.part_id, 1) for need in v.parts))
        for v in snapshot.visits
    )
    return replace(snapshot, visits=visits)
