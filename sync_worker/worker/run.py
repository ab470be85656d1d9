"""One run: settle what was intended, then do what is due, each occurrence exactly once."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from sync_worker.config.load import complete_cohort
from sync_worker.content.reasons import reasons_for
from sync_worker.errors import ConfigError, ForumError, LcmError, UsageError, in_words
from sync_worker.plays import REGISTRY
from sync_worker.plays.assignment import ASSIGNMENT
from sync_worker.publish.acts import Outage, Verdict, verdict_of
from sync_worker.publish.entries import Entries, InTime, Place, build_entries, close_occurrence
from sync_worker.publish.last_look import LastLook
from sync_worker.publish.publisher import Ear, NotHeard, Publisher
from sync_worker.store.ledger import given_up, occurrences_over
from sync_worker.store.pauses import held, read_clock
from sync_worker.wording import nearest
from sync_worker.worker.aftercare import STEP, Aftercare
from sync_worker.worker.case_studies import PLAY as CASES
from sync_worker.worker.case_studies import CaseCare
from sync_worker.worker.commitments import CommitmentCare
from sync_worker.worker.drafting import Drafter
from sync_worker.worker.due import NOT_NOW, SKIPPED, Planned, Retries, overtaken, plan, read_late, unskip
from sync_worker.worker.due_dates import STEP as DUE_DATES
from sync_worker.worker.due_dates import DueDateCare
from sync_worker.worker.in_force import in_force
from sync_worker.worker.library import LibraryCare
from sync_worker.worker.library_names import LIBRARY
from sync_worker.worker.proposing import Proposer
from sync_worker.worker.published_care import STEP as PUBLISHED_CARE
from sync_worker.worker.published_care import PublishedCare
from sync_worker.worker.recovery import ReadBack, look_for_a_restore
from sync_worker.worker.run_report import Happening, RunReport, Standing
from sync_worker.worker.sessions import read_rsvps
from sync_worker.worker.start import refuse_renamed_cohorts
from sync_worker.worker.surroundings import Site, Surroundings, look_around, look_further, refresh, to_read
from sync_worker.worker.writing import WorkerWriter, read_topic, write

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import CohortSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted, Play
    from sync_worker.publish.publisher import Deed
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
A_YEAR = timedelta(days=366)
PLANS = "commitments"  # in reports, in the place of a step


class _Held(Exception):  # noqa: N818  (no mistake: a reason to stop)
    """Nothing may be changed on the forum; the text says why."""


def run_due(  # noqa: PLR0917
    forum: Forum,
    store: Store,
    settings: Settings,
    playbooks: Mapping[str, Playbook],
    now: datetime,
    cohort: str | None = None,
    step: str | None = None,
    *,
    plays: Mapping[str, Play] | None = None,
    wait: float = 0.0,
    early: bool = False,
    hear: Callable[[], None] | None = None,
    pick: Callable[[Sequence[str]], Collection[str]] | None = None,
) -> RunReport:
    """Do everything that is due for all cohorts, or for one, or for one step of its playbook.

    With `early` the named step's next occurrence is done now though its time has not come; it is not done again then. A
    cohort whose journey is paused gets nothing but what was intended or approved. `hear` takes in what people wrote
    to the worker; it is called once, before anything is drafted or sent, and again where it failed. `pick` gets the
    keys of the occurrences of the cohort that would be done, and returns those that are done: a request that was killed
    and goes on does what it was about to do, and nothing that comes after it.

    Calls: none where nothing is due, intended or approved; else those of `hear` too. Where another worker is at it,
    and still is after `wait` seconds, or where another one reads what people wrote, nothing is done and the report
    says `busy`. A cohort that cannot be looked after is reported under `standing` and stops no other.

    Raises:
        UsageError: the cohort or the step does not exist.
        ForumError: the forum cannot be reached at all; what was intended stays intended.

    """
    chosen = _chosen(settings, playbooks, cohort, step)
    before = forum.calls.total
    keys = tuple(declared.key for declared in settings.cohorts)
    site = Site(forum)
    writer = WorkerWriter(forum, store, settings, playbooks, plays or REGISTRY, now, site)
    ear, model = Ear(hear), settings.language_model
    proposer = Proposer(forum, store, store, model, now) if model is not None else None
    early = early and step is not None
    run = _Run(forum, store, plays or REGISTRY, now, keys, writer, site, ear, proposer, early=early, pick=pick)
    with store.exclusive(f"publish {forum.name}", wait) as is_ours:
        if not is_ours:
            return RunReport(busy=True)
        with store.begin() as session:
            why = held(session, forum.name)
        if why is None:
            run.do(chosen, playbooks, cohort, step)
        else:
            run.report.standing.append(Standing("", why))
    run.report.given_up = _given_up(store, forum.name, cohort)
    run.report.calls = forum.calls.total - before
    return run.report


def _chosen(
    settings: Settings, playbooks: Mapping[str, Playbook], cohort: str | None, step: str | None
) -> list[CohortSettings]:
    known = [declared.key for declared in settings.cohorts]
    if cohort is not None and cohort not in known:
        raise UsageError(f"no cohort has the key '{cohort}'.{nearest(cohort, known)}")
    chosen = [one for one in settings.cohorts if one.playbook and cohort in (None, one.key)]
    for declared in chosen:
        playbook = playbooks.get(declared.playbook or "")
        if step is not None and playbook is not None and playbook.file.step(step) is None:
            steps = [found.id for found in playbook.file.steps]
            raise UsageError(f"playbook '{playbook.name}' has no step '{step}'.{nearest(step, steps)}")
    return chosen


def _given_up(store: Store, forum: str, cohort: str | None) -> list[str]:
    with store.begin() as session:
        return [f"{row.cohort} {row.step} ({row.action}): {row.reason}" for row in given_up(session, forum, cohort)]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run, cohort after cohort; one failing occurrence does not stop the others."""

    forum: Forum
    store: Store
    plays: Mapping[str, Play]
    now: datetime
    keys: tuple[str, ...]
    writer: WorkerWriter
    site: Site
    ear: Ear
    proposer: Proposer | None = None
    early: bool = False
    pick: Callable[[Sequence[str]], Collection[str]] | None = None
    report: RunReport = field(default_factory=RunReport)
    outage: Outage = field(default_factory=Outage)

    @property
    def publisher(self) -> Publisher:
        mail = self.writer.settings.mail
        return Publisher(self.forum, self.store, self.now, self.writer, mail, self.ear, self.outage)

    @property
    def retries(self) -> Retries:
        return Retries(self.store, self.forum.name, self.now)

    def do(
        self, chosen: Sequence[CohortSettings], playbooks: Mapping[str, Playbook], cohort: str | None, step: str | None
    ) -> None:
        """Settle what was intended, look after each cohort, publish what was approved; nothing on a held forum."""
        try:
            if self.publisher.has_open_entries(cohort):
                self._refuse_if_restored()
            self.report.deeds += self.publisher.settle(cohort)
            for target in chosen:
                self._look_after(target, playbooks, step)
            if self.publisher.has_approved(cohort):
                self._refuse_if_restored()
            self.report.deeds += self.publisher.publish_approved(cohort)
            self.report.deeds += self.publisher.publish_in_line(cohort)
            if cohort is None and step is None:
                self._keep_library()
        except _Held as error:
            self.report.standing.append(Standing("", str(error)))
        except NotHeard:
            self.report.busy = True

    def _refuse_if_restored(self) -> None:
        why = look_for_a_restore(self.forum, self.store, self.now)
        if why is not None:
            raise _Held(why)

    def _look_after(self, declared: CohortSettings, playbooks: Mapping[str, Playbook], step: str | None) -> None:
        """Do what is due for a cohort; what is wrong with this one is reported and stops no other."""
        try:
            playbook = _playbook(declared, playbooks)
            if step is None:
                self._look_after_stories(complete_cohort(declared), playbook, Aftercare.read)
            self._look_after_cases(complete_cohort(declared), playbook, CaseCare.read)
            refused = self._journey(declared, playbook, step)
            if step is None:
                self._look_after_stories(complete_cohort(declared), playbook, Aftercare.follow_up)
                self._look_after_published(complete_cohort(declared), playbook)
                if refused is None:
                    self._look_after_cases(complete_cohort(declared), playbook, CaseCare.follow_up)
                    self._look_after_commitments(complete_cohort(declared), playbooks)
                    self._look_after_due_dates(complete_cohort(declared), playbook)
            if refused is not None:
                self.report.standing.append(Standing(declared.key, in_words(refused)))
        except Exception as error:
            if isinstance(error, ForumError | DBAPIError | _Held | NotHeard):
                raise
            if not isinstance(error, LcmError):
                LOG.debug("cohort %s", declared.key, exc_info=True)
            self.report.standing.append(Standing(declared.key, in_words(error)))

    def _journey(self, declared: CohortSettings, playbook: Playbook, step: str | None) -> LcmError | None:
        """Do what is due; return why no step is done, where that is so: told stories are looked after all the same."""
        try:
            self._follow(declared, playbook, step)
        except ForumError:
            raise
        except LcmError as error:
            return error
        return None

    def _follow(self, declared: CohortSettings, playbook: Playbook, step: str | None) -> None:
        cohort = complete_cohort(declared)
        with self.store.begin() as session:
            refuse_renamed_cohorts(session, self.forum.name, [declared], self.keys)
            current = in_force(session, self.forum.name, cohort.key, playbook.name)
            clock = read_clock(session, self.forum.name, cohort.key)
        if current not in (None, playbook.name):
            raise UsageError(
                f"it followed the playbook '{current}' and is to follow '{playbook.name}'; nothing is posted yet.",
                do=f"`lcm playbook switch --cohort {cohort.key}` shows what changes, and with --apply changes it.",
            )
        if not playbook.file.active:
            raise UsageError(
                f"its playbook '{playbook.name}' is switched off, so nothing is posted.",
                do=f"When it is ready, write `active: true` in {playbook.place}.",
            )
        if clock.stands_still(self.now) and not self.early:
            return
        self._catch_up_with(clock.shifted(cohort), playbook, step)

    def _catch_up_with(self, cohort: Cohort, playbook: Playbook, step: str | None) -> None:
        """Write off what came too late, and do what is due."""
        planned = self._plan(cohort, playbook, step)
        resting = self.retries.resting(cohort.key) if planned else set()
        try:
            if self._read_back(planned, playbook, resting):
                planned = self._plan(cohort, playbook, step)
        except ForumError as error:
            self._put_off([found for found in planned if found.is_due(self.now) and found.key not in resting], error)
            return
        for missed in planned:
            if missed.latest is not None and missed.is_missed(self.now):
                latest = missed.latest.astimezone(cohort.zone)
                self._close(missed, SKIPPED, reasons_for(cohort.locale).missed(latest))
        old = overtaken(planned, self.now)
        for one in old:
            self._close(one, SKIPPED, reasons_for(cohort.locale).overtaken())
        planned = [one for one in planned if one not in old]
        due = [found for found in planned if found.is_due(self.now)] or self._next(planned)
        due = [found for found in due if found.key not in resting]
        if self.pick is not None:
            keys = self.pick([found.key for found in due])
            due = [one for one in planned if one.key in keys and one.over is None and not one.is_missed(self.now)]
        if due:
            self._do(due, cohort, playbook)

    def _plan(self, cohort: Cohort, playbook: Playbook, step: str | None) -> list[Planned]:
        """Return the occurrences up to now, and with `early` those of the year to come."""
        until = self.now + (A_YEAR if self.early else timedelta(0))
        with self.store.begin() as session:
            unskip(session, self.forum.name, cohort.key, playbook.file, self.now)
            over = occurrences_over(session, self.forum.name, cohort.key, playbook.name)
            late = read_late(session, self.forum.name, cohort.key)
        planned = plan(self.forum.name, playbook.file, cohort, over, late, until)
        return [found for found in planned if step in (None, found.step.id)]

    def _read_back(self, planned: Sequence[Planned], playbook: Playbook, resting: Collection[str]) -> int:
        """Look on the forum for what the store knows nothing of, before it is written off, or done a second time.

        Of a cohort of which the store knows anything at all, that is what came too late; else all that has come.
        """
        begun = any(found.over is not None for found in planned)
        unknown = [
            found
            for found in planned
            if found.is_missed(self.now) or (not begun and self._is_new(found) and found.key not in resting)
        ]
        if not unknown:
            return 0
        self._refuse_if_restored()
        return ReadBack(self.forum, self.publisher, playbook).find(unknown)

    def _is_new(self, found: Planned) -> bool:
        """Whether an occurrence is due by its own date, and not because a person wants it."""
        return found.is_due(self.now) and found.latest is not None

    def _do(self, due: Sequence[Planned], cohort: Cohort, playbook: Playbook) -> None:
        self.ear.hear()  # what cannot be heard is no failure of an occurrence, and holds all of them
        try:
            self._refuse_if_restored()
            plays = to_read(playbook, cohort, [(found.step, self.plays[found.step.play]) for found in due])
            surroundings = look_around(self.forum, self.store, cohort, plays)
            refresh(self.forum, self.store, cohort, surroundings, plays, self.now)
            steps = [(self.plays[one.step.play], playbook.options_of(one.step.id, cohort)) for one in due]
            further = look_further(self.forum, self.store, cohort, surroundings, playbook, steps, self.site)
            if further.site.events:
                read_rsvps(self.forum, self.store, cohort.key, due, self.plays, self.now)
        except LcmError as error:
            if len(due) == 1 or verdict_of(error) is Verdict.OUTAGE:
                self._put_off(due, error)
            else:  # what one of them cannot read must not stop the others
                for one in due:
                    self._do([one], cohort, playbook)
            return
        for occurrence in due:
            self._carry_out(occurrence, playbook, further)

    def _look_after_stories(
        self, cohort: Cohort, playbook: Playbook, part: Callable[[Aftercare], Sequence[Deed]]
    ) -> None:
        """Read the conversations about stories once a day, or do what follows from them; a paused cohort's too."""
        care = Aftercare(self.forum, self.store, self.publisher, cohort, playbook, self.now)
        with self._apart(cohort, STEP):
            self.report.deeds += part(care)

    def _look_after_cases(self, cohort: Cohort, playbook: Playbook, part: Callable[[CaseCare], Sequence[Deed]]) -> None:
        """Read what people answered to a case study, or send the LCMs what follows, unless the journey stands still."""
        if all(step.play != CASES for step in playbook.file.steps):
            return
        with self.store.begin() as session:
            clock = read_clock(session, self.forum.name, cohort.key)
        if clock.stands_still(self.now):
            return
        cohort = clock.shifted(cohort)
        care = CaseCare(self.forum, self.store, self.publisher, cohort, playbook, self.now, clock.shift_days)
        with self._apart(cohort, CASES):
            self.report.deeds += part(care)

    def _look_after_published(self, cohort: Cohort, playbook: Playbook) -> None:
        """Take out of what was published what may not be shown any more; a paused cohort's too."""
        steps = frozenset(step.id for step in playbook.file.steps if step.play == "roundup")
        care = PublishedCare(self.forum, self.store, self.publisher, cohort, steps, self.now)
        with self._apart(cohort, PUBLISHED_CARE):
            self.report.deeds += care.follow_up()

    def _keep_library(self) -> None:
        """Look after the practice library, which all cohorts share; what is wrong with it stops no cohort."""
        settings = self.writer.settings
        if settings.library is None:
            return
        cohorts = {declared.key: complete_cohort(declared) for declared in settings.cohorts}
        look = LastLook(self.forum, self.store, self.now)
        try:
            care = LibraryCare(
                *(self.forum, self.store, self.publisher, settings.library, cohorts, self.now, look),
                self._refuse_if_restored,
            )
            self.report.deeds += care.follow_up()
        except LcmError as error:
            self.report.standing.append(Standing(LIBRARY, in_words(error)))
            if isinstance(error, ForumError) and error.unreachable:
                raise

    def _look_after_commitments(self, cohort: Cohort, playbooks: Mapping[str, Playbook]) -> None:
        """Enter questions about plans, unless the journey stands still; they are sent at the end of the run."""
        with self.store.begin() as session:
            clock = read_clock(session, self.forum.name, cohort.key)
        if clock.stands_still(self.now):
            return
        care = CommitmentCare(self.forum, self.store, self.plays, playbooks, clock.shifted(cohort), self.now)
        with self._apart(cohort, PLANS):
            care.look()

    def _look_after_due_dates(self, cohort: Cohort, playbook: Playbook) -> None:
        """Tell the LCMs of tasks whose topics say another date than the playbook, unless the journey stands still."""
        if all(step.play != ASSIGNMENT for step in playbook.file.steps):
            return
        with self.store.begin() as session:
            clock = read_clock(session, self.forum.name, cohort.key)
        if clock.stands_still(self.now):
            return
        care = DueDateCare(self.forum, self.store, self.publisher, clock.shifted(cohort), playbook, self.now)
        with self._apart(cohort, DUE_DATES):
            care.look(self.report.deeds)

    @contextmanager
    def _apart(self, cohort: Cohort, care: str) -> Iterator[None]:
        """Let what fails in looking after something stop nothing else, unless no call would be answered."""
        try:
            yield
        except LcmError as error:
            self.report.happenings.append(Happening(cohort.key, care, self.now.isoformat(), "later", str(error)))
            if isinstance(error, ForumError) and error.unreachable:
                raise

    def _next(self, planned: Sequence[Planned]) -> list[Planned]:
        """Return the next occurrence that is still to come, where it is wanted early; a follow-up keeps its date."""
        coming = [
            found
            for found in planned
            if found.over is None and found.occurrence.at > self.now and not found.occurrence.follow_up
        ]
        return coming[:1] if self.early else []

    def _carry_out(self, planned: Planned, playbook: Playbook, surroundings: Surroundings) -> None:
        play = self.plays[planned.step.play]
        look = LastLook(self.forum, self.store, self.now)
        try:
            read_topic(self.store, self.forum.name, planned, play, look)
            drafted = self._draft(planned, play, playbook, surroundings, look)
            if self.proposer is not None and self.proposer.propose(
                planned.key, planned.occurrence.cohort, drafted.material
            ):
                drafted = self._draft(planned, play, playbook, surroundings, look)
            place = Place(self.forum.name, surroundings.categories.own, play.name)
            in_time = InTime(planned.latest, planned.step.patience)
            entries = build_entries(
                place, planned.occurrence, drafted.drafts, drafted.reason, self.now, in_time, drafted.actions
            )
            entries = entries.with_evidence(drafted.evidence, planned.occurrence, self.now)
            entries = entries.with_trials(drafted.trials, planned.occurrence)
        except DBAPIError:  # the store failed, not the play: that counts for nothing
            raise
        except Exception as error:  # a mistake in one play must not silence the others
            if not isinstance(error, LcmError):
                LOG.exception("play %s failed for %s", play.name, planned.key)
            self._put_off([planned], error)
            return
        if drafted.not_now:
            self._leave_for_now(planned, drafted.reason)
        elif self.publisher.claim(entries):
            self.retries.settle(planned)
            self._tell(planned, entries.over.outcome, drafted.reason)
            self.report.deeds += self.publisher.publish_all(entries.ledger, look)

    def _leave_for_now(self, planned: Planned, reason: str) -> None:
        """Write down that it was not the time for an occurrence; one that was wanted early keeps its date."""
        if planned.occurrence.at > self.now:
            self._tell(planned, NOT_NOW, reason)
        else:
            self._close(planned, NOT_NOW, reason)

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
        reason = in_words(error)
        for planned in due:
            if self.retries.note(planned, reason, verdict_of(error)):
                self._tell(planned, "later", reason)
            else:
                self._close(planned, "failed", reason)
        if isinstance(error, ForumError) and error.unreachable:
            raise error

    def _close(self, planned: Planned, outcome: str, reason: str) -> None:
        over = close_occurrence(self.forum.name, planned.occurrence, outcome, reason, self.now)
        if self.publisher.claim(Entries(over)):
            if outcome != "failed":  # what was put off and is left out in the end is not tried any more
                self.retries.settle(planned)
            self._tell(planned, outcome, reason)

    def _tell(self, planned: Planned, outcome: str, reason: str) -> None:
        occurrence = planned.occurrence
        slot = occurrence.local.isoformat()
        self.report.happenings.append(Happening(occurrence.cohort.key, occurrence.label, slot, outcome, reason))


def _playbook(declared: CohortSettings, playbooks: Mapping[str, Playbook]) -> Playbook:
    playbook = playbooks.get(declared.playbook or "")
    if playbook is None:
        raise ConfigError(f"its playbook '{declared.playbook}' was not found, or is invalid.", do="Run `lcm check`.")
    return playbook
