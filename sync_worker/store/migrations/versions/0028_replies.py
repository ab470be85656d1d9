"""What LCMs decide by reply: numbers of what waits, conversations that are read, posts that were acted on."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0028_replies"
down_revision = "0027_mails"


def upgrade() -> None:
    """Add the tables; nothing was shown under a number so far."""
    op.create_table(
        "waiting",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("cohort", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("waiting_by_subject", "waiting", ["forum", "subject"])
    op.create_table(
        "talks",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("topic_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("bumped_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "replies",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("post_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("changed_said", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_replies_topic_id", "replies", ["topic_id"])
    op.create_index("ix_replies_answered", "replies", ["answered"])


def downgrade() -> None:
    """Drop the tables, and forget since when messages count: what was read before must decide nothing a second time."""
    for table in ("replies", "talks", "waiting"):
        op.drop_table(table)
    op.execute("DELETE FROM cursors WHERE name = 'messages'")
