"""The best-practice roundup of a period: what people found out, who, in which words, and what is still open. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.activity.signals import contributions, open_questions, participation
from sync_worker.content.experts import Experts
from sync_worker.content.markdown import Markdown, escape, link, quote
from sync_worker.content.phrases import display_name
from sync_worker.content.questions import asks_by_itself
from sync_worker.content.reasons import reasons_for
from sync_worker.content.selection import candidates, choose, say_the_same
from sync_worker.content.speech import phrases_for
from sync_worker.content.voice import clean_title
from sync_worker.model import Citation, Use

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.activity.signals import Contribution, OpenQuestion
    from sync_worker.content.phrases import Phrases
    from sync_worker.content.selection import Candidate
    from sync_worker.model import Post, Topic

QUESTION_AGE = timedelta(days=14)
MAX_QUESTIONS = 3
MAX_SUBJECTS = 3
MAX_WORDS = 400
MAX_POINTERS = 3
POINTED_AT = 3  # likes and replies of a post to which a roundup only points
FRAME_WORDS = 45  # what the template says around the parts


@dataclass(frozen=True, slots=True)
class Period:
    """What a roundup looks at, and what it leaves alone.

    Times are aware; `until` is excluded, and its zone is the one whose days are counted.

    `staff` are accounts never shown; `shown_posts` stood in earlier roundups or may not be shown; `tired` are authors
    shown last time; `called_topics` are open questions that were called out often enough; `headings` stood in
    earlier roundups.
    """

    since: datetime
    until: datetime
    staff: frozenset[str] = frozenset()
    shown_posts: frozenset[int] = frozenset()
    tired: frozenset[int] = frozenset()
    called_topics: frozenset[int] = frozenset()
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """One item of a roundup, ready for the template; `post` and `why` say what and why to those who check."""

    heading: Markdown
    credit: Markdown
    quote: Markdown
    why: Markdown
    post: Post = field(repr=False)
    citation: Citation = field(repr=False)


@dataclass(frozen=True, slots=True)
class Open:
    """One open question, ready for the template, with the topics that it names."""

    line: Markdown
    topic_id: int
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Roundup:
    """The parts of a roundup, as Markdown; `named` are the topics that its opening names."""

    opening: Markdown
    practices: tuple[Practice, ...]
    questions: tuple[Open, ...]
    numbers: str
    named: tuple[Citation, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Everything of the forum that stands in it."""
        items = (item.citation for item in self.practices)
        return (*items, *self.named, *(one for question in self.questions for one in question.citations))

    @property
    def words(self) -> int:
        """How many words a reader sees, the template's own included."""
        parts = [self.opening, self.numbers, *(question.line for question in self.questions)]
        parts += [f"{item.heading} {item.credit} {item.quote} {item.why}" for item in self.practices]
        visible = re.sub(r"\]\([^)]*\)|\[/?quote[^\]]*\]", " ", " ".join(parts))
        return len(visible.split()) + FRAME_WORDS


def build_roundup(
    topics: Sequence[Topic], period: Period, locale: str, forum_url: str, limit: int = 5
) -> Roundup | str:
    """Return the roundup of a period, or a sentence saying why there is none."""
    phrases = phrases_for(locale)
    written = contributions(topics, period.since, period.until, period.staff)
    if not written:
        return reasons_for(locale).nothing_written()
    fresh = [item for item in written if item.post.id not in period.shown_posts]
    ranked = candidates(fresh, locale, period.staff, period.tired)
    chosen = choose(ranked, limit, period.staff, period.headings)
    if not ranked:
        practices = _pointers(fresh, period, phrases, forum_url)
    else:
        practices = tuple(_practice(candidate, phrases, forum_url, period.staff) for candidate in chosen)
    if not practices:
        return reasons_for(locale).nothing_usable(len(written))
    shown = frozenset(item.post.topic_id for item in practices)
    busy, voices = _subjects(topics, period)
    links = [link(shown_title(topic, period.staff), address(forum_url, topic)) for topic in busy]
    roundup = Roundup(
        opening=phrases.opening(links, voices),
        practices=practices,
        questions=tuple(_questions(topics, period, phrases, forum_url, shown)),
        numbers=phrases.numbers(participation(topics, period.since, period.until, period.staff)),
        named=tuple(Citation(Use.LINK, topic.id, topic.title) for topic in busy),
    )
    return _within_limit(roundup)


def address(forum_url: str, topic: Topic, post_number: int = 1) -> str:
    """Return the address of a post."""
    slug = topic.slug if re.fullmatch(r"[a-z0-9-]+", topic.slug) else "-"
    tail = f"/{post_number}" if post_number > 1 else ""
    return f"{forum_url}/t/{slug}/{topic.id}{tail}"


def shown_title(topic: Topic, staff: frozenset[str]) -> str:
    """Return a topic's title for a running text; of our own topics the part after the colon, which says what it is."""
    ours = topic.opening is not None and topic.opening.username in staff
    title = re.split(r"[\u00a0 ]?: ", topic.title, maxsplit=1)[-1] if ours else topic.title
    return clean_title(title) or topic.title


def _subjects(topics: Sequence[Topic], period: Period) -> tuple[list[Topic], int]:
    """Return the topics that most people wrote in, and how many wrote in the first of them."""
    voices: Counter[int] = Counter()
    for topic in topics:
        people = {
            post.user_id
            for post in topic.posts
            if period.since <= post.created_at < period.until and post.by_a_person and post.username not in period.staff
        }
        voices[topic.id] = len(people)
    by_id = {topic.id: topic for topic in topics}
    ranked = sorted((topic_id for topic_id in voices if voices[topic_id]), key=lambda one: (-voices[one], -one))
    busy = [topic_id for topic_id in ranked if voices[topic_id] > 1][:MAX_SUBJECTS] or ranked[:1]
    return [by_id[one] for one in busy], voices[busy[0]]


def _practice(candidate: Candidate, phrases: Phrases, forum_url: str, staff: frozenset[str]) -> Practice:
    topic, post = candidate.contribution.topic, candidate.contribution.post
    here = address(forum_url, topic, post.number)
    heading = escape(candidate.said.heading)
    if candidate.said.pulled:
        heading = Markdown(phrases.language.quoted(heading))
    elif candidate.said.titled:
        heading = phrases.about(heading, asks=heading.endswith("?"), solved=post.accepted)
    where = None if candidate.said.titled else link(shown_title(topic, staff), here)
    return Practice(
        heading=heading,
        credit=phrases.credit(display_name(post), where, here),
        quote=quote(candidate.said.quote, post.username, post.number, topic.id),
        why=phrases.why(candidate.contribution),
        post=post,
        citation=cited(Use.QUOTE, topic, post, (candidate.said.quote, *candidate.said.sources)),
    )


def _pointers(
    written: Sequence[Contribution], period: Period, phrases: Phrases, forum_url: str
) -> tuple[Practice, ...]:
    """Return where to read what was best received, in a week in which no passage stands on its own."""
    noticed = [one for one in written if one.evidence.accepted or one.evidence.noticed >= POINTED_AT]
    found: dict[tuple[int, int], Practice] = {}
    for one in sorted(noticed, key=lambda one: (-one.evidence.weight, one.post.id)):
        topic, post = one.topic, one.post
        title = shown_title(topic, period.staff)
        spent = any(topic.id == number or post.user_id == author for number, author in found)
        if spent or any(say_the_same(title, heading) for heading in period.headings):
            continue
        here = address(forum_url, topic, post.number)
        found[topic.id, post.user_id] = Practice(
            heading=phrases.about(escape(title), asks=title.endswith("?"), solved=post.accepted),
            credit=phrases.pointer(display_name(post), here),
            quote=Markdown(""),
            why=phrases.why(one),
            post=post,
            citation=cited(Use.QUOTE, topic, post),
        )
    return tuple(found.values())[:MAX_POINTERS]


def cited(use: Use, topic: Topic, post: Post, passages: tuple[str, ...] = ()) -> Citation:
    """Return what is cited of a post: its topic, its author, and the passages that are shown of it."""
    return Citation(use, topic.id, topic.title, post.id, post.number, post.user_id, post.username, post.name, passages)


def _questions(
    topics: Sequence[Topic], period: Period, phrases: Phrases, forum_url: str, shown: frozenset[int]
) -> list[Open]:
    known = [
        question
        for question in open_questions(topics, period.until, QUESTION_AGE, period.staff)
        if question.topic.id not in period.called_topics | shown
    ]
    wanted = sorted(known, key=lambda question: (question.repliers, not question.question, -question.age_days))
    experts = Experts(topics, period.staff)
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
        found.append(Open(line, question.topic.id, tuple(citations)))
    return found


def _open_line(question: OpenQuestion, phrases: Phrases, forum_url: str, call: str, until: datetime) -> Markdown:
    asking = clean_title(question.topic.title) or question.topic.title
    title = link(asking, address(forum_url, question.topic))
    said = escape(question.question) if asks_by_itself(question.question, asking) else ""
    days = (until.date() - question.topic.created_at.astimezone(until.tzinfo).date()).days
    asked = phrases.asked(days, display_name(question.post))
    quoted = f" {phrases.language.quoted(said)}" if said else ""
    return Markdown(f"{title} ({asked}).{quoted} {call}")


def _within_limit(roundup: Roundup) -> Roundup:
    """Drop the last questions, then the last practices, until it can be read in two minutes."""
    practices, questions = roundup.practices, roundup.questions
    current = roundup
    while current.words > MAX_WORDS and (len(practices) > 1 or questions):
        if len(questions) > 1 or len(practices) == 1:
            questions = questions[:-1]
        else:
            practices = practices[:-1]
        current = replace(roundup, practices=practices, questions=questions)
    return current
