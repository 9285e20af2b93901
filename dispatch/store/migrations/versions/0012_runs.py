"""Runs: whose technicians they plan, who carries them out, and what they have come to so far."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import INTEGER, JSON, MOMENT, TEXT, needed, optional

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ADDED = ("technicians", "token", "lost", "lease_until", "cancel_asked_at", "error_zh")


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=f"fk_{table}_run_id")


def upgrade() -> None:
    op.add_column("runs", needed("technicians", JSON, server_default="[]"))
    op.add_column("runs", needed("token", INTEGER, server_default="0"))
    op.add_column("runs", needed("lost", INTEGER, server_default="0"))
    op.add_column("runs", optional("lease_until", MOMENT))
    op.add_column("runs", optional("cancel_asked_at", MOMENT))
    op.add_column("runs", optional("error_zh", TEXT))
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
    for column in reversed(_ADDED):
        op.drop_column("runs", column)
