"""What a published text of ours shows, read from the text itself: for a store that did not see it drafted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.model import Citation, Use
from sync_worker.signals.plain import clean_title, letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.forum.records import ForumPost, ForumTopic

_QUOTE = "[quote="
_SECTION = re.compile(r"(?m)^(?=#{1,6}[ \t])")
_MARK = re.compile(r"^[ \t]*(?:#{1,6}|[-*+]|\d+[.)])[ \t]+")
_PIECE = re.compile(r"\[quote=[^\]\n]*\]\n.*?\n\[/quote\]|[^\n]+", re.DOTALL)
_QUOTED = re.compile(
    r'\[quote="[^"\]]*?, ?post:(?P<number>\d{1,9}), ?topic:(?P<topic>\d{1,15})[^\]]*\]\n(?P<text>.*)\n', re.DOTALL
)
_LINKED = re.compile(r"\]\([^)\s]{1,300}?/t/[^/)\s]{1,300}/(?P<topic>\d{1,15})(?:/(?P<number>\d{1,9}))?\)")


@dataclass(frozen=True, slots=True)
class CitationsInText:
    """Finds what a roundup or a story quotes, names and links to; `topic` returns a topic, None where it is gone.

    What is taken out of a roundup for somebody is at least all that is there because of them: with the post that
    an item begins with the whole item goes, under its heading, with any other post the line or quote that shows it.
    """

    topic: Callable[[int], ForumTopic | None]

    def of(self, raw: str) -> tuple[Citation, ...]:
        """Return what a text shows, in its order."""
        return tuple(one for section in _SECTION.split(raw) for one in self._of_section(section))

    def _of_section(self, section: str) -> Iterator[Citation]:
        pieces = [_MARK.sub("", found[0]) for found in _PIECE.finditer(section)]
        has_quote = any(piece.startswith(_QUOTE) for piece in pieces)
        item: tuple[int, int] | None = None
        for place, piece in enumerate(pieces):
            is_quote = piece.startswith(_QUOTE)
            for found in (_QUOTED if is_quote else _LINKED).finditer(piece):
                at = int(found["topic"]), int(found["number"] or 1)
                topic = self.topic(at[0])
                post = next((one for one in topic.posts if one.number == at[1]), None) if topic is not None else None
                if topic is None or post is None:
                    continue
                if item is None and section.startswith("#") and (has_quote or _is_about(pieces[0], topic, post)):
                    item = at
                shown = pieces if at == item else pieces[place - is_quote : place + 1]
                yield _cited(topic, post, found["text"] if is_quote else "", tuple(shown))


def _is_about(heading: str, topic: ForumTopic, post: ForumPost) -> bool:
    """Whether a heading names a topic, or the author of a post."""
    return any(name and letters(name) in letters(heading) for name in (_title(topic), post.name, post.username))


def _title(topic: ForumTopic) -> str:
    return clean_title(topic.title) or topic.title


def _cited(topic: ForumTopic, post: ForumPost, quoted: str, pieces: tuple[str, ...]) -> Citation:
    title = letters(_title(topic))
    says_title = any(title in letters(piece) for piece in pieces if not piece.startswith(_QUOTE))
    return Citation(
        Use.QUOTE if quoted else Use.CALL,
        topic.id,
        title=topic.title if says_title else "",
        post_id=post.id,
        number=post.number,
        user_id=post.user_id,
        username=post.username,
        name=post.name,
        passages=(quoted,) if quoted else (),
        pieces=pieces,
    )
