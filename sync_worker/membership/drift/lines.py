"""What was done manually, as lines, and those about the people of one group. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.membership.records.memberships import OURS, State, Tie

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.state import GroupState

LEVELS = {1: "full access", 2: "reply", 3: "read"}


class DriftKind(StrEnum):
    """What was done manually."""

    ADDED = "added"
    LEFT = "left"
    LEFT_BEFORE = "left_before"
    MADE_OWNER = "made_owner"
    NOT_OWNER = "not_owner"
    RENAMED = "renamed"
    GONE = "gone"
    PERMISSIONS = "permissions"
    MODERATION = "moderation"
    TAGS = "tags"
    PLACE = "place"
    NOTIFICATIONS = "notifications"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that stands otherwise than we left it, and what a sync makes of it.

    `at` and `by` (a username) say when and by whom, as far as the group's log tells; None where it does not.
    """

    kind: DriftKind
    cohort: str
    target: str
    what: str
    username: str | None = None
    user_id: int | None = None
    at: datetime | None = None
    by: str | None = None


def was_made(remembered: Remembered, kind: str, name: str) -> bool:
    """Whether we made a group or category ourselves, and did not only adopt it."""
    made = remembered.created.get((kind, name))
    return made is not None and made.forum_id is not None and not made.adopted


def arrivals(cohort: str, name: str, group: GroupState, remembered: Remembered) -> Iterator[Drift]:
    """Yield who is in a group, or owns it, and not through us."""
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    names = {number: account.username for number, account in group.members.items()}
    for number in sorted(group.members.keys() - members.ours):
        record = members.get(number)
        if record and record.state is State.ADDING:
            continue
        what = "came back after leaving" if record and record.state is State.LEFT else "added manually"
        yield Drift(DriftKind.ADDED, cohort, name, f"{what}; never removed by a sync", names[number], number)
    for number in sorted((group.owners & names.keys()) - owners.ours):
        record = owners.get(number)
        if record is None or record.state is not State.ADDING:
            yield Drift(DriftKind.MADE_OWNER, cohort, name, "made owner manually; left so", names[number], number)


def departures(cohort: str, name: str, group: GroupState, remembered: Remembered) -> Iterator[Drift]:
    """Yield whom we put into a group, or made owner, and who is not any more."""
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    for number, record in sorted(members.records.items()):
        if number in group.members:
            continue
        if record.state in OURS:
            what = "left, or was taken out manually; not added again while the roster names them (limits.bring_back)"
            yield Drift(DriftKind.LEFT, cohort, name, what, record.username, number)
        elif record.state is State.LEFT:
            yield Drift(
                DriftKind.LEFT_BEFORE, cohort, name, "left before the last run; left so", record.username, number
            )
    for number, record in sorted(owners.records.items()):
        if record.state in OURS and number in group.members and number not in group.owners:
            yield Drift(DriftKind.NOT_OWNER, cohort, name, "no longer owner: removed manually", record.username, number)
