"""Steps from other files: in their places, with the lines of their own files, and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from sync_worker.errors import ConfigError
from sync_worker.playbook import includes
from sync_worker.playbook.copying import copy_playbook
from sync_worker.playbook.format import playbook_schema
from sync_worker.playbook.load import load_playbook

if TYPE_CHECKING:
    from pathlib import Path

Writer = Any  # the fixture: (text, name) -> folder
BOOK = """\
playbook: first-steps
title: {en: First steps, fr: Premiers pas}
version: 1
steps:
  - {id: first, at: start 08:00, play: topic, with: {template: welcome}}
  - include: steps/middle.yml
  - {id: last, at: end 09:00, play: topic, with: {template: welcome}}
"""
MIDDLE = """\
# what happens in between
- {id: second, at: start +1d 09:00, play: topic, with: {template: welcome}}
- include: deeper/third.yml
"""
THIRD = "- {id: third, at: second +2d 09:00, play: prompt, with: {deck: apply-it}}\n"


@pytest.fixture
def folder(write_playbook: Writer) -> Path:
    """A playbook that includes a file that includes a file."""
    made: Path = write_playbook(BOOK)
    (made / "steps" / "deeper").mkdir(parents=True)
    (made / "steps" / "middle.yml").write_text(MIDDLE, encoding="utf-8")
    (made / "steps" / "deeper" / "third.yml").write_text(THIRD, encoding="utf-8")
    return made


def test_the_steps_of_other_files_stand_in_the_place_of_the_include(folder: Path, plays: Any) -> None:
    book = load_playbook(folder, plays)
    assert [step.id for step in book.file.steps] == ["first", "second", "third", "last"]
    assert book.options["third"].deck == "apply-it"


def test_the_schema_knows_includes(plays: Any) -> None:
    schema = playbook_schema(plays)
    jsonschema.validate(yaml.safe_load(BOOK), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(BOOK.replace("include: steps", "includ: steps")), schema)


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("steps/middle.yml", ("play: topic", "play: topik"), r"steps/middle.yml:2:37: unknown play 'topik'.*'topic'"),
        ("steps/middle.yml", ("id: second", "id: first"), r"steps/middle.yml:2:4: two steps are called 'first'"),
        ("steps/middle.yml", ("template: welcome", "tempate: x"), r"steps/middle.yml:2:57: unknown key 'tempate'"),
        ("steps/middle.yml", ("at: start", "att: start"), r"steps/middle.yml:2:16: unknown key 'att'"),
        ("steps/deeper/third.yml", ("second +2d", "secnd +2d"), r"third.yml:1:15: .*secnd.*'second'"),
        (
            "steps/deeper/third.yml",
            (THIRD, "- include: ../middle.yml"),
            r"third.yml:1:3: .*circle: middle.yml -> third",
        ),
        ("steps/deeper/third.yml", (THIRD, "- include: third.yml"), r"third.yml:1:3: .*circle: third.yml -> third.yml"),
        ("steps/deeper/third.yml", (THIRD, "steps: []"), r"third.yml:1:1: 'deeper/third.yml' is no list of steps"),
        ("steps/deeper/third.yml", (THIRD, "- {id: [}"), r"third.yml:1:9: not valid YAML"),
        ("steps/deeper/third.yml", (THIRD, "- include: ../../../x.yml"), r"third.yml:1:3: .*outside the playbook"),
        ("steps/deeper/third.yml", (THIRD, "- include: /etc/hostname"), r"third.yml:1:3: .*outside the playbook"),
        ("playbook.yml", ("steps/middle", "steps/midle"), r"playbook.yml:6:5: there is no file 'steps/midle.yml'"),
        ("playbook.yml", ("include: steps/middle.yml", "{include: a, id: b}"), r"playbook.yml:6:18: unknown key 'id'"),
        ("playbook.yml", ("include: steps/middle.yml", "include: [a, b]"), r"playbook.yml:6:5: include: .*not valid"),
        ("playbook.yml", ("at: end", "at: ende"), r"playbook.yml:7:16: .*ende"),
    ],
)
def test_what_is_wrong_is_named_with_the_line_of_its_own_file(
    folder: Path, plays: Any, file: str, change: tuple[str, str], says: str
) -> None:
    text = (folder / file).read_text("utf-8")
    assert change[0] in text
    (folder / file).write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load_playbook(folder, plays)


def test_files_and_steps_have_a_bound(folder: Path, plays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(includes, "MOST_FILES", 1)
    with pytest.raises(ConfigError, match=r"steps/middle.yml:3:3: more than 1 files"):
        load_playbook(folder, plays)
    monkeypatch.setattr(includes, "MOST_FILES", 2)
    monkeypatch.setattr(includes, "MOST_STEPS", 3)
    with pytest.raises(ConfigError, match=r"playbook.yml:7:5: more than 3 steps"):
        load_playbook(folder, plays)


def test_a_copy_has_what_the_original_includes(folder: Path, plays: Any, tmp_path: Path) -> None:
    copied = copy_playbook(folder, "our-steps", tmp_path / "own")
    assert [step.id for step in load_playbook(copied, plays).file.steps] == ["first", "second", "third", "last"]
