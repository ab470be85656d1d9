"""The gate before whatever goes to one learner: caps, quiet hours, "no nudges", and whether the account is still there.

What may not go out now waits for the next moment at which it may, or is left out where that would be too late. The
moment of sending is written into the ledger before the call, in the transaction that counts: two workers never use the
same place, and after a crash a message that may have been sent counts until the forum was looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from sync_worker.activity.choices import refusing, take_in_choices
from sync_worker.content.reasons import reasons_for
from sync_worker.model import Approval, Reach
from sync_worker.model.reach import Opening, Sent, opening
from sync_worker.store.personal import read_forgotten
from sync_worker.store.tables import DraftRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Draft
    from sync_worker.publish.last_check import Writer
    from sync_worker.store.database import Store

COUNTED = timedelta(days=9)  # a week, on whichever clock
PATIENCE = timedelta(days=3)  # of what has no step that says otherwise
CONSENT = frozenset({"consent", "consent-again"})
GREENWICH = ZoneInfo("UTC")
LATER = "later"
WITHDRAWN = "withdrawn"
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Held:
    """Why a message does not go out: `later` (not before `until`) or `skipped` for good, for a reason in words."""

    state: str
    reason: str
    until: datetime | None = None


def counts(payload: Mapping[str, Any]) -> bool:
    """Whether an entry uses up what a learner may receive: whatever reaches one learner, but for answers to them."""
    return payload.get("to_learner") is not None and not payload.get("answers_learner")


def is_exempt(payload: Mapping[str, Any]) -> bool:
    """Whether neither caps nor quiet hours hold an entry back.

    That is an answer to what the learner has just done, and a question for consent that an LCM approved or asked for.
    """
    asks = CONSENT & set(payload.get("refs", ()))
    decided = payload.get("approval") == Approval.LCM or payload.get("asked_for", False)
    return not counts(payload) or bool(asks and decided)


def is_in_line(row: LedgerRow) -> bool:
    """Whether an entry was never tried and competes with others for what a learner may receive."""
    return row.sent_at is None and not is_exempt(row.payload)


def place_in_line(row: LedgerRow) -> tuple[int, str, datetime, datetime, int, str]:
    """Return what orders entries that compete: the highest precedence first, then what is too late soonest."""
    payload = row.payload
    due = (row.created_at, row.slot, payload.get("position", 0), row.key)
    return -payload.get("precedence", 0), payload.get("send_by", ""), *due


def send_by(row: LedgerRow) -> datetime:
    """Return the last moment at which an entry is still of use."""
    written = row.payload.get("send_by")
    return datetime.fromisoformat(written) if written else row.created_at + PATIENCE


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets entries of the ledger through to their learners, or holds them."""

    forum: Forum
    store: Store
    now: datetime
    writer: Writer | None = None

    def first_look(self, row: LedgerRow) -> Held | None:
        """Return why an entry that was never tried is held, by what the store knows. Calls: none."""
        with self.store.begin() as session:
            return self._refused(session, row) or self._judged(row, self._opening(session, row))

    def last_word(self, row: LedgerRow, draft: Draft) -> tuple[Draft, Held | None]:
        """Return the draft as it goes out now, or why it does not; one that goes counts from here on.

        It goes to the learner by the username of today. What was chosen on the forum is read again first.

        Calls: 1 for the account; with the plugin 1 for the choices made since last time, 1 more a hundred. For an entry
        that is exempt none.

        Raises:
            ForumError: it cannot be looked up now; nothing is sent.

        """
        if not is_exempt(row.payload):
            plugin = self.forum.plugin
            if plugin is not None:
                take_in_choices(plugin, self.store, self.forum.name)
            assert draft.to_learner is not None  # noqa: S101  (else it would be exempt)
            account = self.forum.user_by_id(draft.to_learner)
            if account is None or account.suspended or account.silenced:
                return draft, Held(SKIPPED, reasons_for(self._locale(row)).account_away())
            if draft.recipients:
                draft = replace(draft, recipients=(account.username, *draft.recipients[1:]))
        with self.store.begin() as session:
            return draft, self._reserve(session, row)

    def _reserve(self, session: Session, row: LedgerRow) -> Held | None:
        """Write down that an entry is sent now, unless it may not be; one worker at a time for each learner."""
        if session.get_bind().dialect.name != "sqlite":  # there the first write below locks the whole store
            text = f"{row.forum} {row.to_learner}"
            number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:7])
            session.execute(select(func.pg_advisory_xact_lock(number)))
        entry = update(LedgerRow).where(LedgerRow.key == row.key)
        session.execute(entry.values(sent_at=self.now))
        if is_exempt(row.payload):
            return None
        held = self._refused(session, row) or self._judged(row, self._opening(session, row))
        if held is not None:
            session.execute(entry.values(sent_at=None))
        return held

    def _refused(self, session: Session, row: LedgerRow) -> Held | None:
        is_forgotten = read_forgotten(session, row.forum).has_account(row.to_learner or 0)
        if row.to_learner not in refusing(session, row.forum, "nudges") and not is_forgotten:
            return None
        return Held(SKIPPED, reasons_for(self._locale(row)).no_nudges())

    def _opening(self, session: Session, row: LedgerRow) -> Opening:
        """Return when an entry may go out, by all else that the learner got."""
        found = session.execute(
            select(LedgerRow.sent_at, LedgerRow.cohort).where(
                LedgerRow.forum == row.forum,
                LedgerRow.to_learner == row.to_learner,
                LedgerRow.sent_at >= self.now - COUNTED,
                LedgerRow.state.in_(("done", "intended")),
                LedgerRow.key != row.key,
            )
        )
        sent = [Sent(at, self._zone(cohort)) for at, cohort in found if at is not None]
        reach = self.writer.reach(row.cohort) if self.writer else Reach()
        return opening(reach, self._zone(row.cohort), self.now, sent)

    def _judged(self, row: LedgerRow, found: Opening) -> Held | None:
        """Return what follows from when an entry may go out."""
        if found.at == self.now or found.why is None:
            return None
        say = reasons_for(self._locale(row))
        why = say.held_back(found.why.value)
        if found.at is None:
            return Held(SKIPPED, why)
        local = found.at.astimezone(self._zone(row.cohort))
        if found.at > send_by(row):
            return Held(SKIPPED, say.too_late(why, local))
        return Held(LATER, say.waits_until(why, local), found.at.astimezone(UTC))

    def _cohort(self, key: str) -> Cohort | None:
        return self.writer.cohort(key) if self.writer else None

    def _zone(self, key: str) -> ZoneInfo:
        cohort = self._cohort(key)
        return cohort.zone if cohort is not None else GREENWICH

    def _locale(self, row: LedgerRow) -> str:
        cohort = self._cohort(row.cohort)
        return cohort.locale if cohort is not None else "en"


def withdraw(session: Session, key: str, reason: str) -> None:
    """Say on the draft that an LCM approved that it was left out, and why."""
    draft = session.get(DraftRow, key)
    if draft is not None:
        draft.state, draft.decision_reason = WITHDRAWN, reason
