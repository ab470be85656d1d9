"""What every template of a play may say: the cohort, its week, its LCMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.content.markdown import Markdown, link
from sync_worker.content.phrases import person_name
from sync_worker.languages.language import shortened

if TYPE_CHECKING:
    from sync_worker.plays.context import PlayContext

COHORT_NAME_LONGEST = 100


@dataclass(frozen=True, slots=True)
class CohortWords:
    """A cohort as a text speaks of it; `week` counts from 1 at its start."""

    name: str
    first_day: str
    last_day: str
    weeks: str
    week: int


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
