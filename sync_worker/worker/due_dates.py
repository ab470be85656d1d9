"""Looks after the due dates of tasks that were given: LCMs hear once where a topic and its playbook say two dates.

The topic itself is left as it is. People have planned by the date in it, and an edit reaches nobody; whether a change
of the playbook is meant for a cohort that has the task already is for its LCMs to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from sync_worker.activity.reader import as_seen
from sync_worker.content.markdown import Markdown, link
from sync_worker.content.reasons import COHORT_NAME_LONGEST
from sync_worker.errors import ForumError, each_apart
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import DUE_DATES, language
from sync_worker.model import Draft, DraftKind, behind_mark
from sync_worker.model.drafts import KEY_PREFIX
from sync_worker.plays.assignment import ASSIGNMENT, DUE, says
from sync_worker.plays.frame import clock_in_words, forms_of_moment
from sync_worker.publish.entries import day_of, key_beside, ledger_rows
from sync_worker.store.ledger import draft_body, is_entered, occurrences_over, published_rows
from sync_worker.store.pauses import remember, remembered
from sync_worker.worker.due import plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Topic
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays.assignment import Options
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store
    from sync_worker.store.tables import LedgerRow, OccurrenceRow
    from sync_worker.worker.due import Planned

STEP = "due-dates"
LOOK_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MovedTask:
    """A task whose topic was posted with another due date than the cohort's playbook has now.

    `key` is that of the note about it: the same two dates are told once. `said` and `due` are on the cohort's clock.
    """

    key: str
    topic_id: int
    category_id: int
    said: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class DueDateCare:
    """Looks after the due dates of one cohort; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    publisher: Publisher
    cohort: Cohort
    playbook: Playbook
    now: datetime

    def look(self, deeds: list[Deed]) -> None:
        """Tell the LCMs of each task with two dates, unless its topic says the new one; `deeds` gets what was done.

        Calls: none where every date is as it was; else 1 a day for each such task until the LCMs were told, and those
        of the message.

        Raises:
            ConfigError: the cohort's changes of steps do not fit the playbook, or its holidays are not known.
            ForumError: the forum does not answer, or refuses one of the topics, which keeps none of the others.

        """
        each_apart(self._unseen(), lambda task: deeds.extend(self._tell(task)))

    def _tell(self, task: MovedTask) -> Sequence[Deed]:
        try:
            topic = self._read(task)
        except ForumError as error:
            if not error.unreachable:
                self._leave(task)
            raise
        if topic is None or any(says(topic, form) for form in forms_of_moment(task.due)):
            self._leave(task)
            return ()
        return self.publisher.enter(self._note(task, topic))

    def _leave(self, task: MovedTask) -> None:
        """Remember that there is nothing to tell of a task now; its topic is read again tomorrow."""
        with self.store.begin() as session:
            remember(session, self.forum.name, task.key, self.now.isoformat())

    def _unseen(self) -> list[MovedTask]:
        """Return the tasks with two dates of which nobody was told, and whose topics were not found right today."""
        with self.store.begin() as session:
            rows = published_rows(session, self.forum.name, self.cohort.key, ("done",), refs=(ASSIGNMENT,))
            over = occurrences_over(session, self.forum.name, self.cohort.key, self.playbook.name) if rows else {}
            moved = self._moved(rows, self._to_come(over)) if rows else []
            fresh = [task for task in moved if not is_entered(session, task.key)]
            return [task for task in fresh if not self._is_recent(remembered(session, self.forum.name, task.key))]

    def _is_recent(self, moment: str | None) -> bool:
        return moment is not None and timedelta(0) <= self.now - datetime.fromisoformat(moment) < LOOK_EVERY

    def _to_come(self, over: dict[str, OccurrenceRow]) -> list[Planned]:
        """Return the reminders of tasks, and the lists of who is late, that are still to come."""
        planned = plan(self.forum.name, self.playbook.file, self.cohort, over)
        return [
            one
            for one in planned
            if one.step.play == ASSIGNMENT
            and one.occurrence.follow_up
            and one.over is None
            and not one.is_missed(self.now)
        ]

    def _moved(self, given: Sequence[LedgerRow], to_come: Sequence[Planned]) -> list[MovedTask]:
        found = []
        for row in given:
            following = next((one for one in to_come if _follows(one, row)), None)
            said = _said(row)
            if following is None or said is None or "topic_id" not in row.result:
                continue
            options = cast("Options", self.playbook.options_of(row.step, self.cohort))
            due = options.due.after(following.occurrence.main_at).replace(tzinfo=None)
            if due != said:
                # Begins as the task's key does, which stays what it is where the cohort gets another one.
                key = key_beside(row.key.removeprefix(KEY_PREFIX), "due", [row.key, due.isoformat()])
                found.append(MovedTask(key, row.result["topic_id"], row.payload["category_id"], said, due))
        return found

    def _read(self, task: MovedTask) -> Topic | None:
        """Return a task's topic as it reads now; None where people took it away or closed it."""
        seen = self.forum.topic(task.topic_id)
        with self.store.begin() as session:
            topic = as_seen(session, self.forum.name, seen) if seen is not None else None
        return topic if topic is not None and topic.category_id == task.category_id and not topic.closed else None

    def _note(self, task: MovedTask, topic: Topic) -> list[LedgerRow]:
        say, words = DUE_DATES.of(self.cohort.locale), language(self.cohort.locale)
        said, due = clock_in_words(words, task.said), clock_in_words(words, task.due)
        where = link(topic.title, f"{self.forum.url}/t/{topic.slug}/{topic.id}")
        draft = Draft(
            DraftKind.MESSAGE,
            Markdown(say.body.format(task=where, said=said, due=due)),
            say.reason.format(said=said, due=due),
            title=say.title.format(cohort=shortened(self.cohort.name, COHORT_NAME_LONGEST)),
            recipients=(self.cohort.lcm_group,),
            refs=(STEP,),
        )
        cohort, playbook = self.cohort.name, self.playbook.name
        body = draft_body(draft, play=ASSIGNMENT, step=STEP, slot=self.now, cohort_name=cohort, playbook=playbook)
        return ledger_rows(task.key, self.forum.name, self.cohort.key, body, self.now)


def _follows(planned: Planned, given: LedgerRow) -> bool:
    """Whether a reminder or list is about a given task; a step that happens once may have been moved since."""
    if planned.step.id != given.step:
        return False
    return planned.step.at is not None or planned.occurrence.own_day == day_of(given.key)


def _said(given: LedgerRow) -> datetime | None:
    """Return the due date that a task was given with; None for one that an older version gave, or for no topic."""
    return next((datetime.fromisoformat(one) for one in behind_mark(given.payload.get("refs", ()), DUE)), None)
