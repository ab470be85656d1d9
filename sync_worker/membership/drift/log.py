"""When something was done manually, and by whom, as far as a group's log tells.

Discourse logs who joined, left, became owner or owner no more, and changed settings (`GroupHistory`). It does not log
accounts that were deleted or merged, members and owners that a group is made with, or what other plugins do in bulk. So
an entry counts only if it is the newest about the person and says what the forum shows; and who is a member must
have been so since about that entry. Where the log does not tell, nothing is said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.drift.lines import Drift, DriftKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import GroupEvent

PAGES = 4
JOIN_TO_LOG = timedelta(minutes=1)
JOINED, GONE = "add_user_to_group", "remove_user_from_group"
PROMOTED, DEMOTED = "make_user_group_owner", "remove_user_as_group_owner"
SETTING = "change_group_setting"
ABOUT = {
    DriftKind.ADDED: (JOINED, GONE),
    DriftKind.LEFT: (JOINED, GONE),
    DriftKind.LEFT_BEFORE: (JOINED, GONE),
    DriftKind.MADE_OWNER: (PROMOTED, DEMOTED, GONE),
    DriftKind.NOT_OWNER: (PROMOTED, DEMOTED, GONE),
}
SAYS = {
    DriftKind.ADDED: (JOINED,),
    DriftKind.LEFT: (GONE,),
    DriftKind.LEFT_BEFORE: (GONE,),
    DriftKind.MADE_OWNER: (PROMOTED,),
    DriftKind.NOT_OWNER: (DEMOTED, GONE),
}


def with_origins(
    forum: Forum, found: Sequence[Drift], names: Mapping[str, str], joined: Mapping[tuple[str, int], datetime]
) -> list[Drift]:
    """Return the lines with when and by whom, where the groups' logs tell.

    `names` maps the groups that the lines are about to what they are called now; `joined` says by that name and user id
    since when somebody is a member.

    Calls: 1 for each group with such lines, and up to 3 more while its log has older entries and a line is open.
    """
    events = {
        target: _read_log(forum, names[target], [line for line in found if line.target == target])
        for target in dict.fromkeys(line.target for line in found)
        if target in names
    }
    return [
        _told(line, names[line.target], events[line.target], joined) if line.target in names else line for line in found
    ]


def _read_log(forum: Forum, name: str, lines: Sequence[Drift]) -> list[GroupEvent]:
    """Return the newest entries of a group's log: as many as the lines need."""
    events: list[GroupEvent] = []
    asking = [line for line in lines if line.kind in ABOUT or line.kind is DriftKind.RENAMED]
    for page in range(PAGES if asking else 0):
        try:
            more, last = forum.group_events(name, page)
        except ForumError as error:
            if error.refused_with(403, 404):
                break  # the log is not for us, or the group was just deleted
            raise
        events += more
        if last or all(any(_about(line, name, events)) for line in asking):
            break
    return events


def _about(line: Drift, name: str, events: Sequence[GroupEvent]) -> Iterator[GroupEvent]:
    """Yield the entries that decide about a line, newest first."""
    for event in events:
        if line.kind is DriftKind.RENAMED:
            if event.action == SETTING and event.subject == "name":
                yield event
        elif event.user_id == line.user_id and event.action in ABOUT.get(line.kind, ()):
            yield event


def _told(line: Drift, name: str, events: Sequence[GroupEvent], joined: Mapping[tuple[str, int], datetime]) -> Drift:
    newest = next(_about(line, name, events), None)
    if newest is None:
        return line
    true = newest.value == name if line.kind is DriftKind.RENAMED else newest.action in SAYS[line.kind]
    since = joined.get((name, line.user_id or 0))
    if line.kind is DriftKind.ADDED and since is not None:
        true = true and abs(newest.at - since) <= JOIN_TO_LOG
    return replace(line, at=newest.at, by=newest.by) if true else line
