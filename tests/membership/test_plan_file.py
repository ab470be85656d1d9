"""A saved plan is carried out as it was reviewed, or not at all."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership import checksum, read_plan, refuse_other_plan, write_plan
from sync_worker.model import Change, ChangeKind, Plan, RejectedRow
from sync_worker.model.details import CategorySpec, Member

if TYPE_CHECKING:
    from pathlib import Path

ADD = Change(ChangeKind.ADD, "spring", "g", "learner", "ana", 1, "Ana", Member("mail:ana@x.org"))
KEPT = Change(ChangeKind.KEPT, "spring", "g", "manually", "ben", 2)
CREATE = Change(ChangeKind.CREATE_CATEGORY, "spring", "Spring", "new", detail=CategorySpec("spring", {"g": 1}, ()))
PLAN = Plan((CREATE, ADD, KEPT), (RejectedRow("r.csv:3", "bad"),))


def test_a_plan_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.json", PLAN, "forum")
    assert read_plan(tmp_path / "plan.json", "forum") == PLAN


@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
def test_what_has_no_end_is_not_read_as_a_plan(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "plan.json"
    make = {"pipe": lambda: os.mkfifo(path), "device": lambda: path.symlink_to("/dev/full"), "directory": path.mkdir}
    make[kind]()
    with pytest.raises(UsageError, match="not a file"):
        read_plan(path, "forum")


def test_the_checksum_is_over_what_the_plan_would_do() -> None:
    same = Plan((CREATE, replace(ADD, reason="another line of the roster")))
    assert checksum(same) == checksum(PLAN)
    assert checksum(Plan((CREATE,))) != checksum(PLAN)
    assert checksum(Plan((CREATE, replace(ADD, user_id=3)))) != checksum(PLAN)
    wider = replace(CREATE, detail=CategorySpec("spring", {"everyone": 1}, ()))
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


@pytest.mark.parametrize("field", ["reason", "person", "cohort", "target"])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_nothing_that_a_reviewer_reads_can_be_changed_after_it_was_saved(tmp_path: Path, field: str, line: int) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["changes"][line][field] = "the board agreed"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="changed after it was saved"):
        read_plan(path, "forum")


@pytest.mark.parametrize(("key", "value"), [("unchanged", 7), ("rejected", [])])
def test_neither_can_what_stands_around_the_lines(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, key: value}), encoding="utf-8")
    with pytest.raises(UsageError, match="changed after it was saved"):
        read_plan(path, "forum")


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o400])
def test_a_plan_names_people_and_is_its_owners_only_also_where_the_file_was_there(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "plan.json"
    path.write_text("something longer than a plan" * 1000, encoding="utf-8")
    path.chmod(mode | 0o200)
    write_plan(path, PLAN, "forum")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_plan(path, "forum") == PLAN


@pytest.mark.parametrize("deep", ["[", '{"changes":', '{"detail":[{"x":'])
def test_a_file_of_any_depth_is_no_plan(tmp_path: Path, deep: str) -> None:
    (tmp_path / "plan.json").write_text(deep * 100_000, encoding="utf-8")
    with pytest.raises(UsageError, match="not a plan"):
        read_plan(tmp_path / "plan.json", "forum")


def test_a_detail_of_any_depth_is_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    text = path.read_text(encoding="utf-8").replace('"mail:ana@x.org"', "[" * 100_000 + "]" * 100_000)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a plan"):
        read_plan(path, "forum")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(UsageError, match="more than the 200,000,000 that a plan may have"):
        read_plan(path, "forum")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_plan(tmp_path / "plan.json", "forum")


WRONG = {
    "format": "2",
    "forum": 3,
    "checksum": None,
    "changes": {"0": {}},
    "rejected": "none",
    "unchanged": 1.5,
    "unheard": "of",
}
WRONG_IN_A_LINE = {
    "kind": "promote",
    "cohort": 3,
    "target": ["g"],
    "reason": None,
    "username": True,
    "user_id": "1",
    "person": 7,
    "detail": [],
    "unheard": "of",
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_type_is_told_by_its_place(tmp_path: Path, key: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), key: WRONG[key]}), encoding="utf-8")
    with pytest.raises(UsageError, match=f"not a plan: {key}: "):
        read_plan(path, "forum")


@pytest.mark.parametrize("key", WRONG_IN_A_LINE)
def test_a_wrong_type_in_a_line_is_told_by_its_place(tmp_path: Path, key: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["changes"][1][key] = WRONG_IN_A_LINE[key]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"not a plan: changes\.1\.{key}: "):
        read_plan(path, "forum")


def test_a_plan_of_an_older_version_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, PLAN, "forum")
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 2', '"format": 1'), encoding="utf-8")
    with pytest.raises(UsageError, match="another version"):
        read_plan(path, "forum")


def test_a_person_whom_the_reviewer_took_for_another_is_another_plan() -> None:
    with pytest.raises(RefusedError, match="no longer what was reviewed"):
        refuse_other_plan(PLAN, Plan((CREATE, replace(ADD, person="Anna"))))
