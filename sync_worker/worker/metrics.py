"""How a running service stands: whether it works, and its numbers in Prometheus's text format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker import __version__
from sync_worker.config.load import complete_cohort
from sync_worker.errors import LcmError
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.jobs import read_queue
from sync_worker.store.ledger import counts_by_state, drafts, given_up, occurrences_over
from sync_worker.store.pauses import held, read_clock, remember, remembered
from sync_worker.worker.due import plan, read_late
from sync_worker.worker.roster_sync import read_state
from sync_worker.worker.start import DOUBT
from sync_worker.worker.surroundings import COLLECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import CohortSettings, Settings
    from sync_worker.forum.budget import Usage
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.worker.run_report import RunReport


MOST_COHORTS = 200
"""So many cohorts get numbers of their own; all further ones share one label, so that nobody's database fills up."""
OTHERS = "(others)"
FRESH = timedelta(seconds=15)
MANY_TICKS, SHORTEST = 3, 180.0
STUCK = 1800.0
"""Seconds without the end of a tick after which a process counts as stuck; a tick may wait for a forum for a third."""
HELP = {
    "lcm_info": "The version, as a label.",
    "lcm_last_tick_timestamp_seconds": "When a tick ended last.",
    "lcm_last_good_tick_timestamp_seconds": "When a tick ended last that did its work; the start, before the first.",
    "lcm_ticks_total": "Ticks since the start, by how they ended.",
    "lcm_steps_due": "Steps whose time has come and that are not done.",
    "lcm_steps_late": "Those that have been due for longer than service.late_after.",
    "lcm_steps_missed": "Steps that came too late and were not done.",
    "lcm_entries": "Entries of the ledger, by state.",
    "lcm_drafts_waiting": "Drafts that wait for an LCM.",
    "lcm_activity_age_seconds": "Since when the cohort's activity was not read; it is read when a step needs it.",
    "lcm_given_up": "Entries that were given up and that nobody has settled.",
    "lcm_call_budget_limit": "Calls that all processes together may make in a minute.",
    "lcm_call_budget_used": "Calls of the last minute, by whose work it was.",
    "lcm_call_budget_waiting": "Calls that wait for the budget, by whose work it is.",
    "lcm_call_budget_paused_seconds": "For how long the forum sent all calls away.",
    "lcm_people_sync_timestamp_seconds": "When people were synced last, or that was tried.",
    "lcm_people_sync_ok": "Whether the last sync of people went well.",
    "lcm_roster_age_seconds": "Since when no roster could be followed without a problem.",
    "lcm_held": "Whether nothing may be changed on the forum until a person has settled why.",
    "lcm_clock_in_doubt": "Whether the machine's clock cannot be trusted, so that nothing is done.",
    "lcm_cluster_processes": "Processes on this store that have said within the last seconds that they are alive.",
    "lcm_jobs": "Jobs of the queue that several processes share, by whether a process has begun them.",
    "lcm_jobs_oldest_seconds": "For how long the oldest job that no process has begun has been waiting.",
    "lcm_edits_not_followed": "Edits of lcm.yaml and playbooks that are not followed, for something in them is wrong.",
}
COUNTERS = frozenset({"lcm_ticks_total"})
Labels = tuple[tuple[str, str], ...]
GOOD_TICK = "good tick"  # the cursor under which processes that share a forum's work note when a tick did its work


@dataclass(slots=True)
class Numbers:
    """Numbers by name and labels; the same labels twice are added up."""

    values: dict[str, dict[Labels, float]] = field(default_factory=dict)

    def add(self, name: str, value: float, **labels: str) -> None:
        """Add a number."""
        of_name = self.values.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        of_name[key] = of_name.get(key, 0.0) + value

    def worst(self, name: str, value: float, **labels: str) -> None:
        """Keep the largest of what is given for these labels: an age, of several cohorts."""
        of_name = self.values.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        of_name[key] = max(of_name.get(key, value), value)

    def __str__(self) -> str:
        """Return them in Prometheus's text format, version 0.0.4."""
        lines: list[str] = []
        for name, of_name in sorted(self.values.items()):
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {'counter' if name in COUNTERS else 'gauge'}"]
            lines += [f"{name}{_labels(key)} {value:.15g}" for key, value in sorted(of_name.items())]
        return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass(slots=True)
class Shared:
    """What processes that do a forum's work together know of each other; `turned` is when this one last took part."""

    store: Store
    forum: str
    turned: datetime | None = None

    def note_good(self, now: datetime) -> None:
        """Let the others know that a tick did its work."""
        with self.store.begin() as session:
            remember(session, self.forum, GOOD_TICK, now.isoformat())

    def last_good(self) -> datetime | None:
        """Return when a tick of any of them did its work."""
        with self.store.begin() as session:
            noted = remembered(session, self.forum, GOOD_TICK)
        return datetime.fromisoformat(noted) if noted else None


@dataclass(slots=True)
class Standing:
    """How a running service stands; told by its ticks, asked by the web server's threads.

    Args:
        store: the worker's.
        following: gives the settings and playbooks that are followed now, and how many edits are not.
        usage: gives what is used of the budget of calls; None where there is no limit.
        seconds: from tick to tick.
        started: when the service was started.
        shared: what several processes that do this work together know of each other; None where this one is alone.

    """

    store: Store
    following: Callable[[], tuple[Settings, Mapping[str, Playbook], int]]
    usage: Callable[[], Usage | None]
    seconds: float
    started: datetime
    ended: datetime | None = None
    good: datetime | None = None
    ticks: dict[str, int] = field(default_factory=lambda: {"done": 0, "not_done": 0})
    shared: Shared | None = None
    _shown: tuple[datetime, str] | None = None

    def ticked(self, report: RunReport | None, now: datetime) -> None:
        """Note that a tick is over, with what it did; None where it could do nothing."""
        self.ended = now
        self.ticks["done" if report is not None else "not_done"] += 1
        if report is not None:
            self.good = now
            if self.shared is not None:
                self.shared.note_good(now)

    def is_alive(self, now: datetime) -> bool:
        """Whether the process works: a tick may take long, but not for ever. Of several, one may have none to do."""
        last = self.shared.turned if self.shared is not None else self.ended
        return (now - (last or self.started)).total_seconds() < max(STUCK, MANY_TICKS * self.seconds)

    def last_good(self) -> datetime | None:
        """Return when a tick of this process, or of another that does the same work, ended that could do its work."""
        known = [self.good, self.shared.last_good() if self.shared is not None else None]
        return max((moment for moment in known if moment is not None), default=None)

    def why_not_ready(self, now: datetime) -> list[str]:
        """Return what keeps the service from its work; nobody is named."""
        reasons: list[str] = []
        patience = max(SHORTEST, MANY_TICKS * self.seconds)
        settings, _, _ = self.following()
        try:
            good = self.last_good()
            if good is None:
                reasons.append("no tick has done its work yet")
            elif (now - good).total_seconds() > patience:
                reasons.append(f"no tick has done its work for {(now - good).total_seconds():.0f} s")
            with self.store.begin() as session:
                if held(session, settings.forum.name) is not None:
                    reasons.append("nothing may be changed on the forum until a person has settled why (lcm status)")
                if remembered(session, settings.forum.name, DOUBT):
                    reasons.append("the machine's clock is in doubt (lcm status)")
        except Exception as error:  # whatever keeps the store from answering
            reasons.append(f"the store does not answer ({type(error).__name__})")
        return reasons

    def metrics(self, now: datetime) -> str:
        """Return all numbers as text; those of the last seconds again, however often somebody asks."""
        if self._shown is not None and timedelta(0) <= now - self._shown[0] < FRESH:
            return self._shown[1]
        numbers = self._numbers(now)
        self._shown = (now, str(numbers))
        return self._shown[1]

    def _numbers(self, now: datetime) -> Numbers:
        numbers = Numbers()
        written, playbooks, not_followed = self.following()
        settings = known_cohorts(written, self.store)
        forum = settings.forum.name
        numbers.add("lcm_info", 1, version=__version__)
        numbers.add("lcm_edits_not_followed", not_followed, forum=forum)
        for result, count in self.ticks.items():
            numbers.add("lcm_ticks_total", count, forum=forum, result=result)
        for name, moment in (("last", self.ended), ("last_good", self.last_good() or self.started)):
            if moment is not None:
                numbers.add(f"lcm_{name}_tick_timestamp_seconds", moment.timestamp(), forum=forum)
        with self.store.begin() as session:
            for position, declared in enumerate(settings.cohorts):
                label = declared.key if position < MOST_COHORTS else OTHERS
                self._of_cohort(numbers, session, settings, declared, playbooks, label, now)
            numbers.add("lcm_held", held(session, forum) is not None, forum=forum)
            numbers.add("lcm_clock_in_doubt", bool(remembered(session, forum, DOUBT)), forum=forum)
            numbers.add("lcm_given_up", len(given_up(session, forum)), forum=forum)
        self._of_people(numbers, forum, now)
        self._of_calls(numbers, forum)
        self._of_queue(numbers, forum)
        return numbers

    def _of_cohort(  # noqa: PLR0917
        self,
        numbers: Numbers,
        session: Session,
        settings: Settings,
        declared: CohortSettings,
        playbooks: Mapping[str, Playbook],
        label: str,
        now: datetime,
    ) -> None:
        forum = settings.forum.name
        for state, count in counts_by_state(session, forum, declared.key).items():
            numbers.add("lcm_entries", count, forum=forum, cohort=label, state=state)
        numbers.add("lcm_drafts_waiting", len(drafts(session, forum, declared.key)), forum=forum, cohort=label)
        collected = remembered(session, forum, f"{COLLECTED}{declared.key}")
        if collected:
            age = (now - datetime.fromisoformat(collected)).total_seconds()
            numbers.worst("lcm_activity_age_seconds", age, forum=forum, cohort=label)
        playbook = playbooks.get(declared.playbook or "")
        if playbook is None:
            return
        try:
            clock = read_clock(session, forum, declared.key)
            over = occurrences_over(session, forum, declared.key, playbook.name)
            late = read_late(session, forum, declared.key)
            planned = plan(forum, playbook.file, clock.shifted(complete_cohort(declared)), over, late, now)
        except LcmError:  # the tick reports it
            return
        due = [] if clock.stands_still(now) else [one for one in planned if one.is_due(now)]
        overdue = [one for one in due if now - one.occurrence.at > settings.service.late_after]
        missed = [one for one in planned if one.over is None and one.is_missed(now)]
        numbers.add("lcm_steps_due", len(due), forum=forum, cohort=label)
        numbers.add("lcm_steps_late", len(overdue), forum=forum, cohort=label)
        numbers.add("lcm_steps_missed", len(missed), forum=forum, cohort=label)

    def _of_people(self, numbers: Numbers, forum: str, now: datetime) -> None:
        state = read_state(self.store, forum)
        if state.at is not None:
            numbers.add("lcm_people_sync_timestamp_seconds", state.at.timestamp(), forum=forum)
            numbers.add("lcm_people_sync_ok", not state.problem, forum=forum)
            good = state.since if state.problem and state.since else state.at
            numbers.add("lcm_roster_age_seconds", (now - good).total_seconds(), forum=forum)

    def _of_queue(self, numbers: Numbers, forum: str) -> None:
        state = read_queue(self.store, forum) if self.shared is not None else None
        if state is not None:
            numbers.add("lcm_cluster_processes", state.processes)
            numbers.add("lcm_jobs", state.waiting, forum=forum, state="waiting")
            numbers.add("lcm_jobs", state.running, forum=forum, state="running")
            numbers.add("lcm_jobs_oldest_seconds", state.oldest, forum=forum)

    def _of_calls(self, numbers: Numbers, forum: str) -> None:
        usage = self.usage()
        if usage is None:
            return
        numbers.add("lcm_call_budget_limit", usage.limit, forum=forum)
        numbers.add("lcm_call_budget_paused_seconds", usage.paused, forum=forum)
        for name, of_lane in (("used", usage.used), ("waiting", usage.waiting)):
            for lane, count in of_lane.items():
                numbers.add(f"lcm_call_budget_{name}", count, forum=forum, lane=lane.name.lower())
