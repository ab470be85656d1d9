"""Posts are found by forum and time, as a roundup reads only the topics in which somebody wrote lately."""

from alembic import op

revision = "0034_posts_by_time"
down_revision = "0033_unread"


def upgrade() -> None:
    """Take the index of both in place of that of the time alone."""
    op.create_index("posts_by_time", "posts", ["forum", "created_at"])
    op.drop_index("ix_posts_created_at", "posts")


def downgrade() -> None:
    """Take the index of the time alone again."""
    op.create_index("ix_posts_created_at", "posts", ["created_at"])
    op.drop_index("posts_by_time", "posts")
