"""What would help a visit that has no place in the published plan, or none in time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.answering import late_s
from dispatch.commands.assigning import Looked
from dispatch.commands.live_plan import Standing
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Window
from dispatch.explain import Explainer
from dispatch.placing import left_out
from dispatch.relaxing import Relaxer, WayIn
from dispatch.travel import Travel


@dataclass(frozen=True)
class Stuck:
    """A visit that has no place, or none in time: what is needed to find what would help, which
    takes long and needs nobody to wait."""

    snapshot: Snapshot
    travel: Travel
    plan: Plan
    visit_id: str

    def way_in(self) -> WayIn:
        """The smallest change that would let it in."""
        verdict = judge(self.snapshot, self.plan, self.travel)
        explainer = Explainer(self.snapshot, self.travel, self.plan)
        return Relaxer(explainer, verdict).way_in(self.visit_id)


def stuck(standing: Standing, looked: Looked) -> Stuck | None:
    """None if somebody can take the visit in time, or nobody could any more whatever is done."""
    kept_plan, visit_id = standing.kept_plan, looked.visit_id
    snapshot, plan = kept_plan.snapshot, kept_plan.plan
    late = looked.least_late
    if looked.options and late is None:
        return None
    if visit_id in kept_plan.servers:
        plan = left_out(plan, visit_id)
    if late is not None:
        close_at = late.start_at - timedelta(seconds=late_s(late.margins))
        windows = tuple(_until(snapshot, visit_id, close_at))
        if close_at < standing.from_at or not windows:
            return None
        visits = (replace(v, windows=windows) if v.id == visit_id else v for v in snapshot.visits)
        snapshot = replace(snapshot, visits=tuple(visits))
    return Stuck(snapshot, kept_plan.travel, plan, visit_id)


def _until(snapshot: Snapshot, visit_id: str, close_at: datetime) -> Iterator[Window]:
    """When a visit may start so that no clock is late."""
    windows = snapshot.visit[visit_id].windows or (Window(snapshot.start_at, close_at),)
    for window in windows:
        if window.open_at <= close_at:
            yield replace(window, close_at=min(window.close_at, close_at))
