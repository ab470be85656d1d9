"""What must not be shown any more, by the store alone: the forum is asked only where something has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.activity.consents import refused_posts
from sync_worker.activity.reader import is_anonymised
from sync_worker.activity.silent import silent_names, writers_of
from sync_worker.model import Citation, Use
from sync_worker.publish.citations import Finding, Trouble, holds
from sync_worker.store.tables import PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session


TAKES_OUT = frozenset({
    Trouble.TOPIC_GONE, Trouble.UNLISTED, Trouble.PRIVATE, Trouble.POST_GONE, Trouble.HIDDEN, Trouble.WHISPERED,
    Trouble.OTHER_AUTHOR, Trouble.PASSAGE_GONE, Trouble.ANONYMISED, Trouble.UNQUOTED, Trouble.NO_CONSENT,
    Trouble.NAMED,
})  # fmt: skip
"""What takes a part out. A closed question, a new name or title and a suspended author leave it as it is."""


def refused(session: Session, forum: str, citations: Iterable[Citation]) -> tuple[Finding, ...]:
    """Return the quotes of posts of which their authors said, asked about a story, that they are not to be shown.

    What an author answers is read from the conversation about the story; here it is known. No call.
    """
    quotes = [one for one in citations if one.use is Use.QUOTE and one.post_id is not None]
    numbers = refused_posts(session, forum, {one.post_id for one in quotes if one.post_id is not None})
    return tuple(Finding(one, Trouble.NO_CONSENT) for one in quotes if one.post_id in numbers)


def unwished(session: Session, forum: str, citations: Sequence[Citation]) -> tuple[Finding, ...]:
    """Return what shows words of somebody who asked not to be quoted: a post of theirs, or a title that they wrote.

    What people choose is in the store as soon as it is known. No call.
    """
    silent = unquoted(session, forum)
    if not silent or not citations:
        return ()
    wanted = {one.topic_id for one in citations}
    query = select(PostRow.topic_id, PostRow.number, PostRow.user_id)
    rows = session.execute(query.where(PostRow.forum == forum, PostRow.topic_id.in_(wanted)))
    authors = {(topic_id, number): user_id for topic_id, number, user_id in rows}
    openers = {topic_id: user_id for (topic_id, number), user_id in authors.items() if number == 1}
    named = (one for one in citations if one.use not in {Use.LINK, Use.OWN})
    written = [one for one in named if (one.user_id or authors.get((one.topic_id, one.number))) in silent]
    titles = [one.citation for one in titles_of(citations, openers, silent)]
    return tuple(Finding(one, Trouble.UNQUOTED) for one in citations if one in written or one in titles)


def naming(session: Session, forum: str, citations: Sequence[Citation]) -> tuple[Finding, ...]:
    """Return what shows words, or a title, in which somebody is named who asked not to be quoted. No call."""
    names = silent_names(session, forum)
    if names.trace is None:
        return ()
    writers = writers_of(session, forum, {one.topic_id for one in citations})
    found = []
    for one in citations:
        texts = (*one.passages, one.title) if one.use is not Use.OWN else ()
        if any(names.in_text(text, writers.get(one.topic_id, ())) for text in texts):
            found.append(Finding(one, Trouble.NAMED))
    return tuple(found)


def titles_of(
    citations: Iterable[Citation], openers: Mapping[int, int], silent: Collection[int]
) -> tuple[Finding, ...]:
    """Return what shows a title of somebody in `silent`; `openers` are the accounts that opened each topic. Pure."""
    shown = (one for one in citations if one.title or one.titled)
    return tuple(Finding(one, Trouble.UNQUOTED) for one in shown if openers.get(one.topic_id) in silent)


def doubtful(session: Session, forum: str, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations that, as far as the store knows, may not be shown any more. No call."""
    cited = [one for one in citations if one.pieces]
    wanted = {one.topic_id for one in cited}
    topics = set(session.scalars(select(TopicRow.id).where(TopicRow.forum == forum, TopicRow.id.in_(wanted))))
    numbers = {one.post_id for one in cited if one.post_id is not None}
    rows = session.scalars(select(PostRow).where(PostRow.forum == forum, PostRow.id.in_(numbers)))
    posts = {row.id: row for row in rows}
    return [one for one in cited if one.topic_id not in topics or not _stands(one, posts.get(one.post_id or 0))]


def _stands(citation: Citation, post: PostRow | None) -> bool:
    if citation.use is Use.LINK:
        return True
    return (
        post is not None
        and post.topic_id == citation.topic_id
        and not is_anonymised(post.username, post.name)
        and all(holds(passage, post.cooked) for passage in citation.passages)
    )
