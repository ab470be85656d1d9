"""What a cohort already got, for plays that must not repeat themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_worker.plays.context import PastDraft
from sync_worker.store.ledger import acted_on, draft_from_json, drafts, published_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.model import ActionKind, Occurrence


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
            (row.playbook, _past(row.step, row.slot, row.key, row.payload, row.result.get("topic_id")))
            for row in published_rows(self._session, self._forum, self._cohort)
        ]
        for waiting in drafts(self._session, self._forum, self._cohort, ("pending", "approved")):
            body, slot = waiting.body, datetime.fromisoformat(waiting.body["slot"])
            found.append((body["playbook"], _past(body["step"], slot, waiting.key, body)))
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


def _past(step: str, slot: datetime, key: str, body: dict[str, Any], topic_id: int | None = None) -> PastDraft:
    follows = body.get("follows")
    followed = datetime.fromisoformat(follows) if follows else None
    return PastDraft(step, slot, draft_from_json(body), topic_id, body.get("follow_up", ""), followed, key)
