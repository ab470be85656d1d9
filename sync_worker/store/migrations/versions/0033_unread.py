"""Conversations that the forum does not show us although somebody wrote in them."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0033_unread"
down_revision = "0032_proposals"


def upgrade() -> None:
    """Add the table; what could not be read until now is tried again at the next look, and noted then."""
    op.create_table(
        "unread",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("topic_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("user_ids", sa.JSON(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Drop the table: what cannot be read holds nothing back."""
    op.drop_table("unread")
