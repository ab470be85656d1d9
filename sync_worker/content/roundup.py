"""The best-practice roundup of a period: what people found out, who, in which words, and what is still open. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.activity.signals import contributions, open_questions, participation
from sync_worker.content.experts import Experts
from sync_worker.content.language import language
from sync_worker.content.markdown import Markdown, escape, link, quote
from sync_worker.content.phrases import display_name
from sync_worker.content.questions import asks_by_itself
from sync_worker.content.selection import candidates, choose
from sync_worker.content.speech import phrases_for
from sync_worker.content.voice import clean_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.activity.signals import OpenQuestion
    from sync_worker.content.phrases import Phrases
    from sync_worker.content.selection import Candidate
    from sync_worker.model import Post, Topic

QUESTION_AGE = timedelta(days=14)
MAX_QUESTIONS = 3
MAX_SUBJECTS = 3
MAX_WORDS = 400
FRAME_WORDS = 45  # what the template says around the parts


@dataclass(frozen=True, slots=True)
class Period:
    """What a roundup looks at, and what it leaves alone. Times are aware; `until` is excluded.

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


@dataclass(frozen=True, slots=True)
class Open:
    """One open question, ready for the template."""

    line: Markdown
    topic_id: int


@dataclass(frozen=True, slots=True)
class Roundup:
    """The parts of a roundup, as Markdown."""

    opening: Markdown
    practices: tuple[Practice, ...]
    questions: tuple[Open, ...]
    numbers: str

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
        return "nobody wrote anything in this period"
    fresh = [item for item in written if item.post.id not in period.shown_posts]
    ranked = candidates(fresh, locale, period.staff, period.tired)
    chosen = choose(ranked, limit, period.staff, period.headings)
    if not chosen:
        return f"{language('en').count(len(written), 'post')}, none with a sentence that others could use"
    shown = frozenset(candidate.contribution.topic.id for candidate in chosen)
    roundup = Roundup(
        opening=phrases.opening(*_subjects(topics, period, forum_url)),
        practices=tuple(_practice(candidate, phrases, forum_url, period.staff) for candidate in chosen),
        questions=tuple(_questions(topics, period, phrases, forum_url, shown)),
        numbers=phrases.numbers(participation(topics, period.since, period.until, period.staff)),
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


def _subjects(topics: Sequence[Topic], period: Period, forum_url: str) -> tuple[list[Markdown], int]:
    """Return links to the topics that most people wrote in, and how many wrote in the first of them."""
    voices: Counter[int] = Counter()
    for topic in topics:
        people = {
            post.username
            for post in topic.posts
            if period.since <= post.created_at < period.until and post.username not in period.staff
        }
        voices[topic.id] = len(people)
    by_id = {topic.id: topic for topic in topics}
    ranked = sorted((topic_id for topic_id in voices if voices[topic_id]), key=lambda one: (-voices[one], -one))
    busy = [topic_id for topic_id in ranked if voices[topic_id] > 1][:MAX_SUBJECTS] or ranked[:1]
    links = [link(shown_title(by_id[one], period.staff), address(forum_url, by_id[one])) for one in busy]
    return links, voices[busy[0]]


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
    )


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
        found.append(Open(_open_line(question, phrases, forum_url, call), question.topic.id))
    return found


def _open_line(question: OpenQuestion, phrases: Phrases, forum_url: str, call: str) -> Markdown:
    asking = clean_title(question.topic.title) or question.topic.title
    title = link(asking, address(forum_url, question.topic))
    said = escape(question.question) if asks_by_itself(question.question, asking) else ""
    asked = phrases.asked(question, display_name(question.post))
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
        current = Roundup(roundup.opening, practices, questions, roundup.numbers)
    return current
