"""What a draft shows of the forum, whether it still holds; and a published roundup without what does not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.activity.collect import REGULAR, is_listed
from sync_worker.activity.reader import is_anonymised
from sync_worker.activity.replies import digest_of
from sync_worker.activity.silent import silent_names, writers_of
from sync_worker.content.markdown import JOINER, escape
from sync_worker.model import Citation, Use
from sync_worker.publish.acts import Carried, own_reply
from sync_worker.publish.earlier_texts import hide_earlier_texts, takes_away
from sync_worker.publish.entries import marker
from sync_worker.signals.handing_on import may_show, promises
from sync_worker.signals.plain import clean_title, letters, plain_text
from sync_worker.store.tables import ConsentRow, PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Draft
    from sync_worker.store.tables import LedgerRow


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


# Whether what a draft shows still holds: each citation against the forum as the readers of the target see it. Pure.


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
    NAMED = "somebody who is named there asked not to be quoted"
    ANSWERED = "it was answered meanwhile"
    LEFT = "the person is not in the cohort any more"
    NOT_SO = "it is not so any more"
    NO_CONSENT = "the author's consent does not stand"
    RENAMED = "the author has another name"
    UNWILLING = "one of the people does not want to be brought together with others"


HANDING_ON = frozenset({Use.HAND_ON, Use.HAND_ON_UNNAMED})
NOT_FOR_READERS = HANDING_ON | {Use.OWN, Use.AGREED}  # shown elsewhere: who reads the topic does not matter
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


# A text that was published, without what must not be shown any more: which parts go, and the edit itself.
# What its author deleted, hid, moved out of sight or took words out of, and what belongs to somebody who does not
# want to be quoted any more, is taken out of the topic's first post; all else stays as it is, an LCM's own changes
# too. The store says whether there is anything to look at, so that a look at the forum costs calls only where
# something has changed.


GONE = "the topic is gone already"
NOT_OURS = "the topic is not ours any more; nothing was changed"
CHANGED = "somebody changed the text; it is left as it is"
NOTHING_LEFT = "nothing of it stands in the topic any more"
TAKES_OUT = frozenset({
    Trouble.TOPIC_GONE, Trouble.UNLISTED, Trouble.PRIVATE, Trouble.POST_GONE, Trouble.HIDDEN, Trouble.WHISPERED,
    Trouble.OTHER_AUTHOR, Trouble.PASSAGE_GONE, Trouble.ANONYMISED, Trouble.UNQUOTED, Trouble.NO_CONSENT,
    Trouble.NAMED,
})  # fmt: skip
"""What takes a part out. A closed question, a new name or title and a suspended author leave it as it is."""

_LINK = re.compile(
    r"\[(?P<said>[^\]\n]{1,300})\]\((?P<site>[^)\s]{1,300}?)/t/[^/)\s]{1,300}/(?P<topic>\d{1,15})(?P<number>/\d{1,9})?\)"
)
TELLING = 10  # letters; a shorter title may be anybody's words
_EMPTY_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]*(?:\n|\Z)")
_GAP = re.compile(r"\n{3,}")


def refused(session: Session, forum: str, citations: Iterable[Citation]) -> tuple[Finding, ...]:
    """Return the quotes of posts of which their authors said, asked about a story, that they are not to be shown.

    What an author answers is read from the conversation about the story; here it is known. No call.
    """
    quotes = [one for one in citations if one.use is Use.QUOTE and one.post_id is not None]
    query = select(ConsentRow.post_id).where(
        ConsentRow.forum == forum, ConsentRow.answer == "no", ConsentRow.post_id.in_({one.post_id for one in quotes})
    )
    numbers = frozenset(session.scalars(query)) if quotes else frozenset()
    return tuple(Finding(one, Trouble.NO_CONSENT) for one in quotes if one.post_id in numbers)


def reason_of(findings: Sequence[Finding]) -> str:
    """Return what no longer holds, each cause once, with the topics."""
    places = [f" (topic {one.citation.topic_id})" if one.citation.topic_id else "" for one in findings]
    causes = dict.fromkeys(f"{one.trouble.value}{place}" for one, place in zip(findings, places, strict=True))
    return "; ".join(causes)


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
        if "[/quote]" in piece or "](" in piece or piece.startswith("> "):
            raw = raw.replace(piece, "")
    return raw


def handed_parts(raw: str, citation: Citation) -> list[tuple[str, str]]:
    """Return the quotes of a text for another cohort that show this post, each with the credit below it."""
    said = [one for passage in citation.passages if (one := letters(passage))]
    return [
        (quoted.strip(), below.strip())
        for quoted, below in pairwise(raw.split("\n\n"))
        if quoted.startswith("> ") and any(one in letters(quoted) for one in said)
    ]


def renamed(text: str, change: Mapping[str, Any]) -> str:
    """Return a text after a change of names: `instead` of some headings others, and `unname` of some topics."""
    for old, new in change.get("instead", ()):
        text = text.replace(old, new)
    for topic_id, title, label in change.get("unname", ()):
        text = without_name(text, topic_id, title, label)
    return text


def without_name(text: str, topic_id: int, title: str, label: str) -> str:
    """Return a text that says `label` where it said the title of a topic; its links and quotes do not show it either.

    A link gets no slug, which is made of the title. A quote that leads to its post, which Discourse shows below the
    topic's title, becomes one that leads nowhere.
    """
    shown = clean_title(title) or title

    def unlinked(found: re.Match[str]) -> str:
        said = label if letters(found["said"]) == letters(shown) else found["said"]
        return f"[{said}]({found['site']}/t/-/{topic_id}{found['number'] or ''})"

    text = _LINK.sub(lambda found: unlinked(found) if int(found["topic"]) == topic_id else found[0], text)
    text = _QUOTE.sub(lambda found: f"> {found['text']}" if int(found["topic"]) == topic_id else found[0], text)
    for form in (escape(shown), escape(shown).replace(JOINER, ""), shown):
        text = text.replace(form, label) if len(letters(form)) >= TELLING else text
    return text


def revise(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Change what another entry made: take parts out of a topic, call it otherwise, or change a reply.

    What takes words away hides them in the history of edits as well, also where the text was changed before and only
    this was left to do.

    Calls: 2, or 1 where there is nothing to change; for what takes words away those of `hide_earlier_texts` as well.

    Raises:
        ForumError: it could not be done, or somebody changed the text meanwhile; the entry stays intended.

    """
    carried = _change(forum, row, target)
    is_there = carried.state == "done" and carried.reason != GONE
    if is_there and carried.post_id is not None and takes_away(row):
        hide_earlier_texts(forum, carried.post_id)
    return carried


def _change(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    if "raw" in row.payload:
        return _rewrite(forum, row, target)
    if "stands_for" in row.payload:
        return _call_otherwise(forum, row, target)
    if row.payload.get("is_reply"):
        return _rename_in_reply(forum, row, target)
    return _take_parts_out(forum, row, target)


def _rewrite(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Write a reply of ours anew, but not over what a person changed in it: the entry says which text it had."""
    found = own_reply(forum, target, GONE, NOT_OURS)
    if isinstance(found, Carried):
        return found
    topic_id, post = found
    present, mark = post.raw or "", marker(row.payload["of"])
    written = present.replace(mark, "").strip()
    if written == row.payload["raw"].strip():
        return Carried("done", topic_id, post.id)
    if digest_of(written) != row.payload["instead_of"]:
        return Carried("skipped", topic_id, post.id, reason=CHANGED)
    forum.edit_reply(post.id, f"{row.payload['raw'].strip()}\n\n{mark}", instead_of=present)
    return Carried("done", topic_id, post.id)


def _call_otherwise(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Give a topic of ours another title, but not where a person gave it one of theirs."""
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if topic is None or opening is None:
        return Carried("done", topic_id, reason=GONE)
    if opening.username != forum.username:
        return Carried("skipped", topic_id, reason=NOT_OURS)
    title, old = row.payload["title"], row.payload["instead_of"]
    if letters(topic.title) == letters(title):
        return Carried("done", topic_id, opening.id)
    if old and letters(topic.title) != letters(old):
        return Carried("skipped", topic_id, opening.id, reason=CHANGED)
    forum.edit_opening(opening.id, title, opening.raw or "", instead_of=opening.raw or "")
    return Carried("done", topic_id, opening.id)


def _rename_in_reply(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Change names in a reply of ours, and nothing else in it."""
    found = own_reply(forum, target, GONE, NOT_OURS)
    if isinstance(found, Carried):
        return found
    topic_id, post = found
    present = post.raw or ""
    wanted = renamed(present, row.payload)
    if wanted != present:
        forum.edit_reply(post.id, wanted, instead_of=present)
    return Carried("done", topic_id, post.id, reason=NOTHING_LEFT if wanted == present else "")


def _take_parts_out(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Take parts out of a topic of ours, or put others in their place; nothing where they are not there any more.

    A post cannot be empty: where nothing else is left, the sentence stays that the entry has for it.
    """
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if target is None or topic is None or opening is None:
        return Carried("done", topic_id, reason=GONE)
    if opening.username != forum.username:
        return Carried("skipped", topic_id, reason=NOT_OURS)
    present = opening.raw or ""
    wanted = renamed(without(present, row.payload["parts"]), row.payload) or row.payload.get("when_empty", "")
    title = renamed(topic.title, row.payload)
    if (title, wanted) == (topic.title, present.strip()):
        return Carried("done", topic_id, opening.id, reason=NOTHING_LEFT)
    forum.edit_opening(opening.id, title, wanted, instead_of=present)
    return Carried("done", topic_id, opening.id)
