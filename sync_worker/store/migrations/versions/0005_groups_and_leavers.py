"""Into which groups invitations lead; which accounts left that came by their address; digests of any number."""

import sqlalchemy as sa
from alembic import op

revision = "0005_groups"
down_revision = "0004_desk"
FITTING = 60  # signs of digests before this


def upgrade() -> None:
    """Add the columns; an older invitation is taken to lead into the cohort's group alone."""
    with op.batch_alter_table("invitations") as table:
        table.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("unpaired") as table:
        table.add_column(sa.Column("left", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("memberships") as table:
        table.alter_column("digests", type_=sa.Text(), existing_type=sa.String(60), existing_nullable=False)


def downgrade() -> None:
    """Drop the columns, and cut digests to as many as fit."""
    memberships = sa.table("memberships", *map(sa.column, ("forum", "group_name", "user_id", "role", "digests")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(memberships).where(sa.func.length(memberships.c.digests) > FITTING)).all():
        kept = row.digests[: FITTING + 1].rpartition(" ")[0]
        this = [memberships.c[name] == getattr(row, name) for name in ("forum", "group_name", "user_id", "role")]
        connection.execute(sa.update(memberships).where(*this).values(digests=kept))
    with op.batch_alter_table("memberships") as table:
        table.alter_column(
            "digests",
            type_=sa.String(FITTING),
            existing_type=sa.Text(),
            existing_nullable=False,
            existing_server_default="",
        )
    with op.batch_alter_table("unpaired") as table:
        table.drop_column("left")
    with op.batch_alter_table("invitations") as table:
        table.drop_column("groups")
