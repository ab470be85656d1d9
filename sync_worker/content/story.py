"""A success story from a learner's post: who, the situation, what they tried, what came of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name, escape, link, plain_name, why
from sync_worker.content.reasons import reasons_for
from sync_worker.content.roundup import address, cited, shown_title
from sync_worker.content.roundup import quoted as quote_block
from sync_worker.languages.parts import HEADINGS, PHRASES, PRACTICES, language
from sync_worker.model import Use
from sync_worker.signals import cues
from sync_worker.signals.contributions import contributions
from sync_worker.signals.cues import Beats, read_beats, reports, whole_text
from sync_worker.signals.quoting import HANGING, deed, names_in, names_somebody, trimmed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.model import Citation, Post, Topic
    from sync_worker.signals.contributions import Contribution

QUOTE_LONGEST = 620
EFFECT_LONGEST = 80
HEADLINE_LONGEST = 100
TAKEN_LONGEST = 200
DEED = 5  # words beside the name; with fewer a headline says too little
SAID = 6  # words of a sentence that is a headline
MARKS = re.compile(r"[\"“”«»?!]")  # what stands badly within a headline in quotation marks
OPENERS = frozenset().union(*(words.openers for words in HEADINGS.all().values()))
ENOUGH = 1.0  # how much others must vouch for it


@dataclass(frozen=True, slots=True)
class StoryCandidate:
    """A post that tells of something tried and what came of it, or (`picked`) one that a person chose all the same."""

    contribution: Contribution
    beats: Beats
    score: float
    picked: bool = False

    def reason(self, locale: str) -> str:
        """Why it is a candidate, in sentences for the LCM."""
        if self.picked:
            return reasons_for(locale).picked(self.contribution)
        figure = any(cues.NUMBER.search(text) for text in self.beats.outcome)
        return reasons_for(locale).candidate(self.contribution, figure=figure)


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of a story for the template."""

    headline: str
    name: Markdown
    topic: Markdown
    quote: Markdown
    taken: Markdown
    why: Markdown
    post: Post = field(repr=False)
    citation: Citation = field(repr=False)


@dataclass(frozen=True, slots=True)
class Headline:
    """A story's title, and the sentences of the post that it was made of."""

    text: str
    sources: tuple[str, ...]


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
        post = contribution.post
        beats = read_beats(post.cooked)
        if beats and contribution.evidence.weight >= ENOUGH:
            found.append(StoryCandidate(contribution, beats, _score(contribution, beats)))
        elif post.id in picked and (whole := beats or whole_text(post.cooked)):
            found.append(StoryCandidate(contribution, whole, _score(contribution, whole), picked=True))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.contribution.post.id))


def write_story(candidate: StoryCandidate, locale: str, forum_url: str, staff: frozenset[str]) -> Story:
    """Return the story's parts in the language of its cohort."""
    phrases = PHRASES.of(locale)
    topic, post = candidate.contribution.topic, candidate.contribution.post
    beats = candidate.beats
    taken = beats.lesson if len(beats.lesson) <= TAKEN_LONGEST else ""
    place = shown_title(topic, staff) if topic.may_be_named else ""
    title = make_headline(beats, plain_name(post), locale, place)
    quoted = kept_sentences(beats, title.text)
    return Story(
        headline=title.text,
        name=display_name(post),
        topic=link(place or PRACTICES.of(locale).conversation, address(forum_url, topic, post.number)),
        quote=quote_block(excerpt(beats, title.text), topic, post),
        taken=Markdown(phrases.language.quoted(escape(taken.rstrip(".")))) if taken else Markdown(""),
        why=why(phrases, candidate.contribution),
        post=post,
        citation=cited(Use.QUOTE, topic, post, (*quoted, *title.sources, *((taken,) if taken else ()))),
    )


def headline(beats: Beats, name: str, locale: str, place: str = "") -> str:
    """Return a story's title."""
    return make_headline(beats, name, locale, place).text


def make_headline(beats: Beats, name: str, locale: str, place: str = "") -> Headline:
    """Return the action and its effect, as far as both can be told without twisting the author's words."""
    least = len(name.split()) + DEED
    deeds = ((deed(text, name, locale), text) for text in beats.tried)
    action, acted = next((told for told in deeds if len(told[0].split()) >= least), ("", ""))
    effects = ((_effect(text, locale), text) for text in beats.outcome)
    effect, came = next((told for told in effects if told[0]), ("", ""))
    colon = language(locale).colon
    if action and effect:
        return Headline(f"{action}{colon} {_running_on(effect)}", (acted, came))
    if action:
        return Headline(action, (acted,))
    named = names_in((*beats.situation, *beats.tried, *beats.outcome, beats.lesson))
    telling = [text for text in beats.outcome if reports(text)]
    tried = [trimmed(text, HEADLINE_LONGEST) for text in beats.tried if not MARKS.search(text)]
    alone = (text for text in (*telling, beats.lesson, *tried) if _speaks_alone(text))
    said = next((text for text in alone if not names_somebody(text, named)), "")
    if not said and place:
        return Headline(f"{name}{colon} {place}", ())
    said = said or trimmed(beats.lesson or beats.outcome[0], HEADLINE_LONGEST) or clean_cut(beats.outcome[0])
    return Headline(f"{name}{colon} {PHRASES.of(locale).language.quoted(said.rstrip('.'))}", (said,))


def excerpt(beats: Beats, title: str = "") -> str:
    """Return situation, deed and outcome in the author's words, with (…) where something was left out.

    What the title takes from the outcome is always among them.
    """
    return _joined(kept_sentences(beats, title), [*beats.situation, *beats.tried, *beats.outcome])


def kept_sentences(beats: Beats, title: str = "") -> list[str]:
    """Return the sentences of which the excerpt is made."""
    named = [text for text in beats.outcome if _key(text, 30) in _key(title)]
    outcome = [text for text in beats.outcome if text in (*beats.outcome[:1], *named)] if named else beats.outcome
    parts = [list(beats.situation[-2:]), list(beats.tried[:2]), list(outcome[:2])]
    while sum(len(text) + 1 for part in parts for text in part) > QUOTE_LONGEST:
        longest = max(parts, key=lambda part: (len(part) > 1, sum(map(len, part))))
        if len(longest) < 2:
            break
        longest.pop(0 if longest is parts[0] or (longest is parts[2] and named) else -1)
    return [text for part in parts for text in part]


def _key(text: str, length: int | None = None) -> str:
    """Return a text's letters, by which a sentence is found in a headline that changed its marks or its end."""
    return re.sub(r"\W", "", text.casefold())[:length]


def _joined(kept: list[str], every: list[str]) -> str:
    """Join sentences; mark every gap between two of them."""
    pieces: list[str] = []
    last = None
    for text in kept:
        place = every.index(text)
        if last is not None and place != last + 1:
            pieces.append("(…)")
        pieces.append(text)
        last = place
    return " ".join(pieces)


def _running_on(effect: str) -> str:
    """Return the effect as it goes on after a colon: in lower case, but not the name it may begin with."""
    first = re.split(r"[\s,’']", effect, maxsplit=1)[0].lower()
    return effect[0].lower() + effect[1:] if first in OPENERS else effect


def clean_cut(text: str) -> str:
    """Return the beginning of a sentence up to the last whole word that fits a headline."""
    return text if len(text) <= HEADLINE_LONGEST else text[:HEADLINE_LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _speaks_alone(text: str) -> bool:
    """Whether a sentence can stand as a headline in quotation marks."""
    return (
        25 <= len(text) <= HEADLINE_LONGEST
        and len(text.split()) >= SAID
        and not HANGING.match(text)
        and not cues.UNSURE.search(text)
        and not MARKS.search(text)
    )


def _effect(text: str, locale: str) -> str:
    """Return the outcome as a short clause without an I, or ""."""
    own = rf"\b(?:{HEADINGS.of(locale).own})\b"
    clause = re.split(r"(?<=\w)[.;:](?:\s|$)| (?:and|but|et|mais) ", text, maxsplit=1)[0]
    head, comma, _ = clause.partition(", ")
    clause = (head if comma and len(head.split()) > 5 else clause).rstrip(".,")
    fits = 18 <= len(clause) <= EFFECT_LONGEST and len(clause.split()) > 3
    if (
        not fits
        or not reports(clause)
        or HANGING.match(clause)
        or re.search(own, clause, re.IGNORECASE)
        or MARKS.search(clause)
    ):
        return ""
    return clause


def _score(contribution: Contribution, beats: Beats) -> float:
    figures = sum(bool(cues.NUMBER.search(text)) for text in beats.outcome)
    return contribution.evidence.weight + 0.8 * min(figures, 2) + 0.5 * bool(beats.lesson)
