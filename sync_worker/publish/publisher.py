"""The ledger's flow: an entry is intended before the call, settled after it, and tried again within bounds."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from sync_worker.errors import LcmError, in_words
from sync_worker.model import DraftKind
from sync_worker.publish.acts import MAX_ATTEMPTS, SKEW, Carried, Outage, Verdict, is_resting, verdict_of
from sync_worker.publish.carry_out import carry_out
from sync_worker.publish.entries import OF_ANOTHER, Entries, ledger_rows, since_approved
from sync_worker.publish.gate import LATER, Gate, Held, counts, is_in_line, place_in_line, withdraw
from sync_worker.publish.last_check import WAITING, LastCheck, note_key
from sync_worker.publish.last_look import LastLook
from sync_worker.publish.mailing import Mailing
from sync_worker.store.ledger import drafts, intended_rows, is_entered
from sync_worker.store.tables import DraftRow, EvidenceRow, LedgerRow, TrialRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sync_worker.config.mail import MailSettings
    from sync_worker.forum.client import Forum
    from sync_worker.publish.last_check import Writer
    from sync_worker.store.database import Store


LOG = logging.getLogger(__name__)


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


class NotHeard(Exception):  # noqa: N818  (no mistake: a reason to send nothing now)
    """Another worker is reading what people wrote at this moment, so that nobody knows here who said no."""


@dataclass(slots=True)
class Ear:
    """Takes in what people wrote to the worker, once, before anything is sent: a no that was written counts."""

    listen: Callable[[], None] | None = None

    def hear(self) -> None:
        """Take it in, unless that was done before; what failed was not done. Calls: those of `listen`, the first time.

        Raises:
            ForumError: it cannot be read; nothing may be sent.
            NotHeard: another worker reads it; nothing may be sent.

        """
        if self.listen is not None:
            self.listen()
            self.listen = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Carries out entries of one forum's ledger; hold the forum's lock meanwhile. Mails go out by `mail`.

    `ear` hears what people wrote before the first entry is sent; `outage` is what is away in this run.
    """

    forum: Forum
    store: Store
    now: datetime
    writer: Writer | None = None
    mail: MailSettings | None = None
    ear: Ear = field(default_factory=Ear)
    outage: Outage = field(default_factory=Outage)

    def claim(self, entries: Entries) -> bool:
        """Write an occurrence's rows in one transaction; False where another worker has done so before.

        What is in the ledger already, or among the drafts, stays as it is: a part that a restore or a store read back
        left there.
        """
        try:
            with self.store.begin() as session:
                session.add(entries.over)
                session.flush()
                session.add_all([row for row in entries.ledger if session.get(LedgerRow, row.key) is None])
                session.add_all([row for row in entries.waiting if not is_entered(session, row.key)])
                session.add_all([row for row in entries.evidence if session.get(EvidenceRow, row.key) is None])
                session.add_all([row for row in entries.trials if session.get(TrialRow, row.key) is None])
        except IntegrityError:
            return False
        return True

    def has_open_entries(self, cohort: str | None) -> bool:
        """Whether anything was intended and not settled; what waits for a moment that has not come does not count."""
        return any(not self._waits(row) for row in self._open(cohort))

    def has_approved(self, cohort: str | None) -> bool:
        """Whether an LCM approved drafts that were not published yet."""
        with self.store.begin() as session:
            return bool(drafts(session, self.forum.name, cohort, ("approved",)))

    def settle(self, cohort: str | None = None) -> list[Deed]:
        """Finish what was intended, looking on the forum first. Calls: none where nothing is intended.

        What goes to learners themselves and was never tried is left to `publish_in_line`.
        """
        keys = [row.key for row in self._open(cohort) if not is_in_line(row)]
        return [deed for key in keys for deed in self._publish_one(key, None, fresh=False)]

    def publish_in_line(self, cohort: str | None) -> list[Deed]:
        """Publish what goes to learners themselves, that of the highest precedence first; see `gate.Gate`.

        What was entered in this very run cannot be on the forum: an entry says that it is sent before it is.
        """
        rows = [row for row in self._open(cohort) if is_in_line(row) and not self._waits(row)]
        deeds: list[Deed] = []
        for row in sorted(rows, key=place_in_line):
            deeds += self._publish_one(row.key, None, fresh=row.created_at == self.now and not row.reason)
        return deeds

    def _open(self, cohort: str | None) -> list[LedgerRow]:
        with self.store.begin() as session:
            return intended_rows(session, self.forum.name, cohort)

    def _waits(self, row: LedgerRow) -> bool:
        """Whether the moment for an entry has not come; one that a clock set ahead wrote down does not count."""
        return row.not_before is not None and self.now < row.not_before and row.updated_at <= self.now + SKEW

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

    def publish_approved(self, cohort: str | None) -> list[Deed]:
        """Publish the drafts that an LCM approved."""
        with self.store.begin() as session:
            approved = [row.key for row in drafts(session, self.forum.name, cohort, ("approved",))]
        return [deed for key in approved for deed in self._publish_draft(key)]

    def _publish_draft(self, key: str) -> list[Deed]:
        with self.store.begin() as session:
            draft = session.get_one(DraftRow, key)
            if draft.state != "approved":  # settled a moment ago, with another one of its date
                return []
            rows = ledger_rows(key, draft.forum, draft.cohort, since_approved(draft.body, self.now), self.now)
            draft.state = "sent"
            session.add_all(rows)
        return self.publish_all(rows)

    def publish_all(self, rows: Sequence[LedgerRow], look: LastLook | None = None) -> list[Deed]:
        """Carry out entries that were written a moment ago; `look` is what their drafting looked up.

        What goes to learners themselves is left to `publish_in_line`, so that the most urgent of all goes first.
        """
        return [deed for row in rows if not is_in_line(row) for deed in self._publish_one(row.key, look, fresh=True)]

    def _publish_one(self, key: str, look: LastLook | None, *, fresh: bool) -> list[Deed]:
        """Carry out one entry, and the note to the LCMs where it had to be held."""
        deed = self.publish(key, look, fresh=fresh)
        if deed is None:
            return []
        with self.store.begin() as session:
            note = session.get(LedgerRow, note_key(key)) if deed.state in ("skipped", "failed") else None
        told = self.publish(note.key, fresh=False) if note is not None and note.state == "intended" else None
        return [deed, told] if told else [deed]

    def publish(self, key: str, look: LastLook | None = None, *, fresh: bool) -> Deed | None:
        """Carry out one entry; None where it is not yet time to try again, it was taken back, or the forum is away.

        What the entry shows of the forum is looked up again first, no matter when it was written and who approved it.
        """
        with self.store.begin() as session:
            row = session.get(LedgerRow, key)
            if row is None:  # what it came with went back to the LCM a moment ago, and it with that
                return None
            of = row.payload.get("of") if row.action in OF_ANOTHER else None
            target = session.get(LedgerRow, of) if of else None
        if row.state != "intended":
            return _deed(row, row.state, row.reason, None)
        waits_for_another = target is not None and target.state == "intended"
        if self.outage.of_forum or self._rests(row) or waits_for_another:
            return None
        self.ear.hear()
        gate = Gate(self.forum, self.store, self.now, self.writer)
        # What may have been sent already is looked for on the forum first; the gate has its last word then.
        held = gate.until_heard(row) if row.sent_at is None else None
        held = held or (gate.first_look(row) if is_in_line(row) else None)
        if held is not None:
            return self._finish(row, _carried(held))
        look = look or LastLook(self.forum, self.store, self.now)
        check = LastCheck(self.forum, self.store, self.now, look, self.writer)
        sessions = self.store.sessions
        try:
            last, mailing = gate if counts(row.payload) else None, self._mailing
            carried = carry_out(self.forum, row, target, self.now, check, last, mailing, sessions=sessions, fresh=fresh)
        except DBAPIError:
            raise
        except Exception as error:  # a text that cannot be written anew must not silence the others
            if not isinstance(error, LcmError):
                LOG.exception("entry %s failed", key)
            self.outage.note(error)
            return self._not_done(row, error)
        self.outage.note(None)
        return self._finish(row, carried)

    @property
    def _mailing(self) -> Mailing:
        return Mailing(self.store, self.forum.name, self.mail, self.now, self.writer, self.outage)

    def _rests(self, row: LedgerRow) -> bool:
        """Whether it is too early to try an entry, for the first time or again."""
        since = row.not_before or row.created_at  # what had to wait for its moment is new when that comes
        tried = bool(row.reason) and row.updated_at >= since
        return self._waits(row) or (tried and is_resting(row.attempts, since, row.updated_at, self.now))

    def _finish(self, row: LedgerRow, carried: Carried) -> Deed:
        found = {"topic_id": carried.topic_id, "post_id": carried.post_id, "replies": carried.replies or None}
        result = {name: value for name, value in found.items() if value is not None}
        if carried.state == LATER:
            self._write(row.key, state="intended", reason=carried.reason, not_before=carried.not_before, sent_at=None)
        elif carried.state != WAITING:  # what went back to the LCM is no entry any more until they decide
            more = {"sent_at": func.coalesce(LedgerRow.sent_at, self.now)} if _was_sent(row, carried) else {}
            self._write(row.key, state=carried.state, reason=carried.reason, result=result, **more)
            if carried.state == "skipped" and (row.action == DraftKind.MAIL or counts(row.payload)):
                with self.store.begin() as session:
                    withdraw(session, row.key, carried.reason)
        return _deed(row, carried.state, carried.reason, carried.topic_id)

    def _not_done(self, row: LedgerRow, error: Exception) -> Deed:
        verdict = verdict_of(error)
        attempts = row.attempts + (verdict is not Verdict.OUTAGE)
        given_up = verdict is Verdict.FINAL or attempts >= MAX_ATTEMPTS
        state = "failed" if given_up else "intended"
        if given_up and row.action == DraftKind.MAIL:  # nobody looks for a mail that does not come: the LCMs hear of it
            with self.store.begin() as session:
                self._mailing.give_up(session, row, in_words(error))
        else:
            self._write(row.key, state=state, reason=in_words(error), attempts=attempts)
        return _deed(row, state, in_words(error), None)

    def _write(self, key: str, **values: object) -> None:
        with self.store.begin() as session:
            session.execute(update(LedgerRow).where(LedgerRow.key == key).values(updated_at=self.now, **values))


def _carried(held: Held) -> Carried:
    return Carried(held.state, reason=held.reason, not_before=held.until)


def _was_sent(row: LedgerRow, carried: Carried) -> bool:
    """Whether an entry that counts is on the forum; one that was only found there may have no moment of sending."""
    return carried.state == "done" and counts(row.payload)


def _deed(row: LedgerRow, state: str, reason: str, topic_id: int | None) -> Deed:
    return Deed(row.key, row.cohort, row.step, row.action, state, reason, topic_id)
