"""Joining and leaving groups, set-based: a thousand people cost a handful of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, or_, select, update

from sync_worker.practice_forum.tables import Group, GroupHistory, GroupUser, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_SLICE = 500


def members_among(session: Session, group: Group, user_ids: Iterable[int]) -> set[int]:
    """Return those of `user_ids` that are in the group already."""
    found: set[int] = set()
    for part in _slices(sorted(set(user_ids))):
        query = select(GroupUser.user_id).where(GroupUser.group_id == group.id, GroupUser.user_id.in_(part))
        found.update(session.scalars(query))
    return found


def add(session: Session, group: Group, user_ids: Iterable[int], now: datetime, *, owner: bool = False) -> list[int]:
    """Make people members (owners too, where told); return those who were none before, in the order given."""
    wanted = list(dict.fromkeys(user_ids))
    already = members_among(session, group, wanted)
    new = [user_id for user_id in wanted if user_id not in already]
    if new:
        level = group.default_notification_level
        row = {"group_id": group.id, "owner": owner, "notification_level": level, "added_at": now}
        session.execute(insert(GroupUser), [{**row, "user_id": user_id} for user_id in new])
        _grant(session, group, new)
    if owner and already:
        make_owners(session, group, sorted(already))
    recount(session, group)
    return new


def _grant(session: Session, group: Group, user_ids: Sequence[int]) -> None:
    """Give new members what the group gives: its title, itself as primary group, a trust level."""
    for part in _slices(user_ids):
        new = User.id.in_(part)
        if group.title:
            session.execute(
                update(User).where(new, or_(User.title.is_(None), User.title == "")).values(title=group.title)
            )
        if group.primary_group:
            session.execute(update(User).where(new).values(primary_group_id=group.id))
        if group.grant_trust_level is not None:
            lower = User.trust_level < group.grant_trust_level
            session.execute(update(User).where(new, lower).values(trust_level=group.grant_trust_level))


def remove(session: Session, group: Group, user_ids: Iterable[int]) -> set[int]:
    """End memberships; return who was a member."""
    gone = members_among(session, group, user_ids)
    for part in _slices(sorted(gone)):
        session.execute(
            delete(GroupUser).where(GroupUser.group_id == group.id, GroupUser.user_id.in_(part)),
        )
        lost = User.id.in_(part)
        if group.title:
            session.execute(update(User).where(lost, User.title == group.title).values(title=None))
        session.execute(
            update(User).where(lost, User.primary_group_id == group.id).values(primary_group_id=None),
        )
    recount(session, group)
    return gone


def make_owners(session: Session, group: Group, user_ids: Sequence[int], *, owner: bool = True) -> None:
    """Make members owners of the group, or plain members again."""
    for part in _slices(user_ids):
        condition = (GroupUser.group_id == group.id, GroupUser.user_id.in_(part))
        session.execute(update(GroupUser).where(*condition).values(owner=owner))


def recount(session: Session, group: Group) -> None:
    """Set the group's count of members (system and other bots count too)."""
    group.user_count = session.scalar(select(func.count()).where(GroupUser.group_id == group.id)) or 0
    session.flush()


def log(
    session: Session,
    group: Group,
    acting: User,
    action: str,
    user_ids: Iterable[int],
    *,
    now: datetime,
) -> None:
    """Write the group's history: one row for each person."""
    row = {"group_id": group.id, "acting_user_id": acting.id, "action": action, "created_at": now}
    rows = [{**row, "target_user_id": user_id} for user_id in user_ids]
    if rows:
        session.execute(insert(GroupHistory), rows)


def _slices(items: Sequence[int]) -> Iterable[Sequence[int]]:
    return (items[start : start + _SLICE] for start in range(0, len(items), _SLICE))
