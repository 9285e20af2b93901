"""Studies of scenarios: a kind of runs, with the facts they are about and what they came to."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import JSON, TEXT, WORD, needed, optional

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=f"fk_{table}_run_id")


def upgrade() -> None:
    op.add_column("runs", needed("kind", WORD, server_default="plan"))
    op.create_table(
        "studies",
        needed("run_id", TEXT),
        needed("asked", TEXT),
        optional("facts", TEXT),
        optional("found", TEXT),
        optional("reports", JSON),
        sa.PrimaryKeyConstraint("run_id", name="pk_studies"),
        _of_run("studies"),
    )
    op.create_table(
        "study_outcomes",
        needed("key", TEXT),
        needed("run_id", TEXT),
        needed("outcome", TEXT),
        sa.PrimaryKeyConstraint("key", "run_id", name="pk_study_outcomes"),
        _of_run("study_outcomes"),
    )
    op.create_index("ix_study_outcomes_run_id", "study_outcomes", ["run_id"])


def downgrade() -> None:
    op.drop_table("study_outcomes")
    op.execute("DELETE FROM run_events WHERE run_id IN (SELECT run_id FROM studies)")
    op.drop_table("studies")
    op.execute("DELETE FROM runs WHERE kind = 'study'")
    op.drop_column("runs", "kind")
