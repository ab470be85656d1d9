"""The store's topics and consents as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from sync_worker.activity.choices import refusing, unquoted, unwilling
from sync_worker.activity.collect import is_listed, post_row, shown_posts
from sync_worker.activity.consents import shown_to_author
from sync_worker.activity.participation import Counts
from sync_worker.activity.silent import SilentNames, silent_names
from sync_worker.model import Post, Topic
from sync_worker.store.database import in_parts
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import ConsentRow, PostRow, PracticeMarkRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from sync_worker.activity.consents import Shown
    from sync_worker.forum.records import ForumTopic
    from sync_worker.signals.participation import AnswerKey

ANONYMISED = re.compile(r"anon\d{1,9}")


@dataclass(frozen=True, slots=True)
class Consent:
    """What an author answered when asked whether a post may be shown: `asked`, `yes`, `no` or `unclear`.

    `shown` is the story as the author saw it last, None where no whole text was shown.
    """

    post_id: int
    user_id: int
    username: str
    answer: str
    asked_at: datetime
    shown: Shown | None = None
    words: str = ""


class ActivityReader:
    """Reads what the collector stored about some categories of one forum.

    Args:
        session: an open session; nothing is written.
        forum_name: which forum's rows.
        category_ids: the cohort's own category and those that all its readers can see.
        own_category_id: the cohort's own category.
        seen: topics that were just read, which count in place of those in the store; None for those that are gone.
        unnamed: accounts that are neither quoted nor named, beside those that asked for it.

    """

    def __init__(  # noqa: PLR0917
        self,
        session: Session,
        forum_name: str,
        category_ids: Sequence[int],
        own_category_id: int,
        seen: Mapping[int, ForumTopic | None] | None = None,
        unnamed: frozenset[int] = frozenset(),
    ) -> None:
        self._session = session
        self._forum = forum_name
        self.categories = tuple(category_ids)
        self._seen = seen or {}
        self._barred = _Barred(unquoted(session, forum_name) | unnamed, silent_names(session, forum_name))
        self._forgotten = read_forgotten(session, forum_name)
        self.own_category_id = own_category_id

    def topics(self, since: datetime | None = None, until: datetime | None = None) -> list[Topic]:
        """Return topics with all their posts, oldest first.

        Only topics that have a post in `[since, until)`, and no others are read from the store; posts from `until` on
        are left out, as nobody knew them then.
        """
        rows = self._topic_rows(since)
        posts = self._posts([row.id for row in rows], until)
        present = (self._present(row, posts.get(row.id, []), until) for row in rows)
        found = [topic for topic in present if topic is not None and topic.posts]
        return [topic for topic in found if since is None or any(post.created_at >= since for post in topic.posts)]

    def some(self, topic_ids: Collection[int]) -> list[Topic]:
        """Return these topics with all their posts, oldest first, in whatever category they are; reads no others."""
        posts = self._posts(sorted(topic_ids))
        rows = select(TopicRow).where(TopicRow.forum == self._forum, TopicRow.id.in_(topic_ids))
        found = self._session.scalars(rows.order_by(TopicRow.created_at, TopicRow.id))
        return [self._barred.named(_topic(row, tuple(posts.get(row.id, ())))) for row in found]

    def _present(self, row: TopicRow, posts: Sequence[Post], until: datetime | None) -> Topic | None:
        """Return a topic as it was just read, else as it is stored; None where its readers do not see it any more."""
        if row.id not in self._seen:
            return self._barred.named(_topic(row, tuple(posts)))
        seen = self._seen[row.id]
        if seen is None or not is_listed(seen) or seen.category_id not in self.categories:
            return None
        rows, marked = (
            [
                post_row(self._forum, row.id, post, accepted=post.accepted)
                for post in shown_posts(seen)
                if not self._forgotten.has_account(post.user_id)
            ],
            self._marked(),
        )
        fresh = tuple(_post(one, self._barred, marked) for one in rows if until is None or one.created_at < until)
        present = replace(
            _topic(row, fresh),
            title=seen.title,
            slug=seen.slug,
            category_id=seen.category_id,
            closed=seen.closed,
            tags=seen.tags,
            pinned=seen.pinned,
            archived=seen.archived,
        )
        return self._barred.named(present)

    def new_authors(self, since: datetime, until: datetime) -> frozenset[int]:
        """Return the accounts whose first known post in these categories was written in `[since, until)`."""
        written = self._written_here(PostRow).where(PostRow.created_at >= since, PostRow.created_at < until)
        earlier = aliased(PostRow)
        before = self._written_here(earlier).where(earlier.user_id == PostRow.user_id, earlier.created_at < since)
        query = written.where(~before.correlate(PostRow).exists()).with_only_columns(PostRow.user_id)
        return frozenset(self._session.scalars(query.distinct()))

    def _written_here(self, post: type[PostRow]) -> Select[int]:
        """Return the query for posts in these categories."""
        topic = aliased(TopicRow)
        return (
            select(post.id)
            .join(topic, (topic.forum == post.forum) & (topic.id == post.topic_id))
            .where(post.forum == self._forum, topic.category_id.in_(self.categories))
        )

    def consents(self, cohort: str) -> list[Consent]:
        """Return every consent asked for in a cohort, oldest first."""
        rows = self._session.scalars(
            select(ConsentRow)
            .where(ConsentRow.forum == self._forum, ConsentRow.cohort == cohort)
            .order_by(ConsentRow.asked_at, ConsentRow.post_id)
        )
        return [
            Consent(row.post_id, row.user_id, row.username, row.answer, row.asked_at, shown_to_author(row), row.words)
            for row in rows
        ]

    def answers(self, cohort: str, now: datetime) -> dict[AnswerKey, int]:
        """Return who answered whom in these categories, and how often in each week."""
        return Counts(self._session, self._forum, cohort, self.categories, now).answers()

    def unwilling(self, cohort: str) -> frozenset[int]:
        """Return the ids of the accounts that are not brought together with others."""
        return unwilling(self._session, self._forum, cohort)

    def left_in_peace(self, cohort: str) -> frozenset[int]:
        """Return the ids of the accounts that are not to be asked for anything: no partners, or no nudges."""
        return unwilling(self._session, self._forum, cohort) | refusing(self._session, self._forum, "nudges")

    def _marked(self) -> frozenset[int]:
        query = select(PracticeMarkRow.post_id).where(PracticeMarkRow.forum == self._forum)
        return frozenset(self._session.scalars(query))

    def _topic_rows(self, since: datetime | None) -> Sequence[TopicRow]:
        """Return the topics of these categories, oldest first, with a post since then as far as the store knows."""
        here: ColumnElement[bool] = TopicRow.category_id.in_(self.categories)
        if since is not None:
            active = select(PostRow.topic_id).where(PostRow.forum == self._forum, PostRow.created_at >= since)
            here &= TopicRow.id.in_(active) | TopicRow.id.in_(self._seen)
        query = select(TopicRow).where(TopicRow.forum == self._forum, here)
        return self._session.scalars(query.order_by(TopicRow.created_at, TopicRow.id)).all()

    def _posts(self, topic_ids: Sequence[int], until: datetime | None = None) -> dict[int, list[Post]]:
        """Return the posts of these topics, in order."""
        posts: dict[int, list[Post]] = {}
        marked = self._marked()
        for part in in_parts(topic_ids):
            query = select(PostRow).where(PostRow.forum == self._forum, PostRow.topic_id.in_(part))
            for row in self._session.scalars(query.order_by(PostRow.topic_id, PostRow.number)):
                if until is None or row.created_at < until:  # SQLite would look for the time first, among all posts
                    posts.setdefault(row.topic_id, []).append(_post(row, self._barred, marked))
        return posts


def _topic(row: TopicRow, posts: tuple[Post, ...]) -> Topic:
    return Topic(
        id=row.id,
        category_id=row.category_id,
        title=row.title,
        slug=row.slug,
        created_at=row.created_at,
        posts=posts,
        tags=tuple(row.tags),
        views=row.views,
        closed=row.closed,
        external_id=row.external_id,
    )


def as_seen(session: Session, forum_name: str, seen: ForumTopic, unnamed: frozenset[int] = frozenset()) -> Topic | None:
    """Return a topic as it was just read, None where learners do not find it; nothing of it is stored."""
    if not is_listed(seen) or seen.category_id is None:
        return None
    barred = _Barred(unquoted(session, forum_name) | unnamed, silent_names(session, forum_name))
    forgotten = read_forgotten(session, forum_name)
    posts = (post for post in shown_posts(seen) if not forgotten.has_account(post.user_id))
    rows = [post_row(forum_name, seen.id, post, accepted=post.accepted) for post in posts]
    topic = Topic(
        id=seen.id,
        category_id=seen.category_id,
        title=seen.title,
        slug=seen.slug,
        created_at=seen.created_at,
        posts=tuple(_post(row, barred, frozenset()) for row in rows),
        tags=seen.tags,
        views=seen.views,
        closed=seen.closed,
        external_id=seen.external_id,
        pinned=seen.pinned,
        archived=seen.archived,
    )
    return barred.named(topic)


def is_anonymised(username: str, name: str) -> bool:
    """Whether an account looks like one whose name was taken away: Discourse calls those "anon" and a number."""
    return bool(ANONYMISED.fullmatch(username)) and name in ("", username)


@dataclass(frozen=True, slots=True)
class _Barred:
    """Who is neither quoted nor named: these accounts, and in what others wrote those of them who asked for it."""

    accounts: frozenset[int]
    names: SilentNames

    def allows(self, row: PostRow) -> bool:
        return row.user_id > 0 and row.user_id not in self.accounts and not is_anonymised(row.username, row.name)

    def named(self, topic: Topic) -> Topic:
        """Return a topic in which no post may be quoted that names one of them, nor the first where the title does."""
        present = {post.user_id for post in topic.posts}
        titled = self.names.in_text(topic.title, present)
        named = {
            post.id
            for post in topic.posts
            if post.quotable and ((titled and post.number == 1) or self.names.in_post(post.cooked, present))
        }
        if not named:
            return topic
        return replace(
            topic,
            posts=tuple(replace(post, quotable=False) if post.id in named else post for post in topic.posts),
        )


def _post(row: PostRow, barred: _Barred, marked: frozenset[int]) -> Post:
    return Post(
        id=row.id,
        topic_id=row.topic_id,
        number=row.number,
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        created_at=row.created_at,
        raw=row.raw,
        cooked=row.cooked,
        likes=row.likes,
        reads=row.reads,
        reply_to=row.reply_to,
        accepted=row.accepted,
        quotable=barred.allows(row),
        marked=row.id in marked,
    )
