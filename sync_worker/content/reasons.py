"""Why a draft exists, or why there is none: sentences that an LCM reads, in the cohort's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.speech import phrases_for
from sync_worker.languages.language import Language, capital
from sync_worker.languages.parts import language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.activity.signals import Contribution


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences of one language; `{...}` are filled in with counts in words and with names."""

    found: Mapping[bool, str]
    open: Mapping[bool, str]
    nothing_written: str
    nothing_usable: str
    tells: str
    tells_a_figure: str
    picked: str
    agreed: str
    no_story: str
    none_told: str
    lcms_know: str
    not_agreed: str
    rewritten: str
    missed: str
    overtaken: str
    template: str
    prompt: str
    nobody_to_ask: str
    asked_before: str
    not_tellable: str
    not_seen: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        found={True: "One person wrote what others can use", False: "{people} wrote what others can use"},
        open={True: "one question is still open", False: "{questions} are still open"},
        nothing_written="nobody wrote anything in this period",
        nothing_usable="{posts}, none with a sentence that others could use",
        tells="The post tells what was tried and what came of it.",
        tells_a_figure="The post tells what was tried and what came of it, with a figure.",
        picked="An LCM chose this post.",
        agreed="{name} agreed to it.",
        no_story="No story has its author’s consent yet.",
        none_told="No story can be told of those who agreed.",
        lcms_know="{reason} The LCMs know.",
        not_agreed=("Its author has not agreed to it as it reads now, it was told before, or it cannot be told."),
        rewritten="Something that the approved text showed has changed since, so it was written anew. {reason}",
        missed="It was to happen by {day}, {clock}.",
        overtaken="A later date of this step has come too; only that one is done.",
        template="The playbook opens this topic at this moment.",
        prompt="The next prompt of the deck; {left} are left after it.",
        nobody_to_ask="no story in the last {days} days whose author has not been asked lately",
        asked_before="its author was asked before; the answer belongs into that conversation",
        not_tellable="the post cannot be told: it only asks, has no sentence of its own, or is more than a year old",
        not_seen="@{name} agreed, but has not seen the story as it reads now",
    ),
    "fr": _Words(
        found={
            True: "Une personne a écrit ce qui peut servir à d’autres",
            False: "{people} ont écrit ce qui peut servir à d’autres",
        },
        open={True: "une question reste ouverte", False: "{questions} restent ouvertes"},
        nothing_written="personne n’a rien écrit pendant cette période",
        nothing_usable="{posts}, sans phrase qui puisse servir à d’autres",
        tells="Le message raconte ce qui a été tenté et ce que cela a donné.",
        tells_a_figure="Le message raconte ce qui a été tenté et ce que cela a donné, chiffre à l’appui.",
        picked="Ce message a été choisi par l’équipe.",
        agreed="{name} a donné son accord.",
        no_story="Aucune réussite n’a encore l’accord de la personne qui l’a écrite.",
        none_told="Des accords ont été donnés, mais aucune de ces réussites ne peut être montrée pour l’instant.",
        lcms_know="{reason} L’équipe le sait déjà.",
        not_agreed=(
            "L’accord pour le texte actuel manque, ce message a déjà été montré, ou bien il ne peut pas devenir un "
            "récit."
        ),
        rewritten="Ce que montrait le texte approuvé a changé depuis\u00a0; il a donc été réécrit. {reason}",
        missed="C’était à faire au plus tard le {day} à {clock}.",
        overtaken="Une date plus récente de cette étape est arrivée entre-temps ; seule celle-ci est traitée.",
        template="Le parcours ouvre ce sujet à ce moment.",
        prompt="La question suivante de la série\u00a0; il en reste {left} après elle.",
        nobody_to_ask="sur les {days} derniers jours, aucune réussite dont l’auteur n’ait pas été sollicité récemment",
        asked_before="la question a déjà été posée à l’auteur\u00a0; sa réponse a sa place dans cette conversation",
        not_tellable=(
            "ce message ne peut pas devenir un récit : il ne fait que poser une question, ne contient aucune phrase "
            "de la personne elle-même, ou date de plus d’un an"
        ),
        not_seen="@{name} a donné son accord, mais n’a pas vu le récit tel qu’il se lit aujourd’hui",
    ),
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons in one language."""

    language: Language

    @property
    def _words(self) -> _Words:
        return _WORDS[self.language.code]

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
        return f"{told} {phrases_for(self.language.code).why(contribution)}".strip()

    def picked(self, contribution: Contribution) -> str:
        """Return that an LCM chose a post to be told as a story, and how the post was received."""
        return f"{self._words.picked} {phrases_for(self.language.code).why(contribution)}".strip()

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


def reasons_for(locale: str) -> Reasons:
    """Return the reasons of a locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return Reasons(language(locale))
