"""A plan that is kept ready to be asked about single visits, and changed by the answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from dispatch.arrivals import Arrival
from dispatch.domain.cost import RunningClocks, price_by, running_clocks
from dispatch.domain.places import Customer, Site
from dispatch.domain.plan import Plan, Route
from dispatch.domain.sla import Clock
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Link, Pin, Visit, Window, WorkOrder
from dispatch.excerpts import ties_of
from dispatch.loading import from_plan
from dispatch.numbering import Numbering, number
from dispatch.obstacles import Servers, TechnicianObstacle, obstacles_of, servers_of, summed
from dispatch.planning import to_route
from dispatch.problems import arriving, build_problem
from dispatch.travel import RoomyTravel, Travel, travel_of
from solver.insertion import SPARE, Insertion, Kept
from solver.solve import Obstruction


@dataclass(frozen=True, slots=True)
class Priced:
    """Routes with their times, and what they and their visits cost by item of the policy."""

    routes: tuple[Route, ...]
    times: Timetable
    by_item: Mapping[str, int]


class KeptPlan:
    """A plan, and the same in the solver's arrays, which are made once and then updated.

    Routes that break a rule, or hold what the solver could not have put there, stay as they are.
    Not to be used by two threads at once.
    """

    snapshot: Snapshot
    plan: Plan
    numbering: Numbering
    kept: Kept
    servers: Servers
    tied_visits: Mapping[str, Set[str]]
    _roomy: RoomyTravel | None
    _times: Timetable
    _clocks: dict[str, tuple[Clock, ...]]
    _priced: dict[frozenset[str], Priced]

    def __init__(self, snapshot: Snapshot, travel: Travel, plan: Plan, spare: int = SPARE) -> None:
        """``travel`` is that of the snapshot; ``spare`` is the room for new visits and new sites.

        Takes seconds if there are thousands of visits.
        """
        self.travel = travel
        self._spare = spare
        self._closed: set[str] = set()
        self._pack(snapshot, plan)

    def take_in(
        self,
        orders: Sequence[WorkOrder],
        visits: Sequence[Visit],
        *,
        site: Site | None = None,
        customer: Customer | None = None,
        links: Sequence[Link] = (),
        pins: Sequence[Pin] = (),
        reasons: bool = True,
    ) -> None:
        """Add new work orders with their visits, which stay out; and what comes with them: a site
        and its customer if they are new, links of the visits, and pins of them. Without
        ``reasons`` it is not worked out why they stay out, for whoever plans them at once.

        A planned visit that by such a link has to come after one of the new ones breaks that rule
        until that is planned. Takes as long as a new ``KeptPlan`` if a visit
        asks for a tool that no visit asked for so far, or after very many new visits or sites.

        Raises:
            KeptPlanError: something is there already, or names what the snapshot does not know.
            TravelError: the travel table lacks the site.
        """
        arrival = Arrival(tuple(orders), tuple(visits), site, customer, tuple(links), tuple(pins))
        arrival.check(self.snapshot)
        grown, alone = arrival.added_to(self.snapshot), arrival.alone(self.snapshot)
        travel = self._travel_with(site)
        has_tools = {tool for v in visits for tool in v.tools} <= set(self.numbering.tools)
        if travel is not None and has_tools:
            whole = self.numbering.of(grown, travel)
            newcomers = self.numbering.of(alone, travel)
            if self.kept.add(arriving(newcomers, whole, travel, self.kept.problem)):
                self.snapshot, self.numbering, self.travel = grown, whole, travel
                self.tied_visits = ties_of(grown) if links or pins else self.tied_visits
                self._leave_out((v.id for v in visits), reasons=reasons)
                return
        self.travel = travel or travel_of(grown)
        self._pack(grown, self.plan)
        self._leave_out((v.id for v in visits), reasons=reasons)

    def _travel_with(self, site: Site | None) -> Travel | None:
        """Travel with a new site, if there is one; None if there is no room for it."""
        if site is None:
            return self.travel
        if self._roomy is None:
            self._roomy = RoomyTravel(self.snapshot, self.travel, self._spare)
        return self._roomy.with_site(site, self.snapshot.travel)

    def apply(self, change: Insertion) -> Plan:
        """Change the plan as an answer of the solver says, and return it."""
        out = self.kept.apply(change)
        changed = self.routes_of(self.kept.touched())
        routes = self.with_routes(changed)
        self.servers = self._servers_with(changed)
        left_out = (u for u in self.plan.unassigned if u.visit_id not in self.servers)
        self.plan = replace(self.plan, routes=routes, unassigned=tuple(left_out))
        self._leave_out(dict.fromkeys(self.numbering.members[v].id for v in out))
        return self.plan

    def go_back(self, plan: Plan) -> None:
        """Make the plan again what it was before some changes."""
        self.kept.reload(from_plan(self.numbering, self.kept.problem, plan))
        self.plan, self.servers = plan, servers_of(plan.routes)

    def close(self, technician_ids: Set[str]) -> None:
        """Let the routes of some technicians be as they are: nothing goes in or out."""
        self._closed |= technician_ids
        self.kept.closed |= self._foreign()

    def within(self, windows: Mapping[str, Sequence[Window]]) -> AbstractContextManager[None]:
        """In the body some visits have to start in windows, whatever windows they have. Raises
        ProblemError if there is no room for that many."""
        numbering = self.numbering
        seconds = {
            numbering.visit_number[visit_id]: [
                (numbering.seconds(window.open_at), numbering.seconds(window.close_at))
                for window in own
            ]
            for visit_id, own in windows.items()
        }
        return self.kept.within(seconds)

    def tied_to(self, visit_id: str) -> Set[str]:
        """The visits that crews, links and pins tie to one."""
        return self.tied_visits.get(visit_id, frozenset())

    def take_out(self, visit_id: str) -> Plan:
        """Take a visit out, and what cannot be planned without it. Returns the plan."""
        return self.apply(Insertion(0, (), tuple(self.numbering.crew_of(visit_id))))

    def routes_of(self, shifts: Iterable[int]) -> dict[str, Route | None]:
        """The routes of some shifts (numbers) as the solver has them now, by the shifts' ids."""
        routes: dict[str, Route | None] = {}
        for shift in shifts:
            solved = self.kept.route(shift)
            routes[self.numbering.shifts[shift][1]] = (
                to_route(self.numbering, solved) if solved is not None else None
            )
        return routes

    def with_routes(self, changed: Mapping[str, Route | None]) -> tuple[Route, ...]:
        """The plan's routes with some others in their place, sorted as plans are."""
        found = [changed.get(route.shift_id, route) for route in self.plan.routes]
        routes = [route for route in found if route is not None]
        known = {route.shift_id for route in routes}
        new = [r for i, r in changed.items() if r is not None and i not in known]
        if new:
            routes = sorted(routes + new, key=lambda r: (r.technician_id, r.shift_id))
        return tuple(routes)

    @property
    def n_shifts(self) -> int:
        return self.kept.problem.n_shifts

    def _servers_with(self, changed: Mapping[str, Route | None]) -> Servers:
        """Who serves what, with some other routes in the plan."""
        gone = [route for route in self.plan.routes if route.shift_id in changed]
        come = [route for route in changed.values() if route is not None]
        others = dict(self.servers)
        left = servers_of(gone)
        for visit_id, crew in left.items():
            others[visit_id] -= crew
        for visit_id, crew in servers_of(come).items():
            others[visit_id] = others.get(visit_id, frozenset()) | crew
        for visit_id in left:
            if not others[visit_id]:
                del others[visit_id]
        return others

    def near(
        self, visit_id: str, technician_ids: Iterable[str]
    ) -> tuple[tuple[Route, ...], Snapshot]:
        """What a change for a visit and some technicians can touch: their routes, those of all whom
        crews, links and pins tie to them, and the part of the snapshot that has no other visits."""
        people, visits = set(technician_ids), {visit_id}
        routes = self._tied(self.plan, people, visits)
        return routes, self._part_of(visits, people)

    def clocks(self, visit_ids: Iterable[str]) -> RunningClocks:
        """The running clocks of some visits, and of others; worked out when first asked for."""
        unknown = {visit_id for visit_id in visit_ids if visit_id not in self._clocks}
        if unknown:
            self._clocks |= running_clocks(self._part_of(unknown, ()))
        return self._clocks

    def priced(self, technician_ids: Iterable[str]) -> Priced:
        """The routes of some technicians, and of all whom crews, links and pins tie to them, as
        they are; worked out anew when these have changed."""
        asked, people = frozenset(technician_ids), set(technician_ids)
        visits: set[str] = set()
        routes = self._tied(self.plan, people, visits)
        known = self._priced.get(asked)
        if known is None or list(map(id, known.routes)) != list(map(id, routes)):
            part = self._part_of(visits, people)
            times = derive(part, Plan(routes), self.travel)
            by_item = price_by(part, times, self.clocks(visits)).by_item()
            known = self._priced[asked] = Priced(routes, times, by_item)
        return known

    def times(self) -> Timetable:
        """The times of the plan. Only those are worked out that may not be what they were when it
        was asked last."""
        self._times = self.times_of(self.plan)
        return self._times

    def times_of(self, plan: Plan) -> Timetable:
        """The times of a plan that differs from this one in some routes; nobody serves a visit in
        it whom this one does not know to serve it."""
        known = {r.route.shift_id: r for r in self._times.routes}
        routes = {r.shift_id: r for r in plan.routes}
        old = [t.route for i, t in known.items() if routes.get(i) is not t.route]
        new = [r for i, r in routes.items() if i not in known or known[i].route is not r]
        people = {r.technician_id for r in (*old, *new)}
        visits = {s.visit_id for r in (*old, *new) for s in r.stops if s.visit_id is not None}
        part = derive(self.snapshot, Plan(self._tied(plan, people, visits)), self.travel)
        known |= {r.route.shift_id: r for r in part.routes}
        circles = (self._times.circles - visits) | part.circles
        return Timetable(tuple(known[i] for i in routes if i in known), circles)

    def _tied(self, plan: Plan, people: set[str], visits: set[str]) -> tuple[Route, ...]:
        """All routes of some technicians, and of all whom crews, links and pins tie to them or to
        some visits. These people and their visits are added to the sets."""
        while True:
            before = len(people), len(visits)
            routes = tuple(r for r in plan.routes if r.technician_id in people)
            visits |= {s.visit_id for r in routes for s in r.stops if s.visit_id is not None}
            visits |= {v for tied in visits for v in self.tied_visits.get(tied, ())}
            people |= {person for v in visits for person in self.servers.get(v, ())}
            if (len(people), len(visits)) == before:
                return routes

    def _part_of(self, visit_ids: Set[str], technician_ids: Iterable[str]) -> Snapshot:
        """The snapshot with only some visits, their sites and some technicians. Everything is
        looked up: there may be thousands."""
        whole, number = self.snapshot, self.numbering
        visits = [whole.visit[v] for v in sorted(visit_ids, key=number.visit_number.__getitem__)]
        people = sorted(technician_ids, key=number.technician_number.__getitem__)
        orders = dict.fromkeys(map(whole.order_of, visits))
        return replace(
            whole,
            technicians=tuple(whole.technician[t] for t in people),
            sites=tuple(dict.fromkeys(whole.site[order.site_id] for order in orders)),
            work_orders=tuple(orders),
            visits=tuple(visits),
            links=tuple(
                link
                for link in whole.links
                if link.first_visit_id in visit_ids and link.then_visit_id in visit_ids
            ),
            pins=tuple(whole.pin[v.id] for v in visits if v.id in whole.pin),
            published=tuple(whole.commitment[v.id] for v in visits if v.id in whole.commitment),
        )

    def is_movable(self, visit_id: str) -> bool:
        """Whether a visit is on routes that may change."""
        shifts = {self.kept.shift_of(member) for member in self.numbering.crew_of(visit_id)}
        return not shifts & (self.kept.closed | {-1})

    def obstacles(
        self, visit_id: str, obstructions: Sequence[Obstruction], *, has_place: bool
    ) -> Callable[[], tuple[TechnicianObstacle, ...]]:
        """What says for each technician what the place adds that a visit would have, or what
        forbids it, in the plan as it is now.

        Where the visit has no place, though somebody could take it by himself, the others that
        come with it stand in the way.
        """
        known = self.numbering, obstructions, visit_id, self.servers, has_place
        return partial(obstacles_of, *known)

    def _pack(self, snapshot: Snapshot, plan: Plan) -> None:
        self.snapshot, self.plan = snapshot, plan
        self._times = Timetable(())
        self._clocks, self._priced = {}, {}
        self.tied_visits = ties_of(snapshot)
        self._roomy = None
        self.numbering = number(snapshot, self.travel)
        problem = build_problem(self.numbering, self.travel)
        self.kept = Kept(problem, from_plan(self.numbering, problem, plan), self._spare)
        self.kept.closed |= self._foreign()
        self.servers = servers_of(plan.routes)

    def _foreign(self) -> frozenset[int]:
        """The shifts of technicians who are closed, and those whose routes have visits that the
        solver could not load."""
        members = self.numbering.members
        shifts = ((self.numbering.shift_number[r.shift_id], r) for r in self.plan.routes)
        closed = frozenset(
            i for i, (person, _) in enumerate(self.numbering.shifts) if person.id in self._closed
        )
        return closed | frozenset(
            shift
            for shift, route in shifts
            if [s.visit_id for s in route.stops if s.visit_id is not None]
            != [members[v].id for v in self.kept.visits_of(shift)]
        )

    def _leave_out(self, visit_ids: Iterable[str], *, reasons: bool = True) -> None:
        """Add visits to those that stay out, each with its reasons."""
        new = []
        for visit_id in visit_ids:
            if not reasons:
                new.append(summed(visit_id, ()))
                continue
            ways, obstructions = self.kept.insertions(self.numbering.visit_number[visit_id], 1)
            obstacles = self.obstacles(visit_id, obstructions, has_place=bool(ways))
            new.append(summed(visit_id, obstacles()))
        self.plan = replace(self.plan, unassigned=(*self.plan.unassigned, *new))
