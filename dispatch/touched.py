"""A change of a plan judged by what it can touch, in milliseconds where the whole takes seconds.

What it can touch are the routes that differ and those of everybody whom crews, links and pins tie
to them. Rules about stock are judged over all routes, since they share it. The referee says here
just what it says of the whole plan.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from dispatch.domain.cost import Cost
from dispatch.domain.plan import Plan, Route
from dispatch.domain.rules import RULES, Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Legs, Timetable
from dispatch.effects import Effect, effect_of, not_among
from dispatch.excerpts import ties_of
from dispatch.judged import JudgedPlan, judged
from dispatch.placing import part_of

_OF_STOCK = ("part_pickup", "tool")
"""Rules about what all routes share."""
_WORST = "worst_late"
"""What the latest clock of all visits costs, once."""
_ORDER = {code: number for number, code in enumerate(RULES)}


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
    broken = _broken(whole, before, after, snapshot)
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


def _reach(whole: JudgedPlan, snapshot: Snapshot, plan: Plan) -> tuple[Set[str], Set[str]]:
    """The technicians whose routes can become different, and the visits that these have, or that
    are planned now and were not, or the other way round."""
    old, new = ({_key(r): r for r in p.routes} for p in (whole.plan, plan))
    people = {key[0] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    visits = _visits_of(whole.plan.routes, people) | _visits_of(plan.routes, people)
    visits |= {p.visit_id for p in {*snapshot.pins} ^ {*whole.snapshot.pins}}
    known, ties = ties_of(whole.snapshot), ties_of(snapshot)
    while True:
        reached = len(people), len(visits)
        visits |= {t for v in visits for t in known.get(v, set()) | ties.get(v, set())}
        people |= {r.technician_id for p in (whole.plan, plan) for r in p.routes if _has(r, visits)}
        visits |= _visits_of(whole.plan.routes, people) | _visits_of(plan.routes, people)
        if (len(people), len(visits)) == reached:
            return people, visits


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
    whole: JudgedPlan, before: JudgedPlan, after: JudgedPlan, snapshot: Snapshot
) -> tuple[Violation, ...]:
    """The broken rules of the whole plan after the change, in the order of ``RULES``."""
    own = {v for v in before.verdict.violations if v.code not in _OF_STOCK}
    known = (v for v in whole.verdict.violations if v.code not in _OF_STOCK and v not in own)
    new = (v for v in after.verdict.violations if v.code not in _OF_STOCK)
    shared = _of_stock(snapshot, _timetable(whole, before, after))
    return tuple(sorted((*known, *new, *shared), key=lambda v: _ORDER[v.code]))


def _of_stock(snapshot: Snapshot, timetable: Timetable) -> Iterator[Violation]:
    for code in _OF_STOCK:
        yield from RULES[code](snapshot, timetable)


def _timetable(whole: JudgedPlan, before: JudgedPlan, after: JudgedPlan) -> Timetable:
    """That of the whole plan, with the routes of the part as they are after the change."""
    gone = {_key(r.route) for r in before.verdict.timetable.routes}
    kept = (r for r in whole.verdict.timetable.routes if _key(r.route) not in gone)
    routes = sorted((*kept, *after.verdict.timetable.routes), key=lambda r: _key(r.route))
    return Timetable(tuple(routes))


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
