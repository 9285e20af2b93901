"""What goes out: endpoints, the outbox, deliveries, clocks that were told of, who sends."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    INTEGER,
    JSON,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("format", WORD),
        needed("url", TEXT),
        needed("secret", TEXT, server_default=""),
        optional("old_secret", TEXT),
        optional("old_secret_until", MOMENT),
        needed("kinds", JSON),
        needed("territories", JSON),
        needed("language", WORD),
        needed("created_at", MOMENT),
        needed("created_by", TEXT),
        optional("disabled_at", MOMENT),
        needed("failures", INTEGER, server_default="0"),
        optional("rests_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
    )
    op.create_table(
        "outbox",
        needed("id", TEXT),
        needed("kind", WORD),
        needed("happened_at", MOMENT),
        needed("data", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_table(
        "webhook_deliveries",
        needed("id", INTEGER),
        needed("endpoint_id", TEXT),
        needed("message_id", TEXT),
        needed("state", WORD),
        needed("attempts", INTEGER, server_default="0"),
        optional("next_at", MOMENT),
        optional("status", INTEGER),
        needed("error", TEXT, server_default=""),
        optional("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_deliveries_endpoint_id"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox.id"], name="fk_webhook_deliveries_message_id"
        ),
    )
    for name, columns in (
        ("ix_webhook_deliveries_waiting", ["state", "endpoint_id"]),
        ("ix_webhook_deliveries_endpoint_id", ["endpoint_id"]),
        ("ix_webhook_deliveries_message_id", ["message_id"]),
    ):
        op.create_index(name, "webhook_deliveries", columns)
    op.create_table(
        "told_clocks",
        needed("work_order_id", TEXT),
        needed("clock", WORD),
        needed("kind", WORD),
        sa.PrimaryKeyConstraint("work_order_id", "clock", "kind", name="pk_told_clocks"),
    )
    op.create_table(
        "sender",
        needed("id", TEXT),
        needed("holder", TEXT),
        needed("until_at", MOMENT),
        optional("looked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_sender"),
    )


def downgrade() -> None:
    for table in ("sender", "told_clocks", "webhook_deliveries", "outbox", "webhook_endpoints"):
        op.drop_table(table)
