"""Occurrences that could not be drafted: tried again with growing pauses, a bounded number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from sync_worker.publish.keys import occurrence_key
from sync_worker.publish.verdict import MAX_ATTEMPTS, Verdict, is_resting
from sync_worker.store.ledger import DRAFTING, waiting_entries
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.due import catch_up_key

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
        with self.store.begin() as session:
            rows = waiting_entries(session, self.forum, cohort, DRAFTING)
        return {
            row.payload["of"]
            for row in rows
            if row.reason and is_resting(row.attempts, row.created_at, row.updated_at, self.now)
        }

    def note(self, planned: Planned, reason: str, verdict: Verdict) -> bool:
        """Remember a failed attempt; False where it was the last one.

        An outage of the forum counts for nothing; the occurrence then keeps its time to be caught up.
        """
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
            row.attempts += verdict is not Verdict.OUTAGE
            row.payload = {"of": planned.key, "outage": verdict is Verdict.OUTAGE}
            row.state = "failed" if row.attempts >= MAX_ATTEMPTS else "intended"
            row.reason, row.updated_at = reason, self.now
            return row.state == "intended"

    def settle(self, planned: Planned) -> None:
        """Remember that an occurrence was drafted after all, if it had failed before or was asked for late."""
        keys = [occurrence_key(self.forum, planned.occurrence, DRAFTING), catch_up_key(planned.key)]
        with self.store.begin() as session:
            session.execute(update(LedgerRow).where(LedgerRow.key.in_(keys)).values(state="done", updated_at=self.now))
