"""What each run changed, line by line; marks of people who are to be removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_changes"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of changes and widen the one of memberships."""
    op.create_table(
        "changes",
        sa.Column("forum", sa.String(length=255), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cohort", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(length=60), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forum", "run", "position"),
    )
    op.create_index(op.f("ix_changes_state"), "changes", ["state"], unique=False)
    with op.batch_alter_table("memberships") as batch:
        batch.add_column(sa.Column("cohort", sa.String(length=40), nullable=False, server_default=""))
        batch.add_column(sa.Column("digests", sa.String(length=60), nullable=False, server_default=""))
        batch.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("clean_runs", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the table and the columns: what earlier runs changed cannot be undone then, and marks begin anew."""
    with op.batch_alter_table("memberships") as batch:
        for name in ("clean_runs", "since", "digests", "cohort"):
            batch.drop_column(name)
    op.drop_table("changes")
