"""The changes that would make the forum agree with the roster, and the people for whom nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sync_worker.model.roster import RejectedRow


class ChangeKind(StrEnum):
    """What a line of a membership plan does, or why it does nothing."""

    CREATE_GROUP = "create_group"
    ADOPT_GROUP = "adopt_group"
    UPDATE_GROUP = "update_group"
    CREATE_CATEGORY = "create_category"
    ADOPT_CATEGORY = "adopt_category"
    UPDATE_CATEGORY = "update_category"
    OPEN_CATEGORY = "open_category"
    ARCHIVE_CATEGORY = "archive_category"
    ADD = "add"
    ADD_BY_EMAIL = "add_by_email"
    REMOVE = "remove"
    INVITE = "invite"
    REMIND = "remind"
    WITHDRAW = "withdraw"
    INVITED = "invited"
    ADD_OWNER = "add_owner"
    REMOVE_OWNER = "remove_owner"
    UNKNOWN = "unknown"
    CONTRADICTION = "contradiction"
    FOLLOWED = "followed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    WAITING = "waiting"
    GRACE = "grace"


IDLE = frozenset(
    {
        *(ChangeKind.UNKNOWN, ChangeKind.UNCHANGED, ChangeKind.KEPT, ChangeKind.WAITING, ChangeKind.GRACE),
        *(ChangeKind.INVITED, ChangeKind.CONTRADICTION, ChangeKind.FOLLOWED),
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan: what happens to which group and whom, and why."""

    kind: ChangeKind
    cohort: str
    target: str
    reason: str
    username: str | None = None
    user_id: int | None = None
    person: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steady:
    """The people of one group for whom nothing changes: counted here, told one by one by `lines` only when asked."""

    cohort: str
    target: str
    count: int
    lines: Callable[[], Iterable[Change]] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """The membership changes that would make the forum agree with the roster.

    `changes` are the lines that do something or need an explanation; people who stay as they are are in `steady`.
    """

    changes: tuple[Change, ...]
    rejected: tuple[RejectedRow, ...] = ()
    steady: tuple[Steady, ...] = ()

    def of(self, *kinds: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of the given kinds, in plan order."""
        return tuple(change for change in self.changes if change.kind in kinds)

    def everything(self) -> Iterator[Change]:
        """Yield every line, then those of the people who stay as they are, group by group."""
        yield from self.changes
        for group in self.steady:
            yield from group.lines()

    @property
    def unchanged(self) -> int:
        """How many memberships stay as they are."""
        return sum(group.count for group in self.steady)

    @property
    def effective(self) -> tuple[Change, ...]:
        """The lines that would write something on the forum."""
        return tuple(change for change in self.changes if change.kind not in IDLE)
