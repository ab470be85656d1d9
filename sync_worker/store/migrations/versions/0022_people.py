"""Counts of what people did by day, who answered whom by week, and signs that an LCM put aside."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0022_people"
down_revision = "0020_commitments"


def upgrade() -> None:
    """Add the tables; the counts are made of the activity when they are needed first."""
    op.create_table(
        "activity_days",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("category_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("replies_given", sa.Integer(), nullable=False),
        sa.Column("replies_received", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("wait", sa.BigInteger(), nullable=False),
        sa.Column("likes_given", sa.Integer(), nullable=False),
        sa.Column("likes_received", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("last_post", sa.Integer(), nullable=True),
    )
    op.create_table(
        "answer_weeks",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("category_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("week", sa.Date(), primary_key=True),
        sa.Column("by_user", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("to_user", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("replies", sa.Integer(), nullable=False),
    )
    op.create_table(
        "dismissals",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("cohort", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("posts_by_author", "posts", ["forum", "user_id", "created_at"])


def downgrade() -> None:
    """Drop the tables; the counts can be made again, what an LCM put aside is shown again."""
    op.drop_index("posts_by_author", "posts")
    for table in ("dismissals", "answer_weeks", "activity_days"):
        op.drop_table(table)
    op.execute("DELETE FROM cursors WHERE name = 'activity counts'")
