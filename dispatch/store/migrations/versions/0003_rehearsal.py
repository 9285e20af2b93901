"""How far the clock of the organisation is from the real one.

Until now this was worked out from the first import each time.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from dispatch.store.migrations.first.columns import BIG, MOMENT, needed

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LIVE = timedelta(days=7)
_ORGANISATION = sa.table("organisation", sa.column("planning_at", MOMENT), sa.column("rehearsal_s"))
_AUDIT = sa.table("audit_trail", sa.column("done_at", MOMENT), sa.column("command"))


def upgrade() -> None:
    op.add_column("organisation", needed("rehearsal_s", BIG, server_default="0"))
    connection = op.get_bind()
    described = connection.scalar(sa.select(_ORGANISATION.c.planning_at))
    brought = connection.scalar(
        sa.select(sa.func.min(_AUDIT.c.done_at)).where(_AUDIT.c.command == "import")
    )
    if described is None or brought is None:
        return
    rehearsal = _instant(described) - _instant(brought)
    if abs(rehearsal) >= _LIVE:
        seconds = round(rehearsal.total_seconds())
        op.execute(_ORGANISATION.update().values(rehearsal_s=seconds))


def downgrade() -> None:
    op.drop_column("organisation", "rehearsal_s")


def _instant(found: datetime | str) -> datetime:
    """SQLite keeps instants as text."""
    return found if isinstance(found, datetime) else datetime.fromisoformat(found)
