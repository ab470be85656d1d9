"""From a due occurrence to drafts: fresh activity, the play's context, the play."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.collect import CohortCategories, cohort_categories, collect
from sync_worker.activity.consents import read_answers
from sync_worker.activity.feed import Feed
from sync_worker.activity.reader import ActivityReader
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ForumError
from sync_worker.playbook.schedule import is_last
from sync_worker.plays import Host, PlayContext
from sync_worker.store.tables import ChoiceRow
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.config.strict import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.model import Approval, Cohort, Occurrence
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted, Play
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned

ROBOTS = frozenset({"system", "discobot"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all of a cohort's drafts in one run share."""

    categories: CohortCategories
    hosts: tuple[Host, ...]
    own_usernames: frozenset[str]


def look_around(forum: Forum, cohort: Cohort) -> Surroundings:
    """Find the cohort's categories and LCMs. Calls: those of `cohort_categories`, and 1."""
    own = ROBOTS | {forum.username}
    return Surroundings(cohort_categories(forum, cohort), _hosts(forum, cohort, own), own)


def _hosts(forum: Forum, cohort: Cohort, own: frozenset[str]) -> tuple[Host, ...]:
    try:
        members = forum.members(cohort.lcm_group)
    except ForumError as error:
        if error.refused_with(404):
            return ()
        raise
    return tuple(
        Host(member.username, member.name or member.username) for member in members if member.username not in own
    )


def refresh(  # noqa: PLR0917
    forum: Forum, store: Store, cohort: Cohort, surroundings: Surroundings, plays: Iterable[Play], now: datetime
) -> None:
    """Bring the store up to date, as far as these plays read it. Calls: none where they read nothing."""
    wanted = list(plays)
    if any(play.reads_activity for play in wanted):
        with store.begin() as session:
            feed = _feed(forum, session, cohort, surroundings)
            if feed is not None:
                feed.collect(session)
            else:
                collect(forum, session, surroundings.categories.readable, now)
    if any(play.reads_answers for play in wanted):
        with store.begin() as session:
            read_answers(forum, session, cohort.key, now)


def _feed(forum: Forum, session: Session, cohort: Cohort, surroundings: Surroundings) -> Feed | None:
    """Return the plugin's feed where the cohort has been read through it before; the two ways do not mix."""
    if not Feed.was_read(session, forum.name, cohort.key) or forum.plugin is None:
        return None
    return Feed(forum.plugin, forum.name, cohort.key, surroundings.categories.readable)


@dataclass(frozen=True, slots=True)
class Drafter:
    """Drafts the due occurrences of one playbook for one cohort."""

    forum: Forum
    session: Session
    playbook: Playbook
    surroundings: Surroundings
    now: datetime

    def draft(self, planned: Planned, play: Play) -> Drafted:
        """Return what the play wants to post. Writes nothing, calls nothing."""
        options = self.playbook.options[planned.occurrence.step]
        approval = planned.step.approval or play.default_approval
        return play.draft(self.context(planned.occurrence, options, approval))

    def context(self, occurrence: Occurrence, options: Strict, approval: Approval) -> PlayContext:
        """Return all that a play may know about an occurrence."""
        categories = self.surroundings.categories
        return PlayContext(
            occurrence=occurrence,
            options=options,
            now=self.now,
            texts=PlaybookTexts(self.playbook.folder, occurrence.cohort.locale),
            activity=ActivityReader(self.session, self.forum.name, categories.readable, categories.own),
            history=LedgerHistory(self.session, self.forum.name, occurrence),
            forum_url=self.forum.url,
            rng=random.Random(chance_seed(occurrence)),  # noqa: S311  (not a secret)
            approval=approval,
            hosts=self.surroundings.hosts,
            own_usernames=self.surroundings.own_usernames | unquoted(self.session, self.forum.name),
            at_the_end=is_last(self.playbook.file, occurrence),
        )


def unquoted(session: Session, forum: str) -> frozenset[str]:
    """Return who asked not to be quoted: what they write is neither shown nor named, as with our own posts."""
    query = select(ChoiceRow.username).where(ChoiceRow.forum == forum, ChoiceRow.quoting.is_(False))
    return frozenset(session.scalars(query))


def chance_seed(occurrence: Occurrence) -> str:
    """Return what chance depends on: the occurrence, so that drafting it again gives the same text on any forum."""
    day = occurrence.local.date().isoformat()
    return "/".join((occurrence.cohort.key, occurrence.playbook, occurrence.step, day))
