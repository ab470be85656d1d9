"""People who asked to be forgotten, as digests; webhooks that arrived."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0024_forgotten"
down_revision = "0022_people"


def upgrade() -> None:
    """Add the tables; nobody asked so far, and nothing arrived."""
    op.create_table(
        "forgotten",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "webhook_events",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("event_id", sa.String(64), primary_key=True),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("worked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables; refused while somebody is forgotten, for they would be taken in again."""
    refuse_to_lose("forgotten", "these people asked to be forgotten, and would be taken in again")
    op.drop_table("webhook_events")
    op.drop_table("forgotten")
