"""The practice library's texts: a subject's topic, its entries, the question to an author, the offer. Pure.

An entry is one post of the worker under its subject's topic. Who found the same stands below it, until the post is
full; a further post goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, escape, link, visible
from sync_worker.content.roundup_items import shown_title
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import CHOICES, PRACTICES, language
from sync_worker.signals.plain import sentences, squeeze
from sync_worker.signals.quoting import MOST_WORDS, Reader
from sync_worker.signals.single_sentences import trimmed
from sync_worker.signals.telling import plain_passage, read_telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.languages.sentences import PracticeSentences
    from sync_worker.model import Post, Topic

ROOM = 30_000  # characters of one post; Discourse takes 32,000 of them
SUBJECT_LONGEST = 120
A_MOMENT = timedelta(seconds=1)
QUOTED_LINE = re.compile(r"(?m)^> (.*)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One find: whose ("" where they may not be named), which cohort, when, where, and the author's own sentences.

    `title` is that of its topic, "" where it may not be shown; `is_open` says that all readers of the library can open
    `address`. `agreed` is the text that the author agreed to, word for word; "" where nobody had to be asked.
    """

    post_id: int
    name: str
    cohort: str
    day: date
    title: str
    address: str
    is_open: bool
    words: tuple[str, ...]
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """Writes the texts of a library in one language."""

    locale: str

    @property
    def say(self) -> PracticeSentences:
        """The sentences of the language."""
        return PRACTICES.of(self.locale)

    def opening(self, subject: str) -> tuple[str, Markdown]:
        """Return title and text of a subject's topic."""
        no_quotes = CHOICES.of(self.locale).no_quotes[1]
        title = self.say.title.format(subject=squeeze(visible(subject)))
        return title, Markdown(self.say.intro.format(no_quotes=no_quotes))

    def entry(self, entry: Entry) -> Markdown:
        """Return a find as it stands in the library, or as its author agreed to it."""
        if entry.agreed:
            return Markdown(entry.agreed.strip())
        label = entry.title or self.say.conversation
        form = self.say.said if entry.is_open else self.say.said_closed
        said = form.format(
            name=escape(entry.name),
            topic=link(label, entry.address),
            cohort=escape(entry.cohort),
            day=self._day(entry.day),
        )
        return Markdown(f"{said}\n\n> {escape(' '.join(entry.words))}")

    def also(self, entry: Entry) -> Markdown:
        """Return the line for somebody who found the same, or as its author agreed to it."""
        if entry.agreed:
            return Markdown(entry.agreed.strip())
        cohort = link(entry.cohort, entry.address)
        line = self.say.also_line.format(name=escape(entry.name), cohort=cohort, day=self._day(entry.day))
        return Markdown(line)

    def posts(self, main: Entry, others: Sequence[Entry], room: int = ROOM) -> list[Markdown]:
        """Return the posts of an entry: the find with who found the same, and those that go on where one is full."""
        posts, heading = [str(self.entry(main))], self.say.also
        is_begun = False
        for line in map(self.also, others):
            added = f"\n{line}" if is_begun else f"\n\n{heading}\n\n{line}"
            if len(posts[-1]) + len(added) > room:
                heading = self.say.also_more.format(name=escape(main.name)) if main.name else self.say.also
                posts.append(f"{heading}\n\n{line}")
            else:
                posts[-1] += added
            is_begun = True
        return [Markdown(post) for post in posts]

    def question(self, entry: Entry, title: str, shown: Markdown, place: Markdown, hosts: str) -> tuple[str, str]:
        """Return title and text of the message to an author; the text that it shows can be found in it again."""
        between = f"---\n\n### {escape(title)}\n\n{shown.strip()}\n\n---"
        body = self.say.ask.format(name=escape(entry.name), shown=between, place=place)
        signed = f"\n\n{self.say.signed.format(hosts=hosts)}" if hosts else ""
        return self.say.ask_title.format(cohort=squeeze(visible(entry.cohort))), f"{body}{signed}"

    def place(self, category: str, readers: int | None, *, public: bool) -> Markdown:
        """Return where an entry would stand, and who reads there."""
        if public:
            return Markdown(self.say.place_public.format(category=escape(category)))
        if not readers:
            return Markdown(self.say.place.format(category=escape(category)))
        counted = language(self.locale).count_digits(readers, "person")
        return Markdown(self.say.place_readers.format(category=escape(category), readers=counted))

    def offer(self, entry: Entry, subject: str, address: str) -> Markdown:
        """Return the reply under a later cohort's topic; `address` is the entry's own."""
        return Markdown(
            self.say.offer.format(
                cohort=escape(entry.cohort),
                name=escape(entry.name),
                words=escape(" ".join(entry.words)),
                more=link(self.say.more.format(subject=subject), address),
            )
        )

    def _day(self, day: date) -> str:
        return f"{language(self.locale).day_and_month(day)} {day.year}"


def words_of(topic: Topic, post: Post, locale: str, staff: frozenset[str]) -> tuple[str, ...]:
    """Return the sentences of a post that the library shows, word for word; none where it has no words of its own.

    An LCM has chosen the post; where no passage of it stands on its own, its first sentences are shown. Under a prompt
    it is what was tried and what came of it.
    """
    if topic.opened_by(staff):
        so_far = topic.posts[-1].created_at + A_MOMENT
        told = read_telling(topic, post, so_far, prompted=True) or plain_passage(post.cooked)
        return told.whole if told is not None else ()
    around = [one.cooked for one in topic.posts if one.id != post.id and one.by_a_person]
    passage = Reader((topic,), locale).passage(post.cooked, topic.title, around, opens=post.number == 1)
    if passage is not None:
        return passage.sentences
    kept: list[str] = []
    for sentence in sentences(post.cooked):
        if kept and len(" ".join((*kept, sentence.text)).split()) > MOST_WORDS:
            break
        kept.append(sentence.text)
    return tuple(kept)


def subject_of(topic: Topic, words: Sequence[str], staff: frozenset[str], *, may_name: bool) -> str:
    """Return a subject that a find opens: what its topic is about, or (unless `may_name`) its own first words."""
    said = shown_title(topic, staff) if may_name else trimmed(words[0], SUBJECT_LONGEST) or words[0]
    return shelf_name(said)


def shelf_name(said: str) -> str:
    """Return words of a person, a title or a sentence, as the name of a subject."""
    return shortened(squeeze(visible(said)).rstrip("."), SUBJECT_LONGEST)


def quoted_in(agreed: str) -> tuple[str, ...]:
    """Return the sentences that an agreed text quotes."""
    return tuple(line.strip() for line in QUOTED_LINE.findall(agreed) if line.strip())
