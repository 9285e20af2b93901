"""Two drafts of two territories: publishing one leaves the other as good as it was."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.by_hand import Assign, change
from dispatch.commands.plan_errors import StaleVersionError
from dispatch.commands.publishing import publish
from dispatch.commands.runs import Asked, Limits, ask_for_run
from dispatch.commands.runs_held import finish, take_run
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.domain.people import ShiftPattern, TerritoryCover
from dispatch.domain.plan import Plan
from dispatch.store.database import Database
from dispatch.store.mapping import save_organisation
from tests.builders import START_AT, a_route, a_site, a_snapshot, a_technician, a_visit
from tests.dispatch.commands.stores import an_organisation

NOW = START_AT
LIMITS = Limits(at_once=2, waiting=2, most_s=60)
BY = "test"
NORTH, SOUTH = "north", "south"
OF = {"T1": NORTH, "T2": SOUTH}
VISITS = {"V1": "A", "V2": "A", "V3": "B", "V4": "B"}


@pytest.fixture(name="store")
def _store(database: Database) -> Database:
    """T1 works in the north at site A, T2 in the south at site B; a plan without visits."""
    facts = a_snapshot(
        [a_visit(visit_id, site) for visit_id, site in VISITS.items()],
        [
            a_technician(t, shifts=(), territories=(TerritoryCover(territory),))
            for t, territory in OF.items()
        ],
        sites=[a_site("A", territory=NORTH), a_site("B", territory=SOUTH)],
    )
    known = replace(
        an_organisation(),
        horizon_days=1,
        technicians=facts.technicians,
        shift_patterns=tuple(ShiftPattern(t, "daily", time(8), time(17)) for t in OF),
        work_orders=facts.work_orders,
        visits=facts.visits,
        sites=facts.sites,
        lots=(),
    )
    with database.writing() as session:
        save_organisation(session, known, BY, NOW)
    with database.writing() as session:
        made = save_draft(session, take_baseline(session, NOW, NOW), Plan(()), BY, NOW)
        publish(session, made.version, BY, NOW)
    return database


def drafted(store: Database, **plans: tuple[str, ...]) -> list[int]:
    """Runs that go on at the same time, each for the territory of a technician; their drafts."""
    drafts = []
    with store.writing() as session:
        for number, technician_id in enumerate(plans):
            asked_at = NOW + timedelta(seconds=number)  # they are taken in this order
            ask_for_run(session, Asked((OF[technician_id],)), LIMITS, BY, asked_at)
    with store.writing() as session:
        held = [take_run(session, LIMITS.at_once, 60.0, NOW) for _ in plans]
        baseline = take_baseline(session, NOW, NOW)
    shift_of = {t.id: t.shifts[0].id for t in baseline.snapshot.technicians}
    for one, (technician_id, visits) in zip(held, plans.items(), strict=True):
        assert one is not None
        route = a_route(*visits, technician_id=technician_id)
        plan = Plan((replace(route, shift_id=shift_of[technician_id]),))
        with store.writing() as session:
            drafts.append(finish(session, one, baseline, plan, BY, NOW, NOW).version)
    return drafts


def published(store: Database, number: int) -> None:
    with store.writing() as session:
        publish(session, number, BY, NOW + timedelta(minutes=1))


def who(session: Session) -> dict[str, str]:
    """Who does what, by the published plan, in which the referee finds nothing."""
    found = load_version(session, named_version(session, PUBLISHED), at=NOW).judged
    assert found.verdict.violations == ()
    return {v: "+".join(t.technician_id for t in crew) for v, crew in found.served.items()}


def test_both_drafts_are_published_one_after_the_other(store: Database) -> None:
    north, south = drafted(store, T1=("V1",), T2=("V3", "V4"))
    published(store, north)
    published(store, south)
    with store.reading() as session:
        assert who(session) == {"V1": "T1", "V3": "T2", "V4": "T2"}
        assert load_version(session, south).base == north


def test_one_that_is_finished_when_the_other_is_published_has_no_conflict(store: Database) -> None:
    with store.writing() as session:
        for number, territory in enumerate(OF.values()):
            asked_at = NOW + timedelta(seconds=number)
            ask_for_run(session, Asked((territory,)), LIMITS, BY, asked_at)
        held = [take_run(session, LIMITS.at_once, 60.0, NOW) for _ in OF]
        baseline = take_baseline(session, NOW, NOW)
    for one, technician in zip(held, baseline.snapshot.technicians, strict=True):
        assert one is not None
        visit = {"T1": "V1", "T2": "V3"}[technician.id]
        route = a_route(visit, technician_id=technician.id)
        plan = Plan((replace(route, shift_id=technician.shifts[0].id),))
        with store.writing() as session:
            saved = finish(session, one, baseline, plan, BY, NOW, NOW)
        assert saved.conflicts == ()
        published(store, saved.version)
    with store.reading() as session:
        assert who(session) == {"V1": "T1", "V3": "T2"}


def test_what_was_changed_by_hand_in_either_stays(store: Database) -> None:
    north, south = drafted(store, T1=("V1",), T2=("V3",))
    for number, visit_id, technician_id in ((north, "V2", "T1"), (south, "V4", "T2")):
        with store.writing() as session:
            change(session, number, Assign(visit_id, (technician_id,)), BY, NOW)
    published(store, north)
    published(store, south)
    with store.reading() as session:
        assert who(session) == {"V1": "T1", "V2": "T1", "V3": "T2", "V4": "T2"}


def test_drafts_of_the_same_people_still_make_each_other_stale(store: Database) -> None:
    (first,) = drafted(store, T1=("V1",))
    (second,) = drafted(store, T1=("V2",))
    published(store, first)
    with pytest.raises(StaleVersionError, match=f"Version {second}"):
        published(store, second)


def test_a_draft_for_all_is_stale_when_a_part_was_published(store: Database) -> None:
    (north,) = drafted(store, T1=("V1",))
    with store.writing() as session:
        whole = save_draft(session, take_baseline(session, NOW, NOW), Plan(()), BY, NOW).version
    published(store, north)
    with pytest.raises(StaleVersionError):
        published(store, whole)
