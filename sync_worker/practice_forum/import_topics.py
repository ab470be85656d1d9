"""Take topics in Discourse's own JSON (one `GET /t/ID.json` a line) into a practice forum, as they were."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import nh3
from bs4 import BeautifulSoup
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from sqlalchemy import insert, select

from sync_worker.errors import UsageError
from sync_worker.practice_forum.cook.inline import excerpt, slugify
from sync_worker.practice_forum.rules.text_rules import word_count
from sync_worker.practice_forum.tables import Category, Post, Tag, Topic, TopicTag, User, UserEmail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

LIKE = 2


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
Identifier = Annotated[int, Field(ge=1, le=2**53)]


class Action(BaseModel):
    """How many people did one kind of thing with a post."""

    id: int
    count: int = 0


class ImportedPost(BaseModel):
    """What is read of a post; everything else in the JSON is left where it is."""

    id: Identifier
    username: Annotated[str, Field(min_length=1, max_length=60)]
    name: str | None = None
    user_id: int
    created_at: Moment
    updated_at: Moment | None = None
    cooked: str
    post_number: Annotated[int, Field(ge=1)]
    post_type: int = 1
    action_code: str | None = None
    reply_to_post_number: int | None = None
    reply_count: int = 0
    quote_count: int = 0
    incoming_link_count: int = 0
    reads: int = 0
    score: float = 0.0
    version: int = 1
    hidden: bool = False
    wiki: bool = False
    user_deleted: bool = False
    deleted_at: Moment | None = None
    trust_level: int | None = 1
    moderator: bool = False
    accepted_answer: bool = False
    actions_summary: list[Action] = Field(default_factory=list)

    @property
    def likes(self) -> int:
        """How many people liked it."""
        return sum(action.count for action in self.actions_summary if action.id == LIKE)


class Stream(BaseModel):
    """The topic's posts."""

    posts: Annotated[list[ImportedPost], Field(min_length=1)]


class AcceptedAnswer(BaseModel):
    """The post that a topic names as its accepted answer; also where the posts do not say so themselves."""

    post_number: int


class ImportedTopic(BaseModel):
    """What is read of a topic."""

    id: Identifier
    title: Annotated[str, Field(min_length=1)]
    slug: str | None = None
    category_id: int | None = None
    created_at: Moment
    archetype: str = "regular"
    posts_count: int = 0
    views: int = 0
    like_count: int = 0
    reply_count: int = 0
    closed: bool = False
    archived: bool = False
    visible: bool = True
    pinned_at: Moment | None = None
    pinned_until: Moment | None = None
    pinned_globally: bool = False
    participant_count: int = 1
    deleted_at: Moment | None = None
    external_id: str | None = None
    accepted_answer: AcceptedAnswer | None = None
    tags: list[str | dict[str, Any]] = Field(default_factory=list)
    post_stream: Stream

    @property
    def tag_names(self) -> list[str]:
        """The tags' names, however Discourse's version writes them."""
        names = (tag if isinstance(tag, str) else str(tag.get("name", "")) for tag in self.tags)
        return [name for name in names if name]


def explain(error: ValidationError) -> str:
    """Say in one line what is wrong with a line of the file."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return "not JSON."
    return f"{place or 'the line'}: {first['msg'][:1].lower()}{first['msg'][1:]}."


EXCERPT_LENGTH = 220
# Wider than for posts written here: previews, polls and pictures of the original keep their classes, not their scripts.
_CLEANER = nh3.Cleaner(
    tags=(nh3.ALLOWED_TAGS | {"section", "big", "input", "label", "picture", "source", "video", "audio"})
    - {"map", "area"},
    clean_content_tags={"script", "style", "iframe", "object", "svg"},
    attributes={
        **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
        "*": {"class", "title", "lang", "dir"},
        "a": {"href", "hreflang", "rel", "name"},
        "img": {"src", "alt", "width", "height"},
        "input": {"type", "checked", "disabled"},
        "ol": {"start"},
    },
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)
_NAME = re.compile(r"[^\W_][\w.-]*")


@dataclass(slots=True)
class ImportSummary:
    """What an import came to; `problems` are lines for people, each with its place."""

    topics: int = 0
    posts: int = 0
    people: int = 0
    categories: int = 0
    unchanged: int = 0
    left_out: int = 0
    problems: list[str] = field(default_factory=list)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Return the lines of a file (`.gz` too) with their numbers, blank ones left out.

    Raises:
        UsageError: the file cannot be read, or is not UTF-8.

    """
    try:
        with path.open("rb") as file, TextIOWrapper(_unpacked(file, path), encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 (byte {error.start}).", where=str(path), do="Save it as UTF-8.") from None
    except (OSError, EOFError) as error:
        raise UsageError(f"cannot be read: {getattr(error, 'strerror', None) or error}.", where=str(path)) from None


def _unpacked(file: BinaryIO, path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if path.suffix == ".gz" else file


class TopicImport:
    """One import into one forum's database, within the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self.summary = ImportSummary()
        self._session = session
        self._topics = set(session.scalars(select(Topic.id)))
        self._posts = set(session.scalars(select(Post.id)))
        self._categories = set(session.scalars(select(Category.id)))
        self._users = {user.username_lower: user for user in session.scalars(select(User))}
        self._user_ids = {user.id for user in self._users.values()}
        self._tags = {tag.name_lower: tag.id for tag in session.scalars(select(Tag))}

    def take(self, where: str, line: str) -> None:
        """Import the topic of one line; what is wrong with it goes to the summary's problems."""
        try:
            topic = ImportedTopic.model_validate_json(line)
        except ValidationError as error:
            self._leave_out(where, explain(error))
            return
        problem = self._clash(topic)
        if problem:
            self._leave_out(where, problem)
        elif topic.id in self._topics:
            self.summary.unchanged += 1
        else:
            self._write(topic, where)

    def _leave_out(self, where: str, problem: str) -> None:
        self.summary.left_out += 1
        self.summary.problems.append(f"{where}: {problem} Left out.")

    def _clash(self, topic: ImportedTopic) -> str | None:
        posts = topic.post_stream.posts
        numbers = [post.post_number for post in posts]
        if len(set(numbers)) != len(numbers) or len({post.id for post in posts}) != len(posts):
            return f"topic {topic.id} has a post twice."
        if topic.id not in self._topics:
            taken = sorted(post.id for post in posts if post.id in self._posts)
            return f"post {taken[0]} of topic {topic.id} is there already, in another topic." if taken else None
        there = self._session.scalar(
            select(Post.topic_id).where(Post.id == posts[0].id, Post.created_at == posts[0].created_at)
        )
        return (
            None if there == topic.id else f"the forum has another topic {topic.id} already. Import into a new forum."
        )

    def _write(self, topic: ImportedTopic, where: str) -> None:
        posts = sorted(topic.post_stream.posts, key=lambda post: post.post_number)
        if len(posts) < topic.posts_count:
            self.summary.problems.append(f"{where}: only {len(posts)} of {topic.posts_count} posts are in this line.")
        self._ensure_category(topic)
        authors = {post.username.lower(): self._author(post) for post in posts}
        rows = [_post_row(topic.id, post, authors, {p.post_number: p for p in posts}) for post in posts]
        regular = [post for post in posts if post.post_type == 1] or posts
        self._session.execute(insert(Topic), [_topic_row(topic, posts, regular, rows, authors)])
        self._session.execute(insert(Post), rows)
        for name in dict.fromkeys(topic.tag_names):
            self._session.execute(insert(TopicTag).values(topic_id=topic.id, tag_id=self._tag(name, topic.created_at)))
        self._topics.add(topic.id)
        self._posts.update(post.id for post in posts)
        self.summary.topics += 1
        self.summary.posts += len(posts)

    def _ensure_category(self, topic: ImportedTopic) -> None:
        number = topic.category_id
        if number is None or number in self._categories:
            return
        name = f"Category {number}"
        self._session.execute(
            insert(Category).values(
                id=number, name=name, slug=slugify(name), position=number, created_at=topic.created_at
            )
        )
        self._categories.add(number)
        self.summary.categories += 1

    def _author(self, post: ImportedPost) -> User:
        folded = post.username.lower()
        known = self._users.get(folded)
        if known is None:
            free = post.user_id > 0 and post.user_id not in self._user_ids
            known = User(
                id=post.user_id if free else None,
                username=post.username,
                username_lower=folded,
                name=post.name or None,
                trust_level=min(4, max(0, post.trust_level or 0)),
                moderator=post.moderator,
                created_at=post.created_at,
            )
            self._session.add(known)
            self._session.flush()
            address = f"{folded}@example.invalid"
            self._session.add(UserEmail(email_lower=address, email=address, user_id=known.id))
            self._users[folded] = known
            self._user_ids.add(known.id)
            self.summary.people += 1
        known.created_at = min(known.created_at, post.created_at)
        known.last_posted_at = max(known.last_posted_at or post.created_at, post.created_at)
        return known

    def _tag(self, name: str, now: datetime) -> int:
        if name.lower() not in self._tags:
            tag = Tag(name=name, name_lower=name.lower(), created_at=now)
            self._session.add(tag)
            self._session.flush()
            self._tags[name.lower()] = tag.id
        return self._tags[name.lower()]


def _topic_row(
    topic: ImportedTopic,
    posts: list[ImportedPost],
    regular: list[ImportedPost],
    rows: list[dict[str, Any]],
    authors: dict[str, User],
) -> dict[str, Any]:
    named = topic.accepted_answer.post_number if topic.accepted_answer else None
    accepted = next((post.id for post in posts if post.accepted_answer or post.post_number == named), None)
    last = max(regular, key=lambda post: post.created_at)
    return {
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug if topic.slug and _NAME.fullmatch(topic.slug) else slugify(topic.title),
        "user_id": authors[posts[0].username.lower()].id,
        "category_id": topic.category_id,
        "archetype": topic.archetype,
        "external_id": topic.external_id,
        "external_id_lower": topic.external_id.lower() if topic.external_id else None,
        "excerpt": excerpt(str(rows[0]["cooked"]), EXCERPT_LENGTH),
        "created_at": topic.created_at,
        "updated_at": last.created_at,
        "bumped_at": last.created_at,
        "last_posted_at": last.created_at,
        "last_post_user_id": authors[last.username.lower()].id,
        "posts_count": len(posts),
        "highest_post_number": posts[-1].post_number,
        "reply_count": topic.reply_count,
        "like_count": sum(post.likes for post in posts),
        "views": topic.views,
        "word_count": sum(int(row["word_count"]) for row in rows),
        "participant_count": len({post.username.lower() for post in posts}),
        "visible": topic.visible,
        "closed": topic.closed,
        "archived": topic.archived,
        "pinned_at": topic.pinned_at,
        "pinned_until": topic.pinned_until,
        "pinned_globally": topic.pinned_globally,
        "accepted_post_id": accepted,
        "deleted_at": topic.deleted_at,
    }


def _post_row(
    topic_id: int, post: ImportedPost, authors: dict[str, User], by_number: dict[int, ImportedPost]
) -> dict[str, Any]:
    cooked = _CLEANER.clean(post.cooked)
    raw = BeautifulSoup(cooked, "html.parser").get_text("\n").strip()
    author = authors[post.username.lower()]
    replied_to = by_number.get(post.reply_to_post_number or 0)
    return {
        "id": post.id,
        "topic_id": topic_id,
        "user_id": author.id,
        "post_number": post.post_number,
        "post_type": post.post_type,
        "action_code": post.action_code,
        "raw": raw,
        "cooked": cooked,
        "reply_to_post_number": post.reply_to_post_number,
        "reply_to_user_id": authors[replied_to.username.lower()].id if replied_to else None,
        "version": post.version,
        "last_editor_id": author.id,
        "reply_count": post.reply_count,
        "quote_count": post.quote_count,
        "incoming_link_count": post.incoming_link_count,
        "like_count": post.likes,
        "reads": post.reads,
        "score": post.score,
        "word_count": word_count(raw),
        "wiki": post.wiki,
        "hidden": post.hidden,
        "user_deleted": post.user_deleted,
        "deleted_at": post.deleted_at,
        "created_at": post.created_at,
        "updated_at": post.updated_at or post.created_at,
    }
