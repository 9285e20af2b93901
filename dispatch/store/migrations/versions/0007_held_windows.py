"""A held slot is a window of one visit. Nobody ever wrote one before."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import MOMENT, TEXT, needed

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _points_to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_held_slots_{column}")


def upgrade() -> None:
    op.drop_table("held_slots")
    op.create_table(
        "held_slots",
        needed("visit_id", TEXT),
        needed("technician_id", TEXT),
        needed("open_at", MOMENT),
        needed("close_at", MOMENT),
        needed("held_at", MOMENT),
        needed("expires_at", MOMENT),
        needed("held_by", TEXT),
        sa.PrimaryKeyConstraint("visit_id", name="pk_held_slots"),
        _points_to("technician_id", "technicians"),
        _points_to("visit_id", "visits"),
        sa.CheckConstraint("open_at <= close_at", name=op.f("ck_held_slots_interval")),
    )


def downgrade() -> None:
    op.drop_table("held_slots")
    op.create_table(
        "held_slots",
        needed("id", TEXT),
        needed("visit_id", TEXT),
        needed("technician_id", TEXT),
        needed("start_at", MOMENT),
        needed("finish_at", MOMENT),
        needed("expires_at", MOMENT),
        needed("held_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_held_slots"),
        _points_to("technician_id", "technicians"),
        _points_to("visit_id", "visits"),
        sa.CheckConstraint("start_at < finish_at", name=op.f("ck_held_slots_interval")),
    )
    for column in ("expires_at", "technician_id", "visit_id"):
        op.create_index(f"ix_held_slots_{column}", "held_slots", [column])
