"""What roundups and stories need said about people and posts; each language says it in its `phrases.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sync_worker.languages.language import capital
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.languages.language import Language


MANY_DAYS = 21  # nobody counts more of them in a sentence about an answer


class Counts(Protocol):
    """Plain counts of a period."""

    @property
    def posts(self) -> int:
        """How many posts were written."""
        ...

    @property
    def people(self) -> int:
        """By how many people."""
        ...

    @property
    def topics(self) -> int:
        """In how many topics."""
        ...

    @property
    def answered(self) -> int:
        """How many questions were answered."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """What several people wrote in a topic: who opened it, and what was written in the period after that.

    `names` are those who wrote most of it, as links, and `others` how many more there are. `joined` says that who
    opened it wrote as well; that person is not counted again. `turn` is how many exchanges that go on stand above it.
    """

    opener: str
    names: tuple[str, ...]
    others: int
    joined: bool
    posts: int
    turn: int = 0

    @property
    def people(self) -> int:
        """How many people there are, named or not."""
        return len(self.names) + self.others


class Place(StrEnum):
    """Where in its topic a post stands: it opens it, goes on with its author's own topic, or replies to somebody."""

    OPENS = "opens"
    GOES_ON = "goes on"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class Pointer:
    """A post that is pointed at: whose it is, its address, and what is in it.

    `words` are how many, 0 for a few lines; `shown` says by kind (`picture`, `video`, `code`, `link`) how many of it
    there are; `to` is to whom a reply is, as a link, "" where that is not said; `opened` is the day on which somebody
    who goes on with a topic of their own opened it, "" where that was in the period.
    """

    author: str
    address: str
    words: int
    shown: Mapping[str, int]
    place: Place
    to: str = ""
    opened: str = ""


class Phrases(ABC):
    """Sentences about who did what, in one language."""

    language: Language

    @abstractmethod
    def solved(self, days: int) -> str:
        """Return that the post settled a question open for so many days."""

    @abstractmethod
    def solved_own(self, author: str, days: int) -> str:
        """Return that the author asked and came back with the answer."""

    @abstractmethod
    def came_back(self, author: str, days: int, address: str) -> Markdown:
        """Return that the author asked and came back with the answer, and where it is, where nothing is quoted."""

    @abstractmethod
    def received(self, likes: int, replies: int) -> str:
        """Return how many people liked it and how many replied; at least one of the two is not 0."""

    @property
    @abstractmethod
    def within(self) -> str:
        """What stands between an author and the topic's title: "in"."""

    @property
    @abstractmethod
    def of_a_longer_post(self) -> str:
        """What a quote is from that is not the whole post, with a link to `{address}`."""

    @property
    @abstractmethod
    def in_this_post(self) -> str:
        """Where a quote stands that leads nowhere by itself, with a link to `{address}`."""

    @property
    @abstractmethod
    def in_reply_to(self) -> str:
        """What stands between an author and to whom they reply: "replying to"."""

    @property
    @abstractmethod
    def in_a_topic_of(self) -> str:
        """What stands between an author and whose topic it is, where nobody knows to whom they reply."""

    def credit(
        self, author: str, where: str | None, address: str, *, cut: bool = False, to: str = "", addressed: bool = True
    ) -> Markdown:
        """Return who found it out and where to read it: "**Ana**, in [Title](address):".

        `where` is None if the heading names the topic, `author` "" if it names the author as well; `address` is "" if
        that is all that is to be said, and the quote leads there. `cut` says that the quote is not the whole post; `to`
        is to whom it replies, as a link, "" where that is not said; if it is not `addressed`, whose topic it is in.
        """
        reply = f", {self.in_reply_to if addressed else self.in_a_topic_of} {to}" if to else ""
        if where is not None:
            said = f"**{author}**, {self.within} {where}"
        elif cut:
            source = self.of_a_longer_post.format(address=address)
            said = f"**{author}**{reply}, {source}" if author else capital(source)
        elif author:
            said = f"[**{author}**]({address}){reply}"
        elif address:
            said = capital(self.in_this_post.format(address=address))
        else:
            return Markdown("")
        return Markdown(f"{said}{self.language.colon}")

    @abstractmethod
    def pointer(self, post: Pointer) -> Markdown:
        """Return who wrote what in the heading's topic, and where, where nothing is quoted."""

    def together(self, exchange: Exchange) -> str:
        """Return who wrote: "[**Ana**](address) and two others"."""
        noun = "other person" if exchange.names or exchange.joined else "person"
        others = [self.language.count(exchange.others, noun)] if exchange.others else []
        return self.language.listing([*exchange.names, *others])

    @abstractmethod
    def showing(self, author: str, address: str, shown: Mapping[str, int]) -> Markdown:
        """Return who shows what in a post without words, and where."""

    @property
    @abstractmethod
    def going_on(self) -> Sequence[tuple[str, str]]:
        """Sentences on an exchange in an older topic: where who opened it wrote too, and where only others did.

        They hold {opener}, {day}, {together}, and {posts} or at the beginning {Posts}.
        """

    def went_on(self, exchange: Exchange, day: str, address: str) -> Markdown:
        """Return who opened the heading's topic on which day, who wrote how much in it now, and where that begins.

        The sentence is another one at each turn, so that several below one another do not read like a form.
        """
        with_opener, by_others = self.going_on[exchange.turn % len(self.going_on)]
        count = self.language.count(exchange.posts, "post")
        return Markdown(
            (with_opener if exchange.joined else by_others).format(
                opener=f"**{exchange.opener}**",
                day=day,
                together=self.together(exchange),
                posts=f"[{count}]({address})",
                Posts=f"[{capital(count)}]({address})",
            )
        )

    @abstractmethod
    def replies(self, exchange: Exchange, address: str) -> Markdown:
        """Return who wrote how much after a post that opened a topic, and where that begins."""

    @abstractmethod
    def liked(self, author: str, likes: int, address: str) -> Markdown:
        """Return how many people liked what somebody wrote in an exchange, and where that is."""

    @abstractmethod
    def asked_and_answered(self, exchange: Exchange, question: str, answer: str) -> Markdown:
        """Return who asked about the heading's topic, and where; who replied, or where the answer is.

        `question` and `answer` are addresses; `answer` is "" where none was accepted.
        """

    @abstractmethod
    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return a heading that names a topic: as what was solved, as a question with an answer, or as a subject."""

    @abstractmethod
    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return a heading for an answer to a prompt: who wrote it, and to which."""

    @abstractmethod
    def in_a_conversation(self, author: str) -> Markdown:
        """Return a heading for an item whose topic may not be named, as its title is somebody's who is not quoted."""

    @abstractmethod
    def tells(self, name: str) -> str:
        """Return a story's title where neither its deed nor its topic may be named."""

    @abstractmethod
    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return the sentence that says what the week was about.

        `voices` people wrote in the first subject, the busiest of all; 0 where that is not worth a word.
        """

    @abstractmethod
    def asked(self, days: int, author: str) -> str:
        """Return who asked and how many days ago, as it stands in brackets."""

    @abstractmethod
    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return the call to the person most likely to know, or to everybody; `turn` counts the calls before it.

        What everybody is told is right below every question: for advice, for an opinion, for the reason of something.
        """

    @abstractmethod
    def nothing_left(self) -> str:
        """Return what a published text says of which nothing may be shown any more."""

    @abstractmethod
    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return who wrote here for the first time."""

    @abstractmethod
    def numbers(self, counts: Counts) -> str:
        """Return the period in one line."""
