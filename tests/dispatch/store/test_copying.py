import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from dispatch.domain.events import EventKind
from dispatch.store import schema
from dispatch.store.copying import Contents, CopyError, back_up, contents, copy, restore
from dispatch.store.database import Database
from dispatch.store.errors import DamagedError, GuardError, SchemaError
from dispatch.store.mapping import load_organisation, save_organisation
from dispatch.store.rows_log import AuditRow, EventRow
from dispatch.store.rows_places import CustomerRow
from dispatch.store.rows_plans import BookingRow, PlanState, PlanVersionRow
from dispatch.store.rows_work import VisitRow
from scenarios.generate import generate
from tests.databases import Files, Server

ORGANISATION = generate(visits=60, seed=8)
NOW = ORGANISATION.planning_at


def _fill(database: Database) -> None:
    """An organisation, and rows with every kind of column: JSON, money, self-references."""
    last, first = ORGANISATION.visits[-1].id, ORGANISATION.visits[0].id
    with database.writing() as session:
        save_organisation(session, ORGANISATION, "test", NOW + timedelta(microseconds=7))
        session.execute(update(VisitRow).where(VisitRow.id == first).values(follows_visit_id=last))
        for version, base in ((7, None), (9, 7)):
            session.add(_plan(version, base))
        session.flush()
        session.add(
            BookingRow(
                technician_id=ORGANISATION.technicians[0].id,
                visit_id=first,
                start_at=NOW,
                finish_at=NOW + timedelta(hours=1),
                plan_version=9,
            )
        )
        session.add(
            EventRow(
                id="e1",
                kind=EventKind.REPORTED,
                work_order_id=ORGANISATION.work_orders[0].id,
                happened_at=NOW,
                recorded_at=NOW,
                recorded_by="电话",
                details={"b": [1, 2.5, None], "a": {"z": '"quoted"', "y": True}},
            )
        )
        session.add(_audit())


def _plan(version: int, base: int | None) -> PlanVersionRow:
    return PlanVersionRow(
        version=version,
        state=PlanState.DRAFT,
        base_version=base,
        start_at=NOW,
        end_at=NOW + timedelta(days=1),
        now_at=NOW,
        policy="balanced",
        made_by="search",
        made_at=NOW,
        cost_fen=12 * 10**9,
    )


def _audit() -> AuditRow:
    return AuditRow(
        done_at=NOW, done_by="test", command="pin", subject_kind="visit", subject_id="V", after=None
    )


def _contents(database: Database) -> Contents:
    with database.reading() as session:
        return contents(session)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    _fill(database)
    return database


@pytest.mark.parametrize("to", ["files", "server"])
def test_a_copy_is_equal_row_by_row(
    filled: Database, to: str, request: pytest.FixtureRequest
) -> None:
    made: Files | Server = request.getfixturevalue(to)
    target = Database(made.new(empty=True))
    copied = copy(filled, target)
    assert copied == _contents(target) == _contents(filled)
    assert copied["visits"].rows == 60
    with target.reading() as session:
        assert load_organisation(session) == ORGANISATION
    with target.writing() as session:  # numbers go on behind those that were copied
        audit, plan = _audit(), _plan(0, 9)
        plan.version = None  # type: ignore[assignment]
        session.add_all((audit, plan))
        session.flush()
        assert plan.version == 10
    target.close()


def test_a_backup_restores_to_the_same(
    filled: Database, databases: Files | Server, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    back_up(filled, file)
    assert [path.name for path in tmp_path.iterdir()] == ["backup.db"]
    again = Database(databases.new(empty=True))
    restore(file, again)
    assert _contents(again) == _contents(filled)
    assert [path.name for path in tmp_path.iterdir()] == ["backup.db"]
    again.close()


def test_a_backup_of_an_earlier_shape_is_brought_up(files: Files, tmp_path: Path) -> None:
    old = Database(files.new())
    _fill(old)
    before = _contents(old)
    file = tmp_path / "backup.db"
    back_up(old, file)
    schema.downgrade(Database(f"sqlite:///{file}"), "0001")
    again = Database(files.new())
    restore(file, again)
    assert _contents(again) == before
    again.close()
    old.close()


def test_a_backup_is_never_written_over_a_file(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    file.write_text("mine")
    with pytest.raises(CopyError, match="there already"):
        back_up(filled, file)
    assert file.read_text() == "mine"


def test_nothing_is_copied_into_a_database_that_holds_something(
    filled: Database, databases: Files | Server
) -> None:
    target = Database(databases.new())
    with target.writing() as session:
        session.add(CustomerRow(id="C", name="mine", tier=""))
    before = _contents(target)
    with pytest.raises(CopyError, match="rows in customers"):
        copy(filled, target)
    assert _contents(target) == before
    target.close()


def test_what_is_no_backup_is_not_restored(files: Files, tmp_path: Path) -> None:
    target = Database(files.new())
    file = tmp_path / "notes.txt"
    file.write_text("This is no backup. " * 100)
    with pytest.raises(DamagedError):
        restore(file, target)
    assert _contents(target)["visits"].rows == 0
    target.close()


@pytest.mark.parametrize("made_by", ["nobody", "another program"])
def test_a_file_with_nothing_of_an_organisation_is_not_restored(
    files: Files, tmp_path: Path, made_by: str
) -> None:
    target = Database(files.new(empty=True))
    file = tmp_path / "empty.db"
    file.touch()
    if made_by == "another program":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE songs (name TEXT)")
    with pytest.raises(CopyError, match="is no backup"):
        restore(file, target)
    target.close()


def test_a_backup_that_fails_leaves_nothing_behind(
    databases: Files | Server, tmp_path: Path
) -> None:
    empty = Database(databases.new(empty=True))
    with empty.founding():
        pass
    with pytest.raises(SchemaError):
        back_up(empty, tmp_path / "backup.db")
    full = Database(databases.new())
    _fill(full)
    _break_a_reference(full)
    with pytest.raises(GuardError):
        back_up(full, tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []
    for database in (empty, full):
        database.close()


def _break_a_reference(database: Database) -> None:
    """Makes a row that no copy takes: it names something that is not there."""
    broken = "UPDATE sites SET customer_id = 'nobody' WHERE position = 0"
    if database.file is not None:
        with closing(sqlite3.connect(database.file)) as connection:
            connection.execute(broken)
            connection.commit()
        return
    with database.writing() as session:
        session.execute(text("ALTER TABLE sites DROP CONSTRAINT fk_sites_customer_id"))
        session.execute(text(broken))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customers SET name = name || ' ' WHERE position = 0",
        "UPDATE sites SET latitude = latitude + 0.0000001 WHERE position = 0",
        "DELETE FROM visit_windows WHERE position = 0",
        "UPDATE visits SET state = 'x' WHERE position = 3",
    ],
)
def test_the_smallest_difference_shows(filled: Database, change: str) -> None:
    before = _contents(filled)
    with filled.writing() as session:
        session.execute(text(change))
    after = _contents(filled)
    assert sum(before[name] != after[name] for name in before) == 1


def test_the_digest_does_not_depend_on_the_order(databases: Files | Server) -> None:
    rows = [CustomerRow(id=str(n), name="x", tier="") for n in range(5)]
    digests = []
    for ordered in (rows, rows[::-1]):
        database = Database(databases.new())
        for row in ordered:
            with database.writing() as session:
                session.merge(row)
        digests.append(_contents(database)["customers"])
        database.close()
    assert digests[0] == digests[1] == replace(digests[0], rows=5)
