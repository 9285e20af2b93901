"""Runs, plans, bookings, and what people were told."""

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import (
    BIG,
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
    "runs",
    "plan_versions",
    "plan_routes",
    "plan_stops",
    "plan_stop_parts",
    "plan_unassigned",
    "bookings",
    "commitments",
    "commitment_technicians",
    "forced_changes",
)

PUBLISHED = sa.text("state = 'published'")


def create() -> None:
    op.create_table(
        "runs",
        needed("id", TEXT),
        needed("state", WORD),
        needed("asked", JSON),
        needed("asked_by", TEXT),
        needed("queued_at", MOMENT),
        optional("started_at", MOMENT),
        optional("finished_at", MOMENT),
        optional("error", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "plan_versions",
        needed("version", INTEGER),
        needed("state", WORD),
        optional("base_version", INTEGER),
        optional("run_id", TEXT),
        needed("start_at", MOMENT),
        needed("end_at", MOMENT),
        needed("now_at", MOMENT),
        needed("policy", TEXT),
        needed("made_by", TEXT),
        needed("made_at", MOMENT),
        optional("seed", INTEGER),
        optional("iterations", INTEGER),
        optional("bound_fen", BIG),
        optional("cost_fen", BIG),
        needed("note", TEXT, server_default=""),
        optional("published_at", MOMENT),
        optional("published_by", TEXT),
        sa.PrimaryKeyConstraint("version", name="pk_plan_versions"),
        sa.ForeignKeyConstraint(
            ["base_version"],
            ["plan_versions.version"],
            name="fk_plan_versions_base_version",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_plan_versions_run_id"),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_plan_versions_horizon")),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name=op.f("ck_plan_versions_published_at")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'superseded')", name=op.f("ck_plan_versions_state")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_plan_versions_published",
        "plan_versions",
        ["state"],
        unique=True,
        sqlite_where=PUBLISHED,
        postgresql_where=PUBLISHED,
    )
    op.create_table(
        "plan_routes",
        needed("version", INTEGER),
        needed("route", INTEGER, autoincrement=False),
        needed("technician_id", TEXT),
        needed("shift_id", TEXT),
        needed("ends_away", FLAG),
        sa.PrimaryKeyConstraint("version", "route", name="pk_plan_routes"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_plan_routes_technician_id"
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["plan_versions.version"], name="fk_plan_routes_version"
        ),
        sa.UniqueConstraint(
            "version",
            "technician_id",
            "shift_id",
            name="uq_plan_routes_version_technician_id_shift_id",
        ),
    )
    op.create_table(
        "plan_stops",
        needed("version", INTEGER, autoincrement=False),
        needed("route", INTEGER, autoincrement=False),
        needed("position", INTEGER, autoincrement=False),
        needed("kind", WORD),
        optional("visit_id", TEXT),
        optional("station_id", TEXT),
        needed("tools", JSON),
        optional("not_before_at", MOMENT),
        optional("item", INTEGER),
        sa.PrimaryKeyConstraint("version", "route", "position", name="pk_plan_stops"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_plan_stops_station_id"),
        sa.ForeignKeyConstraint(
            ["version", "route"],
            ["plan_routes.version", "plan_routes.route"],
            name="fk_plan_stops_version_route",
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_plan_stops_visit_id"),
    )
    op.create_index("ix_plan_stops_visit_id", "plan_stops", ["visit_id"])
    op.create_table(
        "plan_stop_parts",
        needed("version", INTEGER, autoincrement=False),
        needed("route", INTEGER, autoincrement=False),
        needed("position", INTEGER, autoincrement=False),
        needed("number", INTEGER, autoincrement=False),
        needed("part_id", TEXT),
        needed("quantity", INTEGER),
        sa.PrimaryKeyConstraint(
            "version", "route", "position", "number", name="pk_plan_stop_parts"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name="fk_plan_stop_parts_part_id"),
        sa.ForeignKeyConstraint(
            ["version", "route", "position"],
            ["plan_stops.version", "plan_stops.route", "plan_stops.position"],
            name="fk_plan_stop_parts_version_route_position",
        ),
    )
    op.create_table(
        "plan_unassigned",
        needed("version", INTEGER),
        needed("position", INTEGER, autoincrement=False),
        needed("visit_id", TEXT),
        needed("code", TEXT),
        needed("obstacles", JSON),
        sa.PrimaryKeyConstraint("version", "position", name="pk_plan_unassigned"),
        sa.ForeignKeyConstraint(
            ["version"], ["plan_versions.version"], name="fk_plan_unassigned_version"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_plan_unassigned_visit_id"),
        sa.UniqueConstraint("version", "visit_id", name="uq_plan_unassigned_version_visit_id"),
    )
    op.create_table(
        "bookings",
        needed("id", INTEGER),
        needed("technician_id", TEXT),
        needed("visit_id", TEXT),
        needed("start_at", MOMENT),
        needed("finish_at", MOMENT),
        needed("plan_version", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.ForeignKeyConstraint(
            ["plan_version"], ["plan_versions.version"], name="fk_bookings_plan_version"
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_bookings_technician_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_bookings_visit_id"),
        sa.UniqueConstraint("visit_id", "technician_id", name="uq_bookings_visit_id_technician_id"),
        sa.CheckConstraint("start_at < finish_at", name=op.f("ck_bookings_interval")),
    )
    op.create_index("ix_bookings_plan_version", "bookings", ["plan_version"])
    op.create_index("ix_bookings_technician_start", "bookings", ["technician_id", "start_at"])
    op.create_table(
        "commitments",
        needed("visit_id", TEXT),
        needed("start_at", MOMENT),
        optional("plan_version", INTEGER),
        needed("position", INTEGER),
        sa.PrimaryKeyConstraint("visit_id", name="pk_commitments"),
        sa.ForeignKeyConstraint(
            ["plan_version"], ["plan_versions.version"], name="fk_commitments_plan_version"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_commitments_visit_id"),
    )
    op.create_index("ix_commitments_position", "commitments", ["position"])
    op.create_table(
        "commitment_technicians",
        needed("visit_id", TEXT),
        needed("position", INTEGER, autoincrement=False),
        needed("technician_id", TEXT),
        sa.PrimaryKeyConstraint("visit_id", "position", name="pk_commitment_technicians"),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technicians.id"], name="fk_commitment_technicians_technician_id"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["commitments.visit_id"], name="fk_commitment_technicians_visit_id"
        ),
    )
    op.create_table(
        "forced_changes",
        needed("id", INTEGER),
        needed("plan_version", INTEGER),
        optional("visit_id", TEXT),
        needed("code", TEXT),
        needed("subject", TEXT),
        needed("amount", INTEGER),
        needed("reason", TEXT),
        needed("forced_at", MOMENT),
        needed("forced_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_forced_changes"),
        sa.ForeignKeyConstraint(
            ["plan_version"], ["plan_versions.version"], name="fk_forced_changes_plan_version"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_forced_changes_visit_id"),
    )
    op.create_index("ix_forced_changes_plan_version", "forced_changes", ["plan_version"])
    op.create_index("ix_forced_changes_visit_id", "forced_changes", ["visit_id"])
