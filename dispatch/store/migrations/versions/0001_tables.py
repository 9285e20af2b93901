"""All tables with their keys, checks and indexes."""

from alembic import op

from dispatch.store.migrations.first import log, people, places, plans, stock, terms, work

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SUBJECTS = (terms, places, people, work, plans, stock, log)


def upgrade() -> None:
    for subject in _SUBJECTS:
        subject.create()


def downgrade() -> None:
    for subject in reversed(_SUBJECTS):
        for table in reversed(subject.TABLES):
            op.drop_table(table)
