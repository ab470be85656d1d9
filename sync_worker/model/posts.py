"""Topics and posts of the forum as the activity store keeps them, and the facts that are computed from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

KEY_PREFIX = "lcm-"
"""How the keys begin by which the worker's own topics are recognised: their external ids."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the activity store keeps it. Times are aware and in UTC.

    Of a post that is not `quotable` no word is shown and its author is not named: a bot wrote it, or somebody whose
    account was anonymised or who asked not to be quoted.
    """

    id: int
    topic_id: int
    number: int
    user_id: int
    username: str
    name: str
    created_at: datetime
    raw: str | None
    cooked: str
    likes: int
    reads: int = 0
    reply_to: int | None = None
    accepted: bool = False
    marked: bool = False  # by an LCM, as a practice worth carrying on
    quotable: bool = True

    @property
    def by_a_person(self) -> bool:
        """Whether a person wrote it; Discourse gives its own accounts and those of helpers ids of 0 and below."""
        return self.user_id > 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with its regular posts in order, as the activity store keeps it."""

    id: int
    category_id: int
    title: str
    slug: str
    created_at: datetime
    posts: tuple[Post, ...]
    tags: tuple[str, ...] = ()
    views: int = 0
    closed: bool = False
    external_id: str | None = None

    @property
    def opening(self) -> Post | None:
        """The first post, unless it was removed."""
        return self.posts[0] if self.posts and self.posts[0].number == 1 else None

    def opened_by(self, usernames: Collection[str]) -> bool:
        """Whether one of these accounts, the worker's and the LCMs', opened the topic.

        Our plugin reports no posts of Discourse's own accounts, such as `system`: a topic that has a key of the worker
        and not its first post was opened by the worker.
        """
        if self.opening is None:
            return (self.external_id or "").startswith(KEY_PREFIX)
        return self.opening.username in usernames


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact computed from forum activity, with the posts that prove it."""

    kind: str
    subject: str
    reason: str
    score: float = 0.0
    posts: tuple[int, ...] = ()
