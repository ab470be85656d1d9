"""A look at everything that goes by message: what people wrote, what follows from it, what waits, and the desks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.config.load import complete_cohort
from sync_worker.desk.answering import answers
from sync_worker.desk.mailbox import Mailbox
from sync_worker.desk.topic import DeskTopic
from sync_worker.desk.waiting import STEP, new_ask
from sync_worker.errors import ForumError, LcmError
from sync_worker.plays import REGISTRY
from sync_worker.publish.publisher import NotHeard, Publisher
from sync_worker.store.ledger import intended_rows
from sync_worker.store.pauses import held, remember, remembered
from sync_worker.store.tables import LedgerRow, ReplyRow
from sync_worker.worker.run import run_due
from sync_worker.worker.start import without_renamed
from sync_worker.worker.writing import WorkerWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
WRITTEN, WRITE_EVERY = "desks written", timedelta(hours=1)
HEARD_FOR = timedelta(days=90)  # after the end of a cohort its learners' words are heard
WAIT_SECONDS = 30.0  # for another worker that reads what people wrote; it waits 1 second for us at most


def cohorts_by_message(settings: Settings, now: datetime, *, has_plugin: bool) -> dict[str, Cohort]:
    """Return the cohorts whose LCMs decide by message: those that are not over, where the forum has no plugin.

    With it those alone that ask for it, without it all but those that want none.
    """
    wanted = {"always"} if has_plugin else {"always", "auto"}
    cohorts = [complete_cohort(one) for one in settings.cohorts if one.by_message in wanted and one.playbook]
    return {one.key: one for one in cohorts if not one.over_on(now.astimezone(one.zone).date())}


def hear(forum: Forum, store: Store, settings: Settings, now: datetime) -> None:
    """Take in what people wrote to the worker, right before something is sent: a learner's no counts at once.

    What follows from it is entered, and sent later. Where another worker is reading at this moment, it waits for that.

    Calls: those of `Mailbox.read_all`.

    Raises:
        ForumError: it cannot be read.
        NotHeard: another worker goes on reading.

    """
    settings = without_renamed_cohorts(forum, store, settings)
    cohorts = cohorts_by_message(settings, now, has_plugin=forum.plugin is not None)
    with store.exclusive(f"messages {forum.name}", WAIT_SECONDS) as is_ours:
        if not is_ours:
            raise NotHeard
        Mailbox(forum, store, cohorts, now, all_cohorts(settings)).read_all()


def without_renamed_cohorts(forum: Forum, store: Store, settings: Settings) -> Settings:
    """Return the settings without the cohorts that may be known by another key.

    Whatever is written for one of those would count as its beginning, and its journey would be gone through again.
    """
    with store.begin() as session:
        return without_renamed(session, forum.name, settings)


def is_heard(settings: Settings, now: datetime) -> bool:
    """Whether learners may still answer messages of ours: a cohort has a playbook, and ended not long ago."""
    then = now - HEARD_FOR
    cohorts = [complete_cohort(one) for one in settings.cohorts if one.playbook]
    return any(not one.over_on(then.astimezone(one.zone).date()) for one in cohorts)


def all_cohorts(settings: Settings) -> dict[str, Cohort]:
    """Return all cohorts, by key."""
    return {one.key: complete_cohort(one) for one in settings.cohorts}


@dataclass(frozen=True, slots=True)
class Letters:
    """Looks after cohorts by message, and takes in what learners of all cohorts chose; one worker at a time.

    Calls: those of `Mailbox.read_all`; 1 for each message and 2 for each answer that is sent, and those of what was
    approved.
    """

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    cohorts: Mapping[str, Cohort]
    now: datetime

    def look(self) -> bool | None:
        """Take in what was written, act on it, and send what is to be sent.

        Returns:
            Whether anything was decided, also what was taken in right before something was sent (see `hear`); None
            where another worker is reading at this moment, so that nothing was read here.

        """
        with self.store.exclusive(f"messages {self.forum.name}", 0.0) as is_ours:
            if not is_ours:
                return None
            if self._is_held():
                return False
            box = Mailbox(self.forum, self.store, self.cohorts, self.now, all_cohorts(self.settings))
            box.read_all()  # where that fails, a no may be unheard: what was entered waits for the next look
            decided = box.decided or self._is_unanswered()
            self._act(box)
        return decided

    def _is_held(self) -> bool:
        with self.store.begin() as session:
            return held(session, self.forum.name) is not None

    def _is_unanswered(self) -> bool:
        """Whether a decision was taken in, by whichever worker, and nothing was said of it so far."""
        with self.store.begin() as session:
            # Of a cohort that has ended, or left lcm.yaml, nobody is answered any more.
            unanswered = select(ReplyRow).where(
                ReplyRow.forum == self.forum.name,
                ReplyRow.answered.is_(False),
                ReplyRow.cohort.in_(sorted(self.cohorts)),
            )
            return any("said" not in row.content for row in session.scalars(unanswered))

    def _is_unfinished(self) -> bool:
        """Whether an earlier worker took something in, or began to send it, and did not finish."""
        with self.store.begin() as session:
            ours = any(row.step == STEP for row in intended_rows(session, self.forum.name))
        return ours or self._is_unanswered()

    def _act(self, box: Mailbox) -> None:
        if box.decided or self._is_unfinished():
            report = run_due(self.forum, self.store, self.settings, self.playbooks, self.now)
            for line in report.logged_failures:
                LOG.warning("%s", line)
        keys = list(box.entered)
        for cohort in self.cohorts.values():
            with self.store.begin() as session:
                rows = answers(session, self.forum.name, cohort, self.now)
                rows += new_ask(session, self.forum.name, self.forum.url, cohort, self.now)
                rows = [row for row in rows if session.get(LedgerRow, row.key) is None]
                session.add_all(rows)
                keys += [row.key for row in rows]
        self.send(keys)

    def is_time_to_write(self) -> bool:
        """Whether the desks were brought up to date more than an hour ago, by whichever worker."""
        with self.store.begin() as session:
            last = remembered(session, self.forum.name, WRITTEN)
        return last is None or not timedelta(0) <= self.now - datetime.fromisoformat(last) < WRITE_EVERY

    def write_desks(self) -> None:
        """Bring the desks up to date; one cohort whose desk cannot be written is reported and stops no other."""
        with self.store.exclusive(f"messages {self.forum.name}", 1.0) as is_ours:
            if not is_ours or self._is_held():
                return
            for cohort in self.cohorts.values():
                playbook = self.playbooks.get(cohort.playbook or "")
                topic = DeskTopic(self.forum, self.store, cohort, playbook, self.now)
                try:
                    begun = topic.bring_up_to_date()
                except LcmError as error:
                    if isinstance(error, ForumError) and error.unreachable:
                        raise
                    LOG.warning("the desk of %s was not written: %s", cohort.key, error)
                else:
                    self.send([begun] if begun else [])
            with self.store.begin() as session:
                remember(session, self.forum.name, WRITTEN, self.now.isoformat())

    def send(self, keys: Sequence[str]) -> None:
        """Send what was entered a moment ago; what cannot be sent now the next run sends."""
        if not keys:
            return
        writer = WorkerWriter(self.forum, self.store, self.settings, self.playbooks, REGISTRY, self.now)
        publisher = Publisher(self.forum, self.store, self.now, writer)
        with self.store.exclusive(f"publish {self.forum.name}", 1.0) as is_ours:
            for key in keys if is_ours else ():
                try:
                    publisher.publish(key, fresh=True)
                except LcmError as error:
                    if isinstance(error, ForumError) and error.unreachable:
                        raise
                    LOG.warning("%s", error)
