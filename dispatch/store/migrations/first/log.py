"""Events, the audit trail and keys."""

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

TABLES = ("events", "audit_trail", "api_keys")


def create() -> None:
    op.create_table(
        "events",
        needed("id", TEXT),
        needed("kind", WORD),
        needed("work_order_id", TEXT),
        optional("visit_id", TEXT),
        needed("happened_at", MOMENT),
        needed("recorded_at", MOMENT),
        needed("recorded_by", TEXT),
        optional("details", JSON),
        needed("note", TEXT, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_events_visit_id"),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["work_orders.id"], name="fk_events_work_order_id"
        ),
    )
    op.create_index("ix_events_kind", "events", ["kind"])
    op.create_index("ix_events_order_time", "events", ["work_order_id", "happened_at"])
    op.create_index("ix_events_recorded_at", "events", ["recorded_at"])
    op.create_index("ix_events_visit_id", "events", ["visit_id"])
    op.create_table(
        "audit_trail",
        needed("id", INTEGER),
        needed("done_at", MOMENT),
        needed("done_by", TEXT),
        needed("command", TEXT),
        needed("subject_kind", TEXT),
        needed("subject_id", TEXT),
        needed("reason", TEXT, server_default=""),
        optional("before", JSON),
        optional("after", JSON),
        optional("outcome", JSON),
        optional("idempotency_key", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_audit_trail"),
        sa.UniqueConstraint("idempotency_key", name="uq_audit_trail_idempotency_key"),
    )
    op.create_index("ix_audit_trail_done_at", "audit_trail", ["done_at"])
    op.create_index("ix_audit_trail_subject", "audit_trail", ["subject_kind", "subject_id"])
    op.create_table(
        "api_keys",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("key_hash", TEXT),
        needed("role", TEXT),
        needed("created_at", MOMENT),
        needed("created_by", TEXT),
        optional("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
