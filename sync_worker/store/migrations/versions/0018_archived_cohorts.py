"""Cohorts that a playbook or a person made an archive."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime

revision = "0018_archived"
down_revision = "0016_follow_ups"


def upgrade() -> None:
    """Add the column; no cohort was archived but by its dates so far."""
    op.add_column("cohort_clocks", sa.Column("archived_at", UtcDateTime(), nullable=True))
