"""A place that the search found, taken by a person: just what was shown, and nobody lost."""

from datetime import datetime

import pytest

from dispatch.answering import Option, best_displacements, best_insertions
from dispatch.commands.by_hand import Unassign
from dispatch.commands.taking import Take
from dispatch.commands.versions import Version
from dispatch.judged import judged
from dispatch.placing import PlacingError, servers
from dispatch.store.database import Database
from dispatch.store.rows_plans import PlanState
from dispatch.takers import kept_as_of
from tests.dispatch.commands.planned import changed, fill, later, loaded, saved
from tests.dispatch.test_answering import full_day
from tests.solver.places import visits_of

MOST = 99


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    return database


def _options(version: Version, visit_id: str, at: datetime) -> tuple[Option, ...]:
    kept_plan = kept_as_of(version.judged, version.travel, visit_id, at)
    places = best_insertions(kept_plan, visit_id, MOST).options
    return (*places, *best_displacements(kept_plan, visit_id, MOST))


def _elsewhere(version: Version, at: datetime) -> Option:
    """An option of a planned visit with other technicians than it has."""
    plan = version.judged.plan
    for visit_id in dict.fromkeys(visits_of(plan.routes)):
        for option in _options(version, visit_id, at):
            people = {seat.technician_id for seat in option.seats}
            if not people & set(servers(plan, visit_id)):
                return option
    raise AssertionError("there is no such visit")


def _take(option: Option, at: datetime) -> Take:
    return Take(option.visit_id, option.choice, MOST, at)


@pytest.mark.parametrize("minutes", [0, 240])
def test_a_place_is_taken_as_it_was_shown_and_the_visit_pinned(
    filled: Database, minutes: int
) -> None:
    """Also four hours into the day: nothing that was to start before moves."""
    number, at = saved(filled).version, later(minutes)
    before = loaded(filled, number).judged
    option = _elsewhere(loaded(filled, number), at)
    done = changed(filled, number, _take(option, at), minutes=minutes + 1)
    assert done.effect.broken == ()
    version = loaded(filled, number).judged
    assert version.verdict.violations == ()
    timetable, visit_id = version.verdict.timetable, option.visit_id
    assert (timetable.start_of(visit_id), timetable.end_of(visit_id)) == (
        option.start_at,
        option.end_at,
    )
    assert option.start_at >= at
    assert [seat.technician_id for seat in option.seats] == [*servers(version.plan, visit_id)]
    assert version.snapshot.pin[visit_id].technician_id == option.seats[0].technician_id
    for started in set(before.served) - {visit_id}:
        start_at = before.verdict.timetable.start_of(started)
        assert start_at >= at or timetable.start_of(started) == start_at
    assert set(version.served) | set(option.bumped) == set(before.served)


@pytest.mark.parametrize("second", [True, False])
def test_who_makes_way_is_part_of_the_change(second: bool) -> None:
    """V1 makes way for V9: to T2, if there is one, or it is left out."""
    kept_plan = full_day(second=second)
    snapshot, travel = kept_plan.snapshot, kept_plan.travel
    found = judged(snapshot, kept_plan.plan, travel)
    version = Version(1, PlanState.DRAFT, None, found, (), travel, frozenset())
    (option,) = best_displacements(kept_plan, "V9", 1)
    proposal = Take("V9", option.choice, 1, snapshot.now_at).proposal(version)
    people = ("T2",) if second else ()
    decided = [(d.visit_id, d.technician_ids) for d in proposal.decided]
    assert decided == [("V9", ("T1",)), ("V1", people)]
    assert [(pin.visit_id, pin.technician_id) for pin in proposal.pins] == [("V9", "T1")]
    plan = proposal.after.plan
    assert (servers(plan, "V9"), servers(plan, "V1")) == (("T1",), people)
    assert [u.visit_id for u in plan.unassigned] == ([] if second else ["V1"])
    assert proposal.effect.broken == ()


def test_a_place_that_is_gone_is_refused(filled: Database) -> None:
    """The visit after which it was to come is taken out meanwhile."""
    number, at = saved(filled).version, later(0)
    version = loaded(filled, number)
    visits = dict.fromkeys(visits_of(version.judged.plan.routes))
    options = (o for v in visits for o in _options(version, v, at))
    option, after = next(
        (o, s.after_visit_id) for o in options for s in o.seats if s.after_visit_id
    )
    changed(filled, number, Unassign(after))
    with pytest.raises(PlacingError, match=f"assign {option.visit_id}"):
        changed(filled, number, _take(option, at))
