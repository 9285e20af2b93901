"""What would help a visit that has no place in the published plan, or none in time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.answering import late_s
from dispatch.commands.assigning import Looked
from dispatch.commands.live_plan import Standing
from dispatch.domain.plan import Plan
from dispatch.domain.rules import violations
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.timetable import Timetable
from dispatch.domain.work import Window
from dispatch.excerpts import Excerpts
from dispatch.kept_plan import KeptPlan
from dispatch.obstacles import TechnicianObstacle, obstacles_of
from dispatch.placing import left_out
from dispatch.relaxing import Relaxer, WayIn, closest
from dispatch.travel import Travel


@dataclass(frozen=True)
class Stuck:
    """A visit that has no place, or none in time: what is needed to find what would help, which
    takes long and needs nobody to wait.

    The visit of the ``snapshot`` has to be in time, if anybody could do it at all. ``fits`` is the
    plan with it if it can be, though only so that it costs more than to be late; ``obstacles`` is
    what keeps technicians from it. ``times`` are those of the ``plan``.
    """

    snapshot: Snapshot
    travel: Travel
    plan: Plan
    times: Timetable
    visit_id: str
    fits: Plan | None
    obstacles: tuple[TechnicianObstacle, ...]

    def way_in(self) -> WayIn:
        """The smallest change that would let it in; of the plan it holds what that can touch."""
        if self.fits is not None:
            return WayIn(self.visit_id, self.fits)
        visit = self.snapshot.visit[self.visit_id]
        found = closest(self.snapshot, self.travel, visit, self.obstacles)
        people = tuple(obstacle.technician_id for obstacle in found)
        cut = Excerpts(self.snapshot, self.travel, self.plan, self.times)
        near = cut.of(self.visit_id, people)
        own = {route.shift_id for route in near.plan.routes}
        timed = tuple(r for r in self.times.routes if r.route.shift_id in own)
        times = Timetable(timed, self.times.circles)
        there = near.snapshot.technician
        obstacles = tuple(o for o in self.obstacles if o.technician_id in there)
        asked = _Asked(near.snapshot, near.travel, near.plan, obstacles)
        relaxer = Relaxer(asked, times, lambda: violations(near.snapshot, times))
        return relaxer.way_in(self.visit_id)


@dataclass(frozen=True)
class _Asked:
    """A part of a plan, and what the plan said of a visit that it was asked about."""

    snapshot: Snapshot
    travel: Travel
    plan: Plan
    found: tuple[TechnicianObstacle, ...]

    def obstacles(self, _: str) -> tuple[TechnicianObstacle, ...]:
        return self.found


def stuck(standing: Standing, looked: Looked) -> Stuck | None:
    """None if somebody can take the visit in time, or nobody could any more whatever is done."""
    kept_plan, visit_id = standing.kept_plan, looked.visit_id
    snapshot, plan = kept_plan.snapshot, kept_plan.plan
    late = looked.least_late
    if looked.options and late is None:
        return None
    fits = None
    if late is None:
        found = looked.answer.others()
    else:
        close_at = late.start_at - timedelta(seconds=late_s(late.margins))
        windows = tuple(_until(snapshot, visit_id, close_at))
        if close_at < standing.from_at or not windows:
            return None
        visits = (replace(v, windows=windows) if v.id == visit_id else v for v in snapshot.visits)
        snapshot = replace(snapshot, visits=tuple(visits))
        fits, found = in_time(kept_plan, snapshot, visit_id)
    times = kept_plan.times()
    if visit_id in kept_plan.servers:
        plan = left_out(plan, visit_id)
        times = kept_plan.times_of(plan)
    return Stuck(snapshot, kept_plan.travel, plan, times, visit_id, fits, found)


def in_time(
    kept_plan: KeptPlan, snapshot: Snapshot, visit_id: str
) -> tuple[Plan | None, tuple[TechnicianObstacle, ...]]:
    """The plan with a visit in the windows of a snapshot where that costs least, if it has a place
    there; and what is in the way otherwise."""
    kept, numbering = kept_plan.kept, replace(kept_plan.numbering, snapshot=snapshot)
    with kept_plan.within({visit_id: snapshot.visit[visit_id].windows}):
        ways, obstructions = kept.insertions(numbering.visit_number[visit_id], 1)
        fits = None
        if ways:
            with kept.trial(ways[0].out, ways[0].places):
                routes = kept_plan.with_routes(kept_plan.routes_of(kept.touched()))
            left = tuple(u for u in kept_plan.plan.unassigned if u.visit_id != visit_id)
            fits = replace(kept_plan.plan, routes=routes, unassigned=left)
    servers = {v: crew for v, crew in kept_plan.servers.items() if v != visit_id}
    return fits, obstacles_of(numbering, obstructions, visit_id, servers, may_fit=bool(ways))


def _until(snapshot: Snapshot, visit_id: str, close_at: datetime) -> Iterator[Window]:
    """When a visit may start so that no clock is late."""
    windows = snapshot.visit[visit_id].windows or (Window(snapshot.start_at, close_at),)
    for window in windows:
        if window.open_at <= close_at:
            yield replace(window, close_at=min(window.close_at, close_at))
