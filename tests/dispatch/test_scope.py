"""A search within a scope leaves the rest as it was."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.effects import not_among
from dispatch.horizon import snapshot_of
from dispatch.judged import JudgedPlan, judged
from dispatch.plan_difference import differences
from dispatch.planning import make_plan
from dispatch.scope import Scope, with_the_rest, within_scope
from dispatch.travel import travel_of
from scenarios.generate import generate

HOME = "Territory ST001"


@cache
def wide() -> Snapshot:
    return snapshot_of(generate(visits=60, seed=3))


def found(snapshot: Snapshot, iterations: int, start: Plan | None = None) -> Plan:
    return make_plan(
        snapshot,
        travel_of(snapshot),
        iterations=iterations,
        seed=2,
        report=lambda _: None,
        stop=lambda: False,
        start=start,
        cores=1,
    )


@cache
def begun() -> Plan:
    """A plan that is poor, so that every search finds a better one; some visits are in none."""
    plan = found(wide(), 1)
    routes = plan.routes[::2]
    kept = {s.visit_id for r in routes for s in r.stops if s.visit_id is not None}
    crews = {v.id for v in wide().visits if v.crew_size > 1}
    stops = (replace(r, stops=tuple(s for s in r.stops if s.visit_id not in crews)) for r in routes)
    left = tuple(u for u in found(wide(), 1).unassigned if u.visit_id not in kept)
    return Plan(tuple(stops), left)


def searched(scope: Scope, start: Plan | None = None) -> tuple[JudgedPlan, JudgedPlan]:
    """The plan before and after a search in a scope, both judged by the same facts."""
    snapshot, travel, start = wide(), travel_of(wide()), start or begun()
    open_part = within_scope(snapshot, start, travel, scope)
    plan = with_the_rest(open_part, found(open_part, 300, start), start, scope)
    return judged(snapshot, start, travel), judged(snapshot, plan, travel)


def test_only_the_technicians_of_a_territory_get_other_routes() -> None:
    people = frozenset(
        t.id for t in wide().technicians if HOME in {c.territory for c in t.territories}
    )
    before, after = searched(Scope(people, frozenset({HOME})))
    others = tuple(r for r in before.plan.routes if r.technician_id not in people)
    assert others
    assert tuple(r for r in after.plan.routes if r.technician_id not in people) == others
    changed = differences(before, after)
    assert changed
    assert {wide().site_of(wide().visit[d.visit_id]).territory for d in changed} <= {HOME} | {
        # Who covers several territories may do what is elsewhere at other times.
        wide().site_of(wide().visit[s.visit_id]).territory
        for r in before.plan.routes
        if r.technician_id in people
        for s in r.stops
        if s.visit_id is not None
    }
    assert not_among(after.verdict.violations, before.verdict.violations) == ()
    planned = {s.visit_id for r in after.plan.routes for s in r.stops if s.visit_id is not None}
    left = {u.visit_id for u in after.plan.unassigned}
    assert planned.isdisjoint(left)
    assert after.verdict.cost.total_fen < before.verdict.cost.total_fen


def test_what_starts_before_an_instant_stays_and_the_rest_gets_better() -> None:
    times = judged(wide(), begun(), travel_of(wide())).verdict.timetable
    starts = sorted(times.start_of(v) for v in times.visits)
    until = starts[len(starts) // 2]
    before, after = searched(Scope(freeze_until=until))
    then, now = before.verdict.timetable, after.verdict.timetable
    frozen = [v for v in then.visits if then.start_of(v) < until]
    assert frozen
    for visit_id in frozen:
        assert now.start_of(visit_id) == then.start_of(visit_id)
        people = {timed.technician_id for timed in then.visits[visit_id]}
        assert {timed.technician_id for timed in now.visits[visit_id]} == people
    assert min(now.start_of(v) for v in now.visits if v not in frozen) >= until
    assert not_among(after.verdict.violations, before.verdict.violations) == ()
    assert after.verdict.cost.total_fen < before.verdict.cost.total_fen


def test_what_was_decided_to_begin_later_than_it_could_still_does() -> None:
    """As what was assigned at once: five minutes ahead, wherever somebody is."""
    times = judged(wide(), begun(), travel_of(wide())).verdict.timetable
    first, *others = begun().routes
    last = first.stops[-1]
    assert last.visit_id is not None
    later = times.start_of(last.visit_id) + timedelta(minutes=1)
    stops = (*first.stops[:-1], replace(last, not_before_at=later))
    start = replace(begun(), routes=(replace(first, stops=stops), *others))
    _, after = searched(Scope(freeze_until=later + timedelta(minutes=1)), start)
    assert after.verdict.timetable.start_of(last.visit_id) == later
