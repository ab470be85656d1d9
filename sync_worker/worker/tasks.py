"""Who has not answered the tasks of a cohort, as the forum is now: what LCMs and admins ask between the reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from sync_worker.activity.collect import REGULAR
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import DraftKind
from sync_worker.plays.assignment import ASSIGNMENT, REMIND, due_fact
from sync_worker.store.facts import facts_of
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic, Member
    from sync_worker.model import Cohort, Fact
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import PastDraft
    from sync_worker.plays.assignment import Options
    from sync_worker.store.database import Store


@dataclass(frozen=True, slots=True)
class Owing:
    """Somebody who has not answered: on which days they were written to, and until when they have more time."""

    username: str
    name: str
    written_to: tuple[date, ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that was given: when it is due on the cohort's clock, how many have answered, and who has not.

    `gone` says that its topic was deleted; nobody owes an answer there.
    """

    step: str
    title: str
    topic_id: int
    due: datetime
    answered: int = 0
    owing: tuple[Owing, ...] = ()
    gone: bool = False


def open_tasks(forum: Forum, store: Store, cohort: Cohort, playbook: Playbook) -> list[OpenTask]:
    """Return the tasks that a cohort was given, oldest first. Calls: 1 for each, and those of `members_of` twice.

    Nobody owes an answer who came into the cohort after the task was given, nor an LCM.
    """
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
        facts = facts_of(session, forum.name, cohort.key)
    given = [
        one
        for one in past
        if ASSIGNMENT in one.draft.refs and one.topic_id is not None and one.step in playbook.options
    ]
    if not given:
        return []
    lcms = {member.id for member in members_of(forum, store.sessions, cohort, cohort.lcm_group)}
    members = members_of(forum, store.sessions, cohort, cohort.group)
    learners = [one for one in members if one.id not in lcms and one.username != forum.username]
    return [_task(forum, cohort, playbook, one, past, learners, facts) for one in given]


def _task(  # noqa: PLR0917
    forum: Forum,
    cohort: Cohort,
    playbook: Playbook,
    given: PastDraft,
    past: Sequence[PastDraft],
    learners: Sequence[Member],
    facts: Mapping[int, Mapping[str, Fact]],
) -> OpenTask:
    options = cast("Options", playbook.options_of(given.step, cohort))
    due = options.due.after(given.slot.astimezone(cohort.zone))
    topic = forum.topic(given.topic_id or 0)
    task = OpenTask(given.step, given.draft.title or "", given.topic_id or 0, due, gone=topic is None)
    if topic is None:
        return task
    answered = {
        post.user_id for post in topic.posts if post.number > 1 and post.post_type == REGULAR and not post.hidden
    }
    owing = tuple(
        Owing(
            one.username, one.name or one.username, _written_to(cohort, given, past, one.id), _until(facts, given, one)
        )
        for one in sorted(learners, key=lambda one: one.username.casefold())
        if one.id not in answered and not _came_later(one, topic)
    )
    number = sum(one.id in answered for one in learners)
    return OpenTask(task.step, topic.title, task.topic_id, due, number, owing)


def _came_later(person: Member, topic: ForumTopic) -> bool:
    return person.added_at is not None and person.added_at > topic.created_at


def _written_to(cohort: Cohort, given: PastDraft, past: Sequence[PastDraft], user: int) -> tuple[date, ...]:
    """Return the days of the reminders that somebody got."""
    return tuple(
        one.slot.astimezone(cohort.zone).date()
        for one in past
        if one.step == given.step
        and one.own_slot == given.own_slot
        and one.draft.kind is DraftKind.MESSAGE
        and one.follow_up.startswith(REMIND)
        and user in one.draft.about_users
        and one.topic_id is not None
    )


def _until(facts: Mapping[int, Mapping[str, Fact]], given: PastDraft, person: Member) -> date | None:
    fact = facts.get(person.id, {}).get(due_fact(given.step))
    return fact.value if fact is not None and isinstance(fact.value, date) else None
