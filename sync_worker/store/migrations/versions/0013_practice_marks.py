"""Posts that LCMs marked as practices."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0013_marks"
down_revision = "0009_accepted"


def upgrade() -> None:
    """Add the table; it is empty, as marks made before this version were not kept here."""
    op.create_table(
        "practice_marks",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("post_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Drop the table; the marks stay on the forum."""
    op.drop_table("practice_marks")
