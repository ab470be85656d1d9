"""The few sentences that the worker writes onto the desk itself, in the cohort's language and by its clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sync_worker.content.reasons import reasons_for
from sync_worker.publish.carry_out import (
    FOUND,
    GONE,
    NO_RECIPIENT,
    NO_TOPIC,
    NOT_OURS,
    NOT_PINNED,
    PIN_OVER,
    REMOVED,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

# How the journal says why something did not happen; the desk says it in the cohort's words.
MISSED = re.compile(r"it was to happen by (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
REJECTED = re.compile(r"rejected by (?P<name>[^:]*): (?P<reason>.*)", re.DOTALL)
TOO_LATE = "too late to happen"


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Titles of plays and reasons; `{...}` are filled in with numbers and names."""

    locale: str
    plays: Mapping[str, str]
    too_late: str
    post: str
    never_wrote: str
    quiet: str
    quiet_one_week: str
    usual: str
    usual_one: str
    unanswered: str
    answered_once: str
    shown_in_roundup: str
    rejected: str
    journal: Mapping[str, str]

    def play(self, name: str) -> str:
        """Return what a play is called on a calendar."""
        return self.plays.get(name, name)

    def why_not(self, reason: str, zone: ZoneInfo | None) -> str:
        """Return why something of the journey did not happen: the journal's reason, in this language and by this clock.

        Plays write their reasons in the cohort's language; what the worker itself wrote, or wrote before it knew
        languages, is said anew.
        """
        if found := MISSED.search(reason):
            until = datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).astimezone(zone)
            return reasons_for(self.locale).missed(until)
        if reason == TOO_LATE:
            return self.too_late
        if found := REJECTED.fullmatch(reason):
            return self.rejected.format(name=found["name"], reason=found["reason"])
        return self.journal.get(reason, reason)

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
        locale="en",
        too_late="The time for it has passed.",
        post="{name} in “{title}”",
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
        journal={
            FOUND: "It was found on the forum.",
            REMOVED: "A person removed it; it is not posted again.",
            NO_RECIPIENT: "The group that it is for is gone from the forum, or is not ours any more. Nothing was sent.",
            NO_TOPIC: "The topic to reply to is gone.",
            NOT_PINNED: "There is no topic to pin.",
            PIN_OVER: "The time to be pinned is over.",
            GONE: "It is gone already.",
            NOT_OURS: "The topic is not ours any more. Nothing was deleted.",
        },
    ),
    "fr": DeskWords(
        locale="fr",
        too_late="Le moment est passé.",
        post="{name}, dans «\u00a0{title}\u00a0»",
        plays={
            "topic": "Sujet",
            "prompt": "Question de la semaine",
            "consent": "Demande d’accord",
            "story": "Récit",
            "roundup": "Synthèse",
        },
        never_wrote="N’a encore rien écrit ici.",
        quiet="Dernier message il y a {weeks} semaines.",
        quiet_one_week="Dernier message il y a une semaine.",
        usual="Les autres écrivent environ {posts} messages en quatre semaines.",
        usual_one="Les autres écrivent environ un message en quatre semaines.",
        unanswered="Personne n’a répondu.",
        answered_once="Une personne a répondu\u00a0; la question reste ouverte.",
        shown_in_roundup="Paru dans une synthèse.",
        rejected="Refusé par {name}\u00a0: {reason}",
        journal={
            FOUND: "Il se trouvait déjà sur le forum.",
            REMOVED: "Quelqu’un l’a retiré\u00a0; il n’est pas publié de nouveau.",
            NO_RECIPIENT: "Le groupe destinataire n’existe plus, ou n’est plus le nôtre. Rien n’a été envoyé.",
            NO_TOPIC: "Le sujet auquel répondre n’existe plus.",
            NOT_PINNED: "Il n’y a pas de sujet à épingler.",
            PIN_OVER: "La période d’épinglage est passée.",
            GONE: "Il avait déjà disparu.",
            NOT_OURS: "Ce sujet n’est plus le nôtre. Rien n’a été supprimé.",
        },
    ),
}


def words_for(locale: str) -> DeskWords:
    """Return the words of a language; English where there are none of it."""
    return WORDS.get(locale, WORDS["en"])
