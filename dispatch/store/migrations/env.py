"""Alembic runs this file; the connection and its transaction are the caller's."""

from alembic import context

from dispatch.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # The connection begins its transactions itself, so SQLite's table changes are in them too.
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
