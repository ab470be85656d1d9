"""What a cohort already got, for plays that must not repeat themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.plays.context import PastDraft
from sync_worker.store.ledger import drafts, published_rows
from sync_worker.store.payload import draft_from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.model import Occurrence


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
        found = [
            (
                row.playbook,
                PastDraft(
                    row.step,
                    row.slot,
                    draft_from_json(row.payload),
                    row.result.get("topic_id"),
                    row.payload.get("follow_up", ""),
                ),
            )
            for row in published_rows(self._session, self._forum, self._cohort)
        ]
        for waiting in drafts(self._session, self._forum, self._cohort, ("pending", "approved")):
            body = waiting.body
            slot = datetime.fromisoformat(body["slot"])
            found.append(
                (
                    body["playbook"],
                    PastDraft(body["step"], slot, draft_from_json(body), follow_up=body.get("follow_up", "")),
                )
            )
        past = [draft for playbook, draft in found if not self._is_itself(playbook, draft)]
        return sorted(past, key=lambda draft: (draft.slot, draft.step, draft.draft.part))

    def _is_itself(self, playbook: str, past: PastDraft) -> bool:
        if self._occurrence is None:
            return False
        one = self._occurrence
        itself = (one.playbook, one.step, one.slot, one.follow_up)
        return (playbook, past.step, past.slot, past.follow_up) == itself
