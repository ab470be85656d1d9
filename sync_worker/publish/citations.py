"""What a draft shows of the forum, and whether that still holds for the readers of the place it goes to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.activity.collect import REGULAR, is_listed
from sync_worker.activity.reader import is_anonymised
from sync_worker.model import Citation, Use
from sync_worker.signals.handing_on import may_show, promises
from sync_worker.signals.plain import letters, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Draft


PUBLISHING = frozenset({"roundup", "story", "consent", "consent-again"})
QUOTED_POST = re.compile(
    r'\[quote="(?P<username>[\w.-]{1,60}), post:(?P<number>\d{1,9}), topic:(?P<topic>\d{1,15})"\]\n'
    r"(?P<text>.*?)\n\[/quote\]",
    re.DOTALL,
)
"""A quote in a raw text: of whom, of which post, and the words."""
GAP = re.compile(r"\(…\)|…")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’»)]*\s+")
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
HANDING_ON = frozenset({Use.HAND_ON, Use.HAND_ON_UNNAMED})
NOT_FOR_READERS = HANDING_ON | {Use.OWN, Use.AGREED}  # shown elsewhere: who reads the topic does not matter


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
    return replace(draft, raw=QUOTED_POST.sub(head, draft.raw), citations=tuple(citations), recipients=recipients)


def _stands_in(citation: Citation, raw: str) -> bool:
    """Whether a text still quotes a post or links to it."""
    topic, number = citation.topic_id, citation.number
    place = rf"{topic}/{number}\b" if number > 1 else rf"{topic}(?:/1)?(?![/\d])"
    return bool(re.search(rf"post:{number}, topic:{topic}\b|/t/[^/\s)]+/{place}", raw))


def _written(draft: Draft) -> Iterator[Citation]:
    for found in QUOTED_POST.finditer(draft.raw):
        yield Citation(
            Use.QUOTE,
            int(found["topic"]),
            number=int(found["number"]),
            username=found["username"],
            passages=(found["text"],),
        )


class Trouble(StrEnum):
    """What no longer holds of a citation."""

    TOPIC_GONE = "the topic was deleted"
    UNLISTED = "the topic was unlisted"
    PRIVATE = "the topic stands where not all readers can see it"
    RETITLED = "the topic has another title"
    CLOSED = "the question was closed or answered"
    POST_GONE = "the post was deleted or moved"
    HIDDEN = "the post is hidden"
    WHISPERED = "the post is only for staff"
    OTHER_AUTHOR = "the post belongs to somebody else"
    PASSAGE_GONE = "the passage was taken out of the post"
    ANONYMISED = "the author's account was anonymised"
    NOT_IN_GOOD_STANDING = "the author is suspended or silenced, or the account is gone"
    UNQUOTED = "the author asked not to be quoted"
    NAMED = "somebody who is named there asked not to be quoted"
    ANSWERED = "it was answered meanwhile"
    LEFT = "the person is not in the cohort any more"
    NOT_SO = "it is not so any more"
    NO_CONSENT = "the author's consent does not stand"
    RENAMED = "the author has another name"
    UNWILLING = "one of the people does not want to be brought together with others"


MENDABLE = frozenset({Trouble.RENAMED, Trouble.RETITLED})


@dataclass(frozen=True, slots=True)
class Finding:
    """A citation and what no longer holds of it."""

    citation: Citation
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Facts:
    """What was just looked up.

    `topics` has None for a topic that is gone, `readable` the categories that everybody can see who reads the target,
    `unquoted` the accounts that asked not to be quoted, `barred` those that are suspended, silenced or deleted.
    """

    topics: Mapping[int, ForumTopic | None]
    readable: frozenset[int]
    unquoted: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()


def judge(citations: Sequence[Citation], facts: Facts) -> tuple[Finding, ...]:
    """Return what no longer holds; empty where a draft may go out as it stands."""
    judged = ((citation, _trouble(citation, facts)) for citation in citations)
    return tuple(Finding(citation, trouble) for citation, trouble in judged if trouble is not None)


def _trouble(citation: Citation, facts: Facts) -> Trouble | None:
    topic = facts.topics.get(citation.topic_id)
    if topic is None:
        return Trouble.TOPIC_GONE
    failed = {
        Trouble.UNLISTED: not is_listed(topic),
        Trouble.PRIVATE: citation.use not in NOT_FOR_READERS and topic.category_id not in facts.readable,
        Trouble.CLOSED: citation.use is Use.QUESTION and (topic.closed or any(post.accepted for post in topic.posts)),
    }
    found = next((trouble for trouble, fails in failed.items() if fails), None)
    if found is None and citation.use is not Use.LINK:
        post = _find(citation, topic)
        found = Trouble.POST_GONE if post is None else _trouble_of_post(citation, post, facts)
    if found is None and citation.use in HANDING_ON and not _may_be_handed_on(citation, topic):
        found = Trouble.NO_CONSENT
    renamed = bool(citation.title) and citation.title != topic.title
    return found or (Trouble.RETITLED if renamed else None)


def _may_be_handed_on(citation: Citation, topic: ForumTopic) -> bool:
    """Whether the topic still promises what it did, and all that the author wrote there allows it so."""
    opening = next((post for post in topic.posts if post.number == 1), None)
    written = [post.cooked for post in topic.posts if post.user_id == citation.user_id and post.number > 1]
    return opening is not None and promises(opening.cooked) and may_show(written, named=citation.use is Use.HAND_ON)


def _find(citation: Citation, topic: ForumTopic) -> ForumPost | None:
    """Return the post by its id, or by its number where a draft tells no more."""
    by_id = citation.post_id is not None
    posts = (post for post in topic.posts if (post.id == citation.post_id if by_id else post.number == citation.number))
    return next(posts, None)


def _trouble_of_post(citation: Citation, post: ForumPost, facts: Facts) -> Trouble | None:
    failed = {
        Trouble.HIDDEN: post.hidden,
        Trouble.WHISPERED: post.post_type != REGULAR,
        Trouble.OTHER_AUTHOR: citation.user_id not in (None, post.user_id),
        Trouble.UNQUOTED: post.user_id in facts.unquoted and citation.use is not Use.OWN,
        Trouble.ANONYMISED: is_anonymised(post.username, post.name),
        Trouble.NOT_IN_GOOD_STANDING: post.user_id in facts.barred or post.user_id <= 0,
        Trouble.PASSAGE_GONE: not all(holds(passage, post.cooked) for passage in citation.passages),
        Trouble.RENAMED: citation.username not in ("", post.username) or _other_name(citation, post),
    }
    return next((trouble for trouble, fails in failed.items() if fails), None)


def _other_name(citation: Citation, post: ForumPost) -> bool:
    is_kept = citation.use in {Use.KEPT, Use.AGREED}
    return citation.user_id is not None and citation.name != post.name and not is_kept


def holds(passage: str, cooked: str) -> bool:
    """Whether every sentence of a passage still stands in a post, letter by letter; marks and spaces do not count.

    What a passage leaves out is marked with an ellipsis; its parts may stand apart.
    """
    words = letters(plain_text(cooked))
    for mark, char in ENTITIES.items():
        passage = passage.replace(mark, char)
    parts = [part for piece in GAP.split(passage) for part in SENTENCE_END.split(piece)]
    return all(letters(part) in words for part in parts)


def reason_of(findings: Sequence[Finding]) -> str:
    """Return what no longer holds, each cause once, with the topics."""
    places = [f" (topic {one.citation.topic_id})" if one.citation.topic_id else "" for one in findings]
    causes = dict.fromkeys(f"{one.trouble.value}{place}" for one, place in zip(findings, places, strict=True))
    return "; ".join(causes)
