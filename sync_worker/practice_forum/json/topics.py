"""How a whole topic appears in JSON, with a page of its posts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from sync_worker.practice_forum.cook.inline import excerpt, fancy_title
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.json.posts import Shape, posts_json
from sync_worker.practice_forum.json.users import basic_group
from sync_worker.practice_forum.rules import people, rights, text_rules
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import (
    Bookmark,
    Group,
    Post,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    TopicTimer,
    TopicUser,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.practice_forum.rules.rights import Guardian

PAGE, PRINT_PAGE = 20, 1000
PARTICIPANTS = 24
LOOKUP = 300
SOLUTION_LENGTH = 300
_FLAGS = (4, 8, 10, 7)
_POSTS = (
    select(Post)
    .where(Post.id.in_(bindparam("posts", expanding=True)), Post.topic_id == bindparam("topic"))
    .order_by(Post.post_number)
)
_MODERATING = (
    "can_close_topic", "can_archive_topic", "can_split_merge_topic", "can_edit_staff_notes",
    "can_toggle_topic_visibility", "can_pin_unpin_topic", "can_moderate_category", "can_move_posts",
    "can_review_topic",
)  # fmt: skip


def basic_topic(topic: Topic) -> dict[str, Any]:
    """Return the few keys with which a changed topic is answered, and one that an invitation leads to."""
    return {
        "fancy_title": fancy_title(topic.title),
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug,
        "posts_count": topic.posts_count,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a topic a client asks for: a page, or the posts around a number."""

    page: int = 0
    number: int | None = None
    raw: bool = False
    whole: bool = False
    show_deleted: bool = False
    usernames: tuple[str, ...] = ()
    host: str = ""

    @property
    def size(self) -> int:
        """How many posts make a page."""
        return PRINT_PAGE if self.whole else PAGE


class TopicView:
    """One topic as one user sees it."""

    def __init__(self, guardian: Guardian, topic: Topic, asked: Asked) -> None:
        self.guardian = guardian
        self.session = guardian.session
        self.topic = topic
        self.asked = asked
        self.stream, self.dates = self._stream()

    def _stream(self) -> tuple[list[int], list[datetime]]:
        query = select(Post.id, Post.created_at, Post.post_number).where(Post.topic_id == self.topic.id)
        if self.topic.deleted_at is None and not self.asked.show_deleted:
            query = query.where(Post.deleted_at.is_(None))
        if self.asked.usernames:
            authors = select(User.id).where(User.username_lower.in_([name.lower() for name in self.asked.usernames]))
            query = query.where(Post.user_id.in_(authors))
        rows = self.session.execute(query.order_by(Post.post_number)).all()
        self._numbers = [row[2] for row in rows]
        return [row[0] for row in rows], [row[1] for row in rows]

    def _slice(self) -> slice:
        size = self.asked.size
        if self.asked.number is None:
            start = max(0, self.asked.page - 1) * size
            return slice(start, start + size)
        at = next((i for i, number in enumerate(self._numbers) if number >= (self.asked.number or 1)), len(self.stream))
        start = max(0, min(at, len(self.stream) - 1) - size // 4)
        start = max(0, min(start, len(self.stream) - size))
        return slice(start, start + size)

    def posts(self, ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """The posts of the page, or those with `ids`."""
        wanted = list(self.stream[self._slice()] if ids is None else ids)
        rows: list[Post] = []
        for part in people.in_parts(wanted):
            rows.extend(self.session.scalars(_POSTS, {"posts": part, "topic": self.topic.id}))
        shape = Shape(raw=self.asked.raw, in_topic=True, host=self.asked.host)
        return posts_json(self.guardian, rows, {self.topic.id: self.topic}, shape)

    def after(self, number: int, *, ascending: bool, most: int | None = PAGE) -> list[int]:
        """The ids of the posts after a number, or before it."""
        pairs = zip(self.stream, self._numbers, strict=True)
        if ascending:
            return [post_id for post_id, place in pairs if place > number][:most]
        return [post_id for post_id, place in pairs if place < number][-(most or 0) :]

    def json(self) -> dict[str, Any]:
        """The whole answer of GET /t/ID.json."""
        topic = self.topic
        posts = self.posts()
        answer: dict[str, Any] = {
            "post_stream": {"posts": posts, "stream": self.stream} | self._gaps(),
            "timeline_lookup": self._timeline(),
            "fancy_title": fancy_title(topic.title),
            "id": topic.id,
            "title": topic.title,
            "posts_count": topic.posts_count,
            "created_at": iso(topic.created_at),
            "views": topic.views,
            "reply_count": topic.reply_count,
            "like_count": topic.like_count,
            "last_posted_at": iso(topic.last_posted_at),
            "visible": topic.visible,
            "closed": topic.closed,
            "archived": topic.archived,
            "has_summary": False,
            "archetype": topic.archetype,
            "slug": topic.slug,
            "category_id": topic.category_id,
            "word_count": topic.word_count,
            "deleted_at": iso(topic.deleted_at),
            "user_id": topic.user_id,
            "featured_link": topic.featured_link,
            "pinned_globally": topic.pinned_globally,
            "pinned_at": iso(topic.pinned_at),
            "pinned_until": iso(topic.pinned_until),
            "image_url": topic.image_url,
            "slow_mode_seconds": topic.slow_mode_seconds,
            "draft": None,
            "draft_key": f"topic_{topic.id}",
            "draft_sequence": None if self.guardian.user is None else 0,
            "unpinned": None,
            "pinned": topic.pinned_at is not None,
            "current_post_number": self.asked.number or 1,
            "highest_post_number": topic.highest_post_number,
            "deleted_by": self._deleter(),
            "actions_summary": self._actions(),
            "chunk_size": self.asked.size,
            "bookmarked": False,
            "topic_timer": self._timer(),
            "message_bus_last_id": 0,
            "participant_count": 0,
            "show_read_indicator": False,
            "thumbnails": None,
            "slow_mode_enabled_until": None,
            "bookmarks": self._bookmarks(),
        }
        answer |= self._more()
        counts = self._post_counts()
        answer["participant_count"] = len(counts)
        answer["details"] = self._details(counts)
        return answer

    def _more(self) -> dict[str, Any]:
        topic, keys = self.topic, dict[str, Any]()
        if topic.archetype == rights.PRIVATE:
            keys |= {"message_archived": False, "pm_with_non_human_user": False}
        else:
            keys |= {"tags": text_rules.names_of(self.session, [topic.id]).get(topic.id, []), "tags_descriptions": {}}
        if topic.visibility_reason_id is not None:
            keys["visibility_reason_id"] = topic.visibility_reason_id
        if topic.external_id is not None:
            keys["external_id"] = topic.external_id
        keys |= self._accepted_answer()
        if self.guardian.user is not None:
            keys |= self._reading()
        if self.guardian.user is not None and self._slice().stop >= len(self.stream):
            keys["suggested_topics"] = topic_lists.suggested(self.guardian, topic)
        return keys

    def _accepted_answer(self) -> dict[str, Any]:
        """The accepted answer as Discourse Solved shows it; topics without one have no such key."""
        number = self.topic.accepted_post_id
        post = self.session.get(Post, number) if number is not None else None
        author = self.session.get(User, post.user_id) if post else None
        if post is None or author is None or post.deleted_at is not None:
            return {}
        return {
            "accepted_answer": {
                "post_number": post.post_number,
                "username": author.username,
                "name": author.name,
                "excerpt": excerpt(post.cooked, SOLUTION_LENGTH, links=True),
            }
        }

    @cached_property
    def _followed(self) -> TopicUser | None:
        """What the user who calls has to do with the topic."""
        user = self.guardian.user
        return self.session.get(TopicUser, (self.topic.id, user.id)) if user else None

    def _reading(self) -> dict[str, Any]:
        topic, row = self.topic, self._followed
        keys: dict[str, Any] = {}
        if row is not None:
            number = row.last_read_post_number or 0
            live = (Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.post_number <= number)
            latest = select(Post.post_number, Post.id).where(*live).order_by(Post.post_number.desc()).limit(1)
            found = self.session.execute(latest).first()
            keys["posted"] = row.posted and found is not None
            keys["last_read_post_number"] = found[0] if found else 0
            keys["last_read_post_id"] = found[1] if found else None
        if self.guardian.can_moderate_category(topic.category_id):
            keys["has_deleted"] = topic.deleted_at is None and self._has_deleted
        return keys

    def _gaps(self) -> dict[str, Any]:
        """Where deleted posts are missing from the stream: staff may ask for them."""
        guardian, topic = self.guardian, self.topic
        if topic.deleted_at is not None or not guardian.can_moderate_category(topic.category_id):
            return {}
        if not self._has_deleted:
            return {}
        query = select(Post.id, Post.deleted_at).where(Post.topic_id == topic.id).order_by(Post.post_number)
        before: dict[str, list[int]] = {}
        waiting: list[int] = []
        for post_id, deleted_at in self.session.execute(query):
            if deleted_at is not None:
                waiting.append(post_id)
            elif waiting:
                before[str(post_id)], waiting = waiting, []
        after = {str(self.stream[-1]): waiting} if waiting and self.stream else {}
        return {"gaps": {"before": before, "after": after}} if before or after else {}

    @cached_property
    def _has_deleted(self) -> bool:
        query = select(Post.id).where(Post.topic_id == self.topic.id, Post.deleted_at.is_not(None)).limit(1)
        return self.session.scalar(query) is not None

    def _timeline(self) -> list[list[int]]:
        lookup: list[list[int]] = []
        every = max(1, len(self.dates) // LOOKUP)
        for index in range(0, len(self.dates), every):
            days = (self.guardian.now - self.dates[index]).days
            if not lookup or lookup[-1][1] != days:
                lookup.append([index + 1, days])
        return lookup

    def _deleter(self) -> dict[str, Any] | None:
        user = self.session.get(User, self.topic.deleted_by_id) if self.topic.deleted_by_id else None
        return people.basic_user(user) if user and self.topic.deleted_at else None

    def _actions(self) -> list[dict[str, Any]]:
        may = rights.can_flag(self.guardian)
        return [{"id": flag, "count": 0, "hidden": False, "can_act": may} for flag in _FLAGS]

    def _timer(self) -> dict[str, Any] | None:
        row = self.session.scalar(select(TopicTimer).where(TopicTimer.topic_id == self.topic.id).limit(1))
        return timer_json(row) if row else None

    def _bookmarks(self) -> list[dict[str, Any]]:
        user = self.guardian.user
        if user is None:
            return []
        posts = select(Post.id).where(Post.topic_id == self.topic.id)
        mine = select(Bookmark).where(Bookmark.user_id == user.id, Bookmark.bookmarkable_type == "Post")
        return [
            {
                "id": row.id,
                "bookmarkable_id": row.bookmarkable_id,
                "bookmarkable_type": row.bookmarkable_type,
                "reminder_at": iso(row.reminder_at),
                "name": row.name,
                "auto_delete_preference": 3,
            }
            for row in self.session.scalars(mine.where(Bookmark.bookmarkable_id.in_(posts)))
        ]

    def _post_counts(self) -> list[tuple[int, int]]:
        count = func.count()
        query = (
            select(Post.user_id, count)
            .where(Post.topic_id == self.topic.id, Post.deleted_at.is_(None), Post.post_type == 1)
            .group_by(Post.user_id)
            .order_by(count.desc(), Post.user_id)
        )
        return [(row[0], row[1]) for row in self.session.execute(query)]

    def _details(self, counts: list[tuple[int, int]]) -> dict[str, Any]:
        topic, guardian = self.topic, self.guardian
        users = people.by_ids(
            self.session,
            [topic.user_id, topic.last_post_user_id, *(user_id for user_id, _ in counts[:PARTICIPANTS])],
        )
        details: dict[str, Any] = {
            "can_edit": rights.can_edit_topic(guardian, topic),
            "created_by": people.basic_user(users[topic.user_id]) if topic.user_id in users else None,
            "last_poster": people.basic_user(users[topic.last_post_user_id])
            if topic.last_post_user_id in users
            else None,
        }
        if counts:
            details["participants"] = [
                self._participant(users[user_id], posts) for user_id, posts in counts[:PARTICIPANTS] if user_id in users
            ]
        row = self._followed
        details["notification_level"] = row.notification_level if row else 1
        if row is not None:
            details["notifications_reason_id"] = 1 if topic.user_id == row.user_id else 4 if row.posted else None
        if topic.archetype == rights.PRIVATE:
            details |= self._members()
        if guardian.user is not None:
            details |= self._rights(guardian.user)
        return details

    def _participant(self, user: User, count: int) -> dict[str, Any]:
        primary = self.session.get(Group, user.primary_group_id) if user.primary_group_id else None
        flair = self.session.get(Group, user.flair_group_id) if user.flair_group_id else None
        keys: dict[str, Any] = people.basic_user(user) | {
            "post_count": count,
            "primary_group_name": primary.name if primary else None,
            "flair_name": flair.name if flair else None,
            "flair_url": flair.flair_icon if flair else None,
            "flair_color": flair.flair_color if flair else None,
            "flair_bg_color": flair.flair_bg_color if flair else None,
            "flair_group_id": flair.id if flair else None,
            "trust_level": user.trust_level,
        }
        return keys | topic_lists.staff_keys(user)

    def _members(self) -> dict[str, Any]:
        users = select(User).join(TopicAllowedUser, TopicAllowedUser.user_id == User.id)
        groups = select(Group).join(TopicAllowedGroup, TopicAllowedGroup.group_id == Group.id)
        return {
            "allowed_users": [
                people.basic_user(user)
                for user in self.session.scalars(users.where(TopicAllowedUser.topic_id == self.topic.id))
            ],
            "allowed_groups": [
                basic_group(group, self.guardian)
                for group in self.session.scalars(groups.where(TopicAllowedGroup.topic_id == self.topic.id))
            ],
        }

    def _rights(self, user: User) -> dict[str, Any]:
        guardian, topic = self.guardian, self.topic
        moderates = rights.moderates(guardian, topic)
        gone = topic.deleted_at is not None
        may_invite = guardian.is_staff or guardian.in_any_group("invite_allowed_groups")
        may = dict.fromkeys(_MODERATING, moderates) | {
            "can_delete": rights.can_delete_topic(guardian, topic),
            "can_recover": gone and moderates,
            "can_remove_allowed_users": guardian.is_staff,
            "can_invite_to": may_invite,
            "can_invite_via_email": may_invite,
            "can_create_post": rights.can_reply(guardian, topic),
            "can_reply_as_new_topic": user.trust_level >= 1,
            "can_flag_topic": rights.can_flag(guardian),
            "can_convert_topic": guardian.is_admin and not gone and not rights.is_about_topic(guardian, topic),
        }
        answer: dict[str, Any] = {name: True for name, has in may.items() if has}
        if guardian.is_staff:
            answer["can_remove_self_id"] = user.id
        return answer


def timer_json(row: TopicTimer) -> dict[str, Any]:
    """Return a topic's timer."""
    return {
        "id": row.id,
        "execute_at": iso(row.execute_at),
        "duration_minutes": row.duration_minutes,
        "based_on_last_post": row.based_on_last_post,
        "status_type": row.status_type,
        "category_id": row.category_id,
    }
