"""Read from the store what a cohort's report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.report.figures import CohortReport, Published, cohort_report
from sync_worker.store.payload import draft_from_json
from sync_worker.store.tables import LedgerRow, TopicRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.activity.reader import ActivityReader
    from sync_worker.model import Cohort

KINDS = ("prompt", "story", "roundup")


def gather(
    session: Session,
    forum_name: str,
    cohort: Cohort,
    activity: ActivityReader,
    *,
    own: frozenset[str],
    now: datetime,
    members: int | None = None,
) -> CohortReport:
    """Return a cohort's report from the store alone; no call to the forum.

    `own` are the accounts that are not learners, `members` how many learners there are, None where nobody counted.
    """
    return cohort_report(cohort, activity.topics(), published(session, forum_name, cohort.key), own, now, members)


def published(session: Session, forum_name: str, cohort_key: str) -> list[Published]:
    """Return the topics that the worker posted for a cohort, oldest first."""
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum_name, LedgerRow.cohort == cohort_key)
        .where(LedgerRow.action == "topic", LedgerRow.state == "done")
        .order_by(LedgerRow.slot, LedgerRow.key)
    )
    found: list[Published] = []
    for row in rows:
        draft = draft_from_json(row.payload)
        kind = next((ref.split(":")[0] for ref in draft.refs if ref.split(":")[0] in KINDS), "topic")
        topic_id = row.result.get("topic_id")
        if isinstance(topic_id, int):
            found.append(Published(kind, draft.title or "", topic_id, _posted_at(session, row, topic_id), draft.raw))
    return found


def _posted_at(session: Session, row: LedgerRow, topic_id: int) -> datetime:
    """Return when a topic was posted: as the forum says where it was read, else by the ledger; never in the future.

    A step that was run ahead of its time was posted before its slot.
    """
    topic = session.get(TopicRow, (row.forum, topic_id))
    return topic.created_at if topic is not None else min(row.slot, row.updated_at)
