"""Each choice of a person has a time of its own at which it was last said."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0035_each_choice"
down_revision = "0034_posts_by_time"

NAMES = ("nudges_at", "quoting_at", "pairing_at")


def upgrade() -> None:
    """Add the times; what was entered so far was all said when the row says."""
    for name in NAMES:
        op.add_column("choices", sa.Column(name, UtcDateTime(), nullable=True))
    op.execute(sa.text(f"UPDATE choices SET {', '.join(f'{name} = at' for name in NAMES)}"))  # noqa: S608


def downgrade() -> None:
    """Drop the times: the last one counts for all three."""
    for name in reversed(NAMES):
        op.drop_column("choices", name)
