"""Contracts may ask for cover."""

from alembic import op

from dispatch.store.migrations.first.columns import INTEGER, optional

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sla_rules", optional("cover_notice_s", INTEGER))


def downgrade() -> None:
    op.drop_column("sla_rules", "cover_notice_s")
