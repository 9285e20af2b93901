"""The organisation, its places, customers and catalogue of parts."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    DATE,
    DEGREES,
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
    "organisation",
    "stations",
    "station_tools",
    "customers",
    "sites",
    "equipment",
    "travel",
    "parts",
    "substitutes",
)


def create() -> None:
    op.create_table(
        "organisation",
        needed("single", INTEGER, autoincrement=False),
        needed("id", TEXT),
        needed("name", TEXT),
        needed("home_province", TEXT),
        needed("time_zone", TEXT),
        needed("planning_at", MOMENT),
        needed("horizon_days", INTEGER),
        needed("shift_calendar_id", TEXT),
        needed("default_policy", TEXT),
        needed("provisional_years", JSON),
        needed("detour_permille", INTEGER),
        needed("service_terms", JSON, server_default="{}"),
        sa.PrimaryKeyConstraint("single", name="pk_organisation"),
        sa.ForeignKeyConstraint(
            ["shift_calendar_id"], ["calendars.id"], name="fk_organisation_shift_calendar_id"
        ),
        sa.CheckConstraint("single = 1", name=op.f("ck_organisation_only_one")),
    )
    op.create_table(
        "stations",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("kind", WORD),
        needed("latitude", DEGREES),
        needed("longitude", DEGREES),
        needed("datum", WORD),
        needed("province", TEXT),
        needed("city", TEXT),
        needed("pickup_s", INTEGER),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
    )
    op.create_index("ix_stations_position", "stations", ["position"])
    op.create_table(
        "station_tools",
        needed("station_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("tool", TEXT),
        needed("quantity", INTEGER),
        sa.PrimaryKeyConstraint("station_id", "position", name="pk_station_tools"),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_station_tools_station_id"
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_station_tools_quantity")),
    )
    op.create_table(
        "customers",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("tier", TEXT),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_position", "customers", ["position"])
    op.create_table(
        "sites",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("customer_id", TEXT),
        needed("latitude", DEGREES),
        needed("longitude", DEGREES),
        needed("datum", WORD),
        needed("province", TEXT),
        needed("city", TEXT),
        needed("territory", TEXT),
        needed("address", TEXT),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_sites_customer_id"),
    )
    op.create_index("ix_sites_customer_id", "sites", ["customer_id"])
    op.create_index("ix_sites_position", "sites", ["position"])
    op.create_table(
        "equipment",
        needed("id", TEXT),
        needed("site_id", TEXT),
        needed("product", TEXT),
        needed("serial", TEXT, server_default=""),
        optional("installed_on", DATE),
        optional("warranty_until", DATE),
        sa.PrimaryKeyConstraint("id", name="pk_equipment"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_equipment_site_id"),
    )
    op.create_index("ix_equipment_site_id", "equipment", ["site_id"])
    op.create_table(
        "travel",
        needed("position", INTEGER, autoincrement=False),
        optional("station_id", TEXT),
        optional("site_id", TEXT),
        needed("seconds", JSON),
        needed("metres", JSON),
        sa.PrimaryKeyConstraint("position", name="pk_travel"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_travel_site_id"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_travel_station_id"),
        sa.UniqueConstraint("site_id", name="uq_travel_site_id"),
        sa.UniqueConstraint("station_id", name="uq_travel_station_id"),
        sa.CheckConstraint(
            "(station_id IS NULL) <> (site_id IS NULL)", name=op.f("ck_travel_station_or_site")
        ),
    )
    op.create_table(
        "parts",
        needed("id", TEXT),
        needed("name", TEXT),
        needed("serial_tracked", FLAG, server_default="0"),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_parts"),
    )
    op.create_index("ix_parts_position", "parts", ["position"])
    op.create_table(
        "substitutes",
        needed("part_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("substitute_id", TEXT),
        sa.PrimaryKeyConstraint("part_id", "position", name="pk_substitutes"),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_substitutes_part_id"),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["parts.id"], name="fk_substitutes_substitute_id"
        ),
        sa.CheckConstraint("part_id <> substitute_id", name=op.f("ck_substitutes_another")),
    )
