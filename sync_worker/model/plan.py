"""The changes that would make the forum agree with the roster, and the people for whom nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sync_worker.model.details import (
    ABSENT,
    NO_DETAIL,
    Adoption,
    CategoryChange,
    CategorySpec,
    Mailed,
    Mark,
    Member,
    ParentOpening,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sync_worker.model.details import Detail
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
    detail: Detail = NO_DETAIL

    @property
    def key(self) -> str:
        """The person's key, or nothing where the line is about none."""
        return self.detail.key if isinstance(self.detail, Member | Mark | Mailed) else ""

    @property
    def digests(self) -> str:
        """What recognises the person again, or nothing where that is not known."""
        digests = self.detail.digests if isinstance(self.detail, Member | Mark) else ABSENT
        return "" if digests is ABSENT else digests

    @property
    def slug(self) -> str | None:
        """The slug of the category that the line is about, None where it is about none."""
        detail = self.detail
        if isinstance(detail, CategorySpec | CategoryChange | ParentOpening):
            return detail.slug
        return detail.slug if isinstance(detail, Adoption) and detail.slug is not ABSENT else None

    @property
    def closes(self) -> bool:
        """Whether the line takes a category away from the public."""
        return isinstance(self.detail, CategoryChange) and self.detail.closes is True

    def to_json(self) -> dict[str, Any]:
        """Return the line as saved plans have it."""
        return {
            "kind": self.kind,
            "cohort": self.cohort,
            "target": self.target,
            "reason": self.reason,
            "username": self.username,
            "user_id": self.user_id,
            "person": self.person,
            "detail": self.detail.to_json(),
        }


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
