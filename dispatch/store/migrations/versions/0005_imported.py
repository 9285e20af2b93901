"""What came with an import is marked as such, which was read off its reason before.

Columns that nobody ever wrote go.
"""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    FLAG,
    INTEGER,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IMPORTED = "reason = 'import' AND kind IN ('receive', 'adjust')"
_INDEXED = ("from_balance_id", "happened_at", "lot_id", "to_balance_id", "visit_id")
_KEPT = (
    "id, kind, lot_id, from_balance_id, to_balance_id, quantity, visit_id, reservation_id,"
    " happened_at, recorded_at, recorded_by, reason"
)
_APPEND_ONLY = """
    CREATE TRIGGER append_only_{table}_{event} BEFORE {event} ON {table}
    BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END
    """


def upgrade() -> None:
    op.add_column("pins", needed("imported", FLAG, server_default="0"))
    op.execute("UPDATE pins SET imported = (1 = 1) WHERE reason = 'import'")
    op.drop_column("lots", "note")
    op.drop_column("returned_units", "finding")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("movements", "idempotency_key")
        op.add_column("movements", needed("imported", FLAG, server_default="0"))
        # No UPDATE: movements refuse it.
        op.execute(f"ALTER TABLE movements ALTER imported TYPE boolean USING {_IMPORTED}")
    else:
        imported = needed("imported", FLAG, server_default="0")
        _make_movements_anew([imported], f"{_KEPT}, imported", f"{_KEPT}, {_IMPORTED}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("movements", "imported")
        op.add_column("movements", optional("idempotency_key", TEXT))
        op.create_unique_constraint(
            "uq_movements_idempotency_key", "movements", ["idempotency_key"]
        )
    else:
        key = sa.UniqueConstraint("idempotency_key", name="uq_movements_idempotency_key")
        _make_movements_anew([optional("idempotency_key", TEXT), key], _KEPT, _KEPT)
    op.add_column("returned_units", needed("finding", TEXT, server_default=""))
    op.add_column("lots", needed("note", TEXT, server_default=""))
    op.drop_column("pins", "imported")


def _make_movements_anew(more: list[sa.schema.SchemaItem], columns: str, values: str) -> None:
    """SQLite cannot drop a unique column, nor a table that another one refers to."""
    op.create_table(
        "movements_new",
        needed("id", INTEGER),
        needed("kind", WORD),
        needed("lot_id", TEXT),
        optional("from_balance_id", TEXT),
        optional("to_balance_id", TEXT),
        needed("quantity", INTEGER),
        optional("visit_id", TEXT),
        optional("reservation_id", TEXT),
        needed("happened_at", MOMENT),
        needed("recorded_at", MOMENT),
        needed("recorded_by", TEXT),
        needed("reason", TEXT, server_default=""),
        *more,
        sa.PrimaryKeyConstraint("id", name="pk_movements"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_movements_{column}")
            for column, table in (
                ("from_balance_id", "balances"),
                ("lot_id", "lots"),
                ("reservation_id", "reservations"),
                ("to_balance_id", "balances"),
                ("visit_id", "visits"),
            )
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_movements_quantity")),
        sa.CheckConstraint(
            "from_balance_id IS NOT NULL OR to_balance_id IS NOT NULL",
            name=op.f("ck_movements_somewhere"),
        ),
    )
    op.create_table(
        "movement_serials_new",
        needed("movement_id", INTEGER),
        needed("part_id", TEXT),
        needed("serial", TEXT),
        sa.PrimaryKeyConstraint("movement_id", "part_id", "serial", name="pk_movement_serials"),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements_new.id"], name="fk_movement_serials_movement_id"
        ),
        sa.ForeignKeyConstraint(
            ["part_id", "serial"],
            ["serials.part_id", "serials.serial"],
            name="fk_movement_serials_part_id_serial",
        ),
    )
    op.execute(f"INSERT INTO movements_new ({columns}) SELECT {values} FROM movements")
    op.execute("INSERT INTO movement_serials_new SELECT * FROM movement_serials")
    for table in ("movement_serials", "movements"):
        op.drop_table(table)
        op.rename_table(f"{table}_new", table)
        for event in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY.format(table=table, event=event))
    for column in _INDEXED:
        op.create_index(f"ix_movements_{column}", "movements", [column])
