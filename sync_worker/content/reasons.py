"""Why a draft exists, or why there is none: sentences that an LCM reads, in the cohort's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.phrases import why
from sync_worker.languages.language import Language, capital
from sync_worker.languages.parts import PHRASES, REASONS, language

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.languages.sentences import ReasonSentences
    from sync_worker.signals.contributions import Contribution


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons in one language."""

    language: Language

    @property
    def _words(self) -> ReasonSentences:
        return REASONS.of(self.language.code)

    def roundup(self, practices: int, questions: int) -> str:
        """Return "Three people wrote what others can use; two questions are still open."."""
        people = capital(self.language.count(practices, "person"))
        text = self._words.found[practices == 1].format(people=people)
        if questions:
            asked = self.language.count(questions, "question")
            text += f"{self.language.semicolon} " + self._words.open[questions == 1].format(questions=asked)
        return f"{text}."

    def nothing_written(self) -> str:
        """Return that there is no roundup of a silent week."""
        return self._words.nothing_written

    def nothing_usable(self, posts: int) -> str:
        """Return that no sentence of so many posts can be shown."""
        return self._words.nothing_usable.format(posts=self.language.count(posts, "post"))

    def candidate(self, contribution: Contribution, *, figure: bool) -> str:
        """Return why a post could be told as a story: what it tells, and how it was received."""
        told = self._words.tells_a_figure if figure else self._words.tells
        return f"{told} {why(PHRASES.of(self.language.code), contribution)}".strip()

    def picked(self, contribution: Contribution) -> str:
        """Return that an LCM chose a post to be told as a story, and how the post was received."""
        return f"{self._words.picked} {why(PHRASES.of(self.language.code), contribution)}".strip()

    def agreed(self, name: str, why: str) -> str:
        """Return why a story is told: its author agreed, and what made it a candidate."""
        return f"{self._words.agreed.format(name=name)} {why}"

    def nobody_to_ask(self, days: int) -> str:
        """Return that there is nobody to be asked for a story of so many days."""
        return self._words.nobody_to_ask.format(days=days)

    def asked_before(self) -> str:
        """Return why the author of a picked post is not asked again."""
        return self._words.asked_before

    def not_tellable(self) -> str:
        """Return why a picked post makes no story."""
        return self._words.not_tellable

    def not_seen(self, username: str) -> str:
        """Return why an author who agreed is asked anew."""
        return self._words.not_seen.format(name=username)

    def no_story(self) -> str:
        """Return that there is no story to tell."""
        return self._words.no_story

    def none_told(self) -> str:
        """Return that some agreed, and none of their stories can be told now."""
        return self._words.none_told

    def lcms_know(self, reason: str) -> str:
        """Return why there is no story to tell, and that a note said so before."""
        return self._words.lcms_know.format(reason=reason)

    def not_agreed(self) -> str:
        """Return why the story that somebody picked cannot be told."""
        return self._words.not_agreed

    def rewritten(self, reason: str) -> str:
        """Return why a draft that was approved waits once more, beside why it exists."""
        return self._words.rewritten.format(reason=reason)

    def missed(self, until: datetime) -> str:
        """Return that an occurrence came too late; `until` is the last moment for it, on the cohort's clock."""
        return self._words.missed.format(day=self.language.day(until.date()), clock=f"{until:%H:%M}")

    def overtaken(self) -> str:
        """Return that a later date of the same step is due as well, and is done instead."""
        return self._words.overtaken

    def template(self) -> str:
        """Return why a topic of the playbook's own is opened."""
        return self._words.template

    def prompt(self, left: int) -> str:
        """Return why this prompt is next, and how many have not come yet."""
        return self._words.prompt.format(left=self.language.number(left, "question"))

    def resource(self, *, dated: bool) -> str:
        """Return why this resource is next: its moment has come, or it is the next of the list."""
        return self._words.resource[dated]

    def no_resource(self, name: str) -> str:
        """Return that a list has nothing for this day."""
        return self._words.no_resource.format(name=name)


def reasons_for(locale: str) -> Reasons:
    """Return the reasons of a locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return Reasons(language(locale))
