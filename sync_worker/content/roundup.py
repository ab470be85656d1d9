"""The best-practice roundup of a period: what people found out, who, in which words, and what is still open. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name, escape, link
from sync_worker.content.pointing import address
from sync_worker.content.proposals import (
    HEADING,
    OPENING,
    SENTENCE,
    Material,
    NotAsked,
    Proposals,
    Wording,
    part_of,
)
from sync_worker.content.reasons import reasons_for
from sync_worker.content.roundup_items import Period, Practice, cited, goes_on, practice_of, shown_title
from sync_worker.languages.language import capital
from sync_worker.languages.parts import PHRASES
from sync_worker.model import Citation, Use
from sync_worker.signals.choosing import choose
from sync_worker.signals.contributions import (
    Experts,
    open_questions,
    participation,
    quarrelling,
    written_by_members,
)
from sync_worker.signals.participation import may_show
from sync_worker.signals.plain import clean_title, contents
from sync_worker.signals.single_sentences import asks_alone, asks_by_itself

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post, Topic
    from sync_worker.signals.contributions import OpenQuestion
    from sync_worker.signals.offers import Chosen

QUESTION_AGE = timedelta(days=14)
MAX_QUESTIONS = 3
MAX_SUBJECTS = 3
LIKES_TO_NAME = 2  # of what the opening names as worth opening
WORDS_TO_NAME = 20  # of a post that is only pointed at, for that
A_FEW = 4  # people: with no more of them, it is no news how many were in a conversation
MAX_VOICES = 5
MAX_WORDS = 400
FRAME_WORDS = 45  # what the template says around the parts


@dataclass(frozen=True, slots=True)
class Open:
    """One open question, ready for the template, with the topics that it names."""

    line: Markdown
    topic_id: int
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Roundup:
    """The parts of a roundup, as Markdown; `named` is what its opening names, `voiced` whom `voices` names."""

    opening: Markdown
    practices: tuple[Practice, ...]
    questions: tuple[Open, ...]
    numbers: str
    named: tuple[Citation, ...] = ()
    voices: str = ""
    voiced: tuple[Citation, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Everything of the forum that stands in it."""
        items = (one for item in self.practices for one in (item.citation, *item.also))
        return (*items, *self.named, *self.voiced, *(one for question in self.questions for one in question.citations))

    @property
    def words(self) -> int:
        """How many words a reader sees, the template's own included."""
        parts = [self.opening, self.voices, self.numbers, *(question.line for question in self.questions)]
        parts += [f"{item.heading} {item.credit} {item.quote} {item.why}" for item in self.practices]
        visible = re.sub(r"\]\([^)]*\)|\[/?quote[^\]]*\]", " ", " ".join(parts))
        return len(visible.split()) + FRAME_WORDS

    def material(self, locale: str, people: frozenset[str]) -> Material:
        """Return what a language model may be given of it; `people` are the names that are not sent."""
        return Material(tuple(item.source for item in self.practices), locale, people)


def with_proposals(roundup: Roundup, proposals: Proposals, material: Material) -> tuple[Roundup, tuple[Wording, ...]]:
    """Return a roundup in the words that a model proposed, where they stand, and whose words each text is.

    Sentences before quotes are taken as long as there is room; the last are left out first.
    """
    phrases = PHRASES.of(material.locale)
    found = {part: proposals.text(part, digest) for part, _, digest, _ in material.wanted()}
    whys = {part: proposals.problem(part, digest) for part, _, digest, _ in material.wanted()}

    def worded(sentences: int) -> Roundup:
        items = []
        for number, item in enumerate(roundup.practices):
            sentence = found.get(part_of(SENTENCE, item.post.id), "") if number < sentences else ""
            items.append(item.in_words_of(found[part_of(HEADING, item.post.id)], sentence, phrases))
        return _opened_by(replace(roundup, practices=tuple(items)), found[OPENING])

    taken = len(roundup.practices)
    while taken and worded(taken).words > MAX_WORDS:
        taken -= 1
    for item in roundup.practices[taken:]:
        part = part_of(SENTENCE, item.post.id)
        if found.pop(part, ""):
            whys[part] = NotAsked.NO_ROOM.value
    told = worded(taken)
    words = [Wording(OPENING, told.opening, bool(found[OPENING]), whys[OPENING])]
    for item in told.practices:
        for kind, own in ((HEADING, item.heading), (SENTENCE, "")):
            part = part_of(kind, item.post.id)
            if part in whys:
                text = own or found.get(part, "")
                words.append(Wording(part, text, bool(found.get(part)), whys[part], item.post.id, item.known))
    return told, tuple(words)


def _opened_by(roundup: Roundup, text: str) -> Roundup:
    """Return a roundup with an opening that was made of all its items: it goes where one of them does not hold."""
    if not text:
        return roundup
    opening = escape(capital(text))
    named = (replace(item.citation, passages=item.source.sentences, pieces=(opening,)) for item in roundup.practices)
    return replace(roundup, opening=opening, named=tuple(named))


def build_roundup(
    topics: Sequence[Topic], period: Period, locale: str, forum_url: str, limit: int = 5
) -> Roundup | str:
    """Return the roundup of a period, or a sentence saying why there is none."""
    phrases = PHRASES.of(locale)
    counts = participation(topics, period.since, period.until, period.staff)
    if not counts.posts:
        return reasons_for(locale).nothing_written()
    chosen = choose(topics, period.frame(locale), limit)
    if not chosen:
        return reasons_for(locale).nothing_usable(counts.posts)
    practices = _practices(chosen, phrases, forum_url, period)
    shown = frozenset(item.post.topic_id for item in practices)
    voices, voiced = _new_voices(topics, period, phrases, forum_url)
    roundup = Roundup(
        opening=Markdown(""),
        voices=voices,
        voiced=voiced,
        practices=practices,
        questions=tuple(_questions(topics, period, phrases, forum_url, shown)),
        numbers=phrases.numbers(counts) if may_show(counts.people) else "",  # of few people they say how few there are
    )
    opener = _Opener(topics, period, phrases, forum_url)
    shorter = _practices([_shortened(one) for one in chosen], phrases, forum_url, period)
    return _within_limit(roundup, opener, shorter)


def _practices(chosen: Sequence[Chosen], phrases: Phrases, forum_url: str, period: Period) -> tuple[Practice, ...]:
    """Return the items; each exchange that goes on is told in the words of its turn among these."""
    turns = [sum(map(goes_on, chosen[:place])) for place in range(len(chosen))]
    return tuple(practice_of(one, phrases, forum_url, period, turn) for one, turn in zip(chosen, turns, strict=True))


def _shortened(chosen: Chosen) -> Chosen:
    """Return an item with as few sentences as can be read; what answers a prompt tells a story, which has an end."""
    if chosen.passage is None or chosen.conversation.hosted:
        return chosen
    return replace(chosen, passage=chosen.passage.shortest)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Writes the opening sentence of a roundup."""

    topics: Sequence[Topic]
    period: Period
    phrases: Phrases
    forum_url: str

    def opened(self, roundup: Roundup) -> Roundup:
        """Return the roundup with its opening sentence, which names nothing that does not come below."""
        voices = _voices(self.topics, self.period)
        by_id = {topic.id: topic for topic in self.topics}
        below = dict.fromkeys(
            item.post.topic_id for item in roundup.practices if by_id[item.post.topic_id].may_be_named
        )
        if not below:
            return roundup
        most, *others = sorted(voices.values(), reverse=True) or [0]
        busiest = most if most > max((*others[:1], A_FEW)) and max(voices[one] for one in below) == most else 0
        in_order = sorted(below, key=lambda one: voices[one] != busiest)  # if there is none, in their order
        if len(below) == len(roundup.practices) <= MAX_SUBJECTS:  # a list of all that comes right below says nothing
            in_order = in_order[: bool(busiest)]
        quoted = {item.post.topic_id for item in roundup.practices if item.quote}
        told = [one for place, one in enumerate(in_order) if one in quoted or (busiest and place == 0)]
        wanted = told or in_order  # where something is quoted, what is only pointed at is so once
        vouched = {one.post.topic_id for one in roundup.practices if _is_worth_naming(one)}
        named = [one for one in wanted if one in vouched or (busiest and one == in_order[0])][:MAX_SUBJECTS]
        if not named:
            return roundup
        links = [link(shown_title(by_id[one], self.period.staff), address(self.forum_url, by_id[one])) for one in named]
        return replace(
            roundup,
            opening=(opening := self.phrases.opening(links, busiest)),
            named=tuple(Citation(Use.LINK, one, by_id[one].title, pieces=(opening,)) for one in named),
        )


def _is_worth_naming(item: Practice) -> bool:
    """Whether the opening may send everybody to an item: an LCM marked it, or several liked it and it says enough."""
    post, there = item.post, contents(item.post.cooked)
    says_something = bool(item.quote) or there.shows or there.words >= WORDS_TO_NAME
    return post.marked or (post.likes >= LIKES_TO_NAME and says_something)


def _voices(topics: Sequence[Topic], period: Period) -> Counter[int]:
    """Return how many members wrote in each topic in the period."""
    written = written_by_members(topics, period.since, period.until, period.staff)
    return Counter(topic_id for topic_id, _ in {(topic.id, post.user_id) for topic, post in written})


def _questions(
    topics: Sequence[Topic], period: Period, phrases: Phrases, forum_url: str, shown: frozenset[int]
) -> list[Open]:
    known = [
        question
        for question in open_questions(topics, period.until, QUESTION_AGE, period.staff)
        if question.topic.id not in period.called_topics | shown and question.mainly and _asks_readers(question)
    ]
    wanted = sorted(known, key=lambda question: (question.repliers, not question.question, -question.age_days))
    named = [topic for topic in topics if topic.may_be_named]
    experts = Experts(named, period.staff, quarrelsome=quarrelling(topics, period.since))
    found: list[Open] = []
    called: set[str] = set()
    for turn, question in enumerate(wanted[:MAX_QUESTIONS]):
        expert = experts.for_question(question, called)
        name = known_for = None
        if expert:
            called.add(expert.post.username)
            name = display_name(expert.post)
            known_for = link(clean_title(expert.topic.title), address(forum_url, expert.topic, expert.post.number))
        call = phrases.call(name, known_for, turn)
        said = (question.question,) if question.question else ()
        citations = [cited(Use.QUESTION, question.topic, question.post, said)]
        if expert:
            citations.append(cited(Use.CALL, expert.topic, expert.post))
        line = _open_line(question, phrases, forum_url, call, period.until)
        pieced = (replace(one, pieces=(line,)) for one in citations)
        found.append(Open(line, question.topic.id, tuple(pieced)))
    return found


def _asks_readers(question: OpenQuestion) -> bool:
    """Whether somebody who knows nothing else can tell what is asked, by the title or by the quoted sentence."""
    title = clean_title(question.topic.title)
    return asks_alone(title) or asks_by_itself(question.question, title)


def _open_line(question: OpenQuestion, phrases: Phrases, forum_url: str, call: str, until: datetime) -> Markdown:
    asking = clean_title(question.topic.title) or question.topic.title
    title = link(asking, address(forum_url, question.topic))
    said = escape(question.question) if asks_by_itself(question.question, asking) else ""
    days = (until.date() - question.topic.created_at.astimezone(until.tzinfo).date()).days
    asked = phrases.asked(days, display_name(question.post))
    quoted = f" {phrases.language.quoted(said)}" if said else ""
    return Markdown(f"{title} ({asked}).{quoted} {call}")


def _new_voices(
    topics: Sequence[Topic], period: Period, phrases: Phrases, forum_url: str
) -> tuple[Markdown, tuple[Citation, ...]]:
    """Return who wrote for the first time, each with a link; nothing where that is nobody, many, or everybody."""
    first: dict[int, tuple[Topic, Post]] = {}
    others = False
    written = written_by_members(topics, period.since, period.until, period.staff)
    for topic, post in sorted(written, key=lambda pair: pair[1].created_at):
        if post.user_id not in period.new_authors:
            others = True
        elif post.quotable:
            first.setdefault(post.user_id, (topic, post))
    if not others or not 0 < len(first) <= MAX_VOICES:
        return Markdown(""), ()
    names = [link(display_name(post), address(forum_url, topic, post.number)) for topic, post in first.values()]
    said = phrases.first_time(names)
    cites = (replace(cited(Use.CALL, topic, post), title="", pieces=(said,)) for topic, post in first.values())
    return said, tuple(cites)


def _within_limit(roundup: Roundup, opener: _Opener, shorter: Sequence[Practice]) -> Roundup:
    """Leave out questions but one, then the ends of quotes, then practices, the last first, until it takes two minutes.

    `shorter` are the practices with as few sentences as each can be read with.
    """
    practices, questions = roundup.practices, roundup.questions
    whole = len(practices)
    current = opener.opened(roundup)
    while current.words > MAX_WORDS and (len(practices) > 1 or questions):
        if len(questions) > 1 or len(practices) == 1:
            questions = questions[:-1]
        elif whole:
            whole -= 1
            practices = (*practices[:whole], shorter[whole], *practices[whole + 1 :])
        else:
            practices = practices[:-1]
        current = opener.opened(replace(roundup, practices=practices, questions=questions))
    return current
