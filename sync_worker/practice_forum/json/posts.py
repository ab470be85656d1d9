"""How posts appear in JSON: read in sets, so that a topic of a thousand posts takes a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from sync_worker.practice_forum.cook.inline import excerpt, fancy_title
from sync_worker.practice_forum.rules import people, polls, rights
from sync_worker.practice_forum.rules.writing import link_counts
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import Bookmark, Group, GroupUser, HiddenRevision, Like, Post, Topic, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian

UNDO_LIKE = timedelta(minutes=10)
EXCERPT_LENGTH = 300
NEWCOMER = timedelta(days=14)
WELCOMES = 2  # the trust level from which members see who is new
_FLAGS = (3, 4, 8, 10, 7)
_LIKED = select(Like.post_id, Like.created_at).where(
    Like.user_id == bindparam("user"), Like.post_id.in_(bindparam("posts", expanding=True))
)
_BOOKMARKED = select(Bookmark.bookmarkable_id).where(
    Bookmark.user_id == bindparam("user"),
    Bookmark.bookmarkable_type == "Post",
    Bookmark.bookmarkable_id.in_(bindparam("posts", expanding=True)),
)
_HIDDEN = (
    select(HiddenRevision.post_id, func.sum(HiddenRevision.times))
    .where(HiddenRevision.post_id.in_(bindparam("posts", expanding=True)))
    .group_by(HiddenRevision.post_id)
)
_FIRST_POSTS = (
    select(func.min(Post.id)).where(Post.user_id.in_(bindparam("users", expanding=True))).group_by(Post.user_id)
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which of the optional keys posts are shown with.

    `raw` the source; `in_topic` as part of a topic's stream, with the clicks on links, of which those to `host` are the
    forum's own; `fresh` right after creation; `draft_sequence` for answers
    to writers; `in_list` for lists across topics.
    """

    raw: bool = False
    in_topic: bool = False
    fresh: bool = False
    draft_sequence: int | None = None
    in_list: bool = False
    host: str = ""


def post_json(guardian: Guardian, post: Post, topic: Topic, shape: Shape) -> dict[str, Any]:
    """Return one post."""
    return posts_json(guardian, [post], {topic.id: topic}, shape)[0]


def posts_json(
    guardian: Guardian, posts: Sequence[Post], topics: dict[int, Topic], shape: Shape
) -> list[dict[str, Any]]:
    """Return posts, in the order given; `topics` holds the topic of each."""
    around = _Around(guardian, posts, topics, fresh=shape.fresh)
    voted = polls.polls_json(guardian, posts)
    shown = [_one(around, post, topics[post.topic_id], shape) | voted.get(post.id, {}) for post in posts]
    if shape.in_topic:
        links = link_counts(guardian.session, posts, shape.host)
        for post, answer in zip(posts, shown, strict=True):
            if post.id in links:
                answer["link_counts"] = links[post.id]
    return shown


def topics_of(session: Session, posts: Iterable[Post]) -> dict[int, Topic]:
    """Return the topics of posts by id."""
    ids = {post.topic_id for post in posts}
    return {topic.id: topic for topic in session.scalars(select(Topic).where(Topic.id.in_(ids)))} if ids else {}


class _Around:
    """What posts need to know of other tables, read once for all of them."""

    def __init__(self, guardian: Guardian, posts: Sequence[Post], topics: dict[int, Topic], *, fresh: bool) -> None:
        self.guardian = guardian
        self.now: datetime = guardian.now
        session = guardian.session
        ids = [post.id for post in posts]
        wanted = {post.user_id for post in posts}
        wanted |= {post.reply_to_user_id for post in posts if post.reply_to_user_id is not None}
        wanted |= {post.deleted_by_id for post in posts if post.deleted_by_id is not None}
        self.users = _users(session, wanted)
        group_ids = {user.primary_group_id for user in self.users.values() if user.primary_group_id}
        group_ids |= {user.flair_group_id for user in self.users.values() if user.flair_group_id}
        self.groups = _groups(session, group_ids)
        self.titled = _titled_by_group(session, [user for user in self.users.values() if user.title])
        self.firsts = set() if fresh else self._first_posts(posts)
        self.liked = {} if fresh else self._liked(ids)
        self.bookmarked = set() if fresh else self._bookmarked(ids)
        self.hidden = {} if guardian.is_staff else self._hidden([post.id for post in posts if post.version > 1])
        self.can_flag = rights.can_flag(guardian)
        self.can_message = guardian.can_send_messages

    def _liked(self, ids: list[int]) -> dict[int, datetime]:
        user = self.guardian.user
        if user is None or not ids:
            return {}
        rows = self.guardian.session.execute(_LIKED, {"user": user.id, "posts": ids})
        return {row[0]: row[1] for row in rows}

    def _bookmarked(self, ids: list[int]) -> set[int]:
        user = self.guardian.user
        if user is None or not ids:
            return set()
        return set(self.guardian.session.scalars(_BOOKMARKED, {"user": user.id, "posts": ids}))

    def _hidden(self, ids: list[int]) -> dict[int, int]:
        """How many revisions of the posts were hidden; others than staff see so many versions fewer."""
        rows = self.guardian.session.execute(_HIDDEN, {"posts": ids}) if ids else ()
        return {row[0]: row[1] for row in rows}

    def _first_posts(self, posts: Sequence[Post]) -> set[int]:
        """Which posts may be shown as somebody's first: recent ones, to experienced members."""
        viewer = self.guardian.user
        if viewer is None or viewer.trust_level < WELCOMES:
            return set()
        authors = {post.user_id for post in posts if self.now - post.created_at < NEWCOMER}
        return set(self.guardian.session.scalars(_FIRST_POSTS, {"users": list(authors)})) if authors else set()


def _users(session: Session, ids: set[int]) -> dict[int, User]:
    """Read users; few of them one by one, since the session often has them already."""
    if len(ids) > 3:
        return people.by_ids(session, ids)
    return {user.id: user for user in (session.get(User, user_id) for user_id in ids) if user is not None}


def _groups(session: Session, ids: set[int]) -> dict[int, Group]:
    return {group.id: group for group in session.scalars(select(Group).where(Group.id.in_(ids)))} if ids else {}


def _titled_by_group(session: Session, users: list[User]) -> set[int]:
    if not users:
        return set()
    query = (
        select(GroupUser.user_id)
        .join(Group, Group.id == GroupUser.group_id)
        .join(User, User.id == GroupUser.user_id)
        .where(GroupUser.user_id.in_([user.id for user in users]), Group.title == User.title)
    )
    return set(session.scalars(query))


def _one(around: _Around, post: Post, topic: Topic, shape: Shape) -> dict[str, Any]:
    guardian = around.guardian
    author = around.users.get(post.user_id)
    reads = 0 if shape.fresh else post.reads
    viewer = guardian.user
    answer: dict[str, Any] = {
        "id": post.id,
        "name": author.name if author else None,
        "username": author.username if author else None,
        "avatar_template": people.avatar_template(author) if author else None,
        "created_at": iso(post.created_at),
        "cooked": post.cooked,
        "post_number": post.post_number,
        "post_type": post.post_type,
        "posts_count": topic.posts_count,
        "updated_at": iso(post.updated_at),
        "reply_count": post.reply_count,
        "reply_to_post_number": post.reply_to_post_number,
        "quote_count": post.quote_count,
        "incoming_link_count": post.incoming_link_count,
        "reads": reads,
        "readers_count": max(0, reads - 1),
        "score": post.score or 0,
        "yours": viewer is not None and viewer.id == post.user_id,
        "topic_id": post.topic_id,
        "topic_slug": topic.slug,
        "display_username": author.name if author else None,
        "badges_granted": [],
        "version": post.version - around.hidden.get(post.id, 0),
        "can_edit": rights.can_edit_post(guardian, post, topic),
        "can_delete": rights.can_delete_post(guardian, post, topic),
        "can_recover": rights.can_recover_post(guardian, post, topic),
        "can_see_hidden_post": viewer is not None and (viewer.staff or viewer.id == post.user_id),
        "can_wiki": rights.staff_or_leader(guardian),
        "bookmarked": post.id in around.bookmarked,
        "actions_summary": _actions(around, post, topic),
        "user_id": post.user_id,
        "hidden": post.hidden,
        "deleted_at": iso(post.deleted_at),
        "user_deleted": post.user_deleted,
        "edit_reason": post.edit_reason,
        "can_view_edit_history": True,
        "wiki": post.wiki,
        "post_url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
    }
    answer |= _author_keys(around, author)
    answer |= _optional_keys(around, post, topic, shape)
    if topic.accepted_post_id is not None:  # as Discourse Solved; a topic without an answer has no such keys
        answer |= {"accepted_answer": post.id == topic.accepted_post_id, "topic_accepted_answer": True}
    return answer


def _author_keys(around: _Around, author: User | None) -> dict[str, Any]:
    primary = around.groups.get(author.primary_group_id or 0) if author else None
    flair = around.groups.get(author.flair_group_id or 0) if author else None
    keys: dict[str, Any] = {
        "primary_group_name": primary.name if primary else None,
        "flair_name": flair.name if flair else None,
        "flair_url": flair.flair_icon if flair else None,
        "flair_bg_color": flair.flair_bg_color if flair else None,
        "flair_color": flair.flair_color if flair else None,
        "flair_group_id": flair.id if flair else None,
        "user_title": author.title if author else None,
        "moderator": bool(author and author.moderator),
        "admin": bool(author and author.admin),
        "staff": bool(author and author.staff),
        "trust_level": author.trust_level if author else None,
    }
    if author and author.title:
        keys["title_is_group"] = author.id in around.titled and author.primary_group_id is not None
    return keys


def _optional_keys(around: _Around, post: Post, topic: Topic, shape: Shape) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if shape.raw:
        keys["raw"] = post.raw
    if shape.in_topic:
        viewer = around.guardian.user
        keys["read"] = viewer is None or viewer.id == post.user_id
    if shape.draft_sequence is not None:
        keys["draft_sequence"] = shape.draft_sequence
    if around.guardian.can_moderate_category(topic.category_id):
        keys["reviewable_id"] = 0 if shape.in_topic else None
        keys["reviewable_score_count"] = keys["reviewable_score_pending_count"] = 0
    if _welcomed(around, post):
        keys["notice"] = {"type": "new_user"}
    if post.action_code:
        keys["action_code"] = post.action_code
    replied_to = around.users.get(post.reply_to_user_id or 0)
    if replied_to is not None:
        keys["reply_to_user"] = people.basic_user(replied_to)
    deleter = around.users.get(post.deleted_by_id or 0)
    if post.deleted_at is not None and deleter is not None:
        keys["deleted_by"] = people.basic_user(deleter)
    if shape.in_list:
        keys |= {
            "topic_title": topic.title,
            "topic_html_title": fancy_title(topic.title),
            "category_id": topic.category_id,
            "excerpt": excerpt(post.cooked, EXCERPT_LENGTH, links=True, images=True),
            "truncated": True,
        }
    return keys


def _welcomed(around: _Around, post: Post) -> bool:
    """Whether the post is shown as somebody's first: to experienced members, for two weeks."""
    viewer, author = around.guardian.user, around.users.get(post.user_id)
    if viewer is None or author is None or author.id in (viewer.id, SYSTEM_ID):
        return False
    return post.id in around.firsts and not author.staged and around.now - post.created_at < NEWCOMER


def _actions(around: _Around, post: Post, topic: Topic) -> list[dict[str, Any]]:
    summary: list[dict[str, Any]] = []
    liked_at = around.liked.get(post.id)
    like: dict[str, Any] = {"id": 2}
    if post.like_count:
        like["count"] = post.like_count
    if liked_at is not None:
        like["acted"] = True
        if around.now - liked_at < UNDO_LIKE:
            like["can_undo"] = True
    elif rights.can_like(around.guardian, post, topic):
        like["can_act"] = True
    if len(like) > 1:
        summary.append(like)
    if around.can_flag:
        viewer = around.guardian.user
        if viewer is not None and post.user_id not in (viewer.id, SYSTEM_ID) and around.can_message:
            summary.append({"id": 6, "can_act": True})
        summary.extend({"id": flag, "can_act": True} for flag in _FLAGS)
    return summary
