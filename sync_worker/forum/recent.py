"""What Discourses since 2026 have that touches the worker: who waits for review, upcoming changes, workflows.

Each is recognised by what the forum answers, never by its version; a forum that does not know it answers 404, or leaves
the field out. Read in pull requests, the published API description and files of forks, and not run: see
`practice_forum/dialects.toml` and docs/supported-discourses.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sync_worker.forum.transport import Transport

WORKFLOWS = "/admin/plugins/discourse-workflows/workflows"
MOST_WORKFLOWS = 50
GROUP_NODE = "action:group"
NO_ONE, EVERYONE, EVERYONE_EXCEPT, NO_ONE_EXCEPT = "no_one", "everyone", "everyone_except", "no_one_except"
KINDS = ("topic", "reply")


@dataclass(frozen=True, slots=True)
class Review:
    """Whose topics, or replies, wait for review in a category: a mode, and the groups that it is about.

    A mode that is not known is None: then some may wait.
    """

    mode: str | None
    groups: frozenset[int] = frozenset()

    def holds(self, of: Collection[int]) -> bool | None:
        """Return whether those in all of these groups, and no administrators, wait; None where that is not known."""
        inside = bool(self.groups & frozenset(of))
        known = {NO_ONE: False, EVERYONE: True, EVERYONE_EXCEPT: not inside, NO_ONE_EXCEPT: inside}
        return known.get(self.mode) if self.mode else None


@dataclass(frozen=True, slots=True)
class Habits:
    """How a category treats posts: who waits with topics and replies, whether replies are nested; None: not said."""

    topic: Review | None
    reply: Review | None
    nested: bool | None


@dataclass(frozen=True, slots=True)
class GroupMove:
    """What a workflow does to a group: adds or removes; the group is None where the workflow computes it."""

    adds: bool
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A published workflow of the site that changes members of groups."""

    id: int
    name: str
    moves: tuple[GroupMove, ...]

    def may(self, group_id: int, *, adds: bool) -> bool:
        """Whether it adds people to a group, or removes them, or may do so to any."""
        return any(move.adds is adds and move.group_id in (None, group_id) for move in self.moves)


ANY_MOVE = (GroupMove(adds=True, group_id=None), GroupMove(adds=False, group_id=None))
"""What a workflow may do that is listed and not shown."""


class Recent:
    """The calls that only Discourses since 2026 answer; an older one is asked in vain."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def upcoming_changes(self) -> tuple[str, ...] | None:
        """Return the upcoming changes that are on, by the names of their settings; None where there are none. Calls: 1.

        Raises:
            ForumError: the forum could not be read.

        """
        answer = self._ask("/admin/config/upcoming-changes.json")
        if answer is None:
            return None
        rows = answer.at("upcoming_changes").items()
        return tuple(row.at("setting").text() for row in rows if row.at("value").flag())

    def workflows(self) -> list[Workflow]:
        """Return the published workflows that change members of groups; none where the site has none.

        Calls: 1, and 1 for each published workflow, 50 at most.

        Raises:
            ForumError: the forum could not be read.

        """
        answer = self._ask(f"{WORKFLOWS}.json")
        rows = answer.at("workflows").items() if answer is not None else []
        found = []
        for row in [row for row in rows if row.at("active_version_id").value is not None][:MOST_WORKFLOWS]:
            number = row.at("id").number()
            shown = self._ask(f"{WORKFLOWS}/{number}.json")
            moves = tuple(_moves(shown.at("workflow").at("nodes"))) if shown is not None else ANY_MOVE
            if moves:
                found.append(Workflow(number, row.at("name").text(), moves))
        return found

    def habits(self, category_id: int) -> Habits:
        """Return how a category treats posts. Calls: 1."""
        answer = Shape(self._http.ask("GET", f"/c/{category_id}/show.json").json(), "answer").at("category")
        kept = answer.get("category_setting", {})
        nested = kept.get("nested_replies_default")
        topic, reply = (_review(kept, answer, kind) for kind in KINDS)
        return Habits(topic, reply, None if nested.value is None else nested.flag())

    def _ask(self, path: str) -> Shape | None:
        try:
            return Shape(self._http.ask("GET", path).json(), "answer")
        except ForumError as error:
            if error.refused_with(404):
                return None
            raise


def _review(kept: Shape, category: Shape, kind: str) -> Review | None:
    mode, before = kept.get(f"{kind}_posting_review_mode"), kept.get(f"require_{kind}_approval")
    if mode.value is not None:
        ids = frozenset(item.integer() for item in category.get(f"{kind}_posting_review_group_ids", []).items())
        known = mode.text() in (NO_ONE, EVERYONE, EVERYONE_EXCEPT, NO_ONE_EXCEPT)
        return Review(mode.text() if known else None, ids)
    if before.value is None:
        return None
    return Review(EVERYONE if before.flag() else NO_ONE)


def _moves(nodes: Shape) -> Iterator[GroupMove]:
    for node in nodes.items():
        parameters = node.get("parameters", {})
        operation = parameters.get("operation").value
        if node.at("type").text() != GROUP_NODE or operation in ("get", "check_membership"):
            continue
        group = parameters.get("group_id").value
        known = int(group) if isinstance(group, int | str) and str(group).isdecimal() else None
        # An operation that is computed, or not known, may do either.
        if operation != "remove":
            yield GroupMove(adds=True, group_id=known)
        if operation != "add":
            yield GroupMove(adds=False, group_id=known)
