"""What one look at the messages shares: where it reads, for which cohorts, and the answers that are entered for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.activity.replies import digest_of
from sync_worker.desk.waiting import ANSWER, entry
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Draft, DraftKind
from sync_worker.store.tables import LedgerRow, ReplyRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store


@dataclass(slots=True)
class Correspondence:
    """One look at the messages of a forum.

    `cohorts` are those whose LCMs decide by message, `others` all of them. `entered` are the keys of what is to be
    sent in answer; `decided` says whether an LCM decided on anything.
    """

    forum: Forum
    store: Store
    cohorts: Mapping[str, Cohort]
    others: Mapping[str, Cohort]
    now: datetime
    decided: bool = False
    entered: list[str] = field(default_factory=list)
    _members: dict[str, dict[int, str]] = field(default_factory=dict)

    def people(self, cohort: Cohort, group: str) -> dict[int, str]:
        """Return the accounts in one of a cohort's groups as it is now; asked for once."""
        if group not in self._members:
            found = members_of(self.forum, self.store.sessions, cohort, group)
            self._members[group] = {one.id: one.username for one in found}
        return self._members[group]

    def row(self, cohort: str, topic_id: int, post: ForumPost, outcome: str) -> ReplyRow:
        """Return what is noted of a post that was read."""
        return ReplyRow(
            forum=self.forum.name,
            post_id=post.id,
            topic_id=topic_id,
            cohort=cohort,
            user_id=post.user_id,
            username=post.username,
            digest=digest_of(post.raw or ""),
            outcome=outcome,
            content={},
            answered=outcome != "decided",
            changed_said=False,
            at=self.now,
        )

    def answer(self, session: Session, cohort: Cohort, topic_id: int, text: str, mark: str) -> None:
        """Enter the answer to what an LCM wrote."""
        draft = Draft(DraftKind.REPLY, text, "answer to a reply", topic_id=topic_id, refs=(ANSWER,))
        self.enter(session, cohort.key, draft, mark)

    def enter(self, session: Session, cohort: str, draft: Draft, mark: str) -> None:
        """Enter what is to be sent, once; `mark` says to what it belongs."""
        for row in entry(self.forum.name, cohort, draft, mark, self.now):
            if session.get(LedgerRow, row.key) is None:
                session.add(row)
                self.entered.append(row.key)
