"""The few sentences that the worker writes onto the desk itself, in the cohort's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Titles of plays and reasons; `{...}` are filled in with numbers and names."""

    plays: Mapping[str, str]
    never_wrote: str
    quiet: str
    quiet_one_week: str
    usual: str
    usual_one: str
    unanswered: str
    answered_once: str
    shown_in_roundup: str
    rejected: str

    def play(self, name: str) -> str:
        """Return what a play is called on a calendar."""
        return self.plays.get(name, name)

    def silence(self, weeks: int | None) -> str:
        """Return how long somebody has not written; None for never."""
        if weeks is None:
            return self.never_wrote
        return self.quiet_one_week if weeks == 1 else self.quiet.format(weeks=weeks)

    def usual_share(self, posts: float) -> str:
        """Return how much the others write."""
        rounded = round(posts)
        return self.usual_one if rounded == 1 else self.usual.format(posts=rounded)


WORDS: Mapping[str, DeskWords] = {
    "en": DeskWords(
        plays={
            "topic": "Topic",
            "prompt": "Prompt",
            "consent": "Question to an author",
            "story": "Success story",
            "roundup": "Roundup",
        },
        never_wrote="Has not written here yet.",
        quiet="Last wrote {weeks} weeks ago.",
        quiet_one_week="Last wrote a week ago.",
        usual="The others write about {posts} posts in four weeks.",
        usual_one="The others write about one post in four weeks.",
        unanswered="Nobody has answered.",
        answered_once="One person answered; the question is still open.",
        shown_in_roundup="Shown in a roundup.",
        rejected="Rejected by {name}: {reason}",
    ),
    "fr": DeskWords(
        plays={
            "topic": "Sujet",
            "prompt": "Question de la semaine",
            "consent": "Demande d’accord",
            "story": "Réussite",
            "roundup": "Bilan",
        },
        never_wrote="N’a encore rien écrit ici.",
        quiet="Dernier message il y a {weeks} semaines.",
        quiet_one_week="Dernier message il y a une semaine.",
        usual="Les autres écrivent environ {posts} messages en quatre semaines.",
        usual_one="Les autres écrivent environ un message en quatre semaines.",
        unanswered="Personne n’a répondu.",
        answered_once="Une personne a répondu ; la question reste ouverte.",
        shown_in_roundup="Paru dans un bilan.",
        rejected="Écarté par {name} : {reason}",
    ),
}


def words_for(locale: str) -> DeskWords:
    """Return the words of a language; English where there are none of it."""
    return WORDS.get(locale, WORDS["en"])
