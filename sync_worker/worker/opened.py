"""Which resources a cohort got, and how often each was opened, as far as the forum tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.plays.resource import LINKS_TO, RESOURCE
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.plays.context import PastDraft
    from sync_worker.store.database import Store

MOST = 60


@dataclass(frozen=True, slots=True)
class PostedResource:
    """A resource that a cohort got: when by its plan, where it links to, its topic, and how often it was opened.

    `opened` counts clicks of people, of each once within a day, without the topic's author; None where that is not
    known. `gone` says that the topic was deleted. Discourse does not tell who clicked.
    """

    slot: datetime
    title: str
    address: str
    topic_id: int
    opened: int | None
    gone: bool = False


def posted_resources(forum: Forum, store: Store, cohort: Cohort) -> list[PostedResource]:
    """Return a cohort's resources, newest first, at most `MOST`. Calls: those of `Forum.topic` for each of them."""
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
    found = [one for one in past if RESOURCE in one.draft.refs and one.topic_id is not None]
    return [_look(forum, one, one.topic_id or 0) for one in reversed(found[-MOST:])]


def _look(forum: Forum, past: PastDraft, topic_id: int) -> PostedResource:
    address = next((ref.removeprefix(LINKS_TO) for ref in past.draft.refs if ref.startswith(LINKS_TO)), "")
    topic = forum.topic(topic_id)
    title = topic.title if topic is not None else past.draft.title or ""
    opened = None if topic is None else clicks_on(topic, address)
    return PostedResource(past.slot, title, address, topic_id, opened, gone=topic is None)


def clicks_on(topic: ForumTopic, address: str) -> int | None:
    """Return how often an address was opened from a topic's first post; None where the forum does not say."""
    opening = next((post for post in topic.posts if post.number == 1), None)
    return opening.clicks.get(address) if opening is not None else None
