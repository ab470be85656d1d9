"""A roundup that was published, without what must not be shown any more: which parts go, and the edit itself.

What its author deleted, hid, moved out of sight or took words out of, and what belongs to somebody who does not want to
be quoted any more, is taken out of the topic's first post; all else stays as it is, an LCM's own changes too. The store
says whether there is anything to look at, so that a look at the forum costs calls only where something has changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.feed import unquoted
from sync_worker.activity.reader import is_anonymised
from sync_worker.model import Use
from sync_worker.publish.recheck import Trouble, holds
from sync_worker.publish.verdict import Carried
from sync_worker.store.tables import PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Citation
    from sync_worker.store.tables import LedgerRow

GONE = "the topic is gone already"
NOT_OURS = "the topic is not ours any more; nothing was changed"
NOTHING_LEFT = "nothing of it stands in the topic any more"
TAKES_OUT = frozenset({
    Trouble.TOPIC_GONE, Trouble.UNLISTED, Trouble.PRIVATE, Trouble.POST_GONE, Trouble.HIDDEN, Trouble.WHISPERED,
    Trouble.OTHER_AUTHOR, Trouble.PASSAGE_GONE, Trouble.ANONYMISED, Trouble.UNQUOTED,
})  # fmt: skip
"""What takes a part out. A closed question, a new name or title and a suspended author leave it as it is."""

_EMPTY_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]*(?:\n|\Z)")
_GAP = re.compile(r"\n{3,}")


def doubtful(session: Session, forum: str, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations that, as far as the store knows, may not be shown any more. No call."""
    cited = [one for one in citations if one.pieces]
    barred = unquoted(session, forum)
    wanted = {one.topic_id for one in cited}
    topics = set(session.scalars(select(TopicRow.id).where(TopicRow.forum == forum, TopicRow.id.in_(wanted))))
    numbers = {one.post_id for one in cited if one.post_id is not None}
    rows = session.scalars(select(PostRow).where(PostRow.forum == forum, PostRow.id.in_(numbers)))
    posts = {row.id: row for row in rows}
    return [one for one in cited if one.topic_id not in topics or not _stands(one, posts.get(one.post_id or 0), barred)]


def _stands(citation: Citation, post: PostRow | None, barred: frozenset[int]) -> bool:
    if citation.use is Use.LINK:
        return True
    return (
        post is not None
        and post.topic_id == citation.topic_id
        and post.user_id not in barred
        and not is_anonymised(post.username, post.name)
        and all(holds(passage, post.cooked) for passage in citation.passages)
    )


def without(raw: str, parts: Iterable[Sequence[str]]) -> str:
    """Return a text without these parts, each a list of pieces in the order of the text, and the marks left empty.

    Where an LCM rewrote a part, so that it is not found as a whole, the pieces go that are found by themselves and
    cannot be somebody else's: quotes and links.
    """
    for pieces in parts:
        raw = _cut(raw, pieces)
    return _GAP.sub("\n\n", _EMPTY_MARK.sub("", raw)).strip()


def _cut(raw: str, pieces: Sequence[str]) -> str:
    begin = end = raw.find(pieces[0])
    for piece in pieces:
        at = raw.find(piece, end) if end >= 0 else -1
        end = at + len(piece) if at >= 0 else -1
    if 0 <= begin < end and "\n#" not in raw[begin:end]:
        return raw[:begin] + raw[end:]
    for piece in pieces:
        if "[/quote]" in piece or "](" in piece:
            raw = raw.replace(piece, "")
    return raw


def revise(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Take parts out of a topic of ours, once: where they are not there any more, nothing is done. Calls: 2, or 1.

    Raises:
        ForumError: it could not be done, or somebody changed the text meanwhile; the entry stays intended.

    """
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if target is None or topic is None or opening is None:
        return Carried("done", topic_id, reason=GONE)
    if opening.username != forum.username:
        return Carried("skipped", topic_id, reason=NOT_OURS)
    present = opening.raw or ""
    wanted = without(present, row.payload["parts"])
    if wanted == present.strip():
        return Carried("done", topic_id, opening.id, reason=NOTHING_LEFT)
    forum.edit_opening(opening.id, topic.title, wanted, instead_of=present)
    return Carried("done", topic_id, opening.id)
