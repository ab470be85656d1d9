"""People of ours who are gone from their groups: they left, or the forum was restored from before they were added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.errors import RefusedError
from sync_worker.forum.restored import WHY, hold_if_restored
from sync_worker.membership.records.memberships import OURS, State, Tie
from sync_worker.store.hold import DO, hold
from sync_worker.store.tables import MembershipRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.membership.records.memberships import TieKey, TieRecord

SEVERAL = 3


def refuse_if_restored(forum: Forum, sessions: sessionmaker[Session], changed: Mapping[TieKey, TieRecord]) -> None:
    """Let nothing be written down about people who left where the forum looks restored.

    It does where what we posted last is gone, or where everybody whom our last run added is gone at once.

    Calls: none where nobody left; else as `restored`.

    Raises:
        RefusedError: it does; nothing may be changed until a person has looked.

    """
    left = {key for key, record in changed.items() if record.state is State.LEFT and key.tie is Tie.MEMBER}
    if not left:
        return
    why = hold_if_restored(forum, sessions)
    if why is None and (gone := _last_run_gone(sessions, forum.name, left)):
        why = WHY.format(what=f"All {gone} people whom the last sync added are gone from their groups at once.")
        with sessions.begin() as session:
            hold(session, forum.name, why)
    if why is not None:
        raise RefusedError(why, where=forum.url, do=DO)


def _last_run_gone(sessions: sessionmaker[Session], forum: str, left: set[TieKey]) -> int:
    """Return how many people the last run added where all of them, and several, are gone; else 0."""
    ours = [state.value for state in OURS]
    of_members = (MembershipRow.forum == forum, MembershipRow.role == Tie.MEMBER.value, MembershipRow.state.in_(ours))
    with sessions() as session:
        newest = session.scalar(select(func.max(MembershipRow.at)).where(*of_members))
        if newest is None:
            return 0
        rows = session.execute(
            select(MembershipRow.group_name, MembershipRow.user_id).where(*of_members, MembershipRow.at == newest)
        ).all()
    added = {(group, number) for group, number in rows}
    gone = {(key.group, key.user_id) for key in left}
    return len(added) if len(added) >= SEVERAL and added <= gone else 0
