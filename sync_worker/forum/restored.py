"""Whether the forum was put back to an earlier state: what we made last is gone, or its number belongs to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.store.hold import hold
from sync_worker.store.ledger import PUBLISHING
from sync_worker.store.tables import LedgerRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum

WITNESSES = 3
WHY = (
    "{what} It looks as if the forum had been restored from a backup. Nothing is changed on it, neither by playbooks "
    "nor by `lcm sync`, until a person has looked."
)


class Fate(Enum):
    """What became of something that we made."""

    THERE = "there"
    """It is there, or a person deleted it: staff still see it."""
    GONE = "gone"
    OTHER = "another's"
    """Its number belongs to something else now."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry of the ledger that was looked for, and what became of it."""

    row: LedgerRow
    fate: Fate


def made_rows(session: Session, forum: str) -> Sequence[LedgerRow]:
    """Return the topics and messages that we made and know the number of, newest first."""
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum, LedgerRow.state == "done", LedgerRow.action.in_(PUBLISHING))
        .order_by(LedgerRow.updated_at.desc(), LedgerRow.key)
    )
    return [row for row in rows if row.action != "reply" and row.result.get("topic_id")]


def look(forum: Forum, rows: Sequence[LedgerRow]) -> Iterator[Looked]:
    """Yield what became of entries. Calls: 1 each."""
    for row in rows:
        head = forum.itself.topic_head(row.result["topic_id"])
        if head is None:
            yield Looked(row, Fate.GONE)
        elif head.external_id not in (None, row.key):
            yield Looked(row, Fate.OTHER)
        else:
            yield Looked(row, Fate.THERE)


def restored(forum: Forum, sessions: sessionmaker[Session]) -> str | None:
    """Return why it looks as if the forum had been restored, None where it does not.

    A topic that a person deleted is no sign of it. Calls: 1 where our last topic or message is there, else up to 4;
    none where we made nothing yet.
    """
    with sessions() as session:
        newest = made_rows(session, forum.name)[:WITNESSES]
    seen: list[Looked] = []
    for one in look(forum, newest):
        if one.fate is Fate.THERE:
            break
        seen.append(one)
    if not seen:
        return None
    titles = ", ".join(f"“{one.row.payload.get('title') or one.row.key}”" for one in seen)
    if any(one.fate is Fate.OTHER for one in seen):
        return WHY.format(what=f"The numbers of what we posted last ({titles}) belong to other topics now.")
    highest = max(one.row.result["topic_id"] for one in seen)
    if len(seen) == 1 and forum.itself.newest_topic_id() > highest:
        return None  # what was made after it is there: it was deleted for good by a person
    return WHY.format(what=f"What we posted last is gone, with its number: {titles}.")


def hold_if_restored(forum: Forum, sessions: sessionmaker[Session]) -> str | None:
    """Let nothing be changed on a forum that looks restored; return why. Calls: as `restored`."""
    why = restored(forum, sessions)
    if why is not None:
        with sessions.begin() as session:
            hold(session, forum.name, why)
    return why
