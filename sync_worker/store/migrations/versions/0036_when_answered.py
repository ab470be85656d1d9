"""What an author answered about a find of the practice library has the time at which it was said."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0036_when_answered"
down_revision = "0035_each_choice"


def upgrade() -> None:
    """Add the time; of what was answered so far nobody knows it."""
    op.add_column("practices", sa.Column("answered_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the time."""
    op.drop_column("practices", "answered_at")
