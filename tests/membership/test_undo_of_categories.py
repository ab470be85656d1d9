"""An undo opens a category again only where Discourse would take it: below a parent that is open to the same groups."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sync_worker.config.settings import LimitSettings
from sync_worker.membership.planning.upkeep import Scene
from sync_worker.membership.records.journal import Entry
from sync_worker.membership.records.ties import TieBook
from sync_worker.membership.state import EVERYTHING, SEE, STAFF, CategoryState
from sync_worker.membership.undo_plan import plan_undo
from sync_worker.model import Change, ChangeKind
from sync_worker.model.details import CategoryBefore, CategoryChange
from tests.membership.conftest import NOW

RUN = "sync-1"
LIMITS = LimitSettings(allow=("add", "create", "archive"))
BEFORE = {"spring": EVERYTHING, "board": SEE, STAFF: EVERYTHING}
AFTER = {"spring": EVERYTHING, STAFF: EVERYTHING}


def undone(parent: CategoryState | None, slug_above: str) -> Change:
    """Return the line that takes back a run which had shut the group 'board' out of the category 'spring'."""
    change = Change(
        ChangeKind.UPDATE_CATEGORY,
        "spring",
        "Spring",
        "open to those who may see it",
        detail=CategoryChange(7, "spring", AFTER, (), before=CategoryBefore(BEFORE, ())),
    )
    there = CategoryState("Spring", "spring", AFTER, frozenset(), id=7, parent=slug_above)
    scene = Scene({}, {"spring": there, **({slug_above: parent} if parent else {})})
    entries = [Entry(RUN, NOW, 0, "done", change)]
    plan = plan_undo(entries, [], scene, TieBook(), LIMITS, undoing={}, usernames={}, now=NOW)
    (line,) = plan.changes
    return line


def parent(permissions: Mapping[str, int]) -> CategoryState:
    return CategoryState("Programme", "programme", permissions, frozenset(), id=3)


@pytest.mark.parametrize("above", [AFTER, {}], ids=["fewer groups", "nothing that is understood"])
def test_a_category_stays_as_it_is_when_its_parent_is_not_open_to_a_group_that_would_come_back(
    above: Mapping[str, int],
) -> None:
    line = undone(parent(above), "programme")
    assert line.kind is ChangeKind.KEPT
    assert line.reason == "its parent category 'programme' is not open to every group that would come back; left so"


@pytest.mark.parametrize(
    "above",
    [BEFORE, {**AFTER, "Board": EVERYTHING}, {"everyone": SEE}],
    ids=["same groups", "the same group in another case", "everybody"],
)
def test_a_category_is_opened_again_below_a_parent_that_lets_all_of_its_groups_in(above: Mapping[str, int]) -> None:
    line = undone(parent(above), "programme")
    assert line.kind is ChangeKind.UPDATE_CATEGORY
    assert line.detail.to_json()["permissions"] == BEFORE


@pytest.mark.parametrize("slug_above", ["", "programme"], ids=["top of the list", "parent that was not looked at"])
def test_a_category_without_a_parent_that_is_known_is_opened_again(slug_above: str) -> None:
    assert undone(None, slug_above).detail.to_json()["permissions"] == BEFORE
