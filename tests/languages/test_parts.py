"""A language is a folder of files; whatever it lacks and another has is named, with the file to write it in."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync_worker import languages
from sync_worker.errors import ConfigError
from sync_worker.languages.language import codes
from sync_worker.languages.parts import ANSWERS, GRAMMAR, PARTS, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED = Path(languages.__file__).parent


@pytest.fixture
def new_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A third language, as somebody begins it: the English files under another name."""
    folder = tmp_path / "xx"
    shutil.copytree(SHIPPED / "en", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(languages, "__path__", [*languages.__path__, str(tmp_path)])
    yield folder
    for name in [name for name in sys.modules if name.startswith("sync_worker.languages.xx")]:
        del sys.modules[name]
    if hasattr(languages, "xx"):
        del languages.xx


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_languages_lack_nothing() -> None:
    assert {"en", "fr"} <= set(codes())
    assert problems() == []


def test_a_language_is_its_files_and_no_code(new_language: Path) -> None:
    replace(new_language, "phrases.py", 'code="en"', 'code="xx"')
    assert "xx" in codes()
    assert problems() == []
    assert GRAMMAR.of("xx").count(3, "person") == "three people"
    assert "xx" in ANSWERS.all()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_file_that_is_missing_is_named(new_language: Path, part: object) -> None:
    module = part.module  # type: ignore[attr-defined]
    (new_language / f"{module}.py").unlink()
    found = "\n".join(problems())
    assert f"{new_language / module}.py" in found
    assert f"the language 'xx' lacks the file {module}.py" in found


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("phrases.py", '    conjunction="and",\n', "", "'conjunction'"),
        ("phrases.py", '        "hour": ("hour", "hours"),\n', "", "GRAMMAR.nouns['hour']"),
        ("phrases.py", 'conjunction="and"', 'conjunction=""', "GRAMMAR.conjunction"),
        ("phrases.py", "ANSWERS = ", "OTHERS = ", "lacks ANSWERS"),
        ("phrases.py", "    refusals=(\n", "    refusals=() and (\n", "ANSWERS.refusals"),
        ("sentences.py", '    too_late="The time for it has passed.",\n', "", "'too_late'"),
        ("sentences.py", '        "roundup": "Roundup",\n', "", "DESK.plays['roundup']"),
        ("sentences.py", '        "HIDDEN": "The post is hidden by now.",\n', "", "HELD.reasons['HIDDEN']"),
        ("sentences.py", '        "chart": "Posts a week",\n', "", "REPORT.words['chart']"),
        ("sentences.py", '"You have a place in', '"" and "You have a place in', "MEMBERSHIP.invitation"),
        ("words.py", "    chat=listed(\n", "    chat=frozenset() and listed(\n", "READING.chat"),
    ],
)
def test_a_list_or_sentence_that_is_missing_is_named(
    new_language: Path, file: str, old: str, new: str, named: str
) -> None:
    replace(new_language, file, old, new)
    found = "\n".join(problems())
    assert "'xx' lacks" in found
    assert named in found


def test_a_language_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(ConfigError, match=f"Use one of: {', '.join(codes())}"):
        GRAMMAR.of("xx")
