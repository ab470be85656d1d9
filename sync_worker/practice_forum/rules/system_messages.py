"""The messages that the system sends to people: a welcome, and that somebody was added to a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext
from sync_worker.practice_forum.cook.inline import slugify
from sync_worker.practice_forum.rules import writing
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.tables import Group, Notification, Post, Topic, TopicAllowedUser, User

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.settings import Settings

_SYSTEM_MESSAGE = 6


def activate(session: Session, user: User, settings: Settings, now: datetime) -> None:
    """Let the user in, with a welcome message."""
    user.active = True
    if settings.flag("send_welcome_message"):
        welcome(session, user, settings.text("title"), now)


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
            notification_type=_SYSTEM_MESSAGE,
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
