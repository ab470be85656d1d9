"""The entries of the practice library."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0030_practices"
down_revision = "0029_trials"


def upgrade() -> None:
    """Add the table; marks that were made before fill it at the next run."""
    op.create_table(
        "practices",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("post_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("cohort_name", sa.Text(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("asked_key", sa.String(50), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=True),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("answer_words", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_practices_cohort", "practices", ["cohort"])


def downgrade() -> None:
    """Drop the table; refused while an author or an LCM decided about a practice, which would be asked again."""
    refuse_to_lose("practices", "somebody decided about these practices, and would be asked again", "answer != ''")
    op.drop_table("practices")
