"""Whose breaking of a rule was forced; and no note of a version, which nobody ever wrote."""

from alembic import op

from dispatch.store.migrations.first.columns import TEXT, needed, optional

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("forced_changes", optional("technician_id", TEXT))
    op.drop_column("plan_versions", "note")


def downgrade() -> None:
    op.add_column("plan_versions", needed("note", TEXT, server_default=""))
    op.drop_column("forced_changes", "technician_id")
