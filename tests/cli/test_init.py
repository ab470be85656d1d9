from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.config import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_init_writes_settings_that_are_sound_and_says_what_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["init", str(tmp_path / "new")])
    assert result.exit_code == 0
    assert "lcm check" in result.stdout
    settings = load_settings(tmp_path / "new" / "lcm.yaml")
    assert settings.cohorts[0].playbook == "first-steps"
    assert settings.roster is not None
    assert settings.sync is not None
    assert settings.sync.apply
    assert settings.roster.csv.is_file()


def test_init_never_overwrites_anything(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert result.exit_code == 2
    assert "nothing was written" in result.stderr
    assert (tmp_path / "roster.csv").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "lcm.yaml").exists()


def test_what_init_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["init", str(tmp_path)])
    for name in ("lcm.yaml", "roster.csv"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name


def test_the_folder_that_init_makes_is_its_owners_alone(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["init", str(tmp_path / "new")])
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
