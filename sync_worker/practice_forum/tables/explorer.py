"""The table of the Data Explorer."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.base import Base


class ExplorerQuery(Base):
    """A saved query."""

    __tablename__ = "explorer_queries"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    sql: Mapped[str] = mapped_column(default="SELECT 1")
    user_id: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]
