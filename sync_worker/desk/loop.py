"""What a worker does for the desks, again and again: take in decisions, act on them, publish, say that it is alive."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from sync_worker import __version__
from sync_worker.desk.decisions import begin, note_reported, pass_over, take_back_begun, take_in, unreported
from sync_worker.desk.gather import DeskSource, publish_desk
from sync_worker.desk.letters import Letters, all_cohorts, cohorts_by_message, hear, is_heard, without_renamed_cohorts
from sync_worker.desk.requests import Requests
from sync_worker.errors import ForumError, LcmError
from sync_worker.forum.plugin import PluginGoneError
from sync_worker.membership.observing.plugin_facts import clock_of, tell_facts
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.ledger import counts_by_state, drafts
from sync_worker.store.pauses import read_clock
from sync_worker.worker.history import next_moment
from sync_worker.worker.run import run_due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sync_worker.config.settings import Settings
    from sync_worker.desk.decisions import Taken
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
PUBLISH_EVERY = timedelta(minutes=15)
HURRIED_EVERY = timedelta(minutes=1)
BEAT_EVERY = timedelta(minutes=5)
READ_EVERY = timedelta(seconds=50)  # messages
HEAR_EVERY = timedelta(minutes=5)  # messages, where no LCM decides by them: learners choose in them all the same
PROBLEMS_SHOWN = 20


@dataclass(slots=True)
class DeskLoop:
    """Looks after all desks of one forum; does nothing while the forum does not answer.

    Without the plugin, and for cohorts that ask for it, what waits is decided by message: see `Letters`. What learners
    choose by message is heard for all cohorts.

    `settings` are those written; cohorts that a sync takes from the source meanwhile are looked after too.
    `more_problems` gives those that other work of the worker has.

    Calls: 1 a look for work; 1 every five minutes, and after a decision, to say that the worker is alive and what it
    has taken in; every quarter of an hour, and
    after a decision, 1 for all cohorts and those of `publish_desk` for each; 1 for each cohort whose name, dates, zone,
    language or playbook the forum shows otherwise than `lcm.yaml`, or whose clock otherwise than the store. While
    there is no plugin, 1 every five minutes. Those of `Letters.look` once a minute, or every five minutes where no
    cohort is looked after by message, and those of `hear` before something is sent.
    """

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    worker: str
    more_problems: Callable[[], Sequence[str]] = tuple
    _published: datetime | None = None
    _beaten: datetime | None = None
    _read_at: datetime | None = None
    _told_last: int = 0
    _counted: tuple[datetime, int] | None = None
    _shown: str = ""
    _plugin_seen: bool = False
    _silent: bool = False
    _hurried: bool = False
    _problems: dict[str, str] = field(default_factory=dict)

    def publish_soon(self) -> None:
        """Bring the desks up to date at the next look, if the last time is more than a minute ago."""
        self._hurried = True

    def memory(self) -> str:
        """Return what this loop has done when, as JSON, for another process that goes on with it."""
        moments = {name: moment.isoformat() if moment else None for name, moment in self._moments().items()}
        return json.dumps(
            {
                **moments,
                "told_last": self._told_last,
                "shown": self._shown,
                "hurried": self._hurried,
                "problems": self._problems,
            }
        )

    def recall(self, memory: str | None) -> None:
        """Go on where another process was; with None as if nothing had been looked at, so that all is looked at."""
        known: dict[str, Any] = json.loads(memory) if memory else {}
        for name in self._moments():
            setattr(self, f"_{name}", datetime.fromisoformat(known[name]) if known.get(name) else None)
        self._told_last = known.get("told_last", 0)
        self._shown = known.get("shown", "")
        self._hurried = known.get("hurried", False)
        self._problems = dict(known.get("problems", {}))

    def _moments(self) -> dict[str, datetime | None]:
        return {"published": self._published, "beaten": self._beaten, "read_at": self._read_at}

    @property
    def silent(self) -> bool:
        """Whether the forum did not answer at the last look."""
        return self._silent

    @property
    def unpublished(self) -> bool:
        """Whether a desk could not be brought up to date the last time."""
        return bool(self._problems)

    def look(self, now: datetime, *, publish: bool | None = None) -> None:
        """Take in what was decided since, act on it, and bring the desks up to date where it is time.

        `publish` says whether it is; after a decision, and at the first look, they are brought up to date in any case.
        What an earlier worker took in or began and did not finish is finished at the first look, before desks show it.
        A forum that does not answer, and a plugin that is switched off, are said once and waited for.
        """
        self._patiently(lambda: self._look_at_all(now, publish))

    def listen(self, now: datetime) -> bool:
        """Take in what people wrote to the worker, and act on it: before a tick, so that a no is heard first.

        Without it a worker that was down would write to a learner who asked it meanwhile to stop. Returns False where
        the forum did not answer, so that nobody knows who asked for that: nothing may be sent then. Calls: none where a
        look has read messages less than a minute ago.
        """
        return self._patiently(lambda: self._look_at_messages(now, has_plugin=self.forum.plugin is not None))

    def hear(self, now: datetime) -> None:
        """Take in what people wrote to the worker, right before something is sent.

        Calls: those of `letters.hear`; none where messages were read less than a minute ago.
        """
        if self._is_time(self._read_at, READ_EVERY, now):
            hear(self.forum, self.store, known_cohorts(self.settings, self.store), now)
            self._read_at = now

    def _look_at_all(self, now: datetime, publish: bool | None) -> None:
        plugin = self.forum.plugin
        if plugin is not None:
            self._note_plugin()
            every = HURRIED_EVERY if self._hurried else PUBLISH_EVERY
            is_time = self._is_time(self._published, every, now)
            self._look(plugin, now, publish=is_time if publish is None else publish)
        self._look_at_messages(now, has_plugin=plugin is not None)

    def _patiently(self, do: Callable[[], None]) -> bool:
        """Do something on a forum that may not answer, or whose plugin may be gone: said once and waited for.

        Returns False where it does not answer. What called nothing says nothing about that.
        """
        before = self.forum.calls.total
        try:
            do()
        except PluginGoneError as error:
            self._plugin_seen = False
            LOG.warning("%s %s", error.what, error.do)
        except ForumError as error:
            if not error.unreachable:
                raise
            if not self._silent:
                LOG.warning("%s does not answer: %s Trying again until it does.", self.forum.url, error.what)
            self._silent = True
            return False
        if self._silent and self.forum.calls.total > before:
            LOG.info("%s answers again", self.forum.url)
            self._silent = False
        return True

    def _look_at_messages(self, now: datetime, *, has_plugin: bool) -> None:
        """Look after the cohorts whose LCMs decide by message, once a minute; where there is none, hear learners."""
        if not self._is_time(self._read_at, READ_EVERY, now):
            return
        settings = known_cohorts(self.settings, self.store)
        may_write = is_heard(settings, now) and self._is_time(self._read_at, HEAR_EVERY, now)
        settings = without_renamed_cohorts(self.forum, self.store, settings)
        cohorts = cohorts_by_message(settings, now, has_plugin=has_plugin)
        if not cohorts and not may_write:
            return
        letters = Letters(self.forum, self.store, settings, self.playbooks, cohorts, now)
        decided = letters.look()
        if decided is None:
            return
        self._read_at = now  # only what was read counts as read
        if cohorts and (decided or letters.is_time_to_write()):
            letters.write_desks()

    def _note_plugin(self) -> None:
        if not self._plugin_seen:
            LOG.info("the plugin discourse-lcm answers; looking after the desks")
        self._plugin_seen = True

    def _look(self, plugin: Plugin, now: datetime, *, publish: bool) -> None:
        something = False
        while True:
            taken = take_in(plugin, self.store, self.forum.name)
            settings = known_cohorts(self.settings, self.store)
            self._act(plugin, taken, settings, now)
            something = something or bool(taken.decided) or taken.request is not None
            if taken.request is None:
                break
            pass_over(self.store, self.forum.name, taken.request)
        if something or publish or self._published is None:
            self._publish(plugin, settings, now)
            self._published, self._hurried = now, False
        if taken.last != self._told_last or self._is_time(self._beaten, BEAT_EVERY, now):
            self._beat(plugin, taken.last, settings, now)
            self._beaten, self._told_last = now, taken.last

    def _act(self, plugin: Plugin, taken: Taken, settings: Settings, now: datetime) -> None:
        cohorts = all_cohorts(settings)
        requests = Requests(self.forum, plugin, self.store, settings, cohorts, self.playbooks)
        for one in unreported(self.store, self.forum.name):
            if one.cohort in cohorts:
                requests.report_clock(one, now)
            note_reported(self.store, self.forum.name, one.number)
        if taken.request is not None:
            self._carry_out(requests, taken.request, now, is_ours=taken.request.cohort in cohorts)
        first = self._published is None
        if taken.decided or (first and self._left_unfinished(cohorts)):
            report = run_due(self.forum, self.store, settings, self.playbooks, now, hear=lambda: self.hear(now))
            for line in report.logged_failures:
                LOG.warning("%s", line)

    def _carry_out(self, requests: Requests, item: WorkItem, now: datetime, *, is_ours: bool) -> None:
        """Do what was asked for, unless another worker does: again where this one was killed at it."""
        if not is_ours:
            LOG.warning(
                "%s of %s, asked for by %s: left to the worker whose lcm.yaml has this cohort",
                *(_words(item), item.cohort, item.username),
            )
            return
        if not begin(self.store, self.forum.name, item):
            requests.report_given_up(item, now)
            return
        try:
            state = requests.carry_out(item, now)
        except ForumError as error:
            if error.unreachable:
                take_back_begun(self.store, self.forum.name)
            raise
        LOG.info("%s of %s, asked for by %s: %s", _words(item), item.cohort, item.username, state)

    def _left_unfinished(self, cohorts: Iterable[str]) -> bool:
        """Whether an approved draft was not sent, or an entry of the ledger was begun and not done."""
        with self.store.begin() as session:
            return any(
                drafts(session, self.forum.name, cohort, ("approved",))
                or counts_by_state(session, self.forum.name, cohort).get("intended")
                for cohort in cohorts
            )

    def _publish(self, plugin: Plugin, settings: Settings, now: datetime) -> None:
        """Publish playbooks and desks; one cohort that fails is reported and stops no other."""
        self._publish_playbooks(plugin)
        cohorts = all_cohorts(settings)
        for declared in plugin.cohorts():
            cohort = cohorts.get(declared.key)
            if cohort is None:
                continue
            source = DeskSource(self.forum, plugin, self.store, cohort, self.playbooks.get(cohort.playbook or ""))
            try:
                with self.store.begin() as session:
                    clock = clock_of(read_clock(session, self.forum.name, cohort.key))
                refused = publish_desk(source, tell_facts(plugin, cohort, declared, clock), now)
            except LcmError as error:
                if isinstance(error, PluginGoneError) or (isinstance(error, ForumError) and error.unreachable):
                    raise
                self._problems[cohort.key] = str(error)
                LOG.warning("the desk of %s was not published: %s", cohort.key, error)
            else:
                self._problems.pop(cohort.key, None)
                for line in refused:
                    LOG.info("the desk of %s, left out: %s", cohort.key, line)

    def _publish_playbooks(self, plugin: Plugin) -> None:
        shown = [_playbook_json(playbook) for _, playbook in sorted(self.playbooks.items())]
        fingerprint = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
        if fingerprint != self._shown:
            plugin.publish_playbooks(shown)
            self._shown = fingerprint

    def _beat(self, plugin: Plugin, last: int, settings: Settings, now: datetime) -> None:
        next_at = next_moment(self.store, self.forum.name, all_cohorts(settings).values(), self.playbooks, now)
        plugin.beat(
            {
                "worker": self.worker,
                "version": __version__,
                "work_taken": last,
                "next_at": next_at.isoformat() if next_at else None,
                **self._calls_a_minute(now),
                "calls_limit": self.settings.forum.calls_per_minute,
                "problems": [text[:500] for text in (*self.more_problems(), *self._problems.values())][:PROBLEMS_SHOWN],
            }
        )

    def _calls_a_minute(self, now: datetime) -> dict[str, int]:
        """Return how many calls a minute were made since the last beat; nothing at the first."""
        last, self._counted = self._counted, (now, self.forum.calls.total)
        if last is None or now <= last[0]:
            return {}
        minutes = max(1.0, (now - last[0]) / timedelta(minutes=1))
        return {"calls": ceil((self._counted[1] - last[1]) / minutes)}

    @staticmethod
    def _is_time(last: datetime | None, every: timedelta, now: datetime) -> bool:
        return last is None or not timedelta(0) <= now - last < every  # a clock that was set back is no reason to wait


def worker_name(host: str, store: str) -> str:
    """Return what a worker is called on the health page: its host and its store, the same after every restart."""
    return f"{host}:{hashlib.sha256(store.encode()).hexdigest()[:8]}"


def _words(item: WorkItem) -> str:
    """Return what was asked for, for the log: the kind, and the step where one was named."""
    step = item.data.get("step")
    return f"{item.kind} {step}" if step else item.kind


def _playbook_json(playbook: Playbook) -> dict[str, Any]:
    file = playbook.file
    steps = []
    for step in file.steps:
        timing = str(step.at) if step.at else f"every {step.every}"
        bounds = [f"{name} {day}" for name, day in (("from", step.from_), ("until", step.until)) if day]
        more = {"approval": step.approval.value} if step.approval else {}
        steps.append({"id": step.id, "play": step.play, "timing": " ".join([timing, *bounds]), **more})
    titles = {language: file.title.in_language(language) for language in file.languages}
    return {"name": file.playbook, "title": titles, "version": file.version, "steps": steps}
