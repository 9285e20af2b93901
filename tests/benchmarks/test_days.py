"""The days that peers and speed are measured on."""

from datetime import timedelta

import numpy as np
import pytest

from benchmarks.days import DAYS, STILL_RUNNING_S, make_day
from dispatch.domain.cost import running_clocks
from dispatch.domain.work import ClockKind


def test_the_same_arguments_make_an_equal_day() -> None:
    one, two = make_day(15, 1), make_day(15, 1)
    assert one.snapshot == two.snapshot
    assert make_day(15, 2).snapshot != one.snapshot


@pytest.mark.parametrize("mix", DAYS)
@pytest.mark.parametrize("visits", [1, 10, 60])
def test_a_day_has_so_many_visits_and_somebody_for_each(visits: int, mix: str) -> None:
    day = make_day(visits, 1, mix)
    assert len(day.snapshot.visits) == visits
    assert (np.diff(day.problem.candidate_ptr) > 0).all()
    assert day.snapshot.end_at - day.snapshot.start_at == timedelta(days=1)


def test_a_day_asks_nothing_that_no_peer_knows() -> None:
    snapshot = make_day(60, 1).snapshot
    assert not snapshot.links
    assert not snapshot.pins
    assert not snapshot.published
    assert all(v.crew_size == 1 and not v.tools and not v.run_in_s for v in snapshot.visits)
    assert not any(t.may_stay_overnight or t.absences for t in snapshot.technicians)


def test_a_day_has_breaks_parts_windows_and_clocks() -> None:
    snapshot = make_day(60, 1).snapshot
    assert all(shift.breaks for t in snapshot.technicians for shift in t.shifts)
    assert any(v.parts for v in snapshot.visits)
    assert any(v.windows for v in snapshot.visits)
    assert any(clocks for clocks in running_clocks(snapshot).values())


def test_no_clock_has_run_out_when_planning_begins() -> None:
    snapshot = make_day(60, 3).snapshot
    kinds = set()
    for clocks in running_clocks(snapshot).values():
        for clock in clocks:
            kinds.add(clock.kind)
            assert clock.due_at >= snapshot.now_at + timedelta(seconds=STILL_RUNNING_S)
    assert kinds == {ClockKind.ARRIVE, ClockKind.RESTORE}


def test_an_overloaded_day_has_the_same_work_for_fewer_people() -> None:
    typical, overloaded = make_day(100, 1), make_day(100, 1, "overloaded")
    assert len(typical.snapshot.technicians) == 28
    assert len(overloaded.snapshot.technicians) == 16


def test_technicians_can_be_counted_out() -> None:
    assert len(make_day(40, 1, technicians=6).snapshot.technicians) == 6


def test_a_count_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="visits must be positive, not 0"):
        make_day(0, 1)
