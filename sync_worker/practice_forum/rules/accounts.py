"""Making, renaming, anonymising and deleting accounts, and the messages that the system sends to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext
from sync_worker.practice_forum.cook.inline import slugify
from sync_worker.practice_forum.rules import people, writing
from sync_worker.practice_forum.rules.people import secondary_emails
from sync_worker.practice_forum.server.database import SYSTEM_ID
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

    from sync_worker.practice_forum.rules.settings import Settings


def create(session: Session, user: User, email: str) -> User:
    """Store a new user with an address."""
    user.username_lower = user.username.lower()
    session.add(user)
    session.flush()
    session.add(UserEmail(user_id=user.id, email=email, email_lower=email.lower(), primary=True))
    session.flush()
    return user


def activate(session: Session, user: User, settings: Settings, now: datetime) -> None:
    """Let the user in, with a welcome message."""
    user.active = True
    if settings.flag("send_welcome_message"):
        welcome(session, user, settings.text("title"), now)


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


_PRIVATE_MESSAGE = 6


def welcome(session: Session, user: User, site_title: str, now: datetime) -> None:
    """Greet somebody whose account has just become active."""
    raw = f"Good to have you here. {site_title} is a practice forum: try out whatever you like."
    _send(session, user, f"Welcome to {site_title}!", raw, now)


def added_to_group(session: Session, user: User, group: Group, now: datetime, *, owner: bool) -> None:
    """Tell somebody that they now belong to a group, or own it."""
    role = "an owner" if owner else "a member"
    name = group.full_name or group.name
    raw = f"You are now {role} of the group [{name}](/g/{group.name})."
    title = f"You have been added as {role} of the {name} group"
    _send(session, user, title, raw, now)


def _send(session: Session, user: User, title: str, raw: str, now: datetime) -> None:
    topic = Topic(
        title=title,
        slug=slugify(title),
        user_id=SYSTEM_ID,
        archetype="private_message",
        subtype="system_message",
        last_post_user_id=SYSTEM_ID,
        posts_count=1,
        highest_post_number=1,
        created_at=now,
        updated_at=now,
        bumped_at=now,
        last_posted_at=now,
    )
    session.add(topic)
    session.flush()
    post = Post(
        topic_id=topic.id,
        user_id=SYSTEM_ID,
        post_number=1,
        raw=raw,
        cooked=cook(raw, context=CookContext()),
        word_count=len(raw.split()),
        last_editor_id=SYSTEM_ID,
        created_at=now,
        updated_at=now,
    )
    session.add_all([post, *(TopicAllowedUser(topic_id=topic.id, user_id=person) for person in (SYSTEM_ID, user.id))])
    session.flush()
    writing.track(session, topic.id, user.id, writing.WATCHING)
    session.add(
        Notification(
            user_id=user.id,
            notification_type=_PRIVATE_MESSAGE,
            high_priority=True,
            topic_id=topic.id,
            post_number=1,
            data={
                "topic_title": title,
                "original_post_id": post.id,
                "original_post_type": 1,
                "original_username": "system",
                "revision_number": None,
                "display_username": "system",
                "display_name": "system",
            },
            created_at=now,
        ),
    )
    session.flush()
