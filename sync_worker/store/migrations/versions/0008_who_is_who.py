"""What recognised people, and what somebody settled about them; groups that are in use count as adopted."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.upgrade import refuse_to_lose

revision = "0008_who_is_who"
down_revision = "0006_consents"

IN_USE = """
INSERT INTO created (forum, kind, name, forum_id, state, run, at)
SELECT m.forum, 'group', m.group_name,
  (SELECT s.forum_id FROM seen s WHERE s.forum = m.forum AND s.kind = 'group' AND s.name = m.group_name),
  'adopted', MAX(m.run), MAX(m.at)
FROM memberships m
WHERE m.state IN ('adding', 'added', 'marked')
  AND NOT EXISTS (SELECT 1 FROM created c WHERE c.forum = m.forum AND c.kind = 'group' AND c.name = m.group_name)
GROUP BY m.forum, m.group_name
"""


def upgrade() -> None:
    """Add the columns and the table; a group into which we have put people already stays ours."""
    with op.batch_alter_table("identities") as table:
        table.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "settlements",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("forum", sa.String(255), nullable=False),
        sa.Column("person", sa.String(255), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("settlements_by_person", "settlements", ["forum", "person"])
    op.execute(IN_USE)


def downgrade() -> None:
    """Drop table and columns; refused while somebody settled whose an account is, for that would be forgotten.

    What was adopted counts as somebody else's then, as it did before.
    """
    refuse_to_lose("settlements", "people settled whose these accounts are")
    op.execute("DELETE FROM created WHERE state = 'adopted'")
    op.drop_table("settlements")
    with op.batch_alter_table("identities") as table:
        table.drop_column("made_at")
        table.drop_column("evidence")
