"""A published plan as it stands now: what has been recorded since is what went differently."""

from dataclasses import replace

from sqlalchemy.orm import Session

from dispatch.commands.saving import Baseline, plan_to_go_on_from
from dispatch.commands.versions import DROPPED, NEW, PUBLISHED, busy, unknown_version
from dispatch.day import Day
from dispatch.domain.snapshot import Snapshot
from dispatch.repairing import Before
from dispatch.travel import travel_of


def day_of_record(session: Session, baseline: Baseline) -> tuple[Day, Before]:
    """The day by the facts of a baseline, and what it is compared with.

    Raises:
        UnknownVersionError: no plan is published.
    """
    plan = plan_to_go_on_from(session, baseline)
    if plan is None:
        raise unknown_version(PUBLISHED)
    snapshot = baseline.snapshot
    found = [one for one in busy(session) if _is_pinned_there(snapshot, one.visit_id)]
    served = {s.visit_id for r in plan.routes for s in r.stops}
    begun = frozenset(one.visit_id for one in found if one.started_at is not None) & served
    heading = frozenset(one.visit_id for one in found if one.started_at is None) & served
    day = Day(snapshot, plan, travel_of(snapshot), begun, heading, recorded=True)
    news = {NEW, DROPPED}
    out = frozenset(left.visit_id for left in plan.unassigned if left.code not in news)
    told = replace(
        snapshot, published=tuple(c for c in snapshot.published if c.visit_id not in begun)
    )
    return day, Before(told, (), out)


def _is_pinned_there(snapshot: Snapshot, visit_id: str) -> bool:
    pin = snapshot.pin.get(visit_id)
    return pin is not None and pin.start_at is not None
