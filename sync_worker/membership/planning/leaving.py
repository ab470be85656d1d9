"""Removal and demotion in two steps: first a mark, then, when the grace is over, the act. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.membership.records.memberships import State, digest
from sync_worker.model import fold

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from zoneinfo import ZoneInfo

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.records.memberships import TieRecord
    from sync_worker.membership.state import Account


@dataclass(frozen=True, slots=True)
class Leaving:
    """A person whom the roster dismisses from a group of ours, at `now`; dates are told in the cohort's `zone`."""

    record: TieRecord
    limits: LimitSettings
    now: datetime
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """When the person was marked, or is marked now."""
        marked = self.record.since if self.record.state is State.MARKED else None
        return marked or self.now

    @property
    def runs(self) -> int:
        """How many runs have found the person gone, this one included."""
        return 1 + (self.record.clean_runs if self.record.state is State.MARKED else 0)

    @property
    def ends(self) -> datetime:
        """When the grace is over."""
        return self.since + timedelta(days=self.limits.grace_days)

    @property
    def due(self) -> bool:
        """Whether the person is to be removed now."""
        if self.limits.grace_days == 0:
            return True
        return self.record.state is State.MARKED and self.now >= self.ends and self.runs >= self.limits.grace_runs

    @property
    def kept(self) -> dict[str, Any]:
        """What a line about the person keeps, so that it can be taken back."""
        return {"key": self.record.person, "digests": self.record.digests}

    @property
    def mark(self) -> dict[str, Any]:
        """What is written down about a person who waits."""
        return {**self.kept, "since": self.since.isoformat(), "clean_runs": self.runs}

    def words(self, reason: str, what: str = "to be removed on") -> str:
        """Return when the person will be removed, or demoted if `what` says so, and why."""
        ends = max(self.ends, self.now).astimezone(self.zone)
        missing = self.limits.grace_runs - self.runs
        runs = f", if {missing} more run{'s' if missing > 1 else ''} find{'' if missing > 1 else 's'} them gone"
        return f"{what} {ends:%Y-%m-%d}{runs if missing > 0 else ''}: {reason}"


def protected(account: Account, record: TieRecord, limits: LimitSettings) -> bool:
    """Whether `limits.protected` names an account: by username, or by an identifier of when we added it."""
    if not limits.protected:
        return False
    known = {fold(account.username), fold(record.person.partition(":")[2]), *record.digests.split()}
    return any(fold(name) in known or digest(name) in known for name in limits.protected)
