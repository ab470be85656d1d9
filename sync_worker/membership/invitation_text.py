"""The sentence about the cohort that Discourse puts into its mail to somebody invited."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from sync_worker.languages.language import NBSP
from sync_worker.languages.parts import MEMBERSHIP, language

if TYPE_CHECKING:
    from datetime import date

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.languages.language import Language
    from sync_worker.model import Cohort

LONGEST = 1000


def invitation_text(cohort: Cohort, options: InvitationSettings) -> str:
    """Return the text in the cohort's language; at most 1,000 characters, which is what Discourse takes."""
    text = Template(options.message.get(cohort.locale) or MEMBERSHIP.of(cohort.locale).invitation)
    start, end = (_date(day, language(cohort.locale)) for day in (cohort.start, cohort.end))
    return text.substitute(cohort=cohort.name, start=start, end=end)[:LONGEST]


def _date(day: date, words: Language) -> str:
    return f"{words.day_and_month(day)}{NBSP}{day.year}"
