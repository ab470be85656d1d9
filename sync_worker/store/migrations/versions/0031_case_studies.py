"""What people answered some weeks after a programme, and the notes of the conversations about it."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0031_case_studies"
down_revision = "0030_practices"


def upgrade() -> None:
    """Add the tables; nobody was asked so far."""
    op.create_table(
        "cases",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("asked_key", sa.String(50), primary_key=True),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("playbook", sa.String(80), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=True),
        sa.Column("answer_post", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("words_post", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("post_ids", sa.JSON(), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=True),
        sa.Column("invite_talk", sa.Integer(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("entered", sa.JSON(), nullable=False),
        sa.Column("unclear", sa.Boolean(), nullable=False),
        sa.Column("guide_key", sa.String(50), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_cases_cohort", "cases", ["cohort"])
    op.create_table(
        "case_notes",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("asked_key", sa.String(50), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cohort", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("factor", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_case_notes_cohort", "case_notes", ["cohort"])


def downgrade() -> None:
    """Drop the tables; refused while there are answers or notes, which people would be asked for again."""
    refuse_to_lose("cases", "people answered about their use, and would be asked again", "answered_at IS NOT NULL")
    refuse_to_lose("case_notes", "these notes of conversations exist nowhere else")
    op.drop_table("case_notes")
    op.drop_table("cases")
