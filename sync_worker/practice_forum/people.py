"""Finding users, and how they appear in other things' JSON."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select

from sync_worker.practice_forum.tables import Group, GroupUser, User, UserEmail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

_T = TypeVar("_T")
_BY_NAME = select(User).where(User.username_lower == bindparam("name"))
_BY_IDS = select(User).where(User.id.in_(bindparam("ids", expanding=True)))


def by_username(session: Session, username: str) -> User | None:
    """Return the user of that name, whatever its case."""
    return session.scalar(_BY_NAME, {"name": username.lower()})


def by_usernames(session: Session, usernames: Iterable[str]) -> list[User]:
    """Return the users of those names (whatever their case), in the order of their ids; unknown names are dropped."""
    wanted = {name.lower() for name in usernames}
    found: list[User] = []
    for part in _slices(sorted(wanted)):
        found.extend(session.scalars(select(User).where(User.username_lower.in_(part))))
    return sorted(found, key=lambda user: user.id)


def by_emails(session: Session, emails: Iterable[str]) -> list[User]:
    """Return the users that own those addresses, primary or not, in the order of their ids."""
    wanted = {email.lower() for email in emails}
    found: dict[int, User] = {}
    for part in _slices(sorted(wanted)):
        query = select(User).join(UserEmail, UserEmail.user_id == User.id).where(UserEmail.email_lower.in_(part))
        found.update((user.id, user) for user in session.scalars(query))
    return [found[user_id] for user_id in sorted(found)]


def by_ids(session: Session, user_ids: Iterable[int]) -> dict[int, User]:
    """Return users by id; unknown ids are dropped."""
    found: dict[int, User] = {}
    for part in _slices(sorted(set(user_ids))):
        found.update((user.id, user) for user in session.scalars(_BY_IDS, {"ids": part}))
    return found


def _slices(items: list[_T], size: int = 500) -> Iterable[list[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def primary_email(session: Session, user: User) -> str:
    """Return the user's main address."""
    query = select(UserEmail.email).where(UserEmail.user_id == user.id, UserEmail.primary.is_(True))
    return session.scalar(query) or ""


def secondary_emails(session: Session, user: User) -> list[str]:
    """Return the user's other addresses."""
    query = select(UserEmail.email).where(UserEmail.user_id == user.id, UserEmail.primary.is_(False))
    return list(session.scalars(query))


def avatar_template(user: User) -> str:
    """Return the path of the user's letter avatar, with `{size}` in it."""
    if user.id == -1:
        return "/images/discourse-logo-sketch-small.png"
    color = hashlib.md5(user.username.encode(), usedforsecurity=False).hexdigest()[:6]
    return f"/letter_avatar_proxy/v4/letter/{user.username_lower[0]}/{color}/{{size}}.png"


def basic_user(user: User) -> dict[str, Any]:
    """Return the four keys with which a user appears inside other JSON."""
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "avatar_template": avatar_template(user),
    }


def primary_group_name(session: Session, user: User) -> str | None:
    """Return the name of the user's primary group."""
    group = session.get(Group, user.primary_group_id) if user.primary_group_id else None
    return group.name if group else None


def title_is_group(session: Session, user: User) -> bool:
    """Whether the user's title comes from one of their groups."""
    query = (
        select(func.count())
        .select_from(GroupUser)
        .join(Group, Group.id == GroupUser.group_id)
        .where(GroupUser.user_id == user.id, Group.title == user.title)
    )
    return bool(user.title) and bool(session.scalar(query))
