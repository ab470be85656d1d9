"""What people said about blockers."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0026_blockers"
down_revision = "0024_forgotten"


def upgrade() -> None:
    """Add the table; nobody said anything so far."""
    op.create_table(
        "blocker_words",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("topic_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("word", sa.String(10), nullable=False),
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_blocker_words_cohort", "blocker_words", ["cohort"])


def downgrade() -> None:
    """Drop the table; what people said about a blocker stays on the forum."""
    op.drop_table("blocker_words")
