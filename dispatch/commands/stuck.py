"""What would help a visit that has no place in the published plan, or none in time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.answering import late_s
from dispatch.commands.assigning import Looked
from dispatch.commands.live_plan import Standing
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import derive
from dispatch.domain.work import Window
from dispatch.excerpts import Excerpts
from dispatch.explain import Explainer
from dispatch.placing import left_out
from dispatch.relaxing import PER_CODE, Relaxer, WayIn
from dispatch.travel import Travel


@dataclass(frozen=True)
class Stuck:
    """A visit that has no place, or none in time: what is needed to find what would help, which
    takes long and needs nobody to wait. ``technician_ids`` are those who come closest."""

    snapshot: Snapshot
    travel: Travel
    plan: Plan
    visit_id: str
    technician_ids: Sequence[str]

    def way_in(self) -> WayIn:
        """The smallest change that would let it in; of the plan it holds what that can touch."""
        timetable = derive(self.snapshot, self.plan, self.travel)
        excerpts = Excerpts(self.snapshot, self.travel, self.plan, timetable)
        near = excerpts.of(self.visit_id, self.technician_ids)
        verdict = judge(near.snapshot, near.plan, near.travel)
        explainer = Explainer(near.snapshot, near.travel, near.plan)
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
    return Stuck(snapshot, kept_plan.travel, plan, visit_id, tuple(_closest(standing, looked)))


def _closest(standing: Standing, looked: Looked) -> Iterator[str]:
    """Those who could, only too late, and of each rule those whom it keeps from the visit least;
    where they are equally close, the nearest. What a rule says of one often holds for all."""
    snapshot, travel = standing.kept_plan.snapshot, standing.kept_plan.travel
    site_id = snapshot.site_of(snapshot.visit[looked.visit_id]).id

    def away_s(technician_id: str) -> int:
        return travel.leg(snapshot.technician[technician_id].station_id, site_id)[0]

    late = (looked.least_late,) if looked.least_late is not None else ()
    for option in (*looked.options, *late):
        yield from (seat.technician_id for seat in option.seats)
    same: Counter[str] = Counter()
    for found in sorted(looked.obstacles, key=lambda o: (o.amount, away_s(o.technician_id))):
        same[found.code] += 1
        if same[found.code] <= PER_CODE:
            yield found.technician_id


def _until(snapshot: Snapshot, visit_id: str, close_at: datetime) -> Iterator[Window]:
    """When a visit may start so that no clock is late."""
    windows = snapshot.visit[visit_id].windows or (Window(snapshot.start_at, close_at),)
    for window in windows:
        if window.open_at <= close_at:
            yield replace(window, close_at=min(window.close_at, close_at))
