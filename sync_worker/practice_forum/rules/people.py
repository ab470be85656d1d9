"""Users: finding, making, renaming, deleting them, how they appear in other JSON; joining and leaving groups."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from sync_worker.practice_forum.server.webhooks import note_memberships
from sync_worker.practice_forum.tables import (
    AssociatedAccount,
    Group,
    GroupHistory,
    GroupUser,
    Like,
    Notification,
    Post,
    SsoRecord,
    Topic,
    TopicAllowedUser,
    User,
    UserEmail,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


_T = TypeVar("_T")
_AT_ONCE = 500
_BY_NAME = select(User).where(User.username_lower == bindparam("name"))
_BY_IDS = select(User).where(User.id.in_(bindparam("ids", expanding=True)))


def by_username(session: Session, username: str) -> User | None:
    """Return the user of that name, whatever its case."""
    return session.scalar(_BY_NAME, {"name": username.lower()})


def by_usernames(session: Session, usernames: Iterable[str]) -> list[User]:
    """Return the users of those names (whatever their case), in the order of their ids; unknown names are dropped."""
    wanted = {name.lower() for name in usernames}
    found: list[User] = []
    for part in in_parts(sorted(wanted)):
        found.extend(session.scalars(select(User).where(User.username_lower.in_(part))))
    return sorted(found, key=lambda user: user.id)


def by_emails(session: Session, emails: Iterable[str]) -> list[User]:
    """Return the users that own those addresses, primary or not, in the order of their ids."""
    wanted = {email.lower() for email in emails}
    found: dict[int, User] = {}
    for part in in_parts(sorted(wanted)):
        query = select(User).join(UserEmail, UserEmail.user_id == User.id).where(UserEmail.email_lower.in_(part))
        found.update((user.id, user) for user in session.scalars(query))
    return [found[user_id] for user_id in sorted(found)]


def by_ids(session: Session, user_ids: Iterable[int]) -> dict[int, User]:
    """Return users by id; unknown ids are dropped."""
    found: dict[int, User] = {}
    for part in in_parts(sorted(set(user_ids))):
        found.update((user.id, user) for user in session.scalars(_BY_IDS, {"ids": part}))
    return found


def in_parts(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield the items in their order, as many at once as one statement takes."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def has_email(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a user's main address fulfils another one."""
    return User.id.in_(select(UserEmail.user_id).where(UserEmail.primary.is_(True), condition))


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


def members_among(session: Session, group: Group, user_ids: Iterable[int]) -> set[int]:
    """Return those of `user_ids` that are in the group already."""
    found: set[int] = set()
    for part in in_parts(sorted(set(user_ids))):
        query = select(GroupUser.user_id).where(GroupUser.group_id == group.id, GroupUser.user_id.in_(part))
        found.update(session.scalars(query))
    return found


def add(session: Session, group: Group, user_ids: Iterable[int], now: datetime, *, owner: bool = False) -> list[int]:
    """Make people members (owners too, if asked); return those who were none before, in the order given."""
    wanted = list(dict.fromkeys(user_ids))
    already = members_among(session, group, wanted)
    new = [user_id for user_id in wanted if user_id not in already]
    if new:
        level = group.default_notification_level
        row = {"group_id": group.id, "owner": owner, "notification_level": level, "added_at": now}
        session.execute(insert(GroupUser), [{**row, "user_id": user_id} for user_id in new])
        _grant(session, group, new)
        note_memberships(session, group.id, new, added=True)
    if owner and already:
        make_owners(session, group, sorted(already))
    recount(session, group)
    return new


def _grant(session: Session, group: Group, user_ids: Sequence[int]) -> None:
    """Give new members what the group gives: its title, itself as primary group, a trust level."""
    for part in in_parts(user_ids):
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
    for part in in_parts(sorted(gone)):
        session.execute(
            delete(GroupUser).where(GroupUser.group_id == group.id, GroupUser.user_id.in_(part)),
        )
        lost = User.id.in_(part)
        if group.title:
            session.execute(update(User).where(lost, User.title == group.title).values(title=None))
        session.execute(
            update(User).where(lost, User.primary_group_id == group.id).values(primary_group_id=None),
        )
    note_memberships(session, group.id, sorted(gone), added=False)
    recount(session, group)
    return gone


def make_owners(session: Session, group: Group, user_ids: Sequence[int], *, owner: bool = True) -> None:
    """Make members owners of the group, or plain members again."""
    for part in in_parts(user_ids):
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


# Making, renaming, anonymising and deleting accounts.


def create(session: Session, user: User, email: str) -> User:
    """Store a new user with an address."""
    user.username_lower = user.username.lower()
    session.add(user)
    session.flush()
    session.add(UserEmail(user_id=user.id, email=email, email_lower=email.lower(), primary=True))
    session.flush()
    return user


def rename(session: Session, user: User, username: str) -> None:
    """Give the user another name."""
    user.username = username
    user.username_lower = username.lower()
    session.flush()


def change_email(session: Session, user: User, email: str) -> None:
    """Give the user another main address, unless somebody else has it."""
    if session.get(UserEmail, email.lower()) is not None:
        return
    mine = (UserEmail.user_id == user.id, UserEmail.primary.is_(True))
    session.execute(update(UserEmail).where(*mine).values(email=email, email_lower=email.lower()))


def anonymize(session: Session, user: User) -> None:
    """Remove everything that identifies the user; posts and memberships stay."""
    number = (user.id * 2654435761) % 100_000_000
    rename(session, user, f"anon{number}")
    user.name = None if not user.name else user.username
    user.title = user.bio_raw = user.location = user.website = user.registration_ip = None
    for other in secondary_emails(session, user):
        session.execute(delete(UserEmail).where(UserEmail.email_lower == other.lower()))
    address = f"{user.username}@anonymized.invalid"
    session.execute(
        update(UserEmail).where(UserEmail.user_id == user.id).values(email=address, email_lower=address),
    )
    session.execute(delete(SsoRecord).where(SsoRecord.user_id == user.id))
    session.execute(delete(AssociatedAccount).where(AssociatedAccount.user_id == user.id))
    session.flush()


def count_posts(session: Session, user: User) -> int:
    """Return how many posts prevent deleting the user (topics deleted or not, messages too)."""
    query = select(func.count(Post.id)).join(Topic, Topic.id == Post.topic_id)
    mine = (Post.user_id == user.id, Post.deleted_at.is_(None), Topic.deleted_at.is_(None))
    return session.scalar(query.where(*mine)) or 0


def delete_posts(session: Session, user: User, acting: User, now: datetime) -> None:
    """Delete the user's posts, and whole topics that they opened."""
    gone = {"deleted_at": now, "deleted_by_id": acting.id}
    opened = select(Topic.id).where(Topic.user_id == user.id, Topic.deleted_at.is_(None))
    topic_ids = list(session.scalars(opened))
    session.execute(update(Topic).where(Topic.id.in_(topic_ids)).values(**gone))
    session.execute(update(Post).where(Post.user_id == user.id, Post.deleted_at.is_(None)).values(**gone))
    session.expire_all()


def destroy(session: Session, user: User) -> None:
    """Delete the account; deleted posts of it are kept under nobody's name."""
    for group in session.scalars(select(Group).join(GroupUser).where(GroupUser.user_id == user.id)).all():
        remove(session, group, [user.id])
    for table in (UserEmail, SsoRecord, AssociatedAccount, TopicAllowedUser, Notification, Like):
        session.execute(delete(table).where(table.user_id == user.id))
    session.delete(user)
    session.flush()
