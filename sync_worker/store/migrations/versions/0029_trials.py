"""Whom chance left out of a step, and whom it did not."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0029_trials"
down_revision = "0028_replies"


def upgrade() -> None:
    """Add the table; nobody was left out so far."""
    op.create_table(
        "trials",
        sa.Column("key", sa.String(50), primary_key=True),
        sa.Column("forum", sa.String(255), nullable=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("playbook", sa.String(80), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_index("trials_by_cohort", "trials", ["forum", "cohort"])


def downgrade() -> None:
    """Drop the table: how a step helped is not known then."""
    op.drop_table("trials")
