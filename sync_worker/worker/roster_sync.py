"""`lcm run` and people: it reads the roster on a timer and brings the forum's groups in step, within the limits."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker import membership
from sync_worker.errors import BusyError, ForumError, LcmError, RefusedError
from sync_worker.membership.facts import keep_roster_facts
from sync_worker.membership.planning.guard import check_rejected
from sync_worker.model import ChangeKind
from sync_worker.rosters.source_cohorts import take_stock
from sync_worker.store.pauses import held
from sync_worker.wording import counted
from sync_worker.worker.start import refuse_renamed_cohorts, remember_cohorts
from sync_worker.worker.sync_message import write_message
from sync_worker.worker.sync_state import SyncState, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.options import SyncSettings
    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership import ApplyReport, Prepared
    from sync_worker.model import Change
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
ADDRESS = re.compile(r"[^\s'\"<>()]+@[^\s'\"<>()]+")
SHOWN_FAILURES = 3
OUTCOMES = {
    "partial": "done in part",
    "refused": "refused by a guard, nothing was changed",
    "source": "the roster could not be used, nothing was changed",
    "forum": "the forum refused, nothing was changed",
    "unreachable": "the forum did not answer",
    "failed": "a mistake in lcm, please report it",
}
TOLD_BY_MESSAGE = ("refused", "source", "partial")
"""What a person can do something about; where the forum itself fails, no message would arrive."""


@dataclass(frozen=True, slots=True)
class RosterSync:
    """Syncs the people of one forum when it is time; several workers on one store do it once.

    `settings` are those written; `forum` must be a connection of its own, that only reads where `apply` is off.
    """

    forum: Forum
    store: Store
    settings: Settings
    options: SyncSettings
    environment: Mapping[str, str] | None = None

    def look(self, now: datetime) -> None:
        """Sync if it is time, and the forum is not held.

        Calls: none before it is time, or while nothing may be changed on the forum (what is due then is done as soon as
        it may); else those of a sync (docs/costs.md).
        """
        if self._state().next_at(self.options, now) > now or self._held():
            return
        with self.store.exclusive(f"people:{self.forum.name}") as is_ours:
            before = self._state()  # another worker may have been at it meanwhile
            if not is_ours or before.next_at(self.options, now) > now or self._held():
                return
            calls = self.forum.calls.total
            try:
                state = self._sync(before, now)
            except BusyError:
                LOG.info("people: another sync is running, started manually; trying again when it is done")
                return
            except LcmError as error:
                state = before.after(now, _outcome(error), problem=_without_addresses(str(error)))
            except Exception as error:  # a mistake of ours must not be told each minute
                LOG.debug("people", exc_info=True)
                problem = f"unexpected {type(error).__name__}: {error}"
                state = before.after(now, "failed", problem=_without_addresses(problem))
            state = self._tell(state, calls, now)
            write_state(self.store, self.forum.name, state)

    def problems(self) -> list[str]:
        """Return for the desk why people are not synced: the forum is held, or what went wrong the last time."""
        problem = self._held() or self._state().problem
        return [f"People are not synced: {problem}"] if problem else []

    def _state(self) -> SyncState:
        return read_state(self.store, self.forum.name)

    def _held(self) -> str | None:
        with self.store.begin() as session:
            return held(session, self.forum.name)

    def _sync(self, before: SyncState, now: datetime) -> SyncState:
        settings, roster = take_stock(self.settings, self.store, now=now, environment=self.environment)
        check_rejected(roster, settings.limits)
        self._refuse_renamed(settings)
        if not self.options.apply:
            prepared = membership.prepare(settings, roster, self.forum, self.store, now=now)
            membership.check_limits(prepared)
            keep_roster_facts(self.store, self.forum.name, roster, prepared, now)
            return self._planned(before, prepared, now)
        prepared, report = membership.sync(settings, roster, self.forum, self.store, now=now)
        with self.store.begin() as session:
            remember_cohorts(session, self.forum.name, settings.cohorts)
        return _applied(before, prepared, report, now)

    def _refuse_renamed(self, settings: Settings) -> None:
        """Refuse to begin a cohort anew that had another key before, as `lcm sync` does."""
        with self.store.begin() as session:
            keys = [declared.key for declared in settings.cohorts]
            refuse_renamed_cohorts(session, self.forum.name, settings.cohorts, keys)

    def _planned(self, before: SyncState, prepared: Prepared, now: datetime) -> SyncState:
        lines = prepared.plan.effective
        waits = [f"{counted(len(lines), 'change')} planned; 'lcm sync' shows them"] if lines else []
        outcome = "planned" if lines else "nothing"
        return before.after(now, outcome, counts=_counts(lines), waits=(*waits, *_waiting(prepared)))

    def _tell(self, state: SyncState, calls_before: int, now: datetime) -> SyncState:
        """Log what came of it; tell a problem once, on the desk or by a message."""
        state = replace(state, calls=self.forum.calls.total - calls_before)
        if not state.problem:
            LOG.info("people: %s", summary(state))
            return state
        if not state.is_news:
            LOG.debug("people: still %s: %s", state.outcome, state.problem)
            return state
        LOG.warning("people: %s (not reported again until it changes): %s", OUTCOMES[state.outcome], state.problem)
        if state.outcome in TOLD_BY_MESSAGE and self.options.tell and not self._has_desk():
            reader = next(iter(self.settings.cohorts), self.settings.cohorts_from)
            write_message(self.store, self.forum.name, self.options, state, reader, now)
        return state.as_told(now)

    def _has_desk(self) -> bool:
        """Whether the forum has our plugin, whose desk shows problems. Calls: 1 the first time, as `Forum.plugin`."""
        try:
            return self.forum.plugin is not None
        except ForumError:
            return False


def summary(state: SyncState) -> str:
    """Return in words what the last sync did."""
    done = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in state.counts.items()) or "nothing to do"
    words = {"planned": f"planned only: {done}", "partial": f"done in part: {done}"}
    return f"{words.get(state.outcome, done)} ({counted(state.calls, 'call')})"


def _applied(before: SyncState, prepared: Prepared, report: ApplyReport, now: datetime) -> SyncState:
    waits, counts = _waiting(prepared), _counts(report.done)
    if not report.failed:
        outcome = "done" if report.done else "nothing"
        return before.after(now, outcome, counts=counts, run=report.run, waits=waits)
    reasons = list(dict.fromkeys(f"{line.change.target}: {line.reason}" for line in report.failed))
    more = f"\nand {len(reasons) - SHOWN_FAILURES} more reasons" if len(reasons) > SHOWN_FAILURES else ""
    told = "\n".join(reasons[:SHOWN_FAILURES])
    problem = f"{counted(len(report.failed), 'line')} of the plan not done:\n{told}{more}"
    outcome = "unreachable" if report.unreachable and not report.done else "partial"
    return before.after(now, outcome, counts=counts, run=report.run, waits=waits, problem=_without_addresses(problem))


def _waiting(prepared: Prepared) -> tuple[str, ...]:
    """Return what of a plan waits for a person: people without an account, ends that moved too far."""
    unknown = len(prepared.plan.of(ChangeKind.UNKNOWN))
    people = [f"{counted(unknown, 'person', 'people')} of the roster unknown to the forum"] if unknown else []
    return (*people, *(f"{one.cohort.key}: {one.held}" for one in prepared.desired if one.held))


def _counts(lines: Sequence[Change]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.kind.value] = counts.get(line.kind.value, 0) + 1
    return counts


def _outcome(error: LcmError) -> str:
    """Return in a word what kind of problem it is."""
    if isinstance(error, ForumError):
        return "unreachable" if error.unreachable else "forum"
    return "refused" if isinstance(error, RefusedError) else "source"


def _without_addresses(text: str) -> str:
    """Return a message without e-mail addresses: it is logged, and kept."""
    return ADDRESS.sub("(address)", text)
