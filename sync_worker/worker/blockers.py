"""How the blockers of a cohort stand, as the store knows it: for the desk, for commands and for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.activity.blockers import said_of_blockers
from sync_worker.activity.reader import ActivityReader
from sync_worker.errors import ConfigError
from sync_worker.plays import blockers as play
from sync_worker.plays.topics_told import told_of
from sync_worker.signals.blockers import Blocker, blockers
from sync_worker.worker.history import LedgerHistory
from sync_worker.worker.surroundings import ROBOTS
from sync_worker.worker.taking_part import working_day_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort, Topic
    from sync_worker.playbook.load import Playbook


def options_in(playbook: Playbook | None, cohort: Cohort) -> play.Options | None:
    """Return the options of the first `blockers` step that a cohort's playbook has; None where it has none."""
    if playbook is None:
        return None
    try:
        found = playbook.options_for(cohort)
    except ConfigError:  # `lcm check` reports it
        return None
    return next((one for one in found.values() if isinstance(one, play.Options)), None)


def standing(  # noqa: PLR0917
    session: Session,
    forum: str,
    cohort: Cohort,
    options: play.Options,
    topics: Sequence[Topic],
    category_id: int,
    learners: Collection[int],
    own_username: str,
    now: datetime,
) -> list[Blocker]:
    """Return a cohort's blockers, solved ones among them, the oldest first. Reads the store alone.

    Args:
        session: of the store.
        forum: its name.
        cohort: theirs.
        options: those of the step that looks for blockers.
        topics: what the cohort reads.
        category_id: its own category.
        learners: its members that are no LCMs.
        own_username: the worker's account.
        now: aware.

    """
    ours = ROBOTS | {own_username}
    rule = play.rule_of(cohort, options, category_id, learners, ours, working_day_of(cohort))
    heard = play.heard_of(LedgerHistory(session, forum, None, cohort.key).drafts())
    return blockers(topics, said_of_blockers(session, forum, cohort.key), heard, rule, now)


def known_open(  # noqa: PLR0917
    session: Session, forum: str, cohort: Cohort, playbook: Playbook, own: str, now: datetime
) -> int | None:
    """Return how many blockers that the LCMs heard of, or called so, were open when the forum was read last.

    None where no step of the playbook looks for blockers. Reads the store, and of it these topics alone.
    """
    options = options_in(playbook, cohort)
    if options is None:
        return None
    past = LedgerHistory(session, forum, None, cohort.key).drafts()
    heard, (told, _) = play.heard_of(past), told_of(past)
    said = said_of_blockers(session, forum, cohort.key)
    topics = ActivityReader(session, forum, (), 0).some(heard.keys() | told.keys() | said.keys())
    learners = {topic.opening.user_id for topic in topics if topic.opening is not None}
    count = 0
    for category in {topic.category_id for topic in topics}:
        rule = play.rule_of(cohort, options, category, learners, ROBOTS | {own}, working_day_of(cohort))
        count += sum(one.is_open for one in blockers(topics, said, heard, rule, now))
    return count
