"""The switch that takes the guards out, so that it can be seen what they are good for.

It is here and nowhere in the product: a product with such a switch would have no guards.
"""

import importlib
import re
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, text

from dispatch.store.database import Database

_ROW_LOCK = re.compile(r"FOR (NO KEY |KEY )?(UPDATE|SHARE)( OF \w+)?( SKIP LOCKED)?", re.IGNORECASE)
_ADVISORY_LOCK = "pg_advisory_xact_lock"
_SQLITE_BEGIN = "BEGIN IMMEDIATE"
_NOTHING = "SELECT 1"


def take_out_guards(database: Database) -> None:
    """The guards of the database itself: what migration 0002 brought, and that one plan at most is
    published."""
    guards = importlib.import_module("dispatch.store.migrations.versions.0002_guards")
    with database.founding() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            guards.downgrade()
        connection.execute(text("DROP INDEX uq_plan_versions_published"))


def take_out_locks() -> None:
    """The locks of commands, in this process and for good.

    PostgreSQL takes no lock when rows or keys are read. In SQLite, where the transaction is the
    lock, each statement stands for itself.
    """
    event.listen(Engine, "before_cursor_execute", _without_locks, retval=True)


def _without_locks(
    _connection: Any,  # noqa: ANN401 - the library's
    _cursor: Any,  # noqa: ANN401
    statement: str,
    parameters: Any,  # noqa: ANN401
    _context: Any,  # noqa: ANN401
    _many: bool,
) -> tuple[str, Any]:
    if statement == _SQLITE_BEGIN:
        return _NOTHING, parameters
    if _ADVISORY_LOCK in statement:
        return _NOTHING, ()
    return _ROW_LOCK.sub("", statement), parameters
