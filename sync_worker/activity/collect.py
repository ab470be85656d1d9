"""What changed in a cohort's categories since last time, from the forum into the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sync_worker.errors import UsageError
from sync_worker.membership.provenance import MembershipStore
from sync_worker.model import fold
from sync_worker.store.tables import PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, ForumPost, ForumTopic, TopicSummary
    from sync_worker.membership.provenance import Created
    from sync_worker.model import Cohort

REGULAR = 1


@dataclass(frozen=True, slots=True)
class CohortCategories:
    """A cohort's own category, and every category (own first) whose topics all its readers can see."""

    own: int
    readable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CollectSummary:
    """What one collection came to."""

    topics_seen: int
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
        if not other.read_restricted or _opens_to_all(forum.category(other.id), forum.category(own.id)):
            readable.append(other.id)
    return CohortCategories(own.id, tuple(dict.fromkeys(readable)))


def collect(forum: Forum, session: Session, category_ids: Sequence[int], now: datetime) -> CollectSummary:
    """Bring the store's topics of these categories up to date; topics written after `now` are left for later.

    Costs 1 call for each 100 topics of a category, and 1 for each topic in which something changed. All reading comes
    before all writing, so that no lock is held while the forum is asked.
    """
    listed = [
        summary
        for category_id in category_ids
        for summary in forum.category_topics(category_id)
        if summary.created_at <= now and summary.category_id == category_id
    ]
    known = {
        row.id: row
        for row in session.scalars(
            select(TopicRow).where(TopicRow.forum == forum.name, TopicRow.category_id.in_(category_ids))
        )
    }
    changed = [summary for summary in listed if _changed(known.get(summary.id), summary)]
    read = [(summary, forum.topic(summary.id)) for summary in changed]
    gone = set(known) - {summary.id for summary in listed}
    gone |= {summary.id for summary, topic in read if topic is None}
    _forget(session, forum.name, gone)
    posts = sum(_keep(session, forum.name, summary, topic) for summary, topic in read if topic is not None)
    session.flush()
    return CollectSummary(len(listed), len(read), posts)


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


def _opens_to_all(other: Category, own: Category) -> bool:
    """Whether everybody who can see `own` can see `other`."""
    if other.permissions is None or own.permissions is None:
        return False
    return "everyone" in other.permissions or set(own.permissions) <= set(other.permissions)


def _changed(row: TopicRow | None, summary: TopicSummary) -> bool:
    if row is None:
        return True
    return (row.posts_count, row.like_count, row.bumped_at, row.title, row.category_id, row.closed) != (
        summary.posts_count,
        summary.like_count,
        summary.bumped_at,
        summary.title,
        summary.category_id,
        summary.closed,
    )


def _forget(session: Session, forum_name: str, topic_ids: set[int]) -> None:
    if topic_ids:
        session.execute(delete(PostRow).where(PostRow.forum == forum_name, PostRow.topic_id.in_(topic_ids)))
        session.execute(delete(TopicRow).where(TopicRow.forum == forum_name, TopicRow.id.in_(topic_ids)))


def _keep(session: Session, forum_name: str, summary: TopicSummary, topic: ForumTopic) -> int:
    """Replace what the store has about a topic; return how many posts it holds."""
    session.execute(delete(PostRow).where(PostRow.forum == forum_name, PostRow.topic_id == summary.id))
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
    regular = [post for post in topic.posts if post.post_type == REGULAR and not post.hidden]
    session.add_all(_row(forum_name, topic.id, post) for post in regular)
    return len(regular)


def _row(forum_name: str, topic_id: int, post: ForumPost) -> PostRow:
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
        accepted=post.accepted,
    )
