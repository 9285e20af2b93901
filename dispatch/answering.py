"""Who could take one visit: every place with what it costs, what it changes for others, and how
tight it is; and why nobody else can."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from dispatch.arrivals import KeptPlanError
from dispatch.domain.cost import price, stopped_by_plan
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Route
from dispatch.domain.route_times import seconds_between
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Window
from dispatch.judged import ClockMargin
from dispatch.kept_plan import KeptPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.planned_parts import PlannedPickup, planned_pickups
from dispatch.problems import running_clocks_of
from dispatch.qualification import PRICE
from solver.insertion import Insertion


@dataclass(frozen=True, slots=True)
class Seat:
    """A technician who does a visit, in which shift, and after which other visit (None: first)."""

    technician_id: str
    shift_id: str
    after_visit_id: str | None


@dataclass(frozen=True, slots=True)
class Shifted:
    """Another visit that starts later (or earlier, if negative) than without the one asked about,
    or is done by somebody else."""

    visit_id: str
    later_s: int
    technician_ids: tuple[str, ...]
    other_technicians: bool


class Choice(NamedTuple):
    """What a person sees of an option, and knows it by: whoever takes it gets just that.

    ``moved`` are the other visits that change technicians, with these.
    """

    seats: tuple[Seat, ...]
    start_at: datetime
    moved: tuple[tuple[str, tuple[str, ...]], ...]
    bumped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A legal way to plan a visit.

    ``added_fen`` is what the plan costs more than without the visit, ``by_item`` the same by item
    of the policy. ``pickups`` and ``from_van`` say where its parts come from. ``bumped`` are
    visits for which there is no place any more. ``routes`` are those that differ (None: emptied),
    and ``change`` is what ``KeptPlan.apply`` takes.
    """

    visit_id: str
    seats: tuple[Seat, ...]
    start_at: datetime
    end_at: datetime
    added_fen: int
    by_item: Mapping[str, int]
    margins: tuple[ClockMargin, ...]
    pickups: tuple[PlannedPickup, ...]
    from_van: tuple[PartQuantity, ...]
    shifted: tuple[Shifted, ...]
    bumped: tuple[str, ...]
    routes: Mapping[str, Route | None]
    change: Insertion

    @property
    def choice(self) -> Choice:
        moved = ((s.visit_id, s.technician_ids) for s in self.shifted if s.other_technicians)
        return Choice(self.seats, self.start_at, tuple(sorted(moved)), self.bumped)


@dataclass(frozen=True, slots=True)
class Answer:
    """The cheapest ways to plan a visit, cheapest first, and for each technician who has no legal
    place for it the rule that comes closest to allowing one, closest first."""

    visit_id: str
    options: tuple[Option, ...]
    obstacles: tuple[TechnicianObstacle, ...]


def best_insertions(kept_plan: KeptPlan, visit_id: str, most: int) -> Answer:
    """The ``most`` cheapest places of a visit, one in each shift; nothing else changes its order.

    A visit that is planned is asked about as if it were not.

    Raises:
        KeptPlanError: there is no such visit, or it is on a route that has to stay as it is.
    """
    visit = number_of(kept_plan, visit_id)
    ways, obstructions = kept_plan.kept.insertions(visit, most)
    obstacles = kept_plan.obstacles(visit_id, obstructions, has_place=bool(ways))
    return Answer(
        visit_id,
        _options(kept_plan, visit_id, ways[:most]),
        tuple(o for o in obstacles if o.code != PRICE),
    )


def best_displacements(kept_plan: KeptPlan, visit_id: str, most: int) -> tuple[Option, ...]:
    """The ``most`` cheapest ways to plan a visit for which one or two others, that cost less to
    leave out, go elsewhere; all cheaper than where nobody has to. Cheapest first.

    Raises:
        KeptPlanError: there is no such visit, or it is on a route that has to stay as it is.
    """
    visit = number_of(kept_plan, visit_id)
    found = _options(kept_plan, visit_id, kept_plan.kept.displacements(visit, most))
    # More may go than has to, and come back where it was.
    return tuple({option.choice: option for option in reversed(found)}.values())[::-1]


def option_within(
    kept_plan: KeptPlan, visit_id: str, way: Insertion, window: Window
) -> Option | None:
    """A way to plan a visit that the solver found within a window, which is not the visit's yet.

    None if it moves a route that has to stay as it is.
    """
    draft = _draft(kept_plan, visit_id, way)
    return _Pricing(kept_plan, visit_id, [draft], window).option(draft) if draft else None


def number_of(kept_plan: KeptPlan, visit_id: str) -> int:
    """The solver's number of a visit that may be asked about. Raises KeptPlanError."""
    number = kept_plan.numbering.visit_number.get(visit_id)
    if number is None:
        raise KeptPlanError(
            f"There is no open visit {visit_id!r} in the plan's snapshot.",
            f"计划快照中没有未完成的任务 {visit_id!r}。",
        )
    if visit_id in kept_plan.servers and not kept_plan.is_movable(visit_id):
        raise KeptPlanError(
            f"Visit {visit_id!r} is on a route that breaks a rule. Put that right first.",
            f"任务 {visit_id!r} 所在路线违反规则。请先处理该路线。",
        )
    return number


@dataclass(frozen=True, slots=True)
class _Draft:
    """The routes that an exchange changes, and the shifts of the members of the unit."""

    routes: Mapping[str, Route | None]
    shifts: tuple[str, ...]
    bumped: tuple[str, ...]
    change: Insertion


def _options(kept_plan: KeptPlan, visit_id: str, ways: Sequence[Insertion]) -> tuple[Option, ...]:
    drafts = [draft for way in ways if (draft := _draft(kept_plan, visit_id, way)) is not None]
    if not drafts:
        return ()
    pricing = _Pricing(kept_plan, visit_id, drafts)
    return tuple(pricing.option(draft) for draft in drafts)


def _draft(kept_plan: KeptPlan, visit_id: str, way: Insertion) -> _Draft | None:
    """None if it moves a route that has to stay as it is."""
    kept, numbering = kept_plan.kept, kept_plan.numbering
    with kept.trial(way.out, way.places):
        touched = kept.touched()
        if kept.closed & set(touched):
            return None
        shifts = (kept.shift_of(member) for member in numbering.crew_of(visit_id))
        return _Draft(
            kept_plan.routes_of(touched),
            tuple(numbering.shifts[shift][1] for shift in shifts if shift >= 0),
            tuple(numbering.members[v].id for v in way.bumped),
            way,
        )


class _Pricing:
    """The referee's times and prices of ways to plan a visit, by the part of the plan that any of
    them changes."""

    def __init__(
        self,
        kept_plan: KeptPlan,
        visit_id: str,
        drafts: Sequence[_Draft],
        window: Window | None = None,
    ) -> None:
        question = kept_plan.kept.question(kept_plan.numbering.visit_number[visit_id])
        without = _draft(kept_plan, visit_id, Insertion(0, (), question.out))
        members = kept_plan.numbering.members
        left = {members[place.visit].id for place in question.comes}
        comes = {members[place.visit].id for draft in drafts for place in draft.change.places}
        left |= comes - kept_plan.servers.keys()
        changed = [draft.routes for draft in drafts] + ([without.routes] if without else [])
        routes, snapshot = kept_plan.near(visit_id, _people(kept_plan, changed))
        self._visit_id = visit_id
        self._travel = kept_plan.travel
        self._snapshot = snapshot
        self._routes: dict[str, Route | None] = {r.shift_id: r for r in routes}
        self._standing = self._timed(snapshot, {})
        if window is not None:
            self._snapshot = snapshot = promised(snapshot, visit_id, window)
        self._routes.update(without.routes if without else {})
        rest = _without(snapshot, left)
        self._base = self._timed(rest, {})
        self._base_fen = price(rest, self._base).by_item()

    def option(self, draft: _Draft) -> Option:
        snapshot, visit_id = self._snapshot, self._visit_id
        timetable = self._timed(snapshot, draft.routes)
        by_item = Counter(price(snapshot, timetable).by_item())
        by_item.subtract(self._base_fen)
        changed = Timetable(tuple(r for r in timetable.routes if r.shift.id in draft.routes))
        pickups = tuple(p for p in planned_pickups(changed) if p.visit_id == visit_id)
        used = Counter(
            {p.part_id: p.quantity for v in timetable.visits[visit_id] for p in v.stop.stop.parts}
        )
        used.subtract({p.part_id: p.quantity for p in pickups})
        visit = snapshot.visit[visit_id]
        return Option(
            visit_id=visit_id,
            seats=tuple(self._seat(draft.routes[shift_id]) for shift_id in draft.shifts),
            start_at=timetable.start_of(visit_id),
            end_at=timetable.end_of(visit_id),
            added_fen=draft.change.added_fen,
            by_item={item: fen for item, fen in by_item.items() if fen},
            margins=tuple(
                ClockMargin(visit_id, clock, stopped_by_plan(timetable, visit_id, clock))
                for clock in running_clocks_of(snapshot, visit)
            ),
            pickups=pickups,
            from_van=tuple(PartQuantity(part_id, n) for part_id, n in used.items() if n > 0),
            shifted=tuple(self._shifted(timetable)),
            bumped=draft.bumped,
            routes=draft.routes,
            change=draft.change,
        )

    def _timed(self, snapshot: Snapshot, changed: Mapping[str, Route | None]) -> Timetable:
        routes = (r for r in {**self._routes, **changed}.values() if r is not None)
        return derive(snapshot, Plan(tuple(routes)), self._travel)

    def _seat(self, route: Route | None) -> Seat:
        if route is None:
            raise AssertionError("a route with the visit on it is not empty")
        order = [None, *(s.visit_id for s in route.stops if s.visit_id is not None)]
        after = order[order.index(self._visit_id) - 1]
        return Seat(route.technician_id, route.shift_id, after)

    def _shifted(self, timetable: Timetable) -> Iterator[Shifted]:
        for visit_id, crew in timetable.visits.items():
            # What had to go with the visit is compared with where it is in the plan.
            before = self._base if visit_id in self._base.visits else self._standing
            if visit_id == self._visit_id or visit_id not in before.visits:
                continue
            later_s = seconds_between(before.start_of(visit_id), timetable.start_of(visit_id))
            now = {member.technician_id for member in crew}
            others = now != {member.technician_id for member in before.visits[visit_id]}
            if later_s or others:
                yield Shifted(visit_id, later_s, tuple(sorted(now)), others)


def _people(kept_plan: KeptPlan, changed: Iterable[Mapping[str, Route | None]]) -> set[str]:
    """The technicians whose routes are looked at: all if the price of the worst lateness may hang
    on any of them."""
    if kept_plan.snapshot.policy.worst_late_fen_per_h:
        return set(kept_plan.snapshot.technician)
    numbering = kept_plan.numbering
    shift_ids = {shift_id for routes in changed for shift_id in routes}
    return {numbering.shifts[numbering.shift_number[s]][0].id for s in shift_ids}


def promised(snapshot: Snapshot, visit_id: str, window: Window) -> Snapshot:
    """The snapshot in which a visit has one window."""
    visits = (replace(v, windows=(window,)) if v.id == visit_id else v for v in snapshot.visits)
    return replace(snapshot, visits=tuple(visits))


def _without(snapshot: Snapshot, visit_ids: Set[str]) -> Snapshot:
    """The snapshot without some visits."""
    return replace(
        snapshot,
        visits=tuple(v for v in snapshot.visits if v.id not in visit_ids),
        links=tuple(
            link
            for link in snapshot.links
            if not visit_ids & {link.first_visit_id, link.then_visit_id}
        ),
    )
