"""What the cohorts of one programme got: from the ledger, with their topics as the forum shows them now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.reader import as_seen
from sync_worker.plays.context import SharedTopic
from sync_worker.plays.relay import PROGRAMME
from sync_worker.store.ledger import draft_from_json
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.config.base import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import Cohort, Topic
    from sync_worker.plays import Play
    from sync_worker.publish.last_look import LastLook
    from sync_worker.store.database import Store

MOST_TOPICS = 12  # of one prompt, or of one question to leavers: the latest


@dataclass(frozen=True, slots=True)
class LedgerProgramme:
    """Reads the ledger for all cohorts of a programme, those that are not in `lcm.yaml` any more among them.

    `seen` are topics as they were just read. Of one that is not among them, is gone, or is not in the category in which
    it was posted, the text is not known.
    """

    session: Session
    forum: str
    programme: str
    seen: Mapping[int, ForumTopic | None] = field(default_factory=dict)
    unnamed: frozenset[int] = frozenset()

    def shared(self, ref: str) -> Sequence[SharedTopic]:
        """Return the topics whose drafts have this reference, of all cohorts, by slot."""
        return [self._shared(row) for row in programme_rows(self.session, self.forum, self.programme, (ref,))]

    def _shared(self, row: LedgerRow) -> SharedTopic:
        number = row.result["topic_id"]
        return SharedTopic(
            row.cohort,
            row.payload.get("cohort_name", row.cohort),
            row.slot,
            draft_from_json(row.payload),
            number,
            self._topic(number, row.payload.get("category_id")),
        )

    def _topic(self, number: int, category: int | None) -> Topic | None:
        seen = self.seen.get(number)
        if seen is None or seen.category_id != category:
            return None
        return as_seen(self.session, self.forum, seen, self.unnamed)


def programme_rows(session: Session, forum: str, programme: str, refs: Iterable[str]) -> list[LedgerRow]:
    """Return the entries of topics that cohorts of a programme got and that have one of these references, by slot."""
    wanted, own = set(refs), f"{PROGRAMME}{programme}"
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum, LedgerRow.action == "topic", LedgerRow.state == "done")
        .order_by(LedgerRow.slot, LedgerRow.key)
    )
    found = [
        row
        for row in rows
        if own in row.payload.get("refs", ()) and wanted & set(row.payload["refs"]) and row.result.get("topic_id")
    ]
    return found[-MOST_TOPICS:]


def read_programme(
    forum: Forum, store: Store, cohort: Cohort, steps: Iterable[tuple[Play, Strict]]
) -> dict[int, ForumTopic | None]:
    """Read the topics of the programme's cohorts that these steps show. Calls: 1 each, 24 at most; often none."""
    if cohort.programme is None:
        return {}
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
        refs = {ref for play, options in steps if play.programme_refs for ref in play.programme_refs(options, past)}
        rows = programme_rows(session, forum.name, cohort.programme, refs) if refs else []
        numbers = sorted({int(row.result["topic_id"]) for row in rows})
    return {number: forum.topic(number) for number in numbers}


def programme_of(
    session: Session, forum: str, cohort: Cohort, elsewhere: Mapping[int, ForumTopic | None], look: LastLook | None
) -> LedgerProgramme | None:
    """Return what is known of a cohort's programme; what `look` has seen counts more than what was read before it."""
    if cohort.programme is None:
        return None
    seen = {**elsewhere, **(look.seen if look is not None else {})}
    return LedgerProgramme(session, forum, cohort.programme, seen, look.unnamed if look is not None else frozenset())
