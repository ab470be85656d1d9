"""What the pages about rosters show works as it is there."""

from __future__ import annotations

import csv
import io
import os
import re
import sqlite3
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.config import load_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"((?:^(?: {4}.*)?\n)+)", re.MULTILINE)
FILE = re.compile(r"`([\w./-]+)`:\n\n((?:(?: {4}.*)?\n)+)")
PAGES = ["rosters.md", "roster-csv.md", "roster-oneroster.md", "roster-sql.md"]
FORUM = "forum: {{url: '{url}', key_env: KEY, calls_per_minute: 100000}}\nlimits: {{allow: [add, owners, create]}}\n"
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
COHORTS = "cohorts: [{key: spring-27, name: S, start: 2027-03-01, end: 2027-05-28, timezone: UTC}]\n"


def unindented(block: str) -> str:
    return re.sub(r"^ {4}", "", block, flags=re.MULTILINE).strip("\n") + "\n"


def examples(page: str) -> list[dict[str, str]]:
    """Return the examples of a page: the files that it names, up to each `lcm.yaml` and what follows it."""
    found: list[dict[str, str]] = []
    loose: dict[str, str] = {}
    text = (DOCS / page).read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        files = {name: unindented(block) for name, block in FILE.findall(section)}
        if "lcm.yaml" in files:
            found.append({**loose, **files})
            loose = {}
        else:
            loose |= files
    return found


@pytest.fixture
def lcm(practice_forum: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes the files of an example into a folder, and syncs it."""
    for name in ("ines", "tomas", "marta"):
        practice_forum.add_user(name, email=f"{name}@example.org")

    def run(files: dict[str, str]) -> Result:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in tmp_path.iterdir():
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        path = tmp_path / "lcm.yaml"
        path.write_text(FORUM.format(url=practice_forum.url) + path.read_text(encoding="utf-8"), encoding="utf-8")
        monkeypatch.setenv("KEY", practice_forum.key)
        return CliRunner().invoke(main, ["sync", "--config", str(path), "--now", NOW.isoformat()])

    return run


def test_several_sources_are_joined(lcm: Any) -> None:
    [joined, _] = examples("rosters.md")
    result = lcm(joined)
    assert result.exit_code == 0, result.output
    assert ", 4 to add, 1 owner to make" in result.stdout


def test_a_source_of_ones_own_is_found(lcm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [_, own] = examples("rosters.md")
    project = tomllib.loads(own["pyproject.toml"])["project"]
    info = tmp_path / "installed" / "my_rosters-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n", encoding="utf-8")
    points = project["entry-points"]["discourse_lcm.rosters"]
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[discourse_lcm.rosters]\n{lines}\n", encoding="utf-8")
    (info.parent / "my_rosters.py").write_text(own["my_rosters.py"], encoding="utf-8")
    monkeypatch.syspath_prepend(info.parent)
    result = lcm(own)
    assert result.exit_code == 0, result.output
    assert ", 3 to add, 1 owner to make" in result.stdout
    assert "learner in the roster (club ines@example.org)" in result.stdout
    without = lcm({**own, "lcm.yaml": own["lcm.yaml"].replace("{season: 27}", "{}")})
    assert without.exit_code == 5
    assert "plugin club: no season is given. Set options.season." in without.stderr


def test_a_csv_file_is_read_and_so_is_a_workbook_with_the_same_rows(lcm: Any, tmp_path: Path) -> None:
    [files] = examples("roster-csv.md")
    result = lcm(files)
    assert result.exit_code == 0, result.output
    assert ", 4 to add, 1 owner to make" in result.stdout
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(files["roster.csv"])):
        book.worksheets[0].append(row)
    book.save(tmp_path / "roster.xlsx")
    again = lcm({**files, "lcm.yaml": files["lcm.yaml"].replace("csv: roster.csv", "xlsx: roster.xlsx")})
    assert again.stdout.replace("roster.xlsx!Sheet", "roster.csv") == result.stdout


def test_a_oneroster_export_is_read(lcm: Any) -> None:
    [files] = examples("roster-oneroster.md")
    result = lcm(files)
    assert result.exit_code == 0, result.output
    assert "2 groups to make, 1 category to make, 3 to add, 1 owner to make" in result.stdout


def test_a_database_is_read(lcm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [files] = examples("roster-sql.md")
    connection = sqlite3.connect(tmp_path / "hr.db")
    connection.executescript(files["hr.sql"])
    connection.close()
    monkeypatch.setenv("HR_DATABASE_URL", f"sqlite:///{tmp_path / 'hr.db'}")
    result = lcm(files)
    assert result.exit_code == 0, result.output
    assert "2 groups to make, 1 category to make, 3 to add, 1 owner to make" in result.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_part_of_lcm_yaml_that_is_shown_is_understood(page: str, tmp_path: Path) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    parts = [unindented(block) for block in BLOCK.findall(text)]
    shown = [part for part in parts if part.startswith(("roster:", "rosters:", "cohorts_from:"))]
    assert shown
    for part in shown:
        path = tmp_path / "lcm.yaml"
        more = "" if "\ncohorts:" in part else COHORTS
        path.write_text("forum: {url: 'https://forum.example.org'}\n" + part + more, encoding="utf-8")
        assert load_settings(path).cohorts
