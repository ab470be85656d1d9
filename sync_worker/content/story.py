"""A success story from a learner's post: who, the situation, what they tried, what came of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name, escape, link, plain_name, why
from sync_worker.content.pointing import address
from sync_worker.content.reasons import reasons_for
from sync_worker.content.roundup_items import cited, shown_title
from sync_worker.content.roundup_items import quoted as quote_block
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import HEADINGS, PHRASES, PRACTICES, language
from sync_worker.model import Use
from sync_worker.signals import cues
from sync_worker.signals.contributions import contributions
from sync_worker.signals.cues import telling_words
from sync_worker.signals.deeds import deed, names_somebody, tells_of_its_author
from sync_worker.signals.single_sentences import HANGING
from sync_worker.signals.telling import plain_passage, read_telling

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.model import Citation, Post, Topic
    from sync_worker.signals.contributions import Contribution
    from sync_worker.signals.telling import Telling

EFFECT_LONGEST = 80
TITLE_LONGEST = 150  # of a topic's title within a story's
DEED = 6  # words beside the name; with fewer a headline says too little
MARKS = re.compile(r"[\"“”«»?!:]")  # what stands badly within a headline in quotation marks
OPENERS = frozenset().union(*(words.openers for words in HEADINGS.all().values()))
ENOUGH = 1.0  # how much others must vouch for it


@dataclass(frozen=True, slots=True)
class StoryCandidate:
    """A post that tells of something tried and what came of it, or (`picked`) one that a person chose all the same.

    `prompted`: it answers a prompt of ours; `place` is its topic's title as it is shown, "" where it may not be.
    """

    contribution: Contribution
    telling: Telling
    score: float
    place: str
    picked: bool = False
    prompted: bool = False

    def reason(self, locale: str) -> str:
        """Why it is a candidate, in sentences for the LCM."""
        if self.picked:
            return reasons_for(locale).picked(self.contribution)
        figure = any(cues.NUMBER.search(text) for text in self.telling.outcome)
        return reasons_for(locale).candidate(self.contribution, figure=figure)


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of a story for the template; `repeatable`: it tells a deed that readers could try themselves."""

    headline: str
    name: Markdown
    topic: Markdown
    quote: Markdown
    taken: Markdown
    why: Markdown
    repeatable: bool
    post: Post = field(repr=False)
    citation: Citation = field(repr=False)


@dataclass(frozen=True, slots=True)
class Headline:
    """A story's title, and the sentences of the post that it was made of."""

    text: str
    sources: tuple[str, ...] = ()


def story_candidates(
    topics: Sequence[Topic],
    since: datetime,
    until: datetime,
    staff: frozenset[str],
    picked: Collection[int] = (),
) -> list[StoryCandidate]:
    """Return the posts of a period that could be told as a story, best first.

    Posts with the ids `picked` are among them whatever they tell and however they were received: a person chose them.
    """
    found = []
    for contribution in contributions(topics, since, until, staff):
        topic, post = contribution.topic, contribution.post
        if contribution.evidence.weight < ENOUGH and post.id not in picked:
            continue
        prompted = topic.opened_by(staff)
        place = shown_title(topic, staff) if topic.may_be_named else ""
        told = read_telling(topic, post, until, prompted=prompted)
        if told and contribution.evidence.weight >= ENOUGH:
            found.append(StoryCandidate(contribution, told, _score(contribution, told), place, prompted=prompted))
        elif post.id in picked and (whole := told or plain_passage(post.cooked)):
            score = _score(contribution, whole)
            found.append(StoryCandidate(contribution, whole, score, place, picked=True, prompted=prompted))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.contribution.post.id))


def write_story(candidate: StoryCandidate, locale: str, forum_url: str) -> Story:
    """Return the story's parts in the language of its cohort."""
    phrases = PHRASES.of(locale)
    topic, post = candidate.contribution.topic, candidate.contribution.post
    telling = candidate.telling
    taken = telling.lesson
    title = headline(candidate, locale)
    return Story(
        headline=title.text,
        name=display_name(post),
        topic=link(candidate.place or PRACTICES.of(locale).conversation, address(forum_url, topic, post.number)),
        quote=quote_block(telling.text, topic, post),
        taken=Markdown(phrases.language.quoted(escape(taken.rstrip(".")))) if taken else Markdown(""),
        why=why(phrases, candidate.contribution),
        repeatable=bool(title.sources) or (candidate.prompted and bool(telling.deeds)),
        post=post,
        citation=cited(Use.QUOTE, topic, post, (*telling.passage, *title.sources, *((taken,) if taken else ()))),
    )


def headline(candidate: StoryCandidate, locale: str) -> Headline:
    """Return a story's title: the deed and its effect, where certain; else whose story of which topic it is."""
    post = candidate.contribution.post
    name = plain_name(post)
    told = retold(candidate.telling, name, locale)
    if told.text:
        return told
    if not candidate.place:
        return Headline(PHRASES.of(locale).tells(name))
    place = shortened(candidate.place, TITLE_LONGEST)
    if post.number == 1:
        return Headline(f"{name}{language(locale).colon} {place}")
    return Headline(PHRASES.of(locale).about_prompt(name, place))


def retold(telling: Telling, name: str, locale: str) -> Headline:
    """Return what the author did and what came of it, as far as both can be told without twisting their words.

    It is the one thing that they did, or nothing: of several things most are beside the point, and a story begins with
    how it was before.
    """
    acted = telling.deeds[0] if telling.deeds else ""
    did = [text for text in telling.passage[1:] if tells_of_its_author(text, locale) or cues.TRIED.search(text)]
    action = deed(acted, name, locale, whole=True)
    if did != [acted] or len(action.split()) < len(name.split()) + DEED:
        return Headline("")
    effects = ((_effect(text, locale), text) for text in telling.outcome)
    effect, came = next((told for told in effects if told[0]), ("", ""))
    if not effect or telling_words(action) & telling_words(effect):  # twice the same noun reads like a machine
        return Headline(action, (acted,))
    return Headline(f"{action}{language(locale).colon} {effect[0].lower()}{effect[1:]}", (acted, came))


def _effect(text: str, locale: str) -> str:
    """Return the outcome as a short clause without an I, or ""."""
    own = rf"\b(?:{HEADINGS.of(locale).own})\b"
    clause = re.split(r"(?<=\w)[.;:](?:\s|$)| (?:and|but|et|mais) ", text, maxsplit=1)[0]
    head, comma, _ = clause.partition(", ")
    clause = (head if comma and len(head.split()) > 5 else clause).rstrip(".,")
    fits = 18 <= len(clause) <= EFFECT_LONGEST and len(clause.split()) > 3
    first = re.split(r"[\s,’']", clause, maxsplit=1)[0].lower()
    if (
        not fits
        or first not in OPENERS  # it may be a name
        or names_somebody(clause[:1].lower() + clause[1:])
        or not cues.OUTCOME.search(clause)  # a number alone may be half a sentence
        or HANGING.match(clause)
        or re.search(own, clause, re.IGNORECASE)
        or MARKS.search(clause)
    ):
        return ""
    return clause


def _score(contribution: Contribution, telling: Telling) -> float:
    figures = sum(bool(cues.NUMBER.search(text)) for text in telling.outcome)
    return contribution.evidence.weight + 0.8 * min(figures, 2) + 0.5 * bool(telling.lesson)
