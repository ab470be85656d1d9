"""What is remembered of invitations, and how far each has come; every write is committed when it returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.store.database import upsert
from sync_worker.store.tables import InvitationRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import InvitationSettings


class Stage(StrEnum):
    """How far an invitation has come."""

    INVITING = "inviting"
    INVITED = "invited"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Invited:
    """A person's invitation into a cohort, as far as we know; an LCM's leads into the LCM group as well."""

    cohort: str
    key: str
    group: str
    groups: tuple[str, ...]
    email: str
    stage: Stage
    invite_id: int | None = None
    reason: str = ""
    reminders: int = 0
    invited_at: datetime | None = None
    reminded_at: datetime | None = None
    expires_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the person can still accept."""
        return self.stage is Stage.INVITED and (self.expires_at is None or self.expires_at > now)

    def is_due(self, now: datetime, options: InvitationSettings) -> bool:
        """Whether it is time to remind the person."""
        last = self.reminded_at or self.invited_at
        waited = last is not None and last + timedelta(days=options.remind_after_days) <= now
        return self.is_open(now) and options.mail and waited and self.reminders < options.max_reminders


@dataclass(frozen=True, slots=True)
class InvitationStore:
    """Reads and writes the invitations of one forum."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> dict[tuple[str, str], Invited]:
        """Return every invitation by cohort and person key."""
        with self.sessions() as session:
            rows = session.scalars(select(InvitationRow).where(InvitationRow.forum == self.forum)).all()
            return {
                (row.cohort, row.person): Invited(
                    cohort=row.cohort,
                    key=row.person,
                    group=row.group_name,
                    groups=tuple(row.groups) or (row.group_name,),
                    email=row.email,
                    stage=Stage(row.state),
                    invite_id=row.invite_id,
                    reason=row.reason,
                    reminders=row.reminders,
                    invited_at=row.invited_at,
                    reminded_at=row.reminded_at,
                    expires_at=row.expires_at,
                )
                for row in rows
            }

    def write(self, invited: Iterable[Invited], run: str, now: datetime) -> None:
        """Write down how far invitations have come."""
        rows = [
            {
                "forum": self.forum,
                "cohort": one.cohort,
                "person": one.key,
                "group_name": one.group,
                "groups": list(one.groups),
                "email": one.email,
                "invite_id": one.invite_id,
                "state": one.stage.value,
                "reason": one.reason,
                "reminders": one.reminders,
                "run": run,
                "invited_at": one.invited_at,
                "reminded_at": one.reminded_at,
                "expires_at": one.expires_at,
                "at": now,
            }
            for one in invited
        ]
        with self.sessions.begin() as session:
            upsert(session, InvitationRow, rows)
