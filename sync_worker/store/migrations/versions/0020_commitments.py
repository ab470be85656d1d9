"""What people said they would do, and what became of it."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0020_commitments"
down_revision = "0019_evidence"


def upgrade() -> None:
    """Make the table; it fills with the next topic that asks for plans."""
    op.create_table(
        "commitments",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("topic_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("playbook", sa.String(80), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("asked_key", sa.String(50), nullable=True),
        sa.Column("talk", sa.Integer(), nullable=True),
        sa.Column("later_key", sa.String(50), nullable=True),
        sa.Column("later_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("later_answer", sa.String(10), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answer_post", sa.Integer(), nullable=True),
        sa.Column("vote", sa.String(10), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_commitments_cohort", "commitments", ["cohort"])


def downgrade() -> None:
    """Drop the table: nobody is asked about a plan any more."""
    op.drop_table("commitments")
