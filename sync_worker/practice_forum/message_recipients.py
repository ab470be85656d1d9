"""Who gets a private message: users and groups by name, addresses by mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.practice_forum import people, writing
from sync_worker.practice_forum.guardian import can_address
from sync_worker.practice_forum.tables import (
    Group,
    GroupUser,
    TopicAllowedGroup,
    TopicAllowedUser,
    User,
    UserEmail,
)
from sync_worker.practice_forum.text_rules import RejectedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.guardian import Guardian
    from sync_worker.practice_forum.tables import Topic

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
