"""A place that the search found, taken by a person: just what was shown, and nobody lost."""

from datetime import datetime

import pytest

from dispatch.answering import Option, best_displacements, best_insertions
from dispatch.commands.by_hand import Unassign
from dispatch.commands.taking import Take
from dispatch.commands.versions import Version
from dispatch.placing import PlacingError, servers
from dispatch.store.database import Database
from dispatch.takers import kept_as_of
from tests.dispatch.commands.planned import changed, fill, later, loaded, saved
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


def test_who_makes_way_is_part_of_the_change(filled: Database) -> None:
    number, at = saved(filled).version, later(0)
    version = loaded(filled, number)
    visits = dict.fromkeys(visits_of(version.judged.plan.routes))
    moving = (o for v in visits for o in _options(version, v, at) if o.choice.moved or o.bumped)
    option = next(moving)
    proposal = _take(option, at).proposal(version)
    decided = {d.visit_id: d.technician_ids for d in proposal.decided}
    assert decided[option.visit_id] == tuple(seat.technician_id for seat in option.seats)
    for visit_id, people in option.choice.moved:
        assert decided[visit_id] == people
        assert set(servers(proposal.after.plan, visit_id)) == set(people)
    changed(filled, number, _take(option, at))
    after = loaded(filled, number).judged
    assert set(after.served) | set(option.bumped) == set(version.judged.served) | {option.visit_id}


def test_a_place_that_is_gone_is_refused(filled: Database) -> None:
    number, at = saved(filled).version, later(0)
    option = _elsewhere(loaded(filled, number), at)
    after = option.seats[0].after_visit_id
    others = [v for v in visits_of(tuple(filter(None, option.routes.values()))) if v != after]
    for visit_id in dict.fromkeys([after or others[0], *others]):
        if visit_id != option.visit_id:
            changed(filled, number, Unassign(visit_id))
    with pytest.raises(PlacingError, match=f"assign {option.visit_id}"):
        changed(filled, number, _take(option, at))
