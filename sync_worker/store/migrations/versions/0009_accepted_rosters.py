"""What the rosters of the last weeks had of each cohort; the sizes that were kept so far go with it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009_accepted"
down_revision = "0008_who_is_who"
SIZE = "roster-size:"


def upgrade() -> None:
    """Make the table; a size that was kept without a day counts as one of today."""
    accepted = op.create_table(
        "accepted_rosters",
        sa.Column("forum", sa.String(255), primary_key=True),
        sa.Column("cohort", sa.String(40), primary_key=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    cursors = sa.table("cursors", sa.column("forum"), sa.column("name"), sa.column("value"))
    connection, now = op.get_bind(), datetime.now(UTC)
    kept = connection.execute(sa.select(cursors).where(cursors.c.name.startswith(SIZE))).all()
    rows = [
        {
            "forum": row.forum,
            "cohort": row.name.removeprefix(SIZE),
            "end": None,
            "content": {"sizes": {now.date().isoformat(): int(row.value)}},
            "at": now,
        }
        for row in kept
    ]
    if rows:
        op.bulk_insert(accepted, rows)
        connection.execute(sa.delete(cursors).where(cursors.c.name.startswith(SIZE)))


def downgrade() -> None:
    """Keep of each cohort the size of its last day, as it was kept before, and drop the table."""
    connection = op.get_bind()
    accepted = sa.table("accepted_rosters", sa.column("forum"), sa.column("cohort"), sa.column("content", sa.JSON()))
    cursors = sa.table("cursors", sa.column("forum"), sa.column("name"), sa.column("value"))
    for row in connection.execute(sa.select(accepted)).all():
        sizes = row.content.get("sizes") if isinstance(row.content, dict) else None
        if sizes:
            size = str(sizes[max(sizes)])
            connection.execute(sa.insert(cursors).values(forum=row.forum, name=f"{SIZE}{row.cohort}", value=size))
    op.drop_table("accepted_rosters")
