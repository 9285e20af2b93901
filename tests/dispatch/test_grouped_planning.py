"""Large organisations by groups of territories: legal together, and the same plan every time."""

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.grouped_planning import make_grouped_plan
from dispatch.groups import groups_of, with_own_stock
from dispatch.horizon import snapshot_of
from dispatch.judged import judged
from dispatch.planning import Progress, make_plan
from dispatch.travel import travel_of
from scenarios.generate import generate
from scenarios.mix import Mix

_MIX = Mix(stations=6)
_VISITS = 60
_FEW = 30


def made_up(seed: int, visits: int = _VISITS) -> Snapshot:
    return snapshot_of(generate(visits, seed, _MIX))


def grouped(
    snapshot: Snapshot,
    executor: Executor,
    *,
    groups: int = 3,
    iterations: int = 120,
    is_stopped: bool = False,
    told: list[Progress] | None = None,
    start: Plan | None = None,
) -> Plan:
    return make_grouped_plan(
        snapshot,
        travel_of(snapshot),
        groups=groups,
        executor=executor,
        cores=2,
        iterations=iterations,
        seed=1,
        report=(lambda _: None) if told is None else told.append,
        stop=lambda: is_stopped,
        start=start,
    )


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def is_whole(snapshot: Snapshot, plan: Plan) -> bool:
    """Whether each visit is planned or left out, not both, and the referee agrees; but some pins
    of made-up days cannot hold, and leave their visits out."""
    planned = {s.visit_id for r in plan.routes for s in r.stops if s.visit_id is not None}
    out = [u.visit_id for u in plan.unassigned]
    verdict = judged(snapshot, plan, travel_of(snapshot)).verdict
    return (
        all(v.code == "pinned" and v.visit_id in out for v in verdict.violations)
        and len(set(out)) == len(out)
        and not planned & set(out)
        and planned | set(out) == set(snapshot.visit)
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(1, 500), groups=st.integers(2, 6))
def test_the_joined_plan_is_legal(threads: Executor, seed: int, groups: int) -> None:
    snapshot = made_up(seed, _FEW)
    assert is_whole(snapshot, grouped(snapshot, threads, groups=groups, iterations=40))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(1, 500), count=st.integers(1, 8))
def test_everything_is_in_one_group_at_most(seed: int, count: int) -> None:
    snapshot = made_up(seed)
    groups = groups_of(snapshot, travel_of(snapshot), count)
    assert 1 <= len(groups) <= count
    for kind in ("technicians", "stations", "visits"):
        ids = [one for group in groups for one in getattr(group, kind)]
        assert len(ids) == len(set(ids))
    lots = [lot for g in groups for lot in with_own_stock(snapshot, g).lots]
    assert len(lots) == len({lot.id for lot in lots})
    for link in snapshot.links:
        at = [g for g in groups if {link.first_visit_id, link.then_visit_id} & g.visits]
        assert all({link.first_visit_id, link.then_visit_id} <= g.visits for g in at)


def test_groups_are_of_about_the_same_size() -> None:
    snapshot = snapshot_of(generate(400, 1, Mix(stations=20)))
    sizes = [len(g.visits) for g in groups_of(snapshot, travel_of(snapshot), 4)]
    assert len(sizes) == 4
    assert max(sizes) < 1.5 * min(sizes)


def test_the_same_plan_with_one_worker_and_with_two(threads: Executor) -> None:
    snapshot = made_up(7)
    with ThreadPoolExecutor(1) as one:
        assert grouped(snapshot, one) == grouped(snapshot, threads)


def test_the_seam_is_no_worse_than_the_groups(threads: Executor) -> None:
    """The second search begins from what the groups found, and has all the stock."""
    snapshot, told = made_up(3), list[Progress]()
    plan = grouped(snapshot, threads, told=told)
    assert [p.phase for p in told].index("groups") < [p.phase for p in told].index("seam")
    first = next(p for p in told if p.phase == "seam" and p.so_far is not None)
    last = [p for p in told if p.phase == "seam"][-1]
    assert last.cost_fen <= first.cost_fen
    assert is_whole(snapshot, plan)


def test_who_stops_has_a_plan(threads: Executor) -> None:
    snapshot = made_up(5)
    plan = grouped(snapshot, threads, iterations=10**9, is_stopped=True)
    assert is_whole(snapshot, plan)
    assert plan.routes


def test_it_goes_on_from_a_plan(threads: Executor) -> None:
    snapshot = made_up(9)
    travel = travel_of(snapshot)
    before = make_plan(
        snapshot,
        travel,
        iterations=2000,
        seed=2,
        report=lambda _: None,
        stop=lambda: False,
    )
    plan = grouped(snapshot, threads, iterations=20, start=before)
    alone = grouped(snapshot, threads, iterations=20)
    assert is_whole(snapshot, plan)
    cost = [judged(snapshot, p, travel).verdict.kpis.total_fen for p in (plan, alone)]
    assert cost[0] < cost[1]


class Dying(ThreadPoolExecutor):
    """Whatever it is given, its workers die."""

    def submit(self, *_: object, **__: object) -> Future[object]:  # type: ignore[override]
        future: Future[object] = Future()
        future.set_exception(BrokenExecutor("killed"))
        return future


def test_workers_that_die_cost_no_group(threads: Executor) -> None:
    snapshot = made_up(7)
    with Dying(1) as dying:
        assert grouped(snapshot, dying) == grouped(snapshot, threads)
