"""Occurrences that could not be drafted: tried again with growing pauses, a bounded number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from sync_worker.publish.keys import occurrence_key
from sync_worker.publish.publisher import MAX_ATTEMPTS, pause_after
from sync_worker.store.ledger import DRAFTING
from sync_worker.store.tables import LedgerRow

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned


@dataclass(frozen=True, slots=True)
class Retries:
    """Keeps an entry of the ledger for each occurrence whose drafting failed."""

    store: Store
    forum: str
    now: datetime

    def resting(self, cohort: str) -> set[str]:
        """Return the keys of a cohort's occurrences that it is too early to try again."""
        query = select(LedgerRow).where(
            LedgerRow.forum == self.forum,
            LedgerRow.cohort == cohort,
            LedgerRow.action == DRAFTING,
            LedgerRow.state == "intended",
        )
        with self.store.begin() as session:
            rows = session.scalars(query).all()
        return {row.payload["of"] for row in rows if self.now < row.updated_at + pause_after(row.attempts)}

    def note(self, planned: Planned, reason: str) -> bool:
        """Remember a failed attempt; False where it was the last one."""
        occurrence = planned.occurrence
        key = occurrence_key(self.forum, occurrence, DRAFTING)
        with self.store.begin() as session:
            row = session.get(LedgerRow, key)
            if row is None:
                row = LedgerRow(
                    key=key,
                    forum=self.forum,
                    cohort=occurrence.cohort.key,
                    playbook=occurrence.playbook,
                    step=occurrence.step,
                    slot=occurrence.slot,
                    part=DRAFTING,
                    action=DRAFTING,
                    payload={"of": planned.key},
                    result={},
                    attempts=0,
                    created_at=self.now,
                )
                session.add(row)
            row.attempts += 1
            row.state = "failed" if row.attempts >= MAX_ATTEMPTS else "intended"
            row.reason, row.updated_at = reason, self.now
            return row.state == "intended"

    def settle(self, planned: Planned) -> None:
        """Remember that an occurrence was drafted after all, if it had failed before."""
        key = occurrence_key(self.forum, planned.occurrence, DRAFTING)
        with self.store.begin() as session:
            session.execute(update(LedgerRow).where(LedgerRow.key == key).values(state="done", updated_at=self.now))
