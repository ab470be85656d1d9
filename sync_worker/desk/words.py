"""The few sentences that the worker writes onto the desk itself, in the cohort's language and by its clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sync_worker.content.language import LANGUAGES

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
    drafts: Mapping[str, str]
    draft: str
    missed: str
    clock: str
    too_late: str
    nothing_to_show: str
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

    def play(self, name: str) -> str:
        """Return what a play is called on a calendar."""
        return self.plays.get(name, name)

    def why_drafted(self, play: str) -> str:
        """Return why the worker wrote a draft."""
        return self.drafts.get(play, self.draft)

    def why_not(self, reason: str, zone: ZoneInfo) -> str:
        """Return why something of the journey did not happen, from what the journal says; times by the given clock."""
        if found := MISSED.search(reason):
            until = datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).astimezone(zone)
            return self.missed.format(day=LANGUAGES[self.locale].day_and_month(until.date()), time=self.time(until))
        if reason == TOO_LATE:
            return self.too_late
        if found := REJECTED.fullmatch(reason):
            return self.rejected.format(name=found["name"], reason=found["reason"])
        return self.nothing_to_show

    def time(self, moment: datetime) -> str:
        """Return the time of day."""
        return self.clock.format(hour=moment.hour, minute=f"{moment.minute:02d}")

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
        drafts={
            "topic": "The playbook has this text for this day.",
            "prompt": "It is the next question of the collection.",
            "consent": "This post would make a good story; its author is asked before anybody else sees it.",
            "story": "The author agreed to being shown.",
            "roundup": "The roundup of what was written in this period.",
        },
        draft="The playbook asks for it.",
        missed="It should have happened by {day}, {time}, and did not.",
        clock="{hour}:{minute}",
        too_late="The time for it has passed.",
        nothing_to_show="There was nothing to post.",
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
    ),
    "fr": DeskWords(
        locale="fr",
        drafts={
            "topic": "Le scénario prévoit ce texte pour ce jour.",
            "prompt": "C’est la question suivante du recueil.",
            "consent": "Ce message ferait un bon récit\u00a0; on demande son accord à l’auteur avant de le montrer.",
            "story": "L’auteur a donné son accord.",
            "roundup": "La synthèse de ce qui s’est écrit sur la période.",
        },
        draft="Le scénario le prévoit.",
        missed="C’était prévu au plus tard le {day} à {time} et n’a pas eu lieu.",
        clock="{hour}\u00a0h\u00a0{minute}",
        too_late="Le moment est passé.",
        nothing_to_show="Il n’y avait rien à publier.",
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
    ),
}


def words_for(locale: str) -> DeskWords:
    """Return the words of a language; English where there are none of it."""
    return WORDS.get(locale, WORDS["en"])
