"""What a cohort already got, for plays that must not repeat themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.plays.context import PastDraft
from sync_worker.store.ledger import acted_on, drafts, published_rows
from sync_worker.store.payload import draft_from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.model import ActionKind, Occurrence
    from sync_worker.store.tables import LedgerRow


class LedgerHistory:
    """Reads the ledger and the drafts that wait, for the cohort of an occurrence, leaving the occurrence itself out.

    With `occurrence` None, for the cohort of that key, leaving nothing out.
    """

    def __init__(self, session: Session, forum: str, occurrence: Occurrence | None, cohort: str = "") -> None:
        self._session = session
        self._forum = forum
        self._occurrence = occurrence
        self._cohort = occurrence.cohort.key if occurrence else cohort

    def drafts(self) -> Sequence[PastDraft]:
        """Return every draft published, intended or waiting for an LCM, by slot, oldest first."""
        found = [(row.playbook, _past(row)) for row in published_rows(self._session, self._forum, self._cohort)]
        for waiting in drafts(self._session, self._forum, self._cohort, ("pending", "approved")):
            body = waiting.body
            slot, follow_up = datetime.fromisoformat(body["slot"]), body.get("follow_up", "")
            one = PastDraft(body["step"], slot, draft_from_json(body), follow_up=follow_up, key=waiting.key)
            found.append((body["playbook"], one))
        past = [draft for playbook, draft in found if not self._is_itself(playbook, draft)]
        return sorted(past, key=lambda draft: (draft.slot, draft.step, draft.draft.part))

    def acted_on(self, kind: ActionKind) -> frozenset[int]:
        """Return the topics to which this was done before, or is about to be done, whatever people did since."""
        return frozenset(acted_on(self._session, self._forum, self._cohort, kind))

    def _is_itself(self, playbook: str, past: PastDraft) -> bool:
        if self._occurrence is None:
            return False
        one = self._occurrence
        itself = (one.playbook, one.step, one.slot, one.follow_up)
        return (playbook, past.step, past.slot, past.follow_up) == itself


def _past(row: LedgerRow) -> PastDraft:
    follow_up = row.payload.get("follow_up", "")
    return PastDraft(row.step, row.slot, draft_from_json(row.payload), row.result.get("topic_id"), follow_up, row.key)
