"""What was seen of groups, who was added by e-mail, and who was invited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_worker.store.upgrade import refuse_to_lose

revision = "0002_people"
down_revision = "0002_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the four tables."""
    op.create_table(
        "seen",
        sa.Column("forum", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("forum_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forum", "kind", "name"),
    )
    op.create_table(
        "emailed",
        sa.Column("forum", sa.String(length=255), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("cohort", sa.String(length=40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forum", "group_name", "person"),
    )
    op.create_table(
        "unpaired",
        sa.Column("forum", sa.String(length=255), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forum", "group_name", "user_id"),
    )
    op.create_table(
        "invitations",
        sa.Column("forum", sa.String(length=255), nullable=False),
        sa.Column("cohort", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("invite_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forum", "cohort", "person"),
    )


def downgrade() -> None:
    """Drop the tables; refused while somebody was invited, for an older version would invite them again."""
    refuse_to_lose("invitations", "these people were invited, and would be invited again")
    for table in ("invitations", "unpaired", "emailed", "seen"):
        op.drop_table(table)
