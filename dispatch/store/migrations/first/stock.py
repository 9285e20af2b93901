"""Lots, where they are, who was promised them, and every movement."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import INTEGER, MOMENT, TEXT, WORD, needed, optional

TABLES = (
    "lots",
    "balances",
    "serials",
    "reservations",
    "movements",
    "movement_serials",
    "returned_units",
)


def create() -> None:
    op.create_table(
        "lots",
        needed("id", TEXT),
        needed("part_id", TEXT),
        needed("arrived_at", MOMENT),
        needed("note", TEXT, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_lots"),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_lots_part_id"),
    )
    op.create_index("ix_lots_part_id", "lots", ["part_id"])
    op.create_table(
        "balances",
        needed("id", TEXT),
        needed("lot_id", TEXT),
        optional("station_id", TEXT),
        optional("technician_id", TEXT),
        needed("available_at", MOMENT),
        needed("on_hand", INTEGER, server_default="0"),
        needed("reserved", INTEGER, server_default="0"),
        needed("expected", INTEGER, server_default="0"),
        needed("promised", INTEGER, server_default="0"),
        needed("quarantined", INTEGER, server_default="0"),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_balances"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_balances_lot_id"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_balances_station_id"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_balances_technician_id"
        ),
        sa.UniqueConstraint("lot_id", "station_id", name="uq_balances_lot_id_station_id"),
        sa.UniqueConstraint("lot_id", "technician_id", name="uq_balances_lot_id_technician_id"),
        sa.CheckConstraint(
            "promised >= 0 AND expected >= promised",
            name=op.f("ck_balances_expected_covers_promised"),
        ),
        sa.CheckConstraint(
            "reserved >= 0 AND on_hand >= reserved",
            name=op.f("ck_balances_on_hand_covers_reserved"),
        ),
        sa.CheckConstraint(
            "(station_id IS NULL) <> (technician_id IS NULL)", name=op.f("ck_balances_one_place")
        ),
        sa.CheckConstraint("quarantined >= 0", name=op.f("ck_balances_quarantined")),
        sa.CheckConstraint(
            "on_hand = 0 OR expected = 0", name=op.f("ck_balances_there_or_to_come")
        ),
    )
    op.create_index("ix_balances_position", "balances", ["position"])
    op.create_index("ix_balances_station_id", "balances", ["station_id"])
    op.create_index("ix_balances_technician_id", "balances", ["technician_id"])
    op.create_table(
        "serials",
        needed("part_id", TEXT),
        needed("serial", TEXT),
        needed("state", WORD),
        optional("lot_id", TEXT),
        optional("balance_id", TEXT),
        optional("visit_id", TEXT),
        sa.PrimaryKeyConstraint("part_id", "serial", name="pk_serials"),
        sa.ForeignKeyConstraint(["balance_id"], ["balances.id"], name="fk_serials_balance_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_serials_lot_id"),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_serials_part_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_serials_visit_id"),
    )
    op.create_index("ix_serials_balance_id", "serials", ["balance_id"])
    op.create_index("ix_serials_lot_id", "serials", ["lot_id"])
    op.create_index("ix_serials_visit_id", "serials", ["visit_id"])
    op.create_table(
        "reservations",
        needed("id", TEXT),
        needed("visit_id", TEXT),
        needed("balance_id", TEXT),
        needed("quantity", INTEGER),
        needed("state", WORD),
        optional("expires_at", MOMENT),
        optional("plan_version", INTEGER),
        needed("reserved_at", MOMENT),
        needed("reserved_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.ForeignKeyConstraint(["balance_id"], ["balances.id"], name="fk_reservations_balance_id"),
        sa.ForeignKeyConstraint(
            ["plan_version"], ["plan_versions.version"], name="fk_reservations_plan_version"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_reservations_visit_id"),
        sa.CheckConstraint(
            "state <> 'held' OR expires_at IS NOT NULL", name=op.f("ck_reservations_held_expires")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservations_quantity")),
        sa.CheckConstraint(
            "state IN ('held', 'committed', 'released', 'consumed')",
            name=op.f("ck_reservations_state"),
        ),
    )
    op.create_index("ix_reservations_balance_id", "reservations", ["balance_id"])
    op.create_index("ix_reservations_expires_at", "reservations", ["expires_at"])
    op.create_index("ix_reservations_visit_id", "reservations", ["visit_id"])
    op.create_table(
        "movements",
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
        optional("idempotency_key", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_movements"),
        sa.ForeignKeyConstraint(
            ["from_balance_id"], ["balances.id"], name="fk_movements_from_balance_id"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_movements_lot_id"),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservations.id"], name="fk_movements_reservation_id"
        ),
        sa.ForeignKeyConstraint(
            ["to_balance_id"], ["balances.id"], name="fk_movements_to_balance_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_movements_visit_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_movements_idempotency_key"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_movements_quantity")),
        sa.CheckConstraint(
            "from_balance_id IS NOT NULL OR to_balance_id IS NOT NULL",
            name=op.f("ck_movements_somewhere"),
        ),
    )
    op.create_index("ix_movements_from_balance_id", "movements", ["from_balance_id"])
    op.create_index("ix_movements_happened_at", "movements", ["happened_at"])
    op.create_index("ix_movements_lot_id", "movements", ["lot_id"])
    op.create_index("ix_movements_to_balance_id", "movements", ["to_balance_id"])
    op.create_index("ix_movements_visit_id", "movements", ["visit_id"])
    op.create_table(
        "movement_serials",
        needed("movement_id", INTEGER),
        needed("part_id", TEXT),
        needed("serial", TEXT),
        sa.PrimaryKeyConstraint("movement_id", "part_id", "serial", name="pk_movement_serials"),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name="fk_movement_serials_movement_id"
        ),
        sa.ForeignKeyConstraint(
            ["part_id", "serial"],
            ["serials.part_id", "serials.serial"],
            name="fk_movement_serials_part_id_serial",
        ),
    )
    op.create_table(
        "returned_units",
        needed("id", TEXT),
        needed("visit_id", TEXT),
        needed("part_id", TEXT),
        needed("serial", TEXT),
        optional("replaced_by_serial", TEXT),
        needed("returned_at", MOMENT),
        optional("station_id", TEXT),
        needed("finding", TEXT, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_returned_units"),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_returned_units_part_id"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_returned_units_station_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_returned_units_visit_id"),
    )
    op.create_index(
        "ix_returned_units_replaced_by_serial", "returned_units", ["replaced_by_serial"]
    )
    op.create_index("ix_returned_units_serial", "returned_units", ["serial"])
    op.create_index("ix_returned_units_visit_id", "returned_units", ["visit_id"])
