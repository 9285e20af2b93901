"""Who could take one visit: every place with what it costs, what it changes for others, and how
tight it is; and why nobody else can."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from dispatch.arrivals import KeptPlanError
from dispatch.domain.cost import price_by, stopped_by_plan
from dispatch.domain.parts import PartQuantity
from dispatch.domain.plan import Plan, Route
from dispatch.domain.route_times import seconds_between
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import ClockKind, Window
from dispatch.judged import ClockMargin
from dispatch.kept_plan import KeptPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.planned_parts import PlannedPickup, planned_pickups
from dispatch.problems import running_clocks_of
from dispatch.qualification import PRICE
from solver.insertion import Insertion
from solver.problem import FOREVER_S


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


@dataclass(frozen=True, eq=False)
class Answer:
    """The cheapest ways to plan a visit, cheapest first."""

    visit_id: str
    options: tuple[Option, ...]
    others: Callable[[], tuple[TechnicianObstacle, ...]]

    @cached_property
    def obstacles(self) -> tuple[TechnicianObstacle, ...]:
        """For each technician who has no legal place for it the rule that comes closest to
        allowing one, closest first. Worked out when it is asked for."""
        return tuple(o for o in self.others() if o.code != PRICE)


def best_insertions(kept_plan: KeptPlan, visit_id: str, most: int) -> Answer:
    """The ``most`` cheapest places of a visit, one in each shift; nothing else changes its order.

    A visit that is planned is asked about as if it were not.

    Raises:
        KeptPlanError: there is no such visit, or it is on a route that has to stay as it is.
    """
    visit = number_of(kept_plan, visit_id)
    ways, obstructions = kept_plan.kept.insertions(visit, most)
    others = kept_plan.obstacles(visit_id, obstructions, has_place=bool(ways))
    return Answer(visit_id, _options(kept_plan, visit_id, ways[:most]), others)


def least_late(
    kept_plan: KeptPlan,
    visit_id: str,
    priced: Sequence[Option] = (),
    allow: Callable[[Option], bool] = lambda _: True,
) -> Option | None:
    """Of all places of a visit that are allowed the least late, of these the cheapest; None if
    there is none. Those that are ``priced`` already are not priced again. Raises KeptPlanError."""
    visit, kept = number_of(kept_plan, visit_id), kept_plan.kept
    ways, _ = kept.insertions(visit, kept_plan.n_shifts)
    last_s = _last_start_in_time_s(kept_plan, visit_id)
    known = {option.change: option for option in priced}
    for way in sorted(ways, key=lambda way: max(0, kept.start_s(visit, way) - last_s)):
        for option in (known[way],) if way in known else _options(kept_plan, visit_id, (way,)):
            if allow(option):
                return option
    return None


def _last_start_in_time_s(kept_plan: KeptPlan, visit_id: str) -> int:
    """How late a visit may start so that none of its clocks is late, as the solver counts."""
    snapshot, numbering = kept_plan.snapshot, kept_plan.numbering
    visit = snapshot.visit[visit_id]
    last_s = (
        numbering.seconds(clock.due_at)
        - (visit.duration_s if clock.kind is ClockKind.RESTORE else 0)
        for clock in running_clocks_of(snapshot, visit)
    )
    return min(last_s, default=FOREVER_S)


def late_s(margins: Iterable[ClockMargin]) -> int:
    """By how much the latest of a visit's clocks is late, in seconds; 0: none is."""
    return max((0, *(-(m.margin_s or 0) for m in margins)))


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
    asked = _asked(kept_plan, visit_id)
    return _Pricing(asked, draft, window).option() if draft else None


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
    """The ways that move no route that has to stay as it is."""
    if not ways:
        return ()
    asked = _asked(kept_plan, visit_id)
    drafts = [_draft(kept_plan, visit_id, way) for way in ways]
    return tuple(_Pricing(asked, draft).option() for draft in drafts if draft is not None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question: the visits that it is about, and the plan without them."""

    kept_plan: KeptPlan
    visit_id: str
    comes: frozenset[str]
    without: Mapping[str, Route | None]


def _asked(kept_plan: KeptPlan, visit_id: str) -> _Asked:
    members = kept_plan.numbering.members
    question = kept_plan.kept.question(kept_plan.numbering.visit_number[visit_id])
    without = _draft(kept_plan, visit_id, Insertion(0, (), question.out)) if question.out else None
    comes = frozenset(members[place.visit].id for place in question.comes)
    return _Asked(kept_plan, visit_id, comes, without.routes if without else {})


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
    """The referee's times and prices of a way to plan a visit, by the part of the plan that it
    changes."""

    def __init__(self, asked: _Asked, draft: _Draft, window: Window | None = None) -> None:
        """``window`` is the only one of the visit, if it is not None."""
        kept_plan, visit_id = asked.kept_plan, asked.visit_id
        people = _people(kept_plan, (draft.routes, asked.without))
        routes, snapshot = kept_plan.near(visit_id, people)
        members = kept_plan.numbering.members
        comes = {members[place.visit].id for place in draft.change.places}
        self._left = asked.comes | (comes - kept_plan.servers.keys())
        alone = self._left == {visit_id} and not asked.without and not kept_plan.tied_to(visit_id)
        self._without_it = kept_plan.priced(people) if alone else None
        self._clocks = kept_plan.clocks(snapshot.visit)
        self._visit_id = visit_id
        self._travel = kept_plan.travel
        self._standing_snapshot = snapshot
        self._snapshot = promised(snapshot, visit_id, window) if window is not None else snapshot
        self._standing_routes: dict[str, Route | None] = {r.shift_id: r for r in routes}
        self._routes = {**self._standing_routes, **asked.without}
        self._draft = draft

    @cached_property
    def _timetable(self) -> Timetable:
        return self._timed(self._snapshot, {**self._routes, **self._draft.routes})

    @cached_property
    def _standing(self) -> Timetable:
        """The plan as it is, before anything had to go for the visit."""
        return self._timed(self._standing_snapshot, self._standing_routes)

    @cached_property
    def margins(self) -> tuple[ClockMargin, ...]:
        """The clocks that the visit stops."""
        visit_id = self._visit_id
        return tuple(
            ClockMargin(visit_id, clock, stopped_by_plan(self._timetable, visit_id, clock))
            for clock in self._clocks[visit_id]
        )

    def option(self) -> Option:
        draft, visit_id, timetable = self._draft, self._visit_id, self._timetable
        base, base_fen = self._base()
        by_item = Counter(price_by(self._snapshot, timetable, self._clocks).by_item())
        by_item.subtract(base_fen)
        changed = Timetable(tuple(r for r in timetable.routes if r.shift.id in draft.routes))
        pickups = tuple(p for p in planned_pickups(changed) if p.visit_id == visit_id)
        used = Counter(
            {p.part_id: p.quantity for v in timetable.visits[visit_id] for p in v.stop.stop.parts}
        )
        used.subtract({p.part_id: p.quantity for p in pickups})
        return Option(
            visit_id=visit_id,
            seats=tuple(self._seat(draft.routes[shift_id]) for shift_id in draft.shifts),
            start_at=timetable.start_of(visit_id),
            end_at=timetable.end_of(visit_id),
            added_fen=draft.change.added_fen,
            by_item={item: fen for item, fen in by_item.items() if fen},
            margins=self.margins,
            pickups=pickups,
            from_van=tuple(PartQuantity(part_id, n) for part_id, n in used.items() if n > 0),
            shifted=tuple(self._shifted(base)),
            bumped=draft.bumped,
            routes=draft.routes,
            change=draft.change,
        )

    def _base(self) -> tuple[Timetable, Mapping[str, int]]:
        """The plan without what comes: its times, and what it costs by item."""
        known = self._without_it
        if known is not None:
            return known.times, known.by_item
        rest = _without(self._snapshot, self._left)
        times = self._timed(rest, self._routes)
        return times, price_by(rest, times, self._clocks).by_item()

    def _timed(self, snapshot: Snapshot, routes: Mapping[str, Route | None]) -> Timetable:
        there = (route for route in routes.values() if route is not None)
        return derive(snapshot, Plan(tuple(there)), self._travel)

    def _seat(self, route: Route | None) -> Seat:
        if route is None:
            raise AssertionError("a route with the visit on it is not empty")
        order = [None, *(s.visit_id for s in route.stops if s.visit_id is not None)]
        after = order[order.index(self._visit_id) - 1]
        return Seat(route.technician_id, route.shift_id, after)

    def _shifted(self, base: Timetable) -> Iterator[Shifted]:
        timetable = self._timetable
        for visit_id, crew in timetable.visits.items():
            # What had to go with the visit is compared with where it is in the plan.
            if visit_id == self._visit_id:
                continue
            before = base if visit_id in base.visits else self._standing
            if visit_id not in before.visits:
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
