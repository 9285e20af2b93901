"""The smallest change that would let a visit in, verified by planning again.

Every rule that keeps somebody from a visit suggests changes: half an hour of overtime, one more
part. The smallest are tried first: the facts are changed, the visit is offered its cheapest place
in the plan, which stays as it is otherwise, and the referee looks for rules that this breaks.
Planned again is the part of the plan that the change can touch (``dispatch.excerpts``). The referee
judges the whole plan; only the times of all other routes, which nothing ties to these, are those of
the plan as it was.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heappop, heappush
from typing import Protocol, Self

from dispatch.domain.plan import Plan
from dispatch.domain.referee import Verdict
from dispatch.domain.rules import Violation, violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable, derive
from dispatch.domain.work import Visit
from dispatch.excerpts import Excerpt, Excerpts
from dispatch.loading import from_plan
from dispatch.numbering import Numbering, number
from dispatch.obstacles import TechnicianObstacle, obstacles_of, servers_of
from dispatch.planning import to_plan
from dispatch.problems import build_problem, running_clocks_of, unassigned_fen
from dispatch.qualification import PRICE, Qualification
from dispatch.relaxations import (
    Amount,
    EarlierStart,
    ExtraTechnician,
    GatePassed,
    MoreOvertime,
    MoreTravel,
    MoreVisits,
    Relaxation,
    Unpinned,
    WiderWindow,
)
from dispatch.suggesting import LATE, suggestions
from dispatch.travel import Travel
from solver.standing import Standing

PER_CODE = 12
"""So many technicians are considered whom the same rule stops: the closest, then the nearest."""

PER_KIND = 3
"""So many changes of one kind are planned, and so many pairs of two kinds: the smallest."""

MOST_SINGLES, MOST_PAIRS = 20, 10
MOST_ENLARGED = 2
ABLE = 6

_OF_BUSY = ExtraTechnician | MoreOvertime | EarlierStart | MoreTravel | MoreVisits | WiderWindow
"""What helps those who are busy."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """What would let a visit in: one change, or two together; none if it fits as it is.

    ``plan`` is the plan with the visit, by the changed facts; None if no way in was found.
    ``fen`` is how large the changes are together.
    """

    visit_id: str
    plan: Plan | None = None
    relaxations: tuple[Relaxation, ...] = ()
    fen: int = 0

    def facts(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the changes."""
        return _changed(snapshot, self.relaxations)


@dataclass(frozen=True, slots=True)
class _Try:
    """Changes to try for some technicians, ``fen`` large together. ``against`` is the obstacle that
    suggested the last one; ``enlarged`` counts how often an amount was too little."""

    relaxations: tuple[Relaxation, ...]
    technician_ids: tuple[str, ...]
    fen: int
    against: TechnicianObstacle
    enlarged: int = 0

    @property
    def kinds(self) -> frozenset[type[Relaxation]]:
        return frozenset(type(r) for r in self.relaxations)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What changed facts gave: a plan with the visit, or what is still in the way.

    ``excerpt`` is what was planned again; None if nobody qualifies, so that nothing was.
    """

    facts: Snapshot
    excerpt: Excerpt | None = None
    plan: Plan | None = None
    obstacles: tuple[TechnicianObstacle, ...] = ()


class _Queue:
    """Tries, the smallest change first; among equals in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, int, _Try]] = []
        self._seen: set[tuple[frozenset[Relaxation], tuple[str, ...]]] = set()
        self._planned: Counter[frozenset[type[Relaxation]]] = Counter()

    def push(self, one: _Try) -> None:
        changes = frozenset(one.relaxations)
        in_reason = all(r.amount <= r.most for r in changes if isinstance(r, Amount))
        key = changes, one.technician_ids
        if in_reason and key not in self._seen:
            self._seen.add(key)
            heappush(self._heap, (one.fen, len(self._seen), one))

    def count(self, one: _Try) -> None:
        """Note that something was planned for a try."""
        self._planned[one.kinds] += not one.enlarged

    def __iter__(self) -> Iterator[_Try]:
        while self._heap and self._planned.total() < self._most:
            _, _, one = heappop(self._heap)
            if one.enlarged or self._planned[one.kinds] < PER_KIND:
                yield one


class Explains(Protocol):
    """Whoever knows of one plan what keeps each technician from a visit: an ``Explainer``, or
    whoever has asked already."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def travel(self) -> Travel: ...
    @property
    def plan(self) -> Plan: ...
    def obstacles(self, visit_id: str) -> tuple[TechnicianObstacle, ...]: ...


class Relaxer:
    """Looks for ways into one plan, by its ``times``. ``broken`` gives the rules that it breaks
    already; it is asked only if one is broken after a change."""

    def __init__(
        self, explainer: Explains, times: Timetable, broken: Callable[[], Iterable[Violation]]
    ) -> None:
        self._explainer = explainer
        self._broken = broken
        self._snapshot, self._travel = explainer.snapshot, explainer.travel
        self._excerpts = Excerpts(explainer.snapshot, explainer.travel, explainer.plan, times)
        self._circles = times.circles
        self._cut: dict[tuple[str, ...], Excerpt] = {}

    @classmethod
    def of(cls, explainer: Explains, verdict: Verdict) -> Self:
        """By what the referee says of the plan."""
        return cls(explainer, verdict.timetable, lambda: verdict.violations)

    @cached_property
    def _known(self) -> frozenset[Violation]:
        return frozenset(self._broken())

    def way_in(self, visit_id: str) -> WayIn:
        """The smallest change found that lets in a visit that is left out, or else the smallest
        pair."""
        self._cut.clear()  # no other visit has the same excerpts
        visit = self._snapshot.visit[visit_id]
        singles, pairs = _Queue(MOST_SINGLES), _Queue(MOST_PAIRS)
        for one in self._first(visit):
            singles.push(one)
        for queue in (singles, pairs):
            for one in queue:
                attempt = self._attempt(visit, one)
                if attempt.excerpt is not None:
                    queue.count(one)
                found = self._found(visit, one, attempt)
                if found is not None:
                    return found
                for more in self._next(visit, one, attempt):
                    if len(more.relaxations) <= max(1, len(one.relaxations)):
                        queue.push(more)
                    elif queue is singles:
                        pairs.push(more)
        return WayIn(visit_id)

    # ------------------------------------------------------------------------ what to try

    def _first(self, visit: Visit) -> Iterator[_Try]:
        """Single changes for the technicians who come closest."""
        obstacles = self._explainer.obstacles(visit.id)
        out_fen = _out_fen(self._snapshot, visit)
        company = self._company(visit, obstacles)
        for obstacle in closest(self._snapshot, self._travel, visit, obstacles):
            for one in suggestions(self._snapshot, visit, obstacle, out_fen):
                wide = isinstance(one, GatePassed | Unpinned) and obstacle.code not in LATE
                near = self._able(visit, one) if wide else (obstacle.technician_id,)
                people = tuple(dict.fromkeys((*near, *company)))
                yield _Try((one,), people, one.fen(self._snapshot), obstacle)
            if obstacle.code == PRICE and obstacle.amount < out_fen:
                yield _Try((), (obstacle.technician_id, *company), 0, obstacle)

    def _company(self, visit: Visit, obstacles: Iterable[TechnicianObstacle]) -> tuple[str, ...]:
        """For a crew, those who come closest to be its other members."""
        if visit.crew_size == 1:
            return ()
        able = (o.technician_id for o in obstacles if o.code in (PRICE, "crew", "order"))
        return tuple(able)[: visit.crew_size]

    def _able(self, visit: Visit, one: Relaxation) -> tuple[str, ...]:
        """The nearest technicians who could do a visit after a change of the visit itself."""
        changed = one.apply(self._snapshot)
        ask = Qualification(changed, self._travel)
        visit = changed.visit[visit.id]
        covering = ask.covering.get(changed.site_of(visit).territory, [])
        near = sorted(covering, key=lambda t: _away_s(self._snapshot, self._travel, visit, t.id))
        able = [
            t.id
            for t in near
            if ask.of_technician(visit, t) is None
            and any(ask.of_shift(visit, t, shift) is None for shift in t.shifts)
        ]
        return tuple(able or [t.id for t in near])[:ABLE]

    def _next(self, visit: Visit, one: _Try, attempt: _Attempt) -> Iterator[_Try]:
        """What to change beside, or more of the same, for whoever comes closest then."""
        extra = {f"{r.like_id}+" for r in one.relaxations if isinstance(r, ExtraTechnician)}
        mine = extra or set(one.technician_ids)
        closest = next((o for o in attempt.obstacles if o.technician_id in mine), None)
        if closest is None or _in_vain(one.against, closest):
            return
        facts = attempt.facts
        changed = facts.visit[visit.id]
        for more in suggestions(facts, changed, closest, _out_fen(facts, changed)):
            grown = _grown(one.relaxations, more)
            fen = one.fen + more.fen(facts)
            if grown is not None:
                if one.enlarged < MOST_ENLARGED and _helped(one.against, closest):
                    yield _Try(grown, one.technician_ids, fen, closest, one.enlarged + 1)
            elif not _twice(one.relaxations, more):
                yield _Try((*one.relaxations, more), one.technician_ids, fen, closest)

    # ---------------------------------------------------------------------- planning again

    def _attempt(self, visit: Visit, one: _Try) -> _Attempt:
        """Change the facts, and offer the visit its cheapest place."""
        facts = _changed(self._alone(visit, one.technician_ids), one.relaxations)
        numbering = number(facts, self._travel)
        if not _may(numbering, visit.id):
            return _Attempt(facts, obstacles=obstacles_of(numbering, (), visit.id, {}))
        people = one.technician_ids
        if people not in self._cut:
            self._cut[people] = self._excerpts.of(visit.id, people)
        excerpt = self._cut[people]
        facts = _changed(excerpt.snapshot, one.relaxations)
        numbering = number(facts, excerpt.travel)
        problem = build_problem(numbering, excerpt.travel)
        solution = Standing(problem, from_plan(numbering, problem, excerpt.plan)).filled()
        members = set(numbering.crew_of(visit.id))
        if not members & set(solution.unassigned):
            return _Attempt(facts, excerpt, to_plan(numbering, solution, "search", None))
        mine = (found for found in solution.obstructions if found.visit in members)
        servers = servers_of(excerpt.plan.routes)
        return _Attempt(facts, excerpt, None, obstacles_of(numbering, mine, visit.id, servers))

    def _alone(self, visit: Visit, technician_ids: Iterable[str]) -> Snapshot:
        """As if there were nothing but the visit and the technicians."""
        whole = self._snapshot
        pin = whole.pin.get(visit.id)
        return replace(
            whole,
            sites=(whole.site_of(visit),),
            technicians=tuple(whole.technician[t] for t in technician_ids),
            work_orders=(whole.order_of(visit),),
            visits=(visit,),
            links=(),
            pins=(pin,) if pin is not None else (),
        )

    def _found(self, visit: Visit, one: _Try, attempt: _Attempt) -> WayIn | None:
        """The least of changes that let the visit in, if the referee agrees."""
        if attempt.plan is None or attempt.excerpt is None:
            return None
        for place in range(len(one.relaxations)):
            one, attempt = self._least(visit, one, attempt, place)
        plan = self._verified(visit, one, attempt)
        fen = _fen(attempt.excerpt.snapshot, one.relaxations) if attempt.excerpt else 0
        return None if plan is None else WayIn(visit.id, plan, one.relaxations, fen)

    def _least(
        self, visit: Visit, one: _Try, attempt: _Attempt, place: int
    ) -> tuple[_Try, _Attempt]:
        """The least amount of one of the changes that will do, in whole steps."""
        change = one.relaxations[place]
        if not isinstance(change, Amount):
            return one, attempt
        step = change.step
        too_little, enough = 0, -(-change.amount // step)
        found = one, attempt
        if change.amount % step:
            found = self._of(visit, one, place, enough * step)
        ask = enough - 1  # the first guess is right as a rule
        while enough - too_little > 1:
            less = self._of(visit, one, place, ask * step)
            if less[1].plan is not None:
                enough, found = ask, less
            else:
                too_little = ask
            ask = (too_little + enough) // 2
        return found

    def _of(self, visit: Visit, one: _Try, place: int, amount: int) -> tuple[_Try, _Attempt]:
        """The same changes with another amount of one of them."""
        changes = list(one.relaxations)
        changes[place] = replace(changes[place], amount=amount)  # type: ignore[call-arg]
        sized = replace(one, relaxations=tuple(changes))
        return sized, self._attempt(visit, sized)

    def _verified(self, visit: Visit, one: _Try, attempt: _Attempt) -> Plan | None:
        """The whole plan with the visit, if that breaks no rule, nor the rest one that it did not
        break before."""
        if attempt.plan is None or attempt.excerpt is None:
            return None
        before, after = servers_of(attempt.excerpt.plan.routes), servers_of(attempt.plan.routes)
        if any(after.get(visit_id) != crew for visit_id, crew in before.items()):
            return None
        facts = _changed(self._snapshot, one.relaxations)
        own = derive(facts, Plan(attempt.plan.routes), self._travel)
        others = attempt.excerpt.others
        timetable = Timetable((*others, *own.routes), self._circles | own.circles)
        broken = violations(facts, timetable)
        if any(v.visit_id == visit.id or v not in self._known for v in broken):
            return None
        routes = (*(timed.route for timed in others), *attempt.plan.routes)
        ordered = sorted(routes, key=lambda r: (r.technician_id, r.shift_id))
        left = (u for u in self._explainer.plan.unassigned if u.visit_id not in after)
        return replace(self._explainer.plan, routes=tuple(ordered), unassigned=tuple(left))


def closest(
    snapshot: Snapshot, travel: Travel, visit: Visit, obstacles: Iterable[TechnicianObstacle]
) -> Iterator[TechnicianObstacle]:
    """Of each rule those whom it keeps from a visit least; where they are equally close, the
    nearest. What a rule says of one often holds for all."""
    by_code: dict[str, list[TechnicianObstacle]] = {}
    for obstacle in obstacles:
        by_code.setdefault(obstacle.code, []).append(obstacle)
    for same in by_code.values():
        same.sort(key=lambda o: (o.amount, _away_s(snapshot, travel, visit, o.technician_id)))
        yield from same[:PER_CODE]


def _out_fen(facts: Snapshot, visit: Visit) -> int:
    """What it costs to leave the visit out."""
    return unassigned_fen(facts, visit, running_clocks_of(facts, visit))


def _away_s(snapshot: Snapshot, travel: Travel, visit: Visit, technician_id: str) -> int:
    """How long a technician drives from the own station to a visit."""
    station_id = snapshot.technician[technician_id].station_id
    return travel.leg(station_id, snapshot.site_of(visit).id)[0]


def _changed(snapshot: Snapshot, relaxations: Iterable[Relaxation]) -> Snapshot:
    for relaxation in relaxations:
        snapshot = relaxation.apply(snapshot)
    return snapshot


def _fen(facts: Snapshot, relaxations: Iterable[Relaxation]) -> int:
    """How large changes are together, each by the facts that it changes."""
    fen = 0
    for relaxation in relaxations:
        fen += relaxation.fen(facts)
        facts = relaxation.apply(facts)
    return fen


def _may(numbering: Numbering, visit_id: str) -> bool:
    """Whether one of the technicians could do the visit at all."""
    ask, facts = numbering.qualification, numbering.snapshot
    visit = facts.visit[visit_id]
    if ask.of_visit(visit) is not None:
        return False
    return any(
        ask.of_technician(visit, t) is None
        and any(ask.of_shift(visit, t, shift) is None for shift in t.shifts)
        for t in facts.technicians
    )


def _in_vain(before: TechnicianObstacle, now: TechnicianObstacle) -> bool:
    """Whether the last change did nothing: the same stops the same technician, by no less."""
    same = (before.technician_id, before.code) == (now.technician_id, now.code)
    return same and now.amount >= before.amount


def _helped(before: TechnicianObstacle, now: TechnicianObstacle) -> bool:
    """Whether more of the same is worth trying: something else is in the way, or less; of windows
    far less, for it may be that of another visit."""
    worth = 2 if now.code == "window" else 1
    return before.code != now.code or worth * now.amount < before.amount


def _twice(relaxations: Iterable[Relaxation], more: Relaxation) -> bool:
    """Whether one more technician is to help where somebody busy is helped already: the two come
    in the other order too."""
    return isinstance(more, ExtraTechnician) and any(isinstance(r, _OF_BUSY) for r in relaxations)


def _grown(relaxations: Sequence[Relaxation], more: Relaxation) -> tuple[Relaxation, ...] | None:
    """The changes with one of them by a greater amount; None if none is of that sort."""
    if not isinstance(more, Amount):
        return None
    for place, one in enumerate(relaxations):
        if isinstance(one, Amount) and replace(one, amount=0) == replace(more, amount=0):
            grown = replace(one, amount=one.amount + more.amount)
            return (*relaxations[:place], grown, *relaxations[place + 1 :])
    return None
