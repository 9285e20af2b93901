from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import update

from dispatch.domain.events import EventKind
from dispatch.domain.organisation import Organisation
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Commitment, Link, Pin, Window
from dispatch.exchange import load_organisation as read_files
from dispatch.horizon import snapshot_of
from dispatch.store.database import Database
from dispatch.store.errors import SchemaError
from dispatch.store.mapping import load_organisation, load_snapshot, save_organisation
from dispatch.store.mapping_life import DetailsError, details_of
from dispatch.store.rows_parts import BalanceRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow
from scenarios import organisations
from scenarios.generate import generate
from tests.databases import Files, Server
from tests.dispatch.exchange.drawn import organisations as drawn_organisations


def save(database: Database, organisation: Organisation) -> None:
    with database.writing() as session:
        save_organisation(session, organisation, "test", organisation.planning_at)


def load(database: Database) -> Organisation:
    with database.reading() as session:
        return load_organisation(session)


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_a_sample_comes_back_as_it_was_saved(database: Database, name: str) -> None:
    organisation = read_files(organisations.path_of(name))
    save(database, organisation)
    assert load(database) == organisation


def test_a_large_organisation_comes_back_as_it_was_saved(database: Database) -> None:
    organisation = generate(visits=500, seed=11)
    save(database, organisation)
    assert load(database) == organisation


def _comes_back(made: Files | Server, organisation: Organisation) -> None:
    database = Database(made.new())
    save(database, organisation)
    assert load(database) == organisation
    database.close()


_EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@_EXAMPLES
@given(organisation=drawn_organisations)
def test_any_organisation_comes_back_from_a_file(files: Files, organisation: Organisation) -> None:
    _comes_back(files, organisation)


@settings(_EXAMPLES, max_examples=8)
@given(organisation=drawn_organisations)
def test_any_organisation_comes_back_from_postgresql(
    server: Server, organisation: Organisation
) -> None:
    _comes_back(server, organisation)


def test_an_empty_database_says_that_an_organisation_is_missing(database: Database) -> None:
    with pytest.raises(SchemaError, match="dispatch import"):
        load(database)


@pytest.mark.parametrize("name", ["liaoning", "guizhou"])
def test_the_snapshot_is_the_one_of_the_files(database: Database, name: str) -> None:
    organisation = read_files(organisations.path_of(name))
    save(database, organisation)
    with database.reading() as session:
        snapshot = load_snapshot(session, organisation.planning_at, days=2, policy="sla_first")
    assert snapshot == snapshot_of(organisation, days=2, policy="sla_first")


def test_work_that_is_over_is_not_planned_again(database: Database) -> None:
    organisation = generate(visits=30, seed=2)
    save(database, organisation)
    closed, done = organisation.work_orders[0].id, organisation.visits[5].id
    now = organisation.planning_at
    with database.writing() as session:
        session.execute(update(WorkOrderRow).where(WorkOrderRow.id == closed).values(closed_at=now))
        session.execute(update(VisitRow).where(VisitRow.id == done).values(ended_at=now))
    with database.reading() as session:
        snapshot = load_snapshot(session, now)
    assert closed not in snapshot.work_order
    assert [v.id for v in snapshot.visits] == [
        v.id for v in organisation.visits if v.work_order_id != closed and v.id != done
    ]
    assert {told.visit_id for told in snapshot.published} <= snapshot.visit.keys()
    assert {pin.visit_id for pin in snapshot.pins} <= snapshot.visit.keys()


def _linked(organisation: Organisation) -> Organisation:
    """The second visit comes an hour or more after the first, and right after it."""
    first, then = organisation.visits[0].id, organisation.visits[1].id
    return replace(
        organisation,
        visits=tuple(replace(v, release_at=None) for v in organisation.visits),
        links=(Link(first, then, min_lag_s=3600),),
        pins=(Pin(then, start_at=organisation.planning_at, after_visit_id=first),),
    )


def test_a_repair_that_is_done_releases_what_comes_after_it(database: Database) -> None:
    organisation = _linked(generate(visits=5, seed=2))
    save(database, organisation)
    now = organisation.planning_at
    first, then = organisation.visits[0].id, organisation.visits[1].id
    with database.writing() as session:
        session.execute(
            update(VisitRow)
            .where(VisitRow.id == first)
            .values(repaired_at=now + timedelta(minutes=5), ended_at=now + timedelta(minutes=9))
        )
    with database.reading() as session:
        snapshot = load_snapshot(session, now)
    assert snapshot.visit[then].release_at == now + timedelta(minutes=65)
    assert snapshot.links == ()
    assert snapshot.pin[then].after_visit_id is None


def _after_repair(
    database: Database,
    link: Link,
    at: timedelta,
    **fields: Any,  # noqa: ANN401
) -> Snapshot:
    """What is planned ``at`` so long after the first of two linked visits was repaired."""
    organisation = _linked(generate(visits=5, seed=2))
    visits = tuple(replace(v, windows=(), **fields) for v in organisation.visits)
    first, then = visits[0].id, visits[1].id
    now = organisation.planning_at
    told = (Commitment(first, tuple(t.id for t in organisation.technicians[:2]), now),)
    save(
        database,
        replace(
            organisation,
            visits=visits,
            links=(replace(link, first_visit_id=first, then_visit_id=then),),
            pins=(),
            published=told,
        ),
    )
    done = {"repaired_at": now, "ended_at": now}
    with database.writing() as session:
        session.execute(update(VisitRow).where(VisitRow.id == first).values(done))
    with database.reading() as session:
        return load_snapshot(session, now + at)


def test_the_same_technician_comes_again_after_a_repair_that_is_done(database: Database) -> None:
    link = Link("", "", same_technician=True)
    snapshot = _after_repair(database, link, timedelta(hours=1))
    (pin,) = snapshot.pins
    assert (pin.visit_id, pin.technician_id) == (snapshot.visits[0].id, snapshot.technicians[0].id)
    assert pin.other_technician_ids == ()


def test_several_come_again_if_several_are_needed(database: Database) -> None:
    link = Link("", "", same_technician=True)
    snapshot = _after_repair(database, link, timedelta(hours=1), crew_size=2)
    others = tuple(technician.id for technician in snapshot.technicians[:2])
    (pin,) = snapshot.pins
    assert (pin.technician_id, *pin.other_technician_ids) == others


@pytest.mark.parametrize(("hours", "is_kept"), [(1, True), (4, True), (5, False)])
def test_the_longest_lag_is_a_window_until_it_has_run_out(
    database: Database, hours: int, is_kept: bool
) -> None:
    link = Link("", "", min_lag_s=None, max_lag_s=4 * 3600)
    snapshot = _after_repair(database, link, timedelta(hours=hours))
    repaired_at = snapshot.now_at - timedelta(hours=hours)
    window = Window(repaired_at, repaired_at + timedelta(hours=4))
    assert snapshot.visits[0].windows == ((window,) if is_kept else ())


def test_a_delivery_that_is_overdue_is_not_planned_with(database: Database) -> None:
    organisation = generate(visits=30, seed=2)
    lot = replace(organisation.lots[0], available_at=organisation.planning_at + timedelta(hours=2))
    organisation = replace(organisation, lots=(lot, *organisation.lots[1:]))
    save(database, organisation)
    at = {}
    with database.reading() as session:
        for hours in (1, 3):
            now = organisation.planning_at + timedelta(hours=hours)
            at[hours] = lot in load_snapshot(session, now).lots
        assert at == {1: True, 3: False}
        row = session.get_one(BalanceRow, lot.id)
        assert (row.on_hand, row.expected) == (0, lot.quantity)


@pytest.mark.parametrize(
    ("details", "wrong"),
    [
        ({"part_used": []}, "part_used"),
        ({"parts_used": [{"part_id": "camera", "units": 2}]}, r"parts_used\.0\.units"),
        ({"parts_used": [{"quantity": 2}]}, r"parts_used\.0\.part_id"),
    ],
)
def test_details_that_no_event_of_the_kind_has_are_named(
    details: dict[str, object], wrong: str
) -> None:
    with pytest.raises(DetailsError, match=f"missing details: {wrong}"):
        details_of(EventKind.REPAIRED, details)
