"""What was known when a text was written that a rule had a say in."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0019_evidence"
down_revision = "0018_archived"


def upgrade() -> None:
    """Make the table; of texts written before, nothing is known."""
    op.create_table(
        "evidence",
        sa.Column("key", sa.String(50), primary_key=True),
        sa.Column("forum", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("evidence_by_person", "evidence", ["forum", "user_id"])


def downgrade() -> None:
    """Drop the table; of texts that were written nothing is known then."""
    op.drop_table("evidence")
