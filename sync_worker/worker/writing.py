"""Drafts that hold: written, looked up on the forum, and written anew as long as something of them does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.model import Occurrence
from sync_worker.plays import Drafted
from sync_worker.publish.last_check import ROUNDS
from sync_worker.store.clocks import read_clock
from sync_worker.worker.drafting import Drafter, look_around, look_further

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Reach
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.publish.last_look import LastLook
    from sync_worker.store.database import Store
    from sync_worker.store.tables import LedgerRow
    from sync_worker.worker.drafting import Site


def write(draft: Callable[[], Drafted], look: LastLook, target: int, cohort: str) -> Drafted:
    """Draft until all that the drafts show holds on the forum, a few times at most.

    What `look` has seen must reach the drafting. What still does not hold in the end is found again before it is sent.

    Args:
        draft: writes the drafts from the store and from what was seen.
        look: looks up what they show.
        target: the category whose readers count.
        cohort: the cohort's key.

    """
    for _ in range(ROUNDS):
        drafted = draft()
        if not any(look.findings(one, target, cohort) for one in drafted.drafts):
            break
    return drafted


@dataclass(frozen=True, slots=True)
class WorkerWriter:
    """Writes entries of the ledger anew with the play that wrote them."""

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    plays: Mapping[str, Play]
    now: datetime
    site: Site | None = None

    def cohort(self, key: str) -> Cohort | None:
        """Return a cohort; None where it is not among the settings any more."""
        return next((complete_cohort(one) for one in self.settings.cohorts if one.key == key), None)

    def reach(self, key: str) -> Reach:
        """Return how often and when a learner of a cohort may be written to."""
        return self.settings.reach_of(key)

    def anew(self, row: LedgerRow, look: LastLook) -> Drafted:
        """Draft an entry's occurrence once more. Calls: those of `look_around` and of `look_further`."""
        cohort, playbook = self.cohort(row.cohort), self.playbooks.get(row.playbook)
        step = playbook.file.step(row.step) if playbook is not None else None
        if cohort is None or playbook is None or step is None:
            return Drafted((), "neither the cohort nor the step is there any more")
        play = self.plays[step.play]
        options = playbook.options[row.step]
        surroundings = look_around(self.forum, self.store, cohort, [play])
        surroundings = look_further(
            self.forum, self.store, cohort, surroundings, playbook, [(play, options)], self.site
        )
        with self.store.begin() as session:
            occurrence = Occurrence(
                read_clock(session, self.forum.name, cohort.key).shifted(cohort),
                row.playbook,
                row.step,
                row.slot,
                follow_up=row.payload.get("follow_up", ""),
                follows=_moment(row, "follows"),
                follows_moved=_moment(row, "follows_moved"),
            )
            drafter = Drafter(self.forum, session, playbook, surroundings, self.now, look)
            approval = step.approval or play.approval_of(occurrence.follow_up)
            return play.draft(drafter.context(occurrence, options, approval))


def _moment(row: LedgerRow, name: str) -> datetime | None:
    written = row.payload.get(name)
    return datetime.fromisoformat(written) if written else None
