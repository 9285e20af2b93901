"""Who could take one visit now: every way to plan it, what stops the others, and if nobody can,
what would let it in."""

from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.answering import (
    Option,
    best_displacements,
    best_insertions,
    late_s,
    least_late,
)
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.explain import Explainer
from dispatch.freezing import freeze
from dispatch.judged import JudgedPlan
from dispatch.kept_plan import KeptPlan
from dispatch.obstacles import TechnicianObstacle
from dispatch.placing import left_out, taken_out
from dispatch.relaxing import Relaxer, WayIn
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class Takers:
    """Who could take a visit, and who could not.

    ``places`` and ``displacements`` are the cheapest ways, cheapest first; a displacement is
    cheaper than every place. ``obstacles`` has one entry for each technician without a place,
    closest first. ``least_late`` stands where every way shown is too late for a clock: the one,
    of all, that is the least late. ``way_in`` stands where there is no way at all.
    """

    visit_id: str
    places: tuple[Option, ...]
    displacements: tuple[Option, ...]
    obstacles: tuple[TechnicianObstacle, ...]
    least_late: Option | None
    way_in: WayIn | None


def kept_as_of(judged: JudgedPlan, travel: Travel, visit_id: str, at: datetime) -> KeptPlan:
    """A plan to be asked about a visit at an instant: what it starts before that stays as it is,
    and nothing else starts before. A visit that should have begun, and is asked about, is out."""
    snapshot, plan = judged.snapshot, judged.plan
    if at <= snapshot.now_at:
        return KeptPlan(snapshot, travel, plan)
    frozen = freeze(snapshot, plan, travel, at)
    if frozen.pin.get(visit_id) != snapshot.pin.get(visit_id):
        frozen, plan = _unfrozen(snapshot, frozen, visit_id, at), taken_out(plan, visit_id)
    return KeptPlan(frozen, travel, plan)


def _unfrozen(snapshot: Snapshot, frozen: Snapshot, visit_id: str, at: datetime) -> Snapshot:
    """The frozen snapshot with the pin that one visit had, and free from an instant on."""
    pins = tuple(p for p in frozen.pins if p.visit_id != visit_id)
    pin = snapshot.pin.get(visit_id)
    return replace(
        frozen,
        pins=pins if pin is None else (*pins, pin),
        visits=tuple(
            replace(v, release_at=max(at, v.release_at or at)) if v.id == visit_id else v
            for v in frozen.visits
        ),
    )


def who_could_take(kept_plan: KeptPlan, visit_id: str, most: int) -> Takers:
    """The ``most`` cheapest places, and as many displacements, and why there are no others.

    Raises:
        KeptPlanError: there is no such visit, or it is on a route that has to stay as it is.
    """
    found = best_insertions(kept_plan, visit_id, most)
    moved = best_displacements(kept_plan, visit_id, most)
    shown = (*moved, *found.options)
    late = way_in = None
    if shown and all(late_s(option.margins) > 0 for option in shown):
        least = filter(None, (*moved, least_late(kept_plan, visit_id, found.options)))
        late = min(least, key=lambda option: late_s(option.margins))
    if not shown:
        way_in = _way_in(kept_plan, visit_id)
    return Takers(visit_id, found.options, moved, found.obstacles, late, way_in)


def _way_in(kept_plan: KeptPlan, visit_id: str) -> WayIn:
    snapshot, travel, plan = kept_plan.snapshot, kept_plan.travel, kept_plan.plan
    if visit_id in kept_plan.servers:
        plan = left_out(plan, visit_id)
    verdict = judge(snapshot, plan, travel)
    explainer = Explainer(snapshot, travel, plan)
    return Relaxer.of(explainer, verdict).way_in(visit_id)
