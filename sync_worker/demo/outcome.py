"""What came of a demo: counted from the store and, what was posted twice, from the forum itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.store.tables import DraftRow, LedgerRow
from sync_worker.worker.library_names import LIBRARY, OFFER
from sync_worker.worker.library_posts import TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sync_worker.demo.browser import Browser
    from sync_worker.forum import Forum
    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

MARKER = re.compile(r"<!--\s*lcm:(\S+)\s*-->")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of a demo; `duplicates` are things of the worker that stand on the forum more than once.

    `practices` came into the library, and `offers` of them went to later cohorts.
    """

    cohorts: int
    members: int
    topics: int
    prompts: int
    stories: int
    roundups: int
    messages: int
    mails: int
    drafts_decided: int
    practices: int
    offers: int
    duplicates: int
    api_calls: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)


def count(  # noqa: PLR0917
    forum: Forum, store: Store, browser: Browser, cohorts: Sequence[Cohort], api_calls: int, seconds: float
) -> Outcome:
    """Count what the demo left on the forum and in the ledger."""
    kinds = published(store, forum.name)
    categories = {category.slug: category.id for category in forum.categories()}
    topics = [
        topic
        for cohort in cohorts
        for summary in forum.category_topics(categories[cohort.category_slug])
        if (topic := forum.topic(summary.id))
    ]
    sent = [topic for number in _message_ids(browser, forum.username) if (topic := forum.topic(number))]
    messages = [message for message in sent if message.external_id]  # the forum's own welcomes carry none
    return Outcome(
        cohorts=len(cohorts),
        members=sum(len(forum.members(cohort.group)) for cohort in cohorts),
        topics=len(topics),
        prompts=kinds["prompt"],
        stories=kinds["story"],
        roundups=kinds["roundup"],
        messages=kinds["message"],
        mails=kinds["mail"],
        drafts_decided=decided(store, forum.name),
        practices=kinds["kept"],
        offers=kinds[OFFER],
        duplicates=duplicates([*topics, *messages], forum.username),
        api_calls=api_calls,
        seconds=round(seconds, 1),
    )


def decided(store: Store, forum_name: str) -> int:
    """Count the drafts that an LCM approved or rejected, whatever became of them later."""
    wanted = select(func.count()).where(DraftRow.forum == forum_name, DraftRow.decided_by.is_not(None))
    with store.begin() as session:
        return session.scalar(wanted) or 0


def duplicates(topics: Iterable[ForumTopic], worker: str) -> int:
    """Return how many external ids, openings (title and text) and markers of the worker are there once too often."""
    seen: Counter[tuple[str, ...]] = Counter()
    for topic in topics:
        own = [post for post in topic.posts if post.username == worker]
        if topic.external_id:
            seen["external id", topic.external_id] += 1
        if own and own[0].number == 1:
            seen["opening", str(topic.category_id), topic.title, own[0].raw or own[0].cooked] += 1
        for post in own:
            for key in MARKER.findall(post.raw or ""):
                seen["marker", key] += 1
    return sum(number - 1 for number in seen.values())


def published(store: Store, forum_name: str) -> Counter[str]:
    """Count what the ledger says was done, by kind; a thing with several references of a kind is one of that kind."""
    kinds: Counter[str] = Counter()
    with store.begin() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.forum == forum_name, LedgerRow.state == "done"))
        for row in rows:
            if row.action in ("message", "mail"):
                kinds[row.action] += 1
            elif row.action == "reply":
                refs = row.payload.get("refs", ())
                kinds[OFFER] += OFFER in refs
                kinds["kept"] += LIBRARY in refs and {OFFER, TOLD}.isdisjoint(refs)
            elif row.action == "topic":
                kinds.update({str(ref).partition(":")[0] for ref in row.payload.get("refs", ())})
    return kinds


def _message_ids(browser: Browser, username: str) -> Iterator[int]:
    """Yield the messages of somebody, answered or not."""
    for box in ("private-messages", "private-messages-sent"):
        page = 0
        while True:
            listed = browser.get(f"/topics/{box}/{username}.json?page={page}", username)
            topics = listed["topic_list"]["topics"] if listed else []
            yield from (topic["id"] for topic in topics)
            if not listed or "more_topics_url" not in listed["topic_list"]:
                break
            page += 1
