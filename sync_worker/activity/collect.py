"""What changed in a cohort's categories since last time, from the forum into the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from sync_worker.activity.counts import recounting
from sync_worker.errors import ForumError, UsageError
from sync_worker.forum.reading import TOPICS_A_CALL
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.model import fold
from sync_worker.model.rights import reads_all_of
from sync_worker.store.database import in_parts
from sync_worker.store.tables import PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin_records import ActivePost
    from sync_worker.forum.records import Category, ForumPost, ForumTopic, TopicSummary
    from sync_worker.membership.records.memberships import Created
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

    Progress = Callable[[int, int], None]

LOG = logging.getLogger(__name__)
REGULAR = 1
REGULAR_TOPIC = "regular"
KEPT_AT_ONCE = 20  # topics


@dataclass(frozen=True, slots=True)
class CohortCategories:
    """A cohort's own category, and every category (own first) whose topics all its readers can see."""

    own: int
    readable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CollectSummary:
    """What one collection came to."""

    topics_read: int
    posts: int


def cohort_categories(forum: Forum, cohort: Cohort, sessions: sessionmaker[Session]) -> CohortCategories:
    """Find a cohort's own category, by its id, and those that it also reads, by slug or name.

    A category of which no sync has written down that it is ours is the cohort's only if its name or slug fits and it is
    closed to all but some groups, the cohort's among them.

    Calls: 1, 1 for each restricted category that it also reads, and 1 where no sync has made or adopted its own.

    Raises:
        UsageError: the cohort's own category, or one that it also reads, is not there.

    """
    categories = forum.categories()
    own = _own(forum, categories, cohort, MembershipStore(sessions, forum.name).made("category", cohort.category_slug))
    readable = [own.id]
    for slug in cohort.also_reads:
        other = _named(categories, slug, cohort)
        if not other.read_restricted or opens_to_all(forum.category(other.id), forum.category(own.id)):
            readable.append(other.id)
    return CohortCategories(own.id, tuple(dict.fromkeys(readable)))


def collect(
    forum: Forum,
    store: Store,
    category_ids: Sequence[int],
    now: datetime,
    *,
    lcms: Mapping[int, str] | None = None,
    progress: Progress | None = None,
) -> CollectSummary:
    """Bring the store's topics of these categories up to date; topics written after `now` are left for later.

    Calls: 1 for each 100 topics of a category, 1 for each topic in which something changed, and of categories of
    several pages 1 for each topic that is not among them any more. No lock is held while the forum is asked. What was
    read is kept a few topics at a time, oldest first, so that a reading that is stopped goes on where it was. A topic
    that the forum does not show as it should keeps no other: it stays as it was read last, and is read again the next
    time. Before anybody is written to, what concerns them is looked up again anyway.

    Args:
        forum: where the topics are.
        store: where they are kept.
        category_ids: the categories to read.
        now: topics that are younger are neither read nor forgotten.
        lcms: the usernames of the LCMs by account. What they wrote is told from learners' posts by these names, and a
            topic does not change when its author is renamed.
        progress: told how many of how many changed topics were read; of 0 while they are being listed.

    """
    tell = progress or _tell_nobody
    listed: dict[int, TopicSummary] = {}
    has_pages = False
    for category_id in category_ids:
        for number, summary in enumerate(forum.category_topics(category_id), 1):
            has_pages |= number > TOPICS_A_CALL
            if summary.category_id == category_id and summary.visible:
                listed[summary.id] = summary
                tell(len(listed), 0)
    known = _known(forum, store, category_ids)
    unsolved = _unsolved(forum, store, [one.id for one in listed.values() if one.solved])
    due = [
        one
        for one in listed.values()
        if one.created_at <= now and (one.id in unsolved or _changed(known.get(one.id), one))
    ]
    due.sort(key=lambda one: (one.created_at, one.id))
    gone = set(known) - set(listed)
    if has_pages:
        gone = {number for number in gone if not _is_there(forum, number, category_ids)}
    posts = 0
    for start in range(0, len(due), KEPT_AT_ONCE):
        read = []
        for place, summary in enumerate(due[start : start + KEPT_AT_ONCE], start + 1):
            try:
                read.append((summary, forum.topic(summary.id)))
            except ForumError as error:
                if error.unreachable or error.denied:
                    raise
                LOG.warning("topic %d stays as it was read last: %s", summary.id, error)
            tell(place, len(due))
        with store.begin() as session:
            posts += _keep_all(session, forum.name, read)
    with store.begin() as session, recounting(session, forum.name, gone):
        _forget(session, forum.name, gone)
        for number, username in (lcms or {}).items():
            theirs = update(PostRow).where(PostRow.forum == forum.name, PostRow.user_id == number)
            session.execute(theirs.where(PostRow.username != username).values(username=username))
    return CollectSummary(len(due), posts)


def keep_seen(session: Session, forum_name: str, seen: Mapping[int, ForumTopic | None]) -> None:
    """Replace what the store has of topics that were just read; those that are gone, unlisted or no topics are dropped.

    The numbers of the topic list stay as they were, so that the next collection finds out by itself what changed.
    """
    known = {
        row.id: row
        for row in session.scalars(select(TopicRow).where(TopicRow.forum == forum_name, TopicRow.id.in_(seen)))
    }
    with recounting(session, forum_name, seen.keys() | _left(session, forum_name, seen.values())):
        _forget(session, forum_name, {number for number, topic in seen.items() if not is_listed(topic)})
        for number, row in known.items():
            topic = seen[number]
            if topic is not None and topic.category_id is not None and is_listed(topic):
                row.title, row.slug, row.category_id = topic.title, topic.slug, topic.category_id
                row.tags, row.closed = list(topic.tags), topic.closed
                _keep_posts(session, forum_name, topic)


def is_listed(topic: ForumTopic | None) -> bool:
    """Whether a topic is one that learners find in a category."""
    return topic is not None and topic.visible and topic.archetype == REGULAR_TOPIC and topic.category_id is not None


def shown_posts(topic: ForumTopic) -> list[ForumPost]:
    """Return the posts of a topic that its readers see: neither hidden, nor whispered, nor small actions."""
    return [post for post in topic.posts if post.post_type == REGULAR and not post.hidden]


def post_row(forum_name: str, topic_id: int, post: ForumPost | ActivePost, *, accepted: bool) -> PostRow:
    """Return the store's row of a post; `accepted` says whether it solved the question of its topic."""
    return PostRow(
        forum=forum_name,
        id=post.id,
        topic_id=topic_id,
        number=post.number,
        user_id=post.user_id,
        username=post.username,
        name=post.name,
        created_at=post.created_at,
        raw=post.raw,
        cooked=post.cooked,
        likes=post.likes,
        reads=post.reads,
        reply_to=post.reply_to,
        accepted=accepted,
    )


def _tell_nobody(done: int, total: int) -> None:
    del done, total


def _known(forum: Forum, store: Store, category_ids: Sequence[int]) -> dict[int, TopicRow]:
    query = select(TopicRow).where(TopicRow.forum == forum.name, TopicRow.category_id.in_(category_ids))
    with store.begin() as session:
        return {row.id: row for row in session.scalars(query)}


def _unsolved(forum: Forum, store: Store, solved: Sequence[int]) -> frozenset[int]:
    """Return those of the solved topics of which no answer is known as accepted: nothing else changed with that."""
    known: set[int] = set()
    with store.begin() as session:
        for part in in_parts(solved):
            query = select(PostRow.topic_id).where(PostRow.forum == forum.name, PostRow.topic_id.in_(part))
            known.update(session.scalars(query.where(PostRow.accepted)))
    return frozenset(solved) - known


def _own(forum: Forum, categories: Sequence[Category], cohort: Cohort, made: Created | None) -> Category:
    """Return the cohort's own category. Calls: 1 where it is not known by its id, else none."""
    if made is not None and made.forum_id is not None:
        found = next((category for category in categories if category.id == made.forum_id), None)
        if found is None:
            raise UsageError(
                f"the category of cohort '{cohort.key}' was deleted on the forum.",
                do=f"`lcm sync --cohort {cohort.key} --apply` makes it again; nothing is posted anywhere else.",
            )
        return found
    found = _named(categories, cohort.category_slug, cohort)
    groups = forum.category(found.id).permissions or {} if found.read_restricted else {}
    if fold(cohort.group) not in map(fold, groups):
        raise UsageError(
            f"the category '{found.name}' was there before cohort '{cohort.key}' and is not its own.",
            do="Allow 'adopt' in limits.allow and run `lcm sync --apply`, or give the cohort another category_slug.",
        )
    return found


def _named(categories: Sequence[Category], slug: str, cohort: Cohort) -> Category:
    for category in categories:
        if slug in (category.slug, category.name):
            return category
    raise UsageError(
        f"the forum has no category '{slug}' for cohort '{cohort.key}'.",
        do=f"Run `lcm sync --cohort {cohort.key} --apply` first, or correct the name in lcm.yaml.",
    )


def opens_to_all(other: Category, own: Category) -> bool:
    """Whether everybody who can see `own` can see `other`; permissions that are not known open nothing."""
    return reads_all_of(own.permissions, other.permissions)


def _changed(row: TopicRow | None, summary: TopicSummary) -> bool:
    if row is None:
        return True
    if sorted(row.tags) != sorted(summary.tags):
        return True
    return (row.posts_count, row.like_count, row.bumped_at, row.title, row.category_id, row.closed) != (
        summary.posts_count,
        summary.like_count,
        summary.bumped_at,
        summary.title,
        summary.category_id,
        summary.closed,
    )


def _is_there(forum: Forum, number: int, category_ids: Sequence[int]) -> bool:
    """Whether a topic stands in one of these categories, though no page of their lists had it.

    Where a topic is deleted while the pages are turned, the first one of the next page moves to one that was read.
    One that the forum does not show as it should counts as there. Calls: 1.
    """
    try:
        topic = forum.topic(number)
    except ForumError as error:
        if error.unreachable or error.denied:
            raise
        return True
    return topic is not None and is_listed(topic) and topic.category_id in category_ids


def _forget(session: Session, forum_name: str, topic_ids: set[int]) -> None:
    if topic_ids:
        session.execute(delete(PostRow).where(PostRow.forum == forum_name, PostRow.topic_id.in_(topic_ids)))
        session.execute(delete(TopicRow).where(TopicRow.forum == forum_name, TopicRow.id.in_(topic_ids)))


def _keep_all(session: Session, forum_name: str, read: Sequence[tuple[TopicSummary, ForumTopic | None]]) -> int:
    """Replace what the store has about these topics; return how many posts they hold."""
    concerned = {summary.id for summary, _ in read} | _left(session, forum_name, (topic for _, topic in read))
    with recounting(session, forum_name, concerned):
        _forget(session, forum_name, {summary.id for summary, topic in read if not is_listed(topic)})
        return sum(_keep(session, forum_name, summary, topic) for summary, topic in read if topic and is_listed(topic))


def _left(session: Session, forum_name: str, topics: Iterable[ForumTopic | None]) -> set[int]:
    """Return the topics in which posts are stored that a moderator moved to one of these since."""
    found: set[int] = set()
    for part in in_parts([post.id for topic in topics if topic is not None for post in topic.posts]):
        query = select(PostRow.topic_id).where(PostRow.forum == forum_name, PostRow.id.in_(part))
        found.update(session.scalars(query))
    return found


def _keep(session: Session, forum_name: str, summary: TopicSummary, topic: ForumTopic) -> int:
    session.merge(
        TopicRow(
            forum=forum_name,
            id=summary.id,
            category_id=summary.category_id,
            title=summary.title,
            slug=summary.slug,
            created_at=summary.created_at,
            bumped_at=summary.bumped_at,
            posts_count=summary.posts_count,
            like_count=summary.like_count,
            views=summary.views,
            tags=list(summary.tags),
            closed=summary.closed,
            external_id=topic.external_id,
        )
    )
    return _keep_posts(session, forum_name, topic)


def _keep_posts(session: Session, forum_name: str, topic: ForumTopic) -> int:
    """Replace the posts of a topic; one that was moved there leaves the topic in which it was."""
    session.execute(delete(PostRow).where(PostRow.forum == forum_name, PostRow.topic_id == topic.id))
    shown = shown_posts(topic)
    for part in in_parts([post.id for post in shown]):
        session.execute(delete(PostRow).where(PostRow.forum == forum_name, PostRow.id.in_(part)))
    session.add_all(post_row(forum_name, topic.id, post, accepted=post.accepted) for post in shown)
    session.flush()
    return len(shown)
