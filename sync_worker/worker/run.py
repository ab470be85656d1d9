"""One run: settle what was intended, then do what is due, each occurrence exactly once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.config.located_yaml import nearest
from sync_worker.errors import ForumError, LcmError, UsageError
from sync_worker.plays import REGISTRY
from sync_worker.publish.entries import Entries, Place, build_entries, close_occurrence
from sync_worker.publish.last_look import LastLook
from sync_worker.publish.publisher import Publisher
from sync_worker.store.clocks import read_clock
from sync_worker.store.ledger import occurrences_over
from sync_worker.worker.aftercare import STEP, Aftercare
from sync_worker.worker.drafting import Drafter, Surroundings, look_around, refresh
from sync_worker.worker.due import SKIPPED, Planned, plan
from sync_worker.worker.retries import Retries
from sync_worker.worker.run_report import UNEXPECTED, Happening, RunReport
from sync_worker.worker.writing import WorkerWriter, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted, Play
    from sync_worker.publish.publisher import Deed
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)


def run_due(  # noqa: PLR0917
    forum: Forum,
    store: Store,
    settings: Settings,
    playbooks: Mapping[str, Playbook],
    now: datetime,
    cohort: str | None = None,
    step: str | None = None,
    *,
    plays: Mapping[str, Play] = REGISTRY,
    wait: float = 0.0,
    early: bool = False,
) -> RunReport:
    """Do everything that is due for all cohorts, or for one, or for one step of its playbook.

    With `early` the named step's next occurrence is done now though its time has not come; it is not done again then. A
    cohort whose journey is paused gets nothing but what was intended or approved.

    Calls: none where nothing is due, intended or approved. Where another worker is at it, and still is after `wait`
    seconds, nothing is done and the report says `busy`.

    Raises:
        UsageError: the cohort or the step does not exist.
        ForumError: the forum cannot be reached at all; what was intended stays intended.

    """
    chosen = _chosen(settings, playbooks, cohort, step)
    before = forum.calls.total
    writer = WorkerWriter(forum, store, settings, playbooks, plays, now)
    run = _Run(forum, store, plays, now, writer, early=early and step is not None)
    with store.exclusive(f"publish {forum.name}", wait) as held:
        if not held:
            return RunReport(busy=True)
        run.report.deeds += run.publisher.settle(cohort)
        for target, playbook in chosen:
            if step is None:
                run.look_after_stories(target, playbook, Aftercare.read)
            run.look_after(target, playbook, step)
            if step is None:
                run.look_after_stories(target, playbook, Aftercare.follow_up)
        run.report.deeds += run.publisher.publish_approved(cohort)
    run.report.calls = forum.calls.total - before
    return run.report


def _chosen(
    settings: Settings, playbooks: Mapping[str, Playbook], cohort: str | None, step: str | None
) -> list[tuple[Cohort, Playbook]]:
    known = [declared.key for declared in settings.cohorts]
    if cohort is not None and cohort not in known:
        raise UsageError(f"no cohort has the key '{cohort}'.{nearest(cohort, known)}")
    chosen = [
        (complete_cohort(declared), playbooks[declared.playbook])
        for declared in settings.cohorts
        if declared.playbook and cohort in (None, declared.key)
    ]
    for _, playbook in chosen:
        if step is not None and playbook.file.step(step) is None:
            steps = [found.id for found in playbook.file.steps]
            raise UsageError(f"playbook '{playbook.name}' has no step '{step}'.{nearest(step, steps)}")
    return chosen


@dataclass(frozen=True, slots=True)
class _Run:
    """One run, cohort after cohort; one failing occurrence does not stop the others."""

    forum: Forum
    store: Store
    plays: Mapping[str, Play]
    now: datetime
    writer: WorkerWriter
    early: bool = False
    report: RunReport = field(default_factory=RunReport)

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.forum, self.store, self.now, self.writer)

    @property
    def retries(self) -> Retries:
        return Retries(self.store, self.forum.name, self.now)

    def look_after(self, cohort: Cohort, playbook: Playbook, step: str | None) -> None:
        """Do what is due for a cohort."""
        with self.store.begin() as session:
            over = occurrences_over(session, self.forum.name, cohort.key, playbook.name)
            clock = read_clock(session, self.forum.name, cohort.key)
        if clock.stands_still(self.now) and not self.early:
            return
        cohort = clock.shifted(cohort)
        planned = [
            found for found in plan(self.forum.name, playbook.file, cohort, over) if step in (None, found.step.id)
        ]
        for missed in planned:
            if missed.is_missed(self.now):
                self._close(missed, SKIPPED, f"it was to happen by {missed.latest:%Y-%m-%d %H:%M} UTC")
        due = [found for found in planned if found.is_due(self.now)] or self._next(planned)
        resting = self.retries.resting(cohort.key) if due else set()
        due = [found for found in due if found.key not in resting]
        if not due:
            return
        try:
            plays = [self.plays[found.step.play] for found in due]
            surroundings = look_around(self.forum, self.store, cohort, plays)
            refresh(self.forum, self.store, cohort, surroundings, plays, self.now)
        except LcmError as error:
            self._put_off(due, error)
            return
        for occurrence in due:
            self._carry_out(occurrence, playbook, surroundings)

    def look_after_stories(
        self, cohort: Cohort, playbook: Playbook, part: Callable[[Aftercare], Sequence[Deed]]
    ) -> None:
        """Read the conversations about stories once a day, or do what follows from them; a paused cohort's too."""
        care = Aftercare(self.forum, self.store, self.publisher, cohort, playbook, self.now)
        try:
            self.report.deeds += part(care)
        except LcmError as error:
            self.report.happenings.append(Happening(cohort.key, STEP, self.now.isoformat(), "later", str(error)))
            if isinstance(error, ForumError) and error.unreachable:
                raise

    def _next(self, planned: Sequence[Planned]) -> list[Planned]:
        """Return the next occurrence that is still to come, where it is wanted early."""
        coming = [found for found in planned if found.over is None and found.occurrence.slot > self.now]
        return coming[:1] if self.early else []

    def _carry_out(self, planned: Planned, playbook: Playbook, surroundings: Surroundings) -> None:
        play = self.plays[planned.step.play]
        look = LastLook(self.forum, self.store, self.now)
        try:
            drafted = self._draft(planned, play, playbook, surroundings, look)
            place = Place(self.forum.name, surroundings.categories.own, play.name)
            entries = build_entries(place, planned.occurrence, drafted.drafts, drafted.reason, self.now)
        except Exception as error:  # a mistake in one play must not silence the others
            if not isinstance(error, LcmError):
                LOG.exception("play %s failed for %s", play.name, planned.key)
            self._put_off([planned], error)
            return
        if self.publisher.claim(entries):
            self.retries.settle(planned)
            self._tell(planned, entries.over.outcome, drafted.reason)
            self.report.deeds += self.publisher.publish_all(entries.ledger, look)

    def _draft(
        self, planned: Planned, play: Play, playbook: Playbook, surroundings: Surroundings, look: LastLook
    ) -> Drafted:
        def draft() -> Drafted:
            with self.store.begin() as session:
                drafter = Drafter(self.forum, session, playbook, surroundings, self.now, look)
                return drafter.draft(planned, play)

        return write(draft, look, surroundings.categories.own, planned.occurrence.cohort.key)

    def _put_off(self, due: Sequence[Planned], error: Exception) -> None:
        """Try these again later, or give them up; go no further at all where the forum does not answer."""
        reason = str(error) if isinstance(error, LcmError) else f"{UNEXPECTED}{type(error).__name__}: {error}"
        for planned in due:
            if self.retries.note(planned, reason):
                self._tell(planned, "later", reason)
            else:
                self._close(planned, "failed", reason)
        if isinstance(error, ForumError) and error.unreachable:
            raise error

    def _close(self, planned: Planned, outcome: str, reason: str) -> None:
        over = close_occurrence(self.forum.name, planned.occurrence, outcome, reason, self.now)
        if self.publisher.claim(Entries(over)):
            self._tell(planned, outcome, reason)

    def _tell(self, planned: Planned, outcome: str, reason: str) -> None:
        occurrence = planned.occurrence
        slot = occurrence.local.isoformat()
        self.report.happenings.append(Happening(occurrence.cohort.key, occurrence.step, slot, outcome, reason))
