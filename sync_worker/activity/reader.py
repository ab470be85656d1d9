"""The store's topics and consents as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.model import Post, Topic
from sync_worker.store.tables import ConsentRow, PostRow, PracticeMarkRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Consent:
    """What an author answered when asked whether a post may be shown as a story: `asked`, `yes` or `no`."""

    post_id: int
    user_id: int
    username: str
    answer: str
    asked_at: datetime


class ActivityReader:
    """Reads what the collector stored about some categories of one forum.

    Args:
        session: an open session; nothing is written.
        forum_name: which forum's rows.
        category_ids: the cohort's own category and those that all its readers can see.
        own_category_id: the cohort's own category.

    """

    def __init__(self, session: Session, forum_name: str, category_ids: Sequence[int], own_category_id: int) -> None:
        self._session = session
        self._forum = forum_name
        self._categories = tuple(category_ids)
        self.own_category_id = own_category_id

    def topics(self, since: datetime | None = None, until: datetime | None = None) -> list[Topic]:
        """Return topics with all their posts, oldest first.

        Only topics that have a post in `[since, until)`; posts from `until` on are left out, as nobody knew them then.
        """
        posts: dict[int, list[Post]] = {}
        marked = self._marked()
        for row in self._post_rows(until):
            posts.setdefault(row.topic_id, []).append(_post(row, marked=row.id in marked))
        found = [_topic(row, tuple(posts[row.id])) for row in self._topic_rows() if row.id in posts]
        return [topic for topic in found if since is None or any(post.created_at >= since for post in topic.posts)]

    def consents(self, cohort: str) -> list[Consent]:
        """Return every consent asked for in a cohort, oldest first."""
        rows = self._session.scalars(
            select(ConsentRow)
            .where(ConsentRow.forum == self._forum, ConsentRow.cohort == cohort)
            .order_by(ConsentRow.asked_at, ConsentRow.post_id)
        )
        return [Consent(row.post_id, row.user_id, row.username, row.answer, row.asked_at) for row in rows]

    def _marked(self) -> frozenset[int]:
        query = select(PracticeMarkRow.post_id).where(PracticeMarkRow.forum == self._forum)
        return frozenset(self._session.scalars(query))

    def _topic_rows(self) -> Sequence[TopicRow]:
        return self._session.scalars(
            select(TopicRow)
            .where(TopicRow.forum == self._forum, TopicRow.category_id.in_(self._categories))
            .order_by(TopicRow.created_at, TopicRow.id)
        ).all()

    def _post_rows(self, until: datetime | None) -> Sequence[PostRow]:
        query = (
            select(PostRow)
            .join(TopicRow, (TopicRow.forum == PostRow.forum) & (TopicRow.id == PostRow.topic_id))
            .where(PostRow.forum == self._forum, TopicRow.category_id.in_(self._categories))
            .order_by(PostRow.topic_id, PostRow.number)
        )
        if until is not None:
            query = query.where(PostRow.created_at < until)
        return self._session.scalars(query).all()


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


def _post(row: PostRow, *, marked: bool) -> Post:
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
        marked=marked,
    )
