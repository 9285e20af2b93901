"""What the database itself refuses, whatever a program asks of it.

A technician is never booked twice at the same time, and what is on record stays on record.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("movements", "movement_serials", "events", "audit_trail", "forced_changes")

# A range over text makes "the same technician" something that a plain GiST index can compare, so
# no extension has to be installed.
_POSTGRESQL = (
    'CREATE TYPE text_range AS RANGE (subtype = text, collation = "C")',
    """
    ALTER TABLE bookings ADD CONSTRAINT double_booking EXCLUDE USING gist (
        text_range(technician_id, technician_id, '[]') WITH =,
        tstzrange(start_at, finish_at) WITH &&
    )
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'append_only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
)
_POSTGRESQL_APPEND_ONLY = """
    CREATE TRIGGER append_only_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """
_SQLITE_NO_DOUBLE_BOOKING = """
    CREATE TRIGGER double_booking_{event} BEFORE {event} ON bookings
    WHEN EXISTS (
        SELECT 1 FROM bookings
        WHERE technician_id = NEW.technician_id AND id IS NOT NEW.id
        AND start_at < NEW.finish_at AND finish_at > NEW.start_at
    )
    BEGIN SELECT RAISE(ABORT, 'double_booking'); END
    """
_SQLITE_APPEND_ONLY = """
    CREATE TRIGGER append_only_{table}_{event} BEFORE {event} ON {table}
    BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END
    """


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)
        for table in _APPEND_ONLY:
            op.execute(_POSTGRESQL_APPEND_ONLY.format(table=table))
    else:
        for event in ("INSERT", "UPDATE"):
            op.execute(_SQLITE_NO_DOUBLE_BOOKING.format(event=event))
        for table in _APPEND_ONLY:
            for event in ("UPDATE", "DELETE"):
                op.execute(_SQLITE_APPEND_ONLY.format(table=table, event=event))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _APPEND_ONLY:
            op.execute(f"DROP TRIGGER append_only_{table} ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("ALTER TABLE bookings DROP CONSTRAINT double_booking")
        op.execute("DROP TYPE text_range")
    else:
        for event in ("INSERT", "UPDATE"):
            op.execute(f"DROP TRIGGER double_booking_{event}")
        for table in _APPEND_ONLY:
            for event in ("UPDATE", "DELETE"):
                op.execute(f"DROP TRIGGER append_only_{table}_{event}")
