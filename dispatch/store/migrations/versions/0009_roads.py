"""Which road network is asked, and what it said."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    BIG,
    DATE,
    INTEGER,
    JSON,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "road_network",
        needed("single", INTEGER, autoincrement=False),
        needed("kind", WORD),
        needed("url", TEXT),
        needed("profile", TEXT),
        needed("most_places", INTEGER),
        optional("failed_at", MOMENT),
        optional("failure_en", TEXT),
        optional("failure_zh", TEXT),
        sa.PrimaryKeyConstraint("single", name="pk_road_network"),
        sa.CheckConstraint("single = 1", name=op.f("ck_road_network_only_one")),
    )
    op.create_table(
        "road_legs",
        needed("network", TEXT),
        needed("origin", BIG, autoincrement=False),
        needed("measured_on", DATE),
        needed("targets", JSON),
        needed("seconds", JSON),
        needed("metres", JSON),
        sa.PrimaryKeyConstraint("network", "origin", "measured_on", name="pk_road_legs"),
    )


def downgrade() -> None:
    op.drop_table("road_legs")
    op.drop_table("road_network")
