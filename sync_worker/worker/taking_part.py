"""How a cohort's learners take part, who may need a hand, and who has not answered a task yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.collect import REGULAR
from sync_worker.activity.commitments import is_open, last_answer
from sync_worker.activity.participation import Counts, dismissals
from sync_worker.errors import ConfigError
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Answer, DraftKind
from sync_worker.playbook.schedule import SATURDAY_AND_SUNDAY, instant, tailored, working_days
from sync_worker.plays import assignment
from sync_worker.plays.assignment import ASSIGNMENT, REMIND, due_fact
from sync_worker.signals.needs_hand import Around, Need, OpenPlan, Task, leave_of, need_a_hand
from sync_worker.signals.plain import CUT
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.facts import facts_of
from sync_worker.store.tables import CommitmentRow, MembershipRow, PostRow
from sync_worker.worker.history import LedgerHistory
from sync_worker.worker.sessions import LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic, Member
    from sync_worker.model import Cohort, Fact
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import PastDraft
    from sync_worker.signals.participation import LearnerActivity
    from sync_worker.store.database import Store
    from sync_worker.store.tables import DismissalRow


ATTENDED = "attended_"


@dataclass(frozen=True, slots=True)
class TakingPart:
    """How each learner takes part, who may need a hand and why, and what was put aside."""

    activity: Mapping[int, LearnerActivity]
    needs: Mapping[int, tuple[Need, ...]]
    around: Around
    dismissed: Mapping[int, DismissalRow] = field(default_factory=dict)
    attendance: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def open_plans(self) -> Mapping[int, Sequence[OpenPlan]]:
        """What people said they would do and have not called done, by account, the earliest day first."""
        return self.around.plans

    def open_tasks(self, user_id: int) -> list[Task]:
        """Return the tasks that somebody was given and has not answered, those due first in front."""
        joined = self.around.joined_at[user_id]
        owed = [task for task in self.around.tasks if task.is_open_for(user_id, joined)]
        return sorted(owed, key=lambda task: task.due)


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner of a cohort: the account, since when it is in the cohort's group, and when it was last seen."""

    user_id: int
    joined_at: datetime | None = None
    seen_at: datetime | None = None


def taking_part(  # noqa: PLR0917
    session: Session,
    forum: str,
    cohort: Cohort,
    categories: Sequence[int],
    learners: Sequence[Learner],
    playbook: Playbook | None,
    now: datetime,
) -> TakingPart:
    """Return how a cohort's learners take part at a moment. Reads the store alone; no call to the forum.

    Args:
        session: of the store.
        forum: its name.
        cohort: theirs.
        categories: its own category, then those that it also reads.
        learners: its members that are no LCMs.
        playbook: what it follows, which says when its tasks are due.
        now: aware.

    """
    numbers = [one.user_id for one in learners]
    facts = facts_of(session, forum, cohort.key)
    put_aside = dismissals(session, forum, cohort.key, now)
    around = Around(
        now=now,
        zone=cohort.zone,
        is_working_day=working_day_of(cohort),
        joined_at=_joined(session, forum, cohort, learners),
        away={number: leave for number in numbers if (leave := leave_of(facts.get(number, {})))},
        dismissed=frozenset(put_aside),
        tasks=_tasks(session, forum, cohort, playbook, facts),
        plans=_open_plans(session, forum, cohort),
    )
    activity = Counts(session, forum, cohort.key, categories, now).learners(numbers)
    seen = {one.user_id: one.seen_at.astimezone(cohort.zone).date() for one in learners if one.seen_at is not None}
    activity = {number: replace(one, seen_on=one.seen_on or seen.get(number)) for number, one in activity.items()}
    return TakingPart(
        activity=activity,
        needs=need_a_hand(activity, around),
        around=around,
        dismissed=put_aside,
        attendance={number: found for number in numbers if (found := _attended(facts.get(number, {})))},
    )


def _open_plans(session: Session, forum: str, cohort: Cohort) -> dict[int, tuple[OpenPlan, ...]]:
    """Return by account what people said they would do and have not called done, the earliest day first."""
    found: dict[int, tuple[OpenPlan, ...]] = {}
    for row in rows_of_cohort(session, CommitmentRow, forum, cohort.key, CommitmentRow.day, CommitmentRow.topic_id):
        if is_open(row):
            plan = OpenPlan(
                row.topic_id,
                row.post_id,
                row.number,
                row.day,
                " ".join((*row.words, *((CUT,) if row.is_cut else ()))),
                row.later_at or row.asked_at,
                row.answered_at if last_answer(row) == Answer.NOT_YET else None,
            )
            found[row.user_id] = (*found.get(row.user_id, ()), plan)
    return found


def working_day_of(cohort: Cohort) -> Callable[[date], bool]:
    """Return whether a cohort works on a day; without the library of public holidays, by weekends and its own days."""
    own, blackout = cohort.days_off.days, cohort.days_off.blackout
    try:
        days = working_days(cohort.days_off)
    except ConfigError:  # `lcm check` reports it
        return lambda day: day.weekday() not in SATURDAY_AND_SUNDAY and day not in own and day not in blackout
    return lambda day: day.weekday() not in days.weekend and not days.is_holiday(day) and day not in days.blackout


def _joined(session: Session, forum: str, cohort: Cohort, learners: Sequence[Learner]) -> dict[int, datetime]:
    """Return since when each learner is there: what the forum says, else what our own sync wrote down."""
    began = datetime.combine(cohort.start, datetime.min.time(), cohort.zone)
    rows = session.execute(
        select(MembershipRow.user_id, MembershipRow.at).where(
            MembershipRow.forum == forum, MembershipRow.group_name == cohort.group
        )
    )
    ours = {user_id: at for user_id, at in rows}  # noqa: C416  (rows are no plain pairs to the type checker)
    return {one.user_id: max(began, one.joined_at or ours.get(one.user_id) or began) for one in learners}


def _attended(facts: Mapping[str, Fact]) -> tuple[int, int] | None:
    """Return at how many of how many sessions somebody was, as far as facts say."""
    said = [
        fact.value
        for name, fact in facts.items()
        if name.startswith(ATTENDED) and isinstance(fact.value, bool) and not fact.source.startswith(LATEST)
    ]
    return (sum(said), len(said)) if said else None


def _tasks(
    session: Session,
    forum: str,
    cohort: Cohort,
    playbook: Playbook | None,
    facts: Mapping[int, Mapping[str, Fact]],
) -> tuple[Task, ...]:
    """Return the tasks that a cohort was given by the playbook that it follows."""
    if playbook is None:
        return ()
    past = LedgerHistory(session, forum, None, cohort.key).drafts()
    given = [one for one in past if assignment.ASSIGNMENT in one.draft.refs and one.topic_id is not None]
    try:
        dues = [(one, due) for one in given if (due := _due(cohort, playbook, one)) is not None]
    except ConfigError:  # `lcm check` reports it
        return ()
    return tuple(_task_of(session, forum, one, due, facts) for one, due in dues)


def _due(cohort: Cohort, playbook: Playbook, given: PastDraft) -> datetime | None:
    return task_due(cohort, playbook, given.step, given.own_slot, given.day)


def task_due(cohort: Cohort, playbook: Playbook, task: str, slot: datetime, known_day: date | None) -> datetime | None:
    """Return when a task is due on the cohort's clock, by the day on which its step happened; None for no such step.

    Args:
        cohort: that was given it.
        playbook: that it follows.
        task: the step.
        slot: for which it was given.
        known_day: of the cohort's clock then, where that is known.

    Raises:
        ConfigError: the cohort's changes of steps do not fit the playbook, or its holidays are not known.

    """
    options = playbook.options_for(cohort).get(task)
    if not isinstance(options, assignment.Options):
        return None
    clock = slot.astimezone(cohort.zone)
    planned = known_day or clock.date()
    step = tailored(playbook.file, cohort).step(task)
    day = working_days(cohort.days_off).day_of(planned, step.on_holiday if step is not None else None)
    return options.due.after(instant(cohort.zone, day or planned, clock.time()).astimezone(cohort.zone))


def _task_of(
    session: Session, forum: str, given: PastDraft, due: datetime, facts: Mapping[int, Mapping[str, Fact]]
) -> Task:
    topic_id = given.topic_id or 0
    answered = session.scalars(
        select(PostRow.user_id).where(PostRow.forum == forum, PostRow.topic_id == topic_id, PostRow.number > 1)
    )
    name = assignment.due_fact(given.step)
    later = (
        number
        for number, known in facts.items()
        if name in known and isinstance(until := known[name].value, date) and until > due.date()
    )
    return Task(topic_id, given.draft.title or "", given.slot, due, frozenset(answered), frozenset(later))


# Who has not answered the tasks of a cohort, as the forum is now: what LCMs and admins ask between the reminders.


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
        (one, due)
        for one in past
        if ASSIGNMENT in one.draft.refs and one.topic_id is not None
        if (due := _due(cohort, playbook, one)) is not None
    ]
    if not given:
        return []
    lcms = {member.id for member in members_of(forum, store.sessions, cohort, cohort.lcm_group)}
    members = members_of(forum, store.sessions, cohort, cohort.group)
    learners = [one for one in members if one.id not in lcms and one.username != forum.username]
    return [_task(forum, cohort, one, due, past, learners, facts) for one, due in given]


def _task(  # noqa: PLR0917
    forum: Forum,
    cohort: Cohort,
    given: PastDraft,
    due: datetime,
    past: Sequence[PastDraft],
    learners: Sequence[Member],
    facts: Mapping[int, Mapping[str, Fact]],
) -> OpenTask:
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
        one.at.astimezone(cohort.zone).date()
        for one in past
        if one.step == given.step
        and one.is_of(given.own_slot, given.day)
        and one.draft.kind is DraftKind.MESSAGE
        and one.follow_up.startswith(REMIND)
        and user in one.draft.about_users
        and one.topic_id is not None
    )


def _until(facts: Mapping[int, Mapping[str, Fact]], given: PastDraft, person: Member) -> date | None:
    fact = facts.get(person.id, {}).get(due_fact(given.step))
    return fact.value if fact is not None and isinstance(fact.value, date) else None
