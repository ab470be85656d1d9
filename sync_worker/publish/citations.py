"""What a draft shows of the forum: what its play noted, and what stands in its text without a note. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.model import Citation, Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import Draft

PUBLISHING = frozenset({"roundup", "story", "consent", "consent-again"})
_QUOTE = re.compile(
    r'\[quote="(?P<username>[\w.-]{1,60}), post:(?P<number>\d{1,9}), topic:(?P<topic>\d{1,15})"\]\n'
    r"(?P<text>.*?)\n\[/quote\]",
    re.DOTALL,
)


def citations_of(draft: Draft) -> tuple[Citation, ...]:
    """Return what is shown of the forum by a draft as it stands; nothing for drafts that publish and ask nothing.

    What a person took out of a roundup counts no more. Quotes of which nothing was noted (a draft of an older version,
    or words that a person put in) are read from the text.
    """
    cut = "roundup" in draft.refs
    noted = tuple(one for one in draft.citations if not cut or _stands_in(one, draft.raw))
    if not PUBLISHING & set(draft.refs):
        return noted
    known = {(one.topic_id, one.number, one.username) for one in noted}
    return (*noted, *(one for one in _written(draft) if (one.topic_id, one.number, one.username) not in known))


def called_now(draft: Draft, topics: Mapping[int, ForumTopic | None]) -> Draft:
    """Return a draft with the authors of its quotes, and those it is sent to, by the usernames that they have now.

    A person without a name beside the username may be named by it in the text, which only a new text puts right.
    """
    there = [topic for topic in topics.values() if topic is not None]
    posts = {(topic.id, post.number): post for topic in there for post in topic.posts if post.name}

    def head(found: re.Match[str]) -> str:
        post = posts.get((int(found["topic"]), int(found["number"])))
        return found[0].replace(f'"{found["username"]},', f'"{post.username},', 1) if post is not None else found[0]

    citations = []
    names: dict[str, str] = {}
    for one in draft.citations:
        post = posts.get((one.topic_id, one.number))
        if post is not None and one.username and one.user_id == post.user_id:
            names[one.username] = post.username
            one = replace(one, username=post.username)  # noqa: PLW2901
        citations.append(one)
    recipients = tuple(names.get(name, name) for name in draft.recipients)
    return replace(draft, raw=_QUOTE.sub(head, draft.raw), citations=tuple(citations), recipients=recipients)


def _stands_in(citation: Citation, raw: str) -> bool:
    """Whether a text still quotes a post or links to it."""
    topic, number = citation.topic_id, citation.number
    place = rf"{topic}/{number}\b" if number > 1 else rf"{topic}(?:/1)?(?![/\d])"
    return bool(re.search(rf"post:{number}, topic:{topic}\b|/t/[^/\s)]+/{place}", raw))


def _written(draft: Draft) -> Iterator[Citation]:
    for found in _QUOTE.finditer(draft.raw):
        yield Citation(
            Use.QUOTE,
            int(found["topic"]),
            number=int(found["number"]),
            username=found["username"],
            passages=(found["text"],),
        )
