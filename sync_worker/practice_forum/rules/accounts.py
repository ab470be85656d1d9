"""Making, renaming, anonymising and deleting accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.people import secondary_emails
from sync_worker.practice_forum.tables import (
    AssociatedAccount,
    Group,
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
    from datetime import datetime

    from sqlalchemy.orm import Session


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
        people.remove(session, group, [user.id])
    for table in (UserEmail, SsoRecord, AssociatedAccount, TopicAllowedUser, Notification, Like):
        session.execute(delete(table).where(table.user_id == user.id))
    session.delete(user)
    session.flush()
