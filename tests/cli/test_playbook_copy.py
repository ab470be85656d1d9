"""`lcm playbook copy`: a playbook of one's own, switched off until somebody has read it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.playbook.load import load_playbook, shipped_folder
from sync_worker.plays import REGISTRY

SETTINGS = """\
forum: {url: 'https://forum.invalid', api_username: lcm-bot}
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-04-09, timezone: Europe/Lisbon, playbook: mine}
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def playbook(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["playbook", *arguments])


def test_a_copy_has_every_text_and_is_switched_off() -> None:
    result = playbook("copy", "first-steps", "mine")
    assert result.exit_code == 0, result.output
    assert "playbooks/mine: a copy of 'first-steps', switched off." in result.stdout
    assert "Write `playbooks: [playbooks]` into lcm.yaml, so that it is found." in result.stdout
    copy = load_playbook(Path("playbooks/mine"), REGISTRY)
    assert (copy.name, copy.file.active) == ("mine", False)
    shipped = shipped_folder() / "first-steps"
    files = {path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file()}
    assert {path.relative_to(copy.folder) for path in copy.folder.rglob("*") if path.is_file()} == files


def test_a_copy_that_is_listed_is_shown_as_switched_off_and_checked() -> None:
    Path("lcm.yaml").write_text(f"playbooks: [playbooks]\n{SETTINGS}", encoding="utf-8")  # there is no such folder yet
    assert json.loads(playbook("copy", "first-steps", "mine", "--json").stdout) == {
        "playbook": "mine",
        "folder": "playbooks/mine",
        "listed": True,
    }
    assert "First steps / Premiers pas (switched off)" in playbook("list").stdout
    assert playbook("check", "mine").exit_code == 0


def test_a_copy_of_a_copy_keeps_its_comments_and_one_line_of_each_key() -> None:
    playbook("copy", "first-steps", "mine")
    Path("lcm.yaml").write_text(f"playbooks: [playbooks]\n{SETTINGS}", encoding="utf-8")
    assert playbook("copy", "mine", "ours").exit_code == 0
    before, after = (Path(f"playbooks/{name}/playbook.yml").read_text("utf-8") for name in ("mine", "ours"))
    assert after == before.replace("playbook: mine", "playbook: ours")
    assert after.count("active:") == 1


def test_a_folder_that_somebody_gave_us_is_taken_in_switched_off() -> None:
    given = Path("download/their-steps")
    shutil.copytree(shipped_folder() / "first-steps", given)
    text = (given / "playbook.yml").read_text("utf-8")
    (given / "playbook.yml").write_text(text.replace("version: 1", "version: 1\nactive: true"), "utf-8")
    result = playbook("copy", "download/their-steps", "mine")
    assert result.exit_code == 0, result.output
    copy = load_playbook(Path("playbooks/mine"), REGISTRY)
    assert (copy.name, copy.file.active) == ("mine", False)


def test_of_a_folder_that_somebody_gave_us_no_file_of_ours_becomes_a_text() -> None:
    given = Path("their-steps")
    shutil.copytree(shipped_folder() / "first-steps", given)
    Path("secret.md").write_text("---\ntitle: A key\n---\nThe key.", encoding="utf-8")
    (given / "templates" / "welcome.en.md").unlink()
    (given / "templates" / "welcome.en.md").symlink_to(Path("secret.md").resolve())
    result = playbook("copy", "./their-steps", "mine")
    assert result.exit_code == 2, result.output
    assert "is a link to another file" in result.stderr
    assert not Path("playbooks").exists()


def test_a_folder_that_is_too_large_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_worker.playbook.copying.MOST_GIVEN", 3)
    shutil.copytree(shipped_folder() / "first-steps", "their-steps")
    result = playbook("copy", "./their-steps", "mine")
    assert result.exit_code == 2, result.output
    assert "more than 3 files" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("./nowhere", "mine"), "no playbook is called './nowhere'"),
        (("first-stps", "mine"), "no playbook is called 'first-stps'. Did you mean 'first-steps'?"),
        (("first-steps", "first-steps"), "there is a playbook 'first-steps' already."),
        (("first-steps", "My Own"), "'My Own' cannot be a playbook's name."),
        (("first-steps", "mine", "--to", "lcm.yaml"), "is a file"),
        (("first-steps", "mine", "--to", "taken"), "there is something of that name already."),
        (("first-steps", "mine", "--to", "/proc/nowhere"), "the playbook cannot be copied"),
    ],
)
def test_what_cannot_be_copied_is_refused_and_leaves_nothing(arguments: tuple[str, ...], says: str) -> None:
    Path("taken/mine").mkdir(parents=True)
    result = playbook("copy", *arguments)
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert not Path("playbooks").exists()
