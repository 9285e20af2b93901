"""Calendars, SLA rules, prices."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    BIG,
    CLOCK,
    DATE,
    FLAG,
    INTEGER,
    JSON,
    TEXT,
    WORD,
    needed,
    optional,
)

TABLES = (
    "calendars",
    "calendar_hours",
    "calendar_days",
    "sla_rules",
    "sla_clocks",
    "policies",
    "speed_bands",
)


def create() -> None:
    op.create_table(
        "calendars",
        needed("id", TEXT),
        needed("time_zone", TEXT),
        needed("weekdays", JSON),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_calendars"),
    )
    op.create_index("ix_calendars_position", "calendars", ["position"])
    op.create_table(
        "calendar_hours",
        needed("calendar_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("start", CLOCK),
        needed("end", CLOCK),
        sa.PrimaryKeyConstraint("calendar_id", "position", name="pk_calendar_hours"),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name="fk_calendar_hours_calendar_id"
        ),
    )
    op.create_table(
        "calendar_days",
        needed("calendar_id", TEXT),
        needed("day", DATE),
        needed("working", FLAG),
        needed("name", TEXT),
        sa.PrimaryKeyConstraint("calendar_id", "day", name="pk_calendar_days"),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name="fk_calendar_days_calendar_id"
        ),
    )
    op.create_table(
        "sla_rules",
        needed("id", TEXT),
        optional("relation", WORD),
        optional("province", TEXT),
        optional("city", TEXT),
        optional("product", TEXT),
        optional("tier", TEXT),
        optional("priority", WORD),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_sla_rules"),
    )
    op.create_index("ix_sla_rules_position", "sla_rules", ["position"])
    op.create_table(
        "sla_clocks",
        needed("rule_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("kind", WORD),
        needed("length_s", INTEGER),
        needed("calendar_id", TEXT),
        needed("breach_fen", BIG),
        needed("late_fen_per_h", BIG),
        sa.PrimaryKeyConstraint("rule_id", "position", name="pk_sla_clocks"),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name="fk_sla_clocks_calendar_id"
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["sla_rules.id"], name="fk_sla_clocks_rule_id"),
    )
    op.create_table(
        "policies",
        needed("name", TEXT),
        needed("unassigned_emergency_fen", BIG),
        needed("unassigned_high_fen", BIG),
        needed("unassigned_normal_fen", BIG),
        needed("unassigned_low_fen", BIG),
        needed("clock_permille", INTEGER),
        needed("travel_fen_per_h", BIG),
        needed("travel_fen_per_km", BIG),
        needed("paid_fen_per_h", BIG),
        needed("overtime_fen_per_h", BIG),
        needed("lodging_fen", BIG),
        needed("backup_territory_fen", BIG),
        needed("over_qualification_fen", BIG),
        needed("wish_fen", BIG),
        needed("unfair_fen_per_h", BIG),
        needed("fair_share_permille", INTEGER),
        needed("change_technician_fen", BIG),
        needed("change_time_fen", BIG),
        needed("change_tolerance_s", INTEGER),
        needed("part_move_fen", BIG),
        needed("worst_late_fen_per_h", BIG),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("name", name="pk_policies"),
    )
    op.create_index("ix_policies_position", "policies", ["position"])
    op.create_table(
        "speed_bands",
        needed("position", INTEGER, autoincrement=False),
        needed("name", TEXT),
        optional("up_to_m", INTEGER),
        needed("speed_km_per_h", INTEGER),
        sa.PrimaryKeyConstraint("position", name="pk_speed_bands"),
    )
