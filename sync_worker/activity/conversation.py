"""How a conversation about a story stands: what its author was shown last, and the author's last word. Pure."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.activity.answers import Said, read_post
from sync_worker.signals.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sync_worker.forum.records import ForumPost

REGULAR = 1
OWN_MARK = "<!-- lcm:"  # stands in each reply of the worker, so that words typed in its account are told from its own
WORDS_LONGEST = 600
SHOWN = re.compile(r"^---[ \t]*\n\s*### (?P<title>[^\n]+)\n(?P<raw>.*)^---[ \t]*$", re.DOTALL | re.MULTILINE)
QUOTED_USERNAME = re.compile(r'(?<=\[quote=")[\w.-]{1,60}(?=, post:\d)')
ESCAPED = re.compile(r"\\([\\`*_{}|~$^+=#:>.)-])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as its author saw it: title in plain text, text as Markdown."""

    title: str
    raw: str

    @property
    def digest(self) -> str:
        """What tells one text from another, whatever its blanks and line ends, and its author's username.

        When somebody is renamed, the marks of quotations change with the name; the post that they name does not.
        """
        text = QUOTED_USERNAME.sub("", f"{self.title}\n{self.raw}").replace("\u2060", "")
        words = " ".join(text.split())
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer given by a click, or by an LCM who read the words: it is the last word until somebody writes again."""

    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: `asked`, `yes`, `no` or `unclear`; `words` are the author's where it is no plain yes."""

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
        return Standing(shown=event.shown)
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
