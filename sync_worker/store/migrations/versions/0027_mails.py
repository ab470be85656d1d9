"""Addresses that get no more mails, and what managers answered to the mails that they got."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0027_mails"
down_revision = "0026_blockers"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "mail_stops",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("email", sa.String(320), primary_key=True),
        sa.Column("why", sa.String(15), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "briefing_answers",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("key", sa.String(50), primary_key=True),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about_users", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_briefing_answers_cohort", "briefing_answers", ["cohort"])


def downgrade() -> None:
    """Drop the tables; refused while an address wants no mail, for it would get some again."""
    refuse_to_lose("mail_stops", "these addresses want no mails, and would get some again")
    op.drop_table("briefing_answers")
    op.drop_table("mail_stops")
