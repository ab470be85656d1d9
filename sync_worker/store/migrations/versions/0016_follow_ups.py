"""Which follow-up of a step an occurrence is."""

import sqlalchemy as sa
from alembic import op

revision = "0016_follow_ups"
down_revision = "0015_facts"


def upgrade() -> None:
    """Add the column; there were no follow-ups before."""
    with op.batch_alter_table("occurrences") as table:
        table.add_column(sa.Column("follow_up", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the column; an occurrence of a follow-up keeps its key."""
    with op.batch_alter_table("occurrences") as table:
        table.drop_column("follow_up")
