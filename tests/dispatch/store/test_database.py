import select as selecting
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from dispatch.store import queries_plans
from dispatch.store.database import Database, default_url, open_database
from dispatch.store.errors import (
    AddressError,
    BusyError,
    DamagedError,
    FullError,
    ReadOnlyError,
    RightsError,
    SchemaError,
    StoreError,
    UnreachableError,
)
from dispatch.store.retrying import in_writing
from dispatch.store.rows_access import ApiKeyRow
from dispatch.store.rows_places import CustomerRow
from tests.databases import Files, Server

NOON = datetime(2026, 9, 28, 4, 0, 0, 123456, tzinfo=UTC)


def _customer(number: int) -> CustomerRow:
    return CustomerRow(id=f"C{number}", name="Customer", tier="")


def _count(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(CustomerRow.id)).all())


def _key(name: str, created_at: datetime) -> ApiKeyRow:
    return ApiKeyRow(
        id=name, name=name, key_hash=name, role="planner", created_at=created_at, created_by="test"
    )


# ------------------------------------------------------------------------------- transactions


def test_writing_commits_at_the_end_of_its_block(database: Database) -> None:
    with database.writing() as session:
        session.add(_customer(1))
    assert _count(database) == 1


def test_an_error_takes_everything_back(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(_customer(1))
            session.flush()
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert _count(database) == 0


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(ReadOnlyError), database.reading() as session:
        session.execute(text("DELETE FROM customers"))
    with database.writing() as session:
        session.add(_customer(1))  # the connection is not left read-only
    assert _count(database) == 1


def test_reading_sees_one_state_throughout(database: Database) -> None:
    with database.reading() as session:
        before = session.scalars(select(CustomerRow.id)).all()
        with database.writing() as writing:
            writing.add(_customer(1))
        assert session.scalars(select(CustomerRow.id)).all() == before == []
    assert _count(database) == 1


def test_what_one_writer_reads_the_other_cannot_have_changed_meanwhile(
    database: Database,
) -> None:
    with database.writing() as session:
        session.add(CustomerRow(id="C", name="0", tier=""))

    def count_up(session: Session) -> None:
        row = session.get_one(CustomerRow, "C", with_for_update=True)
        row.name = str(int(row.name) + 1)

    threads = [
        threading.Thread(target=lambda: [in_writing(database, count_up) for _ in range(10)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get_one(CustomerRow, "C").name == "80"


# -------------------------------------------------------------------------------------- instants


@pytest.mark.parametrize(
    "at", [NOON, NOON.replace(microsecond=0), NOON.astimezone(timezone(timedelta(hours=8)))]
)
def test_an_instant_comes_back_in_utc(database: Database, at: datetime) -> None:
    with database.writing() as session:
        session.add(_key("one", at))
    with database.reading() as session:
        found = session.get_one(ApiKeyRow, "one").created_at
    assert found == at
    assert found.tzinfo is UTC


def test_instants_sort_and_compare_as_time_does(database: Database) -> None:
    times = [NOON + timedelta(microseconds=n) for n in (0, 1, -1, 10**7, -(10**12))]
    with database.writing() as session:
        session.add_all(_key(str(number), at) for number, at in enumerate(times))
    with database.reading() as session:
        by_time = select(ApiKeyRow.created_at).order_by(ApiKeyRow.created_at)
        assert session.scalars(by_time).all() == sorted(times)
        later = by_time.where(ApiKeyRow.created_at > NOON)
        assert session.scalars(later).all() == sorted(t for t in times if t > NOON)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"), database.writing() as session:
        session.add(_key("one", NOON.replace(tzinfo=None)))


# ------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url", ["", "dispatch.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "://"]
)
def test_an_address_that_is_none_is_refused_with_a_right_one(url: str) -> None:
    with pytest.raises(AddressError, match="postgresql://user:password@host/name") as refused:
        Database(url)
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert Database("postgresql://user:secret@nowhere/name").place == (
        "postgresql+psycopg://user:***@nowhere/name"
    )


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", "sqlite:////somewhere/own.db")
    assert open_database().file == Path("/somewhere/own.db")
    assert open_database("sqlite:////else.db").file == Path("/else.db")


def test_without_one_it_is_a_file_of_the_user() -> None:
    url = default_url({})
    assert url.startswith("sqlite:///")
    assert url.endswith("field-dispatch/dispatch.db")


def test_a_file_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(SchemaError, match="dispatch init"), database.reading():
        pass
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------- when it fails


def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    database = Database("postgresql://user@127.0.0.1:1/name", wait_s=1)
    with pytest.raises(UnreachableError, match="user@127") as away:
        in_writing(database, lambda session: session.execute(text("SELECT 1")), within_s=0.1)
    assert away.value.passes


def test_a_database_that_is_not_on_the_server_is_said_to_be_missing(server: Server) -> None:
    database = Database(server.url("nothing"))
    with pytest.raises(UnreachableError, match="nothing"), database.reading() as session:
        session.execute(text("SELECT 1"))


@pytest.fixture(name="file")
def _file(files: Files) -> Iterator[Database]:
    database = Database(files.new(), wait_s=1)
    yield database
    database.close()


def _try_to_write(database: Database) -> None:
    with database.writing() as session:
        session.add(_customer(1))


def test_a_file_that_another_process_writes_to_is_busy(file: Database) -> None:
    assert file.file is not None
    other = sqlite3.connect(file.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="locked") as busy:
        _try_to_write(file)
    assert busy.value.passes
    other.execute("ROLLBACK")
    other.close()
    _try_to_write(file)
    assert _count(file) == 1


def test_a_full_disk_is_said_and_passes_once_there_is_room(file: Database) -> None:
    with file.writing() as session:
        pages = session.scalar(text("PRAGMA page_count"))
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
    big = [CustomerRow(id=str(n), name="x" * 1000, tier="") for n in range(200)]
    with pytest.raises(FullError, match="Nothing of this command was saved"):
        _add_all(file, big)
    assert _count(file) == 0
    file.close()
    _try_to_write(file)
    assert _count(file) == 1


def _add_all(database: Database, rows: list[CustomerRow]) -> None:
    with database.writing() as session:
        session.add_all(rows)


def test_something_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("This is not a database at all, but long enough to be looked at." * 99)
    with pytest.raises(DamagedError, match="dispatch db restore"):
        _try_to_write(Database(f"sqlite:///{path}"))


def test_a_mistake_of_the_program_stays_what_it_is(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as mistake, database.reading() as session:
        session.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(mistake.value, StoreError)


def test_a_command_is_tried_again_until_nobody_is_in_its_way(file: Database) -> None:
    assert file.file is not None
    other = sqlite3.connect(file.file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("ROLLBACK")).start()
    in_writing(file, lambda session: session.add(_customer(1)))
    other.close()
    assert _count(file) == 1


def _break_once(kind: str) -> Callable[[Session], int]:
    """A command whose first try finds itself cut off by another connection."""
    tries = []

    def command(session: Session) -> int:
        tries.append(kind)
        if len(tries) == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        session.execute(update(CustomerRow).values(tier="gold"))
        return len(tries)

    return command


def test_a_command_that_is_cut_off_is_done_again_as_a_whole(server: Server) -> None:
    database = Database(server.new(), wait_s=2)
    _try_to_write(database)
    assert in_writing(database, _break_once("cut")) == 2
    database.close()


def test_a_transaction_that_was_idle_for_too_long_is_done_again(server: Server) -> None:
    database = Database(server.new(), wait_s=2)
    tries = []

    def command(session: Session) -> int:
        tries.append(1)
        if len(tries) == 1:
            session.execute(text("SET idle_in_transaction_session_timeout = 1"))
            connection = session.connection().connection.driver_connection
            assert connection is not None
            selecting.select([connection], [], [], 30)
        session.execute(update(CustomerRow).values(tier="gold"))
        return len(tries)

    assert in_writing(database, command) == 2
    database.close()


def test_who_may_not_is_told_so(server: Server) -> None:
    database = Database(server.new(), wait_s=2)
    with database.writing() as session:
        session.execute(text("CREATE ROLE nobody_much"))
    take = text("SET LOCAL ROLE nobody_much; DELETE FROM customers")
    with pytest.raises(RightsError, match="permission denied"), database.writing() as session:
        session.execute(take)
    database.close()


def test_who_waits_for_the_plans_is_not_overtaken_by_who_had_them_last(server: Server) -> None:
    database = Database(server.new(), wait_s=30)
    asked = threading.Event()
    order: list[str] = []

    def second() -> None:
        with database.writing() as session:
            asked.set()
            queries_plans.lock_plans(session)
            order.append("second")

    for _ in range(10):
        other = threading.Thread(target=second)
        with database.writing() as session:
            queries_plans.lock_plans(session)
            other.start()
            assert asked.wait(30)
            while other.is_alive() and not _somebody_waits(database):
                pass
        with database.writing() as session:
            queries_plans.lock_plans(session)
            order.append("first again")
        other.join()
        asked.clear()
    assert order == ["second", "first again"] * 10
    database.close()


def _somebody_waits(database: Database) -> bool:
    with database.reading() as session:
        waiting = select(func.count()).select_from(text("pg_locks")).where(text("not granted"))
        return bool(session.scalar(waiting))
