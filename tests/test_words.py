"""Texts use the words that readers expect, and one word for one thing."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A word that readers stumble over -> what to write instead. Old phrases of this project; add to it what a review finds.
BANNED = {
    r"whoever|whomever": "a person who, anyone who",
    r"let be": "ignored",
    r"somebody's hand|by hand": "manually",
    r"mend(s|ed|ing)?": "fix",
    r"lies in the": "is in",
    r"bears? (the|a|an)": "has",
    r"told of|is told with|are told with": "reported",
    r"stands? (there|here)": "is there, is valid here",
    r"as they stand|as it stands there": "as they are",
    r"reckon(s|ed|ing)?": "compute, expect",
    r"astray": "to another host",
    r"the like of": "such as",
}
FOLDERS = ("sync_worker", "discourse_plugin", "docs", "tests")
KINDS = {".py", ".md", ".rb", ".js", ".gjs", ".yml", ".yaml", ".toml", ""}
# What simulated learners write is everyday English; the changelog of a release is not rewritten; this list is itself.
NOT_READ = ("sync_worker/demo/texts/", "discourse_plugin/node_modules/", "CHANGELOG.md", "tests/test_words.py")
ROW = re.compile(r"^\| ([a-z ]+) \| (.+) \| `([\w.]+)\.(\w+)` \|$", re.M)


def our_texts() -> list[Path]:
    """Every text of the repository that people read."""
    shown = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in shown.stdout.split("\0") if name]
    if not names:
        names = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    ours = [name for name in names if name.startswith(FOLDERS) or "/" not in name]
    texts = [ROOT / name for name in ours if not name.startswith(NOT_READ)]
    return [path for path in texts if path.suffix in KINDS and path.is_file()]


@cache
def our_lines() -> list[tuple[str, str]]:
    """Every line of them, with its place."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", line.strip())
        for path in our_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
    ]


@pytest.mark.parametrize(("banned", "instead"), BANNED.items())
def test_no_text_uses_a_word_that_readers_stumble_over(banned: str, instead: str) -> None:
    pattern = re.compile(rf"\b({banned})\b", re.I)
    found = [f"{place}: {line}" for place, line in our_lines() if pattern.search(line)]
    assert found == [], f"write: {instead}"


def test_every_word_of_the_table_has_its_class() -> None:
    rows = ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(rows) > 15
    for word, _, module, name in rows:
        assert hasattr(import_module(module), name), f"{word}: {module}.{name}"


def test_no_word_stands_in_the_table_twice() -> None:
    words = [row[0] for row in ROW.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))]
    assert len(set(words)) == len(words)
