"""What must hold of every problem: of the best plan that exists, and of the search's.

Asking less of a plan makes the best one no dearer, if the times of the plans that were legal stay
as they are. (Without an absence or a window visits start earlier, and since a departure waits only
for the first visit, that may cost more.)
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.parts import Lot
from dispatch.domain.people import ShiftKind, Technician
from dispatch.domain.plan import Plan
from dispatch.domain.referee import judge
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Window
from dispatch.horizon import snapshot_of
from dispatch.numbering import number
from dispatch.problems import build_problem
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import HARD
from solver.exact import solve_exact
from tests.builders import FlatLegs, a_policy, a_snapshot, a_technician, a_visit, at
from tests.solver.oracle import best_plan, with_single_units
from tests.solver.solving import matrix, never, solved
from tests.solver.tiny import tiny

_TIGHT = replace(HARD, crews=0.0, links=0.0, overnight=0.0, hopeless=0.0, tools=0.0, technicians=1)


def _with_technicians(snapshot: Snapshot, change: Callable[[Technician], Technician]) -> Snapshot:
    return replace(snapshot, technicians=tuple(change(t) for t in snapshot.technicians))


def _without_limits(snapshot: Snapshot) -> Snapshot:
    return _with_technicians(
        snapshot,
        lambda t: replace(
            t, max_travel_s=None, max_visits=None, max_total_overtime_s=None, min_rest_s=0
        ),
    )


def _with_more_overtime(snapshot: Snapshot) -> Snapshot:
    return _with_technicians(
        snapshot,
        lambda t: replace(
            t, shifts=tuple(replace(s, max_overtime_s=s.max_overtime_s + 7200) for s in t.shifts)
        ),
    )


def _without_exclusions(snapshot: Snapshot) -> Snapshot:
    return _with_technicians(
        snapshot, lambda t: replace(t, excluded_sites=(), excluded_customers=())
    )


def _without_skills(snapshot: Snapshot) -> Snapshot:
    """Policies that price over-qualification have less to price too."""
    return replace(snapshot, visits=tuple(replace(v, skills=()) for v in snapshot.visits))


def _with_more_stock(snapshot: Snapshot) -> Snapshot:
    lots = tuple(
        Lot(f"more-{station.id}-{part.id}", station.id, part.id, 5, snapshot.start_at)
        for station in snapshot.stations
        for part in snapshot.parts
    )
    return replace(snapshot, lots=(*snapshot.lots, *lots))


def _with_later_closings(snapshot: Snapshot) -> Snapshot:
    """The last window of each visit closes later: whoever came in time still starts as before."""

    def later(windows: tuple[Window, ...]) -> tuple[Window, ...]:
        last = windows[-1]
        return (*windows[:-1], replace(last, close_at=last.close_at + timedelta(hours=2)))

    visits = (replace(v, windows=later(v.windows)) if v.windows else v for v in snapshot.visits)
    return replace(snapshot, visits=tuple(visits))


def _small(seed: int, days: int) -> Snapshot:
    mix = replace(_TIGHT, days=days, parts=0.4)
    return with_single_units(snapshot_of(generate(2 + seed % 2, seed=seed, mix=mix)))


@pytest.mark.parametrize(
    "relax",
    [
        _without_limits,
        _with_more_overtime,
        _without_exclusions,
        _without_skills,
        _with_more_stock,
        _with_later_closings,
    ],
)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 5000), days=st.integers(1, 2))
def test_asking_less_makes_the_best_plan_no_dearer(
    relax: Callable[[Snapshot], Snapshot], seed: int, days: int
) -> None:
    snapshot = _small(seed, days)
    travel = travel_of(snapshot)
    before, after = best_plan(snapshot, travel), best_plan(relax(snapshot), travel)
    assert (after.pins_out, after.fen) <= (before.pins_out, before.fen)


def _without_same_technician(snapshot: Snapshot) -> Snapshot:
    links = tuple(replace(link, same_technician=False) for link in snapshot.links)
    return replace(snapshot, links=links)


def _with_more_nights(snapshot: Snapshot) -> Snapshot:
    return _with_technicians(
        snapshot, lambda t: replace(t, may_stay_overnight=True, max_nights=t.max_nights + 1)
    )


def _with_more_tools(snapshot: Snapshot) -> Snapshot:
    """Where one ladder is lent, two are."""
    stations = (
        replace(s, tools=tuple(replace(tool, quantity=2) for tool in s.tools))
        for s in snapshot.stations
    )
    return replace(snapshot, stations=tuple(stations))


def _with_own_tools(snapshot: Snapshot) -> Snapshot:
    return _with_technicians(snapshot, lambda t: replace(t, tools=("ladder",)))


def _with_one_more_technician(snapshot: Snapshot) -> Snapshot:
    """The twin of the first, who was told of nothing and whom nobody wished for."""
    first = snapshot.technicians[0]
    shifts = tuple(replace(s, id=f"twin of {s.id}") for s in first.shifts)
    twin = replace(first, id="twin", shifts=shifts)
    return replace(snapshot, technicians=(*snapshot.technicians, twin))


def _without_pins(snapshot: Snapshot) -> Snapshot:
    """Pins of a start are times: without them visits would start earlier."""
    return replace(snapshot, pins=tuple(p for p in snapshot.pins if p.start_at is not None))


def _without_told(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, published=())


def _without_standby(snapshot: Snapshot) -> Snapshot:
    """Regular shifts would be a load that is fair."""
    return _with_technicians(
        replace(snapshot, policy=replace(snapshot.policy, unfair_fen_per_h=0)),
        lambda t: replace(t, shifts=tuple(replace(s, kind=ShiftKind.REGULAR) for s in t.shifts)),
    )


def _exact_fen(snapshot: Snapshot, legs: FlatLegs) -> int:
    travel = matrix(snapshot, legs)
    found = solve_exact(build_problem(number(snapshot, travel), travel), seconds=60, stop=never)
    assert found.proven
    return found.cost_fen


@pytest.mark.parametrize(
    "relax",
    [
        _without_limits,
        _with_more_overtime,
        _without_exclusions,
        _without_skills,
        _with_more_stock,
        _with_later_closings,
        _without_same_technician,
        _with_more_nights,
        _with_more_tools,
        _with_own_tools,
        _with_one_more_technician,
        _without_pins,
        _without_told,
        _without_standby,
    ],
)
def test_asking_less_makes_the_exact_optimum_no_dearer(
    relax: Callable[[Snapshot], Snapshot],
) -> None:
    """With every rule on."""
    dearer = {}
    for seed in range(600, 625):
        snapshot, legs = tiny(seed)
        before, after = _exact_fen(snapshot, legs), _exact_fen(relax(snapshot), legs)
        if after > before:
            dearer[seed] = before, after
    assert dearer == {}


def test_without_a_window_the_best_plan_may_be_dearer() -> None:
    """V1 then starts at 08:30, and the wait for V2 is paid: V1 cannot follow it."""
    afternoon = a_visit("V2", windows=(Window(at(15, 30), at(15, 30)),))
    promised = a_visit("V1", windows=(Window(at(14), at(14, 30)),))
    snapshot = a_snapshot(
        visits=[promised, afternoon],
        technicians=[a_technician(shifts=(a_technician().shifts[0],))],
        policy=a_policy(1_000_000, paid_fen_per_h=4_500),
    )
    free = replace(snapshot, visits=(replace(promised, windows=()), afternoon))
    legs = matrix(snapshot, FlatLegs())
    assert best_plan(free, legs).fen > best_plan(snapshot, legs).fen


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), visits=st.integers(1, 25), iterations=st.integers(1, 60))
def test_a_plan_is_never_dearer_than_no_plan(seed: int, visits: int, iterations: int) -> None:
    snapshot = snapshot_of(generate(visits, seed=seed, mix=HARD))
    travel = travel_of(snapshot)
    found = solved(snapshot, travel, iterations, seed)
    assert found.cost_fen <= judge(snapshot, Plan(()), travel).cost.total_fen
    assert sorted((*found.planned, *found.left_out)) == sorted(v.id for v in snapshot.visits)
