"""A change of a plan judged by what it can touch, in milliseconds where the whole takes seconds.

What it can touch are the routes that differ, or have something about which a fact differs, and
those of everybody whom crews, links and pins tie to them. Rules about stock are judged over all
routes, since they share it. The referee says here just what it says of the whole plan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields, replace

from dispatch.domain.cost import Cost, RunningClocks, running_clocks
from dispatch.domain.plan import Plan, Route
from dispatch.domain.referee import verdict_of
from dispatch.domain.rules import RULES, Violation, in_order
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable, derive
from dispatch.effects import Effect, effect_of, not_among
from dispatch.excerpts import ties_of
from dispatch.judged import JudgedPlan, judged
from dispatch.placing import part_of

_OF_STOCK = ("part_pickup", "tool")
"""Rules about what all routes share."""
_WORST = "worst_late"
"""What the latest clock of all visits costs, once."""
_OF_PARTS = frozenset({"technicians", "work_orders", "visits", "links", "pins"})
"""Facts that only concern some technicians and visits."""
_OF_THE_WHOLE = frozenset({"lots", "published"})
"""Facts that no time depends on, and no rule but those of stock."""
_OF_ALL = tuple(f.name for f in fields(Snapshot) if f.name not in _OF_PARTS | _OF_THE_WHOLE)
"""Facts that may concern everybody."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What the referee says of a plan after a change: all ``violations``, the cost by item, and
    the ``effect``. ``before`` and ``after`` are the part of the plan that the change can touch."""

    before: JudgedPlan
    after: JudgedPlan
    violations: tuple[Violation, ...]
    effect: Effect
    by_item: Mapping[str, int]


def touched(whole: JudgedPlan, snapshot: Snapshot, plan: Plan, legs: Legs) -> Touched:
    """What becomes of a plan that is judged if another takes its place.

    ``snapshot`` has the facts that ``whole`` has, but for pins. Raises PlanError.
    """
    people, visits = _reach(whole, snapshot, plan)
    before = judged(
        part_of(whole.snapshot, visits, people), _part(whole.plan, people, visits), legs
    )
    after = judged(part_of(snapshot, visits, people), _part(plan, people, visits), legs)
    timetable = _timetable(whole, after.verdict.timetable, plan, people, visits)
    broken = _broken(whole, after.verdict.violations, snapshot, timetable, people, visits)
    worst = [_worst_fen(whole, part, visits) for part in (before, after)]
    costs = [_without_worst(part.verdict.cost) for part in (before, after)]
    by_item = Counter(whole.verdict.cost.by_item())
    by_item.subtract({**costs[0].by_item(), _WORST: worst[0]})
    by_item.update({**costs[1].by_item(), _WORST: worst[1]})
    cost_before = whole.verdict.cost.total_fen
    found = effect_of(before, after)
    effect = replace(
        found,
        broken=not_among(broken, whole.verdict.violations),
        mended=not_among(whole.verdict.violations, broken),
        cost_before_fen=cost_before,
        cost_after_fen=by_item.total(),
    )
    left = {item: fen for item, fen in by_item.items() if fen}
    return Touched(before, after, broken, effect, left)


def rejudged(whole: JudgedPlan, snapshot: Snapshot, plan: Plan, legs: Legs) -> JudgedPlan:
    """``judged(snapshot, plan, legs)``, from another plan by much the same facts.

    If a fact differs that may concern everybody, all is judged. Raises PlanError.
    """
    if snapshot == whole.snapshot and plan == whole.plan:
        return whole
    if any(getattr(snapshot, name) != getattr(whole.snapshot, name) for name in _OF_ALL):
        return judged(snapshot, plan, legs)
    people, visits = _reach(whole, snapshot, plan)
    part = part_of(snapshot, visits, people)
    times = derive(part, _part(plan, people, visits), legs)
    new = tuple(v for code in RULES.keys() - _OF_STOCK for v in RULES[code](part, times))
    timetable = _timetable(whole, times, plan, people, visits)
    broken = _broken(whole, new, snapshot, timetable, people, visits)
    clocks = _clocks(whole, snapshot, part)
    return JudgedPlan(snapshot, plan, verdict_of(snapshot, timetable, broken, clocks))


def _clocks(whole: JudgedPlan, snapshot: Snapshot, part: Snapshot) -> RunningClocks:
    clocks = {**whole.verdict.clocks, **running_clocks(part)}
    return {visit.id: clocks[visit.id] for visit in snapshot.visits}


def _reach(whole: JudgedPlan, snapshot: Snapshot, plan: Plan) -> tuple[Set[str], Set[str]]:
    """The technicians whose routes can become different, and the visits that these have, or that
    are planned now and were not, or the other way round."""
    facts = whole.snapshot
    old, new = ({_key(r): r for r in p.routes} for p in (whole.plan, plan))
    people = {key[0] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    people |= _different(facts.technician, snapshot.technician)
    visits = _visits_of(whole.plan.routes, people) | _visits_of(plan.routes, people)
    visits |= _different(facts.pin, snapshot.pin) | _different(facts.visit, snapshot.visit)
    orders = _different(facts.work_order, snapshot.work_order)
    visits |= {v.id for s in (facts, snapshot) for v in s.visits if v.work_order_id in orders}
    links = {*facts.links} ^ {*snapshot.links}
    visits |= {v for link in links for v in (link.first_visit_id, link.then_visit_id)}
    known, ties = ties_of(facts), ties_of(snapshot)
    while True:
        reached = len(people), len(visits)
        visits |= {t for v in visits for t in known.get(v, set()) | ties.get(v, set())}
        people |= {r.technician_id for p in (whole.plan, plan) for r in p.routes if _has(r, visits)}
        visits |= _visits_of(whole.plan.routes, people) | _visits_of(plan.routes, people)
        if (len(people), len(visits)) == reached:
            return people, visits


def _different(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """The ids of what is not as it was."""
    pairs = ((i, before.get(i), after.get(i)) for i in before.keys() | after.keys())
    return {i for i, old, new in pairs if old is not new and old != new}


def _key(route: Route) -> tuple[str, str]:
    return route.technician_id, route.shift_id


def _has(route: Route, visits: Set[str]) -> bool:
    return any(s.visit_id in visits for s in route.stops)


def _visits_of(routes: Iterable[Route], people: Set[str]) -> set[str]:
    own = (r for r in routes if r.technician_id in people)
    return {s.visit_id for r in own for s in r.stops if s.visit_id is not None}


def _part(plan: Plan, people: Set[str], visits: Set[str]) -> Plan:
    routes = tuple(r for r in plan.routes if r.technician_id in people)
    return Plan(routes, tuple(u for u in plan.unassigned if u.visit_id in visits))


def _broken(
    whole: JudgedPlan,
    new: Iterable[Violation],
    snapshot: Snapshot,
    timetable: Timetable,
    people: Set[str],
    visits: Set[str],
) -> tuple[Violation, ...]:
    """The broken rules of the whole plan after the change; ``new`` are those of the part."""

    def is_of_part(violation: Violation) -> bool:
        if violation.visit_id is not None:
            return violation.visit_id in visits
        return violation.technician_id in people

    known = (v for v in whole.verdict.violations if not is_of_part(v))
    alone = (v for v in (*known, *new) if v.code not in _OF_STOCK)
    shared = (v for code in _OF_STOCK for v in RULES[code](snapshot, timetable))
    return in_order((*alone, *shared))


def _timetable(
    whole: JudgedPlan, part: Timetable, plan: Plan, people: Set[str], visits: Set[str]
) -> Timetable:
    """That of the whole plan after the change."""
    before = whole.verdict.timetable
    kept = (r for r in before.routes if r.route.technician_id not in people)
    timed = {_key(r.route): r for r in (*kept, *part.routes)}
    routes = tuple(timed[_key(r)] for r in plan.routes if _key(r) in timed)
    return Timetable(routes, (before.circles - visits) | part.circles)


def _without_worst(cost: Cost) -> Cost:
    return Cost(tuple(line for line in cost.lines if line.item != _WORST))


def _worst_fen(whole: JudgedPlan, part: JudgedPlan, visits: Set[str]) -> int:
    """What the latest clock costs in a plan that is the part, and elsewhere as it was."""
    price = whole.snapshot.policy.worst_late_fen_per_h
    if not price:
        return 0
    margins = [m for m, found in whole.tightest_clocks if found.visit_id not in visits]
    margins += [m for m, _ in part.tightest_clocks]
    return max(0, -min(margins, default=0)) * price // 3600
