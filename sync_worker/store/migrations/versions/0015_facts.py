"""Facts about people; the ledger says which learner an entry addresses, when it was sent, and how long it waits."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0015_facts"
down_revision = "0013_marks"


def upgrade() -> None:
    """Add the table and the columns; nothing that was sent so far counts as sent to one learner."""
    op.create_table(
        "facts",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.add_column("ledger", sa.Column("to_learner", sa.Integer(), nullable=True))
    op.add_column("ledger", sa.Column("sent_at", UtcDateTime(), nullable=True))
    op.add_column("ledger", sa.Column("not_before", UtcDateTime(), nullable=True))
    op.create_index("ledger_by_learner", "ledger", ["forum", "to_learner", "sent_at"])


def downgrade() -> None:
    """Drop table and columns; refused while entries wait for their time, for they would be sent at once."""
    refuse_to_lose(
        "ledger",
        "these entries wait for their time, and would be sent at once",
        "not_before IS NOT NULL AND state = 'intended'",
    )
    op.drop_index("ledger_by_learner", "ledger")
    with op.batch_alter_table("ledger") as table:
        for name in ("not_before", "sent_at", "to_learner"):
            table.drop_column(name)
    op.drop_table("facts")
