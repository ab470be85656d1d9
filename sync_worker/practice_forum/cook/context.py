"""What cooking a post asks of the forum: who is mentioned, and which topics and categories a text names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


class Mentioned(StrEnum):
    """What an `@name` means."""

    USER = "user"
    GROUP = "group"
    MENTIONABLE_GROUP = "mentionable group"


@dataclass(frozen=True, slots=True)
class QuotedTopic:
    """A topic that a quote comes from: its address and its title as HTML-free text."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Hashtag:
    """The category that a `#slug` means."""

    id: int
    slug: str
    name: str
    url: str


def _no_mentions(_names: Collection[str]) -> Mapping[str, Mentioned]:
    return {}


def _nothing(_key: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class CookContext:
    """What cooking asks of the forum around it.

    Every resolver may be left out. `mentions` gets the lower-case names of a post, all at once. Links of `trusted`
    authors carry no `rel`.
    """

    base_url: str = ""
    topic_id: int | None = None
    trusted: bool = True
    mentions: Callable[[Collection[str]], Mapping[str, Mentioned]] = _no_mentions
    avatar: Callable[[str], str | None] = _nothing
    primary_group: Callable[[str], str | None] = _nothing
    topic: Callable[[int], QuotedTopic | None] = _nothing
    hashtag: Callable[[str], Hashtag | None] = _nothing
