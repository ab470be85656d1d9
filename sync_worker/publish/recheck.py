"""Whether what a draft shows still holds: each citation against the forum as the readers of the target see it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.activity.collect import REGULAR, is_listed
from sync_worker.activity.reader import is_anonymised
from sync_worker.model import Use
from sync_worker.signals.handing_on import may_show, promises
from sync_worker.signals.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Citation

GAP = re.compile(r"\(…\)|…")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’»)]*\s+")
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}


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
    ANSWERED = "it was answered meanwhile"
    LEFT = "the person is not in the cohort any more"
    NOT_SO = "it is not so any more"
    NO_CONSENT = "the author's consent does not stand"
    RENAMED = "the author has another name"
    UNWILLING = "one of the people does not want to be brought together with others"


HANDING_ON = frozenset({Use.HAND_ON, Use.HAND_ON_UNNAMED})
NOT_FOR_READERS = HANDING_ON | {Use.OWN}  # shown elsewhere: who reads the topic does not matter
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
    return citation.user_id is not None and citation.name != post.name


def holds(passage: str, cooked: str) -> bool:
    """Whether every sentence of a passage still stands in a post, letter by letter; marks and spaces do not count.

    What a passage leaves out is marked with an ellipsis; its parts may stand apart.
    """
    words = letters(plain_text(cooked))
    for mark, char in ENTITIES.items():
        passage = passage.replace(mark, char)
    parts = [part for piece in GAP.split(passage) for part in SENTENCE_END.split(piece)]
    return all(letters(part) in words for part in parts)


def letters(text: str) -> str:
    """Return the letters and digits of a text, without regard to case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text)).casefold()
