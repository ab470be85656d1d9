"""What a post tells as a story: what its author did, what came of it, and the passage that says so. Pure.

To be right every time counts for more than a story every week. A post is read as one only if its author tells in the
past what they did and what good came of it, and nothing in it, or later in its topic, takes that back: no request, no
quarrel, no trouble that goes on. The passage is one piece of the post as it was written: nothing is left out within it,
and what limits its last sentence belongs to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.languages.language import capital
from sync_worker.languages.parts import READING
from sync_worker.signals import cues
from sync_worker.signals.plain import gaps, sentences
from sync_worker.signals.quoting import Reader, points_out
from sync_worker.signals.single_sentences import HANGING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic
    from sync_worker.signals.plain import Gaps, Sentence

SHORTEST, LONGEST = 120, 2500  # of a post that tells a story, in characters
PASSAGE_SHORTEST, PASSAGE_ENOUGH, PASSAGE_LONGEST = 100, 180, 640
ANSWER_LONGEST = 800  # of what answers a prompt: a story that was asked for is shown from its beginning to its end
LESSON_SHORTEST, LESSON_LONGEST = 25, 200
FEWEST_TO_BEGIN = 3  # words: a shorter sentence only answers somebody
MOST_CODE = 0.3  # of a sentence's characters
_ENDED = re.compile(r"[.!?…]['\"”’»)\u00a0\u202f]*$")
_MARKUP = re.compile(r"[\[\]<>{}@#`\\|=]|\]\(|https?:|javascript:|\w\(\)|::", re.IGNORECASE)
_OTHERS = re.compile(r"<aside[^>]*\bquote\b|<blockquote\b|\b(?:bbcode|gmail)_quote\b")


@dataclass(frozen=True, slots=True)
class Telling:
    """Neighbouring sentences of a post, word for word; which of them say what its author did, and what came of it.

    `lesson` is what the author takes from it, where they announce it as that, and stands outside of the passage;
    `closing` is the sentence that says so where it stands right behind the passage, as it was written.
    """

    passage: tuple[str, ...]
    deeds: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    lesson: str = ""
    closing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The passage as one line."""
        return " ".join(self.passage)

    @property
    def whole(self) -> tuple[str, ...]:
        """The passage with what its author takes from it, where that stands right behind it."""
        return (*self.passage, *self.closing)


def read_telling(topic: Topic, post: Post, until: datetime, *, prompted: bool) -> Telling | None:
    """Return what a post tells, or None where it tells no story, or its topic takes it back before `until`.

    `prompted`: it answers a prompt of ours, which asked what was tried; there a figure says what came of it. Elsewhere
    the post itself must say that it worked. What somebody else had written is no story without that: nobody can tell
    what was tried.
    """
    opens = post.number == 1
    reading = _Reading(sentences(post.cooked), gaps(post.cooked), prompted=prompted, opens=opens)
    if not SHORTEST <= reading.length(0, len(reading.own)) <= LONGEST or reading.is_no_story():
        return None
    if _is_taken_back(topic, post, until, prompted=prompted):
        return None
    if not prompted and (_OTHERS.search(post.cooked) or _is_doubted(topic, post, until)):
        return None
    told = next(reading.tellings(), None)
    return None if told is None or points_out(told.text) else told


def plain_passage(cooked: str) -> Telling | None:
    """Return the beginning of a post that a person picked, whatever it tells; None where it has no words of its own."""
    own = sentences(cooked)
    reading = _Reading(own, gaps(cooked), prompted=True, opens=True)
    places = [at for at, one in enumerate(own) if not one.calls and not _MARKUP.search(one.text)]
    if not places:
        return None
    whole = reading.up_to_where_it_fits(places[0])
    turns = cues.LIMITS.match(own[places[0]].text) or cues.ASIDE.match(own[places[0]].text)
    if whole == len(own) and not turns:  # nothing is missing that its first sentence might lean on
        return Telling(reading.texts(places[0], reading.before_asides(places[0], whole)))
    first = next((at for at in places if reading.begins(at)), places[0])
    return Telling(reading.texts(first, reading.before_asides(first, reading.up_to_where_it_fits(first))))


@dataclass(frozen=True)
class _Reading:
    """The sentences of one post, and what of them can be shown together."""

    own: Sequence[Sentence]
    gaps: Gaps
    prompted: bool
    opens: bool
    readers: Sequence[Reader] = field(default_factory=lambda: [Reader((), locale) for locale in READING.all()])

    @property
    def longest(self) -> int:
        """How many characters of the post may be shown."""
        return ANSWER_LONGEST if self.prompted else PASSAGE_LONGEST

    def texts(self, start: int, end: int) -> tuple[str, ...]:
        """Return the sentences from one to before another."""
        return tuple(sentence.text for sentence in self.own[start:end])

    def length(self, start: int, end: int) -> int:
        """Return how many characters they are."""
        return len(" ".join(self.texts(start, end)))

    def is_no_story(self) -> bool:
        """Whether a post asks for something, quarrels, or is in trouble: it is not read for what else it tells."""
        barred = [cues.QUARRELS, cues.SEEKS_HELP, cues.SAYS_STUCK]
        if not self.prompted:
            barred += [cues.SEEKS_VIEWS, cues.STILL_IN_TROUBLE, cues.TAKES_BACK, cues.ANNOUNCES, cues.ADDED_LATER]
        texts = self.texts(0, len(self.own))
        asks = not self.prompted and any(one.asks for one in self.own)
        return asks or any(cue.search(text) for cue in barred for text in texts)

    def tellings(self) -> Iterator[Telling]:
        """Yield what the post may be read to tell, the best first."""
        for deed in self._deeds():
            came = next((at for at in range(deed + self.prompted, len(self.own)) if self._came_out_well(at)), None)
            if came is None:
                continue
            told = self._between(deed, came)
            if told is not None:
                yield told

    def _deeds(self) -> list[int]:
        """Return where a deed is told: at best in a later paragraph than the first, which says how things were."""
        found = [at for at, one in enumerate(self.own) if cues.TRIED.search(one.text) and self._is_certain(one)]
        return sorted(found, key=lambda at: self.own[at].paragraph == self.own[0].paragraph)

    def _is_certain(self, one: Sentence) -> bool:
        return not one.asks and (self.prompted or not cues.UNSURE.search(one.text))

    def _came_out_well(self, at: int) -> bool:
        one = self.own[at]
        if one.asks or cues.STILL_IN_TROUBLE.search(one.text) or cues.UNSURE.search(one.text):
            return False
        if self.prompted and cues.reports(one.text):
            return True
        return bool(cues.SUCCESS.search(one.text)) and (self.prompted or not cues.HALF_A_SUCCESS.search(one.text))

    def _between(self, deed: int, came: int) -> Telling | None:
        """Return the piece of the post that has both, begins where a reader can begin, and ends where it may end."""
        latest = self._end(came)
        if self._with_what_limits_it(latest) is None:
            return None
        for last in range(latest, came - 1, -1):
            end = self._with_what_limits_it(last)
            if end is None or any(cues.STILL_IN_TROUBLE.search(text) for text in self.texts(came, end + 1)):
                continue
            for first in self._starts(deed):
                if PASSAGE_SHORTEST <= self.length(first, end + 1) <= self.longest and self._is_one_piece(first, end):
                    passage = self.texts(first, end + 1)
                    deeds = [one.text for one in self.own[deed : came + 1] if cues.TRIED.search(one.text)]
                    outcome = [text for text in self.texts(came, end + 1) if cues.reports(text)]
                    closing = self._closing(first, end)
                    return Telling(passage, tuple(deeds), tuple(outcome), self._lesson(passage), closing)
        return None

    def _starts(self, deed: int) -> list[int]:
        """Return where the passage may begin, the earliest first: with a paragraph, or behind its greeting."""
        places = range(deed + 1) if self.prompted or self.opens else range(1)
        return [at for at in places if self.begins(at) and not self._says_something_before(at)]

    def _says_something_before(self, at: int) -> bool:
        """Whether a sentence's paragraph says something before it: what follows may be about that."""
        before = (one for one in self.own[:at] if one.paragraph == self.own[at].paragraph)
        return any(not one.calls and len(one.text.split()) >= FEWEST_TO_BEGIN for one in before)

    def begins(self, at: int) -> bool:
        """Whether a passage can begin with a sentence: nothing before it is needed."""
        one = self.own[at]
        if (
            one.asks
            or len(one.text.split()) < FEWEST_TO_BEGIN
            or not self.shows(one)
            or cues.ASIDE.match(one.text)
            or cues.LIMITS.match(one.text)
        ):
            return False
        if at == 0 and (self.prompted or self.opens):
            return not HANGING.match(one.text)
        if not self.prompted and cues.LEANS.search(one.text):
            return False
        return not any(reader.leans(one) for reader in self.readers)

    def shows(self, one: Sentence) -> bool:
        """Whether a sentence is whole, made of words, and calls nobody."""
        return not (one.calls or one.cut or one.listed or one.code > MOST_CODE or _MARKUP.search(one.text)) and bool(
            _ENDED.search(one.text)
        )

    def goes_on(self, at: int) -> bool:
        """Whether the next sentence can be shown behind one, and stands right behind it in the post."""
        if at + 1 >= len(self.own) or not self.shows(self.own[at + 1]):
            return False
        first, last = self.own[at].paragraph, self.own[at + 1].paragraph
        return self.gaps.within.isdisjoint(range(first, last + 1)) and self.gaps.before.isdisjoint(
            range(first + 1, last + 1)
        )

    def up_to_where_it_fits(self, first: int) -> int:
        """Return before which sentence a passage ends that begins with one and is as long as it may be."""
        last = first
        while self.goes_on(last) and self.length(first, last + 2) <= self.longest:
            last += 1
        return last + 1

    def before_asides(self, first: int, end: int) -> int:
        """Return before which sentence a passage ends without what its author says at its end of writing it at all."""
        while end - 1 > first and cues.ASIDE.match(self.own[end - 1].text):
            end -= 1
        return end

    def _is_one_piece(self, first: int, last: int) -> bool:
        whole = self.own[first].paragraph not in self.gaps.within
        return whole and all(self.goes_on(at) for at in range(first, last))

    def _end(self, came: int) -> int:
        """Return where the passage may end at the latest: before a question, the lesson, or an aside.

        The answer to a prompt is told whole; elsewhere what came of it ends with its paragraph, unless it says little.
        """
        at = came
        while self.goes_on(at) and not self._is_beside_the_story(self.own[at + 1]):
            same = self.own[at + 1].paragraph == self.own[at].paragraph
            if not (same or self.prompted or self.length(0, at + 1) < PASSAGE_ENOUGH):
                break
            at += 1
        return at

    def _is_beside_the_story(self, one: Sentence) -> bool:
        return one.asks or bool(cues.DRAWS_LESSON.match(one.text) or cues.ASIDE.match(one.text))

    def _with_what_limits_it(self, at: int) -> int | None:
        """Return where to end so that no "but" is left out; None where it cannot be shown."""
        while at + 1 < len(self.own) and cues.LIMITS.match(self.own[at + 1].text):
            if not self.goes_on(at):
                return None
            at += 1
        return at

    def _closing(self, first: int, end: int) -> tuple[str, ...]:
        """Return the sentence right behind a passage, where it says what its author takes from it."""
        if not self.goes_on(end) or self.length(first, end + 2) > self.longest:
            return ()
        behind = self.own[end + 1]
        draws = cues.DRAWS_LESSON.match(behind.text) and not behind.asks
        return (behind.text,) if draws else ()

    def _lesson(self, passage: Sequence[str]) -> str:
        """Return what the author takes from it, where a sentence outside of the passage announces it."""
        for one in self.own:
            if not cues.DRAWS_LESSON.match(one.text) or one.text in passage or one.asks or not self.shows(one):
                continue
            said = capital(cues.ANNOUNCED.sub("", one.text))
            if LESSON_SHORTEST <= len(said) <= LESSON_LONGEST and not HANGING.match(said):
                return said
        return ""


def _is_taken_back(topic: Topic, post: Post, until: datetime, *, prompted: bool) -> bool:
    """Whether its author says later in the topic that it was wrong, or that the trouble goes on."""
    barred = [cues.TAKES_BACK] if prompted else [cues.TAKES_BACK, cues.STILL_IN_TROUBLE, cues.SEEKS_HELP]
    own = (other for other in _later(topic, post, until) if other.user_id == post.user_id)
    return any(cue.search(one.text) for other in own for one in sentences(other.cooked) for cue in barred)


def _is_doubted(topic: Topic, post: Post, until: datetime) -> bool:
    """Whether somebody who answers it says that it is not so, or quarrels."""
    later = list(_later(topic, post, until))
    answers = [other for other in later if other.reply_to == post.number] + later[:2]
    said = (one.text for other in answers if other.user_id != post.user_id for one in sentences(other.cooked))
    return any(cues.CONTRADICTS.search(text) or cues.QUARRELS.search(text) for text in said)


def _later(topic: Topic, post: Post, until: datetime) -> Iterator[Post]:
    return (other for other in topic.posts if other.number > post.number and other.created_at < until)
