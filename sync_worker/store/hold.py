"""Why nothing may be changed on a forum at present, until a person has settled it; and what was last seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import RefusedError
from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

HELD = "held"
DO = "`lcm recover` shows what is missing and what it would do; with --apply it does it."


def held(session: Session, forum: str) -> str | None:
    """Return why nothing may be changed on the forum, None where it may."""
    return remembered(session, forum, HELD)


def hold(session: Session, forum: str, why: str) -> None:
    """Let nothing be changed on the forum, for the reason given, until `release`."""
    if held(session, forum) is None:
        remember(session, forum, HELD, why)


def release(session: Session, forum: str) -> None:
    """Let things be changed on the forum again."""
    row = session.get(CursorRow, (forum, HELD))
    if row is not None:
        session.delete(row)


def refuse_while_held(sessions: sessionmaker[Session], forum: str) -> None:
    """Let nobody past while nothing may be changed on the forum.

    Raises:
        RefusedError: with the reason, and what to do.

    """
    with sessions() as session:
        why = held(session, forum)
    if why is not None:
        raise RefusedError(why, where=forum, do=DO)


def remembered(session: Session, forum: str, name: str) -> str | None:
    """Return what was remembered of a forum under a name."""
    row = session.get(CursorRow, (forum, name))
    return row.value if row else None


def remember(session: Session, forum: str, name: str, value: str) -> None:
    """Remember something of a forum under a name."""
    session.merge(CursorRow(forum=forum, name=name, value=value))
