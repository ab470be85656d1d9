"""Cohorts that a playbook or a person made an archive."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0018_archived"
down_revision = "0016_follow_ups"


def upgrade() -> None:
    """Add the column; no cohort was archived but by its dates so far."""
    op.add_column("cohort_clocks", sa.Column("archived_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the column; refused while a cohort is an archive by somebody's decision, for it would be looked after."""
    refuse_to_lose("cohort_clocks", "these cohorts are archives, and would be looked after again",
                   "archived_at IS NOT NULL")  # fmt: skip
    with op.batch_alter_table("cohort_clocks") as table:
        table.drop_column("archived_at")
