"""One call budget per site, shared by every thread, process and machine that calls the forum through one database."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy import create_engine, delete, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import NullPool

from sync_worker.forum.budget_rules import Priority, Rules, Waiter, Waiting
from sync_worker.store.private_files import make_private
from sync_worker.store.tables import BudgetRow, CallRow, CallWaiterRow, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from sqlalchemy import Connection, Engine
    from sqlalchemy import Table as SqlTable

UNLIMITED_FROM = 100_000
LONGEST_NAP = 2.0
FORGOTTEN_AFTER = 5 * LONGEST_NAP
SHORTEST_NAP = 0.005
BUSY_MILLISECONDS = 30_000
LONGEST_WAIT = 600.0
LONGEST_PAUSE = 3600.0


class Budget(Protocol):
    """What the transport needs of a call budget."""

    def slot(self) -> AbstractContextManager[None]:
        """Wait for room for one call and hold it while the call runs."""

    def pause(self, seconds: float) -> None:
        """Hold everybody's calls back: the forum said that its limit is reached."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used of a budget now; `paused` and `next_free` are seconds from now."""

    limit: int
    used: dict[Priority, int]
    waiting: dict[Priority, int]
    paused: float
    next_free: float

    @property
    def total(self) -> int:
        """Calls that count at this moment."""
        return sum(self.used.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of asking for a call: it may go (`wait` is 0), or ask again after `wait` seconds.

    `paused` is for how many seconds the forum wants no call at all, `now` the moment of asking (seconds since 1970).
    """

    ticket: str
    wait: float
    paused: float
    now: float


@dataclass(frozen=True, slots=True)
class CallBudget:
    """A sliding window over the calls to one forum, as seen from one lane (`priority`).

    A call counts from its grant until `rules.window` seconds after its answer came, because the forum has counted it
    somewhere between the two. One that never reports back (its process died) counts `longest_call` seconds more.

    Args:
        engine: the database that all who call this forum share.
        forum: the forum's name.
        rules: limit and window.
        priority: whose work this is.
        longest_call: seconds after which a call must have ended.
        clock: seconds since 1970; None for the database's own clock (or the machine's, for SQLite).
        sleep: waits the given seconds.
        longest_wait: seconds to wait for one call at most; a forum that wants more is left for later.

    """

    engine: Engine
    forum: str
    rules: Rules
    priority: Priority = Priority.NORMAL
    longest_call: float = 60.0
    clock: Callable[[], float] | None = None
    sleep: Callable[[float], None] = time.sleep
    longest_wait: float = LONGEST_WAIT

    def lane(self, priority: Priority) -> CallBudget:
        """Return the same budget for work of another priority."""
        return replace(self, priority=priority)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for room for one call and hold it while the call runs.

        Raises:
            FailedCall: there is no room for longer than `longest_wait`; nothing was sent.

        """
        verdict = self.ask(None)
        waiting = Waiting(self.forum, self.rules.limit, self.longest_wait)
        try:
            while verdict.wait:
                waiting.before(verdict.wait, verdict.paused, verdict.now)
                self.sleep(verdict.wait)
                verdict = self.ask(verdict.ticket)
            yield
        finally:
            self.settle(verdict.ticket)

    def ask(self, ticket: str | None) -> Verdict:
        """Ask for a call, with the ticket of the time before or None."""
        with self._turn() as (connection, now, paused_until):
            me = self._waiter(connection, ticket, now)
            paused = max(0.0, paused_until - now)
            wait = paused or self._wait(connection, me, now)
            if not wait:
                connection.execute(delete(CallWaiterRow).where(CallWaiterRow.id == me.id))
                connection.execute(
                    insert(CallRow).values(
                        id=me.id,
                        forum=self.forum,
                        priority=self.priority,
                        started=now,
                        ends=now + self.rules.window + self.longest_call,
                    )
                )
                return Verdict(me.id, 0.0, 0.0, now)
            if ticket is None:
                row = {"id": me.id, "forum": self.forum, "priority": self.priority, "since": now, "seen": now}
                connection.execute(insert(CallWaiterRow).values(row))
        return Verdict(me.id, min(max(wait, SHORTEST_NAP), LONGEST_NAP), paused, now)

    def settle(self, ticket: str) -> None:
        """Take in that a call has its answer, or that a waiter has gone."""
        with self._turn() as (connection, now, _):
            ends = now + self.rules.window
            connection.execute(update(CallRow).where(CallRow.id == ticket).values(ends=ends))
            connection.execute(delete(CallWaiterRow).where(CallWaiterRow.id == ticket))

    def pause(self, seconds: float) -> None:
        """Hold everybody's calls back: the forum said that its limit is reached.

        An hour at most: then one call asks again, since a forum (or a proxy) may have said a day by mistake.
        """
        with self._turn() as (connection, now, paused_until):
            self._pause_until(connection, max(paused_until, now + min(seconds, LONGEST_PAUSE)))

    def _pause_until(self, connection: Connection, moment: float) -> None:
        row = update(BudgetRow).where(BudgetRow.forum == self.forum)
        connection.execute(row.values(paused_until=moment))

    def usage(self) -> Usage:
        """Return what is used and who waits, for display."""
        with self._turn() as (connection, now, paused_until):
            used = connection.execute(
                select(CallRow.priority, func.count()).where(*self._counting(now)).group_by(CallRow.priority)
            ).all()
            waiting = connection.execute(
                select(CallWaiterRow.priority, func.count())
                .where(CallWaiterRow.forum == self.forum)
                .group_by(CallWaiterRow.priority)
            ).all()
            total = sum(number for _, number in used)
            next_free = self._freed_at(connection, total - self.rules.limit, now) - now
        return Usage(
            limit=self.rules.limit,
            used={Priority(priority): number for priority, number in used},
            waiting={Priority(priority): number for priority, number in waiting},
            paused=max(0.0, paused_until - now),
            next_free=max(0.0, next_free),
        )

    @contextmanager
    def _turn(self) -> Iterator[tuple[Connection, float, float]]:
        """Lock the budget; give the connection, the time, and until when it is paused."""
        mine = BudgetRow.forum == self.forum
        with self.engine.begin() as connection:
            taken = connection.execute(update(BudgetRow).where(mine).values(turn=BudgetRow.turn + 1))
            if taken.rowcount:
                now = self._now(connection)
                self._sweep(connection, now)
                paused_until = connection.scalars(select(BudgetRow.paused_until).where(mine)).one()
                if paused_until > now + LONGEST_PAUSE:  # of an older version, or the clock was set back
                    paused_until = now + LONGEST_PAUSE
                    self._pause_until(connection, paused_until)
                yield connection, now, paused_until
                return
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(BudgetRow).values(forum=self.forum, turn=0, paused_until=0.0))
        except IntegrityError:
            pass  # somebody else was first
        with self._turn() as turn:
            yield turn

    def _now(self, connection: Connection) -> float:
        if self.clock:
            return self.clock()
        if connection.dialect.name == "postgresql":
            return cast("float", connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())::float8")))
        return time.time()

    def _sweep(self, connection: Connection, now: float) -> None:
        """Forget calls that no longer count (or that a clock set back would keep for ever) and waiters who died."""
        latest = now + self.rules.window + self.longest_call
        gone = (CallRow.ends <= now) | (CallRow.ends > latest)
        connection.execute(delete(CallRow).where(CallRow.forum == self.forum, gone))
        silent = (CallWaiterRow.seen < now - FORGOTTEN_AFTER) | (CallWaiterRow.seen > now)
        connection.execute(delete(CallWaiterRow).where(CallWaiterRow.forum == self.forum, silent))

    def _counting(self, now: float) -> tuple[Any, ...]:
        return CallRow.forum == self.forum, CallRow.ends > now

    def _waiter(self, connection: Connection, ticket: str | None, now: float) -> Waiter:
        if ticket is None:
            return Waiter(uuid.uuid4().hex, self.priority, now)
        seen = update(CallWaiterRow).where(CallWaiterRow.id == ticket).values(seen=now)
        since = connection.scalar(seen.returning(CallWaiterRow.since))
        if since is None:  # we slept so long that we were forgotten
            row = {"id": ticket, "forum": self.forum, "priority": self.priority, "since": now, "seen": now}
            connection.execute(insert(CallWaiterRow).values(row))
        return Waiter(ticket, self.priority, now if since is None else since)

    def _wait(self, connection: Connection, me: Waiter, now: float) -> float:
        used = connection.scalar(select(func.count()).select_from(CallRow).where(*self._counting(now))) or 0
        rows = connection.execute(
            select(CallWaiterRow.id, CallWaiterRow.priority, CallWaiterRow.since).where(
                CallWaiterRow.forum == self.forum
            )
        )
        rank = self.rules.rank(me, now)
        ahead = self.rules.ahead(me, [Waiter(*row) for row in rows], now)
        excess = used + ahead - self.rules.room(rank)
        if excess >= 0:
            return max(SHORTEST_NAP, self._freed_at(connection, excess, now) - now)
        if not self.rules.must_spread(rank, used):
            return 0.0
        last = connection.scalar(
            select(func.max(CallRow.started)).where(CallRow.forum == self.forum, CallRow.priority != Priority.PERSON)
        )
        return max(0.0, (last or 0.0) + self.rules.gap - now)

    def _freed_at(self, connection: Connection, excess: int, now: float) -> float:
        """Return when the call number `excess` + 1 of those that count stops counting."""
        if excess < 0:
            return now
        ends = select(CallRow.ends).where(*self._counting(now)).order_by(CallRow.ends)
        found = connection.scalar(ends.offset(excess).limit(1))
        return now + LONGEST_NAP if found is None else found


def open_budget(store: Engine, forum: str, calls_per_minute: int, priority: Priority) -> CallBudget | None:
    """Return the budget of a forum, None where it is practically unlimited (100,000 calls a minute or more).

    A SQLite store gets a file of its own for this beside it, since a store's one writer must never wait for a call.
    """
    if calls_per_minute >= UNLIMITED_FROM:
        return None
    return CallBudget(_beside(store), forum, Rules(calls_per_minute), priority)


def _beside(store: Engine) -> Engine:
    if store.dialect.name != "sqlite" or not store.url.database or store.url.database == ":memory:":
        return store
    file = f"{store.url.database}.calls.db"
    make_private(file)
    engine = create_engine(store.url.set(database=file), poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    tables = [cast("SqlTable", row.__table__) for row in (BudgetRow, CallRow, CallWaiterRow)]
    try:
        Table.metadata.create_all(engine, tables=tables)
    except OperationalError:  # another process made them between our look and our making
        Table.metadata.create_all(engine, tables=tables)
    return engine


def _prepare(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA synchronous = OFF")  # what a power cut loses here is a minute old
    cursor.close()
