"""The ledger's flow: an entry is intended before the call, settled after it, and tried again within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from sync_worker.errors import ForumError
from sync_worker.publish.carry_out import Carried, carry_out
from sync_worker.publish.entries import OF_ANOTHER, Entries, ledger_rows
from sync_worker.publish.last_check import LastCheck, note_key
from sync_worker.publish.last_look import LastLook
from sync_worker.store.ledger import drafts, intended_keys
from sync_worker.store.tables import DraftRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.publish.last_check import Writer
    from sync_worker.store.database import Store

MAX_ATTEMPTS = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deed:
    """What became of one entry of the ledger in this run."""

    key: str
    cohort: str
    step: str
    action: str
    state: str
    reason: str = ""
    topic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Carries out entries of one forum's ledger; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    now: datetime
    writer: Writer | None = None

    def claim(self, entries: Entries) -> bool:
        """Write an occurrence's rows in one transaction; False where another worker has done so before."""
        try:
            with self.store.begin() as session:
                session.add(entries.over)
                session.flush()
                session.add_all([*entries.ledger, *entries.waiting])
        except IntegrityError:
            return False
        return True

    def settle(self, cohort: str | None = None) -> list[Deed]:
        """Finish everything that was intended, looking on the forum first. Calls: none where nothing is intended."""
        with self.store.begin() as session:
            keys = intended_keys(session, self.forum.name, cohort)
        return [deed for key in keys for deed in self._publish_one(key, None, fresh=False)]

    def enter(self, rows: Sequence[LedgerRow]) -> list[Deed]:
        """Enter rows that are not in the ledger yet, and carry them out; a key that is there is left as it is."""
        entered = []
        for row in rows:
            try:
                with self.store.begin() as session:
                    session.add(row)
            except IntegrityError:
                continue
            entered.append(row)
        return self.publish_all(entered)

    def publish_approved(self, cohort: str | None = None) -> list[Deed]:
        """Publish the drafts that an LCM approved."""
        with self.store.begin() as session:
            approved = [row.key for row in drafts(session, self.forum.name, cohort, ("approved",))]
        return [deed for key in approved for deed in self._publish_draft(key)]

    def _publish_draft(self, key: str) -> list[Deed]:
        with self.store.begin() as session:
            draft = session.get_one(DraftRow, key)
            rows = ledger_rows(key, draft.forum, draft.cohort, draft.body, self.now)
            draft.state = "sent"
            session.add_all(rows)
        return self.publish_all(rows)

    def publish_all(self, rows: Sequence[LedgerRow], look: LastLook | None = None) -> list[Deed]:
        """Carry out entries that were written a moment ago; `look` is what their drafting looked up."""
        return [deed for row in rows for deed in self._publish_one(row.key, look, fresh=True)]

    def _publish_one(self, key: str, look: LastLook | None, *, fresh: bool) -> list[Deed]:
        """Carry out one entry, and the note to the LCMs where it had to be held."""
        deed = self.publish(key, look, fresh=fresh)
        if deed is None:
            return []
        with self.store.begin() as session:
            note = session.get(LedgerRow, note_key(key)) if deed.state == "skipped" else None
        told = self.publish(note.key, fresh=False) if note is not None and note.state == "intended" else None
        return [deed, told] if told else [deed]

    def publish(self, key: str, look: LastLook | None = None, *, fresh: bool) -> Deed | None:
        """Carry out one entry; None where it is not yet time to try again.

        What the entry shows of the forum is looked up again first, whenever it was written and whoever approved it.
        """
        with self.store.begin() as session:
            row = session.get_one(LedgerRow, key)
            target = session.get(LedgerRow, row.payload["of"]) if row.action in OF_ANOTHER else None
        if row.state != "intended":
            return _deed(row, row.state, row.reason, None)
        if row.attempts and self.now < row.updated_at + pause_after(row.attempts):
            return None
        if target is not None and target.state == "intended":
            return None
        look = look or LastLook(self.forum, self.store, self.now)
        check = LastCheck(self.forum, self.store, self.now, look, self.writer)
        try:
            carried = carry_out(self.forum, row, target, self.now, check, fresh=fresh)
        except ForumError as error:
            return self._not_done(row, error)
        return self._finish(row, carried)

    def _finish(self, row: LedgerRow, carried: Carried) -> Deed:
        found = {"topic_id": carried.topic_id, "post_id": carried.post_id, "replies": carried.replies or None}
        result = {name: value for name, value in found.items() if value is not None}
        self._write(row.key, state=carried.state, reason=carried.reason, result=result)
        return _deed(row, carried.state, carried.reason, carried.topic_id)

    def _not_done(self, row: LedgerRow, error: ForumError) -> Deed:
        final = (error.refused and not error.denied) or row.attempts + 1 >= MAX_ATTEMPTS
        state = "failed" if final else "intended"
        self._write(row.key, state=state, reason=str(error), attempts=row.attempts + 1)
        return _deed(row, state, str(error), None)

    def _write(self, key: str, **values: object) -> None:
        with self.store.begin() as session:
            session.execute(update(LedgerRow).where(LedgerRow.key == key).values(updated_at=self.now, **values))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after that many failed attempts."""
    doublings = min(attempts - 1, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))


def _deed(row: LedgerRow, state: str, reason: str, topic_id: int | None) -> Deed:
    return Deed(row.key, row.cohort, row.step, row.action, state, reason, topic_id)
