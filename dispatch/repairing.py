"""The day goes wrong: what can be done about it now, from nothing at all to a new plan.

What has begun stays as it is. What people were told is changed only where that pays, at the
policy's prices of change. Every way is judged by the referee, by the facts as they are now.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.day import Day, day_at, settled, told
from dispatch.disturbances import Disturbance, disturbed
from dispatch.domain.people import Coverage, ShiftKind
from dispatch.domain.plan import Plan
from dispatch.domain.rules import Violation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment, Priority
from dispatch.effects import not_among
from dispatch.judged import JudgedPlan, judged
from dispatch.kept_plan import KeptPlan
from dispatch.placing import left_out
from dispatch.planning import Progress, make_plan
from dispatch.travel import Travel
from solver.insertion import Insertion, Place

_IMPOSSIBLE = frozenset(
    {"absence", "parts", "part_pickup", "tool", "crew", "shift", "overtime", "release", "order"}
)
"""What breaks one of these rules cannot be done, whatever people decide."""
_MOST_REINSERTED = 40
"""Of so many visits that are out a place is looked for: the dearest."""
_SEARCH_SHARE = 0.5
"""Of the time, for the search that minds what people were told; the rest is for the free one."""


class AlternativeKind(StrEnum):
    """What is done about it, the least first."""

    DO_NOTHING = "do_nothing"
    REINSERT = "reinsert"
    SWAP = "swap"
    BACKUP = "backup"
    SEARCH = "search"
    FREE = "free"


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
    planned = Day(told(snapshot, plan, travel), plan, travel)
    as_planned = settled(day_at(planned, now))
    times = [d for d in disturbances if d.tells_time]
    others = [d for d in disturbances if not d.tells_time]
    day = settled(disturbed(day_at(disturbed(planned, times), now), others))
    said = replace(as_planned.snapshot, published=planned.snapshot.published)
    before = judged(said, as_planned.plan, travel)
    after = do_nothing(day, before)
    if _times_of(after) == _times_of(before) and after.plan.routes == before.plan.routes:
        same = judged(planned.snapshot, plan, travel)
        nothing = _alternative(AlternativeKind.DO_NOTHING, same, before, same, frozenset())
        return Repair(day, (nothing,))
    return Repair(day, alternatives(day, before, effort))


def alternatives(day: Day, before: JudgedPlan, effort: Effort) -> tuple[Alternative, ...]:
    """The ways to go on from a day that is settled, best first. ``before`` is the plan as it was,
    with what people were told."""
    nothing = do_nothing(day, before)
    legal = _legal(day, nothing, before)
    found = [(AlternativeKind.DO_NOTHING, nothing), (AlternativeKind.REINSERT, legal)]
    found += [
        (kind, judged(day.snapshot, plan, day.travel)) for kind, plan in _at_once(day, legal.plan)
    ]
    start = min((ours for _, ours in found[1:]), key=lambda ours: ours.verdict.cost.total_fen).plan
    for kind, share, prices in (
        (AlternativeKind.SEARCH, _SEARCH_SHARE, day.snapshot),
        (AlternativeKind.FREE, 1 - _SEARCH_SHARE, without_prices_of_change(day.snapshot)),
    ):
        if not effort.stop():
            plan = _searched(prices, day.travel, start, effort, share)
            found.append((kind, judged(day.snapshot, plan, day.travel)))
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


def do_nothing(day: Day, before: JudgedPlan) -> JudgedPlan:
    """The plan in its order, at the times that follow; what cannot be done falls out."""
    return _fallen_out(day, day.plan, before, _IMPOSSIBLE)


def _legal(day: Day, nothing: JudgedPlan, before: JudgedPlan) -> JudgedPlan:
    """The same without whatever breaks a rule that the plan did not break before."""
    codes = {v.code for v in nothing.verdict.violations} | _IMPOSSIBLE
    return _fallen_out(day, nothing.plan, before, codes)


def _fallen_out(day: Day, plan: Plan, before: JudgedPlan, codes: AbstractSet[str]) -> JudgedPlan:
    while True:
        ours = judged(day.snapshot, plan, day.travel)
        new = not_among(ours.verdict.violations, before.verdict.violations)
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


def _times_of(ours: JudgedPlan) -> dict[str, list[tuple[str, datetime, datetime, datetime]]]:
    return {
        visit_id: [(m.technician_id, m.stop.start_at, m.stop.end_at, m.stop.leave_at) for m in crew]
        for visit_id, crew in ours.served.items()
    }


# ---------------------------------------------------------------------- single visits, at once


def _at_once(day: Day, legal: Plan) -> Iterator[tuple[AlternativeKind, Plan]]:
    """What single insertions make of a legal plan, in milliseconds."""
    backups = _backups(day.snapshot)
    ways: tuple[tuple[AlternativeKind, Callable[[KeptPlan, str], Insertion | None]], ...] = (
        (AlternativeKind.REINSERT, cheapest_place),
        (AlternativeKind.SWAP, _exchange),
        (AlternativeKind.BACKUP, lambda kept, v: cheapest_place(kept, v, backups.get(v, set()))),
    )
    for kind, way_of in ways:
        kept_plan = KeptPlan(day.snapshot, day.travel, legal)
        took = [_take(kept_plan, v, way_of) for v in _dearest_first(kept_plan)]
        if any(took):
            yield kind, kept_plan.plan


def _dearest_first(kept_plan: KeptPlan) -> list[str]:
    numbers, problem = kept_plan.numbering.visit_number, kept_plan.kept.problem
    out = [left.visit_id for left in kept_plan.plan.unassigned]
    dearest = sorted(out, key=lambda v: -int(problem.visit_unassigned_fen[numbers[v]]))
    return dearest[:_MOST_REINSERTED]


def _take(
    kept_plan: KeptPlan, visit_id: str, way_of: Callable[[KeptPlan, str], Insertion | None]
) -> bool:
    """Plans a visit if that costs less than leaving it out; whether it did it in that way."""
    worth_fen = _price_out(kept_plan, visit_id)
    plain = cheapest_place(kept_plan, visit_id)
    way = way_of(kept_plan, visit_id)
    chosen = way or plain
    if chosen is None or chosen.added_fen >= worth_fen:
        return False
    kept_plan.apply(chosen)
    return way is not None


def _price_out(kept_plan: KeptPlan, visit_id: str) -> int:
    number = kept_plan.numbering.visit_number[visit_id]
    return int(kept_plan.kept.problem.visit_unassigned_fen[number])


def cheapest_place(
    kept_plan: KeptPlan, visit_id: str, shifts: AbstractSet[str] | None = None
) -> Insertion | None:
    """The cheapest legal place of a visit that is out, in one of some shifts (None: in any)."""
    kept, numbering = kept_plan.kept, kept_plan.numbering
    most = 1 if shifts is None else len(numbering.shifts)
    ways, _ = kept.insertions(numbering.visit_number[visit_id], most)
    for way in ways:
        shift = int(kept.problem.candidate_shift[way.places[0].candidate])
        fits = shifts is None or numbering.shifts[shift][1] in shifts
        if fits and _touches_open_routes_only(kept_plan, way):
            return way
    return None


def _touches_open_routes_only(kept_plan: KeptPlan, way: Insertion) -> bool:
    with kept_plan.kept.trial(way.out, way.places):
        return not kept_plan.kept.closed & set(kept_plan.kept.touched())


def _exchange(kept_plan: KeptPlan, visit_id: str) -> Insertion | None:
    """The cheapest way to plan a visit for which one other changes its shift."""
    kept, numbering = kept_plan.kept, kept_plan.numbering
    number = numbering.visit_number[visit_id]
    pinned, ties = kept_plan.snapshot.pin, kept_plan.tied_visits
    if len(numbering.crew_of(visit_id)) > 1 or visit_id in ties:
        return None
    shifts = set(kept.problem.candidate_shift[slice(*kept.problem.candidate_ptr[number:][:2])])
    worth_fen, base_fen = _price_out(kept_plan, visit_id), kept.cost_fen
    best: Insertion | None = None
    for other_id in kept_plan.servers:
        other = numbering.visit_number[other_id]
        shift = kept.shift_of(other)
        if (
            shift not in shifts
            or other_id in pinned
            or other_id in ties
            or len(numbering.crew_of(other_id)) > 1
            or not kept_plan.is_movable(other_id)
        ):
            continue
        places = (Place(number), Place(other))
        with kept.trial((other,), places):
            goes_elsewhere = kept.shift_of(other) not in (-1, shift)
            is_open = not kept.closed & set(kept.touched())
            added_fen = kept.cost_fen - base_fen + worth_fen
            is_legal = goes_elsewhere and is_open and kept.shift_of(number) >= 0
        if is_legal and (best is None or added_fen < best.added_fen):
            best = Insertion(added_fen, places, (other,))
    return best


def _backups(snapshot: Snapshot) -> dict[str, set[str]]:
    """For each visit the shifts of those who are called when things go wrong: who covers the
    territory as backup, and who is on standby."""
    shifts: dict[str, set[str]] = {}
    standby: set[str] = set()
    for technician in snapshot.technicians:
        own = {s.id for s in technician.shifts}
        standby |= {s.id for s in technician.shifts if s.kind is ShiftKind.STANDBY}
        for cover in technician.territories:
            if cover.coverage is Coverage.BACKUP:
                shifts.setdefault(cover.territory, set()).update(own)
    return {
        visit.id: shifts.get(snapshot.site_of(visit).territory, set())
        | (standby if snapshot.order_of(visit).priority is Priority.EMERGENCY else set())
        for visit in snapshot.visits
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
    before: JudgedPlan,
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
    served_before = before.served.keys()
    return Alternative(
        kind=kind,
        judged=ours,
        added_fen=ours.verdict.cost.total_fen - nothing.verdict.cost.total_fen,
        broken=not_among(ours.verdict.violations, before.verdict.violations),
        late_clocks=len(late),
        late_s=sum(late),
        changed=tuple(sorted(changed)),
        other_technicians=tuple(sorted(others)),
        technicians=tuple(sorted(told_to)),
        customers=tuple(sorted({_customer(ours, before, v) for v in changed})),
        left_out=tuple(
            v.id
            for v in ours.snapshot.visits
            if v.id not in ours.served
            and (v.id in served_before or v.id not in before.snapshot.visit)
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


def _customer(ours: JudgedPlan, before: JudgedPlan, visit_id: str) -> str:
    known = ours.snapshot if visit_id in ours.snapshot.visit else before.snapshot
    return known.site_of(known.visit[visit_id]).customer_id
