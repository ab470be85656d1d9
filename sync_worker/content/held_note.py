"""The desk note to the LCMs about a story that was not published because something changed at the last moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.languages.language import NBSP, shortened
from sync_worker.languages.parts import language

if TYPE_CHECKING:
    from collections.abc import Mapping

COHORT_NAME_LONGEST = 100


@dataclass(frozen=True, slots=True)
class HeldNote:
    """Title and text, as Markdown."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    body: str
    reasons: Mapping[str, str]
    otherwise: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        title="A story of {cohort} was not published",
        body=(
            "I was about to publish a story from [this post]({address}), and looked at the post once more. {reason}\n\n"
            "So the story stays where it is, and nothing of it was shown. You do not have to do anything: at the next "
            "story day I take another one whose author agreed. If the post may be shown after all, put that right on "
            "the forum first."
        ),
        reasons={
            "NO_CONSENT": "Its author’s yes does not stand any more.",
            "UNQUOTED": "Its author has asked not to be quoted.",
            "PASSAGE_GONE": "Its author has taken out words that the text quotes.",
            "HIDDEN": "The post is hidden by now.",
            "PRIVATE": "Its topic now stands where not everybody in the cohort can read it.",
            "UNLISTED": "Its topic was unlisted.",
            "NOT_IN_GOOD_STANDING": "Its author’s account is suspended, silenced or gone.",
            "ANONYMISED": "Its author’s account was anonymised.",
            "RENAMED": "Its author has another name by now, and I could not write the text anew.",
            "RETITLED": "Its topic has another title by now, and I could not write the text anew.",
        },
        otherwise="The post is not there any more.",
    ),
    "fr": _Words(
        title="Une réussite de {cohort} n’a pas été publiée",
        body=(
            "J’allais publier une réussite tirée de [ce message]({address}), et je l’ai relu une dernière fois. "
            "{reason}\n\n"
            "La réussite n’est donc pas parue, et rien n’en a été montré. Vous n’avez rien à faire"
            f"{NBSP}: au prochain rendez-vous, j’en prendrai une autre, avec l’accord de la personne qui l’a écrite. "
            "Si ce message peut tout de même être montré, réglez d’abord ce point sur le forum."
        ),
        reasons={
            "NO_CONSENT": "L’accord de la personne qui l’a écrit ne vaut plus.",
            "UNQUOTED": "La personne qui l’a écrit a demandé à ne pas être citée.",
            "PASSAGE_GONE": "La personne qui l’a écrit a retiré des mots que le texte citait.",
            "HIDDEN": "Le message est maintenant masqué.",
            "PRIVATE": "Le sujet se trouve maintenant là où tout le groupe ne peut pas le lire.",
            "UNLISTED": "Le sujet a été retiré des listes.",
            "NOT_IN_GOOD_STANDING": "Le compte de la personne qui l’a écrit est suspendu, bloqué ou supprimé.",
            "ANONYMISED": "Le compte de la personne qui l’a écrit a été anonymisé.",
            "RENAMED": "La personne qui l’a écrit a changé de nom, et je n’ai pas pu réécrire le texte.",
            "RETITLED": "Le sujet a changé de titre, et je n’ai pas pu réécrire le texte.",
        },
        otherwise="Le message n’est plus là.",
    ),
}


def held_note(locale: str, cohort: str, address: str, trouble: str) -> HeldNote:
    """Return the note about one story.

    Args:
        locale: the cohort's language.
        cohort: its name.
        address: of the post, which staff may still read.
        trouble: what no longer holds, by its name in `recheck.Trouble`.

    """
    words = _WORDS[language(locale).code]
    reason = held_reason(locale, trouble)
    name = shortened(cohort, COHORT_NAME_LONGEST)
    return HeldNote(words.title.format(cohort=name), words.body.format(address=address, reason=reason))


def held_reason(locale: str, trouble: str) -> str:
    """Return why a draft about a post was not sent, as a sentence; `trouble` is a name of `recheck.Trouble`."""
    words = _WORDS[language(locale).code]
    return words.reasons.get(trouble, words.otherwise)
