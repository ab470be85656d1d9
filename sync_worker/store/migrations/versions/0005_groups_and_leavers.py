"""Into which groups invitations lead; which accounts left that came by their address; digests of any number."""

import sqlalchemy as sa
from alembic import op

revision = "0005_groups"
down_revision = "0004_desk"


def upgrade() -> None:
    """Add the columns; an older invitation is taken to lead into the cohort's group alone."""
    with op.batch_alter_table("invitations") as table:
        table.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("unpaired") as table:
        table.add_column(sa.Column("left", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("memberships") as table:
        table.alter_column("digests", type_=sa.Text(), existing_type=sa.String(60), existing_nullable=False)
