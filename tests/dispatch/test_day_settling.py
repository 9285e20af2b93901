"""A running day in which no plan can change the past."""

from dataclasses import replace

from dispatch.day import Day, day_at, told
from dispatch.day_settling import settled
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from tests.builders import FlatLegs, a_plan, a_route, a_shift, a_snapshot, a_technician, a_visit, at
from tests.solver.solving import matrix


def _later(snapshot: Snapshot, plan: Plan, hour: int, minute: int = 0) -> Day:
    travel = matrix(snapshot, FlatLegs())
    return day_at(Day(told(snapshot, plan, travel), plan, travel), at(hour, minute))


def test_what_has_begun_may_take_more_overtime_than_all_days_allow() -> None:
    shift = a_shift(max_overtime_s=3600)
    long = a_technician(shifts=(shift,), max_total_overtime_s=1800)
    snapshot = a_snapshot([a_visit("V1", duration_s=9 * 3600)], [long])
    day = settled(_later(snapshot, a_plan(a_route("V1")), 12))
    assert judge(day.snapshot, day.plan, day.travel).violations == ()


def test_whoever_waited_somewhere_until_now_may_still_drive_home() -> None:
    """V2 was cancelled at 16:50; nobody knew before that he would go home from V1."""
    late = a_visit("V2", release_at=at(16, 55), duration_s=60)
    snapshot = a_snapshot([a_visit("V1"), late], [a_technician(shifts=(a_shift(),))])
    day = _later(snapshot, a_plan(a_route("V1", "V2")), 16, 50)
    alone = replace(day, plan=a_plan(a_route("V1")))
    after = settled(alone)
    assert judge(after.snapshot, after.plan, after.travel).violations == ()
