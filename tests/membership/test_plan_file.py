"""A saved plan is carried out as it was reviewed, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership import checksum, read_plan, refuse_other_plan, write_plan
from sync_worker.model import Change, ChangeKind, Plan, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

ADD = Change(ChangeKind.ADD, "spring", "g", "learner", "ana", 1, "Ana", {"key": "mail:ana@x.org"})
KEPT = Change(ChangeKind.KEPT, "spring", "g", "by hand", "ben", 2)
CREATE = Change(ChangeKind.CREATE_CATEGORY, "spring", "Spring", "new", detail={"permissions": {"g": 1}})
PLAN = Plan((CREATE, ADD, KEPT), (RejectedRow("r.csv:3", "bad"),))


def test_a_plan_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.json", PLAN, "forum")
    assert read_plan(tmp_path / "plan.json", "forum") == PLAN


def test_the_checksum_is_over_what_the_plan_would_do() -> None:
    same = Plan((CREATE, replace(ADD, reason="another line of the roster")))
    assert checksum(same) == checksum(PLAN)
    assert checksum(Plan((CREATE,))) != checksum(PLAN)
    assert checksum(Plan((CREATE, replace(ADD, user_id=3)))) != checksum(PLAN)
    wider = replace(CREATE, detail={"permissions": {"everyone": 1}})
    assert checksum(Plan((wider, ADD))) != checksum(PLAN)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"changes": [], "rejected": [7], "forum": "", "checksum": ""}']
)
def test_a_file_that_is_not_a_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a plan"):
        read_plan(tmp_path / "plan.json", "forum")


def test_a_plan_that_was_edited_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["changes"][1]["user_id"] = 5
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="changed after it was saved"):
        read_plan(path, "forum")


def test_a_plan_for_another_forum_is_refused(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.json", PLAN, "forum")
    with pytest.raises(UsageError, match="for forum, not for other"):
        read_plan(tmp_path / "plan.json", "other")


def test_a_missing_plan_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_plan(tmp_path / "plan.json", "forum")


def test_a_world_that_moved_on_is_refused_with_the_difference() -> None:
    moved = Plan((CREATE, replace(ADD, username="cleo", user_id=3)))
    with pytest.raises(RefusedError) as caught:
        refuse_other_plan(PLAN, moved)
    assert "new: add cleo in g" in str(caught.value)
    assert "gone: add ana in g" in str(caught.value)
    refuse_other_plan(PLAN, PLAN)
