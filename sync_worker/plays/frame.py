"""What every template of a play may say: the cohort, its week, its LCMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.content.markdown import Markdown, link, person_name
from sync_worker.languages.language import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sync_worker.plays.context import PastDraft, PlayContext

COHORT_NAME_LONGEST = 100


@dataclass(frozen=True, slots=True)
class CohortWords:
    """A cohort as a text speaks of it; `week` counts from 1 at its start."""

    name: str
    first_day: str
    last_day: str
    weeks: str
    week: int


@dataclass(frozen=True, slots=True)
class LatePerson:
    """Somebody on the LCMs' list: their name as a link to their page, and what they were told, or until when."""

    who: Markdown
    told: str


def cohort_words(context: PlayContext) -> CohortWords:
    """Return the cohort in the words of the playbook's language."""
    cohort, language = context.occurrence.cohort, context.texts.language
    weeks = max(round(((cohort.end - cohort.start).days + 1) / 7), 1)
    return CohortWords(
        name=shortened(cohort.name, COHORT_NAME_LONGEST),
        first_day=language.day(cohort.start),
        last_day=language.day(cohort.end),
        weeks=language.count(weeks, "week"),
        week=max((context.occurrence.local.date() - cohort.start).days // 7 + 1, 1),
    )


def host_names(context: PlayContext) -> str:
    """Return the LCMs' names as a list in words, "" where none is known."""
    return context.texts.language.listing([person_name(host.name, host.username) for host in context.hosts])


def host_links(context: PlayContext) -> Markdown:
    """Return the LCMs' names as a list in words, each a link to the person's page, "" where none is known."""
    links = [
        link(person_name(host.name, host.username), f"{context.forum_url}/u/{quote(host.username)}")
        for host in context.hosts
    ]
    return Markdown(context.texts.language.listing(links))


def staff(context: PlayContext) -> frozenset[str]:
    """Return the accounts whose posts are never quoted, counted or shown: our own, and the LCMs'."""
    return context.own_usernames | {host.username for host in context.hosts}


def moment_in_words(context: PlayContext, moment: datetime) -> str:
    """Return "Thursday 4 March, 18:00", on the cohort's clock."""
    local = moment.astimezone(context.occurrence.cohort.zone)
    return f"{context.texts.language.day(local.date())}, {local:%H:%M}"


def days_in_words(context: PlayContext, days: Sequence[date]) -> str:
    """Return "Thursday 4 March and Friday 12 March", "" where there is none."""
    return context.texts.language.listing([context.texts.language.day(day) for day in days])


def of_this_date(context: PlayContext) -> tuple[PastDraft, ...]:
    """Return what was drafted for the same date of the same step before: the step's own and its follow-ups'."""
    own = context.occurrence.follows or context.occurrence.slot
    step = context.occurrence.step
    return tuple(one for one in context.history.drafts() if one.step == step and one.own_slot == own)
