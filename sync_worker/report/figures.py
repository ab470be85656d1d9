"""The figures of a report: topics and what we published, read from the store, as data that a page can show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sync_worker.activity.participation import Counts
from sync_worker.languages.parts import PRACTICES
from sync_worker.report.published import ROUNDUP, STORY, published
from sync_worker.report.small_groups import network_shown, nudges_together
from sync_worker.signals.contributions import open_questions, written_by_members
from sync_worker.signals.participation import FEWEST_PEOPLE, may_show
from sync_worker.worker.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sync_worker.activity.reader import ActivityReader
    from sync_worker.model import Cohort, Post, Topic
    from sync_worker.report.published import Published
    from sync_worker.report.small_groups import NudgeFigures, ShownNetwork
    from sync_worker.worker.trials import StepTrial


WEEK = timedelta(days=7)
OLDEST_QUESTION = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a cohort, from its first day; `people` is None where too few took part to show a number."""

    number: int
    first: date
    last: date
    posts: int
    people: int | None


@dataclass(frozen=True, slots=True)
class PromptFigures:
    """A prompt and how many learners answered it."""

    published: Published
    answers: int
    people: int | None
    writers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A question that nobody has answered yet, asked so many days of the cohort's calendar ago."""

    title: str
    topic_id: int
    age_days: int


@dataclass(frozen=True, slots=True)
class CohortReport:
    """All that a cohort's page shows; `members` is None where that is not known, or where it would show too much."""

    cohort: Cohort
    weeks: tuple[Week, ...]
    prompts: tuple[PromptFigures, ...]
    stories: tuple[Published, ...]
    roundups: tuple[Published, ...]
    open_items: tuple[OpenItem, ...]
    people: int | None
    members: int | None = None
    post_ids: frozenset[int] = frozenset()
    writers: frozenset[int] = frozenset()
    network: ShownNetwork | None = None
    trials: tuple[StepTrial, ...] = ()

    @property
    def posts(self) -> int:
        """How many posts were written."""
        return len(self.post_ids)

    @property
    def best_prompts(self) -> tuple[PromptFigures, ...]:
        """The prompts, those that most people answered first; of as many, those with more answers."""
        return tuple(sorted(self.prompts, key=lambda one: (-len(one.writers), -one.answers, one.published.at)))


@dataclass(frozen=True, slots=True)
class GroupReport:
    """Cohorts together, those of a programme or all of them; `name` is "" for all.

    People are counted once each, however many of the cohorts they are in, and so is what stands in a category that
    several of them read. `parts` are the groups of some of them that stand on the same page.
    """

    name: str
    cohorts: tuple[CohortReport, ...]
    parts: tuple[GroupReport, ...] = ()

    @property
    def posts(self) -> int:
        """How many posts were written."""
        return len(frozenset[int]().union(*(report.post_ids for report in self.cohorts)))

    @property
    def people(self) -> int | None:
        """By how many people, None where too few to show a number, or where that of a small cohort would follow.

        It follows from what is left when those are taken away whose number is shown beside it.
        """
        cohorts = (one.writers for one in self.cohorts if one.people is not None)
        counted = set().union(*cohorts, *(one.writers for one in self.parts if one.people is not None))
        return shown(set(self.writers)) if shown(set(self.writers) - counted) is not None else None

    @property
    def writers(self) -> frozenset[int]:
        """Who wrote."""
        return frozenset().union(*(report.writers for report in self.cohorts))

    @property
    def open_items(self) -> int:
        """How many questions are open."""
        return len({item.topic_id for report in self.cohorts for item in report.open_items})

    @property
    def nudges(self) -> NudgeFigures | None:
        """What messages to the silent did in the cohorts of a programme; None where nobody was held out."""
        return nudges_together([report.trials for report in self.cohorts]) if self.name else None


def groups(reports: Sequence[CohortReport]) -> tuple[GroupReport, ...]:
    """Return the programmes of which there is more than one cohort, by name, and all cohorts together."""
    names = sorted({report.cohort.programme for report in reports if report.cohort.programme})
    found = [GroupReport(name, tuple(one for one in reports if one.cohort.programme == name)) for name in names]
    programmes = tuple(group for group in found if len(group.cohorts) > 1)
    return (*programmes, GroupReport("", tuple(reports), programmes))


def cohort_report(  # noqa: PLR0917
    cohort: Cohort,
    topics: Sequence[Topic],
    published: Sequence[Published],
    own: frozenset[str],
    now: datetime,
    members: int | None = None,
) -> CohortReport:
    """Return the figures of a cohort as known at `now`.

    Args:
        cohort: whose report this is.
        topics: the topics of its category, with their posts.
        published: what the worker posted there, oldest first.
        own: accounts that are not learners (the worker's, the LCMs').
        now: aware; later posts are left out.
        members: how many learners the cohort has, None where that is not known.

    """
    by_id = {topic.id: topic for topic in topics}
    written = _written(topics, _midnight(cohort.start, cohort) - WEEK, now, own)
    people = shown({post.user_id for post in written})
    weeks = tuple(_weeks(cohort, topics, own, now))
    prompts = tuple(_prompt(item, by_id.get(item.topic_id), own, now) for item in published if item.kind == "prompt")
    return CohortReport(
        cohort=cohort,
        weeks=weeks,
        prompts=prompts,
        stories=tuple(item for item in published if item.kind == STORY),
        roundups=tuple(item for item in published if item.kind == ROUNDUP),
        open_items=tuple(
            OpenItem(_title_of(question.topic, cohort.locale), question.topic.id, _age(question.topic, cohort, now))
            for question in open_questions(topics, now, OLDEST_QUESTION, own)
        ),
        people=people,
        members=_members_shown(members, [people, *(one.people for one in weeks), *(one.people for one in prompts)]),
        post_ids=frozenset(post.id for post in written),
        writers=frozenset(post.user_id for post in written),
    )


def _members_shown(members: int | None, people: Sequence[int | None]) -> int | None:
    """Return how many learners there are, None where too few, or where a few who did not write would follow.

    They follow from what is left when one of the numbers of `people` that stand beside it is taken away.
    """
    if members is None or not may_show(members):
        return None
    silent = [max(members - one, 0) for one in people if one is not None]
    return members if may_show(*silent) else None


def _age(topic: Topic, cohort: Cohort, now: datetime) -> int:
    asked, today = (moment.astimezone(cohort.zone).date() for moment in (topic.created_at, now))
    return (today - asked).days


def _title_of(topic: Topic, locale: str) -> str:
    """Return how a topic is called: its title is its author's words, and goes by what that person wants."""
    return topic.title if topic.may_be_named else PRACTICES.of(locale).conversation


def shown(people: set[int]) -> int | None:
    """Return how many people, or None where the number would point at somebody."""
    return len(people) if not people or len(people) >= FEWEST_PEOPLE else None


def _weeks(cohort: Cohort, topics: Sequence[Topic], own: frozenset[str], now: datetime) -> list[Week]:
    weeks: list[Week] = []
    first = cohort.start
    while first <= cohort.end and _midnight(first, cohort) <= now:
        last = min(first + timedelta(days=6), cohort.end)
        until = min(_midnight(last + timedelta(days=1), cohort), now)
        mine = _written(topics, _midnight(first, cohort), until, own)
        people = shown({post.user_id for post in mine})
        weeks.append(Week(len(weeks) + 1, first, last, len(mine), people))
        first = last + timedelta(days=1)
    return weeks


def _written(topics: Sequence[Topic], since: datetime, until: datetime, own: frozenset[str]) -> list[Post]:
    """Return what people other than `own` wrote in `[since, until)`; bots are no people."""
    return [post for _, post in written_by_members(topics, since, until, own)]


def _prompt(item: Published, topic: Topic | None, own: frozenset[str], now: datetime) -> PromptFigures:
    people = (post for post in (topic.posts if topic else ()) if post.by_a_person and post.username not in own)
    answers = [post for post in people if post.number > 1 and post.created_at <= now]
    writers = {post.user_id for post in answers}
    return PromptFigures(item, len(answers), shown(writers), frozenset(writers))


def _midnight(day: date, cohort: Cohort) -> datetime:
    return datetime.combine(day, time(), cohort.zone)


# Read from the store what a cohort's report shows.


def gather(
    session: Session,
    forum_name: str,
    cohort: Cohort,
    activity: ActivityReader,
    *,
    own: frozenset[str],
    now: datetime,
    learners: Collection[int] | None = None,
) -> CohortReport:
    """Return a cohort's report from the store alone; no call to the forum.

    `own` are the accounts that are not learners, `learners` those that are, None where nobody looked.
    """
    members = None if learners is None else len(learners)
    texts = published(session, forum_name, cohort.key, cohort.locale)
    found = cohort_report(cohort, activity.topics(), texts, own, now, members)
    answers = Counts(session, forum_name, cohort.key, activity.categories, now).answers(since=cohort.start)
    today = now.astimezone(cohort.zone).date()
    return replace(
        found,
        network=network_shown(learners or (), answers, cohort.start, min(today, cohort.end)),
        trials=tuple(trials_of(session, forum_name, cohort.key, now)),
    )
