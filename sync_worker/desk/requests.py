"""Carry out what was asked for on the forum: runs, previews, questions to authors, stories; and report on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sync_worker.desk.decisions import ClockSet, Pick
from sync_worker.desk.letters import hear
from sync_worker.desk.words import QUESTION, RunWords, question_of, run_words
from sync_worker.errors import LcmError, UsageError
from sync_worker.model import Approval, DraftKind, Occurrence
from sync_worker.plays import REGISTRY, consent, story
from sync_worker.publish.acts import ACTIONS
from sync_worker.publish.entries import Place, build_entries
from sync_worker.publish.last_look import LastLook
from sync_worker.publish.publisher import NotHeard, Publisher
from sync_worker.store.database import scratch_copy
from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock, refuse_while_held
from sync_worker.worker.drafting import Drafter
from sync_worker.worker.due import plan
from sync_worker.worker.run import run_due
from sync_worker.worker.surroundings import look_around, look_further, refresh, to_read
from sync_worker.worker.writing import WorkerWriter, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.base import Strict
    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted, Play, PlayContext
    from sync_worker.publish.publisher import Deed
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned
    from sync_worker.worker.run_report import RunReport

WAIT_SECONDS = 30.0
LINE_LONGEST = 2000
BY_HAND = "picked-by-lcm"
KINDS = {
    "run_playbook": "playbook",
    "preview_playbook": "preview",
    "ask_consent": "publish",
    "spotlight": "publish",
    "ask_lcm": "publish",
}
FINISHED = frozenset({"done", "partial", "failed", "refused"})
CLOCK_KINDS = {"pause_cohort": "pause", "resume_cohort": "resume", "shift_cohort": "shift"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request: `done`, `partial`, `failed` or `refused`, in a sentence and in lines."""

    state: str
    summary: str
    lines: tuple[tuple[str, str], ...] = ()
    previews: tuple[Mapping[str, Any], ...] = ()


class _Refused(Exception):  # noqa: N818  (it leaves this module as an outcome only)
    """A request cannot be carried out; says so in the cohort's language."""

    def __init__(self, state: str, summary: str) -> None:
        super().__init__(summary)
        self.outcome = Outcome(state, summary)


@dataclass(frozen=True, slots=True)
class Requests:
    """Carries out requests for one forum."""

    forum: Forum
    plugin: Plugin
    store: Store
    settings: Settings
    cohorts: Mapping[str, Cohort]
    playbooks: Mapping[str, Playbook]

    def carry_out(self, item: WorkItem, now: datetime) -> str:
        """Do what was asked for and return its state; runs and previews are reported under their id, before and after.

        One request that fails is reported and stops nothing else. What the forum knows as finished is not done again: a
        store that begins anew, or comes back from a backup, reads old requests once more.
        """
        handlers: dict[str, Callable[[WorkItem, datetime], Outcome]] = {
            "run_playbook": self._run,
            "preview_playbook": self._preview,
            "ask_consent": self._ask,
            "spotlight": self._spotlight,
            "ask_lcm": self._question,
        }
        kind, handler, run = KINDS[item.kind], handlers[item.kind], self._run_of(item)
        known = self._report(run, kind, item, now, Outcome("running", ""))
        if known in FINISHED:
            return known
        try:
            refuse_while_held(self.store.sessions, self.forum.name)
            outcome = handler(item, now)
        except _Refused as error:
            outcome = error.outcome
        except UsageError as error:
            outcome = Outcome("refused", self._words(item).technical(error))
        except LcmError as error:
            outcome = Outcome("failed", self._words(item).technical(error))
        self._report(run, kind, item, now, outcome)
        return outcome.state

    def report_given_up(self, item: WorkItem, now: datetime) -> None:
        """Report that something was begun too often and never came to its end, so that it is left out."""
        self._report(self._run_of(item), KINDS[item.kind], item, now, Outcome("failed", self._words(item).say.given_up))

    def report_clock(self, clock: ClockSet, now: datetime) -> None:
        """Report that a cohort was paused, resumed or shifted."""
        outcome = Outcome("done", run_words(self.cohorts.get(clock.cohort or "")).clock(clock.change))
        self._report(clock.subject, CLOCK_KINDS[clock.kind], clock, now, outcome)

    @staticmethod
    def _run_of(item: WorkItem) -> str:
        """Return under which name a request is reported."""
        return item.subject if item.kind.endswith("_playbook") else f"work-{item.id}"

    def _words(self, item: WorkItem) -> RunWords:
        return run_words(self.cohorts.get(item.cohort or ""))

    def _report(self, run: str, kind: str, item: WorkItem | ClockSet, now: datetime, outcome: Outcome) -> str:
        cohort = self.cohorts.get(item.cohort or "")
        lines = [
            {"number": number, "at": now.isoformat(), "level": level, "text": text[:LINE_LONGEST]}
            for number, (level, text) in enumerate(outcome.lines, 1)
        ]
        report = {
            "kind": kind,
            "cohort": item.cohort,
            "playbook": cohort.playbook if cohort else None,
            "step": None if isinstance(item, ClockSet) else item.data.get("step"),
            "state": outcome.state,
            "started_at": now.isoformat(),
            "finished_at": None if outcome.state == "running" else now.isoformat(),
            "summary": outcome.summary[:1000] or None,
            "lines": lines,
        }
        return self.plugin.report_run(run, report | ({"previews": list(outcome.previews)} if outcome.previews else {}))

    def _run(self, item: WorkItem, now: datetime) -> Outcome:
        cohort, playbook = self._of(item)
        step = item.data.get("step")
        playbooks, pick = self.playbooks, Pick(self.store, self.forum.name, item)
        if item.data.get("workflow"):
            playbooks = {**playbooks, playbook.name: self._waiting_for_lcms(cohort, playbook, step, now)}
        report = run_due(
            self.forum,
            self.store,
            self.settings,
            playbooks,
            now,
            cohort.key,
            step,
            wait=WAIT_SECONDS,
            early=True,
            hear=partial(hear, self.forum, self.store, self.settings, now),
            pick=pick,
        )
        words = self._words(item)
        if report.busy:
            raise _Refused("failed", words.say.busy)
        lines = [
            ("error" if happening.outcome == "failed" else "info", words.happening(happening))
            for happening in report.happenings
        ]
        lines += [_line(deed, words) for deed in report.deeds]
        if report.is_empty:
            return Outcome("done", words.say.done_before if pick.is_known else words.say.nothing_due)
        state = "partial" if report.failures else "done"
        return Outcome(state, _summary(report, words), tuple(lines))

    def _waiting_for_lcms(self, cohort: Cohort, playbook: Playbook, step: str | None, now: datetime) -> Playbook:
        """Return the playbook with each text of the step waiting for an LCM, since no person has begun it.

        Refused are a step without a text that could wait, and a cohort whose journey is paused.
        """
        say, wanted = run_words(cohort).say, playbook.file.step(step or "")
        if wanted is None:
            raise _Refused("refused", say.unknown_step.format(playbook=playbook.name, step=step))
        if REGISTRY[wanted.play].acts:
            raise _Refused("refused", say.nothing_to_approve.format(step=step))
        with self.store.begin() as session:
            if read_clock(session, self.forum.name, cohort.key).stands_still(now):
                raise _Refused("refused", say.stands_still)
        asking = wanted.model_copy(update={"approval": Approval.LCM})
        steps = tuple(asking if one is wanted else one for one in playbook.file.steps)
        return replace(playbook, file=playbook.file.model_copy(update={"steps": steps}))

    def _preview(self, item: WorkItem, now: datetime) -> Outcome:
        cohort, playbook = self._of(item)
        planned = self._next(cohort, playbook, item.data.get("step"), now)
        play = REGISTRY[planned.step.play]
        with scratch_copy(self.store, self.forum.name) as copy:
            drafted = self._drafted(
                planned.occurrence.cohort,
                playbook,
                to_read(playbook, planned.occurrence.cohort, [(planned.step, play)]),
                lambda drafter: drafter.draft(planned, play),
                LastLook(self.forum, copy, now),
                [(play, playbook.options_of(planned.step.id, planned.occurrence.cohort))],
            )
        previews = tuple(
            {
                "kind": draft.kind.value,
                "title": draft.title,
                "raw": draft.raw,
                "recipients": [] if draft.kind is DraftKind.MAIL else list(draft.recipients),
                "reason": draft.reason,
            }
            for draft in drafted.drafts
        )
        when = planned.occurrence.local_at.strftime("%Y-%m-%d %H:%M")
        return Outcome("done", f"{planned.step.id}, {when}: {drafted.reason}", previews=previews)

    def _ask(self, item: WorkItem, now: datetime) -> Outcome:
        return self._publish(item, now, "consent", consent.draft_about)

    def _spotlight(self, item: WorkItem, now: datetime) -> Outcome:
        """Tell the story where its author agreed, else ask first."""
        told = self._publish(item, now, "story", story.draft_about)
        return told if told.state == "done" or item.data.get("consent") == "no" else self._ask(item, now)

    def _publish(
        self, item: WorkItem, now: datetime, name: str, draft_about: Callable[[PlayContext, int], Drafted]
    ) -> Outcome:
        """Draft one post's message or story and publish it, once a day at most; the LCM's word is the approval.

        What people wrote to the worker is read first: an author may just have said no.
        """
        cohort, playbook = self._of(item)
        try:
            hear(self.forum, self.store, self.settings, now)
        except NotHeard:
            raise _Refused("failed", self._words(item).say.busy) from None
        play, post_id = REGISTRY[name], int(item.subject)
        occurrence = Occurrence(cohort, playbook.name, f"{BY_HAND}-{name}-{post_id}", item.at)

        def draft(drafter: Drafter) -> Drafted:
            context = drafter.context(occurrence, play.options(), Approval.NONE)
            return draft_about(replace(context, now=now), post_id)

        look = LastLook(self.forum, self.store, now)
        drafted = self._drafted(cohort, playbook, [play], draft, look)
        if not drafted.drafts:
            return Outcome("refused", drafted.reason)
        return self._send(item, occurrence, play.name, drafted, look)

    def _question(self, item: WorkItem, now: datetime) -> Outcome:
        """Put a workflow's question to the cohort's LCMs in a message, once."""
        cohort, playbook = self._of(item)
        occurrence = Occurrence(cohort, playbook.name, f"{QUESTION}-{item.id}", item.at)
        asked = question_of(item, cohort, self.forum.url)
        return self._send(item, occurrence, QUESTION, asked, LastLook(self.forum, self.store, now))

    def _send(self, item: WorkItem, occurrence: Occurrence, play: str, drafted: Drafted, look: LastLook) -> Outcome:
        """Publish what was drafted, once for an occurrence."""
        cohort, now, words = occurrence.cohort, look.now, self._words(item)
        surroundings = look_around(self.forum, self.store, cohort)
        place = Place(self.forum.name, surroundings.categories.own, play, asked_for=True)
        writer = WorkerWriter(self.forum, self.store, self.settings, self.playbooks, REGISTRY, now)
        publisher = Publisher(self.forum, self.store, now, writer, self.settings.mail)
        with self.store.exclusive(f"publish {self.forum.name}", WAIT_SECONDS) as held:
            if not held:
                raise _Refused("failed", words.say.busy)
            entries = build_entries(place, occurrence, drafted.drafts, drafted.reason, now)
            if not publisher.claim(entries):
                return Outcome("done", words.say.done_before)
            deeds = publisher.publish_all(entries.ledger, look)
        failed = [deed for deed in deeds if deed.state != "done"]
        lines = tuple(_line(deed, words) for deed in deeds)
        return Outcome("partial" if failed else "done", drafted.reason, lines)

    def _of(self, item: WorkItem) -> tuple[Cohort, Playbook]:
        cohort = self.cohorts.get(item.cohort or "")
        if cohort is None:
            raise _Refused("refused", run_words(None).say.unknown_cohort.format(name=item.cohort))
        playbook = self.playbooks.get(cohort.playbook or "")
        if playbook is None:
            raise _Refused("refused", run_words(cohort).say.no_playbook.format(name=cohort.key))
        return cohort, playbook

    def _next(self, cohort: Cohort, playbook: Playbook, step: str | None, now: datetime) -> Planned:
        """Return the step's next occurrence, or the journey's where no step is named."""
        if step is not None and playbook.file.step(step) is None:
            said = run_words(cohort).say.unknown_step.format(playbook=playbook.name, step=step)
            raise _Refused("refused", said)
        with self.store.begin() as session:
            over = occurrences_over(session, self.forum.name, cohort.key, playbook.name)
            cohort = read_clock(session, self.forum.name, cohort.key).shifted(cohort)
        planned = plan(self.forum.name, playbook.file, cohort, over)
        for found in planned:
            is_wanted = step in (None, found.step.id) and not found.occurrence.follow_up
            if is_wanted and found.over is None and not found.is_missed(now):
                return found
        raise _Refused("refused", run_words(cohort).say.nothing_to_come)

    def _drafted(  # noqa: PLR0917
        self,
        cohort: Cohort,
        playbook: Playbook,
        plays: Sequence[Play],
        draft: Callable[[Drafter], Drafted],
        look: LastLook,
        steps: Sequence[tuple[Play, Strict]] = (),
    ) -> Drafted:
        """Return what is drafted from the store that `look` has: of a preview, a copy."""
        store, now = look.store, look.now
        surroundings = look_around(self.forum, store, cohort, plays)
        refresh(self.forum, store, cohort, surroundings, plays, now)
        surroundings = look_further(self.forum, store, cohort, surroundings, playbook, steps)

        def once() -> Drafted:
            with store.begin() as session:
                return draft(Drafter(self.forum, session, playbook, surroundings, now, look))

        return write(once, look, surroundings.categories.own, cohort.key)


def _summary(report: RunReport, words: RunWords) -> str:
    published = sum(deed.action not in ACTIONS for deed in report.deeds)  # what is done without a text is not counted
    waiting = sum(happening.outcome == "waiting" for happening in report.happenings)
    return words.summary(published, waiting, report.calls)


def _line(deed: Deed, words: RunWords) -> tuple[str, str]:
    return "info" if deed.state == "done" else "error", words.deed(deed)
