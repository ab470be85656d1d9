"""Drafts that hold: written, looked up on the forum, and written anew as long as something of them does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import ConfigError
from sync_worker.model import Occurrence
from sync_worker.playbook.schedule import tailored
from sync_worker.plays import Drafted
from sync_worker.publish.last_check import ROUNDS
from sync_worker.store.pauses import read_clock
from sync_worker.store.tables import EvidenceRow
from sync_worker.worker.drafting import Drafter, look_around, look_further, refresh, to_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Reach
    from sync_worker.playbook.format import Step
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
    matching: dict[tuple[str, str, datetime, str], frozenset[int]] = field(default_factory=dict)

    def cohort(self, key: str) -> Cohort | None:
        """Return a cohort; None where it is not among the settings any more."""
        return next((complete_cohort(one) for one in self.settings.cohorts if one.key == key), None)

    def reach(self, key: str) -> Reach:
        """Return how often and when a learner of a cohort may be written to."""
        return self.settings.reach_of(key)

    def left_out(self, cohort: str, step: str) -> tuple[str, ...]:
        """Return whom a cohort left out of a step, by username or by the key of the roster."""
        found = self.cohort(cohort)
        changes = found.step_changes if found is not None else ()
        return next((change.without for change in changes if change.id == step), ())

    def anew(self, row: LedgerRow, look: LastLook) -> Drafted:
        """Draft an entry's occurrence once more. Calls: those of `look_around` and of `look_further`."""
        found = self._of(row)
        if found is None:
            return Drafted((), "neither the cohort nor the step is there any more")
        cohort, playbook, step = found
        play = self.plays[step.play]
        options = playbook.options_of(row.step, cohort)
        surroundings = look_around(self.forum, self.store, cohort, to_read(playbook, cohort, [(step, play)]))
        surroundings = look_further(
            self.forum, self.store, cohort, surroundings, playbook, [(play, options)], self.site
        )
        with self.store.begin() as session:
            occurrence = self._occurrence(session, row, cohort)
            drafter = Drafter(self.forum, session, playbook, surroundings, self.now, look)
            return drafter.anew(occurrence, step, play)

    def is_still_for(self, row: LedgerRow) -> bool:
        """Whether a text that was written earlier, by a step with a rule on people, still goes to whom it matches.

        What the forum and the store tell is read once a run for all texts of a step.

        Calls: none for a text of this run, or of a step without such a rule; else those of `look_around` and `refresh`
        for the first text of a step.
        """
        with self.store.begin() as session:
            known = session.get(EvidenceRow, row.key)
        if known is None or known.at >= self.now or row.to_learner is None:
            return True
        found = self._of(row)
        if found is None or found[2].for_ is None:
            return True
        series = (row.cohort, row.step, row.slot, row.payload.get("follow_up", ""))
        if series not in self.matching:
            try:
                self.matching[series] = self._matching(row, *found)
            except ConfigError:  # a text of the step cannot be read any more; this one was written before
                return True
        return row.to_learner in self.matching[series]

    def _matching(self, row: LedgerRow, cohort: Cohort, playbook: Playbook, step: Step) -> frozenset[int]:
        play = self.plays[step.play]
        read = to_read(playbook, cohort, [(step, play)])
        surroundings = look_around(self.forum, self.store, cohort, read)
        refresh(self.forum, self.store, cohort, surroundings, read, self.now)
        with self.store.begin() as session:
            drafter = Drafter(self.forum, session, playbook, surroundings, self.now)
            weighed = drafter.weigh(self._occurrence(session, row, cohort), step, play)
        return weighed.chosen() or frozenset()

    def _of(self, row: LedgerRow) -> tuple[Cohort, Playbook, Step] | None:
        """Return the cohort, the playbook and the step of an entry; None where one of them is not there any more."""
        cohort, playbook = self.cohort(row.cohort), self.playbooks.get(row.playbook)
        if cohort is None or playbook is None:
            return None
        try:
            step = tailored(playbook.file, cohort).step(row.step)
        except ConfigError:  # the cohort's changes leave no plan, which is reported where its steps are looked after
            return None
        return (cohort, playbook, step) if step is not None else None

    def _occurrence(self, session: Session, row: LedgerRow, cohort: Cohort) -> Occurrence:
        return Occurrence(
            read_clock(session, self.forum.name, cohort.key).shifted(cohort),
            row.playbook,
            row.step,
            row.slot,
            follow_up=row.payload.get("follow_up", ""),
            follows=_moment(row, "follows"),
            follows_moved=_moment(row, "follows_moved"),
        )


def _moment(row: LedgerRow, name: str) -> datetime | None:
    written = row.payload.get(name)
    return datetime.fromisoformat(written) if written else None
