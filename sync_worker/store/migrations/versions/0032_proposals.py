"""What a language model proposed for roundups."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0032_proposals"
down_revision = "0031_case_studies"


def upgrade() -> None:
    """Add the table; no model was asked so far."""
    op.create_table(
        "proposals",
        sa.Column("key", sa.String(50), primary_key=True),
        sa.Column("part", sa.String(80), primary_key=True),
        sa.Column("forum", sa.String(255), nullable=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("user_ids", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("proposals_by_cohort", "proposals", ["forum", "cohort", "at"])


def downgrade() -> None:
    """Drop the table: the model is asked anew about roundups that are not written yet."""
    op.drop_table("proposals")
