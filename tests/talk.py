"""Topics for tests: those of a real forum, and a small way to write some manually."""

from __future__ import annotations

import gzip
import html
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.model import Post, Topic

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)


def when(text: str) -> datetime:
    """Read a time as Discourse writes it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def read_topic(data: dict[str, Any]) -> Topic:
    """Return a topic from what `GET /t/ID.json` answered."""
    posts = tuple(
        Post(
            id=post["id"],
            topic_id=data["id"],
            number=post["post_number"],
            user_id=post["user_id"],
            username=post["username"],
            name=post["name"] or "",
            created_at=when(post["created_at"]),
            raw=None,
            cooked=post["cooked"],
            likes=next((action.get("count", 0) for action in post["actions_summary"] if action["id"] == 2), 0),
            reply_to=post["reply_to_post_number"],
            accepted=bool(post.get("accepted_answer")),
        )
        for post in data["post_stream"]["posts"]
        if post["post_type"] == 1 and not (post.get("user_deleted") or post.get("deleted_at"))
    )
    created = when(data["created_at"])
    return Topic(data["id"], data["category_id"], data["title"], data["slug"], created, posts, closed=data["closed"])


def read_topics(path: Path) -> list[Topic]:
    """Return every topic of a file with one a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_each_post_once(read_topic(json.loads(line))) for line in lines]


def _each_post_once(topic: Topic) -> Topic:
    """Return a topic in which no post comes twice, as a crawl may leave it."""
    return replace(topic, posts=tuple({post.id: post for post in topic.posts}.values()))


def as_of(topics: list[Topic], now: datetime) -> list[Topic]:
    """Return the topics as they stood at a moment."""
    cut = [replace(topic, posts=tuple(post for post in topic.posts if post.created_at < now)) for topic in topics]
    return [topic for topic in cut if topic.posts]


@dataclass
class Talk:
    """Topics written manually; `say` adds a post."""

    topics: dict[int, Topic] = field(default_factory=dict)
    posts: int = 0
    now: datetime = NOON

    def open(self, title: str, author: str, text: str, *, days_ago: float = 3, **more: Any) -> int:
        """Open a topic and return its id."""
        topic_id = 100 + len(self.topics)
        created = NOON - timedelta(days=days_ago)
        self.topics[topic_id] = Topic(topic_id, 5, title, f"topic-{topic_id}", created, ())
        self.say(topic_id, author, text, days_ago=days_ago, **more)
        return topic_id

    def say(self, topic_id: int, author: str, text: str, *, days_ago: float = 2, **more: Any) -> Post:
        """Add a post; paragraphs of `text` are parted by an empty line."""
        self.posts += 1
        topic = self.topics[topic_id]
        cooked = "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in text.split("\n\n"))
        base = Post(
            id=self.posts,
            topic_id=topic_id,
            number=len(topic.posts) + 1,
            user_id=sum(map(ord, author)),
            username=author,
            name=author.capitalize(),
            created_at=NOON - timedelta(days=days_ago),
            raw=text,
            cooked=cooked,
            likes=0,
        )
        post = replace(base, **more)
        self.topics[topic_id] = replace(topic, posts=(*topic.posts, post))
        return post

    def reword(self, post: Post, text: str) -> None:
        """Let its author edit a post."""
        cooked = "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in text.split("\n\n"))
        topic = self.topics[post.topic_id]
        posts = tuple(replace(one, raw=text, cooked=cooked) if one.id == post.id else one for one in topic.posts)
        self.topics[post.topic_id] = replace(topic, posts=posts)

    @property
    def all(self) -> list[Topic]:
        """All topics."""
        return list(self.topics.values())
