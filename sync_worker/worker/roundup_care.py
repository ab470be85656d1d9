"""Looks after roundups that were published: what must not be shown any more is taken out of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.publish.citations import TAKES_OUT, doubtful, refused
from sync_worker.publish.last_look import LastLook, reason_of
from sync_worker.store.ledger import REVISING, draft_from_json, intended_entry, published_rows
from sync_worker.store.tables import LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.model import Citation, Cohort
    from sync_worker.publish.citations import Finding
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store

STEP = "roundup-care"
LOOKED_AFTER = timedelta(days=180)
READ_AGAIN = timedelta(days=35)  # so long, all that a roundup shows is read again whenever the next one is due


@dataclass(frozen=True, slots=True)
class RoundupCare:
    """Looks after the roundups of one cohort, which `steps` post; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    publisher: Publisher
    cohort: Cohort
    steps: frozenset[str]
    now: datetime

    def follow_up(self) -> Sequence[Deed]:
        """Take out of the roundups of half a year what may not be shown any more, each part once.

        Words that were edited are not in the store before their topic is read again: whenever a roundup is due, even
        if there is nothing to round up, all that those of the last five weeks show is read.

        Calls: none where the store knows of no change and no roundup was due in this run; else those of
        `LastLook.stale` for what is read, and 2 for each roundup that is changed.

        Raises:
            ForumError: the forum does not answer.

        """
        look = LastLook(self.forum, self.store, self.now)
        roundups = self._roundups()
        is_time = bool(roundups) and self._is_roundup_time()
        rows = []
        for roundup in roundups:
            age = self.now - roundup.updated_at
            row = self._revision(roundup, look, whole=is_time and timedelta(0) < age < READ_AGAIN)
            rows += [row] if row is not None else []
        return self.publisher.enter(rows)

    def _roundups(self) -> list[LedgerRow]:
        with self.store.begin() as session:
            return [
                row
                for row in published_rows(session, self.forum.name, self.cohort.key)
                if row.action == "topic"
                and row.state == "done"
                and "roundup" in row.payload.get("refs", ())
                and self.now - row.updated_at < LOOKED_AFTER
            ]

    def _is_roundup_time(self) -> bool:
        """Whether a roundup was due in this run."""
        with self.store.begin() as session:
            closed = session.scalars(
                select(OccurrenceRow.step).where(
                    OccurrenceRow.forum == self.forum.name,
                    OccurrenceRow.cohort == self.cohort.key,
                    OccurrenceRow.at == self.now,
                )
            )
            return not self.steps.isdisjoint(closed)

    def _revision(self, roundup: LedgerRow, look: LastLook, *, whole: bool) -> LedgerRow | None:
        """Return the entry that takes out of a roundup what does not hold, None where there is nothing new."""
        suspected, unwanted = self._to_look_at(roundup, whole=whole)
        found = look.stale(suspected, roundup.payload["category_id"], self.cohort.key)
        findings = [one for one in (*unwanted, *found) if one.trouble in TAKES_OUT]
        return self._entry(roundup, findings) if findings else None

    def _to_look_at(self, roundup: LedgerRow, *, whole: bool) -> tuple[list[Citation], list[Finding]]:
        """Return what may not hold any more, or the whole of it, and what its author does not want to be shown.

        Without what was taken out before.
        """
        citations = draft_from_json(roundup.payload).citations
        revisions = select(LedgerRow).where(
            LedgerRow.forum == self.forum.name, LedgerRow.cohort == self.cohort.key, LedgerRow.action == REVISING
        )
        with self.store.begin() as session:
            shown = [one for one in citations if one.pieces]
            suspected = shown if whole else doubtful(session, self.forum.name, shown)
            unwanted = refused(session, self.forum.name, shown)
            if not suspected and not unwanted:
                return [], []
            rows = [row for row in session.scalars(revisions) if row.payload["of"] == roundup.key]
        known = {tuple(part) for row in rows for part in row.payload["parts"]}
        left = [one for one in suspected if one.pieces not in known]
        return left, [one for one in unwanted if one.citation.pieces not in known]

    def _entry(self, roundup: LedgerRow, findings: Sequence[Finding]) -> LedgerRow:
        parts = list(dict.fromkeys(one.citation.pieces for one in findings))
        digest = hashlib.sha256(json.dumps([roundup.key, sorted(parts)]).encode()).hexdigest()
        return intended_entry(
            f"lcm-{self.cohort.key[:10].strip('-')}-revision-{digest[:16]}",
            forum=self.forum.name,
            cohort=self.cohort.key,
            playbook=roundup.playbook,
            step=STEP,
            slot=self.now,
            action=REVISING,
            payload={
                "of": roundup.key,
                "title": roundup.payload.get("title") or "",
                "parts": [list(part) for part in parts],
                "why": reason_of(findings),
                "position": 0,
            },
            now=self.now,
        )
