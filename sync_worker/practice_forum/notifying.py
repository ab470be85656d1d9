"""Telling users what concerns them: mentions, replies, quotes, messages, likes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum import people
from sync_worker.practice_forum.tables import (
    Group,
    GroupUser,
    Notification,
    TopicAllowedUser,
    TopicUser,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.tables import Post, Topic, User

MENTIONED, REPLIED, QUOTED, LIKED, MESSAGE, POSTED, GROUP_MENTIONED = 1, 2, 3, 5, 6, 9, 15
_QUOTED_USER = re.compile(r'<aside class="quote[^>]*? data-username="([^"]+)" data-post="')
_MENTIONED_USER = re.compile(r'<a class="mention" href="/u/([^"]+)"')
_MENTIONED_GROUP = re.compile(r'<a class="mention-group notify" href="/groups/([^"]+)"')
_QUOTE = re.compile(r"<aside class=\"quote.*?</aside>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Event:
    """What users are told about: what somebody did with a post."""

    post: Post
    topic: Topic
    actor: User
    now: datetime


def about_post(session: Session, post: Post, topic: Topic, author: User, now: datetime, *, most_in_group: int) -> None:
    """Notify everybody a new post concerns, once each."""
    told: set[int] = {author.id, -1}
    event = Event(post, topic, author, now)
    if topic.archetype == "private_message":
        _tell(session, told, _message_members(session, topic), MESSAGE, event)
        return
    own_words = _QUOTE.sub("", post.cooked)
    if post.reply_to_user_id is not None:
        _tell(session, told, [post.reply_to_user_id], REPLIED, event)
    for kind, pattern, text in ((MENTIONED, _MENTIONED_USER, own_words), (QUOTED, _QUOTED_USER, post.cooked)):
        names = pattern.findall(text)
        if names:
            ids = [user.id for user in people.by_usernames(session, names)]
            _tell(session, told, ids, kind, event)
    for name in _MENTIONED_GROUP.findall(own_words):
        group = session.scalar(select(Group).where(Group.name_lower == name))
        if group is not None and group.user_count < most_in_group:
            ids = list(session.scalars(select(GroupUser.user_id).where(GroupUser.group_id == group.id)))
            _tell(session, told, ids, GROUP_MENTIONED, event)
    if post.post_number > 1:
        watching = select(TopicUser.user_id).where(
            TopicUser.topic_id == topic.id,
            TopicUser.notification_level == 3,
        )
        _tell(session, told, session.scalars(watching), POSTED, event)


def about_like(session: Session, post: Post, topic: Topic, liker: User, now: datetime) -> None:
    """Tell an author that somebody likes a post of theirs."""
    _tell(session, {liker.id, -1}, [post.user_id], LIKED, Event(post, topic, liker, now))


def _message_members(session: Session, topic: Topic) -> list[int]:
    """Whom a message names; members of a group it goes to find it in the group's inbox."""
    return list(session.scalars(select(TopicAllowedUser.user_id).where(TopicAllowedUser.topic_id == topic.id)))


def _tell(session: Session, told: set[int], user_ids: Iterable[int], kind: int, event: Event) -> None:
    post, topic, actor = event.post, event.topic, event.actor
    rows = []
    for user_id in user_ids:
        if user_id in told:
            continue
        told.add(user_id)
        rows.append(
            Notification(
                user_id=user_id,
                notification_type=kind,
                high_priority=kind == MESSAGE,
                topic_id=topic.id,
                post_number=post.post_number,
                data={
                    "topic_title": topic.title,
                    "original_post_id": post.id,
                    "original_post_type": post.post_type,
                    "original_username": actor.username,
                    "revision_number": None,
                    "display_username": actor.username,
                    "display_name": actor.name,
                },
                created_at=event.now,
            )
        )
    session.add_all(rows)
    session.flush()
