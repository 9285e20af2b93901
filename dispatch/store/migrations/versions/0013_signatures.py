"""Signatures of customers, as pictures."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import TEXT, needed

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signatures",
        needed("digest", TEXT),
        needed("png", TEXT),
        sa.PrimaryKeyConstraint("digest", name="pk_signatures"),
    )


def downgrade() -> None:
    op.drop_table("signatures")
