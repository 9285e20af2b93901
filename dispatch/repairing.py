"""The day goes wrong: what can be done about it now, from nothing at all to a new plan.

What has begun stays as it is. What people were told is changed only where that pays, at the
policy's prices of change. Every way is judged by the referee, by the facts as they are now.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.day import Day, day_at, told
from dispatch.day_settling import settled
from dispatch.disturbances import Disturbance, disturbed
from dispatch.domain.plan import Plan
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment
from dispatch.effects import not_among
from dispatch.judged import JudgedPlan, judged
from dispatch.placing import left_out
from dispatch.planning import Progress, make_plan
from dispatch.repair_moves import AlternativeKind, at_once
from dispatch.travel import Travel

_IMPOSSIBLE = frozenset(
    {"absence", "parts", "part_pickup", "tool", "crew", "shift", "overtime", "release", "order"}
)
"""What breaks one of these rules cannot be done, whatever people decide."""
_SEARCH_SHARE = 0.5
"""Of the time, for the search that minds what people were told; the rest is for the free one."""


@dataclass(frozen=True)
class Before:
    """What repairs are compared with: the facts and what people were told by the plan as it was,
    the rules it broke, and the visits that it left out for reasons of its own."""

    snapshot: Snapshot
    broken: tuple[Violation, ...] = ()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Alternative:
    """One way to go on, as the referee judges it.

    ``added_fen`` is what it costs more than doing nothing. ``broken`` are the rules that it breaks
    and the day as it was planned did not. Clocks that are late are those of visits that are planned
    and have not begun. ``changed`` are visits of which people were told something else, or nothing
    yet: by the policy's tolerance. They are to be told to ``technicians`` and ``customers``.
    ``left_out`` are visits that were planned, or are new, and nobody does.
    """

    kind: AlternativeKind
    judged: JudgedPlan
    added_fen: int
    broken: tuple[Violation, ...]
    late_clocks: int
    late_s: int
    changed: tuple[str, ...]
    other_technicians: tuple[str, ...]
    technicians: tuple[str, ...]
    customers: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Repair:
    """What can be done, best first. If nothing happened that matters, that is the plan as it was,
    and nothing else."""

    day: Day
    alternatives: tuple[Alternative, ...]

    @property
    def is_needed(self) -> bool:
        return len(self.alternatives) > 1 or self.alternatives[0].changed != ()


@dataclass(frozen=True)
class Effort:
    """How long to search, seconds or iterations (of each of two searches), and who looks on."""

    seed: int
    report: Callable[[Progress], None]
    stop: Callable[[], bool]
    seconds: float | None = None
    iterations: int | None = None
    cores: int = 2


def repair(
    snapshot: Snapshot,
    plan: Plan,
    travel: Travel,
    disturbances: Sequence[Disturbance],
    now: datetime,
    effort: Effort,
) -> Repair:
    """What can be done about disturbances of a plan that people were told, at ``now``.

    What the plan starts before now has begun as it says, or as the disturbances say.

    Raises:
        DisturbanceError: one of them cannot have happened.
        PlanError: the plan names something that the snapshot does not have.
    """
    planned = Day(told(snapshot, plan, travel), plan, travel, later=now)
    as_planned = settled(day_at(planned, now))
    times = [d for d in disturbances if d.tells_time]
    others = [d for d in disturbances if not d.tells_time]
    day = settled(disturbed(day_at(disturbed(planned, times), now), others))
    was = judged(as_planned.snapshot, as_planned.plan, travel)
    out = frozenset(left.visit_id for left in plan.unassigned)
    before = Before(planned.snapshot, was.verdict.violations, out)
    after = do_nothing(day, before)
    if _is_the_same(was, after):
        same = judged(planned.snapshot, plan, travel)
        nothing = _alternative(AlternativeKind.DO_NOTHING, same, before, same, frozenset())
        return Repair(day, (nothing,))
    return Repair(day, alternatives(day, before, effort))


def alternatives(day: Day, before: Before, effort: Effort) -> tuple[Alternative, ...]:
    """The ways to go on from a day that is settled, best first."""
    nothing = do_nothing(day, before)
    legal = _legal(day, nothing, before)
    found = [(AlternativeKind.DO_NOTHING, nothing), (AlternativeKind.REINSERT, legal)]
    found += [
        (kind, judged(day.snapshot, plan, day.travel)) for kind, plan in at_once(day, legal.plan)
    ]
    start = min((ours for _, ours in found[1:]), key=lambda ours: ours.verdict.cost.total_fen).plan
    for kind, share, prices in (
        (AlternativeKind.SEARCH, _SEARCH_SHARE, day.snapshot),
        (AlternativeKind.FREE, 1 - _SEARCH_SHARE, without_prices_of_change(day.snapshot)),
    ):
        if not effort.stop():
            plan = _searched(prices, day.travel, start, effort, share)
            ours = judged(day.snapshot, plan, day.travel)
            # What has begun against the rules (into an absence, say) no search can plan.
            if ours.served.keys() >= day.fixed & nothing.served.keys():
                found.append((kind, ours))
    ways = [
        _alternative(kind, ours, before, nothing, day.begun) for kind, ours in _different(found)
    ]
    return tuple(sorted(ways, key=lambda way: (len(way.broken), way.added_fen)))


def without_prices_of_change(snapshot: Snapshot) -> Snapshot:
    """The snapshot in which nobody minds what people were told."""
    policy = replace(snapshot.policy, change_technician_fen=0, change_time_fen=0)
    return replace(snapshot, policy=policy)


def _searched(
    snapshot: Snapshot, travel: Travel, start: Plan, effort: Effort, share: float
) -> Plan:
    return make_plan(
        snapshot,
        travel,
        seconds=None if effort.seconds is None else effort.seconds * share,
        iterations=effort.iterations,
        seed=effort.seed,
        report=effort.report,
        stop=effort.stop,
        start=start,
        cores=effort.cores,
    )


# ------------------------------------------------------------------------------- doing nothing


def do_nothing(day: Day, before: Before) -> JudgedPlan:
    """The plan in its order, at the times that follow; what cannot be done falls out."""
    return _fallen_out(day, day.plan, before, _IMPOSSIBLE)


def _legal(day: Day, nothing: JudgedPlan, before: Before) -> JudgedPlan:
    """The same without whatever breaks a rule that the plan did not break before."""
    codes = {v.code for v in nothing.verdict.violations} | _IMPOSSIBLE
    return _fallen_out(day, nothing.plan, before, codes)


def _fallen_out(day: Day, plan: Plan, before: Before, codes: AbstractSet[str]) -> JudgedPlan:
    while True:
        ours = judged(day.snapshot, plan, day.travel)
        new = not_among(ours.verdict.violations, before.broken)
        culprits = ((v.code, _culprit(day, ours, v)) for v in new if v.code in codes)
        code, visit_id = next((c for c in culprits if c[1] is not None), ("", None))
        if visit_id is None:
            return ours
        plan = left_out(plan, visit_id, code)


def _culprit(day: Day, ours: JudgedPlan, violation: Violation) -> str | None:
    """The visit without which the rule may hold: not one that stays whatever happens."""
    if violation.visit_id is not None:
        visit_id = violation.visit_id
        if visit_id in ours.served and visit_id not in day.fixed:
            return visit_id
    routes = [
        timed
        for timed in ours.verdict.timetable.routes
        if timed.route.technician_id == violation.technician_id
        and violation.shift_id in (None, timed.shift.id)
    ]
    free = [
        s for r in routes for s in r.stops if s.visit_id is not None and s.visit_id not in day.fixed
    ]
    if violation.code == "part_pickup":
        free = [s for s in free if s.stop.parts] or free
    return free[-1].visit_id if free else None


def _is_the_same(was: JudgedPlan, after: JudgedPlan) -> bool:
    """Whether nobody does anything else, or at another time, and nothing new is left to do."""
    out, out_now = ({u.visit_id for u in ours.plan.unassigned} for ours in (was, after))
    same_routes = after.plan.routes == was.plan.routes
    return same_routes and out_now <= out and _times_of(after) == _times_of(was)


def _times_of(ours: JudgedPlan) -> dict[str, list[tuple[str, datetime, datetime, datetime]]]:
    return {
        visit_id: [(m.technician_id, m.stop.start_at, m.stop.end_at, m.stop.leave_at) for m in crew]
        for visit_id, crew in ours.served.items()
    }


# ------------------------------------------------------------------------- what each way means


def _different(
    found: Iterable[tuple[AlternativeKind, JudgedPlan]],
) -> Iterator[tuple[AlternativeKind, JudgedPlan]]:
    """Each plan once, under the name of the least that leads to it."""
    seen: list[object] = []
    for kind, ours in found:
        if (times := _times_of(ours)) not in seen:
            seen.append(times)
            yield kind, ours


def _alternative(
    kind: AlternativeKind,
    ours: JudgedPlan,
    before: Before,
    nothing: JudgedPlan,
    begun: AbstractSet[str],
) -> Alternative:
    late = [-s for s, m in ours.tightest_clocks if s < 0 and m.visit_id not in begun]
    known = before.snapshot.commitment
    changed = [v for v in {*known, *ours.served} - begun if _is_news(ours, known.get(v), v)]
    others = [
        v for v in changed if v in known and _who(ours, v) != tuple(sorted(known[v].technician_ids))
    ]
    told_to = {t for v in changed for t in _who(ours, v)}
    told_to |= {t for v in changed if v in known for t in known[v].technician_ids}
    return Alternative(
        kind=kind,
        judged=ours,
        added_fen=ours.verdict.cost.total_fen - nothing.verdict.cost.total_fen,
        broken=not_among(ours.verdict.violations, before.broken),
        late_clocks=len(late),
        late_s=sum(late),
        changed=tuple(sorted(changed)),
        other_technicians=tuple(sorted(others)),
        technicians=tuple(sorted(told_to)),
        customers=tuple(sorted({_customer(ours, before, v) for v in changed})),
        left_out=tuple(
            v.id
            for v in ours.snapshot.visits
            if v.id not in ours.served and v.id not in before.left_out
        ),
    )


def _who(ours: JudgedPlan, visit_id: str) -> tuple[str, ...]:
    return tuple(sorted(m.technician_id for m in ours.served.get(visit_id, ())))


def _is_news(ours: JudgedPlan, known: Commitment | None, visit_id: str) -> bool:
    """Whether people have to be told: more than the policy's tolerance, or other technicians."""
    if known is None or visit_id not in ours.served:
        return known is not None or visit_id in ours.served
    moved = abs(ours.verdict.timetable.start_of(visit_id) - known.start_at)
    tolerance = timedelta(seconds=ours.snapshot.policy.change_tolerance_s)
    return moved > tolerance or _who(ours, visit_id) != tuple(sorted(known.technician_ids))


def _customer(ours: JudgedPlan, before: Before, visit_id: str) -> str:
    known = ours.snapshot if visit_id in ours.snapshot.visit else before.snapshot
    return known.site_of(known.visit[visit_id]).customer_id
