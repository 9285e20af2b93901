from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Inspector, UniqueConstraint, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dispatch.domain.work import Pin
from dispatch.importing import import_organisation
from dispatch.store import queries_plans, schema
from dispatch.store.base import Row
from dispatch.store.copying import contents
from dispatch.store.database import Database
from dispatch.store.errors import SchemaError
from dispatch.store.mapping import save_organisation
from dispatch.store.rows_log import AuditRow
from dispatch.store.rows_parts import MovementKind, MovementRow
from dispatch.store.rows_work import PinRow
from dispatch.store.tables import METADATA
from scenarios.generate import generate
from tests.databases import Files, Server


def test_head_is_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", "dispatch.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_the_rows_and_the_tables_show_no_difference(database: Database) -> None:
    with database.founding() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_rows_and_the_tables_have_the_same_checks_and_defaults(database: Database) -> None:
    with database.founding() as connection:
        found = inspect(connection)
        for table in METADATA.tables.values():
            checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert {c["name"] for c in found.get_check_constraints(table.name)} == checks
            unique = {
                tuple(sorted(c.columns.keys()))
                for c in table.constraints
                if isinstance(c, UniqueConstraint)
            }
            assert _unique_columns(found, table.name) == unique
            defaults = {c.name for c in table.columns if c.server_default is not None}
            assert _columns_with_defaults(found, table.name) - _numbers(table.name) == defaults


def _unique_columns(found: Inspector, table: str) -> set[tuple[str, ...]]:
    return {tuple(sorted(c["column_names"])) for c in found.get_unique_constraints(table)}


def _columns_with_defaults(found: Inspector, table: str) -> set[str]:
    return {c["name"] for c in found.get_columns(table) if c["default"] is not None}


def _numbers(table: str) -> set[str]:
    """Columns whose values the database gives: in PostgreSQL by a default."""
    column = METADATA.tables[table].autoincrement_column
    return {column.name} if column is not None else set()


def test_every_table_says_what_it_is() -> None:
    rows = [mapper.class_ for mapper in Row.registry.mappers]
    assert len(rows) == len(METADATA.tables)
    assert [row.__name__ for row in rows if row.__doc__ in (None, Row.__doc__)] == []


def test_down_and_up_again_leaves_tables_and_rows_as_they_were(database: Database) -> None:
    organisation = generate(visits=40, seed=3)
    with database.writing() as session:
        save_organisation(session, organisation, "test", organisation.planning_at)
    with database.reading() as session:
        shape, rows = _shape(session), contents(session)
    schema.downgrade(database, "0001")
    with database.reading() as session:
        assert schema.shape_of(session) == "0001"
    schema.upgrade(database)
    with database.reading() as session:
        assert (_shape(session), contents(session)) == (shape, rows)


def test_down_to_nothing_and_up_again_leaves_the_same_tables(database: Database) -> None:
    with database.reading() as session:
        shape = _shape(session)
    schema.downgrade(database, "base")
    with database.reading() as session:
        assert inspect(session.connection()).get_table_names() == ["alembic_version"]
    schema.upgrade(database)
    with database.reading() as session:
        assert _shape(session) == shape


@pytest.mark.parametrize("days", [0, 6, -6, 7, -100])
def test_the_clock_of_a_rehearsal_goes_on_as_it_went_before(database: Database, days: int) -> None:
    organisation = generate(visits=5, seed=3)
    clock = organisation.planning_at - timedelta(days=days)
    with database.writing() as session:
        import_organisation(session, organisation, "test", clock)
    schema.downgrade(database, "0001")
    with database.writing() as session:  # at first this stood in the audit trail only
        session.execute(text("DELETE FROM audit_trail"))
        session.add(
            AuditRow(
                done_at=clock,
                done_by="test",
                command="import",
                subject_kind="organisation",
                subject_id=organisation.id,
            )
        )
    schema.upgrade(database)
    with database.reading() as session:
        expected = timedelta(days=days if abs(days) >= 7 else 0)
        assert queries_plans.rehearsal(session) == expected


def test_two_may_bring_a_database_up_at_once(databases: Files | Server) -> None:
    url = databases.new(empty=True)
    both = Database(url, wait_s=30), Database(url, wait_s=30)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(schema.upgrade, both))
    schema.need_shape(both[0])
    for database in both:
        database.close()


def test_what_was_imported_is_known_by_its_reason_in_earlier_shapes(database: Database) -> None:
    organisation = generate(visits=40, seed=3)
    pins = (Pin(organisation.visits[0].id, start_at=organisation.planning_at),)
    with database.writing() as session:
        at = organisation.planning_at
        import_organisation(session, replace(organisation, pins=pins), "test", at)
        moved = select(MovementRow).order_by(MovementRow.id).limit(1)
        first = session.scalars(moved).one()
        session.add(
            MovementRow(
                kind=MovementKind.ADJUST,
                lot_id=first.lot_id,
                to_balance_id=first.to_balance_id,
                quantity=1,
                happened_at=at,
                recorded_at=at,
                recorded_by="Li",
                reason="count",
            )
        )
    schema.downgrade(database, "0003")
    schema.upgrade(database)
    with database.reading() as session:
        by_mark = select(MovementRow.imported, func.count()).group_by(MovementRow.imported)
        marked = dict(session.execute(by_mark).all())
        assert marked[False] == 1
        assert marked[True] > 1
        assert session.scalars(select(PinRow.imported)).all() == [True]


def test_a_step_that_fails_changes_nothing(databases: Files | Server) -> None:
    database = Database(databases.new(empty=True))
    with database.founding() as connection:
        connection.execute(text("CREATE TABLE api_keys (id TEXT)"))  # made among the last
    with pytest.raises(DBAPIError, match="already exists"):
        schema.upgrade(database)
    with database.reading() as session:
        assert inspect(session.connection()).get_table_names() == ["api_keys"]
    database.close()


@pytest.mark.parametrize("made_by", ["0001", "9999", None])
def test_a_database_of_another_shape_is_refused_with_what_to_do(
    databases: Files | Server, made_by: str | None
) -> None:
    database = Database(databases.new(empty=made_by is None))
    hints = {"0001": "dispatch db upgrade", "9999": "newer version of the program"}
    if made_by is None:
        with database.founding():
            pass
    else:
        with database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :made_by"), locals())
    with pytest.raises(SchemaError, match=hints.get(made_by or "", "dispatch init")):
        schema.need_shape(database)
    database.close()


def test_a_database_of_a_newer_program_is_not_touched(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for change in (schema.upgrade, lambda newer: schema.downgrade(newer, "base")):
        with pytest.raises(SchemaError, match="9999"):
            change(database)


_SAID = {
    "sqlite": "SELECT name, sql FROM sqlite_master",
    "postgresql": """
        SELECT table_name || '.' || column_name,
            concat_ws(' ', data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    """,
}


def _shape(session: Session) -> set[tuple[str, str]]:
    """What the database says of its tables, their columns, constraints, indexes and triggers."""
    statement = _SAID[session.connection().dialect.name]
    return {(name, said) for name, said in session.execute(text(statement))}
