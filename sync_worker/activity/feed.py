"""From our plugin into the store: what happened in a cohort since last time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from sync_worker.activity.collect import post_row
from sync_worker.activity.counts import recounting
from sync_worker.store.database import in_parts
from sync_worker.store.tables import CursorRow, LikeRow, PostRow, TopicRow, VisitRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import (
        ActiveLike,
        ActivePost,
        ActiveSolution,
        ActiveVisit,
        ActivityPage,
    )


PAGES_A_RUN = 60


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """What one reading came to; with `more` the next one goes on where this one stopped."""

    pages: int
    posts: int
    likes: int
    more: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """The activity of one cohort, as the plugin tells it.

    Args:
        plugin: the forum's plugin.
        forum_name: what the store calls the forum.
        cohort: the cohort's key.
        categories: the cohort's own category, then those that it also reads.

    """

    plugin: Plugin
    forum_name: str
    cohort: str
    categories: Sequence[int] = field(default_factory=tuple)

    def collect(self, session: Session) -> FeedSummary:
        """Bring the store up to date, and remember how far the reading came in the same transaction.

        Costs 1 call a page: at least 4, and at most `PAGES_A_RUN` so that a long past is read in several runs. All
        reading comes before all writing, so that no lock is held while the forum is asked. Of a category that is read
        for the first time the plugin tells at their own moments what was written there: all is read from the beginning.
        """
        row = session.get(CursorRow, (self.forum_name, _cursor_name(self.cohort)))
        pages = self._read((row.value or None) if row and not self._reads_more(session) else None)
        with recounting(session, self.forum_name, self._concerned(session, pages)):
            for page in pages:
                self._keep(session, page)
            self._count_likes(session, [like for page in pages for like in page.likes])
        session.merge(CursorRow(forum=self.forum_name, name=_cursor_name(self.cohort), value=pages[-1].cursor))
        session.merge(CursorRow(forum=self.forum_name, name=self._of_categories, value=self._listed))
        session.flush()
        return FeedSummary(
            pages=len(pages),
            posts=sum(len(page.posts) for page in pages),
            likes=sum(len(page.likes) for page in pages),
            more=pages[-1].more,
        )

    @property
    def _of_categories(self) -> str:
        return f"feed categories:{self.cohort}"

    @property
    def _listed(self) -> str:
        return " ".join(map(str, sorted(self.categories)))

    def _reads_more(self, session: Session) -> bool:
        """Whether a category is read that was not among those of last time, as far as the store knows these."""
        row = session.get(CursorRow, (self.forum_name, self._of_categories))
        return row is not None and not set(self._listed.split()) <= set(row.value.split())

    @staticmethod
    def was_read(session: Session, forum_name: str, cohort: str) -> bool:
        """Whether this cohort's activity has been read through the plugin."""
        return session.get(CursorRow, (forum_name, _cursor_name(cohort))) is not None

    def _read(self, after: str | None) -> list[ActivityPage]:
        pages: list[ActivityPage] = []
        while len(pages) < PAGES_A_RUN:
            pages.append(self.plugin.activity(self.cohort, after, self.categories[1:]))
            after = pages[-1].cursor
            if not pages[-1].more:
                break
        return pages

    def _concerned(self, session: Session, pages: Sequence[ActivityPage]) -> set[int]:
        """Return the topics of which something was told, and those that a post left since it was stored."""
        told = {post.id: post.topic_id for page in pages for post in page.posts}
        wanted = sorted(told.keys() | {like.post_id for page in pages for like in page.likes})
        found = set(told.values())
        for part in in_parts(wanted):
            query = select(PostRow.topic_id).where(PostRow.forum == self.forum_name, PostRow.id.in_(part))
            found.update(session.scalars(query))
        return found

    def _keep(self, session: Session, page: ActivityPage) -> None:
        for post in page.posts:
            self._keep_post(session, post)
        session.flush()
        for like in page.likes:
            self._keep_like(session, like)
        for solution in page.solutions:
            self._keep_solution(session, solution)
        for visit in page.visits:
            self._keep_visit(session, visit)

    def _keep_post(self, session: Session, post: ActivePost) -> None:
        if post.deleted:
            self._forget(session, post)
            return
        known = session.get(PostRow, (self.forum_name, post.id))
        session.merge(
            TopicRow(
                forum=self.forum_name,
                id=post.topic_id,
                category_id=post.category_id,
                title=post.topic_title,
                slug=post.topic_slug,
                created_at=post.topic_created_at,
                views=post.topic_views,
                tags=list(post.topic_tags),
                closed=post.topic_closed,
                external_id=post.topic_external_id,
                # What tells the reading without the plugin that this topic is known; it must not match by chance.
                posts_count=0,
                like_count=0,
            )
        )
        accepted = known is not None and known.accepted
        session.merge(post_row(self.forum_name, post.topic_id, post, accepted=accepted))

    def _forget(self, session: Session, post: ActivePost) -> None:
        """Drop a post that left the category where it was told; with a topic's last post goes the topic.

        The topic may have been told from another category since, which a cohort beside this one reads: then it stays.
        """
        session.flush()
        topic = session.get(TopicRow, (self.forum_name, post.topic_id))
        if topic is None or topic.category_id != post.category_id:
            return
        mine = PostRow.forum == self.forum_name
        session.execute(delete(PostRow).where(mine, PostRow.id == post.id, PostRow.topic_id == post.topic_id))
        left = select(func.count()).select_from(PostRow).where(mine, PostRow.topic_id == post.topic_id)
        if not session.scalar(left):
            session.delete(topic)
            session.flush()

    def _keep_like(self, session: Session, like: ActiveLike) -> None:
        key = (self.forum_name, like.post_id, like.user_id)
        if like.deleted:
            session.execute(
                delete(LikeRow).where(
                    LikeRow.forum == key[0], LikeRow.post_id == like.post_id, LikeRow.user_id == like.user_id
                )
            )
            return
        session.merge(
            LikeRow(
                forum=self.forum_name,
                post_id=like.post_id,
                user_id=like.user_id,
                author_id=like.author_id,
                created_at=like.created_at,
            )
        )

    def _keep_solution(self, session: Session, solution: ActiveSolution) -> None:
        session.execute(
            update(PostRow)
            .where(PostRow.forum == self.forum_name, PostRow.topic_id == solution.topic_id)
            .values(accepted=PostRow.id == solution.post_id)
        )

    def _keep_visit(self, session: Session, visit: ActiveVisit) -> None:
        session.merge(
            VisitRow(
                forum=self.forum_name,
                user_id=visit.user_id,
                day=visit.day,
                posts_read=visit.posts_read,
                seconds_read=visit.seconds_read,
            )
        )

    def _count_likes(self, session: Session, likes: Sequence[ActiveLike]) -> None:
        """Set the likes of posts that were liked since; a post itself is not told again for that.

        Who liked a post before its topic came into the category is never told. Then what the forum said of the post
        counts, less the likes that were taken back since, until it is told again or more of them are known.
        """
        session.flush()
        taken_back = Counter(like.post_id for like in likes if like.deleted)
        for post_id in {like.post_id for like in likes}:
            row = session.get(PostRow, (self.forum_name, post_id))
            if row is None:
                continue
            counted = session.scalar(
                select(func.count())
                .select_from(LikeRow)
                .where(LikeRow.forum == self.forum_name, LikeRow.post_id == post_id)
            )
            row.likes = max(counted or 0, row.likes - taken_back[post_id])


def _cursor_name(cohort: str) -> str:
    return f"activity:{cohort}"
