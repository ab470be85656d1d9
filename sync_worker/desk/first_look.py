"""What learners chose in messages before this store began: read once, so that a lost store costs nobody their no."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sync_worker.activity.choices import enter_word
from sync_worker.activity.collect import REGULAR
from sync_worker.activity.consents import OWN_MARK
from sync_worker.activity.replies import REFUSALS, Choice, read_choice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.records import ForumPost, ForumTopic


class Chosen(NamedTuple):
    """What somebody chose by a word in a post, and when; in order of time."""

    at: datetime
    user_id: int
    username: str
    choice: Choice


def is_of_person(post: ForumPost, worker: str) -> bool:
    """Whether a post is a person's; one typed in the worker's account is nobody's."""
    is_ours = post.username == worker or OWN_MARK in (post.raw or "")
    return post.post_type == REGULAR and post.user_id > 0 and not is_ours


def said_at(post: ForumPost, choice: Choice) -> datetime:
    """Return when a word was said: a refusal when its post was edited last, anything else when that was written.

    So a no that was written into an older post is later than a yes that stood below it.
    """
    return post.edited_at or post.created_at if choice in REFUSALS else post.created_at


def choices_in(topic: ForumTopic, worker: str) -> list[Chosen]:
    """Return what people chose in a conversation.

    The store does not know any more to whom the conversation was written. So a refusal counts of everybody whom it
    names as a reader, and of everybody where the forum does not say who reads it; any other choice counts of those
    who talk with the worker alone.
    """
    found = []
    for post in topic.posts:
        if not is_of_person(post, worker):
            continue
        read = read_choice(post.raw or "", (post.name, post.username))
        if read is not None and _counts(topic, post, read[0], worker):
            found.append(Chosen(said_at(post, read[0]), post.user_id, post.username, read[0]))
    return found


def _counts(topic: ForumTopic, post: ForumPost, choice: Choice, worker: str) -> bool:
    readers = topic.readers
    if choice in REFUSALS:
        return readers is None or post.user_id in readers.users
    if readers is None or post.hidden or readers.groups:
        return False
    others = {name.casefold() for number, name in readers.users.items() if number != post.user_id}
    return others <= {worker.casefold()}


def enter_choices(session: Session, forum_name: str, found: Iterable[Chosen]) -> None:
    """Enter what people chose, in order of time: of two words of a person the later one adds to the earlier one."""
    for one in sorted(found):
        enter_word(session, forum_name, one.user_id, one.username, one.choice, one.at)
