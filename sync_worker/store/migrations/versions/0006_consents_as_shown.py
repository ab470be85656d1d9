"""What an author was shown when asked for consent, which words answered, who decided, when it was looked at."""

import sqlalchemy as sa
from alembic import op

from sync_worker.store.tables import UtcDateTime
from sync_worker.store.upgrade import refuse_to_lose

revision = "0006_consents"
down_revision = "0005_groups"


def upgrade() -> None:
    """Add the columns; older consents were shown no whole text, so their stories are shown before they are told."""
    with op.batch_alter_table("consents") as table:
        table.add_column(sa.Column("shown", sa.JSON(), nullable=True))
        table.add_column(sa.Column("answer_post", sa.Integer(), nullable=True))
        table.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("decided", sa.String(10), nullable=False, server_default=""))
        table.add_column(sa.Column("decided_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("decided_by", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("looked_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the columns; refused while an author or an LCM has said no, for what was said is in them."""
    refuse_to_lose(
        "consents", "an LCM decided about these stories, which an older version would ask again", "decided != ''"
    )
    with op.batch_alter_table("consents") as table:
        for name in ("looked_at", "decided_by", "decided_at", "decided", "words", "answer_post", "shown"):
            table.drop_column(name)
