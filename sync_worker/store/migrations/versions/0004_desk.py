"""What our plugin tells: likes and visits, people's choices, paused and shifted cohorts."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0004_desk"
down_revision = "0002_people"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "likes",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("post_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_likes_author_id", "likes", ["author_id"])
    op.create_table(
        "visits",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("posts_read", sa.Integer(), nullable=False),
        sa.Column("seconds_read", sa.Integer(), nullable=False),
    )
    op.create_table(
        "choices",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("nudges", sa.Boolean(), nullable=False),
        sa.Column("quoting", sa.Boolean(), nullable=False),
        sa.Column("pairing", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "cohort_clocks",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("cohort", sa.String(40), primary_key=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_until", UtcDateTime()),
        sa.Column("shift_days", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Drop them; refused while somebody chose to be left alone, or a cohort is paused or shifted."""
    refuse_to_lose(
        "choices", "these people want no nudges, no quotes or no pairs", "NOT (nudges AND quoting AND pairing)"
    )
    refuse_to_lose("cohort_clocks", "these cohorts are paused or shifted", "paused OR shift_days != 0")
    for table in ("cohort_clocks", "choices", "visits", "likes"):
        op.drop_table(table)
