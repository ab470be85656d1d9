"""The call budget that all processes share; its times are seconds since 1970 by the database's clock."""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.store.tables.base import Table


class BudgetRow(Table):
    """A forum's call budget: the row that everybody locks to take a turn, and until when the forum sent us away."""

    __tablename__ = "budgets"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    turn: Mapped[int] = mapped_column(BigInteger, default=0)
    paused_until: Mapped[float] = mapped_column(Double, default=0.0)


class CallRow(Table):
    """A call that counts against a forum's budget until `ends`."""

    __tablename__ = "calls"
    __table_args__ = (Index("calls_by_end", "forum", "ends"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    priority: Mapped[int]
    started: Mapped[float] = mapped_column(Double)
    ends: Mapped[float] = mapped_column(Double)


class CallWaiterRow(Table):
    """Somebody who waits for a forum's budget; forgotten when not `seen` for a while."""

    __tablename__ = "call_waiters"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255), index=True)
    priority: Mapped[int]
    since: Mapped[float] = mapped_column(Double)
    seen: Mapped[float] = mapped_column(Double)
