"""Runs: whose technicians they plan, who carries them out, and what they have come to so far."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import INTEGER, JSON, MOMENT, TEXT, needed, optional

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

_ADDED = ("technicians", "token", "lost", "lease_until", "cancel_asked_at", "error_zh")


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=f"fk_{table}_run_id")


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(needed("technicians", JSON, server_default="[]"))
        runs.add_column(needed("token", INTEGER, server_default="0"))
        runs.add_column(needed("lost", INTEGER, server_default="0"))
        runs.add_column(optional("lease_until", MOMENT))
        runs.add_column(optional("cancel_asked_at", MOMENT))
        runs.add_column(optional("error_zh", TEXT))
    op.create_table(
        "run_territories",
        needed("run_id", TEXT),
        needed("territory", TEXT),
        sa.PrimaryKeyConstraint("run_id", "territory", name="pk_run_territories"),
        _of_run("run_territories"),
    )
    op.create_table(
        "run_events",
        needed("run_id", TEXT),
        needed("number", INTEGER),
        needed("kind", TEXT),
        needed("at", MOMENT),
        needed("told", JSON),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_run_events"),
        _of_run("run_events"),
    )


def downgrade() -> None:
    op.drop_table("run_events")
    op.drop_table("run_territories")
    with op.batch_alter_table("runs") as runs:
        for column in _ADDED:
            runs.drop_column(column)
