"""Plans count what was assigned in them at once."""

from alembic import op

from dispatch.store.migrations.first.columns import INTEGER, needed

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NAMES = ("amended", "base_amended")


def upgrade() -> None:
    for name in _NAMES:
        op.add_column("plan_versions", needed(name, INTEGER, server_default="0"))


def downgrade() -> None:
    for name in _NAMES:
        op.drop_column("plan_versions", name)
