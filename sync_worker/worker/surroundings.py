"""Who and what is around a cohort: its LCMs, people and readers, what the forum can show, and fresh activity."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sync_worker.activity.collect import CohortCategories, cohort_categories, collect
from sync_worker.activity.consents import read_answers
from sync_worker.activity.feed import Feed
from sync_worker.errors import ForumError
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Role
from sync_worker.model.rights import TRUST_LEVELS, is_open_to_all
from sync_worker.plays import ChosenPerson, Host, Readers, SiteFeatures, nudge
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.pauses import remember
from sync_worker.worker.history import LedgerHistory, read_programme
from sync_worker.worker.who_and_when import reading_for, rules_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.activity.collect import Progress
    from sync_worker.config.base import Strict
    from sync_worker.content.templates import PlaybookTexts
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPoll, ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.store.database import Store


LOG = logging.getLogger(__name__)
PERHAPS_NOW = datetime(9000, 1, 1, tzinfo=UTC)  # when somebody wrote last whose conversation cannot be read
COLLECTED = "collected:"
"""The cursor that keeps when a cohort's activity was read last."""

POLLS = "poll_enabled"
MOST_SURVEYS = 3
EVENTS, CALENDARS = "discourse_post_event_enabled", ("calendar_enabled", "discourse_events_enabled")
LOCAL_DATES = "discourse_local_dates_enabled"
TRANSLATIONS, TRANSLATORS = "content_localization_enabled", "content_localization_allowed_groups"
SETTINGS = (POLLS, EVENTS, *CALENDARS, LOCAL_DATES, TRANSLATIONS, TRANSLATORS)
ADMINS = frozenset({"0", "1", "3", "10", "11", "12", "13", "14"})  # groups that every administrator is in
ROBOTS = frozenset({"system", "discobot"})


def readers_of(forum: Forum, name: str, category_id: int, own: Collection[str]) -> Readers:
    """Return who can read a category: everybody, or how many people its groups have together, each counted once.

    Administrators, who can read everything, are not counted unless they are members. Where a group's members cannot be
    read the number is not known, and none is said.

    Calls: 1, and those of `members` for each group that may read.
    """
    permissions = forum.category(category_id).permissions
    if not permissions:
        return Readers(name)
    if is_open_to_all(permissions) or any(group in TRUST_LEVELS for group in permissions):
        return Readers(name, public=True)
    people: set[int] = set()
    for group in permissions:
        try:
            people |= {member.id for member in forum.members(group) if member.username not in own}
        except ForumError as error:
            if error.refused_with(403, 404):
                return Readers(name)
            raise
    return Readers(name, len(people))


@dataclass(slots=True)
class Site:
    """A forum's features, looked up once, when they are first asked for; make one for each run."""

    forum: Forum
    _found: SiteFeatures | None = None

    def features(self) -> SiteFeatures:
        """Return what the forum can show; nothing where its settings may not be read. Calls: 1 the first time.

        Raises:
            ForumError: the forum cannot be asked now.

        """
        if self._found is None:
            try:
                self._found = features_of(self.forum.site_settings(SETTINGS))
            except ForumError as error:
                if not error.refused_with(403, 404):
                    raise
                self._found = SiteFeatures()
        return self._found


def features_of(settings: Mapping[str, str]) -> SiteFeatures:
    """Return what a forum with these settings can show; only administrators can ask for them."""
    on = {name for name, value in settings.items() if value.lower() == "true"}
    return SiteFeatures(
        polls=POLLS in on,
        events=EVENTS in on and not on.isdisjoint(CALENDARS),
        local_dates=LOCAL_DATES in on,
        translations=TRANSLATIONS in on and not ADMINS.isdisjoint(settings.get(TRANSLATORS, "").split("|")),
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all of a cohort's drafts in one run share."""

    categories: CohortCategories
    hosts: tuple[Host, ...]
    own_usernames: frozenset[str]
    readers: Readers = field(default_factory=Readers)
    people: tuple[ChosenPerson, ...] = ()
    elsewhere: Mapping[int, ForumTopic | None] = field(default_factory=dict)
    site: SiteFeatures = field(default_factory=SiteFeatures)
    votes: Mapping[int, tuple[ForumPoll, ...]] = field(default_factory=dict)
    lcms: Mapping[int, str] = field(default_factory=dict)


def look_around(forum: Forum, store: Store, cohort: Cohort, plays: Iterable[Play] = ()) -> Surroundings:
    """Find the cohort's categories and LCMs, and who reads along, or who is in the cohort, where a play asks for it.

    Calls: those of `cohort_categories`, and 1 for the LCMs; where readers are named those of `readers_of` more, and
    where a play is for individual people those of `Forum.members` for the cohort's group.
    """
    own = ROBOTS | {forum.username}
    wanted = list(plays)
    categories = cohort_categories(forum, cohort, store.sessions)
    lcms = [one for one in members_of(forum, store.sessions, cohort, cohort.lcm_group) if one.username not in own]
    hosts = tuple(Host(one.username, one.name or one.username) for one in lcms)
    named = any(play.names_readers for play in wanted)
    readers = readers_of(forum, cohort.category, categories.own, own) if named else Readers()
    people = _people(forum, store, cohort, hosts, own) if any(play.for_people for play in wanted) else ()
    return Surroundings(categories, hosts, own, readers, people, lcms={one.id: one.username for one in lcms})


def _people(
    forum: Forum, store: Store, cohort: Cohort, hosts: Sequence[Host], own: frozenset[str]
) -> tuple[ChosenPerson, ...]:
    """Return everybody in the cohort, by username: its LCMs, and everybody else as a learner.

    Without those who asked to be forgotten: they stay in the group, and no text is written about them.
    """
    lcms = {host.username for host in hosts}
    members = members_of(forum, store.sessions, cohort, cohort.group)
    with store.begin() as session:
        forgotten = read_forgotten(session, forum.name)
    return tuple(
        ChosenPerson(
            member.id,
            member.username,
            member.name or member.username,
            Role.LCM if member.username in lcms else Role.LEARNER,
            member.added_at,
            member.last_seen_at,
            member.last_posted_at,
        )
        for member in sorted(members, key=lambda member: member.username.casefold())
        if member.username not in own and not forgotten.has_account(member.id)
    )


def refresh(  # noqa: PLR0917
    forum: Forum,
    store: Store,
    cohort: Cohort,
    surroundings: Surroundings,
    plays: Iterable[Play],
    now: datetime,
    *,
    progress: Progress | None = None,
) -> None:
    """Bring the store up to date, as far as these plays read it; a preview gives a `scratch_copy` of it.

    Calls: none where they read nothing.
    """
    wanted = list(plays)
    if any(play.reads_activity for play in wanted):
        with store.begin() as session:
            feed = _feed(forum, session, cohort, surroundings)
            if feed is not None:
                feed.collect(session)
        if feed is None:
            readable = surroundings.categories.readable
            collect(forum, store, readable, now, lcms=surroundings.lcms, progress=progress)
        with store.begin() as session:
            remember(session, forum.name, f"{COLLECTED}{cohort.key}", now.isoformat())
    if any(play.reads_answers for play in wanted):
        with store.begin() as session:
            read_answers(forum, session, cohort.key, now)


def _feed(forum: Forum, session: Session, cohort: Cohort, surroundings: Surroundings) -> Feed | None:
    """Return the plugin's feed where the cohort has been read through it before; the two ways do not mix."""
    if not Feed.was_read(session, forum.name, cohort.key) or forum.plugin is None:
        return None
    return Feed(forum.plugin, forum.name, cohort.key, surroundings.categories.readable)


def look_further(  # noqa: PLR0917
    forum: Forum,
    store: Store,
    cohort: Cohort,
    surroundings: Surroundings,
    playbook: Playbook,
    steps: Sequence[tuple[Play, Strict]],
    site: Site | None = None,
) -> Surroundings:
    """Return the surroundings with what only some steps need: the programme's other cohorts, polls and their votes.

    Calls: those of `read_programme`; those of `Site.features` where one of these steps may post a poll, names a moment,
    or speaks more than one language; those of `read_votes`; where one reads signals, 1 for each conversation in which a
    silent person was written to, two a person at most.
    """
    people = surroundings.people
    if any(play.reads_signals for play, _ in steps):
        people = _with_replies(forum, store, cohort, people)
    texts = playbook.texts(cohort.locale)
    features = (site or Site(forum)).features() if _asks(cohort, texts, steps) else SiteFeatures()
    votes: dict[int, tuple[ForumPoll, ...]] = {}
    for ref in sorted({play.reads_votes for play, _ in steps if play.reads_votes}):
        votes |= read_votes(forum, store, cohort, ref)
    elsewhere = read_programme(forum, store, cohort, steps)
    return replace(surroundings, people=people, elsewhere=elsewhere, site=features, votes=votes)


def _with_replies(
    forum: Forum, store: Store, cohort: Cohort, people: Sequence[ChosenPerson]
) -> tuple[ChosenPerson, ...]:
    """Return people with what they wrote in conversations about their silence; Discourse does not count messages.

    Whose conversation cannot be read now counts as somebody who has answered: nobody is written to a second time, or
    handed over, because of a silence that is not known.
    """
    with store.begin() as session:
        past = nudge.nudges_of(LedgerHistory(session, forum.name, None, cohort.key).drafts())
    found = []
    for person in people:
        sent = past.get(person.user_id, [])[-nudge.MOST :]
        open_ones = [one for one in sent if person.posted_at is None or person.posted_at < one.slot]
        wrote: list[datetime] = []
        for one in open_ones:
            try:
                topic = forum.topic(one.topic_id) if one.topic_id is not None else None
            except ForumError as error:
                if error.unreachable or error.denied:
                    raise
                LOG.warning("message %s cannot be read: %s", one.topic_id, error)
                wrote.append(PERHAPS_NOW)
                continue
            wrote += [post.created_at for post in (topic.posts if topic else ()) if post.user_id == person.user_id]
        latest = max((at for at in (person.posted_at, *wrote) if at is not None), default=None)
        found.append(replace(person, posted_at=latest))
    return tuple(found)


def _asks(cohort: Cohort, texts: PlaybookTexts, steps: Sequence[tuple[Play, Strict]]) -> bool:
    return any(
        play.names_moments
        or (play.in_languages and cohort.further_languages)
        or (play.may_poll is not None and play.may_poll(options, texts))
        for play, options in steps
    )


def to_read(playbook: Playbook, cohort: Cohort, steps: Iterable[tuple[Step, Play]]) -> list[Play]:
    """Return the plays of steps with what the rules of each step need to be read beside what the play needs itself.

    Raises:
        ConfigError: a template of theirs is missing, or wrong.

    """
    languages = (cohort.locale, *cohort.further_languages)
    return [
        reading_for(
            play, rules_of(playbook, step, play, playbook.options_of(step.id, cohort), languages), playbook.file
        )
        for step, play in steps
    ]


def read_votes(forum: Forum, store: Store, cohort: Cohort, ref: str) -> dict[int, tuple[ForumPoll, ...]]:
    """Return the polls of a cohort's latest topics with a ref, by topic. Calls: 1 for each of them, 3 at most."""
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
    numbers = [one.topic_id for one in past if ref in one.draft.refs and one.topic_id is not None]
    topics = [forum.topic(number) for number in numbers[-MOST_SURVEYS:]]
    return {topic.id: tuple(poll for post in topic.posts for poll in post.polls) for topic in topics if topic}
