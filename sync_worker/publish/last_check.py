"""What becomes of an entry whose draft shows something that no longer holds: written anew, held, or back to the LCM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sync_worker.content.reasons import held_note, held_reason, reasons_for
from sync_worker.model import (
    Approval,
    Citation,
    Draft,
    DraftKind,
    Use,
    managers_in,
)
from sync_worker.publish.citations import (
    MENDABLE,
    Finding,
    Trouble,
    called_now,
    reason_of,
)
from sync_worker.publish.entries import note_about, objections, translation_key
from sync_worker.store.facts import facts_of
from sync_worker.store.ledger import WITHDRAWN, draft_from_json, draft_to_json
from sync_worker.store.mails import TO_MANAGER, recipient_of
from sync_worker.store.tables import DraftRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Reach
    from sync_worker.plays import Drafted
    from sync_worker.publish.last_look import LastLook
    from sync_worker.store.database import Store


ROUNDS = 5
REWRITTEN = frozenset({"roundup", "relay", "commitment", "briefing", "first-reply", "blockers"})
"""Refs of drafts out of which what does not hold any more is left."""

HELD = "held"
WAITING = "waiting"


class Writer(Protocol):
    """Writes drafts anew, as the worker does."""

    def cohort(self, key: str) -> Cohort | None:
        """Return a cohort; None where it is not among the settings any more."""
        ...

    def reach(self, key: str) -> Reach:
        """Return how often and when a learner of a cohort may be written to."""
        ...

    def left_out(self, cohort: str, step: str) -> tuple[str, ...]:
        """Return whom a cohort left out of a step, by username or by the key of the roster."""
        ...

    def people_now(self, row: LedgerRow) -> frozenset[int] | None:
        """Return whom the step of an entry is for now; None where that cannot be said."""
        ...

    def is_still_for(self, row: LedgerRow) -> bool:
        """Whether a text that was written earlier still goes to somebody whom its step is for."""
        ...

    def anew(self, row: LedgerRow, look: LastLook) -> Drafted:
        """Draft an entry's occurrence once more, from what `look` has seen; no draft where that cannot be done."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with an entry: send `row`, or leave it in a `state` for a `reason`."""

    row: LedgerRow
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LastCheck:
    """Settles what an entry of the ledger shows, before it is sent; everything it changes is committed at once."""

    forum: Forum
    store: Store
    now: datetime
    look: LastLook
    writer: Writer | None = None

    def settle(self, row: LedgerRow) -> Verdict:
        """Return the entry as it may be sent, or why it is not.

        Somebody's new username takes the place of the old one. A roundup is written anew without what no longer holds,
        and so is any draft of which only a name or a title changed; a draft that an LCM approved goes back to them
        then. Everything else is held; of a held story the LCMs hear.

        Calls: those of `LastLook.findings`, and those of the play's own reading where it is written anew.
        """
        for _ in range(ROUNDS):
            draft = draft_from_json(row.payload)
            findings = self.look.findings(draft, row.payload["category_id"], row.cohort)
            findings = findings or self._not_theirs(row, draft)
            if not findings:
                return Verdict(row)
            called = called_now(draft, self.look.seen)
            if called != draft and not self.look.findings(called, row.payload["category_id"], row.cohort):
                return Verdict(self._rewrite(row, called))
            new = self._anew(row, draft, findings)
            if new is None:
                return self._hold(row, draft, findings)
            if draft.approval is Approval.LCM:
                return self._back_to_lcm(row, new, findings)
            row = self._rewrite(row, new)
            if refused := "; ".join(objections(new)):
                return Verdict(row, "failed", refused)
        return self._hold(row, draft_from_json(row.payload), findings)

    def _not_theirs(self, row: LedgerRow, draft: Draft) -> tuple[Finding, ...]:
        """Return that a mail tells a manager of somebody whom its step is not for any more, or who has another manager.

        Calls: those of `Writer.people_now` for a text that was not written in this run, else none.
        """
        if TO_MANAGER not in draft.refs:
            return ()
        with self.store.begin() as session:
            known = facts_of(session, row.forum, row.cohort, draft.about_users)
            waited = session.get(DraftRow, row.key)
        manager = recipient_of(draft.recipients)
        managers = [{one.key for one in managers_in(known.get(number, {}))} for number in draft.about_users]
        if manager is None or any(manager.key not in keys for keys in managers):
            return (Finding(Citation(Use.LINK, 0), Trouble.NOT_SO),)
        if self.writer is None or (waited is None and row.created_at >= self.now):
            return ()
        now = self.writer.people_now(row)
        gone = now is not None and not now.issuperset(draft.about_users)
        return (Finding(Citation(Use.LINK, 0), Trouble.LEFT),) if gone else ()

    def _anew(self, row: LedgerRow, draft: Draft, findings: Sequence[Finding]) -> Draft | None:
        if self.writer is None or not (REWRITTEN & set(draft.refs) or {one.trouble for one in findings} <= MENDABLE):
            return None
        drafts = self.writer.anew(row, self.look).drafts
        return next((one for one in drafts if one.part == draft.part and one.kind is draft.kind), None)

    def _rewrite(self, row: LedgerRow, new: Draft) -> LedgerRow:
        with self.store.begin() as session:
            kept = session.get_one(LedgerRow, row.key)
            kept.payload = {**kept.payload, **draft_to_json(new)}
            kept.updated_at = self.now
        return kept

    def _hold(self, row: LedgerRow, draft: Draft, findings: Sequence[Finding]) -> Verdict:
        reason = f"held: {reason_of(findings)}"
        with self.store.begin() as session:
            kept = session.get_one(LedgerRow, row.key)
            kept.state, kept.reason, kept.updated_at = "skipped", reason, self.now
            waiting = session.get(DraftRow, row.key)
            if waiting is not None:
                waiting.state = WITHDRAWN
                waiting.decision_reason = held_reason(self._locale(row), findings[0].trouble.name)
            if "story" in draft.refs:
                self._add_note(session, row, findings[0])
        return Verdict(row, "skipped", reason)

    def _locale(self, row: LedgerRow) -> str:
        cohort = self.writer.cohort(row.cohort) if self.writer else None
        return cohort.locale if cohort is not None else "en"

    def _add_note(self, session: Session, row: LedgerRow, finding: Finding) -> None:
        """Intend a message to the LCMs in the same transaction, so that it is neither lost nor sent twice."""
        cohort = self.writer.cohort(row.cohort) if self.writer else None
        key = note_key(row.key)
        if cohort is None or session.get(LedgerRow, key) is not None:
            return
        cited = finding.citation
        place = f"t/-/{cited.topic_id}/{cited.number}" if cited.topic_id else f"p/{cited.post_id}"
        address = f"{self.forum.url}/{place}"
        text = held_note(cohort.locale, cohort.name, address, finding.trouble.name)
        note = Draft(
            DraftKind.MESSAGE,
            text.body,
            text.title,
            part=HELD,
            title=text.title,
            recipients=(cohort.lcm_group,),
            refs=(HELD,),
        )
        session.add(note_about(row, key, note, self.now))

    def _back_to_lcm(self, row: LedgerRow, new: Draft, findings: Sequence[Finding]) -> Verdict:
        """Let the text that was written anew wait for the LCM; the entry was never sent and is taken back."""
        reason = f"written anew, and waits for the LCM again: {reason_of(findings)}"
        body = {**row.payload, **draft_to_json(new), "approval": Approval.LCM.value}
        with self.store.begin() as session:
            languages = (translation_key(row.key, one.locale) for one in draft_from_json(row.payload).translations)
            for key in (row.key, f"{row.key[:-4]}-pin", *languages):
                if (entry := session.get(LedgerRow, key)) is not None:
                    session.delete(entry)
            waiting = session.get(DraftRow, row.key)
            if waiting is None:
                waiting = DraftRow(key=row.key, forum=row.forum, cohort=row.cohort, created_at=self.now)
                session.add(waiting)
            waiting.state, waiting.body = "pending", body
            waiting.reason = reasons_for(self._locale(row)).rewritten(new.reason)
            waiting.decided_by = waiting.decision_reason = waiting.decided_at = None
        return Verdict(row, WAITING, reason)


def note_key(key: str) -> str:
    """Return the key of the note about a held entry."""
    return f"{key[:-5]}-{HELD}"
