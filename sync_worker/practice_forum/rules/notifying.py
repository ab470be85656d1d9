"""Who gets a private message, also from the system, and which notifications mentions, replies and likes cause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext
from sync_worker.practice_forum.cook.inline import slugify
from sync_worker.practice_forum.rules import people, writing
from sync_worker.practice_forum.rules.rights import can_address
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.tables import (
    Group,
    GroupUser,
    Notification,
    Post,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    TopicUser,
    User,
    UserEmail,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.rules.settings import Settings


NOT_FOUND = "One of the users you are sending this message to could not be found."
NOBODY = "You must select a valid user."
MAY_NOT = "Sorry, you cannot send a personal message to that user."


@dataclass(frozen=True, slots=True)
class Recipients:
    """The users and groups a message goes to."""

    users: tuple[User, ...]
    groups: tuple[Group, ...]


def find(guardian: Guardian, text: str, *, skip: bool) -> Recipients:
    """Read a comma-joined list of names and addresses; unknown addresses get a staged account.

    Raises:
        RejectedError: nobody is named, somebody is unknown, or the user may not write to one of them.

    """
    session = guardian.session
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise RejectedError(NOBODY)
    if not guardian.is_staff and not skip:
        most = guardian.settings.number("max_allowed_message_recipients")
        if len(names) > most:
            raise RejectedError(f"Sorry, you can send a message to maximum {most} recipients.")
    addresses = [name for name in names if "@" in name]
    plain = [name.lower() for name in names if "@" not in name]
    named = session.scalars(select(Group).where(Group.name_lower.in_(plain)))
    # The name of a group that takes no message from the caller is looked for among the users.
    groups = [group for group in named if skip or can_address(group, guardian, group.messageable_level)]
    wanted = set(plain) - {group.name_lower for group in groups}
    users = people.by_usernames(session, wanted)
    if not skip and not _may_write_to(guardian, users):
        raise RejectedError(MAY_NOT)
    if len(users) != len(wanted):
        raise RejectedError(NOT_FOUND)
    users += [_by_address(guardian, address) for address in addresses]
    return Recipients(tuple(users), tuple(groups))


def _may_write_to(guardian: Guardian, users: list[User]) -> bool:
    if guardian.is_staff or guardian.can_send_messages:
        return True
    return all(user.id == getattr(guardian.user, "id", None) for user in users)


def _by_address(guardian: Guardian, address: str) -> User:
    session = guardian.session
    known = people.by_emails(session, [address])
    if known:
        return known[0]
    base = "".join(letter for letter in address.partition("@")[0] if letter.isalnum() or letter in "_.-")[:20] or "user"
    name, number = base, 1
    while people.by_username(session, name) is not None:
        number += 1
        name = f"{base[:18]}{number}"
    user = User(
        username=name,
        username_lower=name.lower(),
        name=address.partition("@")[0],
        staged=True,
        active=False,
        trust_level=guardian.settings.number("default_trust_level"),
        created_at=guardian.now,
    )
    session.add(user)
    session.flush()
    session.add(UserEmail(user_id=user.id, email=address, email_lower=address.lower()))
    session.flush()
    return user


def invite(session: Session, topic: Topic, author: User, recipients: Recipients) -> None:
    """Let author and recipients into a message, all of them watching it."""
    ids = list(dict.fromkeys([*(user.id for user in recipients.users), author.id]))
    session.add_all(TopicAllowedUser(topic_id=topic.id, user_id=user_id) for user_id in ids)
    session.add_all(TopicAllowedGroup(topic_id=topic.id, group_id=group.id) for group in recipients.groups)
    session.flush()
    for group in recipients.groups:
        group.has_messages = True
    for user_id in ids:
        if user_id != -1:
            writing.track(session, topic.id, user_id, writing.WATCHING)


def join(session: Session, topic: Topic, author: User, guardian: Guardian) -> None:
    """Let staff who answers a message of others into it."""
    if not author.staff:
        return
    inside = select(func.count()).select_from(TopicAllowedUser)
    inside = inside.where(TopicAllowedUser.topic_id == topic.id, TopicAllowedUser.user_id == author.id)
    by_group = (
        select(func.count())
        .select_from(TopicAllowedGroup)
        .join(GroupUser, GroupUser.group_id == TopicAllowedGroup.group_id)
        .where(TopicAllowedGroup.topic_id == topic.id, GroupUser.user_id == author.id)
    )
    if not guardian.session.scalar(inside) and not guardian.session.scalar(by_group):
        session.add(TopicAllowedUser(topic_id=topic.id, user_id=author.id))
        session.flush()


MENTIONED, REPLIED, QUOTED, LIKED, MESSAGE, POSTED, GROUP_MENTIONED = 1, 2, 3, 5, 6, 9, 15
_QUOTED_USER = re.compile(r'<aside class="quote[^>]*? data-username="([^"]+)" data-post="')
_MENTIONED_USER = re.compile(r'<a class="mention" href="/u/([^"]+)"')
_MENTIONED_GROUP = re.compile(r'<a class="mention-group notify" href="/groups/([^"]+)"')
_QUOTE = re.compile(r"<aside class=\"quote.*?</aside>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Event:
    """An event that users are notified of: what a person did with a post."""

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
    """The users that a message names; members of a group it goes to find it in the group's inbox."""
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


# The messages that the system sends to people: a welcome, and that somebody was added to a group.


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
