"""Technicians and their working time."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    CLOCK,
    DATE,
    FLAG,
    INTEGER,
    MOMENT,
    TEXT,
    WORD,
    needed,
    optional,
)

TABLES = (
    "technicians",
    "certificates",
    "territory_covers",
    "exclusions",
    "technician_tools",
    "shift_patterns",
    "break_patterns",
    "absences",
)


def create() -> None:
    op.create_table(
        "technicians",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("station_id", TEXT),
        optional("max_travel_s", INTEGER),
        optional("max_visits", INTEGER),
        optional("max_total_overtime_s", INTEGER),
        needed("min_rest_s", INTEGER),
        needed("may_stay_overnight", FLAG),
        needed("max_nights", INTEGER),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_technicians"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_technicians_station_id"),
    )
    op.create_index("ix_technicians_position", "technicians", ["position"])
    op.create_index("ix_technicians_station_id", "technicians", ["station_id"])
    op.create_table(
        "certificates",
        needed("technician_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("skill", TEXT),
        needed("level", INTEGER),
        optional("expires_on", DATE),
        sa.PrimaryKeyConstraint("technician_id", "position", name="pk_certificates"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_certificates_technician_id"
        ),
    )
    op.create_table(
        "territory_covers",
        needed("technician_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("territory", TEXT),
        needed("coverage", WORD),
        sa.PrimaryKeyConstraint("technician_id", "position", name="pk_territory_covers"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_territory_covers_technician_id"
        ),
    )
    op.create_table(
        "exclusions",
        needed("technician_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        optional("customer_id", TEXT),
        optional("site_id", TEXT),
        sa.PrimaryKeyConstraint("technician_id", "position", name="pk_exclusions"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_exclusions_customer_id"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_exclusions_site_id"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_exclusions_technician_id"
        ),
        sa.CheckConstraint(
            "(customer_id IS NULL) <> (site_id IS NULL)",
            name=op.f("ck_exclusions_customer_or_site"),
        ),
    )
    op.create_table(
        "technician_tools",
        needed("technician_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("tool", TEXT),
        sa.PrimaryKeyConstraint("technician_id", "position", name="pk_technician_tools"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_technician_tools_technician_id"
        ),
    )
    op.create_table(
        "shift_patterns",
        needed("technician_id", TEXT),
        needed("number", INTEGER, autoincrement=False),
        needed("position", INTEGER),
        needed("days", TEXT),
        needed("start", CLOCK),
        needed("end", CLOCK),
        needed("kind", WORD),
        needed("max_overtime_s", INTEGER),
        sa.PrimaryKeyConstraint("technician_id", "number", name="pk_shift_patterns"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_shift_patterns_technician_id"
        ),
    )
    op.create_table(
        "break_patterns",
        needed("technician_id", TEXT),
        needed("number", INTEGER, autoincrement=False),
        needed("position", INTEGER, autoincrement=False),
        needed("earliest", CLOCK),
        needed("latest", CLOCK),
        needed("duration_s", INTEGER),
        sa.PrimaryKeyConstraint("technician_id", "number", "position", name="pk_break_patterns"),
        sa.ForeignKeyConstraint(
            ["technician_id", "number"],
            ["shift_patterns.technician_id", "shift_patterns.number"],
            name="fk_break_patterns_technician_id_number",
        ),
    )
    op.create_table(
        "absences",
        needed("technician_id", TEXT),
        needed("start_at", MOMENT),
        needed("end_at", MOMENT),
        needed("reason", TEXT),
        sa.PrimaryKeyConstraint("technician_id", "start_at", name="pk_absences"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_absences_technician_id"
        ),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_absences_interval")),
    )
