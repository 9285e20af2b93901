"""Keys know their territories and technician; allowances of callers; answers to be given again."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    BIG,
    INTEGER,
    JSON,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TECHNICIAN = "fk_api_keys_technician_id"


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as keys:
        keys.alter_column("role", existing_type=TEXT, type_=WORD, existing_nullable=False)
        keys.add_column(needed("territories", JSON, server_default="[]"))
        keys.add_column(optional("technician_id", TEXT))
        keys.create_foreign_key(_TECHNICIAN, "technicians", ["technician_id"], ["id"])
    op.create_table(
        "allowances",
        needed("caller_id", TEXT),
        needed("full_us", BIG),
        sa.PrimaryKeyConstraint("caller_id", name="pk_allowances"),
    )
    op.create_table(
        "answers",
        needed("id", TEXT),
        needed("fingerprint", TEXT),
        needed("status", INTEGER),
        needed("headers", JSON),
        needed("body", TEXT),
        needed("answered_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_index("ix_answers_answered_at", "answers", ["answered_at"])


def downgrade() -> None:
    op.drop_table("answers")
    op.drop_table("allowances")
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_constraint(_TECHNICIAN, type_="foreignkey")
        keys.drop_column("technician_id")
        keys.drop_column("territories")
        keys.alter_column("role", existing_type=WORD, type_=TEXT, existing_nullable=False)
