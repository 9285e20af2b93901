"""What an import leaves of stock and of what others do meanwhile, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.pinning import pin
from dispatch.commands.reservations import reserve
from dispatch.commands.shelf import Want
from dispatch.commands.stock import Expected, expect, transfer
from dispatch.commands.stock_counts import track
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Lot, PartQuantity
from dispatch.domain.work import Pin
from dispatch.importing import import_organisation
from dispatch.merging import Difference
from dispatch.store import queries_plans, queries_work
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.errors import BusyError
from dispatch.store.mapping import load_organisation
from dispatch.store.queries_trace import Level, levels
from tests.databases import Files, Server
from tests.dispatch.commands.stores import NOW, S1, S2, TOMORROW, an_organisation, cameras, fill

ORGANISATION = an_organisation()
LATER = next(lot for lot in ORGANISATION.lots if lot.id == "LATER")


@pytest.fixture(name="store")
def _store(databases: Files | Server) -> Iterator[Database]:
    """The small organisation; in the end everything holds together."""
    store = Database(databases.new(), wait_s=1)
    fill(store)
    yield store
    assert check(store) == ()
    store.close()


def bring(store: Database, organisation: Organisation = ORGANISATION) -> Difference:
    with store.writing() as session:
        return import_organisation(session, organisation, "importer", NOW)


def found(store: Database) -> dict[str, Level]:
    with store.reading() as session:
        return {level.balance_id: level for level in levels(session)}


def with_lots(*lots: Lot) -> Organisation:
    """The same files, some lots in the place of those of the same id, or beside the others."""
    kept = {lot.id: lot for lot in (*ORGANISATION.lots, *lots)}
    return replace(ORGANISATION, lots=tuple(kept.values()))


# ------------------------------------------------------------------------------ others meanwhile


@pytest.mark.parametrize(
    "command",
    [
        lambda s: transfer(s, cameras(1), S1, S2, "Li", NOW),
        lambda s: reserve(s, (Want("V1", "camera", 1, S1),), TOMORROW, "Li", NOW),
        queries_plans.lock_plans,
        lambda s: queries_work.lock_work_orders(s, ("V1@A",)),
    ],
)
def test_an_import_waits_for_who_changes_what_it_reads(
    store: Database, command: Callable[[Session], object]
) -> None:
    other = Database(store.url.render_as_string(hide_password=False), wait_s=1)
    with other.writing() as session:
        command(session)
        session.flush()
        with pytest.raises(BusyError):
            bring(store)
    other.close()
    assert bring(store).changed == ()


# ------------------------------------------------------------------------------ deliveries to come


def test_a_delivery_arrives_by_no_import_that_says_what_was_known(store: Database) -> None:
    delivery = Expected("MORE", "sim", 6, "S2", TOMORROW)
    with store.writing() as session:
        expect(session, delivery, "Li", NOW)
    before = found(store)
    after = replace(ORGANISATION, planning_at=TOMORROW + timedelta(hours=1))
    for organisation in (after, replace(after, lots=())):
        bring(store, organisation)
        assert found(store) == before


def test_a_delivery_that_files_count_anew_is_as_they_say(store: Database) -> None:
    more = replace(LATER, quantity=6)
    bring(store, with_lots(more))
    assert (found(store)["LATER"].on_hand, found(store)["LATER"].expected) == (0, 6)
    afterwards = TOMORROW + timedelta(hours=1)
    bring(store, replace(with_lots(replace(more, quantity=5)), planning_at=afterwards))
    assert (found(store)["LATER"].on_hand, found(store)["LATER"].expected) == (5, 0)


# ------------------------------------------------------------------------------ what people did


def test_the_word_import_as_a_reason_is_a_reason_like_any_other(store: Database) -> None:
    wanted = Pin("V1", start_at=TOMORROW)
    with store.writing() as session:
        transfer(session, cameras(1), S1, S2, "Li", NOW, "import")
        pin(session, wanted, "Li", NOW, "import")
    before = found(store)
    brought = replace(ORGANISATION, pins=(replace(wanted, start_at=NOW),))
    difference = bring(store, brought)
    assert {(c.kind, c.key) for c in difference.conflicts} == {("lots", "OLD"), ("pins", "V1")}
    assert found(store) == before
    with store.reading() as session:
        assert load_organisation(session).pins == (wanted,)


def test_units_of_a_tracked_part_do_not_come_without_serial_numbers(store: Database) -> None:
    with store.writing() as session:
        track(session, "sim", True, "Li", NOW)
    before = found(store)
    lot = Lot("SIMS", "S1", "sim", 9, NOW)
    one, *others = ORGANISATION.technicians
    stock = (PartQuantity("sim", 2), PartQuantity("camera", 1))
    technicians = (
        replace(one, van_stock=stock),
        *others,
        replace(one, id="T9", van_stock=stock[:1]),
    )
    difference = bring(store, replace(with_lots(lot), technicians=technicians))
    assert {(c.kind, c.key, c.field) for c in difference.conflicts} == {
        ("lots", "SIMS", "quantity"),
        ("technicians", "T1", "van_stock"),
        ("technicians", "T9", "van_stock"),
    }
    after = found(store)
    assert after.keys() - before.keys() == {"van/T1/camera"}
    with store.writing() as session:
        track(session, "sim", False, "Li", NOW)
    assert bring(store, replace(with_lots(lot), technicians=technicians)).conflicts == ()
    assert found(store)["SIMS"].on_hand == 9
