from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from dispatch.domain.events import EventKind
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import PartQuantity
from dispatch.domain.people import Absence
from dispatch.domain.work import Pin
from dispatch.importing import ImportRefusedError, import_organisation, preview_import
from dispatch.merging import Change, Difference
from dispatch.rehearsal import moment
from dispatch.store import queries_plans
from dispatch.store.checking import check
from dispatch.store.copying import Contents, contents
from dispatch.store.database import Database
from dispatch.store.errors import Guard, GuardError
from dispatch.store.mapping import load_organisation
from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_parts import BalanceRow, MovementKind, MovementRow
from dispatch.store.rows_people import AbsenceRow
from dispatch.store.rows_plans import PlanState, PlanVersionRow
from dispatch.store.rows_work import PinRow, VisitRow
from scenarios.generate import generate
from tests.databases import Files
from tests.dispatch.exchange.drawn import organisations

ORGANISATION = generate(visits=40, seed=6)
NOW = ORGANISATION.planning_at
LOT = next(lot for lot in ORGANISATION.lots if lot.quantity > 1 and lot.available_at <= NOW)
DRIVER = next(t for t in ORGANISATION.technicians if len(t.van_stock) > 1)


def bring(database: Database, organisation: Organisation) -> Difference:
    with database.writing() as session:
        return import_organisation(session, organisation, "importer", NOW)


def load(database: Database) -> Organisation:
    with database.reading() as session:
        return load_organisation(session)


def _contents(database: Database) -> Contents:
    with database.reading() as session:
        return contents(session)


@pytest.fixture(name="known")
def _known(database: Database) -> Iterator[Database]:
    bring(database, ORGANISATION)
    yield database
    assert check(database) == ()


# ------------------------------------------------------------------------------ rehearsal clock

YEARS = timedelta(days=800)


def test_an_organisation_of_another_day_rehearses_that_day(database: Database) -> None:
    pinned = replace(ORGANISATION, pins=(Pin(visit_id=ORGANISATION.visits[0].id, start_at=NOW),))
    with database.writing() as session:
        import_organisation(session, pinned, "importer", NOW + YEARS)
    with database.reading() as session:
        assert [row.pinned_at for row in session.scalars(select(PinRow))] == [NOW]
        assert {row.recorded_at for row in session.scalars(select(MovementRow))} == {NOW}
        assert abs(moment(session) + YEARS - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_rehearsal_goes_on_until_another_day_is_brought(database: Database) -> None:
    later = replace(ORGANISATION, planning_at=NOW + timedelta(days=30))
    with database.writing() as session:
        import_organisation(session, ORGANISATION, "importer", NOW + YEARS)
        import_organisation(session, ORGANISATION, "importer", NOW + YEARS + timedelta(days=2))
        assert queries_plans.rehearsal(session) == -YEARS
        import_organisation(session, later, "importer", NOW + YEARS)
        assert queries_plans.rehearsal(session) == timedelta(days=30) - YEARS


def test_who_lives_now_never_begins_to_rehearse(database: Database) -> None:
    with database.writing() as session:
        import_organisation(session, ORGANISATION, "importer", NOW + timedelta(hours=3))
        later = replace(ORGANISATION, planning_at=NOW + timedelta(hours=9))
        import_organisation(session, later, "importer", NOW + YEARS)
        assert queries_plans.rehearsal(session) == timedelta(0)


# -------------------------------------------------------------------------- adding and changing


def test_the_first_import_brings_everything(database: Database) -> None:
    difference = bring(database, ORGANISATION)
    assert load(database) == ORGANISATION
    assert len(difference.added["visits"]) == 40
    assert (difference.changed, difference.conflicts) == ((), ())


def test_the_same_again_changes_nothing(known: Database) -> None:
    before = _contents(known)
    difference = bring(known, ORGANISATION)
    assert (difference.added, difference.changed, difference.conflicts) == ({}, (), ())
    after = _contents(known)
    assert {name for name in before if before[name] != after[name]} == {"audit_trail"}


def test_new_things_are_added_and_missing_ones_stay(known: Database) -> None:
    visit = replace(ORGANISATION.visits[0], id="V-new")
    difference = bring(known, replace(ORGANISATION, visits=(visit,), customers=()))
    assert difference.added == {"visits": ("V-new",)}
    assert load(known).visits == (*ORGANISATION.visits, visit)
    assert load(known).customers == ORGANISATION.customers


def test_changed_fields_are_named_with_old_and_new(known: Database) -> None:
    site = replace(ORGANISATION.sites[3], address="By the river")
    sites = (*ORGANISATION.sites[:3], site, *ORGANISATION.sites[4:])
    difference = bring(known, replace(ORGANISATION, sites=sites))
    old = ORGANISATION.sites[3].address
    assert difference.changed == (Change("sites", site.id, "address", old, "By the river"),)
    assert load(known).sites == sites


def test_lists_of_a_thing_become_shorter_and_longer(known: Database) -> None:
    one, other = ORGANISATION.technicians[:2]
    changed = (
        replace(one, certificates=one.certificates[:1], tools=(*one.tools, "crane")),
        replace(other, certificates=(*other.certificates, *one.certificates), territories=()),
    )
    bring(known, replace(ORGANISATION, technicians=changed))
    assert load(known).technicians == (*changed, *ORGANISATION.technicians[2:])


def test_the_patterns_of_a_technician_are_replaced_as_a_whole(known: Database) -> None:
    mine = [p for p in ORGANISATION.shift_patterns if p.technician_id == DRIVER.id]
    pattern = replace(mine[0], days="Sun", breaks=())
    difference = bring(known, replace(ORGANISATION, shift_patterns=(pattern,)))
    assert [(c.kind, c.key) for c in difference.changed] == [("shift_patterns", DRIVER.id)]
    patterns = load(known).shift_patterns
    assert [p for p in patterns if p.technician_id == DRIVER.id] == [pattern]
    assert len(patterns) == len(ORGANISATION.shift_patterns) - len(mine) + 1


def test_a_dry_run_says_the_same_and_changes_nothing(known: Database) -> None:
    visit = replace(ORGANISATION.visits[0], duration_s=60)
    changed = replace(ORGANISATION, visits=(visit,), name="Renamed")
    before = _contents(known)
    with known.reading() as session:
        preview = preview_import(session, changed)
    assert _contents(known) == before
    assert bring(known, changed) == preview
    assert {(c.kind, c.field) for c in preview.changed} == {
        ("visits", "duration_s"),
        ("organisation", "name"),
    }


def test_an_import_is_on_record_with_who_did_it(known: Database) -> None:
    with known.reading() as session:
        row = session.scalars(select(AuditRow)).one()
    assert (row.done_by, row.command, row.subject_id) == ("importer", "import", ORGANISATION.id)
    assert row.after is not None
    assert row.after["added"]["visits"] == 40


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(first=organisations, second=organisations)
def test_any_organisation_may_follow_any_other(
    files: Files, first: Organisation, second: Organisation
) -> None:
    """What is the same id in both is as the second says; what only the first has stays."""
    second = replace(second, id=first.id)
    database = Database(files.new())
    bring(database, first)
    bring(database, second)
    found = load(database)
    database.close()
    for kind in ("stations", "sites", "work_orders", "visits", "calendars", "sla_rules"):
        assert getattr(found, kind) == getattr(second, kind)


# ---------------------------------------------------------------------------- all or nothing


def test_another_organisation_is_refused(known: Database) -> None:
    before = _contents(known)
    with pytest.raises(ImportRefusedError, match="another database"):
        bring(known, replace(ORGANISATION, id="other"))
    assert _contents(known) == before


def test_what_contradicts_the_database_is_refused(known: Database) -> None:
    site = replace(ORGANISATION.sites[0], id=ORGANISATION.stations[0].id)
    before = _contents(known)
    with pytest.raises(ImportRefusedError, match="the id is already at"):
        bring(known, replace(ORGANISATION, sites=(site,)))
    assert _contents(known) == before


# --------------------------------------------------------------------------- what is on record


def test_events_are_not_overwritten(known: Database) -> None:
    order = replace(ORGANISATION.work_orders[0], responded_at=NOW, description="changed")
    with known.writing() as session:
        session.add(
            EventRow(
                id="e1",
                kind=EventKind.REPORTED,
                work_order_id=order.id,
                happened_at=NOW,
                recorded_at=NOW,
                recorded_by="test",
            )
        )
    difference = bring(known, replace(ORGANISATION, work_orders=(order,)))
    assert [(c.key, c.field, c.new) for c in difference.conflicts] == [
        (order.id, "responded_at", NOW)
    ]
    assert [c.field for c in difference.changed] == ["description"]
    found = load(known).work_orders[0]
    assert found == replace(ORGANISATION.work_orders[0], description="changed")


def test_a_visit_that_has_begun_stays_as_it_is(known: Database) -> None:
    visit = ORGANISATION.visits[0]
    with known.writing() as session:
        session.get_one(VisitRow, visit.id).started_at = NOW
    changed = replace(visit, duration_s=visit.duration_s + 60)
    difference = bring(known, replace(ORGANISATION, visits=(changed,)))
    assert [c.field for c in difference.conflicts] == ["duration_s"]
    assert load(known).visits[0] == visit


def test_a_pin_that_a_person_set_stays(known: Database) -> None:
    visit = next(
        v.id for v in ORGANISATION.visits if v.id not in {p.visit_id for p in ORGANISATION.pins}
    )
    with known.writing() as session:
        session.add(PinRow(visit_id=visit, start_at=NOW, pinned_at=NOW, pinned_by="Li"))
    pin = Pin(visit, start_at=NOW + timedelta(hours=1))
    difference = bring(known, replace(ORGANISATION, pins=(pin,)))
    assert [(c.kind, c.field) for c in difference.conflicts] == [("pins", "start_at")]
    with known.reading() as session:
        row = session.get_one(PinRow, visit)
        assert (row.start_at, row.pinned_by) == (NOW, "Li")


def test_a_pin_that_came_with_an_import_may_change(known: Database) -> None:
    pin = Pin(ORGANISATION.visits[0].id, start_at=NOW)
    bring(known, replace(ORGANISATION, pins=(pin,)))
    later = replace(pin, start_at=NOW + timedelta(hours=1))
    assert bring(known, replace(ORGANISATION, pins=(later,))).conflicts == ()
    assert later in load(known).pins


def test_what_people_were_told_is_as_the_published_plan_says(known: Database) -> None:
    with known.writing() as session:
        session.add(
            PlanVersionRow(
                state=PlanState.PUBLISHED,
                published_at=NOW,
                start_at=NOW,
                end_at=NOW + timedelta(days=1),
                now_at=NOW,
                policy="balanced",
                made_by="search",
                made_at=NOW,
            )
        )
    told = replace(ORGANISATION.published[0], start_at=NOW + timedelta(days=9))
    difference = bring(known, replace(ORGANISATION, published=(told,)))
    assert [(c.kind, c.key) for c in difference.conflicts] == [("published", told.visit_id)]
    assert load(known).published == ORGANISATION.published


def test_an_absence_that_was_recorded_stays(known: Database) -> None:
    one = ORGANISATION.technicians[0]
    start_at, end_at = NOW + timedelta(days=400), NOW + timedelta(days=401)
    with known.writing() as session:
        session.add(
            AbsenceRow(technician_id=one.id, start_at=start_at, end_at=end_at, reason="ill")
        )
    bring(known, ORGANISATION)
    assert load(known).technicians[0].absences == (*one.absences, Absence(start_at, end_at, "ill"))


# ---------------------------------------------------------------------------------------- stock


def _movements(database: Database) -> dict[MovementKind, int]:
    with database.reading() as session:
        statement = select(MovementRow.kind, func.count()).group_by(MovementRow.kind)
        return {row[0]: row[1] for row in session.execute(statement)}


def test_stock_that_nobody_moved_is_put_right(known: Database) -> None:
    before = _movements(known)
    lots = (replace(LOT, quantity=LOT.quantity + 5),)
    bring(known, replace(ORGANISATION, lots=lots))
    assert lots[0] in load(known).lots
    assert _movements(known) == before | {MovementKind.ADJUST: 1}


def test_a_part_that_a_van_no_longer_carries_can_come_back(known: Database) -> None:
    first, *others = DRIVER.van_stock
    for stock in ((*others,), (first, *others), (PartQuantity(first.part_id, 77), *others)):
        bring(known, replace(ORGANISATION, technicians=(replace(DRIVER, van_stock=stock),)))
        found = next(t for t in load(known).technicians if t.id == DRIVER.id)
        assert sorted(found.van_stock, key=lambda p: p.part_id) == sorted(
            stock, key=lambda p: p.part_id
        )


def test_stock_that_has_moved_is_not_overwritten(known: Database) -> None:
    with known.writing() as session:
        session.get_one(BalanceRow, LOT.id).on_hand -= 1
        session.add(
            BalanceRow(
                id=f"{LOT.id}@{DRIVER.id}",
                lot_id=LOT.id,
                technician_id=DRIVER.id,
                available_at=NOW,
                on_hand=1,
                position=9999,
            )
        )
        session.flush()
        session.add(
            MovementRow(
                kind=MovementKind.ISSUE,
                lot_id=LOT.id,
                from_balance_id=LOT.id,
                to_balance_id=f"{LOT.id}@{DRIVER.id}",
                quantity=1,
                happened_at=NOW,
                recorded_at=NOW,
                recorded_by="test",
            )
        )
    before = load(known)
    later = replace(ORGANISATION, planning_at=NOW + timedelta(days=30))
    difference = bring(known, later)
    assert {(c.key, c.field) for c in difference.conflicts} == {
        (LOT.id, "quantity"),
        (DRIVER.id, "van_stock"),
    }
    assert load(known) == replace(before, planning_at=later.planning_at)


def test_stock_that_is_promised_cannot_be_taken_away(known: Database) -> None:
    with known.writing() as session:
        session.get_one(BalanceRow, LOT.id).reserved = 1
    with pytest.raises(GuardError) as refused:
        bring(known, replace(ORGANISATION, lots=(replace(LOT, quantity=0),)))
    assert refused.value.guard is Guard.STOCK
    with known.writing() as session:
        session.get_one(BalanceRow, LOT.id).reserved = 0
