"""Topics whose author says to be stuck, without asking a question, and to whom nobody has helped yet. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.signals.contributions import OpenQuestion
from sync_worker.signals.plain import sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, timedelta

    from sync_worker.model import Post, Topic

_SAYS_STUCK = re.compile(
    r"^\W*(stuck|blocked)\b|\b(i am|i'm|i’m|we are|we're|we’re|still) (completely |totally )?(stuck|blocked)\b"
    r"|^\W*(bloquée?s?|coincée?s?|blocage)\b|\b(je suis|nous sommes|suis|toujours) (bloquée?s?|coincée?s?)\b",
    re.IGNORECASE,
)
# An answer that shares the trouble is none.
_SHARES_IT = re.compile(
    r"^\W*(same (here|problem|issue|question)|me too|mine too|us too|likewise|\+ ?1"
    r"|moi aussi|nous aussi|pareil|idem|m[eê]me (souci|probl[eè]me|question))\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(solved|resolved|it works|works now|sorted|unblocked|found it|résolue?|ça marche|débloquée?|trouvé)\b",
    re.IGNORECASE,
)
_LONGEST_SHARING = 160  # a longer post that begins so goes on to something of its own
_LONGEST = 200


def stuck_topics(
    topics: Iterable[Topic], now: datetime, oldest: timedelta, leave_out: Collection[str]
) -> list[OpenQuestion]:
    """Return the topics younger than `oldest` whose author is stuck, the longest open first, as open questions."""
    found = [_stuck(topic, now) for topic in topics if now - oldest <= topic.created_at < now]
    wanted = [one for one in found if one and one.post.username not in leave_out]
    return sorted(wanted, key=lambda one: (one.topic.created_at, one.topic.id))


def _stuck(topic: Topic, now: datetime) -> OpenQuestion | None:
    opening = topic.opening
    if opening is None or topic.closed:
        return None
    told = [sentence.text for sentence in sentences(opening.cooked)]
    if not _SAYS_STUCK.search(topic.title) and not any(_SAYS_STUCK.search(text) for text in told):
        return None
    later = [post for post in topic.posts if post.number > 1 and post.created_at < now]
    if any(post.accepted or _ends_it(post, opening) for post in later):
        return None
    others = {post.username for post in later if post.username != opening.username}
    said = next((text for text in told if len(text) <= _LONGEST), "")
    return OpenQuestion(topic, opening, said, (now - topic.created_at).days, len(others))


def _ends_it(post: Post, opening: Post) -> bool:
    """Whether somebody helped, or the author came back to say that it is over."""
    text = " ".join(sentence.text for sentence in sentences(post.cooked))
    if post.username == opening.username:
        return bool(_OVER.search(text))
    return not (_SHARES_IT.search(text) and len(text) <= _LONGEST_SHARING)
