"""The sentence about the cohort that Discourse puts into its mail to somebody invited."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.model import Cohort

NBSP = "\u00a0"
TEXTS = {
    "en": "You have a place in “$cohort”, which runs from $start to $end. Between the meetings, the people in it work"
    " things out together here. This link opens the door; your first visit takes two minutes.",
    "fr": f"Une place vous attend dans «{NBSP}$cohort{NBSP}», du $start au $end. Entre les rencontres, c’est ici que le"
    f" groupe avance ensemble. Ce lien vous ouvre la porte{NBSP}; la première visite prend deux minutes.",
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
LONGEST = 1000


def invitation_text(cohort: Cohort, options: InvitationSettings) -> str:
    """Return the text in the cohort's language; at most 1,000 characters, which is what Discourse takes."""
    french = cohort.locale == "fr"
    own = options.message.get("fr" if french else "en")
    text = Template(own or TEXTS["fr" if french else "en"])
    start, end = (_date(day, "fr" if french else "en") for day in (cohort.start, cohort.end))
    return text.substitute(cohort=cohort.name, start=start, end=end)[:LONGEST]


def _date(day: date, language: str) -> str:
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[language].split()[day.month - 1]}{NBSP}{day.year}"
