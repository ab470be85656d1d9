"""Whether authors let us show their posts as stories: what they were asked, and how each conversation stands."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.answers import Said, read_post
from sync_worker.activity.collect import REGULAR
from sync_worker.signals.plain import plain_text
from sync_worker.store.tables import ConsentRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost
    from sync_worker.store.tables import PracticeRow


OWN_MARK = "<!-- lcm:"  # stands in each reply of the worker, so that words typed in its account are told from its own
WORDS_LONGEST = 600
SHOWN = re.compile(r"^---[ \t]*\n\s*### (?P<title>[^\n]+)\n(?P<raw>.*)^---[ \t]*$", re.DOTALL | re.MULTILINE)
QUOTED_USERNAME = re.compile(r'(?<=\[quote=")[\w.-]{1,60}(?=, post:\d)')
KEPT_APART = re.compile(r"\u2060|(?<=\w)\\(?=\.[^\W\d_]{2})|\\(?=/)")  # how "forum.org" is kept from becoming a link
ESCAPED = re.compile(r"\\([\\`*_{}|~$^+=#:>./)-])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as its author saw it: title in plain text, text as Markdown."""

    title: str
    raw: str

    @property
    def digest(self) -> str:
        """What tells one text from another, whatever its blanks and line ends, and its author's username.

        When somebody is renamed, the marks of quotations change with the name; the post that they name does not. Nor
        does it matter which of our versions wrote the text.
        """
        text = as_copied(QUOTED_USERNAME.sub("", f"{self.title}\n{self.raw}"))
        words = " ".join(text.split())
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer given by a click, or by an LCM who read the words: it is the last word until somebody writes again."""

    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: `asked`, `yes`, `no` or `unclear`; `words` are the author's where it is no plain yes.

    `at` is when that was said, or the text was shown to which nothing has been said yet.
    """

    answer: str = "asked"
    shown: Shown | None = None
    post_id: int | None = None
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parties:
    """Who speaks in a conversation: the author's account id, our username, the LCMs' usernames, names for greetings."""

    author: int
    ours: str
    lcms: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


def as_copied(text: str) -> str:
    """Return Markdown without what keeps names of sites from becoming links, which was a character once."""
    return KEPT_APART.sub("", text)


def shown_in(raw: str | None) -> Shown | None:
    """Return the story that a post shows between two lines of `---`, its title as a heading; None where there is none.

    Both the worker's question and an LCM's changed text have this form.
    """
    found = SHOWN.search((raw or "").replace("\r\n", "\n"))
    if found is None:
        return None
    title = ESCAPED.sub(r"\1", found["title"]).replace("&lt;", "‹").replace("&gt;", "›").replace("&amp;", "&")
    return Shown(title.replace("\u2060", "").strip(), f"{found['raw'].strip()}\n")


def standing(posts: Sequence[ForumPost], parties: Parties, decision: Decision | None = None) -> Standing:
    """Return how a conversation stands, read from its beginning.

    The latest word counts. A text that is shown opens the question anew. A plain yes counts where it answers a text
    that was shown, with nothing said in between: after words of somebody else, or of a person who uses the worker's
    account, it may be an answer to those ("Shall I leave it out?" "Yes."), even where a yes was given before. After a
    no or words that were not plain it does not take them back. All these are for the LCM. So is a yes that was written
    into an older post after something else had happened, and one whose text was edited afterwards.

    Args:
        posts: those that are there now, in order.
        parties: who is who.
        decision: a click or an LCM's word, in its place in time.

    """
    regular = [post for post in posts if post.post_type == REGULAR]
    events = sorted(_events(regular, parties, decision), key=lambda event: (event.at, event.number))
    now, spoken = Standing(), False
    for event in events:
        if isinstance(event, _Decided):
            now, spoken = Standing(event.answer, now.shown, at=event.at), False
        elif isinstance(event, _Offered):
            now, spoken = _offered(now, event), False
        elif isinstance(event, _Answered):
            others = [other.at for other in events if other is not event]
            late = any(event.written <= at < event.at for at in others)
            now = _after(now, event, parties, plain=not spoken and not late)
        else:
            spoken = True
    return now


@dataclass(frozen=True, slots=True)
class _Event:
    """Somebody else wrote; the base of the others."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class _Decided(_Event):
    answer: str


@dataclass(frozen=True, slots=True)
class _Offered(_Event):
    shown: Shown
    edited: bool = False


@dataclass(frozen=True, slots=True)
class _Answered(_Event):
    """`at` is when the words were written as they are now, `written` when the post was."""

    post: ForumPost
    written: datetime


def _events(posts: Sequence[ForumPost], parties: Parties, decision: Decision | None) -> Iterator[_Event]:
    if decision is not None:
        yield _Decided(decision.at, sys.maxsize, decision.answer)  # of the same moment, it answers what was posted
    for post in posts:
        number = post.number
        shown = shown_in(post.raw) if post.username == parties.ours or post.username in parties.lcms else None
        if post.user_id == parties.author:
            yield _Answered(post.edited_at or post.created_at, number, post, post.created_at)
        elif shown is not None:
            yield _Offered(post.created_at, number, shown)
            if post.edited_at is not None:
                yield _Offered(post.edited_at, number, shown, edited=True)
        elif post.username != parties.ours or not _is_workers_own(post):
            yield _Event(post.created_at, number)


def _is_workers_own(post: ForumPost) -> bool:
    """Whether the worker wrote a post of its account: a message opens with it, and replies carry their key."""
    return post.number == 1 or OWN_MARK in (post.raw or "")


def _offered(now: Standing, event: _Offered) -> Standing:
    if not event.edited:
        return Standing(shown=event.shown, at=event.at)
    return replace(now, answer="unclear") if now.answer == "yes" else now


def _after(now: Standing, event: _Answered, parties: Parties, *, plain: bool) -> Standing:
    """Return how things stand after one post of the author; `plain`: a yes in it can only answer the text shown."""
    post = event.post
    said = read_post(post.cooked, (*parties.names, post.name or post.username))
    if said is Said.NOTHING or (said is Said.FRIENDLY and plain and now.answer == "yes"):
        return now
    if said is Said.FRIENDLY or (said is Said.YES and (not plain or now.answer not in ("asked", "yes"))):
        said = Said.UNCLEAR
    words = "" if said is Said.YES else quotable(post.cooked)
    return Standing(said.value, now.shown, post.id, words, event.at)


def quotable(cooked: str) -> str:
    """Return an answer's words, shortened, for an LCM to read."""
    words = plain_text(cooked)
    return words if len(words) <= WORDS_LONGEST else f"{words[:WORDS_LONGEST].rsplit(' ', 1)[0]} …"


# Whether authors let us show their posts as stories: what they were asked, and how each conversation stands.


READ_FOR = timedelta(days=90)  # so long after the question, answers to it are looked for
FRESH = timedelta(minutes=30)  # what was read within it needs no second look in the same run


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """How many consents a cohort was asked for in all, and what came back."""

    asked: int
    yes: int
    no: int


def reread_consent(forum: Forum, session: Session, forum_name: str, post_id: int, now: datetime) -> ConsentRow | None:
    """Read the conversation about a post anew; store and return the consent as it stands now. None: never asked.

    Everything the author wrote since the question counts, the latest last; see `standing`. A conversation that is gone
    gives no consent, and no yes counts again because what took it back is gone. All reading comes before all writing,
    so that no lock is held while the forum is asked.

    Calls: 1; none where no message was sent, so that a click on the forum decided alone.

    Raises:
        ForumError: the forum does not answer; the stored answer must then not be relied upon.

    """
    row = session.get(ConsentRow, (forum_name, post_id)) or _new_row(session, forum_name, post_id)
    if row is None:
        return None
    found = _read(forum, session, row)
    row = session.merge(row)
    _store(row, found, now)
    session.flush()
    return row


def read_answers(forum: Forum, session: Session, cohort_key: str, now: datetime) -> AnswerSummary:
    """Enter newly asked consents, and how each conversation of the last 90 days stands.

    Calls: those of `reread_consent` for each, but none for those looked at within the last half hour.
    """
    rows = [*_consents(session, forum.name, cohort_key), *newly_asked(session, forum.name, cohort_key)]
    due = [row for row in rows if now - row.asked_at < READ_FOR and not is_fresh(row, now)]
    found = [(row, _read(forum, session, row)) for row in due]
    for row in rows:
        session.merge(row)
    session.flush()
    for row, result in found:
        _store(session.get_one(ConsentRow, (row.forum, row.post_id)), result, now)
    session.flush()
    final = [row.answer for row in _consents(session, forum.name, cohort_key)]
    return AnswerSummary(len(final), final.count("yes"), final.count("no"))


def is_fresh(row: ConsentRow, now: datetime, age: timedelta = FRESH) -> bool:
    """Whether a conversation was looked at within that time."""
    return row.looked_at is not None and timedelta(0) <= now - row.looked_at < age


def shown_to_author(row: ConsentRow) -> Shown | None:
    """Return the story as its author saw it; None where only lines of it were shown."""
    return Shown(row.shown["title"], row.shown["raw"]) if row.shown else None


def agrees_to(row: ConsentRow | None, title: str | None, raw: str) -> bool:
    """Whether the author said yes to exactly this text."""
    shown = shown_to_author(row) if row is not None and row.answer == "yes" else None
    return shown is not None and shown.digest == Shown(title or "", raw).digest


def refused_posts(session: Session, forum_name: str, post_ids: Collection[int]) -> frozenset[int]:
    """Return those of some posts of which their authors said, asked about a story, that they are not to be shown."""
    said_no = select(ConsentRow.post_id).where(ConsentRow.forum == forum_name, ConsentRow.answer == "no")
    return frozenset(session.scalars(said_no.where(ConsentRow.post_id.in_(post_ids)))) if post_ids else frozenset()


def decide(row: ConsentRow, answer: str, at: datetime, by: str) -> None:
    """Enter what the author clicked, or an LCM who read the author's words decided."""
    row.decided, row.decided_at, row.decided_by = answer, at, by
    row.answer, row.answered_at = answer, at
    row.answer_post, row.words = None, ""


def newly_asked(session: Session, forum_name: str, cohort_key: str) -> list[ConsentRow]:
    """Return a row for each consent that a sent message asks for and that is not entered yet."""
    entered = {row.post_id for row in _consents(session, forum_name, cohort_key)}
    found: dict[int, ConsentRow] = {}
    for row in asking(session, forum_name, cohort_key):
        post_id = row.payload["about_posts"][0]
        if post_id not in entered:
            found[post_id] = _row_of(row)
    return list(found.values())


def asking(session: Session, forum_name: str, cohort_key: str | None = None) -> list[LedgerRow]:
    """Return the ledger's rows of consent messages that were sent, oldest first; none to somebody who was forgotten."""
    query = select(LedgerRow).where(
        LedgerRow.forum == forum_name, LedgerRow.action == "message", LedgerRow.state == "done"
    )
    if cohort_key is not None:
        query = query.where(LedgerRow.cohort == cohort_key)
    rows = session.scalars(query.order_by(LedgerRow.updated_at, LedgerRow.key))
    asked = (row for row in rows if "consent" in row.payload.get("refs", ()) and "topic_id" in row.result)
    return [row for row in asked if row.payload.get("about_users")]


def question_of(session: Session, row: ConsentRow) -> LedgerRow | None:
    """Return the ledger's row of the message that asked; None where the author clicked before one was sent."""
    asked = session.get(LedgerRow, row.message_key)
    if asked is not None:
        return asked
    later = [one for one in asking(session, row.forum, row.cohort) if row.post_id in one.payload["about_posts"]]
    return later[-1] if later else None


def _row_of(asked: LedgerRow) -> ConsentRow:
    return ConsentRow(
        forum=asked.forum,
        post_id=asked.payload["about_posts"][0],
        user_id=asked.payload["about_users"][0],
        username=asked.payload["recipients"][0],
        cohort=asked.cohort,
        message_key=asked.key,
        answer="asked",
        asked_at=asked.updated_at,
        words="",
        decided="",
        decided_by="",
    )


def _new_row(session: Session, forum_name: str, post_id: int) -> ConsentRow | None:
    """Return a row for a question that was sent since consents were last entered."""
    for asked in reversed(asking(session, forum_name)):
        if asked.payload["about_posts"][0] == post_id:
            return _row_of(asked)
    return None


def _consents(session: Session, forum_name: str, cohort_key: str) -> Sequence[ConsentRow]:
    return session.scalars(
        select(ConsentRow).where(ConsentRow.forum == forum_name, ConsentRow.cohort == cohort_key)
    ).all()


@dataclass(frozen=True, slots=True)
class _Found:
    """How a conversation stands, and the author's username as it is now; `standing` is None where it is gone."""

    standing: Standing | None
    username: str | None = None


def _read(forum: Forum, session: Session, row: ConsentRow) -> _Found:
    decision = Decision(row.decided, row.decided_at) if row.decided and row.decided_at else None
    asked = question_of(session, row)
    topic_id = asked.result.get("topic_id") if asked is not None else None
    if asked is None or topic_id is None:
        return _Found(standing((), Parties(row.user_id, forum.username), decision))
    topic = forum.topic(topic_id)
    if topic is None:
        return _Found(standing((), Parties(row.user_id, forum.username), decision) if decision else None)
    lcms = frozenset(asked.payload.get("recipients", ())[1:])
    names = tuple(asked.payload.get("signed", ()))
    found = standing(topic.posts, Parties(row.user_id, forum.username, lcms, names), decision)
    own = [post.username for post in topic.posts if post.user_id == row.user_id]
    return _Found(found, own[-1] if own else None)


def _store(row: ConsentRow, found: _Found, now: datetime) -> None:
    row.looked_at = now
    row.username = found.username or row.username
    stands = found.standing
    if stands is None:
        if row.answer == "yes":
            row.answer, row.answered_at, row.answer_post, row.words = "unclear", now, None, ""
        return
    if is_older(row, stands):
        return
    if stands.answer != row.answer or stands.post_id != row.answer_post:
        row.answered_at = None if stands.answer == "asked" else stands.at or now
    row.answer, row.answer_post, row.words = stands.answer, stands.post_id, stands.words
    row.shown = {"title": stands.shown.title, "raw": stands.shown.raw} if stands.shown else None


def is_older(row: ConsentRow | PracticeRow, stands: Standing) -> bool:
    """Whether what is found is older than what was read before, and is gone: deleted, or lost with a backup.

    A yes does not count again then that was taken back, nor does a question stand open again to which no was said.
    """
    outlasts = {"no": ("asked", "yes", "unclear"), "unclear": ("yes",)}
    if row.answered_at is None or stands.answer not in outlasts.get(row.answer, ()):
        return False
    return stands.at is None or stands.at <= row.answered_at
