"""Tickets, work orders and visits."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    FLAG,
    INTEGER,
    JSON,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

TABLES = (
    "tickets",
    "work_orders",
    "gates",
    "visits",
    "visit_windows",
    "skill_needs",
    "part_needs",
    "tool_needs",
    "links",
    "pins",
    "pin_technicians",
    "held_slots",
)


def create() -> None:
    op.create_table(
        "tickets",
        needed("number", TEXT),
        needed("received_at", MOMENT),
        needed("channel", TEXT),
        needed("text", TEXT),
        needed("contact", TEXT),
        sa.PrimaryKeyConstraint("number", name="pk_tickets"),
    )
    op.create_index("ix_tickets_received_at", "tickets", ["received_at"])
    op.create_table(
        "work_orders",
        needed("id", TEXT),
        optional("ticket_number", TEXT),
        optional("equipment_id", TEXT),
        needed("site_id", TEXT),
        needed("product", TEXT),
        needed("priority", WORD),
        needed("reported_at", MOMENT),
        needed("description", TEXT),
        needed("state", TEXT, server_default="reported"),
        optional("responded_at", MOMENT),
        optional("arrived_at", MOMENT),
        optional("restored_at", MOMENT),
        optional("emergency_at", MOMENT),
        optional("closed_at", MOMENT),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_work_orders"),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name="fk_work_orders_equipment_id"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_work_orders_site_id"),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["tickets.number"], name="fk_work_orders_ticket_number"
        ),
    )
    op.create_index("ix_work_orders_closed_at", "work_orders", ["closed_at"])
    op.create_index("ix_work_orders_equipment_id", "work_orders", ["equipment_id"])
    op.create_index("ix_work_orders_position", "work_orders", ["position"])
    op.create_index("ix_work_orders_reported_at", "work_orders", ["reported_at"])
    op.create_index("ix_work_orders_site_id", "work_orders", ["site_id"])
    op.create_index("ix_work_orders_state", "work_orders", ["state"])
    op.create_index("ix_work_orders_ticket_number", "work_orders", ["ticket_number"])
    op.create_table(
        "gates",
        needed("work_order_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("kind", WORD),
        needed("opened_at", MOMENT),
        optional("passed_at", MOMENT),
        optional("expected_at", MOMENT),
        needed("waits_for_customer", FLAG),
        sa.PrimaryKeyConstraint("work_order_id", "position", name="pk_gates"),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["work_orders.id"], name="fk_gates_work_order_id"
        ),
    )
    op.create_table(
        "visits",
        needed("id", TEXT),
        needed("work_order_id", TEXT),
        needed("duration_s", INTEGER),
        optional("release_at", MOMENT),
        needed("run_in_s", INTEGER),
        needed("crew_size", INTEGER),
        optional("wished_technician_id", TEXT),
        needed("stops", JSON),
        needed("state", TEXT, server_default="open"),
        optional("started_at", MOMENT),
        optional("repaired_at", MOMENT),
        optional("ended_at", MOMENT),
        optional("follows_visit_id", TEXT),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.ForeignKeyConstraint(
            ["follows_visit_id"],
            ["visits.id"],
            name="fk_visits_follows_visit_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["wished_technician_id"], ["technicians.id"], name="fk_visits_wished_technician_id"
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["work_orders.id"], name="fk_visits_work_order_id"
        ),
        sa.CheckConstraint("crew_size > 0", name=op.f("ck_visits_crew_size")),
        sa.CheckConstraint("duration_s > 0", name=op.f("ck_visits_duration")),
    )
    op.create_index("ix_visits_ended_at", "visits", ["ended_at"])
    op.create_index("ix_visits_position", "visits", ["position"])
    op.create_index("ix_visits_state", "visits", ["state"])
    op.create_index("ix_visits_work_order_id", "visits", ["work_order_id"])
    op.create_table(
        "visit_windows",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("open_at", MOMENT),
        needed("close_at", MOMENT),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_visit_windows"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_visit_windows_visit_id"),
        sa.CheckConstraint("open_at <= close_at", name=op.f("ck_visit_windows_interval")),
    )
    op.create_table(
        "skill_needs",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("skill", TEXT),
        needed("level", INTEGER),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_skill_needs"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_skill_needs_visit_id"),
    )
    op.create_table(
        "part_needs",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("part_id", TEXT),
        needed("quantity", INTEGER),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_part_needs"),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_part_needs_part_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_part_needs_visit_id"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_part_needs_quantity")),
    )
    op.create_table(
        "tool_needs",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("tool", TEXT),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_tool_needs"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_tool_needs_visit_id"),
    )
    op.create_table(
        "links",
        needed("first_visit_id", TEXT),
        needed("then_visit_id", TEXT),
        optional("min_lag_s", INTEGER),
        optional("max_lag_s", INTEGER),
        needed("same_technician", FLAG),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("first_visit_id", "then_visit_id", name="pk_links"),
        sa.ForeignKeyConstraint(["first_visit_id"], ["visits.id"], name="fk_links_first_visit_id"),
        sa.ForeignKeyConstraint(["then_visit_id"], ["visits.id"], name="fk_links_then_visit_id"),
        sa.CheckConstraint("first_visit_id <> then_visit_id", name=op.f("ck_links_two_visits")),
    )
    op.create_index("ix_links_position", "links", ["position"])
    op.create_index("ix_links_then_visit_id", "links", ["then_visit_id"])
    op.create_table(
        "pins",
        needed("visit_id", TEXT),
        optional("technician_id", TEXT),
        optional("start_at", MOMENT),
        optional("after_visit_id", TEXT),
        needed("pinned_at", MOMENT),
        needed("pinned_by", TEXT),
        needed("reason", TEXT, server_default=""),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("visit_id", name="pk_pins"),
        sa.ForeignKeyConstraint(["after_visit_id"], ["visits.id"], name="fk_pins_after_visit_id"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_pins_technician_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_pins_visit_id"),
    )
    op.create_index("ix_pins_position", "pins", ["position"])
    op.create_table(
        "pin_technicians",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("technician_id", TEXT),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_pin_technicians"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_pin_technicians_technician_id"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["pins.visit_id"], name="fk_pin_technicians_visit_id"
        ),
    )
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
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_held_slots_technician_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_held_slots_visit_id"),
        sa.CheckConstraint("start_at < finish_at", name=op.f("ck_held_slots_interval")),
    )
    op.create_index("ix_held_slots_expires_at", "held_slots", ["expires_at"])
    op.create_index("ix_held_slots_technician_id", "held_slots", ["technician_id"])
    op.create_index("ix_held_slots_visit_id", "held_slots", ["visit_id"])
